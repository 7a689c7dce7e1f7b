//! The stock tasks and Foreach enumerators: every name a file may give them, and the one we use.
//!
//! A name is compared without its assembly (from the first comma on) and without
//! the version of a ProgID (`SSIS.Pipeline.3` is `SSIS.Pipeline`).

mod table;

use table::{ENUMERATORS, TASKS, TaskType};

/// The name of format 8 for a task, from the name of any format.
///
/// `None` for a name that no stock task has.
#[must_use]
pub fn canonical_task_type(creation_name: &str) -> Option<&'static str> {
    find(TASKS, creation_name).map(|task| task.canonical)
}

/// The name of format 8 for a Foreach enumerator, from the name of any format.
#[must_use]
pub fn canonical_enumerator(creation_name: &str) -> Option<&'static str> {
    find(ENUMERATORS, creation_name).map(|enumerator| enumerator.canonical)
}

/// What people call a task: `Script task` for `Microsoft.ScriptTask`.
#[must_use]
pub fn task_display_name(task_type: &str) -> Option<&'static str> {
    find(TASKS, task_type).map(|task| task.display)
}

/// What people call a Foreach enumerator.
#[must_use]
pub fn enumerator_display_name(enumerator: &str) -> Option<&'static str> {
    find(ENUMERATORS, enumerator).map(|found| found.display)
}

/// A creation name without assembly and version.
pub(crate) fn bare_name(name: &str) -> &str {
    let name = name.split(',').next().unwrap_or(name).trim();
    match name.rsplit_once('.') {
        Some((stem, version))
            if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) =>
        {
            stem
        }
        _ => name,
    }
}

fn find(table: &'static [TaskType], name: &str) -> Option<&'static TaskType> {
    let name = bare_name(name);
    let same =
        |other: &str| other == name || (name.starts_with('{') && other.eq_ignore_ascii_case(name));
    table
        .iter()
        .find(|entry| same(entry.canonical) || entry.other_names.iter().any(|other| same(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_own_name_for_a_task() {
        for name in [
            "Microsoft.ExecuteSQLTask",
            "STOCK:SQLTask",
            "Microsoft.SqlServer.Dts.Tasks.ExecuteSQLTask.ExecuteSQLTask, Microsoft.SqlServer.SQLTask, \
             Version=9.0.242.0, Culture=neutral, PublicKeyToken=89845dcd8080cc91",
        ] {
            assert_eq!(
                canonical_task_type(name),
                Some("Microsoft.ExecuteSQLTask"),
                "{name}"
            );
        }
        for name in [
            "DTS.Pipeline.1",
            "SSIS.Pipeline.2",
            "SSIS.Pipeline.3",
            "{5918251b-2970-45a4-ab5f-01c3c588fe5a}",
        ] {
            assert_eq!(
                canonical_task_type(name),
                Some("Microsoft.Pipeline"),
                "{name}"
            );
        }
        assert_eq!(
            canonical_task_type("SSIS.ExecutePackageTask.7"),
            Some("Microsoft.ExecutePackageTask")
        );
        assert_eq!(canonical_task_type("microsoft.executesqltask"), None);
        assert_eq!(canonical_task_type("Contoso.Task, Contoso"), None);
        assert_eq!(canonical_task_type(""), None);
    }

    #[test]
    fn enumerators_have_canonical_names() {
        assert_eq!(
            canonical_enumerator("DTS.ForEachFileEnumerator.2"),
            Some("Microsoft.ForEachFileEnumerator")
        );
        assert_eq!(
            enumerator_display_name("Microsoft.ForEachADOEnumerator"),
            Some("Foreach ADO enumerator")
        );
    }

    #[test]
    fn people_have_names_for_tasks() {
        assert_eq!(
            task_display_name("Microsoft.ScriptTask"),
            Some("Script task")
        );
        assert_eq!(task_display_name("Contoso.Task"), None);
    }

    #[test]
    fn no_name_belongs_to_two_tasks() {
        let names = TASKS
            .iter()
            .flat_map(|task| task.other_names.iter().chain([&task.canonical]));
        let mut names: Vec<&str> = names.copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
