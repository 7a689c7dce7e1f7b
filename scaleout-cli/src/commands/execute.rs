//! `soctl execute`.

use std::path::Path;

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::{Client, ExecutionParameter, NewExecution, Override, ParameterScope};
use scaleout_core::model::LoggingLevel;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;
use serde_json::Value;

use super::executions::follow::until_ended;
use super::proc::name_and_value;
use super::workers::standing;
use crate::catalog_names::{PackagePlace, packages};
use crate::error::{CliError, CommandError};
use crate::execution_report;
use crate::output::{Cell, Outcome, Report, Talk};
use crate::project_source;

/// Run packages in Scale Out
///
/// A package name is enough when it is unique in the catalog. A path of a .dtsx file deploys it to
/// the folder `adhoc` first. Without --detach the command waits, shows progress on stderr and ends
/// with the report; the exit code is 0 only if every execution succeeded.
///
/// Examples:
///   soctl execute --package load.dtsx
///   soctl execute --package load.dtsx --worker computerA --retry-count 1
///   soctl execute --package load.dtsx --folder Finance --project Nightly --parameter Day=2026-01-31
///   soctl execute --package ./load.dtsx --set '\Package.Variables[User::Day].Value=2026-01-31'
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ExecuteArgs {
    /// Package name, or path of a .dtsx file; may be repeated
    #[arg(short, long, required = true, value_name = "NAME")]
    package: Vec<String>,
    /// Folder of the package
    #[arg(long, value_name = "NAME")]
    folder: Option<String>,
    /// Project of the package
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Worker that may run it (id, display name or machine name); may be repeated; any worker if absent
    #[arg(short, long, value_name = "WORKER")]
    worker: Vec<String>,
    /// How often to run it again after a failure
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    retry_count: u32,
    /// Value of a package parameter, or of a project parameter as `$Project::NAME=VALUE`
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    parameter: Vec<(String, String)>,
    /// Value of a property by its path
    #[arg(long, value_name = "PATH=VALUE", value_parser = path_and_value)]
    set: Vec<(String, String)>,
    /// How much to log
    #[arg(long, value_enum, value_name = "LEVEL")]
    logging_level: Option<LevelArg>,
    /// Start it and return at once
    #[arg(long)]
    detach: bool,
}

/// Logging levels by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LevelArg {
    /// Nothing
    None,
    /// Start, end, errors, warnings
    Basic,
    /// Errors and warnings, and times of components
    Performance,
    /// Everything
    Verbose,
    /// Verbose with the lineage of columns
    RuntimeLineage,
}

impl From<LevelArg> for LoggingLevel {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::None => Self::None,
            LevelArg::Basic => Self::Basic,
            LevelArg::Performance => Self::Performance,
            LevelArg::Verbose => Self::Verbose,
            LevelArg::RuntimeLineage => Self::RuntimeLineage,
        }
    }
}

/// Splits `PATH=VALUE` at the first `=` behind the path's last bracket or step.
///
/// # Errors
/// There is no `=`.
fn path_and_value(text: &str) -> Result<(String, String), String> {
    let split = text.match_indices('=').map(|(at, _)| at).find(|&at| {
        let path = &text[..at];
        path.matches('[').count() == path.matches(']').count()
    });
    match split {
        Some(at) if at > 0 => Ok((text[..at].to_owned(), text[at + 1..].to_owned())),
        _ => Err("expected PATH=VALUE, such as \\Package.Variables[User::X].Value=5".to_owned()),
    }
}

/// What `--detach` prints.
#[derive(Serialize)]
struct Started {
    execution_id: i64,
    package_name: String,
}

