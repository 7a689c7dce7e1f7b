//! The FTP connection manager: which server, which login, how to connect.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use scaleout_core::package::ConnectionManager;
use suppaftp::types::FileType;
use suppaftp::{FtpError, FtpStream, Mode, Status};

use crate::cancel::CancelToken;
use crate::tasks::path_source::is_true;

/// Seconds of `TimeOut` where there is none.
const TIMEOUT: u64 = 60;
/// Seconds that stand for a `TimeOut` of 0, which is without limit: a server that is gone for
/// good must not hold a thread for ever.
const NO_LIMIT: u64 = 24 * 60 * 60;
const PORT: u16 = 21;
/// Times to try where `Retries` says none.
const RETRIES: u32 = 5;
/// Between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// What the connection manager says.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Server {
    host: String,
    port: u16,
    user: String,
    password: String,
    timeout: Duration,
    /// `None` is without limit.
    tries: Option<u32>,
    passive: bool,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("FTP server `{server}` cannot be reached")]
    Unreachable {
        server: String,
        #[source]
        source: FtpError,
    },
    #[error("FTP server `{server}` does not let user `{user}` in")]
    Login {
        server: String,
        user: String,
        #[source]
        source: FtpError,
    },
    #[error("FTP server `{server}` does not change the transfer type")]
    Type {
        server: String,
        #[source]
        source: FtpError,
    },
}

