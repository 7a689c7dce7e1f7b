//! Events of an attempt, each into the table that its view reads.

use scaleout_core::protocol::event::{
    ComponentPhase, DataStatistics, DumpNote, Event, EventBody, EventMessage, ExecutableStatistics,
    OutputNote,
};
use scaleout_core::protocol::worker::AttemptKey;

use uuid::Uuid;

use super::later::Arrays;
use super::projects::returned;
use super::session::Dialect;
use super::{
    Args, Session, SqlValue, StoreError, args, dumps, message_context, operations, validations,
};

/// `message_type` of a warning.
const WARNING: i16 = 110;
/// `message_type` of an information.
const INFORMATION: i16 = 70;

/// Arguments of which a package may have written the texts.
macro_rules! text_args {
    ($($value:expr),* $(,)?) => {
        without_nul(args![$($value),*])
    };
}

/// A log with a NUL in it is stored with a mark in its place: PostgreSQL cannot keep the character,
/// and a log that is refused would be sent again for ever.
pub(super) fn without_nul(mut args: Args) -> Args {
    for value in &mut args {
        if let SqlValue::Text(text) = value
            && text.contains('\0')
        {
            *text = text.replace('\0', "\u{FFFD}");
        }
    }
    args
}

/// Stores events of an attempt. `steps` also keeps each step of the data flow (logging level
/// Verbose), not only the sums.
pub async fn insert(
    session: &mut Session,
    key: AttemptKey,
    events: &[Event],
    steps: bool,
) -> Result<(), StoreError> {
    for event in events {
        match &event.body {
            EventBody::Message(message) if message.context.is_empty() => {
                let row = message_row(key, event, message, None);
                session.insert_later(MESSAGE, row).await?;
            }
            EventBody::Message(message) => {
                // Messages keep their order.
                session.write_now().await?;
                message_context::insert(session, key, event, message).await?;
            }
            EventBody::ExecutableEnded(ended) => executable_ended(session, key, ended).await?,
            EventBody::DataStatistics(data) => {
                if steps {
                    insert_step(session, key, event, data).await?;
                }
                put_path_rows(session, key, data).await?;
            }
            EventBody::ComponentPhase(phase) => {
                session.insert_later(PHASE, phase_row(key, phase)).await?;
            }
            EventBody::Output(output) => insert_output(session, key, output).await?,
            EventBody::Dumped(dump) => dumped(session, key, event, dump).await?,
            EventBody::Validated(result) => {
                validations::part_done(session, key.execution_id, result).await?;
            }
            // A kind of event that a newer worker knows: its number counts as stored.
            _ => {}
        }
    }
    Ok(())
}

/// The table of phases with the columns of [`phase_row`].
const PHASE: &str =
    "component_phase (execution_id, attempt, package_name, task_name, subcomponent_name, phase,
         start_time, end_time, execution_path, active_us)";

/// A dump was written, or could not be: the log says where it is, or why there is none.
async fn dumped(
    session: &mut Session,
    key: AttemptKey,
    event: &Event,
    dump: &DumpNote,
) -> Result<(), StoreError> {
    let (id, dump_id) = (key.execution_id, dump.dump_id);
    let (message_type, text) = match &dump.error {
        None => {
            dumps::written(session, id, dump_id).await?;
            let text = format!("Dump {dump_id} was written on the worker: {}", dump.path);
            (INFORMATION, text)
        }
        Some(why) => {
            dumps::give_up(session, id).await?;
            (WARNING, format!("Dump {dump_id} was not written: {why}"))
        }
    };
    let text = text.replace('\0', "\u{FFFD}");
    let attempt = Some(key.attempt);
    operations::add_message(session, id, attempt, message_type, &text, event.time).await
}

/// The table of messages with the columns of [`message_row`].
pub(super) const MESSAGE: &str =
    "message (operation_id, attempt, message_time, message_type, message_source_type, message,
         package_name, event_name, message_source_name, message_source_id, subcomponent_name,
         package_path, execution_path, message_code, info_id, event_guid)";

pub(super) fn message_row(
    key: AttemptKey,
    event: &Event,
    message: &EventMessage,
    event_guid: Option<Uuid>,
) -> Args {
    text_args![
        key.execution_id,
        key.attempt,
        event.time,
        message.message_type,
        message.source_type,
        &message.message,
        &message.package_name,
        &message.event_name,
        &message.source_name,
        &message.source_id,
        message.subcomponent_name.clone(),
        &message.package_path,
        &message.execution_path,
        message.message_code,
        message.part,
        event_guid
    ]
}

fn phase_row(key: AttemptKey, phase: &ComponentPhase) -> Args {
    text_args![
        key.execution_id,
        key.attempt,
        &phase.package_name,
        &phase.task_name,
        &phase.subcomponent_name,
        &phase.phase,
        phase.start_time,
        phase.end_time,
        &phase.execution_path,
        phase.active_us
    ]
}

