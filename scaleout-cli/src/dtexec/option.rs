//! The options: their names, how far each may be shortened, and what follows them.

/// What follows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follows {
    /// Nothing.
    Nothing,
    /// A value.
    Value,
    /// A value, or nothing.
    Perhaps,
}

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    CallerInfo,
    CheckFile,
    CheckPointing,
    CommandFile,
    ConfigFile,
    Connection,
    ConsoleLog,
    Decrypt,
    Dts,
    Dump,
    DumpOnError,
    EnvReference,
    File,
    Help,
    IsServer,
    Logger,
    MaxConcurrent,
    Package,
    Parameter,
    Password,
    Project,
    Rem,
    Reporting,
    Restart,
    Server,
    Set,
    Sql,
    Sum,
    User,
    Validate,
    VerifyBuild,
    VerifyPackageId,
    VerifySigned,
    VerifyVersionId,
    VLog,
    WarnAsError,
    X86,
}

/// Name, its spelling, how many letters of it are enough, and what follows. The letters that are
/// enough for one are never enough for another.
pub(super) const OPTIONS: [(Name, &str, usize, Follows); 37] = {
    use Follows::{Nothing, Perhaps, Value};
    [
        (Name::CallerInfo, "CallerInfo", 2, Perhaps),
        (Name::CheckFile, "CheckFile", 6, Perhaps),
        (Name::CheckPointing, "CheckPointing", 6, Perhaps),
        (Name::CommandFile, "CommandFile", 3, Value),
        (Name::ConfigFile, "ConfigFile", 4, Value),
        (Name::Connection, "Connection", 4, Value),
        (Name::ConsoleLog, "ConsoleLog", 4, Perhaps),
        (Name::Decrypt, "Decrypt", 2, Value),
        (Name::Dts, "Dts", 1, Value),
        (Name::Dump, "Dump", 4, Value),
        (Name::DumpOnError, "DumpOnError", 5, Nothing),
        (Name::EnvReference, "EnvReference", 3, Value),
        (Name::File, "File", 1, Value),
        (Name::Help, "Help", 1, Perhaps),
        (Name::IsServer, "ISServer", 2, Value),
        (Name::Logger, "Logger", 1, Value),
        (Name::MaxConcurrent, "MaxConcurrent", 1, Value),
        (Name::Package, "Package", 4, Value),
        (Name::Parameter, "Parameter", 3, Value),
        (Name::Password, "Password", 1, Value),
        (Name::Project, "Project", 4, Value),
        (Name::Rem, "Rem", 3, Perhaps),
        (Name::Reporting, "Reporting", 3, Value),
        (Name::Restart, "Restart", 3, Perhaps),
        (Name::Server, "Server", 3, Value),
        (Name::Set, "Set", 3, Value),
        (Name::Sql, "SQL", 2, Value),
        (Name::Sum, "Sum", 2, Nothing),
        (Name::User, "User", 1, Value),
        (Name::Validate, "Validate", 2, Nothing),
        (Name::VerifyBuild, "VerifyBuild", 7, Value),
        (Name::VerifyPackageId, "VerifyPackageID", 7, Value),
        (Name::VerifySigned, "VerifySigned", 7, Nothing),
        (Name::VerifyVersionId, "VerifyVersionID", 7, Value),
        (Name::VLog, "VLog", 2, Perhaps),
        (Name::WarnAsError, "WarnAsError", 1, Nothing),
        (Name::X86, "X86", 3, Nothing),
    ]
};

/// The option that a word of the command line is, with `/` or `-` before it, whatever the case.
pub(super) fn option(word: &str) -> Option<(Name, Follows)> {
    let name = word.strip_prefix(['/', '-'])?;
    if name == "?" {
        return Some((Name::Help, Follows::Perhaps));
    }
    let fits = |spelling: &str, enough: usize| {
        let start = spelling.get(..name.len());
        enough <= name.len() && start.is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let found = OPTIONS
        .iter()
        .find(|(_, spelling, enough, _)| fits(spelling, *enough))?;
    Some((found.0, found.3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_known_by_their_first_letters_in_any_case() {
        for (word, expected) in [
            ("/f", Some(Name::File)),
            ("-File", Some(Name::File)),
            ("/P", Some(Name::Password)),
            ("/Pa", Some(Name::Password)),
            ("/Par", Some(Name::Parameter)),
            ("/pack", Some(Name::Package)),
            ("/CONF", Some(Name::ConfigFile)),
            ("/conn", Some(Name::Connection)),
            ("/con", None),
            ("/Dump", Some(Name::Dump)),
            ("/DumpOnError", Some(Name::DumpOnError)),
            ("/D", Some(Name::Dts)),
            ("/De", Some(Name::Decrypt)),
            ("/isserver", Some(Name::IsServer)),
            ("/Set", Some(Name::Set)),
            ("/Se", None),
            ("/Ser", Some(Name::Server)),
            ("/?", Some(Name::Help)),
            ("/home/me/x.dtsx", None),
            ("/Files", None),
            ("File", None),
            ("/", None),
        ] {
            assert_eq!(option(word).map(|found| found.0), expected, "{word}");
        }
    }

    #[test]
    fn no_shortened_name_means_two_options() {
        for (name, spelling, enough, _) in OPTIONS {
            for length in enough..=spelling.len() {
                let word = format!("/{}", &spelling[..length]);
                assert_eq!(option(&word).map(|found| found.0), Some(name), "{word}");
            }
        }
    }
}
