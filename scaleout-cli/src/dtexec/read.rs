//! From the words of a command line to what they say. Reads command files through a parameter.

use std::path::PathBuf;

use scaleout_core::package::PackagePassword;

use super::command_file;
use super::command_line::{Check, CommandLine, Mistake, Source};
use super::option::{Follows, Name, OPTIONS, option};
use super::reporting::Reporting;
use super::setting::{self, Setting};

/// Command files inside command files, at most.
const DEEPEST: usize = 8;
/// Words in all: a command file that names itself must end.
const MOST_WORDS: usize = 100_000;

/// Reads the words. `file` gives the text of a command file.
///
/// # Errors
/// The first [`Mistake`].
pub fn read(
    words: &[String],
    file: &dyn Fn(&str) -> Result<String, String>,
) -> Result<CommandLine, Mistake> {
    let mut reader = Reader {
        file,
        seen: 0,
        line: CommandLine::default(),
        user: false,
    };
    reader.words(words, 0)?;
    let line = reader.line;
    if !line.help {
        check(&line)?;
    }
    Ok(line)
}

/// What options need of each other.
fn check(line: &CommandLine) -> Result<(), Mistake> {
    let is_server = matches!(line.source, Some(Source::Server { .. }));
    match (&line.source, &line.package) {
        (None, _) => return Err(Mistake::NoPackage),
        (Some(Source::Project(_)), None) => return Err(Mistake::Missing("Package")),
        (Some(Source::File(_)), Some(_)) => return Err(Mistake::OnlyWith("Package", "Project")),
        _ => {}
    }
    if !is_server {
        if !line.parameters.is_empty() {
            return Err(Mistake::OnlyWith("Parameter", "ISServer"));
        }
        if line.reference.is_some() {
            return Err(Mistake::OnlyWith("EnvReference", "ISServer"));
        }
        if line.server.is_some() {
            return Err(Mistake::OnlyWith("Server", "ISServer"));
        }
    } else if line.validate {
        return Err(Mistake::Together("ISServer", "Validate"));
    }
    Ok(())
}

struct Reader<'r> {
    file: &'r dyn Fn(&str) -> Result<String, String>,
    seen: usize,
    line: CommandLine,
    user: bool,
}