/// Creates and starts the executions, then waits for them.
///
/// # Errors
/// A name is unknown or not unique (nothing was started then), or the master refuses.
pub async fn run(args: ExecuteArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let mut places = Vec::with_capacity(args.package.len());
    for package in &args.package {
        places.push(place_of(client, package, &args, talk).await?);
    }
    let workers = chosen_workers(client, &args.worker, talk).await?;
    let mut started = Vec::with_capacity(places.len());
    for place in places {
        let new = NewExecution {
            folder: place.folder.clone(),
            project: place.project.clone(),
            package: place.package.clone(),
            workers: workers.clone(),
            reference_id: None,
            parameters: parameters(client, &place, &args.parameter).await?,
            overrides: overrides(&args.set),
            logging_level: args.logging_level.map(LoggingLevel::from),
        };
        let execution_id = client.create_execution(&new).await?;
        client
            .start_execution(execution_id, args.retry_count)
            .await?;
        started.push(Started {
            execution_id,
            package_name: place.package,
        });
    }
    if args.detach {
        return Ok(started_outcome(&started));
    }
    let ids: Vec<i64> = started.iter().map(|started| started.execution_id).collect();
    let ended = until_ended(client, &ids, talk).await?;
    execution_report::make(client, &ended, Timestamp::now()).await
}

fn started_outcome(started: &[Started]) -> Outcome {
    let mut report = Report::table(["execution", "package"]);
    for started in started {
        report.rows.push(vec![
            Cell::Number(started.execution_id.to_string()),
            Cell::Text(started.package_name.clone()),
        ]);
    }
    Outcome::new(&started, report)
}

/// Where a package is: in the catalog by name, or deployed to `adhoc` right now from a file.
async fn place_of(
    client: &Client,
    package: &str,
    args: &ExecuteArgs,
    talk: &Talk,
) -> Result<PackagePlace, CliError> {
    let path = Path::new(package);
    if path.is_file() {
        let source = project_source::read(path, None)?;
        let deployed = super::deploy::deploy(client, "adhoc", &source).await?;
        talk.say(&format!(
            "deployed `{package}` as adhoc/{}",
            deployed.project_name
        ));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let all = packages(client).await?;
        return Ok(find(&all, &name, Some("adhoc"), Some(&deployed.project_name))?.clone());
    }
    let all = packages(client).await?;
    Ok(find(
        &all,
        package,
        args.folder.as_deref(),
        args.project.as_deref(),
    )?
    .clone())
}

/// The one package that a name means, with or without `.dtsx`.
fn find<'a>(
    all: &'a [PackagePlace],
    name: &str,
    folder: Option<&str>,
    project: Option<&str>,
) -> Result<&'a PackagePlace, CommandError> {
    let same = |wanted: Option<&str>, name: &str| {
        wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    let bare = |name: &str| {
        name.to_ascii_lowercase()
            .trim_end_matches(".dtsx")
            .to_owned()
    };
    let fits = |place: &&PackagePlace| {
        bare(&place.package) == bare(name)
            && same(folder, &place.folder)
            && same(project, &place.project)
    };
    let found: Vec<&PackagePlace> = all.iter().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(CommandError::NotFound {
            kind: "package",
            name: name.to_owned(),
            place: place_text(folder, project),
            hint: "`soctl packages list` shows what is deployed; `soctl deploy` deploys".to_owned(),
        }),
        several => Err(CommandError::Ambiguous {
            kind: "package",
            name: name.to_owned(),
            candidates: several
                .iter()
                .map(|place| format!("{}/{}/{}", place.folder, place.project, place.package))
                .collect::<Vec<_>>()
                .join(", "),
            hint: "add --folder and --project".to_owned(),
        }),
    }
}

fn place_text(folder: Option<&str>, project: Option<&str>) -> String {
    match (folder, project) {
        (Some(folder), Some(project)) => format!(" in project `{project}` of folder `{folder}`"),
        (Some(folder), None) => format!(" in folder `{folder}`"),
        (None, Some(project)) => format!(" in a project `{project}`"),
        (None, None) => " in the catalog".to_owned(),
    }
}

