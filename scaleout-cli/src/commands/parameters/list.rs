//! `soctl parameters list`.

use clap::Args;
use scaleout_core::client::{Client, ParameterScope};
use serde_json::{Value, json};

use super::declared::{Declared, read};
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::project_choice::ProjectChoice;

/// List the parameters of a project and its packages, with the values they have on the server
///
/// Parameters of connection managers, CM.NAME.PROPERTY, are listed with --connections.
///
/// Examples:
///   soctl parameters list Nightly
///   soctl parameters list Nightly --folder Finance --package load.dtsx
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// The project.
    #[command(flatten)]
    project: ProjectChoice,
    /// Only what an execution of this package has
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// The parameters of connection managers too
    #[arg(long)]
    connections: bool,
}

/// Reads `catalog.object_parameters`.
///
/// # Errors
/// There is no such project, or the master refuses.
pub async fn run(args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let project = args.project.find(client).await?;
    let mut all = read(client, project.id).await?;
    all.retain(|one| {
        let is_connection = one.name.to_ascii_uppercase().starts_with("CM.");
        (args.connections || !is_connection)
            && args.package.as_ref().is_none_or(|name| one.is_of(name))
    });
    let mut report = Report::table([
        "of",
        "parameter",
        "type",
        "required",
        "design default",
        "server value",
        "variable",
    ]);
    for one in &all {
        report.rows.push(vec![
            Cell::Text(one.object.clone()),
            Cell::Text(one.name.clone()),
            Cell::Text(one.data_type.clone()),
            Cell::Text(if one.required { "yes" } else { "" }.to_owned()),
            masked(one, &one.design, true),
            masked(one, &one.server, one.value_set && one.variable.is_none()),
            one.variable.clone().map_or(Cell::Empty, Cell::Text),
        ]);
    }
    let shown: Vec<Value> = all.iter().map(as_json).collect();
    Ok(Outcome::new(&shown, report))
}

fn masked(one: &Declared, value: &Value, set: bool) -> Cell {
    if one.sensitive && set {
        return Cell::Text("********".to_owned());
    }
    Cell::from_json(value)
}

fn as_json(one: &Declared) -> Value {
    json!({
        "scope": match one.scope {
            ParameterScope::Project => "project",
            _ => "package",
        },
        "object_name": one.object,
        "parameter_name": one.name,
        "data_type": one.data_type,
        "required": one.required,
        "sensitive": one.sensitive,
        "design_default_value": one.design,
        "server_value": one.server,
        "value_set": one.value_set,
        "referenced_variable_name": one.variable,
    })
}
