//! Telling a service of this machine to read its settings and certificates again.

use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::service_folder::{ServiceKind, holder_of};

/// Sends SIGHUP to the service that runs in the folder, and says so; nothing if none runs.
#[must_use]
pub fn tell_to_reload(data: &Path, kind: ServiceKind) -> Option<String> {
    let process = holder_of(data)?;
    let name = kind.as_str();
    let sent = i32::try_from(process)
        .ok()
        .and_then(|process| kill(Pid::from_raw(process), Signal::SIGHUP).ok());
    Some(match sent {
        Some(()) => format!("the {name} that runs (process {process}) reads it again"),
        None => format!(
            "the {name} that runs (process {process}) could not be told: `kill -HUP {process}`"
        ),
    })
}
