//! `soctl completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::output::Outcome;

/// Print a completion script for a shell
///
/// Example: soctl completions bash > /etc/bash_completion.d/soctl
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

/// Makes the script.
#[must_use]
pub fn run(args: &CompletionsArgs) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "soctl", &mut script);
    Outcome::raw(String::from_utf8_lossy(&script).into_owned())
}
