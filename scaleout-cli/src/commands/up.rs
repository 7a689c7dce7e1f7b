//! `soctl up`: one box, in the foreground.

use std::path::PathBuf;
use std::pin::pin;

use clap::Args;
use scaleout_agent::LogPlace;

use crate::context::{Context, Contexts};
use crate::error::CliError;
use crate::interrupt::interrupted;
use crate::local::{LocalOptions, LocalSite};
use crate::output::{Outcome, Talk};
use crate::service_log;

/// Run a master and workers on this machine, in the foreground
///
/// The workers are enabled at once, and the context `local` points other `soctl` commands here.
/// Ctrl-C ends it; what is in the data folder stays for the next time.
///
/// Examples:
///   soctl up
///   soctl up --workers 4 --data /var/lib/scaleout --port 8391
///   soctl up --catalog postgres://etl@db.example/ssisdb
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct UpArgs {
    /// How many workers
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,
    /// Folder for the catalog, settings and certificates
    #[arg(long, value_name = "DIR", default_value = "scaleout-data")]
    data: PathBuf,
    /// Port of the master; 0 takes a free one; `PortNumber` of its settings if absent
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Where the catalog is: `sqlite:PATH` or `postgres://USER@HOST:PORT/DATABASE`;
    /// `SqlServerName` of the settings if absent, or else a file in the data folder. A password
    /// comes from `PGPASSWORD` or `~/.pgpass`
    #[arg(long, value_name = "LOCATION")]
    catalog: Option<String>,
}

/// Runs until Ctrl-C.
///
/// # Errors
/// A service cannot start.
pub async fn run(args: UpArgs, talk: &Talk) -> Result<Outcome, CliError> {
    // One process, one log: that of the master has the words of the workers too.
    service_log::to_file(LogPlace::of_master(&args.data.join("master")), talk);
    let options = LocalOptions {
        data: args.data,
        port: args.port,
        catalog: args.catalog,
        masters: 1,
        workers: args.workers,
        slots: None,
    };
    // One wait for both halves: a signal between two would be lost.
    let mut interrupted = pin!(interrupted());
    let site = tokio::select! {
        started = LocalSite::start(options, talk) => started?,
        () = &mut interrupted => return Ok(Outcome::silent()),
    };
    let Context { master, .. } = site.context.clone();
    let remembered = Contexts::remember("local", site.context.clone());
    if let Ok(file) = &remembered {
        talk.say(&format!(
            "ready: {master} is the context `local` in {}; Ctrl-C ends it",
            file.display()
        ));
        interrupted.await;
        talk.say("stopping");
    }
    site.shutdown().await;
    let file = remembered?;
    Contexts::forget("local", &master)?;
    tracing::debug!(context = %file.display(), "forgot the context");
    Ok(Outcome::silent())
}
