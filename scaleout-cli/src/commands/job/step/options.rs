//! What steps are made of.

use clap::Args;
use scaleout_core::error::Explain as _;
use scaleout_core::registry::Arguments;
use scaleout_core::tsql;
use serde_json::{Value, json};

use crate::commands::job::named::given;

/// What a step runs; one of these.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub struct WorkArgs {
    /// A package of the catalog, FOLDER/PROJECT/PACKAGE
    #[arg(long, value_name = "PACKAGE", value_parser = catalog_path)]
    package: Option<String>,
    /// A package file, on the machine of the worker
    #[arg(long, value_name = "PATH")]
    file: Option<String>,
    /// T-SQL that calls procedures of the catalog and of msdb
    #[arg(long, value_name = "SCRIPT", value_parser = script)]
    tsql: Option<String>,
    /// A line for the shell of the worker
    #[arg(long, value_name = "LINE")]
    cmd: Option<String>,
    /// The command line of dtexec as SQL Server Agent keeps it
    #[arg(long, value_name = "LINE")]
    ssis: Option<String>,
}

/// How a step goes on.
#[derive(Args, Debug)]
pub struct FlowArgs {
    /// Value of a parameter of the package; `$Project::NAME` for one of the project
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, requires = "package")]
    parameter: Vec<(String, String)>,
    /// Id of the environment reference that gives values
    #[arg(long, value_name = "ID", requires = "package")]
    reference: Option<i64>,
    /// After success: next, quit, fail, or the number of a step
    #[arg(long, value_name = "WHAT", value_parser = follow)]
    on_success: Option<Follow>,
    /// After a failure: next, quit, fail, or the number of a step
    #[arg(long, value_name = "WHAT", value_parser = follow)]
    on_failure: Option<Follow>,
    /// How often it is run again after a failure
    #[arg(long, value_name = "COUNT")]
    retries: Option<u32>,
    /// Minutes between two attempts
    #[arg(long, value_name = "MINUTES")]
    retry_minutes: Option<u32>,
    /// Exit code with which a command has succeeded
    #[arg(long, value_name = "CODE")]
    success_code: Option<i32>,
    /// The file that gets the output, where the step runs
    #[arg(long, value_name = "FILE")]
    output_file: Option<String>,
    /// The output goes behind what is in the file
    #[arg(long, requires = "output_file")]
    append: bool,
    /// The proxy as which a command runs
    #[arg(long, value_name = "PROXY")]
    proxy: Option<String>,
}

/// An action and the step that it goes to.
pub type Follow = (u8, u32);

fn follow(text: &str) -> Result<Follow, String> {
    match text {
        "quit" => Ok((1, 0)),
        "fail" => Ok((2, 0)),
        "next" => Ok((3, 0)),
        number => match number.parse() {
            Ok(step) if 0 < step => Ok((4, step)),
            _ => Err("write next, quit, fail, or the number of a step".to_owned()),
        },
    }
}

