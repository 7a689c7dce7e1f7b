//! `soctl cert rotate`.

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use scaleout_core::client::{Client, Identity};
use serde_json::json;

use crate::commands::workers::standing;
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report, Talk};
use crate::rows::arguments;
use crate::service_folder::{
    CertificateStore, GraceFile, Previous, ServiceKind, SettingsFile, StoreName, adopt,
    new_certificate, own_pair,
};
use crate::setup::names;
use crate::setup::options::DataFolder;
use crate::signal::tell_to_reload;

/// Replace a certificate without a visit to the other side
///
/// Examples:
///   soctl cert rotate master --data m --dry-run
///   soctl cert rotate worker computerA
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum RotateCommand {
    Master(RotateMasterArgs),
    Worker(RotateWorkerArgs),
}

/// Replace the master's certificate; workers learn of the new one by themselves
///
/// The new certificate is announced to every worker over the connection that it has. Until the grace
/// period is over the master shows the old one to who knows no other: a worker that was away gets the
/// new one when it comes back. What runs goes on. Run it on the machine of the master.
///
/// Examples:
///   soctl cert rotate master --data m --dry-run
///   soctl cert rotate master --data m --grace-days 60
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RotateMasterArgs {
    /// Name or address for the new certificate; may be repeated; those of the old one if absent
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    /// Days that the new certificate is valid
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    valid_for: u32,
    /// Days that the old certificate is good beside the new one, at most until its own end
    #[arg(long, value_name = "DAYS", default_value_t = 30,
        value_parser = clap::value_parser!(u32).range(1..=3650))]
    grace_days: u32,
    /// Show what would be done and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    folder: DataFolder,
}

/// Let a worker make itself a new certificate
///
/// It does so with its next heartbeat, by itself; the old one stays good for a day. What runs goes on.
/// Workers do the same unasked at two thirds of the life of a certificate.
///
/// Examples:
///   soctl cert rotate worker computerA
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RotateWorkerArgs {
    /// Id, display name or machine name
    worker: String,
}

/// Calls `renew_worker_certificate`.
///
/// # Errors
/// The worker is unknown, or the master refuses.
pub async fn worker(
    args: RotateWorkerArgs,
    client: &Client,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    let workers = standing::all(client, now).await?;
    let found = standing::find(&workers, &args.worker)?;
    let id = found.worker_agent_id.to_string();
    let renew = arguments([("WorkerAgentId", json!(id))]);
    client.call("renew_worker_certificate", renew).await?;
    let line = format!(
        "worker {id} ({}) makes itself a new certificate with its next heartbeat",
        found.display_name
    );
    Ok(Outcome::new(found, Report::lines([line])))
}

/// Makes the new certificate, keeps the old one for the grace period, and tells the master.
///
/// # Errors
/// There is no certificate yet, a name makes no sense, or a file cannot be written.
pub fn master(args: &RotateMasterArgs, talk: &Talk, now: Timestamp) -> Result<Outcome, CliError> {
    let data = args.folder.of(ServiceKind::Master)?;
    let kind = ServiceKind::Master;
    let mut settings = SettingsFile::read(&data, kind)?;
    let store = CertificateStore::of(&data, StoreName::My);
    let old = shown_now(&settings, &store, &data)?;
    let facts = old.certificate.facts();
    let mut wanted = names::given(&args.name);
    if wanted.is_empty() {
        wanted.clone_from(&facts.names);
    }
    let grace = now + SignedDuration::from_hours(24 * i64::from(args.grace_days));
    let until = grace.min(facts.not_after);
    let mut lines = vec![format!(
        "old certificate {}: good beside the new one until {until}",
        old.certificate.thumbprint()
    )];
    if until <= now {
        lines = vec![format!(
            "old certificate {}: expired on {until}, so no worker can hear of the new one over it; \
             give them the new file (`soctl worker init --master-cert FILE`)",
            old.certificate.thumbprint()
        )];
    }
    if args.dry_run {
        lines.push(format!(
            "new certificate: for {}, valid for {} days",
            wanted.join(", "),
            args.valid_for
        ));
        lines.push("nothing was changed".to_owned());
        let json = json!({ "dry_run": true, "names": wanted, "old_until": until });
        return Ok(Outcome::new(&json, Report::lines(lines)));
    }
    let issued = new_certificate(&wanted, args.valid_for, now)?;
    let new = Identity {
        certificate: issued.certificate,
        key: issued.key,
    };
    // First everything that a restart in the middle needs, then the key that makes it count.
    adopt(&data, kind, &store, &new)?;
    let mut grace = GraceFile::read(&data)?;
    let thumbprint = old.certificate.thumbprint_sha256().to_string();
    grace.add(Previous { thumbprint, until }, now)?;
    let thumbprint = new.certificate.thumbprint();
    settings.set(kind.thumbprint_key(), thumbprint.as_str().into())?;
    settings.write()?;
    lines.push(format!(
        "new certificate {thumbprint} for {}",
        wanted.join(", ")
    ));
    match tell_to_reload(&data, kind) {
        Some(told) => lines.push(told),
        None => talk.say("no master runs here; it shows the new certificate when it starts"),
    }
    let json = json!({
        "dry_run": false,
        "old_thumbprint": old.certificate.thumbprint().as_str(),
        "old_until": until,
        "thumbprint": thumbprint.as_str(),
        "thumbprint_sha256": new.certificate.thumbprint_sha256().as_str(),
        "names": wanted,
    });
    Ok(Outcome::new(&json, Report::lines(lines)))
}

fn shown_now(
    settings: &SettingsFile,
    store: &CertificateStore,
    data: &std::path::Path,
) -> Result<Identity, CliError> {
    let kind = ServiceKind::Master;
    let named = settings.text(kind.thumbprint_key());
    if !named.is_empty()
        && let Some(found) = store.find(&named.parse()?)?
    {
        return found.identity();
    }
    own_pair(data, kind)?.ok_or_else(|| {
        CommandError::NotFound {
            kind: "certificate of a master in the folder",
            name: data.display().to_string(),
            place: String::new(),
            hint: "`soctl master init` makes the first one; `--data` names another folder"
                .to_owned(),
        }
        .into()
    })
}
