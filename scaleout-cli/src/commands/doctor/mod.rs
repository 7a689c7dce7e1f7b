//! `soctl doctor`: looks for what keeps master and workers apart, and says what cures it.

mod check;
mod folder;
mod master;
mod port;
mod remote;
mod worker;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use self::check::{Check, State};
use crate::args::GlobalArgs;
use crate::context::connect;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::service_folder::ServiceKind;
use crate::setup::options::DataFolder;

/// Find out why master and workers do not work together, and what cures it
///
/// On the machine of a master or worker it looks into the data folder of the service and at what it
/// reaches; with a context, a login or `SOCTL_TOKEN` it asks the master about itself and all workers. Each
/// check that fails is followed by its cause and by the command that cures it. The exit code is 1 if any
/// fails.
///
/// Examples:
///   soctl doctor
///   soctl doctor --data w
///   soctl doctor --data m --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DoctorArgs {
    #[command(flatten)]
    folder: DataFolder,
}

/// Runs all checks that can be run here.
///
/// # Errors
/// There is nothing to check: neither a service nor a master is known here.
pub async fn run(
    args: DoctorArgs,
    global: &GlobalArgs,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    let mut checks = Vec::new();
    let folder = args.folder.found();
    if let Ok((data, kind)) = &folder {
        checks.extend(folder::run(data, *kind, now));
        match kind {
            ServiceKind::Master => checks.extend(master::run(data, now).await),
            ServiceKind::Worker => checks.extend(worker::run(data, now).await),
        }
    }
    match connect(global) {
        Ok(client) => checks.extend(remote::run(&client, now).await),
        // Without a login there is still the folder to look at.
        Err(error) => {
            if let Err(missing) = folder {
                return Err(if args.folder.is_given() {
                    missing
                } else {
                    error
                });
            }
        }
    }
    Ok(outcome(&checks))
}

fn outcome(checks: &[Check]) -> Outcome {
    let mut report = Report::table(["check", "state", "what was found"]);
    report.rows = checks
        .iter()
        .map(|check| {
            vec![
                Cell::Text(check.name.to_owned()),
                check.state.cell(),
                Cell::Text(check.found.clone()),
            ]
        })
        .collect();
    let failed: Vec<&Check> = checks
        .iter()
        .filter(|check| check.state == State::Failed)
        .collect();
    for check in &failed {
        report
            .after
            .push(format!("{}: {}", check.name, check.found));
        report.after.push(format!("  cure: {}", check.cure));
    }
    if failed.is_empty() {
        report
            .after
            .push("nothing is wrong as far as can be seen from here".to_owned());
    }
    let json = json!({ "healthy": failed.is_empty(), "checks": checks });
    let code = u8::from(!failed.is_empty());
    Outcome::new(&json, report).exit_code(code)
}