/// T-SQL that can be run here: better said now than in the night.
fn script(text: &str) -> Result<String, String> {
    match tsql::check(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(fault) => Err(format!("{fault}; {}", fault.hint())),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        // The command line of dtexec has no way to write it.
        Some((_, value)) if value.contains('"') => Err("a value may hold no `\"`".to_owned()),
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

fn catalog_path(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [folder, project, package] if parts.iter().all(|part| !part.is_empty()) => {
            Ok(format!("\\SSISDB\\{folder}\\{project}\\{package}"))
        }
        _ => Err("write FOLDER/PROJECT/PACKAGE, such as Finance/Daily/Load.dtsx".to_owned()),
    }
}

impl WorkArgs {
    /// Whether anything is given.
    pub fn is_given(&self) -> bool {
        [&self.package, &self.file, &self.tsql, &self.cmd, &self.ssis]
            .iter()
            .any(|one| one.is_some())
    }

    /// `@subsystem` and `@command`.
    pub fn arguments(&self, flow: &FlowArgs) -> Arguments {
        let (subsystem, command) = if let Some(path) = &self.package {
            ("SSIS", of_catalog(path, flow))
        } else if let Some(path) = &self.file {
            ("SSIS", format!("/FILE \"\\\"{path}\\\"\""))
        } else if let Some(line) = &self.ssis {
            ("SSIS", line.clone())
        } else if let Some(line) = &self.cmd {
            ("CmdExec", line.clone())
        } else if let Some(script) = &self.tsql {
            ("TSQL", script.clone())
        } else {
            return Arguments::new();
        };
        given([("subsystem", json!(subsystem)), ("command", json!(command))]).collect()
    }
}

/// The command line of dtexec, in the form that SSMS writes.
fn of_catalog(path: &str, flow: &FlowArgs) -> String {
    let mut line = format!("/ISSERVER \"\\\"{path}\\\"\"");
    if let Some(id) = flow.reference {
        line.push_str(&format!(" /ENVREFERENCE {id}"));
    }
    for (name, value) in &flow.parameter {
        line.push_str(&format!(" /Par \"\\\"{name}\\\"\";\"\\\"{value}\\\"\""));
    }
    line
}

impl FlowArgs {
    /// The rest of the arguments.
    pub fn arguments(&self) -> Arguments {
        let action = |follow: Option<Follow>| match follow {
            Some((action, step)) => (json!(action), json!(step)),
            None => (Value::Null, Value::Null),
        };
        let (success, success_step) = action(self.on_success);
        let (failure, failure_step) = action(self.on_failure);
        given([
            ("on_success_action", success),
            ("on_success_step_id", success_step),
            ("on_fail_action", failure),
            ("on_fail_step_id", failure_step),
            ("retry_attempts", json!(self.retries)),
            ("retry_interval", json!(self.retry_minutes)),
            ("cmdexec_success_code", json!(self.success_code)),
            ("output_file_name", json!(self.output_file)),
            (
                "flags",
                self.output_file
                    .as_ref()
                    .map_or(Value::Null, |_| json!(u8::from(self.append) * 2)),
            ),
            ("proxy_name", json!(self.proxy)),
        ])
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::jobs::command::{SsisCommand, read};

    use super::*;

    #[test]
    fn what_is_written_for_a_package_is_read_again() {
        let flow = FlowArgs {
            parameter: vec![
                ("Rows".to_owned(), "5".to_owned()),
                ("$Project::Name".to_owned(), "a b".to_owned()),
            ],
            reference: Some(4),
            on_success: None,
            on_failure: None,
            retries: None,
            retry_minutes: None,
            success_code: None,
            output_file: None,
            append: false,
            proxy: None,
        };
        let path = catalog_path("My Folder/Daily/Load All.dtsx").unwrap();
        let Ok(SsisCommand::Catalog(package)) = read(&of_catalog(&path, &flow)) else {
            panic!("no package of the catalog");
        };
        assert_eq!(package.folder, "My Folder");
        assert_eq!(package.package, "Load All.dtsx");
        assert_eq!(package.reference, Some(4));
        assert_eq!(package.values[0].object_type, 30);
        assert_eq!(package.values[1].object_type, 20);
        assert_eq!(package.values[1].value, "a b");
    }

    #[test]
    fn what_follows_is_a_word_or_a_step() {
        assert_eq!(follow("next"), Ok((3, 0)));
        assert_eq!(follow("7"), Ok((4, 7)));
        assert!(follow("0").is_err() && follow("on").is_err());
        assert!(catalog_path("Load.dtsx").is_err());
        assert!(pair("A=b\"c").is_err() && pair("=b").is_err());
        assert!(script("EXEC sp_help_job").is_ok());
        assert!(script("TRUNCATE TABLE t").unwrap_err().contains("line 1"));
    }
}
