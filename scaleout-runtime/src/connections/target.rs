//! Which database a connection manager means: decided from its text alone.

use std::path::PathBuf;

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::connection_string::ConnectionString;
use scaleout_core::protocol::executor::RuntimeSettings;

use super::catalog::is_here;
use super::{ConnectionError, Dialect};
use crate::paths;

/// A database that has a driver here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// SQL Server, with the connection string for it.
    SqlServer(ConnectionString),
    /// PostgreSQL, with the connection string for it.
    Postgres(ConnectionString),
    /// SQLite: a file, or a folder of them.
    Sqlite {
        /// Path on this machine.
        path: PathBuf,
        /// Whether to make a missing file.
        create: bool,
    },
    /// A database behind an ODBC driver, with the connection string as it is written.
    Odbc(String),
    /// The catalog that the package is an execution of.
    Catalog,
}

impl Target {
    /// What the database speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::SqlServer(_) | Self::Catalog => Dialect::SqlServer,
            Self::Postgres(_) => Dialect::Postgres,
            Self::Sqlite { .. } => Dialect::Sqlite,
            Self::Odbc(_) => Dialect::Odbc,
        }
    }
}

/// Decides without opening anything. `ConnectionMap` of the settings comes first.
///
/// # Errors
/// [`ConnectionError::Unsupported`] for what has no driver, [`ConnectionError::Invalid`] for a
/// connection string that cannot be read.
pub fn target(
    manager: &ConnectionManager,
    settings: &RuntimeSettings,
) -> Result<Target, ConnectionError> {
    let text = manager.connection_string();
    let written = parse(manager, text)?;
    let (string, kind, text) = match replacement(&manager.creation_name, &written, settings) {
        Some(text) => {
            let replaced = with_catalog(parse(manager, text)?, &written);
            (replaced, "OLEDB", text)
        }
        None => (written, manager.creation_name.as_str(), text),
    };
    match driver(kind, &string) {
        Ok(Driver::SqlServer) => Ok(Target::SqlServer(string)),
        Ok(Driver::Postgres) => Ok(Target::Postgres(string)),
        Ok(Driver::Sqlite) => sqlite(manager, &string, settings),
        Ok(Driver::Odbc) => Ok(Target::Odbc(text.to_owned())),
        Ok(Driver::Catalog) if is_here(&string) => Ok(Target::Catalog),
        Ok(Driver::Catalog) => Err(ConnectionError::Unsupported {
            name: manager.name.clone(),
            reason: "jobs are started in the catalog that the package is an execution of, and it \
                     names another; leave `Data Source` out"
                .to_owned(),
        }),
        Err(reason) => Err(ConnectionError::Unsupported {
            name: manager.name.clone(),
            reason,
        }),
    }
}

fn parse(manager: &ConnectionManager, text: &str) -> Result<ConnectionString, ConnectionError> {
    ConnectionString::parse(text).map_err(|error| ConnectionError::Invalid {
        name: manager.name.clone(),
        reason: error.to_string(),
    })
}

/// The connection string that the settings have for this one: by server and database, by
/// server, by DSN, or by provider or driver, in this order.
fn replacement<'s>(
    kind: &str,
    string: &ConnectionString,
    settings: &'s RuntimeSettings,
) -> Option<&'s str> {
    let get = |key| {
        string
            .get(key)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    let server = get("Data Source");
    let both = server
        .zip(get("Initial Catalog"))
        .map(|(server, database)| format!("{server}/{database}"));
    let provider = get("Provider");
    // `SQLNCLI11` stands for `SQLNCLI11.1`, too.
    let unversioned = provider
        .and_then(|name| name.rsplit_once('.'))
        .filter(|(_, version)| version.bytes().all(|digit| digit.is_ascii_digit()))
        .map(|(name, _)| name);
    let client = is_sql_client(kind).then_some("SqlClient");
    let keys = [
        both.as_deref(),
        server,
        get("Dsn"),
        provider,
        unversioned,
        get("Driver"),
        client,
    ];
    let mut candidates = keys.into_iter().flatten();
    candidates.find_map(|key| {
        let mut entries = settings.connection_map.iter();
        let found = entries.find(|(own, _)| own.trim().eq_ignore_ascii_case(key));
        found.map(|(_, text)| text.as_str())
    })
}

/// Whether a connection manager of that kind is one of .NET's own client of SQL Server:
/// `ADO.NET:SQL`, `ADO.NET:System.Data.SqlClient.SqlConnection, …`.
#[must_use]
pub fn is_sql_client(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let Some(detail) = kind.strip_prefix("ado.net:") else {
        return false;
    };
    detail.contains("sqlclient") || (detail.starts_with("sql") && !detail.contains("sqlite"))
}

/// A replacement that names no database keeps the one of the package.
fn with_catalog(mut replaced: ConnectionString, written: &ConnectionString) -> ConnectionString {
    const KEY: &str = "Initial Catalog";
    if replaced.get(KEY).is_none()
        && let Some(database) = written.get(KEY)
    {
        replaced.set(KEY, database);
    }
    replaced
}

