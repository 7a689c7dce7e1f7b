//! `soctl variables set`.

use clap::Args;
use scaleout_core::client::{Client, Row};
use serde_json::{Value, json};

use super::list::read;
use crate::environment_choice::{Environment, EnvironmentChoice};
use crate::error::{CliError, CommandError};
use crate::given_value::{GivenValue, ValueOptions};
use crate::output::{Outcome, Report};
use crate::rows::{arguments, text};

/// Set a variable of an environment, or create it
///
/// A variable once sensitive stays so; `soctl proc set_environment_variable_protection` can change
/// it. The value of a sensitive variable comes from a file, from stdin or from a variable of this
/// command's environment, never from the command line.
///
/// Examples:
///   soctl variables set dev Day --folder Finance --value 2026-01-31
///   soctl variables set dev Count --folder Finance --type Int32 --value 5
///   soctl variables set dev Password --folder Finance --sensitive \
///     --value-file password.txt
///   soctl variables set dev Home --folder Finance --value-env HOME
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct SetArgs {
    /// The environment.
    #[command(flatten)]
    environment: EnvironmentChoice,
    /// Name of the variable
    variable: String,
    /// The value.
    #[command(flatten)]
    value: ValueOptions,
    /// Type of a new variable, such as String, Int32, Boolean or DateTime; String if absent
    #[arg(long = "type", value_name = "TYPE")]
    data_type: Option<String>,
    /// Keep the value encrypted and never show it
    #[arg(long)]
    sensitive: bool,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// A variable as it is.
struct Existing {
    data_type: String,
    sensitive: bool,
}

/// Calls `create_environment_variable`, or what sets value, protection and description.
///
/// # Errors
/// There is no such environment, the value does not fit or is a secret in the open, or the master
/// refuses.
pub async fn run(args: SetArgs, client: &Client) -> Result<Outcome, CliError> {
    let environment = args.environment.find(client).await?;
    let existing = existing(client, &environment, &args.variable).await?;
    let given = args.value.read()?;
    let sensitive = args.sensitive || existing.as_ref().is_some_and(|one| one.sensitive);
    if let (Some(given), true) = (&given, sensitive) {
        given.check_hidden(&format!("variable `{}`", args.variable))?;
    }
    match &existing {
        None => create(client, &environment, &args, given).await?,
        Some(existing) => {
            check_type(&args, existing)?;
            change(client, &environment, &args, existing, given).await?;
        }
    }
    let done = if existing.is_some() { "set" } else { "created" };
    let line = format!("{done} `{}` of `{}`", args.variable, environment.name);
    let shown = json!({
        "folder_name": environment.folder,
        "environment_name": environment.name,
        "variable_name": args.variable,
        "created": existing.is_none(),
        "sensitive": sensitive,
    });
    Ok(Outcome::new(&shown, Report::lines([line])))
}

async fn existing(
    client: &Client,
    environment: &Environment,
    variable: &str,
) -> Result<Option<Existing>, CliError> {
    let wanted = variable.to_lowercase();
    let all = read(client, environment).await?;
    let named = |row: &Row<'_>| text(*row, "name").to_lowercase() == wanted;
    Ok(all.iter().find(named).map(|row| Existing {
        data_type: text(row, "type"),
        sensitive: row.bit("sensitive").unwrap_or(false),
    }))
}

fn check_type(args: &SetArgs, existing: &Existing) -> Result<(), CommandError> {
    match &args.data_type {
        Some(wanted) if !wanted.eq_ignore_ascii_case(&existing.data_type) => {
            Err(CommandError::Argument {
                message: format!(
                    "variable `{}` is of type {}, not {wanted}",
                    args.variable, existing.data_type
                ),
                hint:
                    "a variable keeps its type: leave `--type` out, or delete the variable first \
                       (`soctl variables delete`)"
                        .to_owned(),
            })
        }
        _ => Ok(()),
    }
}

async fn create(
    client: &Client,
    environment: &Environment,
    args: &SetArgs,
    given: Option<GivenValue>,
) -> Result<(), CliError> {
    let Some(given) = given else {
        return Err(CommandError::Argument {
            message: format!("variable `{}` is new and needs a value", args.variable),
            hint: "add `--value`, `--value-file` or `--value-env`".to_owned(),
        }
        .into());
    };
    let mut new = named(environment, &args.variable);
    new.extend(arguments([
        (
            "data_type",
            json!(args.data_type.as_deref().unwrap_or("String")),
        ),
        ("sensitive", json!(args.sensitive)),
        ("value", json!(given.text)),
        (
            "description",
            json!(args.description.as_deref().unwrap_or_default()),
        ),
    ]));
    client.call("create_environment_variable", new).await?;
    Ok(())
}

/// Protects first, so that no secret is ever stored in plain text.
async fn change(
    client: &Client,
    environment: &Environment,
    args: &SetArgs,
    existing: &Existing,
    given: Option<GivenValue>,
) -> Result<(), CliError> {
    let mut calls: Vec<(&str, Vec<(&str, Value)>)> = Vec::new();
    if args.sensitive && !existing.sensitive {
        let procedure = "set_environment_variable_protection";
        calls.push((procedure, vec![("sensitive", json!(true))]));
    }
    if let Some(given) = given {
        let procedure = "set_environment_variable_value";
        calls.push((procedure, vec![("value", json!(given.text))]));
    }
    if let Some(description) = &args.description {
        let property = vec![
            ("property_name", json!("Description")),
            ("property_value", json!(description)),
        ];
        calls.push(("set_environment_variable_property", property));
    }
    if calls.is_empty() {
        return Err(CommandError::Argument {
            message: format!("nothing is to be set of variable `{}`", args.variable),
            hint: "add `--value-file`, `--value`, `--value-env`, `--sensitive` or `--description`"
                .to_owned(),
        }
        .into());
    }
    for (procedure, more) in calls {
        let mut all = named(environment, &args.variable);
        all.extend(
            more.into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        client.call(procedure, all).await?;
    }
    Ok(())
}

fn named(environment: &Environment, variable: &str) -> scaleout_core::registry::Arguments {
    arguments([
        ("folder_name", json!(environment.folder)),
        ("environment_name", json!(environment.name)),
        ("variable_name", json!(variable)),
    ])
}
