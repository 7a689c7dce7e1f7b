//! The address of a master: `https://host:port`.

use std::fmt;
use std::str::FromStr;

use super::error::ClientError;

/// Port of a master when the address names none.
const DEFAULT_PORT: u16 = 8391;

/// Where a master listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    host: String,
    port: u16,
}

impl Endpoint {
    /// Host name or address, without the brackets of an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Accepts `https://host:port`, `host:port` and `host`; the port defaults to 8391.
impl FromStr for Endpoint {
    type Err = ClientError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |reason: &str| ClientError::BadAddress {
            address: text.to_owned(),
            reason: reason.to_owned(),
        };
        let rest = match text.trim().split_once("://") {
            Some(("https", rest)) => rest,
            Some(("http", _)) => return Err(refuse("a master speaks https only")),
            Some(_) => return Err(refuse("it does not start with https://")),
            None => text.trim(),
        };
        let rest = rest.trim_end_matches('/');
        if rest.contains(['/', '?', '#', '@']) {
            return Err(refuse("only host and port may be given"));
        }
        let (host, port) = split_port(rest).ok_or_else(|| refuse("the port is not a number"))?;
        let visible = |byte: u8| byte.is_ascii_graphic();
        if host.is_empty() || !host.bytes().all(visible) {
            return Err(refuse("the host is missing or not ASCII"));
        }
        if port == Some(0) {
            return Err(refuse("port 0 cannot be called"));
        }
        Ok(Self {
            host: host.to_owned(),
            port: port.unwrap_or(DEFAULT_PORT),
        })
    }
}

/// Host and port; `None` if the port is no number.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    if let Some(bracketed) = text.strip_prefix('[') {
        let (host, after) = bracketed.split_once(']')?;
        return match after.strip_prefix(':') {
            Some(port) => Some((host, Some(port.parse().ok()?))),
            None if after.is_empty() => Some((host, None)),
            None => None,
        };
    }
    // More than one colon without brackets is a bare IPv6 address.
    match text.split_once(':') {
        Some((_, more)) if more.contains(':') => Some((text, None)),
        Some((host, port)) => Some((host, Some(port.parse().ok()?))),
        None => Some((text, None)),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "https://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "https://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_understood() {
        for (text, shown) in [
            ("https://m:8400", "https://m:8400"),
            ("https://m:8400/", "https://m:8400"),
            ("https://m", "https://m:8391"),
            ("m", "https://m:8391"),
            ("m:1", "https://m:1"),
            ("https://[::1]:9", "https://[::1]:9"),
            ("::1", "https://[::1]:8391"),
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for (text, reason) in [
            ("http://m:1", "https only"),
            ("ftp://m", "https://"),
            ("https://m:x", "not a number"),
            ("https://m:70000", "not a number"),
            ("https://m:0", "port 0"),
            ("https://m/path", "only host and port"),
            ("https://user@m", "only host and port"),
            ("", "missing"),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err();
            assert!(error.to_string().contains(reason), "{text}: {error}");
        }
    }
}
