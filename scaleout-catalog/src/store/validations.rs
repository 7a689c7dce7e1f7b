//! Validations and their parts: packages, each with one set of values.

use jiff::Timestamp;
use scaleout_core::model::identifier::name_key;
use scaleout_core::model::{ObjectType, OperationStatus, ParameterScope};
use scaleout_core::protocol::event::PartResult;

use super::projects::returned;
use super::{Session, StoreError, args};

/// A validation to record; its operation and its execution are there.
#[derive(Clone, Copy, Debug)]
pub struct NewValidation<'a> {
    /// The operation.
    pub validation_id: i64,
    /// `A`, `S` or `D`.
    pub scope: &'a str,
    /// The reference of scope `S`.
    pub reference_id: Option<i64>,
    /// When it is stopped.
    pub stop_at: Timestamp,
}

/// A part of a validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Id.
    pub info_id: i64,
    /// The package.
    pub package: String,
    /// The reference that gives values.
    pub reference_id: Option<i64>,
}

/// What validations have found out about something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong.
    Valid,
    /// Something is.
    Invalid,
}

impl Verdict {
    /// `validation_status`
    fn letter(self) -> &'static str {
        match self {
            Self::Valid => "V",
            Self::Invalid => "I",
        }
    }
}

/// Records a validation.
pub async fn insert(session: &mut Session, new: &NewValidation<'_>) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO validation (validation_id, environment_scope, validate_type, reference_id)
             VALUES ($1, $2, 'F', $3)",
            args![new.validation_id, new.scope, new.reference_id],
        )
        .await?;
    session
        .execute(
            "UPDATE operation SET stop_at = $2 WHERE operation_id = $1",
            args![new.validation_id, new.stop_at],
        )
        .await?;
    Ok(())
}

/// Whether an operation is a validation.
pub async fn is_validation(session: &mut Session, id: i64) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT validation_id FROM validation WHERE validation_id = $1",
            args![id],
        )
        .await?;
    Ok(row.is_some())
}

/// Adds a part that waits for a worker.
pub async fn add_part(
    session: &mut Session,
    validation_id: i64,
    package: &str,
    reference_id: Option<i64>,
    values_invalid: bool,
) -> Result<i64, StoreError> {
    let row = session
        .row(
            "INSERT INTO operation_info (operation_id, object_name, object_type, reference_id, status,
                 values_invalid)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING info_id",
            args![
                validation_id,
                package,
                ObjectType::Package.number(),
                reference_id,
                OperationStatus::Pending.number(),
                values_invalid
            ],
        )
        .await?;
    returned(row, "info_id")
}

/// The parts of a validation.
pub async fn parts(session: &mut Session, validation_id: i64) -> Result<Vec<Part>, StoreError> {
    let rows = session
        .rows(
            "SELECT info_id, object_name, reference_id FROM operation_info
             WHERE operation_id = $1 ORDER BY info_id",
            args![validation_id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Part {
                info_id: row.get("info_id")?,
                package: row.get("object_name")?,
                reference_id: row.get("reference_id")?,
            })
        })
        .collect()
}

/// Records what a worker has found out about a part.
pub async fn part_done(
    session: &mut Session,
    validation_id: i64,
    result: &PartResult,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE operation_info SET start_time = $3, end_time = $4,
                 status = CASE WHEN $5 AND NOT values_invalid THEN 7 ELSE 4 END
             WHERE info_id = $2 AND operation_id = $1",
            args![
                validation_id,
                result.part,
                result.start_time,
                result.end_time,
                result.valid
            ],
        )
        .await?;
    Ok(())
}

/// Whether the values alone keep a part from running.
pub async fn has_invalid_values(
    session: &mut Session,
    validation_id: i64,
) -> Result<bool, StoreError> {
    let row = session
        .row(
            "SELECT info_id FROM operation_info WHERE operation_id = $1 AND values_invalid LIMIT 1",
            args![validation_id],
        )
        .await?;
    Ok(row.is_some())
}

