//! Where a configuration gets its values: decided from its text alone.

use scaleout_core::package::Configuration;

/// Where the values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A variable of the package that runs this one.
    ParentVariable(String),
    /// An XML file.
    XmlFile(String),
    /// An environment variable of this machine.
    Environment(String),
    /// A table.
    Table(TablePlace),
}

/// The rows of a table that belong to a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TablePlace {
    /// Name of a connection manager.
    pub(super) connection: String,
    /// As written, such as `[dbo].[SSIS Configurations]`.
    pub(super) table: String,
    /// `ConfigurationFilter` of the rows.
    pub(super) filter: String,
}

/// Why a configuration has no source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoSource {
    /// It is of a kind that does not exist here.
    Refused(&'static str),
    /// The environment variable that says where it is does not exist.
    NoSuchVariable(String),
    /// Its text has not the form that its kind needs.
    Malformed(String),
}

/// The source of a configuration; indirect kinds find theirs through the environment.
pub(super) fn source(
    configuration: &Configuration,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Source, NoSource> {
    let own = configuration.configuration_string.trim().to_owned();
    let named = || match environment(&own) {
        Some(text) => Ok(text),
        None => Err(NoSource::NoSuchVariable(own.clone())),
    };
    match configuration.configuration_type {
        0 => Ok(Source::ParentVariable(own)),
        1 => Ok(Source::XmlFile(own)),
        2 => Ok(Source::Environment(own)),
        3 | 6 => Err(NoSource::Refused("the Windows registry")),
        4 => named().map(Source::ParentVariable),
        5 => named().map(Source::XmlFile),
        7 => table_place(&own).map(Source::Table),
        8 => Err(NoSource::Refused("an INI file")),
        9 => named().and_then(|text| table_place(&text).map(Source::Table)),
        other => Err(NoSource::Malformed(format!(
            "its type is {other}; 0 to 9 are known"
        ))),
    }
}

/// `"connection";"[dbo].[table]";"filter";`
fn table_place(text: &str) -> Result<TablePlace, NoSource> {
    let mut parts = parts(text).into_iter().filter(|part| !part.is_empty());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(connection), Some(table), Some(filter)) => Ok(TablePlace {
            connection,
            table,
            filter,
        }),
        _ => Err(NoSource::Malformed(format!(
            "`{text}` is not of the form `\"connection\";\"table\";\"filter\";`"
        ))),
    }
}

/// Parts between semicolons; a quoted one may hold them, and doubled quotes.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut parts, '"');
            }
            '"' => quoted = !quoted,
            ';' if !quoted => parts.push(String::new()),
            other => push(&mut parts, other),
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

fn push(parts: &mut [String], letter: char) {
    if let Some(last) = parts.last_mut() {
        last.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(configuration_type: i32, text: &str) -> Result<Source, NoSource> {
        let configuration = Configuration {
            name: "c".to_owned(),
            configuration_type,
            configuration_string: text.to_owned(),
            configuration_variable: String::new(),
        };
        source(&configuration, &|name| match name {
            "WHERE" => Some("/etc/ssis.dtsConfig".to_owned()),
            "PARENT" => Some("User::P".to_owned()),
            "TABLE" => Some(r#""DW";"t";"f";"#.to_owned()),
            _ => None,
        })
    }

    #[test]
    fn each_kind_has_its_source() {
        let file = Source::XmlFile("/etc/ssis.dtsConfig".to_owned());
        let parent = Source::ParentVariable("User::P".to_owned());
        let table = Source::Table(TablePlace {
            connection: "DW".to_owned(),
            table: "t".to_owned(),
            filter: "f".to_owned(),
        });
        assert_eq!(of(0, "User::P"), Ok(parent.clone()));
        assert_eq!(of(1, "/etc/ssis.dtsConfig"), Ok(file.clone()));
        assert_eq!(of(2, "X"), Ok(Source::Environment("X".to_owned())));
        assert_eq!(of(4, "PARENT"), Ok(parent));
        assert_eq!(of(5, "WHERE"), Ok(file));
        assert_eq!(of(7, r#""DW";"t";"f";"#), Ok(table.clone()));
        assert_eq!(of(9, "TABLE"), Ok(table));
    }

    #[test]
    fn what_has_no_source_says_why() {
        assert!(matches!(of(3, "HKCU"), Err(NoSource::Refused(_))));
        assert!(matches!(of(6, "WHERE"), Err(NoSource::Refused(_))));
        assert!(matches!(of(8, "x.ini"), Err(NoSource::Refused(_))));
        let gone = NoSource::NoSuchVariable("GONE".to_owned());
        assert_eq!(of(5, "GONE"), Err(gone));
        assert!(matches!(of(7, "DW;t"), Err(NoSource::Malformed(_))));
        assert!(matches!(of(12, ""), Err(NoSource::Malformed(_))));
    }

    #[test]
    fn a_quoted_part_may_hold_semicolons_and_quotes() {
        assert_eq!(
            of(7, r#""a;b";"[dbo].[SSIS Configurations]";"say ""x""";"#),
            Ok(Source::Table(TablePlace {
                connection: "a;b".to_owned(),
                table: "[dbo].[SSIS Configurations]".to_owned(),
                filter: r#"say "x""#.to_owned(),
            }))
        );
    }
}
