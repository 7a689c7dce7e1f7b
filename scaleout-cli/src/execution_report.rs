//! The execution report: what ran where, how it ended, what it wrote.

use jiff::Timestamp;
use scaleout_core::client::{Client, Execution};
use serde::Serialize;

use crate::error::CliError;
use crate::execution_summary::{self, Output, duration, exit_code, status_cell};
use crate::output::{Cell, Outcome, Report};

/// One line of the report.
#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    execution: Execution,
    worker_name: Option<String>,
    rows: i64,
    duration_ms: Option<i128>,
    outputs: Vec<Output>,
}

/// Makes the report of some executions; its exit code is that of the worst of them.
///
/// # Errors
/// The master refuses.
pub async fn make(
    client: &Client,
    executions: &[Execution],
    now: Timestamp,
) -> Result<Outcome, CliError> {
    let mut lines = Vec::with_capacity(executions.len());
    for execution in executions {
        let outputs = execution_summary::outputs(client, execution.execution_id).await?;
        let summary = execution_summary::summary(client, execution.execution_id).await?;
        lines.push(Line {
            worker_name: summary.worker(execution),
            rows: summary.rows,
            duration_ms: duration(execution, now).map(|duration| duration.as_millis()),
            outputs,
            execution: execution.clone(),
        });
    }
    let worst = executions
        .iter()
        .map(exit_code)
        .max_by_key(|code| [0, 3, 1].iter().position(|known| known == code));
    Ok(Outcome::new(&lines, report(&lines, now)).exit_code(worst.unwrap_or(0)))
}

fn report(lines: &[Line], now: Timestamp) -> Report {
    let mut report = Report::table([
        "execution",
        "package",
        "worker",
        "status",
        "rows",
        "duration",
        "output",
    ]);
    for line in lines {
        let targets: Vec<&str> = line
            .outputs
            .iter()
            .map(|output| output.target.as_str())
            .collect();
        report.rows.push(vec![
            Cell::Number(line.execution.execution_id.to_string()),
            Cell::Text(line.execution.package.clone()),
            Cell::Text(line.worker_name.clone().unwrap_or_default()),
            status_cell(&line.execution),
            Cell::Number(line.rows.to_string()),
            Cell::duration(duration(&line.execution, now)),
            Cell::Rendered {
                shown: common_place(&targets),
                machine: targets.join("\n"),
            },
        ]);
    }
    for line in lines.iter().filter(|line| exit_code(&line.execution) == 1) {
        let id = line.execution.execution_id;
        report.after.push(format!(
            "execution {id} failed: `soctl executions show {id}` says where and why"
        ));
    }
    report
}

/// Where several outputs are: the folder they share, else all of them.
fn common_place(targets: &[&str]) -> String {
    let folders: Vec<&str> = targets
        .iter()
        .filter_map(|target| target.rsplit_once('/').map(|(folder, _)| folder))
        .collect();
    match folders.as_slice() {
        [first, rest @ ..]
            if folders.len() == targets.len()
                && rest.iter().all(|folder| folder == first)
                && !rest.is_empty() =>
        {
            format!("{first}/ ({} files)", targets.len())
        }
        _ => targets.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_folder_are_named_by_it() {
        assert_eq!(
            common_place(&["/out/a.csv", "/out/b.csv"]),
            "/out/ (2 files)"
        );
        assert_eq!(common_place(&["/out/a.csv"]), "/out/a.csv");
        assert_eq!(
            common_place(&["/out/a.csv", "dwh: dbo.T"]),
            "/out/a.csv\ndwh: dbo.T"
        );
        assert_eq!(common_place(&[]), "");
    }
}
