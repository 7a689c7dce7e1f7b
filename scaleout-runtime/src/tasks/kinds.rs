//! The table of tasks.

use super::TaskKind;
use super::{execute_process, execute_sql, expression, file_system};

/// Every task that runs here, apart from those the control flow runs itself.
const KINDS: [&dyn TaskKind; 4] = [
    &execute_process::ExecuteProcess,
    &execute_sql::ExecuteSql,
    &expression::ExpressionTask,
    &file_system::FileSystemTask,
];

/// The task with that canonical type, such as `Microsoft.ExecuteProcess`; `None` when it does
/// not run here.
#[must_use]
pub fn kind(task_type: &str) -> Option<&'static dyn TaskKind> {
    let mut kinds = KINDS.into_iter();
    kinds.find(|kind| kind.task_type() == task_type)
}

/// What people call a task type: `Microsoft.SendMailTask` is a `Send Mail task`.
#[must_use]
pub fn display_name(task_type: &str) -> String {
    let full = task_type.split(',').next().unwrap_or(task_type).trim();
    let short = full.rsplit('.').next().unwrap_or(full);
    // A ProgID ends in its version: `SSIS.ScriptTask.3`.
    let is_version = !short.is_empty() && short.chars().all(|digit| digit.is_ascii_digit());
    let short = match is_version {
        true => full.rsplit('.').nth(1).unwrap_or(full),
        false => short,
    };
    let stem = short.strip_suffix("Task").unwrap_or(short);
    let mut words = String::new();
    let mut before = ' ';
    for letter in stem.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        words.push(letter);
        before = letter;
    }
    format!("{words} task ({task_type})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_are_what_people_say() {
        let shown = |task_type: &str| {
            let name = display_name(task_type);
            name.split(" (").next().unwrap_or_default().to_owned()
        };
        assert_eq!(shown("Microsoft.SendMailTask"), "Send Mail task");
        assert_eq!(shown("SSIS.ScriptTask.3"), "Script task");
        assert_eq!(
            shown("Contoso.Tasks.Zip, Contoso, Version=1.0.0.0"),
            "Zip task"
        );
    }

    #[test]
    fn every_kind_is_found_by_its_own_type() {
        for kind_of in KINDS {
            assert!(kind(kind_of.task_type()).is_some());
        }
        assert!(kind("Microsoft.ScriptTask").is_none());
    }
}
