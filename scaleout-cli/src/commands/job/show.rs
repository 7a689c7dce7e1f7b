//! `soctl job show`.

use clap::Args;
use scaleout_core::client::{Client, Row};
use scaleout_core::jobs::schedule::{ScheduleNumbers, zone};
use scaleout_core::registry::{Rows, ViewQuery};
use serde_json::{Value, json};

use super::named::{job, moment, outcome};
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{self, text};

/// Show a job with its steps and schedules
///
/// Examples:
///   soctl job show nightly
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// The job, by name or id
    job: String,
}

/// Calls `sp_help_job` and `sp_help_jobstep`, and reads the schedules.
///
/// # Errors
/// There is no such job, or the master refuses.
pub async fn run(args: ShowArgs, client: &Client) -> Result<Outcome, CliError> {
    let found = client.call("sp_help_job", job(&args.job)).await?;
    let jobs = found.rows.unwrap_or_default();
    let steps = client.call("sp_help_jobstep", job(&args.job)).await?;
    let steps = steps.rows.unwrap_or_default();
    let job_id = jobs.iter().next().map(|row| text(row, "job_id"));
    let job_id = job_id.unwrap_or_default();
    let of_job = ViewQuery {
        equals: vec![("job_id".to_owned(), job_id)],
        ..ViewQuery::default()
    };
    let details = client.view("sysjobs", &of_job).await?;
    let uses = client.view("sysjobschedules", &of_job).await?;
    let schedules = client.view("sysschedules", &ViewQuery::default()).await?;
    let mut report = Report::table([
        "step",
        "name",
        "subsystem",
        "command",
        "on success",
        "on failure",
        "retries",
        "last",
    ]);
    for row in steps.iter() {
        report.rows.push(step(row));
    }
    for row in details.iter() {
        let fact = |name: &str, column: &str| format!("{name}: {}", shown(row, column));
        report.after.push(fact("job", "name"));
        report.after.push(fact("owner", "owner_login_name"));
        report.after.push(fact("target", "server_name"));
        report.after.push(fact("while it runs", "overlap_policy"));
        report.after.push(fact("missed times", "missed_run_policy"));
    }
    for used in uses.iter() {
        let id = used.value("schedule_id");
        let Some(row) = schedules.iter().find(|row| row.value("schedule_id") == id) else {
            continue;
        };
        let next = moment(number(used, "next_run_date"), number(used, "next_run_time"));
        let next = if next.is_empty() {
            String::new()
        } else {
            format!(", next {next}")
        };
        report.after.push(format!(
            "schedule {}: {}{next}",
            shown(row, "name"),
            in_words(row)
        ));
    }
    let data = json!({
        "job": first(&jobs),
        "details": first(&details),
        "steps": rows::objects(&steps),
        "schedules": rows::objects(&uses),
    });
    Ok(Outcome::new(&data, report))
}

fn first(rows: &Rows) -> Value {
    rows::objects(rows).get(0).cloned().unwrap_or_default()
}

fn number(row: Row<'_>, column: &str) -> Option<i64> {
    row.value(column).and_then(Value::as_i64)
}

fn shown(row: Row<'_>, column: &str) -> String {
    match text(row, column) {
        empty if empty.is_empty() => "(none)".to_owned(),
        text => text,
    }
}

fn step(row: Row<'_>) -> Vec<Cell> {
    let action = |action: &str, to: &str| match number(row, action) {
        Some(1) => "quit with success".to_owned(),
        Some(2) => "quit with failure".to_owned(),
        Some(3) => "next step".to_owned(),
        _ => format!("step {}", number(row, to).unwrap_or_default()),
    };
    vec![
        rows::cell(row, "step_id"),
        rows::cell(row, "step_name"),
        rows::cell(row, "subsystem"),
        rows::cell(row, "command"),
        Cell::Text(action("on_success_action", "on_success_step_id")),
        Cell::Text(action("on_fail_action", "on_fail_step_id")),
        rows::cell(row, "retry_attempts"),
        Cell::Text(outcome(number(row, "last_run_outcome")).to_owned()),
    ]
}

/// A row of `sysschedules` in words.
pub fn in_words(row: Row<'_>) -> String {
    let get = |column: &str| number(row, column).unwrap_or_default();
    let numbers = ScheduleNumbers {
        freq_type: get("freq_type"),
        freq_interval: get("freq_interval"),
        freq_subday_type: get("freq_subday_type"),
        freq_subday_interval: get("freq_subday_interval"),
        freq_relative_interval: get("freq_relative_interval"),
        freq_recurrence_factor: get("freq_recurrence_factor"),
        active_start_date: get("active_start_date"),
        active_end_date: get("active_end_date"),
        active_start_time: get("active_start_time"),
        active_end_time: get("active_end_time"),
    };
    let read = zone(&text(row, "time_zone")).and_then(|zone| numbers.read(zone));
    let words = read.map_or_else(|fault| fault.to_string(), |schedule| schedule.to_string());
    if get("enabled") == 1 {
        words
    } else {
        format!("{words}, disabled")
    }
}
