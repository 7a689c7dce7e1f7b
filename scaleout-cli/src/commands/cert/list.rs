//! `soctl cert list`.

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::shown::{ShownCertificate, expiry_cell};
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::service_folder::{CertificateStore, ServiceKind, SettingsFile, StoreName};
use crate::setup::options::DataFolder;

/// List the certificates in the stores of a service
///
/// Examples:
///   soctl cert list --data m
///   soctl cert list --data m --store Root --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    #[command(flatten)]
    folder: DataFolder,
    /// Only this store
    #[arg(long, value_enum, value_name = "STORE")]
    store: Option<StoreName>,
}

#[derive(Serialize)]
struct Listed {
    store: &'static str,
    file: String,
    has_key: bool,
    in_use: bool,
    #[serde(flatten)]
    certificate: ShownCertificate,
}

/// Reads both stores.
///
/// # Errors
/// A file cannot be read, or is no certificate.
pub fn run(args: &ListArgs, now: Timestamp) -> Result<Outcome, CliError> {
    let (data, kind) = args.folder.found()?;
    let settings = SettingsFile::read(&data, kind)?;
    let in_use = thumbprints_in_use(kind, &settings);
    let stores = match args.store {
        Some(one) => vec![one],
        None => vec![StoreName::My, StoreName::Root],
    };
    let mut listed = Vec::new();
    for store in stores {
        for one in CertificateStore::of(&data, store).list()? {
            let der = one.certificate.der();
            listed.push(Listed {
                store: store.as_str(),
                file: one.file.display().to_string(),
                has_key: one.key_file.is_some(),
                in_use: in_use.iter().any(|thumbprint| thumbprint.matches(der)),
                certificate: ShownCertificate::of(&one.certificate, now),
            });
        }
    }
    let mut report = Report::table(["store", "thumbprint", "names", "ends", "key", "in use"]);
    let yes_no = |yes: bool| Cell::Text(if yes { "yes" } else { "no" }.to_owned());
    report.rows = listed
        .iter()
        .map(|one| {
            vec![
                Cell::Text(one.store.to_owned()),
                Cell::Text(one.certificate.facts.thumbprint.clone()),
                Cell::Text(one.certificate.facts.names.join(", ")),
                expiry_cell(one.certificate.facts.not_after, now),
                yes_no(one.has_key),
                yes_no(one.in_use),
            ]
        })
        .collect();
    report.after = listed
        .iter()
        .filter_map(|one| one.certificate.problem.clone())
        .collect();
    Ok(Outcome::new(&listed, report))
}

/// The certificates that the settings of a service name.
#[must_use]
pub fn thumbprints_in_use(
    kind: ServiceKind,
    settings: &SettingsFile,
) -> Vec<scaleout_core::certificates::Thumbprint> {
    let keys = [kind.thumbprint_key(), "MasterHttpsCertThumbprint"];
    let texts = keys.iter().map(|key| settings.text(key));
    texts.filter_map(|text| text.parse().ok()).collect()
}
