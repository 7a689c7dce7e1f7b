//! `soctl workers add`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use scaleout_core::certificates::{Certificate, Thumbprint};
use scaleout_core::client::Client;
use serde::Serialize;
use serde_json::json;

use super::remote::Remote;
use super::standing;
use crate::error::{CliError, CommandError};
use crate::output::{Cell, Outcome, Report, Talk};
use crate::rows::arguments;
use crate::service_folder::read_certificate;
use crate::setup::options::Confirm;

/// Tries to see a new worker, each after a second.
const TRIES: u32 = 120;

/// Add a worker: the master trusts its certificate, and over ssh its side is done too
///
/// Shows the plan, and on a terminal asks before it is carried out. With --cert or --thumbprint only the
/// master's side is done, and what is left to do on the worker is said. With --ssh the settings of the
/// worker are read or made, the master's certificate is installed there, the worker's is trusted here, its
/// service is started again, and it is waited for. It takes `soctl` on the worker and keys of ssh.
///
/// Examples:
///   soctl workers add computerD --cert worker.cer
///   soctl workers add computerE --ssh etl@computerE --enable --dry-run
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct AddArgs {
    /// Name of the worker's computer
    computer: String,
    /// The worker's certificate, a copy of its `SSISScaleOutWorker.cer`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["thumbprint", "ssh"])]
    cert: Option<PathBuf>,
    /// Thumbprint of the worker's certificate
    #[arg(long, value_name = "THUMBPRINT", conflicts_with = "ssh")]
    thumbprint: Option<String>,
    #[command(flatten)]
    remote: Remote,
    /// Let it take executions as soon as it is there
    #[arg(long)]
    enable: bool,
    #[command(flatten)]
    confirm: Confirm,
}

#[derive(Debug, Serialize)]
struct Step {
    place: &'static str,
    what: String,
}

/// Plans, asks, and carries out.
///
/// # Errors
/// A certificate cannot be read, the worker cannot be reached, or the master refuses.
pub async fn run(
    args: AddArgs,
    client: &Client,
    talk: &Talk,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    if args.remote.destination().is_some() {
        return over_ssh(args, client, talk, now).await;
    }
    let known = match (&args.cert, &args.thumbprint) {
        (Some(file), _) => Known::Whole(Box::new(read_certificate(file)?)),
        (None, Some(text)) => Known::Thumbprint(text.parse()?),
        (None, None) => {
            return Err(CommandError::Argument {
                message: "it is not said how the worker is known".to_owned(),
                hint: "give its certificate (`--cert FILE`), its thumbprint (`--thumbprint`), or \
                       `--ssh USER@HOST`; or let it join with a token: `soctl workers token create`"
                    .to_owned(),
            }
            .into());
        }
    };
    let master = client.master_certificate().await?;
    let steps = [
        Step {
            place: "master",
            what: format!("trust certificate {}", known.thumbprint()),
        },
        Step {
            place: "worker",
            what: format!(
                "`soctl worker init --master-endpoint {} --master-cert FILE` with a copy of the \
                 master's SSISScaleOutMaster.cer ({}), then start its service again",
                client.endpoint(),
                master.thumbprint()
            ),
        },
        Step {
            place: "master",
            what: format!(
                "`soctl workers enable {}` once it has registered",
                args.computer
            ),
        },
    ];
    if args.confirm.dry_run {
        return Ok(plan(&steps));
    }
    agree(&steps[..1], &args.confirm, talk)?;
    trust(client, &known).await?;
    let mut report = Report::lines([format!(
        "the master trusts {} ({}) from now on",
        args.computer,
        known.thumbprint()
    )]);
    report.before.push("left to do:".to_owned());
    let left = steps[1..].iter();
    report
        .before
        .extend(left.map(|step| format!("  {}: {}", step.place, step.what)));
    let json = json!({
        "dry_run": false,
        "computer": args.computer,
        "thumbprint": known.thumbprint(),
        "left": &steps[1..],
    });
    Ok(Outcome::new(&json, report))
}

enum Known {
    Whole(Box<Certificate>),
    Thumbprint(Thumbprint),
}

impl Known {
    fn thumbprint(&self) -> String {
        match self {
            Self::Whole(certificate) => certificate.thumbprint().to_string(),
            Self::Thumbprint(thumbprint) => thumbprint.to_string(),
        }
    }
}