enum Driver {
    SqlServer,
    Postgres,
    Sqlite,
    Odbc,
    Catalog,
}

fn driver(kind: &str, string: &ConnectionString) -> Result<Driver, String> {
    let kind = kind.to_ascii_lowercase();
    let (base, detail) = kind.split_once(':').unwrap_or((&kind, ""));
    let named = |key| string.get(key).filter(|name| !name.trim().is_empty());
    if let Some(provider) = named("Provider") {
        return by_name(provider, "provider");
    }
    match base {
        "ado.net" if is_sql_client(&kind) => Ok(Driver::SqlServer),
        "ado.net" if detail.contains("npgsql") => Ok(Driver::Postgres),
        "ado.net" if detail.contains("sqlite") => Ok(Driver::Sqlite),
        "odbc" | "ado.net" => match (named("Driver"), named("Dsn")) {
            (Some(driver), _) => by_name(driver, "ODBC driver").or_else(through_odbc),
            (None, Some(dsn)) => {
                through_odbc(format!("ODBC data source `{dsn}` is not known here"))
            }
            (None, None) if base == "ado.net" => Err(format!(
                "ADO.NET connections of type `{detail}` have no driver here"
            )),
            (None, None) => Err("its connection string names no driver".to_owned()),
        },
        "oledb" | "ado" => Err("its connection string names no provider".to_owned()),
        _ => Err(format!(
            "connections of type `{kind}` are no databases here"
        )),
    }
}

/// What has no driver of its own goes through the driver manager of the system, where this program
/// was built with it.
fn through_odbc(reason: String) -> Result<Driver, String> {
    match cfg!(feature = "odbc") {
        true => Ok(Driver::Odbc),
        false => Err(format!(
            "{reason}; a program that is built with the feature `odbc` reaches it through the \
             drivers of the system"
        )),
    }
}

fn by_name(name: &str, what: &str) -> Result<Driver, String> {
    let lower = name.to_ascii_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    if starts(&[
        "sqlncli",
        "msoledbsql",
        "sqloledb",
        "sqlserver",
        "sql server",
    ]) || lower.contains("sql server")
        || lower.contains("sqlclient")
    {
        Ok(Driver::SqlServer)
    } else if starts(&["postgre", "pgnp", "npgsql", "psqlodbc"]) {
        Ok(Driver::Postgres)
    } else if lower.contains("sqlite") {
        Ok(Driver::Sqlite)
    } else if starts(&["msdasql"]) {
        through_odbc(format!("{what} `{name}` has no driver here"))
    } else if lower == "scaleout" {
        Ok(Driver::Catalog)
    } else {
        Err(format!("{what} `{name}` has no driver here"))
    }
}

fn sqlite(
    manager: &ConnectionManager,
    string: &ConnectionString,
    settings: &RuntimeSettings,
) -> Result<Target, ConnectionError> {
    let invalid = |reason| ConnectionError::Invalid {
        name: manager.name.clone(),
        reason,
    };
    // The ODBC driver calls the file `Database`.
    let source = string.get("Data Source").or(string.get("Database"));
    let source = source.unwrap_or_default();
    let path = paths::resolve(source, settings).map_err(|error| invalid(error.explained()))?;
    if string.get("Password").is_some() {
        let reason = "encrypted SQLite files cannot be read here; leave `Password` out";
        return Err(invalid(reason.to_owned()));
    }
    let mode = string.get("Mode").unwrap_or_default();
    let create = mode.eq_ignore_ascii_case("ReadWriteCreate");
    Ok(Target::Sqlite { path, create })
}

#[cfg(test)]
mod tests {
    use super::super::test_manager::manager;
    use super::*;

    fn decide(kind: &str, string: &str, map: &[(&str, &str)]) -> Result<Target, String> {
        let pairs = map.iter();
        let settings = RuntimeSettings {
            connection_map: pairs
                .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
                .collect(),
            ..RuntimeSettings::default()
        };
        target(&manager(kind, string), &settings).map_err(|error| error.to_string())
    }

