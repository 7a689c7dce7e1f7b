//! Checks that only a worker's machine can make.

use std::path::Path;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use scaleout_agent::worker::{is_spool, spool_path};
use scaleout_core::client::{ClientError, Endpoint, Identity, MasterTrust, Transport};
use scaleout_core::error::Explain as _;
use scaleout_core::protocol::worker::{LeaseReply, LeaseRequest};
use scaleout_core::settings::WorkerSettings;
use serde_json::Value;

use super::check::Check;
use crate::service_folder::{WorkerFolder, worker_identity};

const LIMIT: Duration = Duration::from_secs(10);
/// Clocks that differ by more make certificates and logs look wrong.
const SKEW_SECONDS: i64 = 30;
/// Logs that wait for the master longer than this grow.
const OLD_LOG: Duration = Duration::from_secs(3600);

/// All of them.
pub async fn run(data: &Path, now: Timestamp) -> Vec<Check> {
    let file = data.join("WorkerSettings.config");
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let Ok(settings) = WorkerSettings::parse(&file.display().to_string(), &text) else {
        return Vec::new();
    };
    let mut checks = vec![spool(data, &settings)];
    if settings.master_endpoint.is_empty() {
        checks.push(Check::failed(
            "MasterEndpoint",
            format!("{} does not say where the master is", file.display()),
            "`soctl worker settings set MasterEndpoint https://HOST:PORT`",
        ));
        return checks;
    }
    let trust = match WorkerFolder::trust_of(data, &settings) {
        Ok(trust) => {
            checks.push(Check::ok("master's certificate", "is in the store Root"));
            trust
        }
        Err(error) => {
            checks.push(Check::of_cli("master's certificate", error));
            return checks;
        }
    };
    let identity = worker_identity(data, &settings, now).ok();
    checks.extend(reach(&settings.master_endpoint, &trust, identity.as_ref(), now).await);
    checks
}

async fn reach(
    endpoint: &str,
    trust: &MasterTrust,
    identity: Option<&Identity>,
    now: Timestamp,
) -> Vec<Check> {
    let parsed: Endpoint = match endpoint.parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            let error: ClientError = error;
            return vec![Check::of_error("endpoint", &error)];
        }
    };
    let transport = match Transport::new(parsed, trust, identity, None) {
        Ok(transport) => transport,
        Err(error) => return vec![Check::of_error("private key", &error)],
    };
    let health: Value = match transport.get("/health", LIMIT).await {
        Ok(health) => health,
        Err(error) => return vec![endpoint_failure(endpoint, &error)],
    };
    let mut checks = vec![Check::ok(
        "endpoint",
        format!("{endpoint} answers with the right certificate"),
    )];
    checks.push(clock(&health, now));
    let ask = LeaseRequest {
        slots: 0,
        child_slots: 0,
        wait_ms: 0,
        lease_ms: 1000,
    };
    let asked: Result<LeaseReply, ClientError> = transport
        .post("/ClusterManagement/v1/lease", &ask, LIMIT)
        .await;
    checks.push(match asked {
        Ok(_) => Check::ok(
            "let in",
            "the master trusts this worker's certificate and knows it",
        ),
        Err(error) => {
            let cure = match error.code() {
                "SO1008" => {
                    "at the master: `soctl workers add NAME --cert SSISScaleOutWorker.cer`, or \
                     `soctl cert install SSISScaleOutWorker.cer --store Root`"
                        .to_owned()
                }
                "SO1202" => "start the worker: it registers by itself".to_owned(),
                _ => error.hint(),
            };
            Check::failed("let in", error.to_string(), cure)
        }
    });
    checks
}

/// Why the master cannot be called, with the cures in the order in which they are likely.
fn endpoint_failure(endpoint: &str, error: &ClientError) -> Check {
    match error {
        ClientError::Unreachable { .. } | ClientError::TimedOut { .. } => Check::failed(
            "endpoint",
            scaleout_core::error::with_sources(error),
            format!(
                "is the master started, and is {endpoint} its address (`soctl worker settings set \
                 MasterEndpoint`)? If so, its firewall: `soctl master init --open-firewall` there"
            ),
        ),
        other => Check::of_error("endpoint", other),
    }
}

fn clock(health: &Value, now: Timestamp) -> Check {
    let theirs = health["time"]
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok());
    let Some(theirs) = theirs else {
        return Check::skipped("clock", "the master does not tell its time");
    };
    let seconds = theirs.duration_since(now).as_secs();
    if SKEW_SECONDS < seconds.abs() {
        return Check::failed(
            "clock",
            format!(
                "the master's clock is {} s {} this machine's",
                seconds.abs(),
                if seconds < 0 { "behind" } else { "ahead of" }
            ),
            "let both machines follow a time server: `timedatectl set-ntp true`",
        );
    }
    Check::ok("clock", "both machines have the same time")
}

fn spool(data: &Path, settings: &WorkerSettings) -> Check {
    let folder = spool_path(data, settings);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return Check::ok("logs that wait", "none");
    };
    let (mut count, mut bytes, mut oldest) = (0_u32, 0_u64, Duration::ZERO);
    for found in entries
        .filter_map(Result::ok)
        // Others are empty and wait to be used again.
        .filter(|entry| is_spool(&entry.path()))
        .filter_map(|entry| entry.metadata().ok())
    {
        count += 1;
        bytes += found.len();
        let age = found
            .modified()
            .ok()
            .and_then(|time| SystemTime::now().duration_since(time).ok());
        oldest = oldest.max(age.unwrap_or_default());
    }
    if OLD_LOG < oldest {
        return Check::failed(
            "logs that wait",
            format!(
                "{count} files with {bytes} bytes wait in {} since {} min",
                folder.display(),
                oldest.as_secs() / 60
            ),
            "the worker sends them as soon as it runs and the master lets it in: see the other checks",
        );
    }
    Check::ok("logs that wait", format!("{count} files, {bytes} bytes"))
}
