//! `soctl cert install`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::shown::ShownCertificate;
use crate::certificate_file;
use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::service_folder::{CertificateStore, StoreName};
use crate::setup::options::DataFolder;
use crate::signal::tell_to_reload;

/// Put a certificate into a store of a service
///
/// Takes `.cer`, `.crt`, `.pem` and `.der`, and `.pfx` with its key. A certificate that is signed with
/// SHA-1 or has an RSA key under 2048 bits is refused. A service that runs takes it on at once.
///
/// Examples:
///   soctl cert install worker.cer --store Root --data m
///   soctl cert install anna.cer --data m
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct InstallArgs {
    /// File with the certificate
    file: PathBuf,
    /// Which store; My where a key comes along, Root otherwise
    #[arg(long, value_enum, value_name = "STORE")]
    store: Option<StoreName>,
    /// File with its private key
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// File with the password of a `.pfx`; `-` reads it from stdin
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    folder: DataFolder,
}

/// Installs it.
///
/// # Errors
/// It is no certificate, too weak, or cannot be written.
pub fn run(args: &InstallArgs, now: Timestamp) -> Result<Outcome, CliError> {
    let (data, kind) = args.folder.found()?;
    let password = args.password_file.as_deref();
    let found = certificate_file::read(&args.file, args.key.as_deref(), password)?;
    let usual = if found.key.is_some() {
        StoreName::My
    } else {
        StoreName::Root
    };
    let store = CertificateStore::of(&data, args.store.unwrap_or(usual));
    let changed = store.install(&found.certificate, found.key.as_ref())?;
    let shown = ShownCertificate::of(&found.certificate, now);
    let thumbprint = &shown.facts.thumbprint;
    let place = store.folder().display();
    let mut lines = vec![if changed {
        format!("installed {thumbprint} in {place}")
    } else {
        format!("{thumbprint} is in {place} already")
    }];
    if let Some(problem) = &shown.problem {
        lines.push(format!("it will be refused as it is: {problem}"));
    }
    if changed {
        lines.extend(tell_to_reload(&data, kind));
    }
    let mut json = json!(shown);
    json["changed"] = changed.into();
    json["store"] = json!(store.folder());
    Ok(Outcome::new(&json, Report::lines(lines)))
}
