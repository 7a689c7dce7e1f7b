//! `soctl logging-levels list`.

use clap::Args;
use scaleout_core::client::{Client, Row};
use scaleout_core::model::customized_level::{events_names, profile_names};
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::text;

/// List the customized logging levels and what they log
///
/// Examples:
///   soctl logging-levels list
///   soctl logging-levels list --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {}

/// A level as it is shown.
#[derive(Serialize)]
struct Level {
    level_id: i64,
    name: String,
    description: String,
    events: Vec<&'static str>,
    events_with_context: Vec<&'static str>,
    statistics: Vec<&'static str>,
    events_value: i64,
    profile_value: i64,
}

/// Reads `catalog.customized_logging_levels`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let found = client
        .view("customized_logging_levels", &ViewQuery::default())
        .await?;
    let levels: Vec<Level> = found.iter().map(level).collect();
    let mut report = Report::table([
        "name",
        "events",
        "with context",
        "statistics",
        "description",
    ]);
    for level in &levels {
        report.rows.push(vec![
            Cell::Text(level.name.clone()),
            Cell::Text(level.events.join(", ")),
            Cell::Text(level.events_with_context.join(", ")),
            Cell::Text(level.statistics.join(", ")),
            Cell::Text(level.description.clone()),
        ]);
    }
    if levels.is_empty() {
        report.after.push("no customized logging levels".to_owned());
    }
    Ok(Outcome::new(&levels, report))
}

fn level(row: Row<'_>) -> Level {
    let events_value = row.integer("events_value").unwrap_or_default();
    let profile_value = row.integer("profile_value").unwrap_or_default();
    Level {
        level_id: row.integer("level_id").unwrap_or_default(),
        name: text(row, "name"),
        description: text(row, "description"),
        events: events_names(events_value, false),
        events_with_context: events_names(events_value, true),
        statistics: profile_names(profile_value),
        events_value,
        profile_value,
    }
}
