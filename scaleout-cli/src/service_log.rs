//! The service log: `tracing` on stderr, when asked for, and in the log file of a service.

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use scaleout_agent::{LogPlace, RotatingLog};
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

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

/// The log file of this process, once it is known.
static FILE: OnceLock<(LogPlace, RotatingLog)> = OnceLock::new();

/// Writes the log down from now on, besides. A service runs without its log rather than not at all.
pub fn to_file(place: LogPlace, talk: &Talk) {
    match RotatingLog::open(place.clone()) {
        // A second service in one process writes where the first one does.
        Ok(file) => drop(FILE.set((place, file))),
        Err(error) => talk.say(&format!(
            "there will be no log in {}: {error}",
            place.folder.display()
        )),
    }
}

/// Where the log is written down.
pub fn place() -> Option<LogPlace> {
    FILE.get().map(|(place, _)| place.clone())
}

/// The log file as a writer; before it is known, what is written goes nowhere.
#[derive(Clone, Copy, Debug)]
struct ToFile;

impl Write for ToFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Some((_, file)) = FILE.get() {
            file.write_line(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const FOR_PEOPLE: &str = "scaleout_agent=info,scaleout_catalog=info,scaleout_core=info";

/// Turns the log on: `-v` for the services' own words, `-vv` for more; unasked, what the command
/// needs. `SOCTL_LOG` takes a filter of its own. Coloured on a terminal only, and never with
/// `NO_COLOR`. A service writes down its own words, and whatever `SOCTL_LOG` asks for.
pub fn start(verbose: u8, unasked: Unasked, is_service: bool) {
    let level = match (verbose, unasked) {
        (0, Unasked::Nobody) => "off",
        (0, Unasked::Operator) => "scaleout_agent=warn,scaleout_catalog=warn,scaleout_core=warn",
        (0, Unasked::OperatorOfSite) => {
            "scaleout_agent=warn,scaleout_agent::worker::registration=error,scaleout_catalog=warn,scaleout_core=warn"
        }
        (1, _) => FOR_PEOPLE,
        _ => {
            "scaleout_agent=debug,scaleout_catalog=debug,scaleout_core=debug,scaleout_runtime=debug"
        }
    };
    let filter =
        |level| EnvFilter::try_from_env("SOCTL_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let shown = fmt::layer()
        .with_ansi(colours_wanted(
            std::io::stderr().is_terminal(),
            std::env::var_os("NO_COLOR").as_deref(),
        ))
        .with_timer(SystemTime)
        .with_writer(std::io::stderr)
        .with_filter(filter(level));
    let written = is_service.then(|| {
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_timer(SystemTime)
            .with_writer(|| ToFile)
            .with_filter(filter(FOR_PEOPLE))
    });
    let log = tracing_subscriber::registry().with(shown).with(written);
    // A second start (tests in one process) keeps the first one.
    let _already = log.try_init();
}
