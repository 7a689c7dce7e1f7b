//! Files of a service folder: private ones with mode 0600, certificates, settings.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use scaleout_agent::files;
use scaleout_core::certificates::{
    Certificate, CertificateRequest, PrivateKey, create_self_signed,
};

use crate::error::{CliError, file_error};

/// How long a certificate made here is valid.
const VALID_DAYS: u32 = 365;

/// Makes a folder that only its owner may enter; one that is there stays as it is.
///
/// # Errors
/// It cannot be made.
pub fn private_folder(folder: &Path) -> Result<(), CliError> {
    let made = files::private_folder(folder);
    Ok(made.map_err(file_error("create", folder))?)
}

/// As [`private_folder`]; a new one gets the owner of the folder above it.
///
/// # Errors
/// It cannot be made.
pub fn owned_folder(folder: &Path) -> Result<(), CliError> {
    if folder.is_dir() {
        return Ok(());
    }
    private_folder(folder)?;
    if let Some(above) = folder.parent().and_then(|above| above.metadata().ok()) {
        // Only root can give a folder away, and nobody else has to.
        let _stays = std::os::unix::fs::chown(folder, Some(above.uid()), Some(above.gid()));
    }
    Ok(())
}

/// Writes a new file with this mode; refuses to replace one.
///
/// # Errors
/// There is one already, or it cannot be written.
pub fn write_new(path: &Path, mode: u32, content: &[u8]) -> Result<(), CliError> {
    let written = files::write_new(path, mode, content);
    Ok(written.map_err(file_error("write", path))?)
}

/// Writes a whole file under its name at once or not at all. One that is there keeps its owner and
/// mode; a new one gets this mode and the owner of its folder.
///
/// # Errors
/// It cannot be written.
pub fn replace(path: &Path, mode: u32, content: &[u8]) -> Result<(), CliError> {
    let there = std::fs::metadata(path).ok();
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let above = folder.and_then(|folder| std::fs::metadata(folder).ok());
    let mode = there.as_ref().map_or(mode, |there| there.mode() & 0o777);
    let unfinished = path.with_extension("part");
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(file_error("write", path)(error).into());
        }
        _ => {}
    }
    write_new(&unfinished, mode, content)?;
    if let Some(owner) = there.or(above) {
        // Only root can give a file away, and nobody else has to.
        let _stays = std::os::unix::fs::chown(&unfinished, Some(owner.uid()), Some(owner.gid()));
    }
    let done = std::fs::rename(&unfinished, path);
    Ok(done.map_err(file_error("write", path))?)
}

/// The certificate `<name>.cer` with its key `<name>.key`, made now if there is none.
///
/// # Errors
/// A file cannot be read or written, or holds something else.
pub fn certificate_with_key(
    folder: &Path,
    name: &str,
    host_names: &[String],
    now: Timestamp,
) -> Result<(Certificate, PrivateKey), CliError> {
    let (certificate_file, key_file) = (
        folder.join(format!("{name}.cer")),
        folder.join(format!("{name}.key")),
    );
    if !certificate_file.exists() && !key_file.exists() {
        let request = CertificateRequest {
            names: host_names.to_vec(),
            // Clocks of two machines differ a little.
            not_before: now - SignedDuration::from_mins(5),
            valid_days: VALID_DAYS,
        };
        let issued = create_self_signed(&request)?;
        // The key first: a certificate without its key would be taken for a complete set-up.
        write_new(&key_file, 0o600, issued.key.to_pem().as_bytes())?;
        write_new(
            &certificate_file,
            0o644,
            issued.certificate.to_pem().as_bytes(),
        )?;
    }
    let certificate =
        std::fs::read(&certificate_file).map_err(file_error("read", &certificate_file))?;
    let key = std::fs::read_to_string(&key_file).map_err(file_error("read", &key_file))?;
    Ok((
        Certificate::read(&certificate)?,
        PrivateKey::from_pem(&key)?,
    ))
}

/// A certificate in PEM or DER form.
///
/// # Errors
/// The file cannot be read, or holds no certificate.
pub fn read_certificate(path: &Path) -> Result<Certificate, CliError> {
    let bytes = std::fs::read(path).map_err(file_error("read", path))?;
    Ok(Certificate::read(&bytes)?)
}

/// The text of a settings file; the defaults are written first if there is none.
///
/// # Errors
/// It cannot be written or read.
pub fn settings_text(path: &Path, defaults: impl FnOnce() -> String) -> Result<String, CliError> {
    if !path.exists() {
        write_new(path, 0o644, defaults().as_bytes())?;
    }
    let text = std::fs::read_to_string(path).map_err(file_error("read", path))?;
    Ok(text)
}

/// Name of this machine.
#[must_use]
pub fn host_name() -> String {
    let name = nix::unistd::gethostname().ok();
    name.map_or_else(
        || "localhost".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}
