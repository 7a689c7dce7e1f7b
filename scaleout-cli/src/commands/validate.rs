//! `soctl validate`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use scaleout_runtime::data_flow::codes::UNUSED_COLUMN;
use scaleout_runtime::run::SurveyOptions;
use scaleout_runtime::validation::{Problem, ProblemSeverity, ValidationReport, validate_project};

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::package_password::PasswordOption;
use crate::project_source;

/// Say what would not run, component by component, without any master
///
/// PATH is an .ispac, a folder that holds a .dtproj, or a bare .dtsx, which sees the project
/// parameters and connection managers that lie beside it. No connection is opened and
/// no file is looked at unless --connect. Exit code 1 when a package cannot run. What stops a
/// package comes first, then the warnings, with the unused columns of a component in one line;
/// --output json has everything, one problem each, in the order of the package.
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
    /// Where the password is.
    #[command(flatten)]
    password: PasswordOption,
}

/// Reads and validates.
///
/// # Errors
/// The project cannot be read.
pub fn run(args: &ValidateArgs) -> Result<Outcome, CliError> {
    let project = project_source::read_in_place(&args.path, args.password.read()?)?;
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

/// A row of the table.
struct Row<'v> {
    package: &'v str,
    problem: &'v Problem,
    /// All columns of the component that have the same problem, this one's first.
    columns: Vec<&'v str>,
}

impl Row<'_> {
    fn message(&self) -> String {
        const NAMED: usize = 3;
        if self.columns.len() < 2 {
            return self.problem.message.clone();
        }
        let names = self.columns.iter().take(NAMED);
        let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        let more = match self.columns.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "{} columns are never used: {}{more}; removing them makes the data flow faster",
            self.columns.len(),
            names.join(", ")
        )
    }
}

/// What stops a package first, then the warnings; the unused columns of a component in one row,
/// since they would bury the rest.
fn rows(validation: &ValidationReport) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for package in &validation.packages {
        for problem in &package.problems {
            let column = problem
                .column
                .as_deref()
                .filter(|_| problem.code == UNUSED_COLUMN);
            let same = |row: &&mut Row<'_>| {
                row.package == package.name
                    && row.problem.code == problem.code
                    && row.problem.path == problem.path
            };
            match column.and_then(|name| Some((name, rows.iter_mut().find(same)?))) {
                Some((name, row)) => row.columns.push(name),
                None => rows.push(Row {
                    package: &package.name,
                    problem,
                    columns: column.into_iter().collect(),
                }),
            }
        }
    }
    rows.sort_by_key(|row| !row.problem.is_error());
    rows
}

fn report(validation: &ValidationReport) -> Report {
    let mut report = Report::table(["package", "severity", "code", "where", "kind", "problem"]);
    for row in rows(validation) {
        let problem = row.problem;
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
            Cell::Text(row.package.to_owned()),
            severity,
            Cell::Text(problem.code.clone()),
            Cell::Text(problem.path.clone()),
            Cell::Text(problem.kind.clone()),
            Cell::Text(row.message()),
        ]);
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

#[cfg(test)]
mod tests {
    use scaleout_runtime::validation::PackageReport;

    use super::*;

    fn unused(path: &str, column: &str) -> Problem {
        let text = format!("column `{column}` is never used");
        Problem::warning(UNUSED_COLUMN, path, "Source", text).about_column(column)
    }

    fn shown(problems: Vec<Problem>) -> Vec<String> {
        let validation = ValidationReport {
            packages: vec![PackageReport {
                name: "p.dtsx".to_owned(),
                supported: false,
                problems,
            }],
        };
        let rows = report(&validation).rows;
        let last = |row: &Vec<Cell>| row.last().map(|cell| cell.shown().into_owned());
        rows.iter().filter_map(last).collect()
    }

    #[test]
    fn errors_come_first_and_the_unused_columns_of_a_component_are_one_row() {
        let rows = shown(vec![
            unused("\\a", "c1"),
            unused("\\b", "d1"),
            unused("\\a", "c2"),
            Problem::warning("0x80208386", "\\a", "Source", "rows are lost"),
            unused("\\a", "c3"),
            unused("\\a", "c4"),
            unused("\\a", "c5"),
            Problem::error("SO4001", "\\t", "Task", "no engine"),
        ]);
        assert_eq!(
            rows,
            [
                "no engine",
                "5 columns are never used: `c1`, `c2`, `c3` and 2 more; removing them makes the data flow faster",
                "column `d1` is never used",
                "rows are lost",
            ]
        );
    }
}