    #[test]
    fn providers_and_types_decide_the_driver() {
        for (kind, string, dialect) in [
            (
                "OLEDB",
                "Provider=SQLNCLI11.1;Data Source=s",
                Dialect::SqlServer,
            ),
            (
                "OLEDB",
                "Data Source=s;provider=MSOLEDBSQL19",
                Dialect::SqlServer,
            ),
            ("OLEDB", "Provider=SQLOLEDB.1;Server=s", Dialect::SqlServer),
            (
                "OLEDB",
                "Provider=PostgreSQL;Data Source=h",
                Dialect::Postgres,
            ),
            ("OLEDB", "Provider=PGNP.1;Data Source=h", Dialect::Postgres),
            (
                "OLEDB",
                "Provider=SQLite;Data Source=/x.db",
                Dialect::Sqlite,
            ),
            ("ADO.NET:SQL", "Data Source=s", Dialect::SqlServer),
            (
                "ADO.NET:System.Data.SqlClient.SqlConnection, System.Data",
                "Data Source=s",
                Dialect::SqlServer,
            ),
            (
                "ODBC",
                "Driver={ODBC Driver 17 for SQL Server};Server=s",
                Dialect::SqlServer,
            ),
            (
                "ODBC",
                "Driver={PostgreSQL Unicode};Server=s",
                Dialect::Postgres,
            ),
            (
                "ODBC",
                "Driver=SQLite3 ODBC Driver;Database=/x.db",
                Dialect::Sqlite,
            ),
            (
                "ADO.NET:System.Data.SQLite.SQLiteConnection, System.Data.SQLite",
                "Data Source=/x.db",
                Dialect::Sqlite,
            ),
            ("ADO.NET:SQLite", "Data Source=/x.db", Dialect::Sqlite),
            (
                "ADO.NET:Npgsql.NpgsqlConnection, Npgsql",
                "Host=h;Username=u",
                Dialect::Postgres,
            ),
            (
                "ADO.NET:Odbc",
                "Driver={PostgreSQL ANSI};Server=s",
                Dialect::Postgres,
            ),
            (
                "ADO.NET:OleDb",
                "Provider=SQLNCLI11;Data Source=s",
                Dialect::SqlServer,
            ),
        ] {
            let target = decide(kind, string, &[]);
            assert_eq!(target.map(|it| it.dialect()), Ok(dialect), "{string}");
        }
    }

    #[test]
    fn what_has_no_driver_is_refused_by_name() {
        for (kind, string, named) in [
            (
                "OLEDB",
                "Provider=OraOLEDB.Oracle;Data Source=s",
                "`OraOLEDB.Oracle`",
            ),
            ("OLEDB", "Data Source=s", "no provider"),
            ("EXCEL", "Data Source=f.xlsx", "`excel`"),
            ("ADO.NET:OracleClient", "Data Source=s", "`oracleclient`"),
            ("OLEDB", "Provider=SQLite", "path is empty"),
            ("OLEDB", "rubbish", "cannot be read"),
        ] {
            let error = decide(kind, string, &[]).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn the_map_replaces_the_most_specific_first() {
        let map = [
            (r"SRV\inst", "Provider=PostgreSQL;Data Source=pg"),
            (r"srv\INST/sales", "Provider=SQLite;Data Source=/sales.db"),
            ("nightly", "Provider=SQLite;Data Source=/nightly.db"),
        ];
        let string = r"Provider=SQLNCLI11;Data Source=srv\inst;Initial Catalog=";
        let mapped = |catalog: &str| decide("OLEDB", &format!("{string}{catalog}"), &map).unwrap();
        let sales = Target::Sqlite {
            path: PathBuf::from("/sales.db"),
            create: false,
        };
        assert_eq!(mapped("Sales"), sales);
        let Target::Postgres(string) = mapped("Stock") else {
            panic!("mapped to PostgreSQL");
        };
        assert_eq!(string.get("Initial Catalog"), Some("Stock"));
        assert!(matches!(
            decide("ODBC", "Dsn=Nightly", &map),
            Ok(Target::Sqlite { .. })
        ));
    }

    #[test]
    fn the_catalog_is_named_by_its_provider_or_by_the_map() {
        for (string, map) in [
            ("Provider=ScaleOut", &[][..]),
            (
                "Provider=scaleout;Data Source=(local);Initial Catalog=msdb",
                &[],
            ),
            (
                "Provider=SQLNCLI11.1;Data Source=SQL01;Initial Catalog=msdb",
                &[("sql01/MSDB", "Provider=ScaleOut"), ("sql01", "rubbish")],
            ),
        ] {
            assert_eq!(
                decide("OLEDB", string, map),
                Ok(Target::Catalog),
                "{string}"
            );
        }
        let other = decide("OLEDB", "Provider=ScaleOut;Data Source=SQL02", &[]);
        assert!(other.unwrap_err().contains("leave `Data Source` out"));
    }

    #[test]
    fn the_map_replaces_providers_drivers_and_clients() {
        for (key, kind, string) in [
            ("sqlncli11", "OLEDB", "Provider=SQLNCLI11.1;Data Source=s"),
            ("SQLNCLI11.1", "OLEDB", "Provider=SQLNCLI11.1;Data Source=s"),
            ("OraOLEDB.Oracle", "OLEDB", "Provider=OraOLEDB.Oracle"),
            ("SQL Server", "ODBC", "Driver={SQL Server};Server=s"),
            ("SqlClient", "ADO.NET:SQL", "Data Source=s"),
        ] {
            let map = [(key, "Provider=SQLite;Data Source=/x.db")];
            let target = decide(kind, string, &map).unwrap();
            assert_eq!(target.dialect(), Dialect::Sqlite, "{key}");
        }
        let map = [("SqlClient", "Provider=SQLite;Data Source=/x.db")];
        let other = decide("OLEDB", "Provider=SQLNCLI11.1;Data Source=s", &map);
        assert_eq!(other.unwrap().dialect(), Dialect::SqlServer);
    }
}
