//! Checks of the data folder of a service.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use jiff::Timestamp;
use scaleout_core::certificates::{CertificateError, Expiry, Thumbprint};
use scaleout_core::settings::WorkerSettings;

use super::check::Check;
use crate::service_folder::{
    CertificateStore, ServiceKind, SettingsFile, StoreName, Stored, holder_of, own_pair,
    store_of_worker,
};

/// A data folder with less room than this, in bytes, fails.
const LEAST_ROOM: u64 = 512 << 20;

/// All of them.
pub fn run(data: &Path, kind: ServiceKind, now: Timestamp) -> Vec<Check> {
    let settings = SettingsFile::read(data, kind);
    let mut checks = vec![match &settings {
        Ok(file) => Check::ok("settings", format!("{} is valid", file.path.display())),
        Err(error) => Check::failed(
            "settings",
            error.body.message.clone(),
            error.body.hint.clone().unwrap_or_default(),
        ),
    }];
    if let Ok(file) = &settings {
        checks.extend(certificate(data, kind, file, now));
    }
    checks.push(root(data));
    checks.push(room(data));
    checks.push(match holder_of(data) {
        Some(process) => Check::ok("service", format!("the {} runs (process {process})", kind.as_str())),
        None => Check::failed(
            "service",
            format!("no {} runs in {}", kind.as_str(), data.display()),
            match kind {
                ServiceKind::Master => format!("`soctl master run --data {}`, or start its service (`systemctl start scaleout-master`)", data.display()),
                ServiceKind::Worker => format!("`soctl workers run --data {}`, or start its service (`systemctl start scaleout-worker`)", data.display()),
            },
        ),
    });
    checks
}

/// The certificate that the service shows: there, in its time, with a key that can be read and used.
fn certificate(
    data: &Path,
    kind: ServiceKind,
    settings: &SettingsFile,
    now: Timestamp,
) -> Vec<Check> {
    let found = match shown(data, kind, settings) {
        Ok(Some(found)) => found,
        Ok(None) => {
            return vec![Check::ok("certificate", "the pair of the first start")];
        }
        Err(check) => return vec![check],
    };
    let facts = found.certificate.facts().clone();
    let valid = found
        .certificate
        .check_strength()
        .and_then(|()| found.certificate.check_validity(now));
    let expiry = Expiry::at(facts.not_after, now);
    let renew = match kind {
        ServiceKind::Master => "`soctl cert rotate master`",
        ServiceKind::Worker => {
            "a worker that runs renews it by itself; an expired one is replaced with \
             `soctl worker init` after `WorkerHttpsCertThumbprint` was set to nothing, and let in again"
        }
    };
    let mut checks = vec![match (valid, expiry) {
        (Err(error @ CertificateError::NotYetValid { .. }), _) => {
            Check::of_error("certificate", &error)
        }
        (Err(error), _) => Check::failed("certificate", error.to_string(), renew),
        (Ok(()), Expiry::Fine { .. }) => Check::ok(
            "certificate",
            format!(
                "{} ({}), {}",
                facts.subject,
                facts.thumbprint,
                expiry.words()
            ),
        ),
        (Ok(()), _) => Check::failed(
            "certificate",
            format!(
                "{} ({}): only {}",
                facts.subject,
                facts.thumbprint,
                expiry.words()
            ),
            renew,
        ),
    }];
    checks.push(key(&found));
    checks
}

fn shown(data: &Path, kind: ServiceKind, settings: &SettingsFile) -> Result<Option<Stored>, Check> {
    let named = settings.text(kind.thumbprint_key());
    if named.is_empty() {
        return match own_pair(data, kind) {
            Ok(Some(_)) => Ok(None),
            Ok(None) => Err(Check::failed(
                "certificate",
                format!("{} has no certificate", data.display()),
                match kind {
                    ServiceKind::Master => "`soctl master init` makes one",
                    ServiceKind::Worker => "`soctl worker init` makes one",
                },
            )),
            Err(error) => Err(Check::of_cli("certificate", error)),
        };
    }
    let store = match kind {
        ServiceKind::Master => CertificateStore::of(data, StoreName::My),
        ServiceKind::Worker => match WorkerSettings::parse("settings", &settings.to_text()) {
            Ok(parsed) => store_of_worker(data, &parsed),
            Err(error) => return Err(Check::of_error("certificate", &error)),
        },
    };
    let thumbprint: Thumbprint = match named.parse() {
        Ok(thumbprint) => thumbprint,
        Err(error) => {
            let error: scaleout_core::certificates::CertificateError = error;
            return Err(Check::of_error("certificate", &error));
        }
    };
    match store.get(&thumbprint) {
        Ok(found) => Ok(Some(found)),
        Err(error) => Err(Check::of_cli("certificate", error)),
    }
}

/// Whether the key can be read by the account that asks, by nobody else, and goes with the certificate.
fn key(found: &Stored) -> Check {
    if let Err(error) = found.identity() {
        return Check::of_cli("private key", error);
    }
    let Some(file) = &found.key_file else {
        return Check::skipped("private key", "there is none");
    };
    let mode = file
        .metadata()
        .map_or(0, |data| data.permissions().mode() & 0o777);
    if mode & 0o077 != 0 {
        return Check::failed(
            "private key",
            format!("{} can be read by others (mode {mode:o})", file.display()),
            format!(
                "`chmod 600 {}`; if somebody may have read it, replace the certificate",
                file.display()
            ),
        );
    }
    Check::ok(
        "private key",
        format!("{} goes with the certificate", file.display()),
    )
}

fn root(data: &Path) -> Check {
    let store = CertificateStore::of(data, StoreName::Root);
    let all = match store.list() {
        Ok(all) => all,
        Err(error) => return Check::of_cli("trusted certificates", error),
    };
    let weak = all
        .iter()
        .find_map(|one| one.certificate.check_strength().err());
    match weak {
        Some(error) => Check::failed(
            "trusted certificates",
            error.to_string(),
            "`soctl cert remove THUMBPRINT` takes it out; the service does not start with it",
        ),
        None => Check::ok(
            "trusted certificates",
            format!("{} in {}", all.len(), store.folder().display()),
        ),
    }
}

fn room(data: &Path) -> Check {
    let Ok(space) = nix::sys::statvfs::statvfs(data) else {
        return Check::skipped("disk space", "the system does not tell");
    };
    let free = space.blocks_available() * space.fragment_size();
    let megabytes = free >> 20;
    if free < LEAST_ROOM {
        return Check::failed(
            "disk space",
            format!("only {megabytes} MB are free at {}", data.display()),
            "make room: `soctl catalog cleanup` removes old logs at a master; at a worker the folder \
             `spool` empties itself as soon as the master takes its logs",
        );
    }
    Check::ok("disk space", format!("{megabytes} MB are free"))
}
