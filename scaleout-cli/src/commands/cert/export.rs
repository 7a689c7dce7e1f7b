//! `soctl cert export`.

use std::path::PathBuf;

use clap::Args;
use scaleout_core::certificates::Thumbprint;
use serde_json::json;

use crate::certificate_file::{is_pfx, password, to_pfx};
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report, Talk};
use crate::service_folder::{CertificateStore, StoreName, replace};
use crate::setup::options::DataFolder;

/// Write a certificate of a store into a file for another machine
///
/// `.cer`, `.crt` and `.pem` hold the public part as PEM, `.der` as DER (`--der` for any name). `.pfx`
/// and `.p12` hold the private key too, under a password; the file gets mode 0600.
///
/// Examples:
///   soctl cert export SSISScaleOutMaster copy.cer --data m
///   soctl cert export SSISScaleOutMaster m.pfx --data m \
///     --password-file password.txt
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ExportArgs {
    /// Its thumbprint, or `SSISScaleOutMaster` or `SSISScaleOutWorker` for what the service shows
    certificate: String,
    /// File to write
    file: PathBuf,
    /// Which store
    #[arg(long, value_enum, value_name = "STORE", default_value = "My")]
    store: StoreName,
    /// Write DER whatever the file is called
    #[arg(long)]
    der: bool,
    /// File with the password for a `.pfx`; `-` reads it from stdin; asked for on a terminal
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    folder: DataFolder,
}

/// Writes the file.
///
/// # Errors
/// There is no such certificate, no key or password for a `.pfx`, or the file is there.
pub fn run(args: &ExportArgs, talk: &Talk) -> Result<Outcome, CliError> {
    let (data, kind) = args.folder.found()?;
    let store = CertificateStore::of(&data, args.store);
    let thumbprint: Thumbprint = if args.certificate == kind.certificate_name() {
        let settings = crate::service_folder::SettingsFile::read(&data, kind)?;
        settings.text(kind.thumbprint_key()).parse()?
    } else {
        args.certificate.parse()?
    };
    let found = store.get(&thumbprint)?;
    if args.file.exists() && !args.overwrite {
        return Err(CommandError::Argument {
            message: format!("`{}` is there already", args.file.display()),
            hint: "name another file, or add `--overwrite`".to_owned(),
        }
        .into());
    }
    let with_key = is_pfx(&args.file);
    if with_key {
        let bytes = to_pfx(
            &found.identity()?,
            kind.certificate_name(),
            &pfx_password(args, talk)?,
        )?;
        replace(&args.file, 0o600, &bytes)?;
    } else {
        let is_der = args.der || args.file.extension().is_some_and(|ending| ending == "der");
        let bytes = if is_der {
            found.certificate.der().to_vec()
        } else {
            found.certificate.to_pem().into_bytes()
        };
        replace(&args.file, 0o644, &bytes)?;
    }
    let line = format!(
        "wrote {}{}",
        args.file.display(),
        if with_key {
            ", with the private key"
        } else {
            ""
        }
    );
    let json = json!({
        "file": args.file,
        "thumbprint": found.certificate.thumbprint().as_str(),
        "with_key": with_key,
    });
    Ok(Outcome::new(&json, Report::lines([line])))
}

fn pfx_password(args: &ExportArgs, talk: &Talk) -> Result<String, CliError> {
    let given = match &args.password_file {
        Some(file) => Some(password(Some(file))?),
        None => talk.ask_password("Password for the file"),
    };
    let given = given.filter(|text| !text.is_empty());
    Ok(given.ok_or_else(|| CommandError::PasswordNeeded {
        what: format!("`{}`", args.file.display()),
    })?)
}
