//! The driver's settings from a connection string.

use std::time::Duration;

use scaleout_core::package::connection_string::ConnectionString;
use tokio_postgres::Config;

use crate::connections::ConnectionError;

/// Seconds to wait for a connection where the string does not say.
const CONNECT_TIMEOUT: u64 = 15;

/// Settings, and what messages call the database.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) target: String,
    /// For reaching the server and logging in together.
    pub(super) connect_timeout: Option<Duration>,
}

/// Reads host (or the folder of a Unix socket), port, database, user and password.
pub(super) fn settings(name: &str, string: &ConnectionString) -> Result<Settings, ConnectionError> {
    let invalid = |reason: String| ConnectionError::Invalid {
        name: name.to_owned(),
        reason,
    };
    let get = |key| {
        string
            .get(key)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    if let Some(mode) = get("SSL Mode").or(get("SslMode")).or(get("Encrypt"))
        && !["disable", "allow", "prefer", "false", "no", "optional"]
            .iter()
            .any(|plain| mode.eq_ignore_ascii_case(plain))
    {
        return Err(invalid(format!(
            "it asks for TLS (`{mode}`), which connections to PostgreSQL do not have here; use a \
             Unix socket, a private network or a local TLS proxy"
        )));
    }
    let host = get("Data Source").unwrap_or("localhost");
    let (host, port_behind) = split_port(host);
    let port = get("Port").or(port_behind).unwrap_or("5432");
    let port: u16 = port
        .parse()
        .map_err(|_| invalid(format!("`Port={port}` is no port number")))?;
    let seconds = match get("Connect Timeout") {
        Some(text) => text
            .parse()
            .map_err(|_| invalid(format!("`Connect Timeout={text}` is no number of seconds")))?,
        None => CONNECT_TIMEOUT,
    };
    // 0 is no limit: only a stop ends the waiting then.
    let connect_timeout = (0 < seconds).then(|| Duration::from_secs(seconds));
    let mut config = Config::new();
    config
        .host(host)
        .port(port)
        .application_name(get("Application Name").unwrap_or("scaleout"));
    let database = get("Initial Catalog");
    if let Some(database) = database {
        config.dbname(database);
    }
    let user = get("User ID").ok_or_else(|| invalid("`User ID` is missing".to_owned()))?;
    config.user(user);
    if let Some(password) = string.get("Password") {
        config.password(password);
    }
    let target = format!("PostgreSQL `{host}:{port}/{}`", database.unwrap_or(user));
    Ok(Settings {
        config,
        target,
        connect_timeout,
    })
}

/// `host:5433` and `host,5433`; a folder stays whole.
fn split_port(host: &str) -> (&str, Option<&str>) {
    if host.starts_with('/') || host.matches(':').count() > 1 {
        return (host, None);
    }
    match host.split_once([':', ',']) {
        Some((host, port)) => (host, Some(port)),
        None => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::Host;

    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        let string = ConnectionString::parse(text).unwrap();
        settings("db", &string).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_string() {
        let read = read("Provider=PostgreSQL;Data Source=h;Port=5433;Initial Catalog=d;User ID=u;Password=geheim").unwrap();
        assert_eq!(read.config.get_hosts(), [Host::Tcp("h".to_owned())]);
        assert_eq!(read.config.get_ports(), [5433]);
        assert_eq!(read.config.get_password(), Some(&b"geheim"[..]));
        assert_eq!(read.target, "PostgreSQL `h:5433/d`");
    }

    #[test]
    fn a_connect_timeout_of_0_is_none() {
        let limit = |more: &str| {
            let read = read(&format!("Data Source=h;User ID=u{more}"));
            read.unwrap().connect_timeout.map(|limit| limit.as_secs())
        };
        assert_eq!(limit(""), Some(15));
        assert_eq!(limit(";Connect Timeout=3"), Some(3));
        assert_eq!(limit(";Connect Timeout=0"), None);
    }

    #[test]
    fn a_folder_is_a_socket() {
        let read = read("Data Source=/run/pg;User ID=u").unwrap();
        assert_eq!(read.config.get_hosts(), [Host::Unix("/run/pg".into())]);
        assert_eq!(read.config.get_ports(), [5432]);
    }

    #[test]
    fn what_cannot_be_done_is_said_without_secrets() {
        for (text, word) in [
            ("Data Source=h;Port=x;User ID=u;Password=geheim", "Port=x"),
            ("Data Source=h;Password=geheim", "User ID"),
            (
                "Data Source=h;User ID=u;SSL Mode=Require;Password=geheim",
                "TLS",
            ),
        ] {
            let error = read(text).err().unwrap();
            assert!(error.contains(word) && !error.contains("geheim"), "{error}");
        }
    }
}
