//! `soctl execute`.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Args;
use jiff::Timestamp;
use scaleout_core::batch::{Item, Plan};
use scaleout_core::client::{Client, ExecutionParameter, NewExecution};
use scaleout_core::model::LoggingLevel;
use serde::Serialize;

use super::executions::follow::Watched;
use super::parameters::declared::{self, Declared};
use super::workers::standing;
use crate::batch::{self, Batch, Member};
use crate::catalog_names::{PackagePlace, packages};
use crate::error::{CliError, CommandError};
use crate::execution_diagnostics::DiagnosticArgs;
use crate::execution_report;
use crate::execution_scheduling::SchedulingArgs;
use crate::execution_values::ValueArgs;
use crate::interrupt::interrupted;
use crate::output::{Cell, Outcome, Report, Talk};
use crate::package_choice::{ADHOC, Form, Wanted, check_file_is_meant, is_package_file};
use crate::package_password::PasswordOption;
use crate::project_source;
use crate::reference_choice::Referring;

/// Run packages in Scale Out
///
/// What NAME means: with --folder or --project, a package of the catalog. With a `/` in it, a .dtsx
/// file here, which is deployed to the folder `adhoc` first. Otherwise whichever there is of the two;
/// a name that fits both, or several packages of the catalog, is refused with the choices: `./NAME`
/// is the file, --folder and --project choose the package. (What an earlier run of the file left in
/// `adhoc` does not count: the file replaces it.)
///
/// Several packages run at the same time, as one batch with one report. With --after one starts only
/// when another has succeeded, and is skipped when that fails. `soctl batch` runs a plan from a file.
///
/// Without --detach the command waits, shows progress on stderr and ends with the report; the exit
/// code is 0 only if every execution succeeded. Ctrl-C ends the waiting with exit code 130, not the
/// executions: see `soctl executions watch` and `soctl executions stop`.
///
/// Examples:
///   soctl execute --package load.dtsx
///   soctl execute --package load.dtsx --worker computerA --retry-count 1
///   soctl execute --package load.dtsx --folder Finance --project Nightly \
///     --parameter Day=2026-01-31
///   soctl execute --package ./clean.dtsx \
///     --set '\Package.Variables[User::Day].Value=2026-01-31'
///   soctl execute --package load.dtsx --folder Finance --project Nightly \
///     --secrets secrets.txt
///   soctl execute --package load.dtsx --folder Finance --project Nightly \
///     --environment dev
///   soctl execute --all --folder Finance --project Nightly
///   soctl execute -p load.dtsx -p ./clean.dtsx --after load.dtsx:./clean.dtsx
///   soctl execute --package ./sealed.dtsx --package-password-file password.txt
///   soctl execute --package load.dtsx --folder Finance --worker-tag big --detach
///   soctl execute --package load.dtsx --folder Finance --package-limit 1 \
///     --at-most-once
///   soctl execute --package load.dtsx --folder Finance --dump-on-error \
///     --tap '\Package\Load' 'Paths[Read.Output]' read.csv
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ExecuteArgs {
    /// Package of the catalog; a .dtsx file here if it has a `/`, or if the catalog has none of that
    /// name; may be repeated
    #[arg(short, long, required_unless_present = "all", value_name = "NAME")]
    package: Vec<String>,
    /// All packages of the project that are entry points
    #[arg(long, requires = "project", conflicts_with = "package")]
    all: bool,
    /// Start NAME only when EARLIER has succeeded, both as given with --package; may be repeated
    #[arg(long, value_name = "NAME:EARLIER", value_parser = name_and_earlier, conflicts_with = "detach")]
    after: Vec<(String, String)>,
    /// Folder of the package in the catalog
    #[arg(long, value_name = "NAME")]
    folder: Option<String>,
    /// Project of the package in the catalog
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Worker that may run it (id, display name or machine name); may be repeated; any worker if absent
    #[arg(short, long, value_name = "WORKER")]
    worker: Vec<String>,
    /// How often to run it again after a failure
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    retry_count: u32,
    #[command(flatten)]
    values: ValueArgs,
    /// Environment that gives values, through a reference of the project to it
    #[arg(long, value_name = "[FOLDER/]NAME")]
    environment: Option<String>,
    /// How much to log
    #[arg(long, value_enum, value_name = "LEVEL")]
    logging_level: Option<LevelArg>,
    #[command(flatten)]
    scheduling: SchedulingArgs,
    #[command(flatten)]
    diagnostics: DiagnosticArgs,
    /// Where the password of encrypted .dtsx files is.
    #[command(flatten)]
    password: PasswordOption,
    /// Start it and return at once
    #[arg(long)]
    detach: bool,
}

