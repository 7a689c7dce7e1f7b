//! The table of tasks.

use scaleout_core::package::task_types::task_display_name;

use super::TaskKind;
use super::{
    bulk_insert, execute_agent_job, execute_process, execute_sql, execute_t_sql, expression,
    file_system, ftp, send_mail,
};
use crate::refusal::{not_run_here, with_article};

/// Every task that runs here, apart from those the control flow runs itself.
const KINDS: [&dyn TaskKind; 9] = [
    &bulk_insert::BulkInsert,
    &execute_agent_job::ExecuteAgentJob,
    &execute_process::ExecuteProcess,
    &execute_sql::ExecuteSql,
    &execute_t_sql::ExecuteTSql,
    &expression::ExpressionTask,
    &file_system::FileSystemTask,
    &ftp::Ftp,
    &send_mail::SendMail,
];

/// The task with that canonical type, such as `Microsoft.ExecuteProcess`; `None` when it does
/// not run here.
#[must_use]
pub fn kind(task_type: &str) -> Option<&'static dyn TaskKind> {
    let mut kinds = KINDS.into_iter();
    kinds.find(|kind| kind.task_type() == task_type)
}

/// Why a task of a type without a kind is refused.
#[must_use]
pub fn refusal(task: &str, task_type: &str) -> String {
    let name = task_display_name(task_type).map_or_else(|| derived_name(task_type), str::to_owned);
    not_run_here(
        &format!("task `{task}` is {} (`{task_type}`)", with_article(&name)),
        "disable it, replace it by tasks that run here, or run the package with SQL Server's own \
         dtexec",
    )
}

/// What people may call a task type that is not in the tables.
fn derived_name(task_type: &str) -> String {
    let full = task_type.split(',').next().unwrap_or(task_type).trim();
    if full.is_empty() {
        return "task without a type".to_owned();
    }
    let short = full.rsplit('.').next().unwrap_or(full);
    // A ProgID ends in its version: `SSIS.ScriptTask.3`.
    let is_version = !short.is_empty() && short.chars().all(|digit| digit.is_ascii_digit());
    let short = match is_version {
        true => full.rsplit('.').nth(1).unwrap_or(full),
        false => short,
    };
    // One that is called nothing but `Task` is called as a whole.
    let stem = short.strip_suffix("Task").unwrap_or(short);
    let stem = if stem.is_empty() { full } else { stem };
    let mut words = String::new();
    let mut before = ' ';
    for letter in stem.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        words.push(letter);
        before = letter;
    }
    format!("{words} task")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_task_is_called_what_people_call_it() {
        for (task_type, name) in [
            ("Microsoft.WebServiceTask", "a Web Service task"),
            (
                "Microsoft.DbMaintenanceUpdateStatisticsTask",
                "an Update Statistics task",
            ),
            ("Contoso.ZipTask.3", "a Zip task"),
            ("Contoso.Tasks.Zip, Contoso, Version=1.0.0.0", "a Zip task"),
            ("Contoso.Task, Contoso", "a Contoso.Task task"),
            ("", "a task without a type"),
        ] {
            let text = refusal("t", task_type);
            let start = format!("task `t` is {name} (`{task_type}`), and this version");
            assert!(text.starts_with(&start), "{text}");
        }
    }

    #[test]
    fn every_kind_is_found_by_its_own_type() {
        for kind_of in KINDS {
            assert!(kind(kind_of.task_type()).is_some());
        }
        assert!(kind("Microsoft.ScriptTask").is_none());
    }
}
