//! `soctl logging-levels set`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::masks::MaskArgs;
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Change what a logging level logs, or its description
///
/// The events named replace all that it logged before, and so do the statistics. Executions that
/// have started keep what the level logged then.
///
/// Examples:
///   soctl logging-levels set errors --event OnError --event OnTaskFailed
///   soctl logging-levels set errors --statistics Performance
///   soctl logging-levels set errors --description 'What wakes people up'
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct SetArgs {
    /// Name of the level
    name: String,
    #[command(flatten)]
    masks: MaskArgs,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Calls `set_customized_logging_level_value` and `set_customized_logging_level_description`.
///
/// # Errors
/// There is no such level, nothing is to be changed, or the master refuses.
pub async fn run(args: SetArgs, client: &Client) -> Result<Outcome, CliError> {
    let masks = [
        ("EVENTS", args.masks.events()?),
        ("PROFILE", args.masks.statistics()?),
    ];
    if args.description.is_none() && masks.iter().all(|(_, mask)| mask.is_none()) {
        return Err(CommandError::Argument {
            message: "nothing is to be changed".to_owned(),
            hint: "give `--event`, `--event-with-context`, `--statistics` or `--description`"
                .to_owned(),
        }
        .into());
    }
    for (property, mask) in masks {
        let Some(mask) = mask else { continue };
        let named = arguments([
            ("level_name", json!(args.name)),
            ("property_name", json!(property)),
            ("property_value", json!(mask)),
        ]);
        client
            .call("set_customized_logging_level_value", named)
            .await?;
    }
    if let Some(description) = &args.description {
        let named = arguments([
            ("level_name", json!(args.name)),
            ("level_description", json!(description)),
        ]);
        client
            .call("set_customized_logging_level_description", named)
            .await?;
    }
    let line = format!("changed logging level `{}`", args.name);
    Ok(Outcome::new(
        &json!({ "name": args.name }),
        Report::lines([line]),
    ))
}