impl Reader<'_> {
    fn words(&mut self, words: &[String], depth: usize) -> Result<(), Mistake> {
        let mut rest = words;
        while let Some((word, after)) = rest.split_first() {
            self.seen += 1;
            if MOST_WORDS < self.seen {
                return Err(Mistake::Stray("...".to_owned()));
            }
            let looks_like_one = word.starts_with(['/', '-']);
            let (name, follows) = option(word).ok_or_else(|| match looks_like_one {
                true => Mistake::Option(word.clone()),
                false => Mistake::Stray(word.clone()),
            })?;
            // A value may begin with a slash, as paths do here; but then it is no option.
            let next = after.first().filter(|next| match follows {
                Follows::Nothing => false,
                Follows::Value => true,
                Follows::Perhaps => option(next).is_none(),
            });
            if follows == Follows::Value && next.is_none() {
                return Err(Mistake::Missing(spelling(name)));
            }
            rest = &after[usize::from(next.is_some())..];
            self.take(name, next.map(String::as_str), depth)?;
        }
        Ok(())
    }

    fn take(&mut self, name: Name, value: Option<&str>, depth: usize) -> Result<(), Mistake> {
        let text = value.unwrap_or_default();
        let wrong = |reason: String| Mistake::Argument {
            // Behind the first semicolon may be a secret.
            argument: text.split(';').next().unwrap_or_default().to_owned(),
            option: spelling(name),
            reason,
        };
        let line = &mut self.line;
        match name {
            Name::Help => line.help = true,
            Name::Rem => {}
            Name::File => self.source(name, Source::File(PathBuf::from(text)))?,
            Name::Project => self.source(name, Source::Project(PathBuf::from(text)))?,
            Name::IsServer => {
                let source = server_path(text).map_err(wrong)?;
                self.source(name, source)?;
            }
            Name::Dts | Name::Sql => return Err(Mistake::NotHere(stored(name))),
            Name::Package => line.package = Some(text.to_owned()),
            Name::Server => line.server = Some(text.to_owned()),
            Name::CommandFile => {
                let read = (self.file)(text);
                let read = read.map_err(|reason| Mistake::CommandFile {
                    path: text.to_owned(),
                    reason,
                })?;
                if DEEPEST <= depth {
                    return Err(wrong("command files name each other too deep".to_owned()));
                }
                self.words(&command_file::words(&read), depth + 1)?;
            }
            Name::Set | Name::Connection | Name::Logger => {
                let settings = match name {
                    Name::Set => setting::property(text).map(|one| vec![one]),
                    Name::Connection => setting::connections(text),
                    _ => setting::logger(text).map(|one| vec![one]),
                };
                line.settings.extend(settings.map_err(wrong)?);
            }
            Name::Parameter => {
                let parameter = setting::parameter(text).map_err(wrong)?;
                line.parameters.push(parameter);
            }
            Name::Reporting => line.reporting = Reporting::parse(text).map_err(wrong)?,
            Name::ConsoleLog => {
                let log = line.console_log.get_or_insert_default();
                log.add(value).map_err(wrong)?;
            }
            _ => self.take_rest(name, value).map_err(wrong)?,
        }
        Ok(())
    }

    fn take_rest(&mut self, name: Name, value: Option<&str>) -> Result<(), String> {
        let text = value.unwrap_or_default();
        let line = &mut self.line;
        match name {
            Name::ConfigFile => line.settings.push(Setting::ConfigFile(text.to_owned())),
            Name::MaxConcurrent => {
                let count: i32 = text.parse().map_err(|_| "it is no number".to_owned())?;
                if count < -1 {
                    return Err("it is neither -1 nor a count".to_owned());
                }
                line.settings.push(Setting::MaxConcurrent(count));
            }
            Name::CheckFile => line.settings.push(Setting::CheckpointFile(text.to_owned())),
            Name::CheckPointing => {
                let on = match text.to_ascii_lowercase().as_str() {
                    "" | "on" => true,
                    "off" => false,
                    _ => return Err("it is neither on nor off".to_owned()),
                };
                line.settings.push(Setting::Checkpointing(on));
            }
            Name::Restart => {
                let usage = match text.to_ascii_lowercase().as_str() {
                    "deny" => 0,
                    "ifpossible" => 1,
                    "" | "force" => 2,
                    _ => return Err("it is neither deny, force nor ifPossible".to_owned()),
                };
                line.settings.push(Setting::CheckpointUsage(usage));
            }
            Name::VLog => match text {
                "" => line
                    .note("/VLog without a file: the package's own log providers log all events"),
                file => line.settings.push(Setting::VerboseLog(file.to_owned())),
            },
            Name::EnvReference => {
                let id = text.parse().map_err(|_| "it is no number".to_owned())?;
                line.reference = Some(id);
            }
            Name::Sum => line.sum = true,
            Name::Validate => line.validate = true,
            Name::WarnAsError => line.warn_as_error = true,
            Name::VerifyBuild => line.checks.push(build(text)?),
            Name::VerifyPackageId => line.checks.push(Check::PackageId(text.to_owned())),
            Name::VerifyVersionId => line.checks.push(Check::VersionId(text.to_owned())),
            Name::VerifySigned => line.checks.push(Check::Signed),
            Name::DumpOnError => line.dump_on_error = true,
            Name::Dump => line.dump_on_codes.extend(codes(text)?),
            Name::Decrypt => line.decrypt = PackagePassword::new(text),
            Name::X86 => line.note("/X86: there is one runtime here, and it is not 32-bit"),
            Name::CallerInfo => {}
            Name::User => self.user = true,
            Name::Password => line.note("/Password belongs to /SQL, which is not here"),
            _ => unreachable!("taken before"),
        }
        Ok(())
    }

    fn source(&mut self, name: Name, source: Source) -> Result<(), Mistake> {
        let of = |source: &Source| match source {
            Source::File(_) => "File",
            Source::Project(_) => "Project",
            Source::Server { .. } => "ISServer",
        };
        match &self.line.source {
            // The last one of the same kind counts.
            Some(before) if of(before) != of(&source) => {
                Err(Mistake::Together(of(before), spelling(name)))
            }
            _ => {
                self.line.source = Some(source);
                Ok(())
            }
        }
    }
}

impl CommandLine {
    fn note(&mut self, text: &str) {
        self.notes.push(text.to_owned());
    }
}

fn spelling(name: Name) -> &'static str {
    let found = OPTIONS.iter().find(|(of, ..)| *of == name);
    found.map_or("?", |(_, spelling, ..)| spelling)
}

fn stored(name: Name) -> String {
    format!(
        "Option \"{}\" reads a package that SQL Server or its package store keeps, and this \
         version has no engine for that; use \"/File\" with the package in a file, or deploy it \
         and use \"/ISServer\".",
        spelling(name)
    )
}

/// `\SSISDB\folder\project\package.dtsx`; the first part may be missing.
fn server_path(text: &str) -> Result<Source, String> {
    let parts: Vec<&str> = text
        .split('\\')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let [folder, project, package] = match parts.as_slice() {
        [_catalog, folder, project, package] => [folder, project, package],
        [folder, project, package] => [folder, project, package],
        _ => return Err(r"`\SSISDB\folder\project\package.dtsx` is needed".to_owned()),
    };
    Ok(Source::Server {
        folder: (*folder).to_owned(),
        project: (*project).to_owned(),
        package: (*package).to_owned(),
    })
}

