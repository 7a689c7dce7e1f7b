//! The command of a step of the subsystem SSIS: the command line of dtexec as SSMS writes it.
//!
//! `/ISSERVER "\"\SSISDB\folder\project\p.dtsx\"" /SERVER "\"host\"" /Par "\"name(Int32)\"";5`
//! names a package of the catalog. Everything else (`/FILE` and the rest) is for dtexec on a worker.

/// Why a command cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandFault {
    /// A quotation mark without its other half.
    #[error("a quotation mark is not closed")]
    Quote,
    /// Neither of the sources.
    #[error("it names no package: write `/ISSERVER` with a path of the catalog, or `/FILE`")]
    NoSource,
    /// Not the path of a package in the catalog.
    #[error("`{0}` is not the path of a package: write `\\SSISDB\\folder\\project\\package.dtsx`")]
    Path(String),
    /// An option that a package of the catalog cannot have here.
    #[error("the option `{0}` is not known for a package of the catalog")]
    Option(String),
    /// An option without its value.
    #[error("the option `{0}` needs a value")]
    Value(String),
    /// A value that is none.
    #[error("the value of `{option}` is not valid: {reason}")]
    Malformed {
        /// The option.
        option: String,
        /// What is wrong.
        reason: &'static str,
    },
}

/// What a step of the subsystem SSIS runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SsisCommand {
    /// A package of the catalog.
    Catalog(CatalogPackage),
    /// The words of a command line for dtexec.
    Dtexec(Vec<String>),
}

/// A package of the catalog with what it is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogPackage {
    /// Folder.
    pub folder: String,
    /// Project.
    pub project: String,
    /// Package.
    pub package: String,
    /// Id of an environment reference.
    pub reference: Option<i64>,
    /// Values, in their order.
    pub values: Vec<GivenValue>,
    /// Property overrides, in their order.
    pub overrides: Vec<Override>,
    /// `/X86`; recorded only.
    pub use32bit: bool,
}

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenValue {
    /// Whose parameter it is: that is 20 for the project, 30 for the package, 50 for an option.
    pub object_type: i64,
    /// Name.
    pub name: String,
    /// Type, where it is written: `Int32`.
    pub data_type: Option<String>,
    /// Value.
    pub value: String,
}

/// An override of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Path.
    pub path: String,
    /// Value.
    pub value: String,
    /// `$Sensitive::` stood before it.
    pub sensitive: bool,
}

/// Reads the command of a step.
///
/// # Errors
/// The first [`CommandFault`].
pub fn read(command: &str) -> Result<SsisCommand, CommandFault> {
    let words = words(command)?;
    let named = |word: &String, names: &[&str]| {
        option_name(word).is_some_and(|name| names.iter().any(|full| abbreviates(&name, full)))
    };
    if words.iter().any(|word| named(word, &["isserver"])) {
        return catalog(&words).map(SsisCommand::Catalog);
    }
    let sources = ["file", "project", "sql", "dts"];
    if words.iter().any(|word| named(word, &sources)) {
        return Ok(SsisCommand::Dtexec(words));
    }
    Err(CommandFault::NoSource)
}

fn option_name(word: &str) -> Option<String> {
    let name = word.strip_prefix(['/', '-'])?;
    Some(name.to_ascii_lowercase())
}

/// dtexec takes every unambiguous beginning of an option; those that are too short to tell apart
/// are told apart by the first letters that its page marks.
fn abbreviates(name: &str, full: &str) -> bool {
    let shortest = match full {
        "isserver" => 3,
        "sql" => 2,
        "file" | "dts" => 1,
        "project" | "parameter" => 3,
        "set" | "server" | "reporting" => 3,
        "envreference" => 3,
        "callerinfo" => 2,
        _ => full.len(),
    };
    shortest <= name.len() && full.starts_with(name)
}

