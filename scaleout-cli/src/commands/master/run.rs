//! `soctl master run`.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use scaleout_agent::LogPlace;
use scaleout_agent::master::Master;
use scaleout_core::model::SystemClock;

use crate::error::CliError;
use crate::interrupt::{hangups, interrupted};
use crate::output::{Outcome, Talk};
use crate::service_folder::{MasterFolder, Reach, ServiceKind, read_certificate};
use crate::service_log::{self, tell_refusal};
use crate::setup::options::DataFolder;

/// Run a master in the foreground
///
/// The first start makes settings, certificate, catalog, and the token and first password of the
/// login `admin` in the data folder. Workers are let in by their certificates in its folder `Root`.
/// A worker makes its certificate on its own first start, for which it needs the master's: start the
/// master, then the worker, then the master again with --worker-cert.
///
/// On SIGHUP it reads settings and certificates again.
///
/// Examples:
///   soctl master run --data /var/lib/scaleout/master
///   soctl master run --data m --worker-cert w1/SSISScaleOutWorker.cer
///   soctl master run --data m \
///     --catalog postgres://etl@db.example/ssisdb?sslmode=verify-full
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RunArgs {
    #[command(flatten)]
    folder: DataFolder,
    /// Port; 0 takes a free one; `PortNumber` of the settings if absent
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Where the catalog is: `sqlite:PATH` or `postgres://USER@HOST:PORT/DATABASE`;
    /// `SqlServerName` of the settings if absent, or else a file in the data folder. A password
    /// comes from `PGPASSWORD` or `~/.pgpass`
    #[arg(long, value_name = "LOCATION")]
    catalog: Option<String>,
    /// Let the worker with this certificate in, now and later; may be repeated
    #[arg(long, value_name = "FILE")]
    worker_cert: Vec<PathBuf>,
}

/// Runs until Ctrl-C.
///
/// # Errors
/// The folder makes no sense, or the master cannot start.
pub async fn run(args: RunArgs, talk: &Talk) -> Result<Outcome, CliError> {
    let mut folder = MasterFolder::open(&args.folder.of(ServiceKind::Master)?, Timestamp::now())?;
    service_log::to_file(LogPlace::of_master(&folder.path), talk);
    for file in &args.worker_cert {
        folder.trust_worker(&read_certificate(file)?)?;
    }
    let master = Master::start(folder.options(
        Reach::Network,
        args.port,
        args.catalog.as_deref(),
        Arc::new(SystemClock),
    )?)
    .await?;
    let (interrupted, mut hangups) = (interrupted(), hangups());
    talk.say(&format!(
        "ready: master at https://localhost:{}, certificate {} (SHA-256 {}), token in {}",
        master.address().port(),
        folder.certificate.thumbprint().as_str(),
        folder.certificate.thumbprint_sha256().as_str(),
        master.admin_token_path().display(),
    ));
    if let Some(file) = master.first_password_path() {
        talk.say(&format!(
            "the first password of the login `admin` is in {}: log in, change it with \
             `soctl logins password admin`, and remove the file",
            file.display()
        ));
    }
    let mut interrupted = pin!(interrupted);
    loop {
        tokio::select! {
            () = &mut interrupted => break,
            () = hangups.next() => match folder.reload(&master, Timestamp::now()) {
                Ok(()) => talk.say("settings and certificates were read again"),
                Err(error) => tell_refusal(talk, &error),
            },
        }
    }
    talk.say("stopping");
    master.shutdown().await;
    Ok(Outcome::silent())
}
