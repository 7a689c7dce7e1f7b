//! `soctl cert show`.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use scaleout_core::certificates::{Certificate, Thumbprint};

use super::shown::{ShownCertificate, expiry_cell, key_words};
use crate::certificate_file;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::service_folder::{CertificateStore, StoreName};
use crate::setup::options::DataFolder;

/// Show what a certificate says: names, time, key, both thumbprints
///
/// Examples:
///   soctl cert show worker.cer
///   soctl cert show m/SSISScaleOutMaster.cer --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// A file, or the thumbprint of a certificate in a store of the service
    certificate: String,
    /// File with the password of a `.pfx`; `-` reads it from stdin
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    folder: DataFolder,
}

/// Reads the certificate.
///
/// # Errors
/// There is none.
pub fn run(args: &ShowArgs, now: Timestamp) -> Result<Outcome, CliError> {
    let certificate = find(args)?;
    let shown = ShownCertificate::of(&certificate, now);
    let facts = &shown.facts;
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut report = Report::facts([
        ("subject", text(&facts.subject)),
        ("issuer", text(&facts.issuer)),
        ("names", Cell::Text(facts.names.join(", "))),
        ("thumbprint (SHA-1)", text(&facts.thumbprint)),
        ("thumbprint (SHA-256)", text(&facts.thumbprint_sha256)),
        ("valid from", Cell::Moment(facts.not_before)),
        ("valid until", Cell::Moment(facts.not_after)),
        ("ends", expiry_cell(facts.not_after, now)),
        ("key", Cell::Text(key_words(&facts.key))),
        ("signature", text(&facts.signature)),
    ]);
    report.after.extend(shown.problem.clone());
    Ok(Outcome::new(&shown, report))
}

fn find(args: &ShowArgs) -> Result<Certificate, CliError> {
    let file = Path::new(&args.certificate);
    if file.exists() {
        let found = certificate_file::read(file, None, args.password_file.as_deref())?;
        return Ok(found.certificate);
    }
    let Ok(thumbprint) = args.certificate.parse::<Thumbprint>() else {
        return Ok(certificate_file::read(file, None, None)?.certificate);
    };
    let (data, _) = args.folder.found()?;
    let my = CertificateStore::of(&data, StoreName::My);
    if let Some(found) = my.find(&thumbprint)? {
        return Ok(found.certificate);
    }
    let root = CertificateStore::of(&data, StoreName::Root);
    Ok(root.get(&thumbprint)?.certificate)
}