impl Server {
    /// Reads the connection manager, whose property expressions are evaluated already.
    ///
    /// # Errors
    /// Why that is no FTP server.
    pub(super) fn read(manager: &ConnectionManager) -> Result<Self, String> {
        let name = &manager.name;
        if !manager.creation_name.eq_ignore_ascii_case("FTP") {
            return Err(format!("connection `{name}` is not an FTP connection"));
        }
        let given = |key: &str| {
            let value = manager.properties.get(key).map(|text| text.trim());
            value.filter(|value| !value.is_empty())
        };
        let number = |key: &str, default: u64| match given(key) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| {
                format!("connection `{name}`: `{key}` is `{text}`, which is no number")
            }),
        };
        let (host, port) = place(manager);
        let host = host.ok_or_else(|| format!("connection `{name}`: no server is given"))?;
        let port = match port {
            None => PORT,
            Some(text) => text
                .parse()
                .map_err(|_| format!("connection `{name}`: `{text}` is no port"))?,
        };
        let timeout = match number("TimeOut", TIMEOUT)? {
            0 => NO_LIMIT,
            seconds => seconds,
        };
        let tries = u32::try_from(number("Retries", RETRIES.into())?).unwrap_or(u32::MAX);
        Ok(Self {
            host: host.to_owned(),
            port,
            user: given("ServerUserName").unwrap_or("anonymous").to_owned(),
            password: given("ServerPassword").unwrap_or_default().to_owned(),
            timeout: Duration::from_secs(timeout),
            tries: (0 < tries).then_some(tries),
            passive: given("UsePassiveMode").is_some_and(is_true),
        })
    }

    /// The server for messages.
    pub(super) fn shown(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects and logs in, as often as the connection manager says.
    ///
    /// # Errors
    /// [`ConnectError`] of the last try. A refused login is not tried again: it locks accounts.
    pub(super) fn connect(
        &self,
        ascii: bool,
        cancel: &CancelToken,
    ) -> Result<FtpStream, ConnectError> {
        let mut tried = 0;
        loop {
            let failed = match self.reach() {
                Ok(stream) => return self.log_in(stream, ascii),
                Err(source) => source,
            };
            tried += 1;
            if self.tries.is_some_and(|tries| tries <= tried) || cancel.is_canceled() {
                return Err(ConnectError::Unreachable {
                    server: self.shown(),
                    source: failed,
                });
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn reach(&self) -> Result<FtpStream, FtpError> {
        let addresses = (self.host.as_str(), self.port).to_socket_addrs();
        let mut failed = std::io::Error::other("its name leads to no address");
        for address in addresses.map_err(FtpError::ConnectionError)? {
            match dial(address, self.timeout) {
                Ok(stream) => {
                    let stream = FtpStream::connect_with_stream(stream)?;
                    return Ok(self.with_mode(stream, address));
                }
                Err(error) => failed = error,
            }
        }
        Err(FtpError::ConnectionError(failed))
    }

    fn with_mode(&self, stream: FtpStream, address: SocketAddr) -> FtpStream {
        let timeout = self.timeout;
        let mut stream = stream.passive_stream_builder(move |address| {
            dial(address, timeout).map_err(FtpError::ConnectionError)
        });
        if !self.passive {
            return stream.active_mode(timeout);
        }
        stream.set_mode(match address.is_ipv6() {
            true => Mode::ExtendedPassive,
            false => Mode::Passive,
        });
        stream
    }

    fn log_in(&self, mut stream: FtpStream, ascii: bool) -> Result<FtpStream, ConnectError> {
        let logged_in = stream.login(self.user.as_str(), self.password.as_str());
        logged_in.map_err(|source| ConnectError::Login {
            server: self.shown(),
            user: self.user.clone(),
            source,
        })?;
        // Without the format control behind it, which some servers do not know. The client takes
        // ASCII for granted until it is told otherwise.
        let chosen = match ascii {
            true => stream
                .custom_command("TYPE A", &[Status::CommandOk])
                .map(|_said| ()),
            false => stream.transfer_type(FileType::Binary),
        };
        chosen.map_err(|source| ConnectError::Type {
            server: self.shown(),
            source,
        })?;
        Ok(stream)
    }
}

fn dial(address: SocketAddr, timeout: Duration) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    Ok(stream)
}

/// Server and port. Both stand twice in a file, as properties and as `host:port` in the connection
/// string; what is not as the file has it was set since, and counts.
fn place(manager: &ConnectionManager) -> (Option<&str>, Option<&str>) {
    let given = |key: &str| {
        let value = manager.properties.get(key).map(|text| text.trim());
        value.filter(|value| !value.is_empty())
    };
    let string = manager.connection_string().trim();
    let designed = manager
        .data
        .attribute("ConnectionString")
        .or_else(|| manager.data.property_child("ConnectionString"));
    let was_set = designed.is_some_and(|designed| designed.trim() != string);
    let (host, port) = match string.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (string, None),
    };
    match (given("ServerName"), was_set || string.is_empty()) {
        (Some(name), true) if string.is_empty() => (Some(name), given("ServerPort")),
        (Some(name), false) => (Some(name), given("ServerPort")),
        _ => (Some(host).filter(|host| !host.is_empty()), port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::test_manager::manager;

    fn ftp(string: &str, properties: &[(&str, &str)]) -> ConnectionManager {
        let mut ftp = manager("FTP", string);
        let own = properties
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        ftp.properties.extend(own);
        let attribute = ("ConnectionString".to_owned(), "old:21".to_owned());
        ftp.data.attributes.push(attribute);
        ftp
    }

    #[test]
    fn the_server_is_what_was_set_last() {
        for (string, properties, shown) in [
            (
                "old:21",
                &[("ServerName", "old"), ("ServerPort", "21")][..],
                "old:21",
            ),
            (
                "old:21",
                &[("ServerName", "new"), ("ServerPort", "2121")],
                "new:2121",
            ),
            (
                "new:2121",
                &[("ServerName", "old"), ("ServerPort", "21")],
                "new:2121",
            ),
            ("old", &[], "old:21"),
        ] {
            let server = Server::read(&ftp(string, properties)).unwrap();
            assert_eq!(server.shown(), shown, "{string} {properties:?}");
        }
    }

    #[test]
    fn defaults_are_those_of_the_original() {
        let server = Server::read(&ftp("h:21", &[])).unwrap();
        assert_eq!(server.user, "anonymous");
        assert_eq!(server.timeout, Duration::from_secs(60));
        assert!(!server.passive);
        let set = [
            ("Retries", "0"),
            ("UsePassiveMode", "True"),
            ("TimeOut", "5"),
        ];
        let server = Server::read(&ftp("h:21", &set)).unwrap();
        assert_eq!((server.tries, server.passive), (None, true));
        assert_eq!(server.timeout, Duration::from_secs(5));
    }

    #[test]
    fn what_is_no_server_says_why() {
        let other = Server::read(&manager("FILE", "x")).err().unwrap();
        assert!(other.contains("not an FTP connection"), "{other}");
        let port = Server::read(&ftp("h:x", &[])).err().unwrap();
        assert!(port.contains("`x` is no port"), "{port}");
        let number = Server::read(&ftp("h:1", &[("TimeOut", "soon")]))
            .err()
            .unwrap();
        assert!(number.contains("`TimeOut` is `soon`"), "{number}");
    }
}