/// Ends what belongs to a validation: parts that nobody looked at end as it did; packages and
/// projects learn what was found out. Changes nothing for other operations.
pub async fn finish(
    session: &mut Session,
    id: i64,
    status: OperationStatus,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !is_validation(session, id).await? {
        return Ok(());
    }
    session
        .execute(
            "UPDATE operation SET stop_at = NULL WHERE operation_id = $1",
            args![id],
        )
        .await?;
    session
        .execute(
            "UPDATE operation_info SET status = $2, end_time = $3
             WHERE operation_id = $1 AND end_time IS NULL",
            args![id, status.number(), now],
        )
        .await?;
    session
        .execute(
            "UPDATE package SET last_validation_time = $2,
                 validation_status = CASE WHEN EXISTS (SELECT 1 FROM operation_info i
                     WHERE i.operation_id = $1 AND i.object_name = package.name AND i.status = 4)
                     THEN 'I' ELSE 'V' END
             WHERE object_version_lsn = (SELECT project_lsn FROM execution WHERE execution_id = $1)
                 AND name IN (SELECT object_name FROM operation_info
                     WHERE operation_id = $1 AND status IN (4, 7))",
            args![id, now],
        )
        .await?;
    let verdict = match status {
        OperationStatus::Succeeded => Verdict::Valid,
        OperationStatus::Failed => Verdict::Invalid,
        // It was not found out.
        _ => return Ok(()),
    };
    session
        .execute(
            "UPDATE project SET last_validation_time = $2, validation_status = $3
             WHERE object_version_lsn = (SELECT e.project_lsn FROM execution e
                 JOIN operation o ON o.operation_id = e.execution_id
                 WHERE e.execution_id = $1 AND o.operation_type = 300)",
            args![id, now, verdict.letter()],
        )
        .await?;
    Ok(())
}

/// The parameters of the project of version `$1`, and of package `$2`.
const OF_PACKAGE: &str = "object_version_lsn = $1 AND (object_type = 20 OR object_key = $2)";

/// The values of the parameters of a package and its project are valid, as far as is known so far.
pub async fn trust_parameters(
    session: &mut Session,
    version: i64,
    package: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            format!(
                "UPDATE object_parameter SET validation_status = 'V', last_validation_time = $3
                 WHERE {OF_PACKAGE}"
            ),
            args![version, name_key(package), now],
        )
        .await?;
    Ok(())
}

/// The value of a parameter of a package or its project is not valid.
pub async fn distrust_parameter(
    session: &mut Session,
    version: i64,
    package: &str,
    (scope, name): (ParameterScope, &str),
) -> Result<(), StoreError> {
    session
        .execute(
            format!(
                "UPDATE object_parameter SET validation_status = 'I'
                 WHERE {OF_PACKAGE} AND object_type = $3 AND parameter_key = $4"
            ),
            args![version, name_key(package), scope.number(), name_key(name)],
        )
        .await?;
    Ok(())
}

/// Records what was found out about a reference.
pub async fn judge_reference(
    session: &mut Session,
    reference_id: i64,
    verdict: Verdict,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE environment_reference SET validation_status = $2, last_validation_time = $3
             WHERE reference_id = $1",
            args![reference_id, verdict.letter(), now],
        )
        .await?;
    Ok(())
}

/// When the next operation is to be stopped by itself.
pub async fn next_stop(session: &mut Session) -> Result<Option<Timestamp>, StoreError> {
    let row = session
        .row(
            "SELECT min(stop_at) AS at FROM operation WHERE stop_at IS NOT NULL",
            args![],
        )
        .await?;
    row.map_or(Ok(None), |row| row.get("at"))
}

/// Operations that were to be stopped by now.
pub async fn overdue(session: &mut Session, now: Timestamp) -> Result<Vec<i64>, StoreError> {
    let rows = session
        .rows(
            "SELECT operation_id FROM operation WHERE stop_at IS NOT NULL AND stop_at <= $1
             ORDER BY operation_id",
            args![now],
        )
        .await?;
    rows.iter().map(|row| row.get("operation_id")).collect()
}

/// An operation is not stopped by itself any more.
pub async fn forget_stop(session: &mut Session, id: i64) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE operation SET stop_at = NULL WHERE operation_id = $1",
            args![id],
        )
        .await?;
    Ok(())
}

/// The packages of a project version.
pub async fn packages(session: &mut Session, version: i64) -> Result<Vec<String>, StoreError> {
    let rows = session
        .rows(
            "SELECT name FROM package WHERE object_version_lsn = $1 ORDER BY package_id",
            args![version],
        )
        .await?;
    rows.iter().map(|row| row.get("name")).collect()
}

/// The references of a project.
pub async fn references(session: &mut Session, project_id: i64) -> Result<Vec<i64>, StoreError> {
    let rows = session
        .rows(
            "SELECT reference_id FROM environment_reference WHERE project_id = $1
             ORDER BY reference_id",
            args![project_id],
        )
        .await?;
    rows.iter().map(|row| row.get("reference_id")).collect()
}