fn catalog(words: &[String]) -> Result<CatalogPackage, CommandFault> {
    let mut found = CatalogPackage::default();
    let mut rest = words.iter().peekable();
    while let Some(word) = rest.next() {
        let name = option_name(word).ok_or_else(|| CommandFault::Option(word.clone()))?;
        let mut value = || {
            rest.next()
                .cloned()
                .ok_or_else(|| CommandFault::Value(word.clone()))
        };
        let is = |full| abbreviates(&name, full);
        if is("isserver") {
            (found.folder, found.project, found.package) = path(&value()?)?;
        } else if is("parameter") {
            found.values.push(parameter(word, &value()?)?);
        } else if is("set") {
            found.overrides.push(property(word, &value()?)?);
        } else if is("envreference") {
            let id = value()?.trim().parse();
            found.reference = Some(id.map_err(|_| CommandFault::Malformed {
                option: word.clone(),
                reason: "it is the number of a reference, as `soctl references list` shows it",
            })?);
        } else if is("server") || is("callerinfo") || is("reporting") {
            // The catalog is this one; who calls is the owner of the job; messages are in the catalog.
            value()?;
        } else if name == "x86" {
            found.use32bit = true;
        } else if name == "rem" {
            value()?;
        } else {
            return Err(CommandFault::Option(word.clone()));
        }
    }
    if found.package.is_empty() {
        return Err(CommandFault::NoSource);
    }
    Ok(found)
}

/// `\SSISDB\folder\project\package.dtsx`
fn path(text: &str) -> Result<(String, String, String), CommandFault> {
    let parts: Vec<&str> = text.trim_start_matches('\\').split('\\').collect();
    match parts.as_slice() {
        [catalog, folder, project, package]
            if catalog.eq_ignore_ascii_case("SSISDB")
                && [folder, project, package]
                    .iter()
                    .all(|part| !part.is_empty()) =>
        {
            Ok((
                (*folder).to_owned(),
                (*project).to_owned(),
                (*package).to_owned(),
            ))
        }
        _ => Err(CommandFault::Path(text.to_owned())),
    }
}

/// `[$Package::|$Project::|$ServerOption::]name[(type)];value`
fn parameter(option: &str, text: &str) -> Result<GivenValue, CommandFault> {
    let malformed = |reason| CommandFault::Malformed {
        option: option.to_owned(),
        reason,
    };
    let (name, value) = text
        .split_once(';')
        .ok_or_else(|| malformed("a semicolon parts the name from the value"))?;
    let name = name.trim().trim_matches('"');
    let (object_type, name) = match name.split_once("::") {
        Some((scope, rest)) if scope.eq_ignore_ascii_case("$Project") => (20, rest),
        Some((scope, rest)) if scope.eq_ignore_ascii_case("$Package") => (30, rest),
        Some((scope, rest)) if scope.eq_ignore_ascii_case("$ServerOption") => (50, rest),
        Some(_) => {
            return Err(malformed(
                "before `::` stands $Package, $Project or $ServerOption",
            ));
        }
        None => (30, name),
    };
    let (name, data_type) = match name
        .strip_suffix(')')
        .and_then(|name| name.rsplit_once('('))
    {
        Some((name, data_type)) => (name, Some(data_type.to_owned())),
        None => (name, None),
    };
    if name.is_empty() {
        return Err(malformed("the name is empty"));
    }
    Ok(GivenValue {
        object_type,
        name: name.to_owned(),
        data_type,
        value: value.trim_matches('"').to_owned(),
    })
}

/// `[$Sensitive::]path;value`
fn property(option: &str, text: &str) -> Result<Override, CommandFault> {
    let (path, value) = text.split_once(';').ok_or(CommandFault::Malformed {
        option: option.to_owned(),
        reason: "a semicolon parts the path from the value",
    })?;
    let path = path.trim().trim_matches('"');
    let bare = path
        .get(..12)
        .filter(|start| start.eq_ignore_ascii_case("$Sensitive::"))
        .map(|_| &path[12..]);
    Ok(Override {
        path: bare.unwrap_or(path).to_owned(),
        value: value.trim_matches('"').to_owned(),
        sensitive: bare.is_some(),
    })
}

