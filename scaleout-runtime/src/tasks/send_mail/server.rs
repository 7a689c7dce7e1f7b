//! The SMTP connection manager: which server, with which encryption and login.

use std::time::Duration;

use lettre::SmtpTransport;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use scaleout_core::package::ConnectionManager;
use scaleout_core::package::connection_string::ConnectionString;

/// The default of `Timeout`.
const TIMEOUT: Duration = Duration::from_secs(100);
/// The port of mail.
const PORT: u16 = 25;
/// The port where encryption begins before the first word.
const TLS_PORT: u16 = 465;

/// What the connection manager says.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) windows_login: bool,
    login: Option<(String, String)>,
    timeout: Duration,
}

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    None,
    /// `STARTTLS`, and no mail without it.
    StartTls,
    /// From the first byte.
    Tls,
}

impl Server {
    /// Reads the connection manager, whose property expressions are evaluated already.
    ///
    /// # Errors
    /// Why that is no mail server.
    pub(super) fn read(manager: &ConnectionManager) -> Result<Self, String> {
        let name = &manager.name;
        if !manager.creation_name.eq_ignore_ascii_case("SMTP") {
            return Err(format!("connection `{name}` is not an SMTP connection"));
        }
        let wrong = |reason: String| format!("connection `{name}`: {reason}");
        let string = ConnectionString::parse(manager.connection_string());
        let string = string.map_err(|error| wrong(error.to_string()))?;
        let given = |keys: &[&str]| {
            let value = keys.iter().find_map(|key| string.get(key));
            value.map(str::trim).filter(|value| !value.is_empty())
        };
        let server = given(&["SmtpServer", "Server"]).ok_or_else(|| {
            wrong("no server is given; set `SmtpServer` in the connection string".to_owned())
        })?;
        let (host, port) = host_and_port(server, given(&["Port"])).map_err(wrong)?;
        let is_true =
            |key: &str| given(&[key]).is_some_and(|text| text.eq_ignore_ascii_case("true"));
        let encryption = match (is_true("EnableSsl"), port) {
            (false, _) => Encryption::None,
            (true, TLS_PORT) => Encryption::Tls,
            (true, _) => Encryption::StartTls,
        };
        let user = given(&["User ID", "UserName"]);
        let password = given(&["Password"]).unwrap_or_default();
        let timeout = match given(&["Timeout"]).or_else(|| property(manager, "Timeout")) {
            None => TIMEOUT,
            Some(text) => match text.parse() {
                Ok(0) => TIMEOUT,
                Ok(milliseconds) => Duration::from_millis(milliseconds),
                Err(_) => {
                    return Err(wrong(format!(
                        "`Timeout` is `{text}`, which is no number of milliseconds"
                    )));
                }
            },
        };
        Ok(Self {
            host,
            port,
            encryption,
            windows_login: is_true("UseWindowsAuthentication"),
            login: user.map(|user| (user.to_owned(), password.to_owned())),
            timeout,
        })
    }

    /// A transport that has not connected yet.
    ///
    /// # Errors
    /// The encryption cannot be set up: the machine has no root certificates, or the name of the
    /// server is none.
    pub(super) fn transport(
        &self,
        own_name: String,
    ) -> Result<SmtpTransport, lettre::transport::smtp::Error> {
        let parameters = || TlsParameters::new(self.host.clone());
        let tls = match self.encryption {
            Encryption::None => Tls::None,
            Encryption::StartTls => Tls::Required(parameters()?),
            Encryption::Tls => Tls::Wrapper(parameters()?),
        };
        let mut builder = SmtpTransport::builder_dangerous(self.host.clone())
            .port(self.port)
            .tls(tls)
            .timeout(Some(self.timeout))
            .hello_name(ClientId::Domain(own_name));
        if let Some((user, password)) = &self.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(builder.build())
    }

    /// The server for messages.
    pub(super) fn shown(&self) -> String {
        let encryption = match self.encryption {
            Encryption::None => "",
            Encryption::StartTls => " with STARTTLS",
            Encryption::Tls => " with TLS",
        };
        format!("mail server `{}:{}`{encryption}", self.host, self.port)
    }

    /// Whether someone logs in.
    pub(super) fn has_login(&self) -> bool {
        self.login.is_some()
    }
}

fn property<'m>(manager: &'m ConnectionManager, name: &str) -> Option<&'m str> {
    let written = manager.properties.get(name)?.trim();
    (!written.is_empty()).then_some(written)
}

/// `host`, `host:587`, or the port on its own.
fn host_and_port(server: &str, port: Option<&str>) -> Result<(String, u16), String> {
    let (host, port) = match (server.rsplit_once(':'), port) {
        (_, Some(port)) => (server, Some(port)),
        (Some((host, port)), None) if !host.contains(':') => (host, Some(port)),
        (_, None) => (server, None),
    };
    let port = match port {
        None => PORT,
        Some(port) => {
            let number = port.trim().parse().ok().filter(|port| *port != 0);
            number.ok_or_else(|| format!("`{port}` is no port"))?
        }
    };
    Ok((host.trim().to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::test_manager::manager;

    fn read(text: &str) -> Result<Server, String> {
        Server::read(&manager("SMTP", text))
    }

    #[test]
    fn the_connection_string_says_server_encryption_and_login() {
        let plain = read("SmtpServer=mail;UseWindowsAuthentication=True;EnableSsl=False;").unwrap();
        assert_eq!(plain.shown(), "mail server `mail:25`");
        assert!(plain.windows_login && !plain.has_login());
        for (text, shown) in [
            (
                "SmtpServer=mail;EnableSsl=True;Port=587",
                "mail server `mail:587` with STARTTLS",
            ),
            (
                "SmtpServer=mail:465;EnableSsl=true",
                "mail server `mail:465` with TLS",
            ),
            ("smtpserver=mail:2525", "mail server `mail:2525`"),
        ] {
            assert_eq!(read(text).unwrap().shown(), shown);
        }
        let login = read("SmtpServer=m;User ID=u;Password=geheim;Timeout=250").unwrap();
        assert_eq!(login.login, Some(("u".to_owned(), "geheim".to_owned())));
        assert_eq!(login.timeout, Duration::from_millis(250));
    }

    #[test]
    fn what_is_no_mail_server_says_why() {
        for (text, part) in [
            ("EnableSsl=True", "no server is given"),
            ("SmtpServer=m:port", "`port` is no port"),
            ("SmtpServer=m;Timeout=soon", "no number of milliseconds"),
        ] {
            let refused = read(text).err().unwrap();
            assert!(refused.contains(part), "{refused}");
        }
        let other = Server::read(&manager("FILE", "x")).err().unwrap();
        assert!(other.contains("not an SMTP connection"), "{other}");
    }
}
