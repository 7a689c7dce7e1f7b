//! `soctl lineage`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use scaleout_runtime::column_lineage::{ColumnLineage, PackageLineage, Place, lineage_of, mermaid};

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::package_password::PasswordOption;
use crate::project_source;

/// Show which source columns feed which destination columns, without any master
///
/// PATH is an .ispac, a folder that holds a .dtproj, or a bare .dtsx. Nothing is run and no
/// connection is opened: it is read from the same layout that the engine plans with, so components
/// that a run leaves out feed nothing. Each row is a column of a destination with the columns that
/// its values are made of and the expressions on the way. A `?` behind the sources says that some of
/// them may not take part: a component on the way does not say which of its columns it uses.
///
/// Examples:
///   soctl lineage src/Nightly/load.dtsx
///   soctl lineage bin/Nightly.ispac --output json
///   soctl lineage src/Nightly/load.dtsx --format mermaid > load.mmd
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct LineageArgs {
    /// What to look at
    path: PathBuf,
    /// Print a chart instead of what --output says
    #[arg(long, value_enum)]
    format: Option<ChartFormat>,
    /// Where the password is.
    #[command(flatten)]
    password: PasswordOption,
}

/// Kinds of charts.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ChartFormat {
    /// A flowchart in the language of mermaid
    Mermaid,
}

/// Reads and follows the columns.
///
/// # Errors
/// The project cannot be read.
pub fn run(args: &LineageArgs) -> Result<Outcome, CliError> {
    let project = project_source::read_in_place(&args.path, args.password.read()?)?;
    let packages = lineage_of(&project);
    Ok(match args.format {
        Some(ChartFormat::Mermaid) => Outcome::raw(mermaid(&packages)),
        None => Outcome::new(&packages, report(&packages)),
    })
}

fn report(packages: &[PackageLineage]) -> Report {
    let mut report = Report::table([
        "package",
        "task",
        "destination",
        "column",
        "sources",
        "through",
    ]);
    for package in packages {
        for task in &package.tasks {
            for column in &task.columns {
                report.rows.push(vec![
                    Cell::Text(package.package.clone()),
                    Cell::Text(task.path.clone()),
                    Cell::Text(place(&column.destination)),
                    Cell::Text(column.destination.column.clone()),
                    Cell::Text(sources(column)),
                    Cell::Text(through(column)),
                ]);
            }
        }
    }
    if report.rows.is_empty() {
        report.columns.clear();
        let nothing = "no data flow writes a column".to_owned();
        report.after.push(nothing);
    }
    report
}

/// The table or file, or the component where the package does not name one.
fn place(place: &Place) -> String {
    place
        .object
        .clone()
        .unwrap_or_else(|| place.component.clone())
}

fn sources(column: &ColumnLineage) -> String {
    let names = column.sources.iter();
    let names: Vec<String> = names
        .map(|source| format!("{}: {}", place(source), source.column))
        .collect();
    let doubt = if column.possibly_fewer { " ?" } else { "" };
    format!("{}{doubt}", names.join(", "))
}

fn through(column: &ColumnLineage) -> String {
    let steps = column.through.iter();
    let steps: Vec<String> = steps
        .map(|step| format!("{}: {}", step.component, step.expression))
        .collect();
    steps.join("; ")
}
