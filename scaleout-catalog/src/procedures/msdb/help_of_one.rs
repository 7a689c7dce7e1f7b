//! The schedules and the target of one job, as further result sets of `sp_help_job`.

use std::collections::BTreeMap;

use scaleout_core::registry::msdb::{
    HELP_JOB_SCHEDULE_COLUMNS, HELP_JOB_TARGET_COLUMNS, HELP_JOBHISTORY, SYSJOBSCHEDULES,
    SYSSCHEDULES,
};
use scaleout_core::registry::{Rows, ViewQuery};
use serde_json::Value;

use super::help::read;
use crate::error::CatalogError;
use crate::procedures::call::Call;
use crate::store::jobs::job::JobRow;
use crate::store::jobs::schedule;

/// Rows as maps, so that they can be put together anew.
fn maps(found: &Rows) -> impl Iterator<Item = BTreeMap<&str, Value>> {
    let columns = &found.columns;
    found.rows.iter().map(|row| {
        let cells = columns.iter().zip(row);
        cells
            .map(|(column, value)| (column.as_str(), value.clone()))
            .collect()
    })
}

fn set(
    columns: &[&'static str],
    maps: impl Iterator<Item = BTreeMap<&'static str, Value>>,
) -> Rows {
    let row = |mut map: BTreeMap<&'static str, Value>| {
        let cells = columns.iter();
        cells
            .map(|column| map.remove(column).unwrap_or_default())
            .collect()
    };
    Rows {
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        rows: maps.map(row).collect(),
    }
}

/// The schedules of a job that the caller may see, by their numbers.
pub async fn schedules(cx: &Call<'_>, job: &JobRow) -> Result<Rows, CatalogError> {
    let of_job = ViewQuery {
        equals: vec![("job_id".to_owned(), job.job_id.to_string())],
        ..ViewQuery::default()
    };
    let (uses, all) = (
        read(cx, &SYSJOBSCHEDULES, &of_job).await?,
        read(cx, &SYSSCHEDULES, &ViewQuery::default()).await?,
    );
    let all: Vec<BTreeMap<&str, Value>> = maps(&all).collect();
    let mut found = Vec::new();
    for used in maps(&uses) {
        let number = &used["schedule_id"];
        let Some(row) = all.iter().find(|row| row["schedule_id"] == *number) else {
            continue;
        };
        let mut map: BTreeMap<&'static str, Value> = BTreeMap::new();
        for column in HELP_JOB_SCHEDULE_COLUMNS {
            if let Some(value) = row.get(column).or_else(|| used.get(column)) {
                map.insert(column, value.clone());
            }
        }
        map.insert("schedule_name", row["name"].clone());
        let mut session = cx.shared.store.reader().await?;
        let schedule_id = number.as_i64().unwrap_or_default();
        if let Some(of_it) = schedule::find(&mut session, schedule_id).await? {
            let words = of_it.read().map(|read| read.to_string());
            let words = words.unwrap_or_else(|fault| fault.to_string());
            map.insert("schedule_description", words.into());
        }
        let jobs = schedule::jobs(&mut session, schedule_id).await?.len();
        map.insert("job_count", jobs.into());
        found.push(map);
    }
    found.sort_by_key(|map| map["schedule_id"].as_i64());
    Ok(set(HELP_JOB_SCHEDULE_COLUMNS, found.into_iter()))
}

/// The target of a job, if it has one, and how the job ran there last.
pub async fn targets(cx: &Call<'_>, job: &JobRow) -> Result<Rows, CatalogError> {
    let Some(server) = &job.server_name else {
        return Ok(set(HELP_JOB_TARGET_COLUMNS, std::iter::empty()));
    };
    let last = ViewQuery {
        equals: vec![
            ("job_id".to_owned(), job.job_id.to_string()),
            ("step_id".to_owned(), "0".to_owned()),
        ],
        order_by: Some("instance_id".to_owned()),
        descending: true,
        limit: Some(1),
        ..ViewQuery::default()
    };
    let history = read(cx, &HELP_JOBHISTORY, &last).await?;
    let mut map: BTreeMap<&'static str, Value> = BTreeMap::new();
    if let Some(row) = maps(&history).next() {
        for (column, of_history) in [
            ("last_run_date", "run_date"),
            ("last_run_time", "run_time"),
            ("last_run_duration", "run_duration"),
            ("last_run_outcome", "run_status"),
            ("last_outcome_message", "message"),
        ] {
            map.insert(column, row[of_history].clone());
        }
    } else {
        for column in ["last_run_date", "last_run_time", "last_run_duration"] {
            map.insert(column, 0.into());
        }
        map.insert("last_run_outcome", 5.into());
    }
    map.insert("server_id", 0.into());
    map.insert("server_name", server.clone().into());
    Ok(set(HELP_JOB_TARGET_COLUMNS, std::iter::once(map)))
}
