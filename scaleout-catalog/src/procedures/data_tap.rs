//! What the procedures of data taps share.

use scaleout_core::lease::ExecutionState;
use scaleout_core::protocol::task::{DataTap, TappedTask};
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done_with};
use super::lookup;
use crate::access::Rights;
use crate::error::{CatalogError, DiagnosticsError};
use crate::store::{Session, data_taps};

/// Adds a tap to an execution that was not started.
pub async fn add(
    cx: &Call<'_>,
    args: &BoundArguments,
    task: TappedTask,
) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@execution_id");
    let tap = DataTap {
        task,
        path_id: args.text("@dataflow_path_id_string").to_owned(),
        file_name: file_name(args.text("@data_filename"))?,
        max_rows: max_rows(args.optional_integer("@max_rows"))?,
    };
    let rights = cx.rights();
    let tap_id = cx
        .write(move |session| {
            Box::pin(async move {
                check_not_started(session, &rights, id).await?;
                check_free(session, id, &tap).await?;
                Ok(data_taps::insert(session, id, &tap).await?)
            })
        })
        .await?;
    Ok(done_with("@data_tap_id", tap_id))
}

/// Data taps have an error of their own for what has started.
pub async fn check_not_started(
    session: &mut Session,
    rights: &Rights,
    id: i64,
) -> Result<(), CatalogError> {
    let execution = lookup::execution(session, rights, id).await?;
    match execution.state {
        ExecutionState::Created => Ok(()),
        state => Err(DiagnosticsError::TapTooLate { id, state }.into()),
    }
}

async fn check_free(
    session: &mut Session,
    execution_id: i64,
    tap: &DataTap,
) -> Result<(), CatalogError> {
    let others = data_taps::of_execution(session, execution_id).await?;
    let same = |other: &DataTap| other.task == tap.task && other.path_id == tap.path_id;
    if others.iter().any(same) {
        return Err(DiagnosticsError::TapExists {
            execution_id,
            path: tap.path_id.clone(),
            by_guid: matches!(tap.task, TappedTask::Guid(_)),
        }
        .into());
    }
    // Two taps into one file would overwrite each other.
    let file = |other: &&DataTap| other.file_name.eq_ignore_ascii_case(&tap.file_name);
    match others.iter().find(file) {
        None => Ok(()),
        Some(_) => Err(DiagnosticsError::TapFile {
            name: tap.file_name.clone(),
            reason: "another data tap of this execution writes it",
        }
        .into()),
    }
}

fn max_rows(given: Option<i64>) -> Result<Option<u64>, DiagnosticsError> {
    given
        .map(|rows| u64::try_from(rows).map_err(|_| DiagnosticsError::TapRows { rows }))
        .transpose()
}

/// The name of a file in the worker's folder. Callers must not write just anywhere on its machine.
fn file_name(given: &str) -> Result<String, DiagnosticsError> {
    let fault = if given.trim().is_empty() {
        Some("it is empty")
    } else if given.contains(['/', '\\', ':']) || matches!(given, "." | "..") {
        Some("it leads to a folder")
    } else if given
        .chars()
        .any(|c| c.is_control() || "\"<>|*?".contains(c))
    {
        Some("it has a character that no file name has")
    } else if given.len() > 200 {
        Some("it is too long")
    } else {
        None
    };
    match fault {
        None => Ok(given.to_owned()),
        Some(reason) => Err(DiagnosticsError::TapFile {
            name: given.chars().take(140).collect(),
            reason,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tap_writes_into_the_workers_folder_only() {
        assert_eq!(file_name("orders 1.csv").unwrap(), "orders 1.csv");
        for name in ["", " ", "..", "/etc/x", r"C:\x.csv", "a/b", "a\nb", "a?"] {
            assert!(file_name(name).is_err(), "{name:?}");
        }
        assert!(file_name(&"x".repeat(201)).is_err());
    }
}
