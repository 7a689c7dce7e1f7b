//! `soctl validate`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use scaleout_runtime::run::SurveyOptions;
use scaleout_runtime::validation::{ProblemSeverity, ValidationReport, validate_project};

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::project_source;

/// Say what would not run, component by component, without any master
///
/// PATH is an .ispac, a folder that holds a .dtproj, or a bare .dtsx, which sees the project
/// parameters and connection managers that lie beside it. No connection is opened and
/// no file is looked at unless --connect. Exit code 1 when a package cannot run.
///
/// Examples:
///   soctl validate bin/Nightly.ispac
///   soctl validate src/Nightly/load.dtsx --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ValidateArgs {
    /// What to validate
    path: PathBuf,
    /// Open connections and look at files, as a run would
    #[arg(long)]
    connect: bool,
}

/// Reads and validates.
///
/// # Errors
/// The project cannot be read.
pub fn run(args: &ValidateArgs) -> Result<Outcome, CliError> {
    let project = project_source::read_in_place(&args.path)?;
    let validation = validate_project(
        &Arc::new(project),
        &SurveyOptions {
            connect: args.connect,
            ..SurveyOptions::default()
        },
    );
    let all_supported = validation.packages.iter().all(|package| package.supported);
    Ok(Outcome::new(&validation, report(&validation)).exit_code(u8::from(!all_supported)))
}

fn report(validation: &ValidationReport) -> Report {
    let mut report = Report::table(["package", "severity", "code", "where", "kind", "problem"]);
    for package in &validation.packages {
        for problem in &package.problems {
            let severity = match problem.severity {
                ProblemSeverity::Error => Cell::State {
                    text: "error".to_owned(),
                    good: Some(false),
                },
                ProblemSeverity::Warning => Cell::State {
                    text: "warning".to_owned(),
                    good: None,
                },
            };
            report.rows.push(vec![
                Cell::Text(package.name.clone()),
                severity,
                Cell::Text(problem.code.clone()),
                Cell::Text(problem.path.clone()),
                Cell::Text(problem.kind.clone()),
                Cell::Text(problem.message.clone()),
            ]);
        }
    }
    if report.rows.is_empty() {
        report.columns.clear();
    }
    let supported = validation
        .packages
        .iter()
        .filter(|package| package.supported)
        .count();
    report.after.push(format!(
        "{supported} of {} packages can run",
        validation.packages.len()
    ));
    report
}