async fn chosen_workers(
    client: &Client,
    names: &[String],
    talk: &Talk,
) -> Result<Vec<uuid::Uuid>, CliError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let all = standing::all(client, Timestamp::now()).await?;
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let worker = standing::find(&all, name)?;
        let note = match (worker.enabled, worker.online) {
            (false, _) => {
                Some("disabled: the execution waits until `soctl workers enable` lets it take work")
            }
            (true, false) => Some("offline: the execution waits until it is back"),
            (true, true) => None,
        };
        if let Some(note) = note {
            talk.say(&format!(
                "worker {} ({}) is {note}",
                worker.worker_agent_id, worker.display_name
            ));
        }
        ids.push(worker.worker_agent_id);
    }
    Ok(ids)
}

/// Parameter values; a bare name that only the project declares is a project parameter.
async fn parameters(
    client: &Client,
    place: &PackagePlace,
    given: &[(String, String)],
) -> Result<Vec<ExecutionParameter>, CliError> {
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let query = ViewQuery {
        equals: vec![
            ("object_type".to_owned(), "20".to_owned()),
            ("object_name".to_owned(), place.project.clone()),
        ],
        ..ViewQuery::default()
    };
    let declared = client.view("object_parameters", &query).await?;
    let of_project = |name: &str| {
        declared.iter().any(|row| {
            row.text("parameter_name")
                .is_some_and(|known| known.eq_ignore_ascii_case(name))
        })
    };
    let package_query = ViewQuery {
        equals: vec![
            ("object_type".to_owned(), "30".to_owned()),
            ("object_name".to_owned(), place.package.clone()),
        ],
        ..ViewQuery::default()
    };
    let declared_by_package = client.view("object_parameters", &package_query).await?;
    let of_package = |name: &str| {
        declared_by_package.iter().any(|row| {
            row.text("parameter_name")
                .is_some_and(|known| known.eq_ignore_ascii_case(name))
        })
    };
    let parameter = |(name, value): &(String, String)| {
        let (scope, name) = match (
            name.strip_prefix("$Project::"),
            name.strip_prefix("$Package::"),
            name.strip_prefix("$ServerOption::"),
        ) {
            (Some(name), _, _) => (ParameterScope::Project, name),
            (_, Some(name), _) => (ParameterScope::Package, name),
            (_, _, Some(name)) => (ParameterScope::Execution, name),
            _ if !of_package(name) && of_project(name) => (ParameterScope::Project, name.as_str()),
            _ => (ParameterScope::Package, name.as_str()),
        };
        ExecutionParameter {
            scope,
            name: name.to_owned(),
            value: Value::String(value.clone()),
        }
    };
    Ok(given.iter().map(parameter).collect())
}

fn overrides(given: &[(String, String)]) -> Vec<Override> {
    let one = |(path, value): &(String, String)| Override {
        path: path.clone(),
        value: value.clone(),
        sensitive: false,
    };
    given.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folder: &str, package: &str) -> PackagePlace {
        PackagePlace {
            folder: folder.into(),
            project: "P".into(),
            package: package.into(),
            entry_point: true,
            id: 1,
        }
    }

    #[test]
    fn a_package_is_found_by_its_name_alone_when_that_is_unique() {
        let all = [
            place("A", "load.dtsx"),
            place("B", "Load.dtsx"),
            place("B", "other.dtsx"),
        ];
        assert_eq!(find(&all, "OTHER", None, None).unwrap().folder, "B");
        assert!(matches!(
            find(&all, "load.dtsx", None, None),
            Err(CommandError::Ambiguous { .. })
        ));
        assert_eq!(
            find(&all, "load.dtsx", Some("a"), None).unwrap().folder,
            "A"
        );
        assert!(matches!(
            find(&all, "none", None, None),
            Err(CommandError::NotFound { .. })
        ));
    }

    #[test]
    fn a_property_path_may_hold_an_equals_sign_in_brackets() {
        let split = path_and_value(
            r"\Package.Connections[a=b].Properties[ConnectionString]=Data Source=x;",
        )
        .unwrap();
        assert_eq!(
            split.0,
            r"\Package.Connections[a=b].Properties[ConnectionString]"
        );
        assert_eq!(split.1, "Data Source=x;");
        assert!(path_and_value("no value").is_err());
    }
}
