//! What is known about a worker, and how one is named.

use jiff::Timestamp;
use scaleout_core::client::{Client, Row};
use scaleout_core::registry::ViewQuery;
use serde::Serialize;
use uuid::Uuid;

use crate::error::{CliError, CommandError};
use crate::rows::text;

/// A worker that was not heard of for this long counts as offline: two missed heartbeats of
/// the default `AgentHeartbeatInterval`, and a little more.
pub const OFFLINE_AFTER_SECONDS: i64 = 130;

/// A worker as the lists show it.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// `WorkerAgentId`
    pub worker_agent_id: Uuid,
    /// `DisplayName`
    pub display_name: String,
    /// `MachineName`
    pub machine_name: String,
    /// `Description`
    pub description: String,
    /// `Tags`
    pub tags: String,
    /// `UserAccount`
    pub user_account: String,
    /// `IsEnabled`
    pub enabled: bool,
    /// Heard of recently.
    pub online: bool,
    /// Gets nothing more: `soctl workers drain`.
    pub draining: bool,
    /// When it hands back what it still runs; absent for never.
    pub drain_until: Option<Timestamp>,
    /// Why it asks for nothing more although it has a free slot.
    pub gate: Option<String>,
    /// Tasks that it holds.
    pub leased_tasks: i64,
    /// `MaxTaskCount`
    pub max_task_count: i64,
    /// Busy share of its processors at its last heartbeat, percent.
    pub cpu_percent: Option<i64>,
    /// Its free memory at its last heartbeat, MB.
    pub free_memory_mb: Option<i64>,
    /// Version of its program.
    pub program_version: Option<String>,
    /// `LastOnlineTime`
    pub last_online_time: Option<Timestamp>,
    /// SHA-1 thumbprint of the certificate that it shows, for administrators.
    pub certificate_thumbprint: Option<String>,
    /// When that certificate ends.
    pub certificate_not_after: Option<Timestamp>,
}

/// All workers, by name.
///
/// # Errors
/// The master refuses.
pub async fn all(client: &Client, now: Timestamp) -> Result<Vec<Standing>, CliError> {
    let found = client.view("worker_agents", &ViewQuery::default()).await?;
    let states = client.view("worker_states", &ViewQuery::default()).await?;
    let mut workers: Vec<Standing> = found.iter().filter_map(|row| standing(row, now)).collect();
    for worker in &mut workers {
        let mut states = states.iter();
        let is_of = |row: &Row<'_>| row.guid("worker_agent_id") == Some(worker.worker_agent_id);
        if let Some(row) = states.find(is_of) {
            worker.draining = row.bit("is_draining").unwrap_or(false);
            worker.drain_until = row.time("drain_until");
            worker.gate = row.text("gate").map(str::to_owned);
            worker.leased_tasks = row.integer("leased_tasks").unwrap_or(0);
            worker.max_task_count = row.integer("max_task_count").unwrap_or(0);
            worker.cpu_percent = row.integer("cpu_percent");
            worker.free_memory_mb = row.integer("free_memory_mb");
            worker.program_version = row.text("program_version").map(str::to_owned);
        }
    }
    let current = ViewQuery {
        equals: vec![("is_current".to_owned(), "1".to_owned())],
        ..ViewQuery::default()
    };
    // Empty for who is no administrator.
    let certificates = client.view("worker_certificates", &current).await?;
    for row in certificates.iter() {
        let id = row.guid("WorkerAgentId");
        let mut all = workers.iter_mut();
        if let Some(worker) = all.find(|worker| Some(worker.worker_agent_id) == id) {
            let thumbprint = row.text("thumbprint_sha1").map(str::to_uppercase);
            worker.certificate_thumbprint = thumbprint;
            worker.certificate_not_after = row.time("not_after");
        }
    }
    workers.sort_by(|a, b| {
        (&a.display_name, a.worker_agent_id).cmp(&(&b.display_name, b.worker_agent_id))
    });
    Ok(workers)
}

fn standing(row: Row<'_>, now: Timestamp) -> Option<Standing> {
    let last_online_time = row.time("LastOnlineTime");
    let heard = |time: Timestamp| now.as_second() - time.as_second() <= OFFLINE_AFTER_SECONDS;
    Some(Standing {
        worker_agent_id: row.guid("WorkerAgentId")?,
        display_name: text(row, "DisplayName"),
        machine_name: text(row, "MachineName"),
        description: text(row, "Description"),
        tags: text(row, "Tags"),
        user_account: text(row, "UserAccount"),
        enabled: row.bit("IsEnabled").unwrap_or(false),
        online: last_online_time.is_some_and(heard),
        draining: false,
        drain_until: None,
        gate: None,
        leased_tasks: 0,
        max_task_count: 0,
        cpu_percent: None,
        free_memory_mb: None,
        program_version: None,
        last_online_time,
        certificate_thumbprint: None,
        certificate_not_after: None,
    })
}

/// The workers that names mean, in their order.
///
/// # Errors
/// For one of them none or several fit.
pub fn find_all<'a>(
    workers: &'a [Standing],
    wanted: &[String],
) -> Result<Vec<&'a Standing>, CommandError> {
    wanted.iter().map(|name| find(workers, name)).collect()
}

/// The one worker that an id, a display name or a machine name means.
///
/// # Errors
/// None or several fit.
pub fn find<'a>(workers: &'a [Standing], wanted: &str) -> Result<&'a Standing, CommandError> {
    let by_id = wanted.trim_matches(['{', '}']).parse::<Uuid>().ok();
    let fits = |worker: &&Standing| {
        by_id == Some(worker.worker_agent_id)
            || worker.display_name.eq_ignore_ascii_case(wanted)
            || worker.machine_name.eq_ignore_ascii_case(wanted)
    };
    let found: Vec<&Standing> = workers.iter().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(CommandError::NotFound {
            kind: "worker",
            name: wanted.to_owned(),
            place: " has registered with this master".to_owned(),
            hint: "`soctl workers list` shows all of them".to_owned(),
        }),
        several => Err(CommandError::Ambiguous {
            kind: "worker",
            name: wanted.to_owned(),
            candidates: several
                .iter()
                .map(|worker| worker.worker_agent_id.to_string())
                .collect::<Vec<_>>()
                .join(", "),
            hint: "give the id".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(id: u128, name: &str, machine: &str) -> Standing {
        Standing {
            worker_agent_id: Uuid::from_u128(id),
            display_name: name.to_owned(),
            machine_name: machine.to_owned(),
            description: String::new(),
            tags: String::new(),
            user_account: String::new(),
            enabled: true,
            online: true,
            draining: false,
            drain_until: None,
            gate: None,
            leased_tasks: 0,
            max_task_count: 4,
            cpu_percent: None,
            free_memory_mb: None,
            program_version: None,
            last_online_time: None,
            certificate_thumbprint: None,
            certificate_not_after: None,
        }
    }

    #[test]
    fn a_worker_is_found_by_id_in_braces_or_by_unique_name() {
        let workers = [worker(1, "a", "host"), worker(2, "b", "host")];
        assert_eq!(
            find(&workers, "{00000000-0000-0000-0000-000000000002}")
                .unwrap()
                .display_name,
            "b"
        );
        assert_eq!(
            find(&workers, "A").unwrap().worker_agent_id,
            Uuid::from_u128(1)
        );
        assert!(matches!(
            find(&workers, "host"),
            Err(CommandError::Ambiguous { .. })
        ));
        assert!(matches!(
            find(&workers, "c"),
            Err(CommandError::NotFound { .. })
        ));
    }
}
