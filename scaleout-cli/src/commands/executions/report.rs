//! `soctl executions report`.

mod children;
mod components;
mod connections;
mod messages;
mod overview;
mod parameters;
mod runs;
mod tasks;
mod validations;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use scaleout_core::client::{Client, Execution};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{CliError, CommandError};
use crate::output::{Outcome, OutputFormat, Report};

/// Report on one execution, page by page, as the standard reports of SSISDB do
///
/// Pages: `overview` with `tasks`, `children` (packages that Execute Package tasks ran) and
/// `parameters`; `executions` (all of the same package), `messages`, `performance` with `runs` (the
/// last ten that succeeded) and `components`, `validations` and `connections` (those that failed).
/// Without --page all of them; CSV holds one table and needs one --page.
///
/// Times of components are there at the logging levels Performance and Verbose.
///
/// Examples:
///   soctl executions report 42
///   soctl executions report 42 --page overview --page children
///   soctl executions report 42 --page tasks --output csv
///   soctl executions report 42 --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ReportArgs {
    /// Execution id
    execution_id: i64,
    /// Only this page; may be repeated
    #[arg(long = "page", value_enum, value_name = "PAGE")]
    pages: Vec<Page>,
    /// Most rows of the pages `executions`, `messages` and `validations`
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: u32,
}

/// A table of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Page {
    /// What ran where, and how it ended
    Overview,
    /// Every run of every task and container
    Tasks,
    /// Packages that Execute Package tasks ran
    Children,
    /// Values that it ran with
    Parameters,
    /// All executions of the same package
    Executions,
    /// What it said
    Messages,
    /// How long it took, against what is usual
    Performance,
    /// The last ten runs that succeeded
    Runs,
    /// Active and total time of the components of data flows
    Components,
    /// Validations of the package and its project
    Validations,
    /// Connections that failed
    Connections,
}

impl Page {
    /// The key in JSON.
    fn key(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Tasks => "tasks",
            Self::Children => "children",
            Self::Parameters => "parameters",
            Self::Executions => "executions",
            Self::Messages => "messages",
            Self::Performance => "performance",
            Self::Runs => "runs",
            Self::Components => "components",
            Self::Validations => "validations",
            Self::Connections => "connections",
        }
    }

    /// The line above the table.
    fn heading(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Tasks => "Tasks and containers",
            Self::Children => "Child packages",
            Self::Parameters => "Parameters used",
            Self::Executions => "All executions of this package",
            Self::Messages => "All messages",
            Self::Performance => "Execution performance",
            Self::Runs => "Last ten runs that succeeded",
            Self::Components => "Components of data flows",
            Self::Validations => "Validations",
            Self::Connections => "Connections that failed",
        }
    }
}

/// What the pages are about.
struct Subject<'c> {
    client: &'c Client,
    execution: Execution,
    limit: u32,
    now: Timestamp,
}

/// One page as data and as people see it.
struct Drawn {
    data: serde_json::Result<Value>,
    table: Report,
}

impl Drawn {
    fn new(data: &impl Serialize, table: Report) -> Self {
        Self {
            data: serde_json::to_value(data),
            table,
        }
    }
}

/// Reads the pages from the views of the catalog.
///
/// # Errors
/// There is no such execution, the master refuses, or CSV was asked for with more than one page.
pub async fn run(
    args: ReportArgs,
    client: &Client,
    format: OutputFormat,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    let pages = match args.pages.as_slice() {
        [] => Page::value_variants(),
        pages => pages,
    };
    check_format(format, pages.len())?;
    let subject = Subject {
        client,
        execution: client.execution(args.execution_id).await?,
        limit: args.limit,
        now,
    };
    let mut data = Map::new();
    let mut tables = Vec::with_capacity(pages.len());
    for page in pages {
        let mut drawn = draw(*page, &subject).await?;
        if format == OutputFormat::Table {
            drawn.table.before.insert(0, page.heading().to_owned());
        }
        tables.push(drawn.table);
        match drawn.data {
            Ok(value) => data.insert(page.key().to_owned(), value),
            // Said where it is printed.
            broken @ Err(_) => {
                return Ok(Outcome {
                    json: broken,
                    ..Outcome::silent()
                });
            }
        };
    }
    let mut tables = tables.into_iter();
    let mut report = tables.next().unwrap_or_default();
    report.further.extend(tables);
    Ok(Outcome::new(&data, report))
}

fn check_format(format: OutputFormat, pages: usize) -> Result<(), CommandError> {
    if format != OutputFormat::Csv || pages == 1 {
        return Ok(());
    }
    Err(CommandError::Argument {
        message: format!("CSV holds one table, and the report has {pages}"),
        hint: "name one with `--page`, such as `--page tasks`, or take `--output json`".to_owned(),
    })
}

async fn draw(page: Page, subject: &Subject<'_>) -> Result<Drawn, CliError> {
    match page {
        Page::Overview => overview::draw(subject).await,
        Page::Tasks => tasks::draw(subject).await,
        Page::Children => children::draw(subject).await,
        Page::Parameters => parameters::draw(subject).await,
        Page::Executions => runs::draw_all(subject).await,
        Page::Messages => messages::draw(subject).await,
        Page::Performance => runs::draw_performance(subject).await,
        Page::Runs => runs::draw_last(subject).await,
        Page::Components => components::draw(subject).await,
        Page::Validations => validations::draw(subject).await,
        Page::Connections => connections::draw(subject).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_holds_one_page_and_the_others_any_number() {
        assert!(check_format(OutputFormat::Csv, 1).is_ok());
        let refused = check_format(OutputFormat::Csv, 2).unwrap_err();
        assert!(refused.to_string().contains("has 2"), "{refused}");
        assert!(check_format(OutputFormat::Json, 11).is_ok());
        assert!(check_format(OutputFormat::Table, 11).is_ok());
    }
}
