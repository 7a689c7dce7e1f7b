//! `soctl cert create`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::shown::ShownCertificate;
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report};
use crate::service_folder::{CertificateStore, StoreName, new_certificate, replace};
use crate::setup::names;
use crate::setup::options::DataFolder;

/// Make a self-signed certificate with its key
///
/// P-256 and SHA-256, with names and addresses as subject alternative names. It goes into the store My
/// of the service, or into a file of its own; nothing shows it before the settings name it
/// (`SSLCertThumbprint`, `WorkerHttpsCertThumbprint`), as `soctl cert rotate` does by itself.
///
/// Examples:
///   soctl cert create --name etl.example --name 10.0.0.5 --out new.cer
///   soctl cert create --data m --valid-for 730
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CreateArgs {
    /// Name or address that it is for; may be repeated; this computer if absent
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    /// Days that it is valid
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    valid_for: u32,
    /// File for the certificate; the key goes beside it, as `.key`
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    out: Option<PathBuf>,
    #[command(flatten)]
    folder: DataFolder,
}

/// Makes it and writes both files.
///
/// # Errors
/// A name makes no sense, a file is there already, or cannot be written.
pub fn run(args: &CreateArgs, now: Timestamp) -> Result<Outcome, CliError> {
    let mut wanted = names::given(&args.name);
    if wanted.is_empty() {
        wanted = names::of_this_machine();
    }
    let issued = new_certificate(&wanted, args.valid_for, now)?;
    let file = match &args.out {
        Some(file) => {
            let key = file.with_extension("key");
            if let Some(there) = [file, &key].into_iter().find(|path| path.exists()) {
                return Err(CommandError::Argument {
                    message: format!("`{}` is there already", there.display()),
                    hint: "name another file, or remove it first".to_owned(),
                }
                .into());
            }
            replace(&key, 0o600, issued.key.to_pem().as_bytes())?;
            replace(file, 0o644, issued.certificate.to_pem().as_bytes())?;
            file.clone()
        }
        None => {
            let (data, _) = args.folder.found()?;
            let store = CertificateStore::of(&data, StoreName::My);
            store.install(&issued.certificate, Some(&issued.key))?;
            store.get(&issued.certificate.thumbprint_sha256())?.file
        }
    };
    let mut shown = json!(ShownCertificate::of(&issued.certificate, now));
    shown["file"] = json!(file);
    let lines = [
        format!("made {} for {}", file.display(), wanted.join(", ")),
        format!("thumbprint {}", issued.certificate.thumbprint()),
        format!("SHA-256 {}", issued.certificate.thumbprint_sha256()),
    ];
    Ok(Outcome::new(&shown, Report::lines(lines)))
}
