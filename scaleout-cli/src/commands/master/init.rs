//! `soctl master init`.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use scaleout_core::certificates::check_host;
use scaleout_core::client::Identity;
use serde_json::{Value, json};

use crate::certificate_file::identity_of_files;
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Talk};
use crate::service_folder::{CertificateStore, ServiceKind, SettingsFile, StoreName, own_pair};
use crate::setup::firewall::Firewall;
use crate::setup::options::{Confirm, DataFolder, ServiceOptions};
use crate::setup::service::Unit;
use crate::setup::steps::{Site, Step};
use crate::setup::{ask, finish, names};

/// Days that a new certificate is valid.
const DAYS: u32 = 365;

/// Set up a master: settings, certificate, service, firewall
///
/// Shows the plan first. On a terminal it asks for what is not given and whether to go on; elsewhere it
/// goes on at once. What is done already is not done again, so running it twice changes nothing.
///
/// The set-up parameters of the original are accepted as they are called there: --ISMASTERSVCPORT,
/// --ISMasterSVCSSLCertCN, --ISMASTERSVCTHUMBPRINT, --ISMASTERSVCACCOUNT,
/// --ISMASTERSVCSTARTUPTYPE. --ISMASTERSVCPASSWORD is accepted and not used: accounts of services have
/// no password here.
///
/// Examples:
///   soctl master init --dry-run --data m --service --open-firewall
///   soctl master init --yes --data m --port 8391 --name etl.example
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct InitArgs {
    #[command(flatten)]
    folder: DataFolder,
    /// Port on which workers and clients reach the master; 8391 unless set already
    #[arg(long, value_name = "PORT", alias = "ISMASTERSVCPORT",
        value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Names and addresses that workers call the master by, for a new certificate; may be repeated. This
    /// computer and its address if absent
    #[arg(
        long,
        value_name = "NAME",
        alias = "ISMasterSVCSSLCertCN",
        alias = "ISMASTERSVCSSLCERTCN"
    )]
    name: Vec<String>,
    /// Days that a new certificate is valid
    #[arg(long, value_name = "DAYS", default_value_t = DAYS)]
    valid_for: u32,
    /// Where the catalog is: `sqlite:PATH` or `postgres://USER@HOST:PORT/DATABASE`; a file in the data
    /// folder unless set already
    #[arg(long, value_name = "LOCATION")]
    catalog: Option<String>,
    /// A certificate to use instead of a new one: `.cer`, `.pem` or `.pfx`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "thumbprint"])]
    certificate: Option<PathBuf>,
    /// The private key of --certificate, where it is not in the same file
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// File with the password of a `.pfx`; `-` reads it from stdin
    #[arg(long, value_name = "FILE", requires = "certificate")]
    password_file: Option<PathBuf>,
    /// Thumbprint of a certificate in the store My to use instead of a new one
    #[arg(
        long,
        value_name = "THUMBPRINT",
        alias = "ISMASTERSVCTHUMBPRINT",
        conflicts_with = "name"
    )]
    thumbprint: Option<String>,
    #[command(flatten)]
    service: ServiceOptions,
    /// The original's password of the service account; accepted and not used
    #[arg(long = "ISMASTERSVCPASSWORD", hide = true, value_name = "TEXT")]
    password: Option<String>,
    /// Let workers in through the firewall of this machine
    #[arg(long, value_enum, value_name = "FIREWALL", num_args = 0..=1, require_equals = true,
        default_missing_value = "auto")]
    open_firewall: Option<Firewall>,
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
            "--ISMASTERSVCPASSWORD is not used: the account of a service has no password here",
        );
    }
    let data = args.folder.of(ServiceKind::Master)?;
    let settings = SettingsFile::read(&data, ServiceKind::Master)?;
    if args.confirm.asks() {
        ask_for(&mut args, &settings, &data)?;
    }
    let site = Site {
        kind: ServiceKind::Master,
        store: CertificateStore::of(&data, StoreName::My),
        root: CertificateStore::of(&data, StoreName::Root),
        data,
    };
    let steps = steps(&args, &site, &settings)?;
    let facts = |site: &Site| result(site, args.port);
    finish(&site, &steps, &args.confirm, talk, now, facts)
}

