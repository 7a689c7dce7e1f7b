//! `soctl workers run`.

use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use scaleout_agent::LogPlace;
use scaleout_agent::worker::Worker;
use scaleout_core::client::MasterTrust;

use crate::error::CliError;
use crate::interrupt::{hangups, interrupted_by_hand, terminated};
use crate::local::executor_command;
use crate::output::{Outcome, Talk};
use crate::service_folder::{ServiceKind, WorkerFolder, read_certificate};
use crate::service_log::{self, tell_refusal};
use crate::setup::options::DataFolder;

/// Run a worker in the foreground
///
/// After `soctl worker init` the data folder says everything. Without, the first start makes settings and
/// a certificate in it. The master must know the certificate (`SSISScaleOutWorker.cer`), and an
/// administrator must enable the worker once. On SIGHUP it reads settings and certificates again.
///
/// SIGTERM drains it: it asks for nothing more, waits for what runs until the deadline, hands the rest
/// back to the master and ends. Nothing is reported as failed because of that. Ctrl-C, and a second
/// SIGTERM, hand back at once.
///
/// Examples:
///   soctl workers run --data w
///   soctl workers run --data w1 --master-cert m/SSISScaleOutMaster.cer \
///     --master-endpoint https://localhost:8391
///   soctl workers run --data w1 --master-cert m/SSISScaleOutMaster.cer \
///     --master-endpoint https://a.example:8391 \
///     --master-endpoint https://b.example:8391
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RunArgs {
    #[command(flatten)]
    folder: DataFolder,
    /// Address of the master; of each, where several work on one catalog; `MasterEndpoint` of the
    /// settings if absent
    #[arg(long, value_name = "URL")]
    master_endpoint: Vec<String>,
    /// The master's certificate; that of each, where they have certificates of their own; the one that
    /// `MasterHttpsCertThumbprint` names in the store Root if absent
    #[arg(long, value_name = "FILE")]
    master_cert: Vec<PathBuf>,
    /// Display name of a new worker
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    /// How long what runs may take after SIGTERM before it is handed back, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    drain_deadline: u32,
}

/// Runs until Ctrl-C or SIGTERM.
///
/// # Errors
/// The folder makes no sense, or the worker cannot start.
pub async fn run(args: RunArgs, talk: &Talk) -> Result<Outcome, CliError> {
    let data = args.folder.of(ServiceKind::Worker)?;
    let mut folder = WorkerFolder::open(&data, &args.name, Timestamp::now())?;
    service_log::to_file(LogPlace::of_worker(&folder.path), talk);
    let shown = args.master_cert.iter().map(|file| read_certificate(file));
    let shown = shown.collect::<Result<Vec<_>, _>>()?;
    let given = match shown.as_slice() {
        [] => None,
        [one] => Some(MasterTrust::Certificate(Box::new(one.clone()))),
        several => Some(MasterTrust::Certificates(several.to_vec())),
    };
    let master = match &given {
        Some(given) => given.clone(),
        None => folder.master_of_settings()?,
    };
    let endpoints = args.master_endpoint.join(";");
    let endpoint = folder.endpoint(Some(endpoints.as_str()).filter(|given| !given.is_empty()))?;
    let (id, thumbprint) = (folder.agent_id()?, folder.certificate.thumbprint());
    let worker = Worker::start(folder.options(&endpoint, &master, executor_command()?)).await?;
    let (interrupted, terminated) = (interrupted_by_hand(), terminated());
    let mut hangups = hangups();
    talk.say(&format!(
        "ready: worker {id}, certificate {}",
        thumbprint.as_str()
    ));
    let mut interrupted = pin!(interrupted);
    let mut terminated = pin!(terminated);
    let is_drained = loop {
        tokio::select! {
            () = &mut interrupted => break false,
            () = &mut terminated => break true,
            () = hangups.next() => match folder.reload(&worker, given.as_ref(), Timestamp::now()) {
                Ok(()) => talk.say("settings and certificates were read again"),
                Err(error) => tell_refusal(talk, &error),
            },
        }
    };
    if is_drained && 0 < worker.running() {
        let (count, seconds) = (worker.running(), args.drain_deadline);
        talk.say(&format!(
            "draining: waits at most {seconds} s for {count} packages"
        ));
        let again = self::terminated();
        tokio::select! {
            () = worker.drain(Duration::from_secs(seconds.into())) => {}
            () = interrupted => {}
            () = again => {}
        }
    }
    talk.say("stopping");
    worker.shutdown().await;
    Ok(Outcome::silent())
}
