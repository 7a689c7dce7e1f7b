//! `msdb.dbo.sp_help_job`

use std::collections::BTreeSet;

use jiff::Timestamp;
use scaleout_core::registry::msdb::{HELP_JOB, SYSJOBSTEPS};
use scaleout_core::registry::{ArgumentValue, BoundArguments, JobAccess, ProcedureResult, Rows};
use serde_json::Value;

use super::help::{keep, rows, shown};
use super::{help_of_one, lookup, sp_help_jobstep};
use crate::error::{CatalogError, JobError};
use crate::procedures::call::Call;
use crate::store::jobs::job::JobRow;

/// What a call shows of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aspect {
    All,
    Job,
    Steps,
    Schedules,
    Targets,
}

/// Shows jobs, and what one job is made of.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let names =
        args.optional_text("@job_name").is_some() || *args.get("@job_id") != ArgumentValue::Null;
    let aspect = aspect(args, names)?;
    if !names {
        return Ok(shown(jobs(cx, args, None).await?));
    }
    let job = {
        let mut session = cx.shared.store.reader().await?;
        lookup::job(&mut session, cx.caller, JobAccess::Read, args).await?
    };
    let found = jobs(cx, args, Some(&job)).await?;
    let mut sets = match aspect {
        Aspect::All => vec![
            found,
            sp_help_jobstep::of_job(cx, &job, &BoundArguments::default()).await?,
            help_of_one::schedules(cx, &job).await?,
            help_of_one::targets(cx, &job).await?,
        ],
        Aspect::Job => vec![found],
        Aspect::Steps => {
            vec![sp_help_jobstep::of_job(cx, &job, &BoundArguments::default()).await?]
        }
        Aspect::Schedules => vec![help_of_one::schedules(cx, &job).await?],
        Aspect::Targets => vec![help_of_one::targets(cx, &job).await?],
    };
    let first = sets.remove(0);
    Ok(ProcedureResult {
        more_rows: sets,
        ..shown(first)
    })
}

/// The jobs that are as asked.
async fn jobs(
    cx: &Call<'_>,
    args: &BoundArguments,
    one: Option<&JobRow>,
) -> Result<Rows, CatalogError> {
    let equals = [
        ("owner", "@owner_login_name"),
        ("category", "@category_name"),
        ("enabled", "@enabled"),
    ];
    let mut found = rows(cx, &HELP_JOB, args, &equals, false).await?;
    if let Some(job) = one {
        let id = Value::from(job.job_id.to_string());
        keep(&mut found, "job_id", |value| *value == id);
    }
    found.rows.sort_by_key(|row| {
        let name = row[2].as_str().unwrap_or_default();
        (name.to_lowercase(), name.to_owned())
    });
    if args
        .optional_text("@job_type")
        .is_some_and(|text| text.eq_ignore_ascii_case("MULTI-SERVER"))
    {
        found.rows.clear();
    }
    match args.optional_integer("@execution_status") {
        Some(0) => keep(&mut found, "current_execution_status", |value| *value != 4),
        Some(status) => keep(&mut found, "current_execution_status", |value| {
            *value == status
        }),
        None => {}
    }
    if let Some(pattern) = args.optional_text("@description") {
        let pattern = pattern.to_lowercase();
        keep(&mut found, "description", |value| {
            let text = value.as_str().unwrap_or_default().to_lowercase();
            like(&text, &pattern)
        });
    }
    if let Some(subsystem) = args.optional_text("@subsystem") {
        let steps = rows(cx, &SYSJOBSTEPS, &BoundArguments::default(), &[], false).await?;
        let with: BTreeSet<&str> = steps
            .rows
            .iter()
            .filter(|row| {
                row[3]
                    .as_str()
                    .is_some_and(|one| one.eq_ignore_ascii_case(subsystem))
            })
            .filter_map(|row| row[0].as_str())
            .collect();
        keep(&mut found, "job_id", |id| {
            id.as_str().is_some_and(|id| with.contains(id))
        });
    }
    for (column, parameter) in [
        ("date_created", "@date_created"),
        ("date_modified", "@date_last_modified"),
    ] {
        if let ArgumentValue::Time(wanted) = args.get(parameter) {
            let comparator = args.text("@date_comparator").to_owned();
            keep(&mut found, column, |value| {
                compares(value, &comparator, *wanted)
            });
        }
    }
    Ok(found)
}

fn aspect(args: &BoundArguments, names: bool) -> Result<Aspect, JobError> {
    let text = args.optional_text("@job_aspect").unwrap_or("ALL");
    let refused = |form| JobError::Value {
        parameter: "@job_aspect",
        value: text.to_owned(),
        form,
    };
    let aspect = match text.trim().to_ascii_uppercase().as_str() {
        "ALL" => Aspect::All,
        "JOB" => Aspect::Job,
        "STEPS" => Aspect::Steps,
        "SCHEDULES" => Aspect::Schedules,
        "TARGETS" => Aspect::Targets,
        _ => return Err(refused("ALL, JOB, STEPS, SCHEDULES or TARGETS")),
    };
    match aspect {
        Aspect::All | Aspect::Job => Ok(aspect),
        _ if names => Ok(aspect),
        _ => Err(refused("JOB, or name the job")),
    }
}

fn compares(value: &Value, comparator: &str, wanted: Timestamp) -> bool {
    let time: Option<Timestamp> = value.as_str().and_then(|text| text.parse().ok());
    time.is_some_and(|time| match comparator {
        "<" => time < wanted,
        ">" => wanted < time,
        _ => time == wanted,
    })
}

/// LIKE with `%` and `_`.
fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) =
        (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut place) = (0, 0);
    // Where the last `%` stands, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(place) {
            Some('%') => {
                star = Some((place, at));
                place += 1;
            }
            Some(letter) if *letter == '_' || *letter == text[at] => {
                at += 1;
                place += 1;
            }
            _ => match star {
                Some((back, taken)) => {
                    star = Some((back, taken + 1));
                    place = back + 1;
                    at = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[place..].iter().all(|letter| *letter == '%')
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn patterns_have_two_signs() {
        for (text, pattern) in [
            ("nightly load", "%load"),
            ("abc", "a_c"),
            ("abc", "%"),
            ("aXbXc", "a%x%c"),
        ] {
            assert!(like(&text.to_lowercase(), pattern), "{text} {pattern}");
        }
        for (text, pattern) in [("nightly", "%load"), ("abc", "a_"), ("", "_")] {
            assert!(!like(text, pattern), "{text} {pattern}");
        }
    }
}
