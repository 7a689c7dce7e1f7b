//! Where a catalog lives: `sqlite:PATH` or `postgres://USER@HOST:PORT/DATABASE`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::error::CatalogError;

/// The database of a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogLocation {
    /// A SQLite file, created when it is not there.
    Sqlite(PathBuf),
    /// A database of a PostgreSQL server; it must be there.
    Postgres(PostgresLocation),
}

/// A database of a PostgreSQL server, as a URL without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresLocation {
    url: String,
}

/// What may stand behind the `?`. Anything else would be ignored by the driver.
const KEYS: &[&str] = &[
    "dbname",
    "host",
    "hostaddr",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

impl PostgresLocation {
    /// Checks the part behind `postgres://`.
    fn parse(rest: &str) -> Result<Self, CatalogError> {
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = before.split('/').next().unwrap_or_default();
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        if user.is_some_and(|user| user.contains(':')) {
            return Err(CatalogError::LocationWithPassword);
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            check_option(key, value)?;
        }
        let url = format!("postgres://{rest}");
        let location = Self { url };
        location.options()?;
        Ok(location)
    }

    /// How to connect: what the location leaves open comes from the environment (`PGUSER`,
    /// `PGPASSWORD`, …) and `~/.pgpass`, as with PostgreSQL's own programs.
    pub(crate) fn options(&self) -> Result<PgConnectOptions, CatalogError> {
        let options: PgConnectOptions = self
            .url
            .parse()
            // The driver's words may repeat what it was given.
            .map_err(|_| malformed("it does not read as a URL of a PostgreSQL database"))?;
        // What is not there at all is looked up by the driver.
        if let Ok(mode) = std::env::var("PGSSLMODE") {
            check_ssl_mode(&mode)?;
        }
        Ok(options)
    }
}

fn check_option(key: &str, value: &str) -> Result<(), CatalogError> {
    match key {
        "password" => Err(CatalogError::LocationWithPassword),
        "sslmode" => check_ssl_mode(value),
        known if KEYS.contains(&known) => Ok(()),
        other => Err(malformed(format!("`{other}` is not one of its options"))),
    }
}

/// Every mode has its effect, or is refused.
fn check_ssl_mode(mode: &str) -> Result<(), CatalogError> {
    match mode.parse() {
        Ok(PgSslMode::Allow) => Err(malformed(
            "`sslmode=allow` is not supported; `prefer`, `require` and `verify-full` are",
        )),
        Ok(_) => Ok(()),
        Err(_) => Err(malformed(format!("`{mode}` is not an `sslmode`"))),
    }
}

fn malformed(reason: impl Into<String>) -> CatalogError {
    CatalogError::LocationMalformed {
        reason: reason.into(),
    }
}

impl FromStr for CatalogLocation {
    type Err = CatalogError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", rest)) => match rest.strip_prefix("//") {
                Some(rest) => PostgresLocation::parse(rest).map(Self::Postgres),
                None => Err(malformed("`//` is missing behind `postgres:`")),
            },
            _ => Err(CatalogError::LocationNotValid {
                scheme: text.split(':').next().unwrap_or_default().to_owned(),
            }),
        }
    }
}

impl fmt::Display for CatalogLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(location) => location.fmt(f),
        }
    }
}

impl fmt::Display for PostgresLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::error::Explain as _;

    use super::*;

    #[test]
    fn a_location_reads_what_it_writes() {
        for text in [
            "sqlite:/var/lib/scaleout/catalog.db",
            "postgres://me@db.example:5433/ssisdb?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            "postgres:///ssisdb?host=/run/postgresql",
            "postgres://me@[::1]/ssisdb",
        ] {
            let location: CatalogLocation = text.parse().unwrap();
            assert_eq!(location.to_string(), text);
            assert_eq!(
                location.to_string().parse::<CatalogLocation>().unwrap(),
                location
            );
        }
        let long: CatalogLocation = "postgresql://me@host/db".parse().unwrap();
        assert_eq!(long.to_string(), "postgres://me@host/db");
    }

    #[test]
    fn the_parts_reach_the_driver() {
        let text = "postgres://me%40work@db.example:5433/ssis%20db?sslmode=require";
        let CatalogLocation::Postgres(location) = text.parse().unwrap() else {
            panic!("{text}");
        };
        let options = location.options().unwrap();
        assert_eq!(options.get_host(), "db.example");
        assert_eq!(options.get_port(), 5433);
        assert_eq!(options.get_username(), "me@work");
        assert_eq!(options.get_database(), Some("ssis db"));
        assert!(matches!(options.get_ssl_mode(), PgSslMode::Require));
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for text in [
            "postgres://me:secret@host/db",
            "postgres://me:@host/db",
            "postgres://me:se@cret@host/db",
            "postgresql://host/db?password=secret",
        ] {
            let error = text.parse::<CatalogLocation>().unwrap_err();
            assert_eq!(error.code(), "SO7061", "{text}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{text}");
        }
    }

    #[test]
    fn what_would_be_ignored_is_refused() {
        for text in [
            "postgres:host/db",
            "postgres://host:port/db",
            "postgres://host/db?sslmode=allow",
            "postgres://host/db?sslmode=sometimes",
            "postgres://host/db?pass%77ord=secret",
            "postgres://host/db?connect_timeout=5",
        ] {
            let error = text.parse::<CatalogLocation>().unwrap_err();
            assert_eq!(error.code(), "SO7060", "{text}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{text}");
        }
    }

    #[test]
    fn other_databases_are_refused_without_repeating_their_password() {
        let error = "mysql://me:secret@host/db"
            .parse::<CatalogLocation>()
            .unwrap_err();
        assert_eq!(error.to_string(), "a catalog on `mysql` is not supported");
        assert!("sqlite:".parse::<CatalogLocation>().is_err());
        assert!("catalog.db".parse::<CatalogLocation>().is_err());
    }
}