async fn trust(client: &Client, known: &Known) -> Result<(), CliError> {
    let given = match known {
        Known::Whole(certificate) => arguments([("certificate", json!(certificate.to_pem()))]),
        Known::Thumbprint(thumbprint) => arguments([("thumbprint", json!(thumbprint.as_str()))]),
    };
    client.call("trust_certificate", given).await?;
    Ok(())
}

fn plan(steps: &[Step]) -> Outcome {
    let mut report = Report::table(["where", "what"]);
    report.rows = steps
        .iter()
        .map(|step| {
            vec![
                Cell::Text(step.place.to_owned()),
                Cell::Text(step.what.clone()),
            ]
        })
        .collect();
    report
        .after
        .push("nothing was changed; without `--dry-run` it is done".to_owned());
    Outcome::new(&json!({ "dry_run": true, "steps": steps }), report)
}

fn agree(steps: &[Step], confirm: &Confirm, talk: &Talk) -> Result<(), CliError> {
    if !confirm.asks() {
        return Ok(());
    }
    for step in steps {
        talk.say(&format!("  {}: {}", step.place, step.what));
    }
    if talk.confirm("Go on?") {
        Ok(())
    } else {
        Err(CommandError::Interrupted.into())
    }
}

async fn over_ssh(
    args: AddArgs,
    client: &Client,
    talk: &Talk,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    let remote = &args.remote;
    let version = remote.validate()?;
    let master = client.master_certificate().await?;
    let endpoint = client.endpoint().to_string();
    let before = standing::all(client, now).await?;
    let steps = [
        Step {
            place: "worker",
            what: format!(
                "soctl {version} is there; copy the master's certificate {}",
                master.thumbprint()
            ),
        },
        Step {
            place: "worker",
            what: format!(
                "`soctl worker init --master-endpoint {endpoint}`: settings and certificates"
            ),
        },
        Step {
            place: "master",
            what: "trust the worker's certificate".to_owned(),
        },
        Step {
            place: "worker",
            what: format!("`{}`", remote.restart_command()),
        },
        Step {
            place: "master",
            what: format!("wait until {} is online", args.computer),
        },
    ];
    if args.confirm.dry_run {
        return Ok(plan(&steps));
    }
    agree(&steps, &args.confirm, talk)?;
    let made = remote.init(&args.computer, &endpoint, &master)?;
    trust(client, &Known::Whole(Box::new(made.certificate.clone()))).await?;
    talk.say(&format!(
        "the master trusts {}",
        made.certificate.thumbprint()
    ));
    remote.restart()?;
    let worker = wait_for(client, &made.worker_agent_id, &before, talk).await?;
    if args.enable {
        let enable = arguments([("WorkerAgentId", json!(made.worker_agent_id))]);
        client.call("enable_worker_agent", enable).await?;
    }
    let state = if args.enable {
        "online and enabled"
    } else {
        "online"
    };
    let line = format!(
        "worker {} ({}) is {state}",
        made.worker_agent_id, worker.display_name
    );
    let json = json!({
        "dry_run": false,
        "computer": args.computer,
        "worker_agent_id": made.worker_agent_id,
        "thumbprint": made.certificate.thumbprint().as_str(),
        "enabled": args.enable,
    });
    let mut report = Report::lines([line]);
    if !args.enable {
        report.before.push(format!(
            "`soctl workers enable {}` lets it take executions",
            made.worker_agent_id
        ));
    }
    Ok(Outcome::new(&json, report))
}

/// Waits until the worker was heard of after it was started again.
async fn wait_for(
    client: &Client,
    id: &str,
    before: &[standing::Standing],
    talk: &Talk,
) -> Result<standing::Standing, CliError> {
    let seen = |all: &[standing::Standing]| {
        let mut found = all.iter();
        found
            .find(|worker| worker.worker_agent_id.to_string() == id)
            .cloned()
    };
    let last = seen(before).and_then(|worker| worker.last_online_time);
    talk.say("waiting until it is online");
    for _ in 0..TRIES {
        let all = standing::all(client, Timestamp::now()).await?;
        if let Some(worker) = seen(&all).filter(|worker| worker.last_online_time != last) {
            return Ok(worker);
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    Err(CommandError::Argument {
        message: format!("worker {id} did not come online within {TRIES} s"),
        hint: "look into its log on that machine (`journalctl -u scaleout-worker`)".to_owned(),
    }
    .into())
}
