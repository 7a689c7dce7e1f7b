//! `soctl parameters explain`.

use clap::Args;
use scaleout_core::client::{Client, ParameterScope, Row};
use scaleout_core::registry::{Rows, ViewQuery};
use serde::Serialize;
use serde_json::{Value, json};

use super::declared::{Declared, read};
use super::source::{Chosen, Recorded, Source, Variable, of_execution, of_new_execution};
use crate::catalog_names::{PackagePlace, packages};
use crate::environment_choice::environments;
use crate::error::{CliError, CommandError};
use crate::output::{Cell, Outcome, Report};
use crate::package_choice::Wanted;
use crate::reference_choice::Referring;
use crate::rows::{arguments, text};

/// Show the value that each parameter of a package has, and where it comes from
///
/// With a package: what an execution created now would get. With --execution: what that one has. An
/// execution's own value counts before a server value or an environment variable, and these before
/// the design default. Parameters of connection managers are left out of the table while they have
/// their design default.
///
/// Examples:
///   soctl parameters explain load.dtsx --folder Finance --project Nightly
///   soctl parameters explain load.dtsx --folder Finance --project Nightly \
///     --environment dev
///   soctl parameters explain --execution 42
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ExplainArgs {
    /// Package of the catalog
    #[arg(required_unless_present = "execution")]
    package: Option<String>,
    /// Folder of the package
    #[arg(long, value_name = "NAME")]
    folder: Option<String>,
    /// Project of the package
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Environment that an execution would have
    #[arg(long, value_name = "[FOLDER/]NAME")]
    environment: Option<String>,
    /// An execution that there is
    #[arg(long, value_name = "ID", conflicts_with_all = ["package", "folder", "project", "environment"])]
    execution: Option<i64>,
}

/// A parameter with its value and where that comes from.
#[derive(Serialize)]
struct Explained {
    scope: &'static str,
    parameter_name: String,
    data_type: String,
    required: bool,
    sensitive: bool,
    value: Value,
    source: Source,
    why: String,
    referenced_variable_name: Option<String>,
}

/// Asks the catalog for values and sources.
///
/// # Errors
/// There is no such package, reference or execution, or the master refuses.
pub async fn run(args: ExplainArgs, client: &Client) -> Result<Outcome, CliError> {
    let explained = match (args.execution, &args.package) {
        (Some(id), _) => of_one_execution(client, id).await?,
        (None, package) => {
            let wanted = Wanted {
                folder: args.folder.as_deref(),
                project: args.project.as_deref(),
            };
            let all = packages(client).await?;
            let place = wanted.find(&all, package.as_deref().unwrap_or_default())?;
            before_execution(client, place, args.environment.as_deref()).await?
        }
    };
    Ok(Outcome::new(&explained, report(&explained)))
}

async fn before_execution(
    client: &Client,
    place: &PackagePlace,
    environment: Option<&str>,
) -> Result<Vec<Explained>, CliError> {
    let chosen = match environment {
        Some(environment) => Some(choose(client, place, environment).await?),
        None => None,
    };
    let declared = read(client, place.project_id).await?;
    let package = arguments([
        ("folder_name", json!(place.folder)),
        ("project_name", json!(place.project)),
        ("package_name", json!(place.package)),
        (
            "reference_id",
            json!(chosen.as_ref().map(|chosen| chosen.reference.id)),
        ),
    ]);
    let values = client.call("get_parameter_values", package).await?;
    let values = values.rows.unwrap_or_default();
    let explained = values.iter().filter_map(|row| {
        let scope = scope_of(row)?;
        let name = text(row, "parameter_name");
        let same =
            |one: &&Declared| one.scope == scope && one.name == name && one.is_of(&place.package);
        let declared = declared.iter().find(same)?;
        let (source, why) = of_new_execution(declared, chosen.as_ref());
        Some(row_explained(
            row,
            scope,
            source,
            why,
            declared.variable.clone(),
        ))
    });
    Ok(explained.collect())
}

