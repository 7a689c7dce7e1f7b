//! Names that a shell completes from the catalog: folders, projects, packages, environments, workers
//! and executions; and those of procedures, views and properties.
//!
//! A completion must not be in the way: a master that cannot be reached, or does not answer at once,
//! has no names to offer, and nothing is said about it.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use scaleout_core::client::{Client, ClientError, Row};
use scaleout_core::registry::ViewQuery;
use scaleout_core::registry::{all_procedures, all_views};

use crate::args::GlobalArgs;
use crate::context::connect;
use crate::output::OutputFormat;
use crate::rows::text;

/// Variable that the script of a shell sets, to its own name, when it asks for candidates.
pub const VARIABLE: &str = "SOCTL_COMPLETE";
/// Variable that only the script of bash sets. A name with blanks must be quoted there.
const OF_BASH: &str = "_CLAP_COMPLETE_COMP_TYPE";
/// How long a person waits for a name.
const PATIENCE: Duration = Duration::from_secs(2);
/// Most names that are worth looking at.
const MOST: u32 = 1000;
/// Executions that are likely to be meant: the newest.
const EXECUTIONS: u32 = 30;

/// What an argument names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Folder,
    Project,
    Package,
    Environment,
    Worker,
    Execution,
    Property,
    Job,
    Procedure,
    View,
}

/// The command with names for its arguments, wherever they stand.
pub fn with_names(command: Command) -> Command {
    named(command, &[])
}

fn named(command: Command, above: &[String]) -> Command {
    let mut path = above.to_vec();
    path.push(command.get_name().to_owned());
    let of_args = path.clone();
    command
        .mut_args(|argument| match kind(&of_args, &argument) {
            Some(kind) => argument.add(ArgValueCompleter::new(move |typed: &OsStr| {
                candidates(kind, typed)
            })),
            None => argument,
        })
        .mut_subcommands(|inner| named(inner, &path))
}

/// What an argument of a command names; `None` for what has no name yet, and for everything else.
fn kind(path: &[String], argument: &Arg) -> Option<Kind> {
    let noun = path.get(1).map_or("", String::as_str);
    let verb = path.last().map_or("", String::as_str);
    let makes = |made: &str| verb == "create" && noun == made;
    match argument.get_id().as_str() {
        "folder" if makes("folders") => None,
        "environment" if makes("environments") => None,
        "folder" => Some(Kind::Folder),
        "to" if verb == "move" => Some(Kind::Folder),
        "project" => Some(Kind::Project),
        "package" => Some(Kind::Package),
        "environment" => Some(Kind::Environment),
        "worker" | "workers" if noun != "up" => Some(Kind::Worker),
        "execution_id" | "execution_ids" => Some(Kind::Execution),
        "property" if noun == "catalog" => Some(Kind::Property),
        "job" if noun == "job" => Some(Kind::Job),
        "name" if verb == "proc" => Some(Kind::Procedure),
        "name" if verb == "view" => Some(Kind::View),
        _ => None,
    }
}

fn candidates(kind: Kind, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    let words: Vec<OsString> = std::env::args_os().collect();
    let in_bash = std::env::var_os(OF_BASH).is_some();
    let typed = if in_bash {
        unquoted(typed)
    } else {
        typed.to_owned()
    };
    let found = match kind {
        Kind::Procedure => all_procedures()
            .map(|one| (one.name.into(), one.summary.into()))
            .collect(),
        Kind::View => all_views()
            .map(|one| (one.name.into(), one.summary.into()))
            .collect(),
        live => from_catalog(live, &words).unwrap_or_default(),
    };
    let typed_folded = typed.to_lowercase();
    found
        .into_iter()
        .filter(|(name, _)| name.to_lowercase().starts_with(&typed_folded))
        .map(|(name, help)| {
            let written = if in_bash { quoted(&name) } else { name };
            CompletionCandidate::new(written).help(Some(help.into()))
        })
        .collect()
}

/// Names, and a word about each.
type Names = Vec<(String, String)>;

/// `None` when the master does not tell in time.
fn from_catalog(kind: Kind, words: &[OsString]) -> Option<Names> {
    let client = connect(&global(words)).ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    let folder = option(words, "--folder");
    let asked = async { names(&client, kind, folder.as_deref()).await };
    let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, asked).await });
    answer.ok()?.ok()
}

