//! The reference pages of procedures and views say what the registry says.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops where it is"
)]

use std::fmt::Write as _;
use std::path::Path;

use scaleout_core::registry::{
    Direction, Permission, Procedure, ProcedureParameter, View, ViewColumn, all_procedures,
    all_views,
};
use scaleout_core::settings::keys;

const COMMAND: &str = "UPDATE_PAGES=1 cargo test -p scaleout-core --test reference_pages";

/// Compares a page with what it should be, or writes it when told to.
fn check(page: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/reference")
        .join(page);
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/reference/{page} is not current; write it anew with `{COMMAND}`"
    );
}

#[test]
fn the_page_of_procedures_is_current() {
    let mut page = String::from(
        "# Procedures\n\n\
         Every procedure of the catalog, and those of jobs, which are in msdb in the original. `soctl proc NAME` calls it, as do the SDK and \
         `POST /catalog/v1/procedures/NAME`; names of parameters are accepted in any case, with or \
         without `@`. `ssis_admin` and `sysadmin` may call all of them. Made from the registry: do not edit.\n",
    );
    for procedure in all_procedures() {
        describe_procedure(&mut page, procedure).unwrap();
    }
    check("procedures.md", &page);
}

#[test]
fn the_page_of_settings_is_current() {
    let mut page = String::from(
        "# Settings\n\n\
         Every key of the two settings files, with the name that the original publishes, \
         misspellings included. Each file is one JSON object; the XML form is read too. \
         `soctl master settings` and `soctl worker settings` list, read, set and check them. A key \
         applies on `reload` when the service takes it on at SIGHUP, which `settings set` sends, and on \
         `restart` when it counts at a start only. Made from the declarations: do not edit.\n",
    );
    for (file, keys) in [
        ("MasterSettings.config", keys::MASTER),
        ("WorkerSettings.config", keys::WORKER),
    ] {
        write!(
            page,
            "\n## {file}\n\n| key | default | unit | value | applies on | meaning |\n|---|---|---|---|---|---|\n"
        )
        .unwrap();
        for key in keys {
            writeln!(
                page,
                "| `{}` | `{}` | {} | {} | {} | {} |",
                key.name,
                key.default,
                key.unit,
                key.kind.expected(),
                key.applies.as_str(),
                key.meaning
            )
            .unwrap();
        }
    }
    check("settings.md", &page);
}

#[test]
fn the_page_of_views_is_current() {
    let mut page = String::from(
        "# Views\n\n\
         Every view of the catalog, and those of jobs. `soctl view NAME` reads it, as do the SDK and \
         `POST /catalog/v1/views/NAME`; in PostgreSQL they are in the schemas `catalog` and `msdb`, in SQLite in \
         the file's only one. Rows are those that the caller may read. Made from the registry: do \
         not edit.\n",
    );
    for view in all_views() {
        describe_view(&mut page, view).unwrap();
    }
    check("views.md", &page);
}

fn describe_procedure(page: &mut String, procedure: &Procedure) -> std::fmt::Result {
    write!(
        page,
        "\n## {}.{}\n\n{}\n\nNeeds: {}.\n",
        procedure.schema,
        procedure.name,
        procedure.summary,
        who(procedure.permission)
    )?;
    if procedure.parameters.is_empty() {
        page.push_str("\nIt takes no parameters.\n");
    } else {
        page.push_str("\n| parameter | type | | default | meaning |\n|---|---|---|---|---|\n");
    }
    for parameter in procedure.parameters {
        describe_parameter(page, parameter)?;
    }
    if let Some(columns) = procedure.result_set {
        page.push_str("\nIt returns rows:\n");
        describe_columns(page, columns)?;
    }
    Ok(())
}

fn describe_parameter(page: &mut String, parameter: &ProcedureParameter) -> std::fmt::Result {
    let way = match (parameter.direction, parameter.required) {
        (Direction::Out, _) => "output",
        (Direction::In, true) => "required",
        (Direction::In, false) => "",
    };
    let default = parameter.default.map(|text| format!("`{text}`"));
    let added = if parameter.extension {
        " Not in the original."
    } else {
        ""
    };
    writeln!(
        page,
        "| {} | `{}` | {way} | {} | {}{added} |",
        spelled(parameter.name, parameter.aliases),
        parameter.sql_type,
        default.unwrap_or_default(),
        cell(parameter.meaning),
    )
}

fn describe_view(page: &mut String, view: &View) -> std::fmt::Result {
    write!(
        page,
        "\n## {}.{}\n\n{}\n",
        view.schema, view.name, view.summary
    )?;
    describe_columns(page, view.columns)
}

fn describe_columns(page: &mut String, columns: &[ViewColumn]) -> std::fmt::Result {
    page.push_str("\n| column | type | meaning |\n|---|---|---|\n");
    for column in columns {
        writeln!(
            page,
            "| {} | `{}` | {} |",
            spelled(column.name, column.aliases),
            column.sql_type,
            cell(column.meaning)
        )?;
    }
    Ok(())
}

/// A name with its older spellings.
fn spelled(name: &str, aliases: &[&str]) -> String {
    let older: Vec<String> = aliases.iter().map(|alias| format!("`{alias}`")).collect();
    if older.is_empty() {
        format!("`{name}`")
    } else {
        format!("`{name}` (also {})", older.join(", "))
    }
}

/// Text that stays in its cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// The rule in words; the administrators may call everything.
fn who(permission: Permission) -> String {
    permission.lines().join("; ")
}
