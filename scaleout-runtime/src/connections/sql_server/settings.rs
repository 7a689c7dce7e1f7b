//! The driver's settings from a connection string.

use std::time::Duration;

use scaleout_core::package::connection_string::ConnectionString;
use tiberius::{AuthMethod, Config, EncryptionLevel};

use crate::connections::ConnectionError;

/// Seconds to wait for a connection where the string does not say.
const CONNECT_TIMEOUT: u64 = 15;

/// Settings, and what messages call the database.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) target: String,
    /// The port has to be asked for.
    pub(super) is_named: bool,
    pub(super) connect_timeout: Option<Duration>,
}

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Server {
    host: String,
    instance: Option<String>,
    port: Option<u16>,
}

/// Reads server, database, login and encryption.
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
    let source = get("Data Source").unwrap_or("localhost");
    let server = server(source).map_err(invalid)?;
    let seconds = match get("Connect Timeout") {
        Some(text) => text
            .parse()
            .map_err(|_| invalid(format!("`Connect Timeout={text}` is no number of seconds")))?,
        None => CONNECT_TIMEOUT,
    };
    // 0 is no limit: only a stop ends the waiting then.
    let connect_timeout = (0 < seconds).then(|| Duration::from_secs(seconds));
    let mut config = Config::new();
    config.host(&server.host);
    config.authentication(login(name, string)?);
    config.application_name(get("Application Name").unwrap_or("Scale Out"));
    config.handshake_timeout(connect_timeout);
    // Statements may run as long as they want: tasks and components have limits of their own.
    config.command_timeout(None);
    if let Some(port) = server.port {
        config.port(port);
    } else if let Some(instance) = &server.instance {
        config.instance_name(instance);
    }
    let database = get("Initial Catalog");
    if let Some(database) = database {
        config.database(database);
    }
    encrypt(&mut config, string);
    Ok(Settings {
        config,
        target: format!(
            "SQL Server `{source}`, database `{}`",
            database.unwrap_or("(default)")
        ),
        is_named: server.instance.is_some() && server.port.is_none(),
        connect_timeout,
    })
}

/// `tcp:host\instance,port`, `.`, `(local)`.
fn server(text: &str) -> Result<Server, String> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("np:") || lower.starts_with("lpc:") || lower.starts_with("(localdb)") {
        return Err(format!(
            "`Data Source={text}` is not reached over TCP, which is all there is here"
        ));
    }
    let text = match lower.strip_prefix("tcp:") {
        Some(_) => &text["tcp:".len()..],
        None => text,
    };
    let (address, port) = match text.split_once(',') {
        Some((address, port)) => {
            let number = port.trim().parse();
            let number = number.map_err(|_| format!("`{port}` is no port number"))?;
            (address, Some(number))
        }
        None => (text, None),
    };
    let (host, instance) = match address.split_once('\\') {
        Some((host, instance)) => (host, Some(instance.trim().to_owned())),
        None => (address, None),
    };
    let host = match host.trim() {
        "." | "" | "(local)" => "localhost",
        host => host,
    };
    Ok(Server {
        host: host.to_owned(),
        instance: instance.filter(|it| !it.is_empty() && !it.eq_ignore_ascii_case("mssqlserver")),
        port,
    })
}

fn login(name: &str, string: &ConnectionString) -> Result<AuthMethod, ConnectionError> {
    let windows = string.get("Integrated Security").is_some_and(|value| {
        ["sspi", "true", "yes"]
            .iter()
            .any(|yes| value.trim().eq_ignore_ascii_case(yes))
    });
    if windows {
        return Err(ConnectionError::Unsupported {
            name: name.to_owned(),
            reason: "it logs in with a Windows account (`Integrated Security`), which needs a \
                     Windows domain; give it `User ID` and `Password` of a SQL Server login"
                .to_owned(),
        });
    }
    let Some(user) = string.get("User ID").filter(|user| !user.is_empty()) else {
        return Err(ConnectionError::Invalid {
            name: name.to_owned(),
            reason: "`User ID` is missing".to_owned(),
        });
    };
    let password = string.get("Password").unwrap_or_default();
    Ok(AuthMethod::sql_server(user, password))
}

/// The login is always encrypted. As in the native client, a certificate is only looked at
/// where encryption is asked for.
fn encrypt(config: &mut Config, string: &ConnectionString) {
    let says = |key, words: &[&str]| {
        string.get(key).is_some_and(|value| {
            let value = value.trim();
            words.iter().any(|word| value.eq_ignore_ascii_case(word))
        })
    };
    let asked = says("Encrypt", &["true", "yes", "mandatory", "strict"]);
    let newest = string
        .get("Provider")
        .is_some_and(|provider| provider.to_ascii_uppercase().starts_with("MSOLEDBSQL19"));
    let declined = says("Encrypt", &["false", "no", "optional"]);
    let required = asked || (newest && !declined);
    config.encryption(if required {
        EncryptionLevel::Required
    } else {
        EncryptionLevel::Off
    });
    if !required || says("Trust Server Certificate", &["true", "yes"]) {
        config.trust_cert();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        let string = ConnectionString::parse(text).unwrap();
        settings("db", &string).map_err(|error| error.to_string())
    }

    #[test]
    fn servers_in_all_their_spellings() {
        let place = |host: &str, instance: Option<&str>, port| Server {
            host: host.to_owned(),
            instance: instance.map(str::to_owned),
            port,
        };
        for (text, expected) in [
            ("srv", place("srv", None, None)),
            (".", place("localhost", None, None)),
            (r"(local)\x", place("localhost", Some("x"), None)),
            (r"srv\MSSQLSERVER", place("srv", None, None)),
            ("tcp:srv,1434", place("srv", None, Some(1434))),
            (r"srv\x,1434", place("srv", Some("x"), Some(1434))),
        ] {
            assert_eq!(server(text).as_ref(), Ok(&expected), "{text}");
        }
        assert!(server(r"np:\\.\pipe\sql").is_err());
        assert!(server("srv,x").is_err());
    }

    #[test]
    fn a_named_instance_asks_for_its_port_unless_it_is_given() {
        let login = "User ID=u;Password=geheim;Initial Catalog=d";
        let read = |source| read(&format!("Data Source={source};{login}")).unwrap();
        assert!(read(r"srv\x").is_named);
        assert!(!read(r"srv\x,1500").is_named);
        assert_eq!(read("srv,1500").config.get_addr(), "srv:1500");
        assert_eq!(read("srv").target, "SQL Server `srv`, database `d`");
        assert_eq!(read("srv").connect_timeout, Some(Duration::from_secs(15)));
        assert_eq!(read("srv;Connect Timeout=0").connect_timeout, None);
    }

    #[test]
    fn windows_logins_are_refused_and_say_what_to_do() {
        for text in [
            "Data Source=s;Integrated Security=SSPI",
            "Server=s;Trusted_Connection=yes",
        ] {
            let error = read(text).err().unwrap();
            assert!(error.contains("`User ID` and `Password`"), "{error}");
        }
        assert!(read("Data Source=s").err().unwrap().contains("`User ID`"));
        let late = read("Data Source=s;User ID=u;Password=geheim;Connect Timeout=x");
        let error = late.err().unwrap();
        assert!(error.contains("Connect Timeout=x") && !error.contains("geheim"));
    }
}