async fn names(client: &Client, kind: Kind, folder: Option<&str>) -> Result<Names, ClientError> {
    let view = match kind {
        Kind::Folder => "folders",
        Kind::Project => "projects",
        Kind::Package => "packages",
        Kind::Environment => "environments",
        Kind::Worker => "worker_agents",
        Kind::Execution => "executions",
        Kind::Property => "catalog_properties",
        Kind::Job => "sysjobs",
        Kind::Procedure | Kind::View => return Ok(Vec::new()),
    };
    let mut query = ViewQuery {
        limit: Some(MOST),
        ..ViewQuery::default()
    };
    match (kind, folder) {
        (Kind::Project | Kind::Environment, Some(folder)) => {
            if let Some(id) = folder_id(client, folder).await? {
                query.equals.push(("folder_id".to_owned(), id.to_string()));
            }
        }
        (Kind::Execution, _) => {
            query.order_by = Some("execution_id".to_owned());
            query.descending = true;
            query.limit = Some(EXECUTIONS);
        }
        _ => {}
    }
    let rows = client.view(view, &query).await?;
    Ok(rows.iter().map(|row| name(kind, row)).collect())
}

async fn folder_id(client: &Client, folder: &str) -> Result<Option<i64>, ClientError> {
    let query = ViewQuery {
        equals: vec![("name".to_owned(), folder.to_owned())],
        ..ViewQuery::default()
    };
    let rows = client.view("folders", &query).await?;
    Ok(rows.iter().next().and_then(|row| row.integer("id")))
}

fn name(kind: Kind, row: Row<'_>) -> (String, String) {
    match kind {
        Kind::Worker => (text(row, "DisplayName"), text(row, "MachineName")),
        Kind::Property => (text(row, "property_name"), text(row, "property_value")),
        Kind::Execution => (
            row.integer("execution_id").unwrap_or_default().to_string(),
            format!(
                "{}/{}/{}",
                text(row, "folder_name"),
                text(row, "project_name"),
                text(row, "package_name")
            ),
        ),
        _ => (text(row, "name"), text(row, "description")),
    }
}

/// The master that the line is about.
fn global(words: &[OsString]) -> GlobalArgs {
    let named = |option_name: &str, variable: &str| {
        option(words, option_name).or_else(|| std::env::var(variable).ok())
    };
    GlobalArgs {
        output: OutputFormat::default(),
        master: named("--master", "SOCTL_MASTER"),
        context: named("--context", "SOCTL_CONTEXT"),
        quiet: true,
        verbose: 0,
    }
}

/// The value of an option on the line, `--option VALUE` or `--option=VALUE`.
fn option(words: &[OsString], name: &str) -> Option<String> {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    words.iter().enumerate().find_map(|(index, word)| {
        let rest = word.strip_prefix(name)?;
        match rest.strip_prefix('=') {
            Some(value) => Some(unquoted(value)),
            None if rest.is_empty() => words.get(index + 1).map(|value| unquoted(value)),
            None => None,
        }
    })
}

/// A name as bash reads it back as one word.
fn quoted(name: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "-_./:@%+,".contains(character);
    name.chars().fold(String::new(), |mut word, character| {
        if !plain(character) {
            word.push('\\');
        }
        word.push(character);
        word
    })
}

/// What someone means who has typed a part of a word in bash.
fn unquoted(word: &str) -> String {
    let mut meant = String::new();
    let mut characters = word.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => meant.extend(characters.next()),
            '\'' | '"' => {}
            other => meant.push(other),
        }
    }
    meant
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Cli;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn options_of_the_line_are_found_in_both_forms() {
        let line = words("soctl -- soctl execute --folder Finance --context=a");
        assert_eq!(option(&line, "--folder").as_deref(), Some("Finance"));
        assert_eq!(option(&line, "--context").as_deref(), Some("a"));
        assert_eq!(option(&line, "--con"), None);
        assert_eq!(option(&line, "--master"), None);
    }

    #[test]
    fn names_come_back_from_bash_as_they_are() {
        for name in [
            "Finance",
            "My Folder",
            "a'b\"c",
            "50% off",
            "$x;`y`",
            "名前",
        ] {
            assert_eq!(unquoted(&quoted(name)), name);
        }
        assert_eq!(quoted("My Folder"), "My\\ Folder");
    }

    #[test]
    fn arguments_that_name_something_are_known_wherever_they_stand() {
        let soctl = with_names(Cli::command());
        let completes = |path: &[&str], argument: &str| {
            let command = path.iter().fold(&soctl, |command, name| {
                command.find_subcommand(name).unwrap()
            });
            let mut arguments = command.get_arguments();
            let found = arguments.find(|one| one.get_id() == argument).unwrap();
            found.get::<ArgValueCompleter>().is_some()
        };
        for (path, argument) in [
            (&["execute"][..], "package"),
            (&["execute"], "worker"),
            (&["executions", "show"], "execution_id"),
            (&["projects", "move"], "to"),
            (&["variables", "set"], "environment"),
            (&["workers", "enable"], "workers"),
            (&["catalog", "set"], "property"),
            (&["proc"], "name"),
        ] {
            assert!(completes(path, argument), "{path:?} {argument}");
        }
        for (path, argument) in [
            (&["folders", "create"][..], "folder"),
            (&["environments", "create"], "environment"),
            (&["up"], "workers"),
        ] {
            assert!(!completes(path, argument), "{path:?} {argument}");
        }
    }
}
