//! `soctl catalog rotate-key`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Replace the master key that all secrets of the catalog depend on
///
/// Every project, environment and execution has a key of its own for its sensitive values, encrypted
/// under the master key in the file beside the database. A new master key takes its place while
/// packages run; a backup of the old key file does not open the catalog any more. With --data-keys
/// every project and environment gets a new key too, and their values are encrypted anew. What
/// breaks off is brought to its end when the master starts.
///
/// Examples:
///   soctl catalog rotate-key
///   soctl catalog rotate-key --data-keys
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RotateKeyArgs {
    /// Replace the keys of projects and environments too
    #[arg(long)]
    data_keys: bool,
}

#[derive(Debug, Serialize)]
struct Rotated {
    keys_wrapped: u64,
    keys_renewed: u64,
    values_renewed: u64,
}

/// Calls `rotate_keys`.
///
/// # Errors
/// The master refuses, or cannot write the key file.
pub async fn run(args: RotateKeyArgs, client: &Client) -> Result<Outcome, CliError> {
    let mut arguments = Arguments::new();
    arguments.insert("data_keys".to_owned(), json!(args.data_keys));
    let result = client.call("rotate_keys", arguments).await?;
    let count = |name: &str| {
        let value = result.outputs.get(name).and_then(Value::as_u64);
        value.unwrap_or_default()
    };
    let rotated = Rotated {
        keys_wrapped: count("@keys_wrapped"),
        keys_renewed: count("@keys_renewed"),
        values_renewed: count("@values_renewed"),
    };
    let mut lines = vec![format!(
        "a new master key is in force; {} keys are encrypted under it",
        rotated.keys_wrapped
    )];
    if args.data_keys {
        lines.push(format!(
            "{} projects and environments have new keys; {} values were encrypted anew",
            rotated.keys_renewed, rotated.values_renewed
        ));
    }
    Ok(Outcome::new(&rotated, Report::lines(lines)))
}
