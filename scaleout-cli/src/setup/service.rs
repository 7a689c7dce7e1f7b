//! The systemd unit of a service: its own account, few rights, started again when it dies.

use std::path::{Path, PathBuf};

use crate::service_folder::ServiceKind;

/// What a unit is made of.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Master or worker.
    pub kind: ServiceKind,
    /// This program.
    pub program: PathBuf,
    /// Data folder of the service.
    pub data: PathBuf,
    /// Account that it runs as.
    pub account: String,
}

impl Unit {
    /// Its name, as `systemctl` knows it.
    #[must_use]
    pub fn name(kind: ServiceKind) -> String {
        format!("scaleout-{}.service", kind.as_str())
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let what = match self.kind {
            ServiceKind::Master => "Scale Out Master",
            ServiceKind::Worker => "Scale Out Worker",
        };
        let command = match self.kind {
            ServiceKind::Master => "master run",
            ServiceKind::Worker => "workers run",
        };
        let rights = match self.kind {
            ServiceKind::Master => master_rights(&self.data),
            ServiceKind::Worker => WORKER_RIGHTS.to_owned(),
        };
        format!(
            "[Unit]
Description={what}
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
Type=exec
User={account}
Group={account}
ExecStart={program} -v {command} --data {data}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
TimeoutStopSec={stop}
LimitNOFILE=65536
UMask=0077
{HARDENED}{rights}
[Install]
WantedBy=multi-user.target
",
            account = self.account,
            stop = longest_stop(self.kind),
            program = quoted(&self.program),
            data = quoted(&self.data),
        )
    }
}

/// Seconds that a stop may take. A worker drains for 60 of them (`--drain-deadline`).
fn longest_stop(kind: ServiceKind) -> u32 {
    match kind {
        ServiceKind::Master => 30,
        ServiceKind::Worker => 90,
    }
}

const HARDENED: &str = "NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
RestrictSUIDSGID=yes
LockPersonality=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
PrivateDevices=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
SystemCallArchitectures=native
";

/// A master writes into its own folder and nowhere else.
fn master_rights(data: &Path) -> String {
    format!(
        "PrivateTmp=yes
ProtectSystem=strict
ProtectHome=yes
ReadWritePaths={}
MemoryDenyWriteExecute=yes
SystemCallFilter=@system-service
",
        quoted(data)
    )
}

/// A worker runs packages, which read and write files where they please, as far as the account may.
const WORKER_RIGHTS: &str = "ProtectSystem=full
KillMode=mixed
";

/// A path as a unit file wants it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string().replace('%', "%%");
    if text.contains([' ', '"', '\\', '\'', ';']) {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_has_its_own_account_few_rights_and_is_started_again() {
        for kind in [ServiceKind::Master, ServiceKind::Worker] {
            let unit = Unit {
                kind,
                program: "/usr/local/bin/soctl".into(),
                data: "/var/lib/scale out".into(),
                account: "scaleout".into(),
            };
            let text = unit.text();
            for line in ["User=scaleout", "NoNewPrivileges=yes", "Restart=on-failure"] {
                assert!(text.lines().any(|found| found == line), "{text}");
            }
            assert!(text.contains("--data \"/var/lib/scale out\"\n"), "{text}");
        }
    }
}