fn ask_for(args: &mut InitArgs, settings: &SettingsFile, data: &Path) -> Result<(), CliError> {
    let keep = |name: &str| settings.values.get(name).cloned().unwrap_or_default();
    if args.port.is_none() {
        let typed = ask::text("Port of the master", &keep("PortNumber").to_string())?;
        args.port = Some(typed.trim().parse().map_err(|_| CommandError::Argument {
            message: format!("`{typed}` is not a port"),
            hint: "a port is a number from 1 to 65535".to_owned(),
        })?);
    }
    let has_certificate = !settings.text("SSLCertThumbprint").is_empty()
        || own_pair(data, ServiceKind::Master)?.is_some();
    let chosen = args.certificate.is_some() || args.thumbprint.is_some() || !args.name.is_empty();
    if !has_certificate && !chosen {
        let usual = names::of_this_machine().join(", ");
        args.name = vec![ask::text("Names that workers call the master by", &usual)?];
    }
    if args.catalog.is_none() {
        let shown = settings.text("SqlServerName");
        let question = "Catalog (empty: a file in the data folder)";
        args.catalog = Some(ask::text(question, shown)?);
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
    let mut changes = Vec::new();
    if let Some(port) = args.port {
        changes.push(("PortNumber", port.into()));
    }
    if let Some(catalog) = &args.catalog {
        changes.push(("SqlServerName", catalog.as_str().into()));
    }
    steps.push(Step::Settings(changes));
    steps.push(certificate(args, site, settings)?);
    let port = args.port.unwrap_or_else(|| number(settings, "PortNumber"));
    args.service.add_to(&mut steps, site)?;
    if let Some(firewall) = args.open_firewall {
        steps.push(Step::Open { firewall, port });
    }
    Ok(steps)
}

fn number(settings: &SettingsFile, key: &str) -> u16 {
    let value = settings.values.get(key).and_then(Value::as_u64);
    value
        .and_then(|value| value.try_into().ok())
        .unwrap_or(8391)
}

/// Which certificate the master shows: what is chosen, else what it has, else a new one.
fn certificate(args: &InitArgs, site: &Site, settings: &SettingsFile) -> Result<Step, CliError> {
    if let Some(file) = &args.certificate {
        let password = args.password_file.as_deref();
        let identity = identity_of_files(file, args.key.as_deref(), password)?;
        identity.certificate.check_strength()?;
        return Ok(Step::OwnCertificate(Box::new(identity)));
    }
    if let Some(thumbprint) = &args.thumbprint {
        let stored = site.store.get(&thumbprint.parse()?)?;
        return Ok(Step::OwnCertificate(Box::new(stored.identity()?)));
    }
    let wanted = names::given(&args.name);
    match present(site, settings)? {
        Some(identity) => {
            covers(&identity, &wanted)?;
            Ok(Step::OwnCertificate(Box::new(identity)))
        }
        None => Ok(Step::NewCertificate {
            names: if wanted.is_empty() {
                names::of_this_machine()
            } else {
                wanted
            },
            days: args.valid_for,
        }),
    }
}

/// The certificate that the master has now.
fn present(site: &Site, settings: &SettingsFile) -> Result<Option<Identity>, CliError> {
    match settings.text("SSLCertThumbprint") {
        "" => own_pair(&site.data, site.kind),
        thumbprint => Ok(Some(site.store.get(&thumbprint.parse()?)?.identity()?)),
    }
}

fn covers(identity: &Identity, wanted: &[String]) -> Result<(), CliError> {
    let certificate = &identity.certificate;
    let lacks = |name: &&String| check_host(certificate, name).is_err();
    let lacking: Vec<String> = wanted.iter().filter(lacks).cloned().collect();
    if lacking.is_empty() {
        return Ok(());
    }
    Err(CommandError::Argument {
        message: format!(
            "the master's certificate {} is for {}, not for {}",
            certificate.thumbprint(),
            certificate.facts().names.join(", "),
            lacking.join(", ")
        ),
        hint: "`soctl cert rotate master --name NAME` replaces it, without a visit to any worker"
            .to_owned(),
    }
    .into())
}

/// What a person needs for the workers.
fn result(site: &Site, port: Option<u16>) -> Result<(Value, Vec<String>), CliError> {
    let settings = SettingsFile::read(&site.data, site.kind)?;
    let Some(identity) = present(site, &settings)? else {
        return Ok((json!({}), Vec::new()));
    };
    let (certificate, facts) = (&identity.certificate, identity.certificate.facts());
    let file = site.data.join("SSISScaleOutMaster.cer");
    let host = facts.names.first().map_or("localhost", String::as_str);
    let port = port.unwrap_or_else(|| number(&settings, "PortNumber"));
    let endpoint = if host.contains(':') {
        format!("https://[{host}]:{port}")
    } else {
        format!("https://{host}:{port}")
    };
    let shown = json!({
        "endpoint": endpoint,
        "thumbprint": certificate.thumbprint().as_str(),
        "thumbprint_sha256": certificate.thumbprint_sha256().as_str(),
        "names": facts.names,
        "certificate_file": file,
        "unit": Unit::name(site.kind),
    });
    let lines = vec![
        format!(
            "certificate {} (SHA-256 {})",
            certificate.thumbprint(),
            certificate.thumbprint_sha256()
        ),
        format!(
            "start it with `soctl master run --data {}`; workers are set up with \
             `soctl worker init --master-endpoint {endpoint} --master-cert FILE` and a copy of {}",
            site.data.display(),
            file.display()
        ),
    ];
    Ok((shown, lines))
}
