//! The end of an attempt as its worker reports it: what the report is judged by, and what it changes.

use std::collections::HashMap;

use jiff::Timestamp;
use scaleout_core::lease::ExecutionState;
use scaleout_core::protocol::worker::{AttemptKey, Complete};

use super::attempts::{AttemptEnding, AttemptRow, attempt_row, known, stored};
use super::executions::{
    self, COLUMNS, ExecutionRow, array_of, execution_row, move_operation, move_operations, moving,
};
use super::later::{Arrays, Update};
use super::session::{Ahead, Dialect};
use super::{Args, Row, Session, StoreError, args, counters};

/// An execution together with one of its attempts, for the report that the attempt is over.
#[derive(Clone, Debug)]
pub struct ReportedRow {
    /// The execution.
    pub execution: ExecutionRow,
    /// The attempt.
    pub attempt: AttemptRow,
    /// A dump of it is wanted.
    pub wants_dump: bool,
}

/// Reads what ends of a transaction will ask for [`find_reported`], all at once, so that they take no
/// statements each. Executions and attempts are locked until its end: they are as they are when nobody
/// else has them any more, and what is in other tables is to be asked for by statements that follow.
pub async fn read_ahead(session: &mut Session, keys: &[AttemptKey]) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, {ATTEMPT}
         FROM unnest(CAST($1::text AS bigint[]), CAST($2::text AS integer[])) k (id, attempt)
         JOIN execution e ON e.execution_id = k.id JOIN operation o ON o.operation_id = k.id
         JOIN attempt a ON a.execution_id = k.id AND a.attempt = k.attempt
         ORDER BY o.operation_id FOR NO KEY UPDATE OF e, o, a"
    );
    let ids: Vec<i64> = keys.iter().map(|key| key.execution_id).collect();
    let attempts: Vec<u32> = keys.iter().map(|key| key.attempt).collect();
    let args = args![array_of(&ids), array_of(&attempts)];
    let none = keys.iter().map(|key| (Ahead::End(*key), Vec::new()));
    let mut found: HashMap<Ahead, Vec<Row>> = none.collect();
    for row in session.rows(sql, args).await? {
        let key = AttemptKey {
            execution_id: row.get("execution_id")?,
            attempt: row.get("attempt")?,
        };
        found.insert(Ahead::End(key), vec![row]);
    }
    session.keep_ahead(found);
    Ok(())
}

/// What is read of an attempt and of what is wanted of it.
const ATTEMPT: &str = "a.attempt, a.worker_id, a.ending, a.durable_through,
    e.wanted_dump_id IS NOT NULL AS wants_dump";

/// The attempt with that key, with its execution. On a server both are locked until the end of the
/// transaction.
pub async fn find_reported(
    session: &mut Session,
    key: AttemptKey,
) -> Result<Option<ReportedRow>, StoreError> {
    session.catch_up(key.execution_id).await?;
    let rows = match (session.take_ahead(Ahead::End(key)), session.dialect()) {
        (Some(rows), _) => rows,
        (None, Dialect::Postgres) => {
            read_ahead(session, &[key]).await?;
            session.take_ahead(Ahead::End(key)).unwrap_or_default()
        }
        (None, Dialect::Sqlite) => {
            let sql = format!(
                "SELECT {COLUMNS}, {ATTEMPT}
                 FROM execution e JOIN operation o ON o.operation_id = e.execution_id
                 JOIN attempt a ON a.execution_id = e.execution_id AND a.attempt = $2
                 WHERE e.execution_id = $1"
            );
            let args = args![key.execution_id, key.attempt];
            session.rows(sql, args).await?
        }
    };
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some(ReportedRow {
        execution: execution_row(row)?,
        attempt: attempt_row(row)?,
        wants_dump: row.get("wants_dump")?,
    }))
}

/// Ends the attempt `$14` of the execution `$1` as its worker says, where its log is stored up to
/// `$15`, and moves that mark to `$16`; see [`arguments`].
macro_rules! end_attempt {
    ($which:literal) => {
        concat!(
            "UPDATE attempt SET ending = $17, last_sequence = $18, ended_time = $10,
                 process_id = coalesce($19, process_id), cpu_count = coalesce($20, cpu_count),
                 total_physical_memory_kb = coalesce($21, total_physical_memory_kb),
                 available_physical_memory_kb = coalesce($22, available_physical_memory_kb),
                 total_page_file_kb = coalesce($23, total_page_file_kb),
                 available_page_file_kb = coalesce($24, available_page_file_kb),
                 processor_ms = $25, peak_memory_kb = $26, left_out = $27, durable_through = $16
             ",
            $which,
            " AND attempt = $14 AND durable_through = $15 AND ending IS NULL"
        )
    };
}

