//! `soctl workers init`.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use scaleout_core::certificates::Certificate;
use scaleout_core::client::Identity;
use scaleout_core::settings::WorkerSettings;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Talk};
use crate::service_folder::{
    CertificateStore, ServiceKind, SettingsFile, StoreName, host_name, own_pair, read_certificate,
    store_of_worker,
};
use crate::setup::options::{Confirm, DataFolder, ServiceOptions};
use crate::setup::steps::{Site, Step};
use crate::setup::{ask, finish};

/// Days that a new certificate is valid.
const DAYS: u32 = 365;

/// Set up a worker: settings, certificate, service
///
/// Shows the plan first. On a terminal it asks for what is not given and whether to go on; elsewhere it
/// goes on at once. What is done already is not done again, so running it twice changes nothing.
///
/// The set-up parameters of the original are accepted as they are called there: --ISWORKERSVCMASTER,
/// --ISWORKERSVCCERT, --ISWORKERSVCACCOUNT, --ISWORKERSVCSTARTUPTYPE. --ISWORKERSVCPASSWORD is
/// accepted and not used: accounts of services have no password here.
///
/// Examples:
///   soctl workers init --dry-run --data w --master-endpoint https://m:8391
///   soctl workers init --yes --data w --master-endpoint https://m:8391 \
///     --master-cert master.cer
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct InitArgs {
    #[command(flatten)]
    folder: DataFolder,
    /// Address of the master
    #[arg(long, value_name = "URL", alias = "ISWORKERSVCMASTER")]
    master_endpoint: Option<String>,
    /// The master's certificate, a copy of its `SSISScaleOutMaster.cer`
    #[arg(long, value_name = "FILE", alias = "ISWORKERSVCCERT")]
    master_cert: Option<PathBuf>,
    /// Name shown for the worker; this computer's if absent
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Description shown for the worker
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Days that a new certificate is valid; it renews itself at two thirds of them
    #[arg(long, value_name = "DAYS", default_value_t = DAYS)]
    valid_for: u32,
    #[command(flatten)]
    service: ServiceOptions,
    /// The original's password of the service account; accepted and not used
    #[arg(long = "ISWORKERSVCPASSWORD", hide = true, value_name = "TEXT")]
    password: Option<String>,
    #[command(flatten)]
    confirm: Confirm,
}

/// Plans, asks, and carries out.
///
/// # Errors
/// What is given makes no sense, or a step cannot be done.
pub fn run(mut args: InitArgs, talk: &Talk, now: Timestamp) -> Result<Outcome, CliError> {
    if args.password.is_some() {
        talk.say(
            "--ISWORKERSVCPASSWORD is not used: the account of a service has no password here",
        );
    }
    let data = args.folder.of(ServiceKind::Worker)?;
    let settings = SettingsFile::read(&data, ServiceKind::Worker)?;
    if args.confirm.asks() {
        ask_for(&mut args, &settings)?;
    }
    let site = site(&data, &settings)?;
    let steps = steps(&args, &site, &settings)?;
    finish(&site, &steps, &args.confirm, talk, now, result)
}

/// The places of a worker's folder.
///
/// # Errors
/// The settings are wrong.
pub fn site(data: &Path, settings: &SettingsFile) -> Result<Site, CliError> {
    let parsed = WorkerSettings::parse(&settings.path.display().to_string(), &settings.to_text())?;
    Ok(Site {
        kind: ServiceKind::Worker,
        data: data.to_owned(),
        store: store_of_worker(data, &parsed),
        root: CertificateStore::of(data, StoreName::Root),
    })
}

fn ask_for(args: &mut InitArgs, settings: &SettingsFile) -> Result<(), CliError> {
    if args.master_endpoint.is_none() {
        let known = settings.text("MasterEndpoint");
        let question = "Address of the master (https://host:port)";
        args.master_endpoint = Some(ask::text(question, known)?);
    }
    if args.master_cert.is_none() && settings.text("MasterHttpsCertThumbprint").is_empty() {
        let typed = ask::text("File with the master's certificate (empty: later)", "")?;
        args.master_cert = (!typed.is_empty()).then(|| typed.into());
    }
    if args.description.is_none() {
        let known = settings.text("Description");
        args.description = Some(ask::text("Description", known)?);
    }
    if !args.service.service {
        args.service.service = ask::yes("Install it as a service of systemd?", false)?;
    }
    Ok(())
}

