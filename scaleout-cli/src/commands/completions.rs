//! `soctl completions`.

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::args::{Cli, GlobalArgs};
use crate::error::{CliError, CommandError};
use crate::live_names::{VARIABLE, with_names};
use crate::output::Outcome;

/// Print a completion script for a shell
///
/// Besides commands and options it completes the names of folders, projects, packages,
/// environments, workers and executions, as the catalog of the current master has them. Make it anew
/// after an update of soctl.
///
/// bash: `source soctl.bash`, in ~/.bashrc for good. zsh: put `_soctl` into a folder of $fpath before
/// `compinit`. fish: put `soctl.fish` into ~/.config/fish/completions.
///
/// Examples:
///   soctl completions bash > soctl.bash
///   soctl completions zsh > _soctl
///   soctl completions fish > soctl.fish
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

/// Makes the script, which asks this program for candidates.
///
/// # Errors
/// There is no script for the shell.
pub fn run(args: &CompletionsArgs) -> Result<Outcome, CliError> {
    let shells = Shells::builtins();
    let name = args.shell.to_string();
    let mut script = Vec::new();
    let written = shells
        .completer(&name)
        .map(|shell| shell.write_registration(VARIABLE, "soctl", "soctl", "soctl", &mut script));
    match written {
        Some(Ok(())) => Ok(Outcome::raw(String::from_utf8_lossy(&script).into_owned())),
        Some(Err(error)) => Err(CommandError::Output(error).into()),
        None => Err(CommandError::Argument {
            message: format!("there is no completion script for {name}"),
            hint: "there is one for bash, zsh, fish, elvish and powershell".to_owned(),
        }
        .into()),
    }
}

/// `soctl` without the commands that help does not show: they would be offered. Names are those of
/// the catalog.
#[must_use]
pub fn factory() -> Command {
    let whole = Cli::command();
    let shown = whole.get_subcommands().filter(|inner| !inner.is_hide_set());
    let shown = GlobalArgs::augment_args(Command::new("soctl"))
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .subcommands(shown.cloned());
    with_names(shown)
}
