//! `soctl view`: any catalog view by its name.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::{ViewQuery, all_views};
use serde::Serialize;

use super::proc::name_and_value;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows;

/// Read a catalog view by its name
///
/// Examples:
///   soctl view --list
///   soctl view executions --where status=4 \
///     --order-by execution_id --descending --limit 20
///   soctl view event_messages --where operation_id=42 --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ViewArgs {
    /// Name of the view, with or without `catalog.`
    #[arg(required_unless_present = "list")]
    pub name: Option<String>,
    /// List all views with their columns, without reading any
    #[arg(long, conflicts_with = "name")]
    pub list: bool,
    /// Only rows whose column has this value; may be repeated
    #[arg(short, long = "where", value_name = "COLUMN=VALUE", value_parser = name_and_value)]
    pub equals: Vec<(String, String)>,
    /// Only rows whose column is greater than this value
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = name_and_value)]
    pub after: Vec<(String, String)>,
    /// Column to order by
    #[arg(long, value_name = "COLUMN")]
    pub order_by: Option<String>,
    /// Highest first
    #[arg(long, requires = "order_by")]
    pub descending: bool,
    /// Most rows to read
    #[arg(long, value_name = "ROWS", default_value_t = 1000)]
    pub limit: u32,
}

#[derive(Serialize)]
struct Declared {
    name: &'static str,
    summary: &'static str,
    columns: Vec<DeclaredColumn>,
}

#[derive(Serialize)]
struct DeclaredColumn {
    name: &'static str,
    #[serde(rename = "type")]
    sql_type: String,
}

/// The registry's views.
#[must_use]
pub fn list() -> Outcome {
    let declared: Vec<Declared> = all_views()
        .map(|view| Declared {
            name: view.name,
            summary: view.summary,
            columns: view
                .columns
                .iter()
                .map(|column| DeclaredColumn {
                    name: column.name,
                    sql_type: column.sql_type.to_string(),
                })
                .collect(),
        })
        .collect();
    let mut report = Report::table(["view", "columns", "what a row is"]);
    for view in &declared {
        let columns: Vec<&str> = view.columns.iter().map(|column| column.name).collect();
        report.rows.push(vec![
            Cell::Text(view.name.to_owned()),
            Cell::Text(columns.join(", ")),
            Cell::Text(view.summary.to_owned()),
        ]);
    }
    Outcome::new(&declared, report)
}

/// Reads the view.
///
/// # Errors
/// The master refuses.
pub async fn run(args: ViewArgs, client: &Client) -> Result<Outcome, CliError> {
    let name = args.name.unwrap_or_default();
    let bare = name.strip_prefix("catalog.").unwrap_or(&name);
    let query = ViewQuery {
        equals: args.equals,
        greater: args.after,
        order_by: args.order_by,
        descending: args.descending,
        limit: Some(args.limit),
    };
    let found = client.view(bare, &query).await?;
    Ok(Outcome::new(&rows::objects(&found), rows::report(&found)))
}
