//! Finds a declaration by the name that a caller wrote.

use super::msdb::{MSDB_PROCEDURES, MSDB_VIEWS, SCHEMA};
use super::procedures::PROCEDURES;
use super::types::{Procedure, View};
use super::views::VIEWS;

/// Every procedure of the catalog, and every one of jobs after them.
pub fn all_procedures() -> impl Iterator<Item = &'static Procedure> {
    PROCEDURES.iter().chain(MSDB_PROCEDURES).copied()
}

/// Every view of the catalog, and every one of jobs after them.
pub fn all_views() -> impl Iterator<Item = &'static View> {
    VIEWS.iter().chain(MSDB_VIEWS).copied()
}

/// The procedure of that name: `create_folder`, `catalog.create_folder`,
/// `[SSISDB].[catalog].[create_folder]`, `sp_start_job`, `msdb.dbo.sp_start_job`.
#[must_use]
pub fn procedure(name: &str) -> Option<&'static Procedure> {
    let (schema, name) = parts(name);
    all_procedures().find(|one| one.name.eq_ignore_ascii_case(&name) && is_in(one.schema, schema))
}

/// The view of that name, spelt like a procedure's.
#[must_use]
pub fn view(name: &str) -> Option<&'static View> {
    let (schema, name) = parts(name);
    all_views().find(|one| one.name.eq_ignore_ascii_case(&name) && is_in(one.schema, schema))
}

/// Whether something that is declared in a schema is meant by a name that asks for one.
fn is_in(declared: &str, asked: Option<&str>) -> bool {
    asked.is_none_or(|asked| (asked == SCHEMA) == (declared == SCHEMA))
}

/// The schema that a name asks for, and the name without it. Procedures of the catalog are in the
/// schema `catalog`, or `internal`, as some pages of the original call procedures of upkeep;
/// those of jobs are in the schema `dbo` of the database msdb.
fn parts(name: &str) -> (Option<&'static str>, String) {
    let name = name.replace(['[', ']'], "");
    let mut parts: Vec<&str> = name.split('.').collect();
    let bare = parts.pop().unwrap_or_default().to_owned();
    let parts: Vec<String> = parts.iter().map(|part| part.to_ascii_lowercase()).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        [] => (None, bare),
        ["catalog" | "internal"] | ["ssisdb", "catalog" | "internal"] => (Some("catalog"), bare),
        ["dbo" | "msdb"] | ["msdb", "dbo" | ""] => (Some(SCHEMA), bare),
        // Something else: then nothing has that name.
        _ => (None, name),
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
        for name in [
            "sp_start_job",
            "dbo.sp_start_job",
            "msdb.dbo.SP_START_JOB",
            "[msdb].[dbo].[sp_start_job]",
            "msdb..sp_start_job",
        ] {
            assert_eq!(
                procedure(name).map(|found| found.name),
                Some("sp_start_job")
            );
        }
        assert!(procedure("catalog.sp_start_job").is_none());
        assert!(procedure("SSISDB.catalog.create_folder").is_some());
    }

    #[test]
    fn a_view_is_found_however_sql_spells_it() {
        for name in ["executions", "catalog.EXECUTIONS", "[catalog].[executions]"] {
            assert_eq!(view(name).map(|found| found.name), Some("executions"));
        }
        assert!(view("execution").is_none());
    }
}
