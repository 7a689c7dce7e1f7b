//! Which certificate a service shows: the one that its settings name, or the pair of its first start.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use scaleout_core::certificates::{
    Certificate, CertificateRequest, IssuedCertificate, PrivateKey, Thumbprint, create_self_signed,
};
use scaleout_core::client::Identity;
use scaleout_core::settings::WorkerSettings;

use super::files::{certificate_with_key, replace};
use super::settings_file::ServiceKind;
use super::store::{CertificateStore, StoreName};
use crate::error::{CliError, CommandError, file_error};

/// How much earlier than now a new certificate begins: clocks of two machines differ a little.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// A new self-signed certificate for these names.
///
/// # Errors
/// A name or the number of days makes no sense.
pub fn new_certificate(
    names: &[String],
    valid_days: u32,
    now: Timestamp,
) -> Result<IssuedCertificate, CliError> {
    Ok(create_self_signed(&CertificateRequest {
        names: names.to_vec(),
        not_before: now - SLACK,
        valid_days,
    })?)
}

/// The certificate that a service shows. With no `thumbprint` it is the pair in the folder itself,
/// which is made now if it is not there.
///
/// # Errors
/// The store does not hold it, or not its key.
pub fn shown_by(
    service: &Path,
    kind: ServiceKind,
    store: &CertificateStore,
    thumbprint: &str,
    names: &[String],
    now: Timestamp,
) -> Result<Identity, CliError> {
    if thumbprint.is_empty() {
        let (certificate, key) =
            certificate_with_key(service, kind.certificate_name(), names, now)?;
        return Ok(Identity { certificate, key });
    }
    let thumbprint: Thumbprint = thumbprint.parse()?;
    if let Some(found) = store.find(&thumbprint)? {
        return found.identity();
    }
    // The pair of the first start, named in the settings by hand.
    if let Some(pair) = own_pair(service, kind)?
        && thumbprint.matches(pair.certificate.der())
    {
        return Ok(pair);
    }
    let settings = service.join(kind.settings_file());
    Err(CommandError::NotFound {
        kind: "certificate",
        name: thumbprint.to_string(),
        place: format!(
            " in the store `{}`, although `{}` in `{}` names it",
            store.folder().display(),
            kind.thumbprint_key(),
            settings.display()
        ),
        hint: format!(
            "`soctl cert install FILE --key FILE` puts it there, \
             `soctl {} settings set {}` names another one",
            kind.as_str(),
            kind.thumbprint_key()
        ),
    }
    .into())
}

/// The pair in the folder itself, if both files are there.
///
/// # Errors
/// A file cannot be read, or holds something else.
pub fn own_pair(service: &Path, kind: ServiceKind) -> Result<Option<Identity>, CliError> {
    let name = kind.certificate_name();
    let (certificate, key) = (
        service.join(format!("{name}.cer")),
        service.join(format!("{name}.key")),
    );
    if !certificate.is_file() || !key.is_file() {
        return Ok(None);
    }
    let certificate =
        Certificate::read(&std::fs::read(&certificate).map_err(file_error("read", &certificate))?)?;
    let key =
        PrivateKey::from_pem(&std::fs::read_to_string(&key).map_err(file_error("read", &key))?)?;
    Ok(Some(Identity { certificate, key }))
}

/// Puts a certificate with its key into the store and its public part, for others to copy, into the
/// folder. The pair of an earlier start goes into the store too, so that nothing is lost.
///
/// # Errors
/// A file cannot be written, or key and certificate do not belong together.
pub fn adopt(
    service: &Path,
    kind: ServiceKind,
    store: &CertificateStore,
    identity: &Identity,
) -> Result<(), CliError> {
    if let Some(pair) = own_pair(service, kind)? {
        store.install(&pair.certificate, Some(&pair.key))?;
        let key = service.join(format!("{}.key", kind.certificate_name()));
        std::fs::remove_file(&key).map_err(file_error("remove", key))?;
    }
    store.install(&identity.certificate, Some(&identity.key))?;
    let public = service.join(format!("{}.cer", kind.certificate_name()));
    replace(&public, 0o644, identity.certificate.to_pem().as_bytes())
}

/// The store that holds a worker's certificate: `StoreLocation` and `StoreName` say which.
/// `LocalMachine` is the folder of the service, `CurrentUser` that of the account.
#[must_use]
pub fn store_of_worker(service: &Path, settings: &WorkerSettings) -> CertificateStore {
    let name = if settings.store_name == "Root" {
        StoreName::Root
    } else {
        StoreName::My
    };
    if settings.store_location == "CurrentUser" {
        CertificateStore::of(&user_stores(), name)
    } else {
        CertificateStore::of(service, name)
    }
}

/// `$XDG_DATA_HOME/scaleout/certificates`, else `~/.local/share/scaleout/certificates`.
fn user_stores() -> PathBuf {
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let data = variable("XDG_DATA_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
        .unwrap_or_else(|| PathBuf::from("."));
    data.join("scaleout/certificates")
}