/// Logging levels by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LevelArg {
    /// Nothing
    None,
    /// Every event but custom and diagnostic ones
    Basic,
    /// Errors and warnings, and times of components
    Performance,
    /// Every event, and the rows over every path of a data flow
    Verbose,
    /// Errors and warnings, and what lineage is read from: column maps of data flows, custom events of tasks
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
    let mut watched = Watched::default();
    tokio::select! {
        done = start_and_wait(&args, client, talk, &mut watched) => done,
        () = interrupted() => Err(watched.interrupted().into()),
    }
}

async fn start_and_wait(
    args: &ExecuteArgs,
    client: &Client,
    talk: &Talk,
    watched: &mut Watched,
) -> Result<Outcome, CliError> {
    if args.scheduling.is_at_most_once() && 0 < args.retry_count {
        return Err(CommandError::Argument {
            message: "`--at-most-once` and `--retry-count` contradict each other".to_owned(),
            hint: "leave one of them out".to_owned(),
        }
        .into());
    }
    let values = args.values.read()?;
    let names = match args.all {
        true => entry_points(client, args).await?,
        false => args.package.clone(),
    };
    let plan = plan_of(&names, &args.after)?;
    let mut places = Vec::with_capacity(names.len());
    for package in &names {
        let place = place_of(client, package, args, talk).await?;
        let parameters = values.parameters_of(client, &place).await?;
        let reference_id =
            reference_of(client, &place, args.environment.as_deref(), &parameters).await?;
        places.push((place, parameters, reference_id));
    }
    let workers = chosen_workers(client, &args.worker, talk).await?;
    let mut all = Vec::with_capacity(places.len());
    for (place, mut parameters, reference_id) in places {
        parameters.extend(args.scheduling.options());
        all.push(NewExecution {
            folder: place.folder,
            project: place.project,
            package: place.package,
            workers: workers.clone(),
            reference_id,
            parameters,
            overrides: values.overrides(),
            logging_level: args
                .diagnostics
                .level_or(args.logging_level.map(LoggingLevel::from)),
        });
    }
    match plan {
        Some(plan) => run_in_order(args, (plan, &names, all), client, talk, watched).await,
        None => run_at_once(args, all, client, talk, watched).await,
    }
}

/// Starts everything now, and waits unless nobody wants to.
async fn run_at_once(
    args: &ExecuteArgs,
    all: Vec<NewExecution>,
    client: &Client,
    talk: &Talk,
    watched: &mut Watched,
) -> Result<Outcome, CliError> {
    let mut started = Vec::with_capacity(all.len());
    for new in all {
        let execution_id = client.create_execution(&new).await?;
        args.diagnostics.prepare(client, execution_id).await?;
        // Before the start: one that is interrupted in the middle may have reached the master.
        watched.add(execution_id);
        client
            .start_execution(execution_id, args.retry_count)
            .await?;
        started.push(Started {
            execution_id,
            package_name: new.package,
        });
    }
    if args.detach {
        return Ok(started_outcome(&started));
    }
    let ended = watched.until_ended(client, talk).await?;
    execution_report::make(client, &ended, Timestamp::now()).await
}

