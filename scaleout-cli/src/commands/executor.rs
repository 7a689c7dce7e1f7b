//! `soctl executor`: what a worker starts to run packages. Speaks JSON lines on stdin and stdout.

use clap::Args;

use crate::error::{CliError, CommandError};
use crate::output::Outcome;

/// Run packages for a worker (started by the worker itself)
#[derive(Args, Debug)]
pub struct ExecutorArgs {}

/// Serves until stdin ends.
///
/// # Errors
/// The line protocol broke.
pub fn run(_args: &ExecutorArgs) -> Result<Outcome, CliError> {
    let input = std::io::BufReader::new(std::io::stdin());
    scaleout_runtime::executor::serve(input, std::io::stdout()).map_err(|source| {
        CommandError::Service {
            what: "the executor",
            source: Box::new(source),
        }
    })?;
    Ok(Outcome::silent())
}
