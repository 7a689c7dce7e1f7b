//! Commands of steps, which workers run under the lease of an operation.

use scaleout_core::protocol::task::{CommandKind, TaskCommand};

use super::super::{Session, StoreError, args};

/// Stores the command of an operation.
pub async fn insert(
    session: &mut Session,
    operation_id: i64,
    command: &TaskCommand,
) -> Result<(), StoreError> {
    let (kind, text) = match &command.kind {
        CommandKind::Shell(line) => ("shell", line.clone()),
        CommandKind::Dtexec(words) => {
            ("dtexec", serde_json::Value::from(words.clone()).to_string())
        }
    };
    session
        .insert_later(
            "job_command (execution_id, kind, command, user_name, success_code, output_file,
                 append_output)",
            args![
                operation_id,
                kind,
                text,
                command.user.clone(),
                command.success_code,
                command.output_file.clone(),
                command.append
            ],
        )
        .await
}

/// The command of an operation, if it is one.
pub async fn find(
    session: &mut Session,
    operation_id: i64,
) -> Result<Option<TaskCommand>, StoreError> {
    let row = session
        .row(
            "SELECT * FROM job_command WHERE execution_id = $1",
            args![operation_id],
        )
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let damaged = || StoreError::Damaged {
        column: "command".into(),
    };
    let text: String = row.get("command")?;
    let kind = match row.get::<String>("kind")?.as_str() {
        "shell" => CommandKind::Shell(text),
        _ => CommandKind::Dtexec(serde_json::from_str(&text).map_err(|_| damaged())?),
    };
    Ok(Some(TaskCommand {
        kind,
        user: row.get("user_name")?,
        success_code: row.get("success_code")?,
        output_file: row.get("output_file")?,
        append: row.get("append_output")?,
    }))
}