/// Notes executables, each once, and that each has ended, in one way to a server.
const EXECUTABLES_ENDED: Arrays = Arrays {
    with: "ended AS (
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[],
             $6::integer[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::bigint[],
             $11::smallint[], $12::text[])
         WITH ORDINALITY x (execution_id, executable_name, executable_guid, package_name,
             package_path, attempt, execution_path, start_time, end_time, duration_ms,
             execution_result, execution_value, place)),
     ended_once AS (
         SELECT DISTINCT ON (execution_id, package_name, package_path) execution_id,
             executable_name, executable_guid, package_name, package_path, place
         FROM ended ORDER BY execution_id, package_name, package_path, place DESC),
     ended_executable AS (
         INSERT INTO executable (execution_id, executable_name, executable_guid, package_name,
             package_path)
         SELECT execution_id, executable_name, executable_guid, package_name, package_path
         FROM ended_once ORDER BY place
         ON CONFLICT (execution_id, package_name, package_path)
         DO UPDATE SET executable_name = excluded.executable_name
         RETURNING executable_id, execution_id, package_name, package_path)",
    last: "INSERT INTO executable_statistic (execution_id, attempt, executable_id, execution_path,
         start_time, end_time, duration_ms, execution_result, execution_value)
     SELECT execution_id, x.attempt, e.executable_id, x.execution_path, x.start_time, x.end_time,
         x.duration_ms, x.execution_result, x.execution_value
     FROM ended x JOIN ended_executable e USING (execution_id, package_name, package_path)
     ORDER BY x.place",
};

async fn executable_ended(
    session: &mut Session,
    key: AttemptKey,
    ended: &ExecutableStatistics,
) -> Result<(), StoreError> {
    let duration = ended.end_time.as_millisecond() - ended.start_time.as_millisecond();
    let executable = text_args![
        key.execution_id,
        &ended.executable_name,
        &ended.executable_guid,
        &ended.package_name,
        &ended.package_path
    ];
    let statistic = text_args![
        key.attempt,
        &ended.execution_path,
        ended.start_time,
        ended.end_time,
        duration.max(0),
        ended.execution_result,
        ended.execution_value.clone()
    ];
    if session.dialect() == Dialect::Postgres {
        let both = executable.into_iter().chain(statistic).collect();
        return session.put_later(EXECUTABLES_ENDED, both).await;
    }
    // The no-change update makes RETURNING answer also when the row is there.
    let row = session
        .row(
            "INSERT INTO executable (execution_id, executable_name, executable_guid, package_name,
                 package_path)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (execution_id, package_name, package_path)
             DO UPDATE SET executable_name = excluded.executable_name
             RETURNING executable_id",
            executable,
        )
        .await?;
    let ids: Args = args![key.execution_id, returned(row, "executable_id")?];
    session
        .insert_later(
            "executable_statistic (execution_id, executable_id, attempt, execution_path, start_time,
                 end_time, duration_ms, execution_result, execution_value)",
            ids.into_iter().chain(statistic).collect(),
        )
        .await
}

/// The step is what came on top of the sum so far, so it is inserted before the sum moves.
async fn insert_step(
    session: &mut Session,
    key: AttemptKey,
    event: &Event,
    data: &DataStatistics,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO data_statistic (execution_id, attempt, package_name, task_name, path_id,
                 path_name, source_component, destination_component, rows_sent, created_time,
                 execution_path)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 - coalesce((
                 SELECT r.rows_sent FROM path_rows r WHERE r.execution_id = $1 AND r.attempt = $2
                     AND r.execution_path = $11 AND r.path_id = $5), 0), $10, $11",
            text_args![
                key.execution_id,
                key.attempt,
                &data.package_name,
                &data.task_name,
                &data.path_id,
                &data.path_name,
                &data.source_component,
                &data.destination_component,
                data.rows_sent,
                event.time,
                &data.execution_path
            ],
        )
        .await?;
    Ok(())
}

async fn put_path_rows(
    session: &mut Session,
    key: AttemptKey,
    data: &DataStatistics,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO path_rows (execution_id, attempt, execution_path, path_id,
                 destination_component, into_destination, rows_sent)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (execution_id, attempt, execution_path, path_id)
             DO UPDATE SET rows_sent = excluded.rows_sent",
            text_args![
                key.execution_id,
                key.attempt,
                &data.execution_path,
                &data.path_id,
                &data.destination_component,
                data.into_destination,
                data.rows_sent
            ],
        )
        .await?;
    Ok(())
}

async fn insert_output(
    session: &mut Session,
    key: AttemptKey,
    output: &OutputNote,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO execution_output (execution_id, attempt, name, target) VALUES ($1, $2, $3, $4)
             ON CONFLICT (execution_id, attempt, name, target) DO NOTHING",
            text_args![key.execution_id, key.attempt, &output.component, &output.target],
        )
        .await?;
    Ok(())
}