/// As `move_operation` and `end_attempt` in one statement of a server, which also clears the counters.
const ONE: &str = concat!(
    "WITH moved AS (",
    move_operation!(),
    " RETURNING operation_id),
     cleared AS (
         DELETE FROM performance_counter c USING moved m WHERE c.execution_id = m.operation_id) ",
    end_attempt!("FROM moved WHERE execution_id = operation_id")
);

/// The same for many, with an array in the place of each argument.
const MANY: Arrays = Arrays {
    with: concat!(
        move_operations!(
            ", $14::integer[], $15::bigint[], $16::bigint[], $17::text[], $18::bigint[],
            $19::integer[], $20::integer[], $21::bigint[], $22::bigint[], $23::bigint[],
            $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[]",
            ", attempt, durable_was, durable, ending, last_sequence, process_id, cpu_count,
            physical, physical_left, paged, paged_left, processor_ms, peak, left_out"
        ),
        ", cleared AS (
             DELETE FROM performance_counter c USING moved m WHERE c.execution_id = m.id)"
    ),
    last: "UPDATE attempt a SET ending = m.ending, last_sequence = m.last_sequence,
         ended_time = m.moved, process_id = coalesce(m.process_id, a.process_id),
         cpu_count = coalesce(m.cpu_count, a.cpu_count),
         total_physical_memory_kb = coalesce(m.physical, a.total_physical_memory_kb),
         available_physical_memory_kb = coalesce(m.physical_left, a.available_physical_memory_kb),
         total_page_file_kb = coalesce(m.paged, a.total_page_file_kb),
         available_page_file_kb = coalesce(m.paged_left, a.available_page_file_kb),
         processor_ms = m.processor_ms, peak_memory_kb = m.peak, left_out = m.left_out,
         durable_through = m.durable
     FROM moved m WHERE a.execution_id = m.id AND a.attempt = m.attempt
         AND a.durable_through = m.durable_was AND a.ending IS NULL",
};

const END: Update = Update {
    one: ONE,
    many: MANY,
};

/// What ends an attempt and moves its execution.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// What the worker says.
    pub complete: &'a Complete,
    /// How far the log is stored, as it was read and as it is to be.
    pub durable: (u64, u64),
    /// Where the execution stands, as it was read and as it is to be.
    pub states: (ExecutionState, ExecutionState),
}

/// Arguments of `end_attempt` behind those of `move_operation`.
fn arguments(end: &End<'_>, now: Timestamp) -> Args {
    let complete = end.complete;
    let key = complete.attempt;
    let began = complete.began.unwrap_or_default();
    let mut all = moving(key.execution_id, end.states, now);
    all.extend(args![
        key.attempt,
        end.durable.0,
        end.durable.1,
        stored(AttemptEnding::Completed),
        complete.last_sequence,
        known(began.process_id),
        known(began.cpu_count),
        known(began.total_physical_memory_kb),
        known(began.available_physical_memory_kb),
        known(began.total_page_file_kb),
        known(began.available_page_file_kb),
        complete.usage.map(|usage| usage.processor_ms),
        complete.usage.map(|usage| usage.peak_memory_kb),
        known(complete.left_out)
    ]);
    all
}

/// Ends an attempt and moves its execution. Counters are those of running executions only: they go.
///
/// # Errors
/// [`StoreError::Gone`] where one of them is no longer as it was read: what is written of it is to be
/// taken back.
pub async fn end(session: &mut Session, end: &End<'_>, now: Timestamp) -> Result<(), StoreError> {
    let args = arguments(end, now);
    let (id, (from, to)) = (end.complete.attempt.execution_id, end.states);
    let is_done = match session.dialect() {
        Dialect::Postgres => {
            let is_done = session.update_later(END, args).await?;
            executions::wake(session, to);
            is_done
        }
        Dialect::Sqlite => {
            let ended = session.execute(end_attempt!("WHERE execution_id = $1"), args);
            let is_done =
                ended.await? == 1 && executions::move_state(session, id, from, to, now).await?;
            counters::clear(session, id).await?;
            is_done
        }
    };
    if is_done {
        return Ok(());
    }
    Err(StoreError::Gone {
        statement: "UPDATE attempt, operation",
        missing: 1,
    })
}