/// Starts each package when what it comes after has succeeded.
async fn run_in_order(
    args: &ExecuteArgs,
    (plan, names, all): (Plan, &[String], Vec<NewExecution>),
    client: &Client,
    talk: &Talk,
    watched: &mut Watched,
) -> Result<Outcome, CliError> {
    let members = names.iter().zip(all).map(|(name, new)| Member {
        name: name.clone(),
        new,
        retry_count: args.retry_count,
    });
    let batch = Batch {
        plan,
        members: members.collect(),
        client,
        talk,
        diagnostics: Some(&args.diagnostics),
    };
    // Nobody goes on with it later: there is no file to keep it in.
    let ended = batch.run(&[], &mut |_, _| Ok(()), watched).await?;
    batch::of_batch("execute", &ended, client, Timestamp::now()).await
}

/// `NAME:EARLIER`
fn name_and_earlier(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, earlier)) if !name.is_empty() && !earlier.is_empty() => {
            Ok((name.to_owned(), earlier.to_owned()))
        }
        _ => Err("expected NAME:EARLIER, such as load.dtsx:extract.dtsx".to_owned()),
    }
}

/// The plan of packages that come after each other; none where all start at once.
fn plan_of(names: &[String], after: &[(String, String)]) -> Result<Option<Plan>, CommandError> {
    if after.is_empty() {
        return Ok(None);
    }
    let mut items: Vec<Item> = names
        .iter()
        .map(|name| Item {
            name: name.clone(),
            after: Vec::new(),
        })
        .collect();
    let mut wrong = Vec::new();
    for (name, earlier) in after {
        match items
            .iter_mut()
            .find(|item| item.name.eq_ignore_ascii_case(name))
        {
            Some(item) => item.after.push(earlier.clone()),
            None => wrong.push(format!(
                "`{name}` is to come after `{earlier}`, and is not run"
            )),
        }
    }
    let plan = Plan::new(&items).map_err(|errors| {
        wrong.extend(errors.iter().map(ToString::to_string));
    });
    match plan {
        Ok(plan) if wrong.is_empty() => Ok(Some(plan)),
        _ => Err(CommandError::Argument {
            message: format!("`--after` makes no order: {}", wrong.join("; ")),
            hint: "name packages as `--package` does, and let none come after itself".to_owned(),
        }),
    }
}

