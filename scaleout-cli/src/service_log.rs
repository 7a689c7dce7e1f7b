//! The service log: `tracing` on stderr, when asked for.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::SystemTime;

use crate::output::colours_wanted;

/// Turns the log on: nothing by default, `-v` for the services' own words, `-vv` for more.
/// `SOCTL_LOG` takes a filter of its own. Coloured on a terminal only, and never with `NO_COLOR`.
pub fn start(verbose: u8) {
    let level = match verbose {
        0 => "off",
        1 => "scaleout_agent=info,scaleout_catalog=info,scaleout_core=info",
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
