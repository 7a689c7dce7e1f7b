//! `soctl workers join`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::{Identity, MasterTrust, Transport};
use scaleout_core::protocol::worker::{Join, JoinReply};
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use super::init::{self, present, site};
use super::token::parts;
use crate::certificate_file::password;
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Talk};
use crate::service_folder::{ServiceKind, SettingsFile, host_name};
use crate::setup::options::{DataFolder, ServiceOptions};
use crate::setup::steps::report;

/// How long one request may take.
const LIMIT: Duration = Duration::from_secs(30);
/// How often the master is asked whether somebody has decided.
const AGAIN: Duration = Duration::from_secs(1);

/// Set up this machine as a worker of a master, with a token
///
/// `soctl workers token create` at the master makes the token; it pins the master's certificate. The
/// worker makes its own certificate, asks to join, and waits until an administrator has approved it
/// (`soctl workers approve`), or a network did. Running it again goes on where it was.
///
/// Examples:
///   soctl workers join --data w --master https://m:8391 --token-file join.token
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct JoinArgs {
    #[command(flatten)]
    folder: DataFolder,
    /// The token; better in a file, since others see command lines
    #[arg(
        long,
        value_name = "TOKEN",
        conflicts_with = "token_file",
        env = "SOCTL_JOIN_TOKEN"
    )]
    token: Option<String>,
    /// File with the token; `-` reads it from stdin
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Name shown for the worker; this computer's if absent
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Do not wait for the approval
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    service: ServiceOptions,
}

/// Asks to join and sets the folder up.
///
/// # Errors
/// The token is not one, the master refuses, or a step cannot be done.
pub async fn run(
    args: JoinArgs,
    master: Option<&str>,
    talk: &Talk,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    let endpoint = master.ok_or_else(|| CommandError::Argument {
        message: "the address of the master is not given".to_owned(),
        hint: "add `--master https://HOST:PORT`".to_owned(),
    })?;
    let token = token(&args)?;
    let Some((secret, thumbprint)) = parts(&token) else {
        return Err(CommandError::Argument {
            message: "this is no token of `soctl workers token create`".to_owned(),
            hint: "copy it whole: it begins with `so1.`".to_owned(),
        }
        .into());
    };
    let data = args.folder.of(ServiceKind::Worker)?;
    let trust = MasterTrust::Thumbprint(thumbprint.parse()?);
    let pinned = Transport::new(endpoint.parse()?, &trust, None, None)?;
    let master = pinned.master_certificate(LIMIT).await?;
    let settings = SettingsFile::read(&data, ServiceKind::Worker)?;
    let site = site(&data, &settings)?;
    let mut steps = init::joining_steps(&site, &settings, args.name.as_deref(), endpoint, &master)?;
    let mut done = site.apply(&steps, now)?;
    let settings = SettingsFile::read(&data, ServiceKind::Worker)?;
    let identity = present(&site, &settings)?.ok_or_else(|| CommandError::Argument {
        message: "the worker has no certificate".to_owned(),
        hint: "run this again".to_owned(),
    })?;
    let ask = Join {
        token: secret.to_owned(),
        worker_agent_id: settings.text("AgentId").parse().unwrap_or(Uuid::nil()),
        machine_name: host_name(),
        display_name: match settings.text("DisplayName") {
            "" => host_name(),
            name => name.to_owned(),
        },
    };
    let transport = Transport::new(endpoint.parse()?, &trust, Some(&identity), None)?;
    let state = wait_for_approval(&transport, &ask, &identity, args.no_wait, talk).await?;
    steps.clear();
    args.service.add_to(&mut steps, &site)?;
    done.extend(site.apply(&steps, now)?);
    let mut shown = report(&done);
    shown.after.push(format!(
        "certificate {} (SHA-256 {})",
        identity.certificate.thumbprint(),
        identity.certificate.thumbprint_sha256()
    ));
    shown
        .after
        .push(next_line(state, &data, args.service.service));
    let json = json!({
        "worker_agent_id": settings.text("AgentId"),
        "thumbprint": identity.certificate.thumbprint().as_str(),
        "thumbprint_sha256": identity.certificate.thumbprint_sha256().as_str(),
        "master_thumbprint": master.thumbprint().as_str(),
        "state": state,
        "steps": done,
    });
    Ok(Outcome::new(&json, shown))
}

fn next_line(state: JoinReply, data: &Path, is_service: bool) -> String {
    match state {
        JoinReply::Pending => {
            "an administrator has not decided yet: `soctl workers approve`".to_owned()
        }
        JoinReply::Approved if is_service => "it is let in, and runs as a service".to_owned(),
        JoinReply::Approved => format!(
            "it is let in: start it with `soctl workers run --data {}`",
            data.display()
        ),
    }
}

fn token(args: &JoinArgs) -> Result<String, CliError> {
    match (&args.token, &args.token_file) {
        (Some(token), _) => Ok(token.clone()),
        (None, Some(file)) => password(Some(file)),
        (None, None) => Err(CommandError::Argument {
            message: "a token is needed".to_owned(),
            hint: "`soctl workers token create` at the master makes one; give it with \
                   `--token-file FILE`"
                .to_owned(),
        }
        .into()),
    }
}

async fn wait_for_approval(
    transport: &Transport,
    ask: &Join,
    identity: &Identity,
    no_wait: bool,
    talk: &Talk,
) -> Result<JoinReply, CliError> {
    let mut told = false;
    loop {
        let reply: JoinReply = transport
            .post("/ClusterManagement/v1/join", ask, LIMIT)
            .await?;
        if reply == JoinReply::Approved || no_wait {
            return Ok(reply);
        }
        if !told {
            told = true;
            talk.say(&format!(
                "asked to join as `{}`, certificate SHA-256 {}; waiting for \
                 `soctl workers approve {}` at the master",
                ask.display_name,
                identity.certificate.thumbprint_sha256(),
                ask.display_name
            ));
        }
        sleep(AGAIN).await;
    }
}
