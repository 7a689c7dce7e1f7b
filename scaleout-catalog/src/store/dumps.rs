//! Dumps of running executions: asked for, written.

use uuid::Uuid;

use super::{Session, StoreError, args};

/// Remembers that a dump is wanted; false when one already is.
pub async fn want(
    session: &mut Session,
    execution_id: i64,
    dump_id: Uuid,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE execution SET wanted_dump_id = $2
             WHERE execution_id = $1 AND wanted_dump_id IS NULL",
            args![execution_id, dump_id],
        )
        .await?;
    Ok(changed == 1)
}

/// The dump that an execution is to write.
pub async fn wanted(session: &mut Session, execution_id: i64) -> Result<Option<Uuid>, StoreError> {
    let row = session
        .row(
            "SELECT wanted_dump_id FROM execution WHERE execution_id = $1",
            args![execution_id],
        )
        .await?;
    match row {
        Some(row) => row.get("wanted_dump_id"),
        None => Ok(None),
    }
}

/// Records a dump that was written, wanted or not.
pub async fn written(
    session: &mut Session,
    execution_id: i64,
    dump_id: Uuid,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE execution SET dump_id = $2,
                 wanted_dump_id = CASE WHEN wanted_dump_id = $2 THEN NULL ELSE wanted_dump_id END
             WHERE execution_id = $1",
            args![execution_id, dump_id],
        )
        .await?;
    Ok(())
}

/// Forgets a dump that nobody will write any more: its attempt is over.
pub async fn give_up(session: &mut Session, execution_id: i64) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE execution SET wanted_dump_id = NULL
             WHERE execution_id = $1 AND wanted_dump_id IS NOT NULL",
            args![execution_id],
        )
        .await?;
    Ok(())
}