fn steps(args: &InitArgs, site: &Site, settings: &SettingsFile) -> Result<Vec<Step>, CliError> {
    let mut steps = vec![
        Step::Folder(site.data.clone()),
        Step::Folder(site.store.folder().to_owned()),
        Step::Folder(site.root.folder().to_owned()),
    ];
    let mut changes: Vec<(&'static str, Value)> = Vec::new();
    if settings.values.get("AgentId").is_none_or(Value::is_null) {
        changes.push(("AgentId", Uuid::new_v4().to_string().into()));
    }
    for (key, given) in [
        ("MasterEndpoint", &args.master_endpoint),
        ("DisplayName", &args.name),
        ("Description", &args.description),
    ] {
        if let Some(given) = given {
            changes.push((key, given.as_str().into()));
        }
    }
    if let Some(file) = &args.master_cert {
        let certificate = read_certificate(file)?;
        let thumbprint = certificate.thumbprint().to_string();
        changes.push(("MasterHttpsCertThumbprint", thumbprint.into()));
        steps.push(Step::Trust {
            certificate: Box::new(certificate),
            whose: "the master's certificate",
        });
    }
    steps.push(Step::Settings(changes));
    steps.push(certificate(args, site, settings)?);
    args.service.add_to(&mut steps, site)?;
    Ok(steps)
}

/// The steps of a worker that joins with a token.
///
/// # Errors
/// The settings name a certificate that is not there.
pub fn joining_steps(
    site: &Site,
    settings: &SettingsFile,
    name: Option<&str>,
    endpoint: &str,
    master: &Certificate,
) -> Result<Vec<Step>, CliError> {
    let mut changes: Vec<(&'static str, Value)> = vec![
        ("MasterEndpoint", endpoint.into()),
        (
            "MasterHttpsCertThumbprint",
            master.thumbprint().to_string().into(),
        ),
    ];
    if settings.values.get("AgentId").is_none_or(Value::is_null) {
        changes.push(("AgentId", Uuid::new_v4().to_string().into()));
    }
    changes.extend(name.map(|name| ("DisplayName", name.into())));
    let mut names = vec![host_name()];
    names.extend(name.filter(|name| is_plain(name)).map(str::to_owned));
    names.dedup();
    Ok(vec![
        Step::Folder(site.data.clone()),
        Step::Folder(site.store.folder().to_owned()),
        Step::Folder(site.root.folder().to_owned()),
        Step::Trust {
            certificate: Box::new(master.clone()),
            whose: "the master's certificate",
        },
        Step::Settings(changes),
        match present(site, settings)? {
            Some(identity) => Step::OwnCertificate(Box::new(identity)),
            None => Step::NewCertificate { names, days: DAYS },
        },
    ])
}

fn certificate(args: &InitArgs, site: &Site, settings: &SettingsFile) -> Result<Step, CliError> {
    if let Some(identity) = present(site, settings)? {
        return Ok(Step::OwnCertificate(Box::new(identity)));
    }
    let mut names = vec![host_name()];
    names.extend(args.name.clone().filter(|name| is_plain(name)));
    names.dedup();
    Ok(Step::NewCertificate {
        names,
        days: args.valid_for,
    })
}

/// A display name may hold what no certificate may.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-._".contains(letter))
}

/// The certificate that the worker has now.
///
/// # Errors
/// The settings name one that is not there.
pub fn present(site: &Site, settings: &SettingsFile) -> Result<Option<Identity>, CliError> {
    match settings.text("WorkerHttpsCertThumbprint") {
        "" => own_pair(&site.data, site.kind),
        thumbprint => Ok(Some(site.store.get(&thumbprint.parse()?)?.identity()?)),
    }
}

/// What is left to do, above all at the master.
fn result(site: &Site) -> Result<(Value, Vec<String>), CliError> {
    let settings = SettingsFile::read(&site.data, site.kind)?;
    let identity = present(site, &settings)?.ok_or_else(|| CommandError::Argument {
        message: "the worker has no certificate".to_owned(),
        hint: "run this again".to_owned(),
    })?;
    let certificate = &identity.certificate;
    let file = site.data.join("SSISScaleOutWorker.cer");
    let data = site.data.display();
    let mut lines = vec![format!(
        "certificate {} (SHA-256 {})",
        certificate.thumbprint(),
        certificate.thumbprint_sha256()
    )];
    if settings.text("MasterEndpoint").is_empty() {
        lines.push(
            "the address of the master is missing: \
             `soctl worker settings set MasterEndpoint https://HOST:PORT`"
                .to_owned(),
        );
    }
    if settings.text("MasterHttpsCertThumbprint").is_empty() {
        lines.push(
            "the master's certificate is missing: `soctl worker init --master-cert FILE`"
                .to_owned(),
        );
    }
    lines.push(format!(
        "at the master: `soctl workers add NAME --cert FILE` with a copy of {}; here: \
         `soctl workers run --data {data}`; then `soctl workers enable NAME`",
        file.display()
    ));
    let shown = json!({
        "worker_agent_id": settings.text("AgentId"),
        "thumbprint": certificate.thumbprint().as_str(),
        "thumbprint_sha256": certificate.thumbprint_sha256().as_str(),
        "certificate_file": file,
    });
    Ok((shown, lines))
}
