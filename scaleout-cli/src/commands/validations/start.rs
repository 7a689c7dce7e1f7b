//! `soctl validations start`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::{Value, json};

use super::show;
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report, Talk};
use crate::project_choice::ProjectChoice;
use crate::reference_choice::Referring;

/// Validate a deployed project, or one of its packages, on a worker
///
/// Without --environment and --all-environments no environment gives values, and a parameter that
/// refers to a variable is an error. Exit code 1 when something would keep a package from running,
/// 3 when the validation was stopped. It is stopped by itself after VALIDATION_TIMEOUT.
///
/// Examples:
///   soctl validations start Nightly --folder Finance
///   soctl validations start Nightly --package load.dtsx --environment dev
///   soctl validations start Nightly --all-environments --detach
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct StartArgs {
    /// The project.
    #[command(flatten)]
    project: ProjectChoice,
    /// Only this package
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// Environment that gives values, through a reference of the project to it
    #[arg(long, value_name = "[FOLDER/]NAME")]
    environment: Option<String>,
    /// Once with each environment that the project refers to
    #[arg(long, conflicts_with = "environment")]
    all_environments: bool,
    /// Ask for 32 bits; recorded only
    #[arg(long)]
    use32bit: bool,
    /// Start it and return at once
    #[arg(long)]
    detach: bool,
}

/// Calls `validate_project` or `validate_package`, and waits for the end.
///
/// # Errors
/// A name is unknown, or the master refuses.
pub async fn run(args: StartArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let project = args.project.find(client).await?;
    let mut named = Arguments::from([
        ("folder_name".to_owned(), json!(project.folder)),
        ("project_name".to_owned(), json!(project.project)),
        ("use32bitruntime".to_owned(), json!(args.use32bit)),
    ]);
    let scope = match (&args.environment, args.all_environments) {
        (Some(environment), _) => {
            let referring = Referring {
                id: project.id,
                folder: &project.folder,
                project: &project.project,
            };
            let reference = referring.find(client, environment).await?;
            named.insert("reference_id".to_owned(), json!(reference.id));
            "S"
        }
        (None, true) => "A",
        (None, false) => "D",
    };
    named.insert("environment_scope".to_owned(), json!(scope));
    let procedure = match &args.package {
        Some(package) => {
            named.insert("package_name".to_owned(), json!(package));
            "validate_package"
        }
        None => "validate_project",
    };
    let started = client.call(procedure, named).await?;
    let id = started
        .outputs
        .get("@validation_id")
        .and_then(Value::as_i64);
    let id = id.ok_or_else(|| CommandError::Argument {
        message: format!("the master did not say which validation `{procedure}` has begun"),
        hint: "`soctl validations list` shows it".to_owned(),
    })?;
    if args.detach {
        let line = format!("validation {id} has begun; `soctl validations show {id} --wait` waits");
        return Ok(Outcome::new(
            &json!({ "validation_id": id }),
            Report::lines([line]),
        ));
    }
    talk.say(&format!("validation {id} has begun"));
    show::when_ended(client, id).await
}
