//! `soctl variables list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::{Rows, ViewQuery};

use crate::environment_choice::{Environment, EnvironmentChoice};
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{self, cell, text};

/// List the variables of an environment; the values of sensitive ones are not shown
///
/// Examples:
///   soctl variables list dev --folder Finance
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// The environment.
    #[command(flatten)]
    environment: EnvironmentChoice,
}

/// Reads `catalog.environment_variables`.
///
/// # Errors
/// There is no such environment, or the master refuses.
pub async fn run(args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let environment = args.environment.find(client).await?;
    let found = read(client, &environment).await?;
    Ok(Outcome::new(&rows::objects(&found), table(&found)))
}

/// The variables of an environment, by name.
///
/// # Errors
/// The master refuses.
pub async fn read(client: &Client, environment: &Environment) -> Result<Rows, CliError> {
    let query = ViewQuery {
        equals: vec![("environment_id".to_owned(), environment.id.to_string())],
        order_by: Some("name".to_owned()),
        ..ViewQuery::default()
    };
    Ok(client.view("environment_variables", &query).await?)
}

/// Variables as a table.
pub fn table(variables: &Rows) -> Report {
    let mut report = Report::table(["variable", "type", "value", "description"]);
    for row in variables.iter() {
        let value = match row.bit("sensitive") {
            Some(true) => Cell::Text("********".to_owned()),
            _ => cell(row, "value"),
        };
        report.rows.push(vec![
            Cell::Text(text(row, "name")),
            Cell::Text(text(row, "type")),
            value,
            Cell::Text(text(row, "description")),
        ]);
    }
    report
}
