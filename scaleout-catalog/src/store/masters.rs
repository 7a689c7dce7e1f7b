//! The masters that work on a catalog.

use jiff::{SignedDuration, Timestamp};

use super::{Session, StoreError, args};

/// After how long of silence a master is forgotten.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);

/// What a master says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterReport {
    /// Where workers and people reach it.
    pub address: String,
    /// Host name.
    pub machine_name: String,
    /// Its process there.
    pub process_id: u32,
    /// Its version.
    pub program_version: String,
    /// Thumbprint of its certificate.
    pub thumbprint: String,
    /// When it was started.
    pub started: Timestamp,
}

/// Records that a master is there, and forgets those that have been silent for a day.
pub async fn put(
    session: &mut Session,
    report: &MasterReport,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO master (address, machine_name, process_id, program_version, thumbprint,
                 started_time, last_online_time)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (address) DO UPDATE SET machine_name = excluded.machine_name,
                 process_id = excluded.process_id, program_version = excluded.program_version,
                 thumbprint = excluded.thumbprint, started_time = excluded.started_time,
                 last_online_time = excluded.last_online_time",
            args![
                &report.address,
                &report.machine_name,
                report.process_id,
                &report.program_version,
                &report.thumbprint,
                report.started,
                now
            ],
        )
        .await?;
    let silent = now.checked_sub(FORGOTTEN).unwrap_or(Timestamp::MIN);
    session
        .execute(
            "DELETE FROM master WHERE last_online_time < $1",
            args![silent],
        )
        .await?;
    Ok(())
}

/// Removes a master that stops.
pub async fn remove(session: &mut Session, address: &str) -> Result<(), StoreError> {
    session
        .execute("DELETE FROM master WHERE address = $1", args![address])
        .await?;
    Ok(())
}

/// Removes all others, where only one can be.
pub async fn keep_only(session: &mut Session, address: &str) -> Result<(), StoreError> {
    session
        .execute("DELETE FROM master WHERE address <> $1", args![address])
        .await?;
    Ok(())
}
