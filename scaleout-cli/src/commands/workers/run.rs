//! `soctl workers run`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use scaleout_agent::worker::Worker;

use crate::error::CliError;
use crate::interrupt::interrupted;
use crate::local::executor_command;
use crate::output::{Outcome, Talk};
use crate::service_folder::{WorkerFolder, read_certificate};

/// Run a worker in the foreground
///
/// The first start makes settings and a certificate in the data folder. The master must know the
/// certificate (`SSISScaleOutWorker.cer`), and an administrator must enable the worker once.
///
/// Examples:
///   soctl workers run --data w1 --master-cert m/SSISScaleOutMaster.cer \
///     --master-endpoint https://localhost:8391
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RunArgs {
    /// Folder for settings, certificate, cached projects and logs that wait to be sent
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Address of the master
    #[arg(long, value_name = "URL")]
    master_endpoint: String,
    /// The master's certificate
    #[arg(long, value_name = "FILE")]
    master_cert: PathBuf,
    /// Display name of a new worker
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
}

/// Runs until Ctrl-C.
///
/// # Errors
/// The folder makes no sense, or the worker cannot start.
pub async fn run(args: RunArgs, talk: &Talk) -> Result<Outcome, CliError> {
    let folder = WorkerFolder::open(&args.data, &args.name, Timestamp::now())?;
    let master = read_certificate(&args.master_cert)?;
    let (id, thumbprint) = (folder.agent_id()?, folder.certificate.thumbprint());
    let worker =
        Worker::start(folder.options(&args.master_endpoint, &master, executor_command()?)).await?;
    let interrupted = interrupted();
    talk.say(&format!(
        "ready: worker {id}, certificate {}",
        thumbprint.as_str()
    ));
    interrupted.await;
    talk.say("stopping");
    worker.shutdown().await;
    Ok(Outcome::silent())
}
