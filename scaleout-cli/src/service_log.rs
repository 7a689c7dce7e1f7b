//! The service log: `tracing` on stderr, when asked for.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::SystemTime;

use crate::error::CliError;
use crate::output::{OutputFormat, Talk, colours_wanted};

/// Who hears the log when nobody asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unasked {
    /// Nobody: the command says itself what there is to say.
    Nobody,
    /// Who runs a service in the foreground: what goes wrong, such as a master that refuses.
    Operator,
    /// Who runs a whole site: as the operator of a service, but for the workers' own registration,
    /// which `soctl up` looks after and tells.
    OperatorOfSite,
}

/// Says why what was read again is not used.
pub fn tell_refusal(talk: &Talk, error: &CliError) {
    talk.say(&format!(
        "what was read again is not used, and nothing has changed: {}",
        error.shown(OutputFormat::Table).trim_end()
    ));
}

/// Turns the log on: `-v` for the services' own words, `-vv` for more; unasked, what the command
/// needs. `SOCTL_LOG` takes a filter of its own. Coloured on a terminal only, and never with
/// `NO_COLOR`.
pub fn start(verbose: u8, unasked: Unasked) {
    let level = match (verbose, unasked) {
        (0, Unasked::Nobody) => "off",
        (0, Unasked::Operator) => "scaleout_agent=warn,scaleout_catalog=warn,scaleout_core=warn",
        (0, Unasked::OperatorOfSite) => {
            "scaleout_agent=warn,scaleout_agent::worker::registration=error,scaleout_catalog=warn,scaleout_core=warn"
        }
        (1, _) => "scaleout_agent=info,scaleout_catalog=info,scaleout_core=info",
        _ => {
            "scaleout_agent=debug,scaleout_catalog=debug,scaleout_core=debug,scaleout_runtime=debug"
        }
    };
    let filter = EnvFilter::try_from_env("SOCTL_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours_wanted(
            std::io::stderr().is_terminal(),
            std::env::var_os("NO_COLOR").as_deref(),
        ))
        .with_timer(SystemTime)
        .with_writer(std::io::stderr);
    // A second start (tests in one process) keeps the first one.
    let _already = log.try_init();
}
