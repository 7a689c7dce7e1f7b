//! Finds a declaration by the name that a caller wrote.

use super::procedures::PROCEDURES;
use super::types::{Procedure, View};
use super::views::VIEWS;

/// The procedure of that name: `create_folder`, `catalog.create_folder`, `[catalog].[create_folder]`.
#[must_use]
pub fn procedure(name: &str) -> Option<&'static Procedure> {
    let name = bare(name);
    PROCEDURES
        .iter()
        .copied()
        .find(|procedure| procedure.name.eq_ignore_ascii_case(&name))
}

/// The view of that name, spelt like a procedure's.
#[must_use]
pub fn view(name: &str) -> Option<&'static View> {
    let name = bare(name);
    VIEWS
        .iter()
        .copied()
        .find(|view| view.name.eq_ignore_ascii_case(&name))
}

/// The name without brackets and without the schema: `catalog`, or `internal`, as some pages of the
/// original call procedures of upkeep.
fn bare(name: &str) -> String {
    let name = name.replace(['[', ']'], "");
    match name.split_once('.') {
        Some((schema, rest))
            if ["catalog", "internal"]
                .iter()
                .any(|known| schema.eq_ignore_ascii_case(known)) =>
        {
            rest.to_owned()
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_procedure_is_found_however_sql_spells_it() {
        for name in [
            "create_folder",
            "CATALOG.Create_Folder",
            "[catalog].[create_folder]",
        ] {
            assert_eq!(
                procedure(name).map(|found| found.name),
                Some("create_folder")
            );
        }
        assert!(procedure("dbo.create_folder").is_none());
        assert!(procedure("create_folders").is_none());
    }

    #[test]
    fn a_view_is_found_however_sql_spells_it() {
        for name in ["executions", "catalog.EXECUTIONS", "[catalog].[executions]"] {
            assert_eq!(view(name).map(|found| found.name), Some("executions"));
        }
        assert!(view("execution").is_none());
    }
}