/// The words of a command line by the rules of Windows: marks part nothing, `\"` is a mark.
///
/// # Errors
/// A mark is not closed.
pub fn words(line: &str) -> Result<Vec<String>, CommandFault> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    // Inside a word, `\"` opens and closes a text that may hold blanks, as SSMS nests them.
    let mut inner = false;
    let mut rest = line.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' if rest.peek() == Some(&'"') => {
                rest.next();
                inner = !inner;
                word.get_or_insert_default().push('"');
            }
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            blank if blank.is_whitespace() && !quoted && !inner => {
                words.extend(word.take());
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    if quoted || inner {
        return Err(CommandFault::Quote);
    }
    words.extend(word);
    // The outer marks of a nested text are SSMS's, not the value's.
    Ok(words
        .into_iter()
        .map(|word| {
            match word
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
            {
                Some(plain) if !plain.contains('"') => plain.to_owned(),
                _ => word,
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog_package(command: &str) -> CatalogPackage {
        match read(command) {
            Ok(SsisCommand::Catalog(package)) => package,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_ssms_writes_is_read() {
        let package = catalog_package(
            r#"/ISSERVER "\"\SSISDB\Nightly Load\Sales\Load All.dtsx\"" /SERVER "\"SQL01\"" /ENVREFERENCE 4 /Par "\"$Project::Region\"";"\"north west\"" /Par "\"BatchSize(Int32)\"";500 /Par "\"$ServerOption::LOGGING_LEVEL(Int16)\"";1 /Par "\"$ServerOption::SYNCHRONIZED(Boolean)\"";True /SET "\"\Package.Variables[User::X].Value\"";7 /CALLERINFO SQLAGENT /REPORTING E"#,
        );
        assert_eq!(package.folder, "Nightly Load");
        assert_eq!(package.project, "Sales");
        assert_eq!(package.package, "Load All.dtsx");
        assert_eq!(package.reference, Some(4));
        let values: Vec<_> = package
            .values
            .iter()
            .map(|one| {
                (
                    one.object_type,
                    one.name.as_str(),
                    one.data_type.as_deref(),
                    one.value.as_str(),
                )
            })
            .collect();
        assert_eq!(
            values,
            [
                (20, "Region", None, "north west"),
                (30, "BatchSize", Some("Int32"), "500"),
                (50, "LOGGING_LEVEL", Some("Int16"), "1"),
                (50, "SYNCHRONIZED", Some("Boolean"), "True"),
            ]
        );
        assert_eq!(
            package.overrides[0].path,
            r"\Package.Variables[User::X].Value"
        );
        assert_eq!(package.overrides[0].value, "7");
    }

    #[test]
    fn a_command_that_a_person_writes_is_read_too() {
        let package = catalog_package(r#"/isserver \SSISDB\f\p\a.dtsx /par "X;a b" /x86"#);
        assert_eq!((package.folder.as_str(), package.use32bit), ("f", true));
        assert_eq!(package.values[0].value, "a b");
        let secret = catalog_package(
            r#"/ISS "\SSISDB\f\p\a.dtsx" /Set $Sensitive::\Package.Variables[User::S].Value;x"#,
        );
        assert!(secret.overrides[0].sensitive);
    }

    #[test]
    fn a_file_is_for_dtexec() {
        let read =
            read(r#"/FILE "\"/srv/packages/load all.dtsx\"" /CHECKPOINTING OFF /REPORTING E"#);
        let words = [
            "/FILE",
            "/srv/packages/load all.dtsx",
            "/CHECKPOINTING",
            "OFF",
            "/REPORTING",
            "E",
        ];
        assert_eq!(
            read,
            Ok(SsisCommand::Dtexec(words.map(str::to_owned).to_vec()))
        );
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        assert_eq!(read(""), Err(CommandFault::NoSource));
        assert_eq!(read(r#"/ISSERVER "\SSISDB"#), Err(CommandFault::Quote));
        assert!(matches!(
            read(r"/ISSERVER \SSISDB\f\p"),
            Err(CommandFault::Path(_))
        ));
        assert!(matches!(
            read(r"/ISSERVER \msdb\f\p\a.dtsx"),
            Err(CommandFault::Path(_))
        ));
        assert!(matches!(
            read(r"/ISSERVER \SSISDB\f\p\a.dtsx /Validate"),
            Err(CommandFault::Option(_))
        ));
        assert!(matches!(
            read(r"/ISSERVER \SSISDB\f\p\a.dtsx /Par X"),
            Err(CommandFault::Malformed { .. })
        ));
    }
}
