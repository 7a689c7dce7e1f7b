//! `soctl job history`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::{Arguments, Rows, ViewQuery};
use serde_json::Value;

use super::named::{duration, job, moment, outcome};
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{self, text};

/// Show how jobs and their steps ran, the latest first
///
/// Examples:
///   soctl job history
///   soctl job history nightly --limit 50
///   soctl job history nightly --failed
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct HistoryArgs {
    /// The job, by name or id; all jobs when left out
    job: Option<String>,
    /// Only what failed
    #[arg(long)]
    failed: bool,
    /// Most entries to show
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: usize,
}

/// Calls `sp_help_jobhistory`.
///
/// # Errors
/// The master refuses.
pub async fn run(args: HistoryArgs, client: &Client) -> Result<Outcome, CliError> {
    let mut wanted: Arguments = args.job.as_deref().map(job).unwrap_or_default();
    if args.failed {
        wanted.insert("run_status".to_owned(), Value::from(0));
    }
    let found = client.call("sp_help_jobhistory", wanted).await?;
    let mut found = found.rows.unwrap_or_default();
    if let (Some(named), true) = (&args.job, found.rows.is_empty()) {
        // Says so when there is no such job.
        client.call("sp_help_job", job(named)).await?;
    }
    found.rows.truncate(args.limit);
    Ok(shown(&found, args.job.is_none()))
}

/// The entries of one run, in their order.
///
/// # Errors
/// The master refuses.
pub async fn of_run(client: &Client, run_id: i64) -> Result<Outcome, CliError> {
    let query = ViewQuery {
        equals: vec![("run_id".to_owned(), run_id.to_string())],
        ..ViewQuery::default()
    };
    let found = client.view("sysjobhistory", &query).await?;
    Ok(shown(&found, false))
}

fn shown(found: &Rows, of_all_jobs: bool) -> Outcome {
    let mut report = Report::table([
        "run", "began", "step", "outcome", "took", "where", "message",
    ]);
    if of_all_jobs {
        report.columns.insert(1, "job".to_owned());
    }
    for row in found.iter() {
        let number = |column: &str| row.value(column).and_then(Value::as_i64);
        let step = match number("step_id") {
            Some(0) | None => "(whole job)".to_owned(),
            Some(step) => format!("{step} {}", text(row, "step_name")),
        };
        let mut cells = vec![
            rows::cell(row, "run_id"),
            Cell::Text(moment(number("run_date"), number("run_time"))),
            Cell::Text(step),
            Cell::Text(outcome(number("run_status")).to_owned()),
            Cell::Text(duration(number("run_duration"))),
            rows::cell(row, "server"),
            rows::cell(row, "message"),
        ];
        if of_all_jobs {
            cells.insert(1, rows::cell(row, "job_name"));
        }
        report.rows.push(cells);
    }
    if report.rows.is_empty() {
        report.after.push("no runs".to_owned());
    }
    Outcome::new(&rows::objects(found), report)
}