/// The packages of the project that may be started by themselves.
async fn entry_points(client: &Client, args: &ExecuteArgs) -> Result<Vec<String>, CliError> {
    let same = |wanted: &Option<String>, name: &str| {
        wanted
            .as_deref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    let mut all = packages(client).await?;
    all.retain(|place| same(&args.folder, &place.folder) && same(&args.project, &place.project));
    let folders: BTreeSet<&str> = all.iter().map(|place| place.folder.as_str()).collect();
    let project = args.project.clone().unwrap_or_default();
    if folders.len() > 1 {
        return Err(CommandError::Ambiguous {
            kind: "project",
            name: project,
            candidates: folders.into_iter().collect::<Vec<_>>().join(", "),
            hint: "add --folder".to_owned(),
        }
        .into());
    }
    let names: Vec<String> = all
        .into_iter()
        .filter(|place| place.entry_point)
        .map(|place| place.package)
        .collect();
    match names.is_empty() {
        false => Ok(names),
        true => Err(CommandError::NotFound {
            kind: "project with packages to start",
            name: project,
            place: String::new(),
            hint: "`soctl projects list` shows projects, `soctl packages list` packages".to_owned(),
        }
        .into()),
    }
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
    let wanted = Wanted {
        folder: args.folder.as_deref(),
        project: args.project.as_deref(),
    };
    let path = Path::new(package);
    match wanted.form_of(package)? {
        Form::Path if path.is_file() => from_file(client, path, &args.password, talk).await,
        Form::Path => Err(no_such_file(package).into()),
        Form::Open if is_package_file(package) && path.is_file() => {
            check_file_is_meant(&packages(client).await?, package)?;
            from_file(client, path, &args.password, talk).await
        }
        Form::Open | Form::Deployed => Ok(wanted.find(&packages(client).await?, package)?.clone()),
    }
}

async fn from_file(
    client: &Client,
    path: &Path,
    password: &PasswordOption,
    talk: &Talk,
) -> Result<PackagePlace, CliError> {
    let source =
        password.read_project(talk, |password| project_source::read(path, None, password))?;
    let deployed = super::deploy::deploy(client, ADHOC, &source).await?;
    for note in &deployed.notes {
        talk.say(&format!(
            "warning[{}]: {}: {}",
            note.code, note.path, note.message
        ));
    }
    talk.say(&format!(
        "deployed `{}` as {ADHOC}/{}",
        path.display(),
        deployed.project_name
    ));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let wanted = Wanted {
        folder: Some(ADHOC),
        project: Some(&deployed.project_name),
    };
    Ok(wanted.find(&packages(client).await?, &name)?.clone())
}

/// The reference to `--environment`. Without it, what refers to a variable must be among the values
/// given, or the execution could not start.
///
/// # Errors
/// The project has no such reference, or needs one and none is named; the master refuses.
pub async fn reference_of(
    client: &Client,
    place: &PackagePlace,
    environment: Option<&str>,
    given: &[ExecutionParameter],
) -> Result<Option<i64>, CliError> {
    let project = Referring {
        id: place.project_id,
        folder: &place.folder,
        project: &place.project,
    };
    if let Some(environment) = environment {
        return Ok(Some(project.find(client, environment).await?.id));
    }
    let is_given = |one: &Declared| {
        let same = |given: &ExecutionParameter| {
            given.scope == one.scope && given.name.to_lowercase() == one.name.to_lowercase()
        };
        given.iter().any(same)
    };
    let declared = declared::read(client, place.project_id).await?;
    let referring: Vec<String> = declared
        .into_iter()
        .filter(|one| one.variable.is_some() && one.is_of(&place.package) && !is_given(one))
        .map(|one| one.name)
        .collect();
    if referring.is_empty() {
        return Ok(None);
    }
    Err(CommandError::Argument {
        message: format!(
            "package `{}` takes values from an environment, and none is named: {}",
            place.package,
            referring.join(", ")
        ),
        hint: match project.targets_of(&project.references(client).await?) {
            known if known.is_empty() => {
                "let the project refer to one (`soctl references create`) and add `--environment`"
                    .to_owned()
            }
            known => format!("add `--environment`: the project refers to {known}"),
        },
    }
    .into())
}

fn no_such_file(path: &str) -> CommandError {
    CommandError::NotFound {
        kind: "such file",
        name: path.to_owned(),
        place: String::new(),
        hint: "a name with a `/` is the path of a file here; a deployed package has none: see `soctl packages list`"
            .to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_packages_that_are_run_and_has_no_circle() {
        let names = ["a.dtsx".to_owned(), "b.dtsx".to_owned()];
        let plan = |pairs: &[&str]| {
            let pairs: Vec<_> = pairs
                .iter()
                .map(|text| name_and_earlier(text).unwrap())
                .collect();
            plan_of(&names, &pairs).map(|plan| plan.is_some())
        };
        assert!(!plan(&[]).unwrap());
        assert!(plan(&["b.dtsx:A.dtsx"]).unwrap());
        let refused = plan(&["c.dtsx:a.dtsx", "a.dtsx:d.dtsx", "b.dtsx:b.dtsx"]).unwrap_err();
        for part in ["`c.dtsx`", "`d.dtsx`", "wait for each other: `b.dtsx`"] {
            assert!(refused.to_string().contains(part), "{refused}");
        }
        assert!(name_and_earlier("a.dtsx").is_err() && name_and_earlier(":a").is_err());
    }
}