fn build(text: &str) -> Result<Check, String> {
    let numbers: Result<Vec<u32>, _> = text.split(';').map(|part| part.trim().parse()).collect();
    match numbers.as_deref() {
        Ok([major]) => Ok(Check::Build(*major, None, None)),
        Ok([major, minor]) => Ok(Check::Build(*major, Some(*minor), None)),
        Ok([major, minor, build]) => Ok(Check::Build(*major, Some(*minor), Some(*build))),
        _ => Err("`major[;minor[;build]]` is needed".to_owned()),
    }
}

/// `0xC020801C;-1073450910`
fn codes(text: &str) -> Result<Vec<u32>, String> {
    let code = |code: &str| {
        let code = code.trim();
        let hex = code.strip_prefix("0x").or_else(|| code.strip_prefix("0X"));
        let number = match hex {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => code.parse().ok().or_else(|| {
                let negative: Option<i32> = code.parse().ok();
                negative.map(i32::cast_unsigned)
            }),
        };
        number.ok_or_else(|| format!("`{code}` is no code of a message, such as 0xC020801C"))
    };
    text.split(';').map(code).collect()
}

#[cfg(test)]
mod tests {
    use proptest::proptest;

    use super::*;

    fn read_text(text: &str) -> Result<CommandLine, Mistake> {
        read(&command_file::words(text), &|path| match path {
            "good" => Ok("/W /Rep E".to_owned()),
            "itself" => Ok("/Com itself".to_owned()),
            _ => Err("it is not there".to_owned()),
        })
    }

    #[test]
    fn options_are_taken_in_their_order_and_the_last_counts() {
        let line =
            read_text("/F a.dtsx -file /tmp/b.dtsx /com good /va /M 3 /CheckP /Res /cons").unwrap();
        assert_eq!(line.source, Some(Source::File("/tmp/b.dtsx".into())));
        assert!(line.warn_as_error && line.validate && !line.reporting.warnings);
        assert_eq!(
            line.settings,
            [
                Setting::MaxConcurrent(3),
                Setting::Checkpointing(true),
                Setting::CheckpointUsage(2)
            ]
        );
        assert!(line.console_log.is_some());
    }

    #[test]
    fn a_value_may_look_like_a_path_and_an_option_ends_an_optional_value() {
        let line = read_text("/VLog /var/log/x /F /p.dtsx /CheckF /W").unwrap();
        assert_eq!(
            line.settings,
            [
                Setting::VerboseLog("/var/log/x".to_owned()),
                Setting::CheckpointFile(String::new())
            ]
        );
        assert!(line.warn_as_error);
    }

    #[test]
    fn packages_of_the_server_are_named_by_path() {
        let text =
            r#"/ISServer "\SSISDB\folder B\P 17\Package.dtsx" /Ser . /Env 2 /Par "p(Int32);21""#;
        let line = read_text(text).unwrap();
        assert_eq!(
            line.source,
            Some(Source::Server {
                folder: "folder B".to_owned(),
                project: "P 17".to_owned(),
                package: "Package.dtsx".to_owned()
            })
        );
        assert_eq!((line.reference, line.parameters.len()), (Some(2), 1));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("", "No package is given"),
            ("/Fool x", "Option \"/Fool\" is not valid."),
            ("/F", "Option \"File\" needs an argument."),
            ("/F a b", "Argument \"b\" belongs to no option."),
            ("/F a /Proj b", "cannot be used together"),
            ("/Proj a", "Option \"Package\" needs"),
            ("/F a /Par p;1", "only with \"ISServer\""),
            ("/SQ x", "no engine for that"),
            ("/F a /Set nothing", "for option \"Set\" is not valid"),
            ("/F a /Rep NV", "N and V stand alone"),
            ("/F a /M many", "it is no number"),
            ("/F a /VerifyB 1;x", "major"),
            (
                "/Com gone",
                "Command file \"gone\" cannot be read: it is not there.",
            ),
            ("/Com itself", "too deep"),
        ] {
            let mistake = read_text(text).unwrap_err().to_string();
            assert!(mistake.contains(part), "{text}: {mistake}");
        }
        let secret = read_text("/F a /Par x(Blob);geheim")
            .unwrap_err()
            .to_string();
        assert!(!secret.contains("geheim"), "{secret}");
        assert!(read_text("/?").unwrap().help);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "([/\\-]?(F|Set|Conn|Par|Rep|Cons|Com|M|VerifyB|[a-z]{1,3})|[;\"\\\\$:()\\[\\] 0-9]){0,24}") {
            let _ = read_text(&text);
        }
    }
}
