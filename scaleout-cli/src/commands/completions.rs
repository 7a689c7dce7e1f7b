//! `soctl completions`.

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;

use crate::args::{Cli, GlobalArgs};
use crate::output::Outcome;

/// Print a completion script for a shell
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

/// Makes the script.
#[must_use]
pub fn run(args: &CompletionsArgs) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut shown(), "soctl", &mut script);
    Outcome::raw(String::from_utf8_lossy(&script).into_owned())
}

/// `soctl` without the commands that help does not show: the generators would offer them.
fn shown() -> Command {
    let whole = Cli::command();
    let shown = whole.get_subcommands().filter(|inner| !inner.is_hide_set());
    GlobalArgs::augment_args(Command::new("soctl"))
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .subcommands(shown.cloned())
}