/// The reference to an environment, and what that has.
async fn choose(
    client: &Client,
    place: &PackagePlace,
    environment: &str,
) -> Result<Chosen, CliError> {
    let project = Referring {
        id: place.project_id,
        folder: &place.folder,
        project: &place.project,
    };
    let reference = project.find(client, environment).await?;
    let target = reference.target(&place.folder);
    let all = environments(client).await?;
    let named = |folder: &str, name: &str| {
        format!("{folder}/{name}").to_lowercase() == target.to_lowercase()
    };
    let variables = match all.iter().find(|one| named(&one.folder, &one.name)) {
        Some(found) => crate::commands::variables::list::read(client, found).await?,
        // The catalog says what is wrong when it follows the reference.
        None => Rows::default(),
    };
    Ok(Chosen {
        reference,
        environment: target,
        variables: variables
            .iter()
            .map(|row| Variable {
                name: text(row, "name"),
                data_type: text(row, "type"),
                sensitive: row.bit("sensitive").unwrap_or(false),
            })
            .collect(),
    })
}

async fn of_one_execution(client: &Client, id: i64) -> Result<Vec<Explained>, CliError> {
    let of = |view: &'static str| async move {
        let query = ViewQuery {
            equals: vec![("execution_id".to_owned(), id.to_string())],
            limit: Some(10_000),
            ..ViewQuery::default()
        };
        client.view(view, &query).await
    };
    let executions = of("executions").await?;
    let Some(execution) = executions.iter().next() else {
        return Err(CommandError::NotFound {
            kind: "execution",
            name: id.to_string(),
            place: " in the catalog".to_owned(),
            hint: "`soctl executions list` shows the executions".to_owned(),
        }
        .into());
    };
    let environment = environment_of(execution);
    let (values, sources) = (
        of("execution_parameter_values").await?,
        of("execution_parameter_sources").await?,
    );
    let explained = values.iter().filter_map(|row| {
        let scope = scope_of(row)?;
        let key = row.integer("execution_parameter_id")?;
        let found = sources
            .iter()
            .find(|source| source.integer("execution_parameter_id") == Some(key))?;
        let variable = found.text("referenced_variable_name");
        let (source, why) = of_execution(&Recorded {
            value_source: found.text("value_source")?,
            variable,
            required: row.bit("required")?,
            value_set: row.bit("value_set")?,
            environment: &environment,
        });
        Some(row_explained(
            row,
            scope,
            source,
            why,
            variable.map(str::to_owned),
        ))
    });
    Ok(explained.collect())
}

fn environment_of(execution: Row<'_>) -> String {
    format!(
        "environment `{}/{}`, through reference {} ({})",
        text(execution, "environment_folder_name"),
        text(execution, "environment_name"),
        execution.integer("reference_id").unwrap_or_default(),
        match execution.text("reference_type") {
            Some("A") => "absolute",
            _ => "relative",
        }
    )
}

/// Options of an execution are no parameters of the package.
fn scope_of(row: Row<'_>) -> Option<ParameterScope> {
    match ParameterScope::from_number(row.integer("object_type")?)? {
        ParameterScope::Execution => None,
        scope => Some(scope),
    }
}

fn row_explained(
    row: Row<'_>,
    scope: ParameterScope,
    source: Source,
    why: String,
    variable: Option<String>,
) -> Explained {
    Explained {
        scope: match scope {
            ParameterScope::Project => "project",
            ParameterScope::Package | ParameterScope::Execution => "package",
        },
        parameter_name: text(row, "parameter_name"),
        data_type: text(row, "parameter_data_type"),
        required: row.bit("required").unwrap_or(false),
        sensitive: row.bit("sensitive").unwrap_or(false),
        value: row.value("parameter_value").cloned().unwrap_or(Value::Null),
        source,
        why,
        referenced_variable_name: variable,
    }
}

fn report(all: &[Explained]) -> Report {
    let mut report = Report::table(["scope", "parameter", "value", "from", "why"]);
    let is_plain = |one: &&Explained| {
        one.source == Source::Design && one.parameter_name.to_ascii_uppercase().starts_with("CM.")
    };
    for one in all.iter().filter(|one| !is_plain(one)) {
        let value = match (one.sensitive, one.source) {
            (_, Source::Nothing) => Cell::Empty,
            (true, _) => Cell::Text("********".to_owned()),
            (false, _) => Cell::from_json(&one.value),
        };
        report.rows.push(vec![
            Cell::Text(one.scope.to_owned()),
            Cell::Text(one.parameter_name.clone()),
            value,
            Cell::State {
                text: one.source.as_str().to_owned(),
                good: (one.source == Source::Nothing).then_some(false),
            },
            Cell::Text(one.why.clone()),
        ]);
    }
    let hidden = all.iter().filter(is_plain).count();
    if hidden > 0 {
        report.after.push(format!(
            "{hidden} parameters of connection managers have their design default"
        ));
    }
    report
}
