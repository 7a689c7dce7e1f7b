//! Finds what arguments name, or says that it is not there, or not the caller's.

use scaleout_core::model::Caller;
use scaleout_core::model::identifier::name_key;
use scaleout_core::registry::{ArgumentValue, BoundArguments, JobAccess};
use uuid::Uuid;

use crate::error::{CatalogError, JobError};
use crate::store::jobs::job::{self, JobRow};
use crate::store::jobs::proxy::{self, ProxyRow};
use crate::store::jobs::schedule::{self, ScheduleRow};
use crate::store::{Session, principals};

/// Whether two names are the same login's.
pub fn same_login(one: &str, other: &str) -> bool {
    name_key(one) == name_key(other)
}

/// An id, if it is given.
pub fn optional_uuid(args: &BoundArguments, name: &str) -> Option<Uuid> {
    match args.get(name) {
        ArgumentValue::Uuid(id) => Some(*id),
        _ => None,
    }
}

/// The job that `@job_id` or `@job_name` names, for a caller who does that with it.
pub async fn job(
    session: &mut Session,
    caller: &Caller,
    access: JobAccess,
    args: &BoundArguments,
) -> Result<JobRow, CatalogError> {
    let (found, name) = match (
        optional_uuid(args, "@job_id"),
        args.optional_text("@job_name"),
    ) {
        (Some(id), None) => (job::find(session, id).await?, id.to_string()),
        (None, Some(name)) => (job::find_by_name(session, name).await?, name.to_owned()),
        _ => {
            return Err(JobError::OneOf {
                first: "@job_id",
                second: "@job_name",
            }
            .into());
        }
    };
    let missing = || JobError::Missing { kind: "job", name };
    let found = found.ok_or_else(missing.clone())?;
    let may = same_login(&found.owner_name, &caller.name)
        || match access {
            JobAccess::Read => caller.may_see_jobs(),
            JobAccess::Operate | JobAccess::Purge => caller.may_run_jobs(),
            JobAccess::Change | JobAccess::Create => caller.is_administrator(),
        };
    if may {
        return Ok(found);
    }
    // Who may not even see it does not learn that it is there.
    if !caller.may_see_jobs() {
        return Err(missing().into());
    }
    Err(JobError::NotOwner {
        caller: caller.name.clone(),
        kind: "job",
        name: found.name,
        owner: found.owner_name,
    }
    .into())
}

/// The schedule that an id or a name names.
pub async fn schedule(
    session: &mut Session,
    caller: &Caller,
    args: &BoundArguments,
    name: &'static str,
) -> Result<ScheduleRow, CatalogError> {
    let (found, text) = match (
        args.optional_integer("@schedule_id"),
        args.optional_text(name),
    ) {
        (Some(id), None) => (schedule::find(session, id).await?, id.to_string()),
        (None, Some(name)) => {
            let mut all = schedule::find_by_name(session, name).await?;
            if !caller.may_see_jobs() {
                all.retain(|one| same_login(&one.owner_name, &caller.name));
            }
            if 1 < all.len() {
                return Err(JobError::Ambiguous { name: name.into() }.into());
            }
            (all.pop(), name.to_owned())
        }
        _ => {
            return Err(JobError::OneOf {
                first: "@schedule_id",
                second: name,
            }
            .into());
        }
    };
    let missing = || JobError::Missing {
        kind: "schedule",
        name: text,
    };
    let found = found.ok_or_else(missing.clone())?;
    if caller.is_administrator() || same_login(&found.owner_name, &caller.name) {
        return Ok(found);
    }
    if !caller.may_see_jobs() {
        return Err(missing().into());
    }
    Err(JobError::NotOwner {
        caller: caller.name.clone(),
        kind: "schedule",
        name: found.name,
        owner: found.owner_name,
    }
    .into())
}

/// The proxy that `@proxy_id` or `@proxy_name` names.
pub async fn proxy(session: &mut Session, args: &BoundArguments) -> Result<ProxyRow, CatalogError> {
    match optional_proxy(session, args).await? {
        Some(found) => Ok(found),
        None => Err(JobError::OneOf {
            first: "@proxy_id",
            second: "@proxy_name",
        }
        .into()),
    }
}

/// The same, where none may be named.
pub async fn optional_proxy(
    session: &mut Session,
    args: &BoundArguments,
) -> Result<Option<ProxyRow>, CatalogError> {
    let (found, name) = match (
        args.optional_integer("@proxy_id"),
        args.optional_text("@proxy_name"),
    ) {
        (Some(id), None) => (proxy::find(session, id).await?, id.to_string()),
        (None, Some(name)) => (proxy::find_by_name(session, name).await?, name.to_owned()),
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(JobError::OneOf {
                first: "@proxy_id",
                second: "@proxy_name",
            }
            .into());
        }
    };
    let missing = || JobError::Missing {
        kind: "proxy",
        name,
    };
    Ok(Some(found.ok_or_else(missing)?))
}

/// Whose something new is: the caller's, or that of a login that an administrator names.
pub async fn owner(
    session: &mut Session,
    caller: &Caller,
    args: &BoundArguments,
) -> Result<String, CatalogError> {
    let Some(name) = args.optional_text("@owner_login_name") else {
        return Ok(caller.name.clone());
    };
    if same_login(name, &caller.name) {
        return Ok(caller.name.clone());
    }
    if !caller.is_administrator() {
        return Err(CatalogError::Forbidden {
            caller: caller.name.clone(),
            action: format!("give something to the login `{name}`"),
        });
    }
    match principals::find(session, name).await? {
        Some(login) => Ok(login.name),
        None => Err(JobError::Missing {
            kind: "login",
            name: name.to_owned(),
        }
        .into()),
    }
}

/// A number that must be one of a range.
pub fn within(
    args: &BoundArguments,
    parameter: &'static str,
    range: std::ops::RangeInclusive<i64>,
    form: &'static str,
) -> Result<Option<i64>, JobError> {
    match args.optional_integer(parameter) {
        Some(number) if !range.contains(&number) => Err(JobError::Value {
            parameter,
            value: number.to_string(),
            form,
        }),
        other => Ok(other),
    }
}

/// A text without blanks around it; blank is `None`.
pub fn filled(text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}
