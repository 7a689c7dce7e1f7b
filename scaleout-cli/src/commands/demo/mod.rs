//! `soctl demo`: the whole of Scale Out on one machine, once, with its report.

mod inputs;
mod samples;

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::{Client, ExecutionParameter, NewExecution, ParameterScope};
use serde_json::json;
use uuid::Uuid;

use crate::commands::deploy::deploy;
use crate::commands::executions::follow::until_ended;
use crate::error::{CliError, CommandError, file_error};
use crate::execution_report;
use crate::interrupt::interrupted;
use crate::local::{LocalOptions, LocalSite};
use crate::output::{Outcome, Talk};
use crate::project_source::ProjectSource;

/// Show what Scale Out does, on this machine, in a minute
///
/// Starts a master and two workers on loopback (mutual TLS, certificates made on the spot, catalog
/// in a temporary folder), deploys two sample projects, runs both in Scale Out and ends with the
/// execution report. Everything is gone afterwards, also after Ctrl-C.
///
/// Examples:
///   soctl demo
///   soctl demo --keep /tmp/demo
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DemoArgs {
    /// Keep the input and output files in this new folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// Runs the demo; Ctrl-C cleans up too.
///
/// # Errors
/// A service cannot start, a package is refused, or someone pressed Ctrl-C.
pub async fn run(args: DemoArgs, talk: &Talk) -> Result<Outcome, CliError> {
    let scratch = tempfile::Builder::new()
        .prefix("soctl-demo-")
        .tempdir()
        .map_err(file_error("create a folder in", std::env::temp_dir()))?;
    let outcome = tokio::select! {
        done = on_a_site(&args, scratch.path(), talk) => done,
        () = interrupted() => Err(CommandError::Interrupted.into()),
    };
    let folder = scratch.path().to_owned();
    scratch.close().map_err(file_error("remove", folder))?;
    outcome
}

/// Starts the site, runs the packages, and stops the site whatever happened.
async fn on_a_site(args: &DemoArgs, scratch: &Path, talk: &Talk) -> Result<Outcome, CliError> {
    let files = args.keep.as_deref().unwrap_or(scratch);
    let (input, output) = (files.join("input"), files.join("output"));
    std::fs::create_dir_all(&input).map_err(file_error("create", &input))?;
    talk.say(&format!("writing two input files of {} rows", inputs::ROWS));
    inputs::write_inputs(&input).map_err(file_error("write into", &input))?;
    let options = LocalOptions {
        data: scratch.join("site"),
        port: Some(0),
        catalog: None,
        masters: 1,
        workers: 2,
        slots: None,
    };
    let site = LocalSite::start(options, talk).await?;
    let outcome = packages(&site, &input, &output, talk).await;
    site.shutdown().await;
    let mut outcome = outcome?;
    if args.keep.is_none() {
        outcome.report.after.push(
            "the output was in a temporary folder and is gone; `soctl demo --keep DIR` keeps it"
                .to_owned(),
        );
    }
    Ok(outcome)
}

async fn packages(
    site: &LocalSite,
    input: &Path,
    output: &Path,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    let client = &site.client;
    let [first, second] = samples::read()?;
    for (folder, source) in [("folder1", &first), ("folder2", &second)] {
        let deployed = deploy(client, folder, source).await?;
        talk.say(&format!("deployed {folder}/{}", deployed.project_name));
    }
    let named = site.workers.first().map(|worker| worker.id);
    let on_named = start(client, "folder1", &first, named.as_slice(), input, output).await?;
    let on_any = start(client, "folder2", &second, &[], input, output).await?;
    talk.say(&format!(
        "started execution {on_named} on worker1 and execution {on_any} on any worker"
    ));
    let ended = until_ended(client, &[on_named, on_any], talk).await?;
    execution_report::make(client, &ended, Timestamp::now()).await
}

/// Creates and starts an execution of the only package of a sample project.
async fn start(
    client: &Client,
    folder: &str,
    source: &ProjectSource,
    workers: &[Uuid],
    input: &Path,
    output: &Path,
) -> Result<i64, CliError> {
    let package = source
        .project
        .packages
        .first()
        .map(|package| package.file_name.clone())
        .unwrap_or_default();
    let parameter = |name: &str, value: &Path| ExecutionParameter {
        scope: ParameterScope::Project,
        name: name.to_owned(),
        value: json!(value.display().to_string()),
    };
    let new = NewExecution {
        workers: workers.to_vec(),
        parameters: vec![
            parameter("InputFolder", input),
            parameter("OutputFolder", output),
        ],
        ..NewExecution::new(folder, &source.project.name, &package)
    };
    let id = client.create_execution(&new).await?;
    client.start_execution(id, 0).await?;
    Ok(id)
}
