//! `soctl job import`: the script that SSMS writes for a job.
//!
//! The whole script is read before anything is called; what goes wrong half-way is taken back.

use std::path::PathBuf;

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry;
use scaleout_core::registry::{Arguments, ProcedureResult};
use scaleout_core::tsql::{self, Argument, Call, Condition, Operand, Statement, parse};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report};

/// Create the jobs of a script that SQL Server Management Studio wrote
///
/// What has no meaning here is listed, and nothing is left out in silence. When something cannot
/// be created, the jobs of the script that were are deleted again.
///
/// Examples:
///   soctl job import nightly.sql --dry-run
///   soctl job import nightly.sql --owner etl --time-zone Europe/Berlin
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ImportArgs {
    /// The script; `-` for standard input
    script: PathBuf,
    /// The login as which the jobs run; you, when left out
    #[arg(long, value_name = "LOGIN")]
    owner: Option<String>,
    /// Where the clocks of the schedules hang; the zone of the master when left out
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The id that packages know the job by; scripts hold none
    #[arg(long, value_name = "GUID")]
    id: Option<Uuid>,
    /// Only list what would be done and what has no meaning here
    #[arg(long)]
    dry_run: bool,
}

/// What was done, and what was not.
#[derive(Debug, Default, Serialize)]
struct Imported {
    jobs: Vec<String>,
    calls: Vec<String>,
    without_meaning: Vec<String>,
}

/// Reads the script and calls its procedures.
///
/// # Errors
/// The file cannot be read, is no such script, or the master refuses.
pub async fn run(args: ImportArgs, client: &Client) -> Result<Outcome, CliError> {
    let text = read(&args.script)?;
    let mut imported = Imported::default();
    let mut steps = Vec::new();
    plan(parse(&text)?, &mut steps, &mut imported.without_meaning);
    let calls: Vec<Planned> = steps
        .into_iter()
        .map(|step| settle(step, &args, &mut imported.without_meaning))
        .collect();
    if calls.iter().all(|call| call.procedure.is_empty()) {
        return Err(CommandError::Argument {
            message: format!(
                "`{}` calls no procedure that is here",
                args.script.display()
            ),
            hint: "in SQL Server Management Studio: Script Job as, CREATE To, File".to_owned(),
        }
        .into());
    }
    let made = calls.iter().filter(|call| call.procedure == "sp_add_job");
    if args.id.is_some() && made.count() != 1 {
        let message = "`--id` is the id of one job, and the script does not make exactly one";
        return Err(CommandError::Argument {
            message: message.to_owned(),
            hint: "import the jobs one by one, each with its id".to_owned(),
        }
        .into());
    }
    if args.dry_run {
        imported.calls = calls.iter().map(|call| call.procedure.to_owned()).collect();
        return Ok(shown(imported, "would create"));
    }
    let mut job_id = Value::Null;
    for call in &calls {
        match perform(call, client, &mut job_id).await {
            Ok(_) => {
                imported.calls.push(call.procedure.to_owned());
                if call.procedure == "sp_add_job" {
                    let name = call.arguments.get("@job_name").and_then(Value::as_str);
                    imported.jobs.push(name.unwrap_or_default().to_owned());
                }
            }
            Err(mut error) => {
                for name in &imported.jobs {
                    let gone: Arguments = [("job_name".to_owned(), json!(name))].into();
                    client.call("sp_delete_job", gone).await?;
                }
                error.body.message = format!("line {}: {}", call.line, error.body.message);
                return Err(error);
            }
        }
    }
    Ok(shown(imported, "created"))
}

fn read(path: &PathBuf) -> Result<String, CommandError> {
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let bytes = bytes.map_err(|source| CommandError::File {
        action: "read",
        path: path.clone(),
        source,
    })?;
    Ok(decoded(&bytes))
}

/// SSMS saves scripts as UTF-16 with a mark.
fn decoded(bytes: &[u8]) -> String {
    let units = |from: fn([u8; 2]) -> u16| {
        let pairs = bytes[2..].chunks_exact(2);
        let units: Vec<u16> = pairs.map(|pair| from([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFF, 0xFE, ..] => units(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => units(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// A call that was found, with the variable that takes the id of the job.
struct Planned {
    procedure: &'static str,
    arguments: Arguments,
    /// `@job_id` is the id of the job that the script has made.
    of_made_job: bool,
    line: usize,
}

/// Picks the calls out of a script; the rest has no meaning here.
fn plan(statements: Vec<Statement>, calls: &mut Vec<Call>, without: &mut Vec<String>) {
    for statement in statements {
        match statement {
            Statement::Call(call) => calls.push(call),
            Statement::If {
                condition: Condition::Missing(text),
                then,
                line,
            } => {
                // What makes the category of a job: the job names it itself.
                let names = then.iter().any(|one| {
                    matches!(one, Statement::Call(call) if call.procedure.to_lowercase().ends_with("sp_add_category"))
                });
                if !names {
                    without.push(format!("line {line}: IF {text}: conditions are not asked"));
                }
            }
            Statement::If {
                condition: Condition::Other(text),
                line,
                ..
            } => without.push(format!("line {line}: IF {text}: conditions are not asked")),
            Statement::Other { text, line } => {
                without.push(format!("line {line}: {text}: it calls no procedure"));
            }
            Statement::If { .. }
            | Statement::Declare { .. }
            | Statement::Assign { .. }
            | Statement::Frame
            | Statement::Leave { .. } => {}
        }
    }
}

/// What parameters of the original mean nothing here, whatever their value is.
const MEANINGLESS: [(&str, &str, &str); 12] = [
    (
        "sp_add_job",
        "@notify_level_eventlog",
        "there is no Windows event log; it is recorded",
    ),
    (
        "sp_add_job",
        "@notify_level_netsend",
        "there is no net send; it is recorded",
    ),
    (
        "sp_add_job",
        "@notify_netsend_operator_name",
        "there is no net send; it is recorded",
    ),
    ("sp_add_job", "@category_id", "categories have no ids here"),
    (
        "sp_add_jobstep",
        "@os_run_priority",
        "priorities are those of the worker",
    ),
    ("sp_add_jobstep", "@additional_parameters", "it is reserved"),
    ("sp_add_jobstep", "@server", "it is reserved"),
    (
        "sp_add_jobstep",
        "@database_name",
        "procedures are found by their names; it is recorded",
    ),
    (
        "sp_add_jobstep",
        "@database_user_name",
        "a step runs as the owner of its job; it is recorded",
    ),
    ("sp_add_jobschedule", "@schedule_uid", "a new id is drawn"),
    (
        "sp_add_jobserver",
        "@server_name",
        "another server is a worker of that name here",
    ),
    ("sp_update_job", "@automatic_post", "it is reserved"),
];

/// Values that say nothing, so that nobody needs to hear of them.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => {
            text.is_empty()
                || ["(local)", "master", "[Uncategorized (Local)]"]
                    .iter()
                    .any(|one| one.eq_ignore_ascii_case(text))
        }
        _ => false,
    }
}

fn settle(call: Call, args: &ImportArgs, without: &mut Vec<String>) -> Planned {
    let line = call.line;
    let declared = registry::procedure(&call.procedure);
    let mut planned = Planned {
        procedure: declared.map_or("", |declared| declared.name),
        arguments: Arguments::new(),
        of_made_job: false,
        line,
    };
    let Some(declared) = declared else {
        without.push(format!(
            "line {line}: EXEC {}: there is no such procedure here",
            call.procedure
        ));
        return planned;
    };
    for (index, Argument { name, value, .. }) in call.arguments.into_iter().enumerate() {
        let parameter = match &name {
            Some(name) => declared.parameter(name),
            None => declared.parameters.get(index),
        };
        let Some(parameter) = parameter else {
            let name = name.unwrap_or_else(|| format!("argument {}", index + 1));
            without.push(format!(
                "line {line}: {name} of {}: there is no such parameter here",
                declared.name
            ));
            continue;
        };
        match value {
            Operand::Variable(_) if parameter.name == "@job_id" => {
                planned.of_made_job = declared.name != "sp_add_job";
            }
            Operand::Variable(_) | Operand::Default => {}
            Operand::Literal(value) => {
                let known = MEANINGLESS.iter().find(|(procedure, name, _)| {
                    *procedure == declared.name && *name == parameter.name
                });
                if let Some((_, name, why)) = known
                    && !says_nothing(&value)
                {
                    without.push(format!("line {line}: {name} = {value}: {why}"));
                }
                planned.arguments.insert(parameter.name.to_owned(), value);
            }
        }
    }
    adapt(&mut planned, args, without);
    planned
}

/// What is another here than it was there.
fn adapt(planned: &mut Planned, args: &ImportArgs, without: &mut Vec<String>) {
    let (line, arguments) = (planned.line, &mut planned.arguments);
    if planned.procedure == "sp_add_job" {
        let was = arguments.remove("@owner_login_name");
        if let Some(Value::String(was)) = was
            && args.owner.as_deref() != Some(was.as_str())
        {
            let now = args.owner.as_deref().unwrap_or("you");
            without.push(format!(
                "line {line}: @owner_login_name = {was}: the job belongs to {now}; see --owner"
            ));
        }
        if let Some(id) = args.id {
            arguments.insert("@job_uid".to_owned(), json!(id));
        }
        if let Some(owner) = &args.owner {
            arguments.insert("@owner_login_name".to_owned(), json!(owner));
        }
    }
    if planned.procedure == "sp_add_jobstep" {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let is_tsql = text("@subsystem").is_none_or(|name| name.eq_ignore_ascii_case("TSQL"));
        let script = text("@command").unwrap_or_default();
        if let (true, Err(fault)) = (is_tsql, tsql::check(script)) {
            let step = text("@step_name").unwrap_or_default();
            without.push(format!(
                "line {line}: the step `{step}` will fail: {fault}; what asks a database belongs into a package"
            ));
        }
    }
    let mail = "@notify_email_operator_name";
    if let Some(name) = arguments
        .get(mail)
        .and_then(Value::as_str)
        .filter(|name| !name.is_empty())
    {
        without.push(format!(
            "line {line}: {mail} = {name}: the operator must be there; see sp_add_operator"
        ));
    }
    if let (Some(zone), "sp_add_jobschedule" | "sp_add_schedule") =
        (&args.time_zone, planned.procedure)
    {
        arguments.insert("@time_zone".to_owned(), json!(zone));
    }
}

/// Makes a call; one of a procedure that is not there was listed, and is none.
async fn perform(
    call: &Planned,
    client: &Client,
    job_id: &mut Value,
) -> Result<ProcedureResult, CliError> {
    if call.procedure.is_empty() {
        return Ok(ProcedureResult::default());
    }
    let mut arguments = call.arguments.clone();
    if call.of_made_job {
        arguments.insert("@job_id".to_owned(), job_id.clone());
    }
    let result = client.call(call.procedure, arguments).await?;
    if call.procedure == "sp_add_job" {
        *job_id = result
            .outputs
            .get("@job_id")
            .cloned()
            .unwrap_or(Value::Null);
    }
    Ok(result)
}

fn shown(mut imported: Imported, verb: &str) -> Outcome {
    imported.calls.retain(|call| !call.is_empty());
    let mut lines: Vec<String> = imported
        .jobs
        .iter()
        .map(|name| format!("{verb} job `{name}`"))
        .collect();
    if imported.jobs.is_empty() {
        lines.push(format!("{verb}: {}", imported.calls.join(", ")));
    }
    if !imported.without_meaning.is_empty() {
        lines.push("without meaning here:".to_owned());
        lines.extend(
            imported
                .without_meaning
                .iter()
                .map(|line| format!("  {line}")),
        );
    }
    Outcome::new(&imported, Report::lines(lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As SSMS writes it, shortened.
    const SCRIPT: &str = "USE [msdb]
GO
/****** Object:  Job [Nightly]    Script Date: 1/31/2026 9:00:00 AM ******/
BEGIN TRANSACTION
DECLARE @ReturnCode INT
SELECT @ReturnCode = 0
IF NOT EXISTS (SELECT name FROM msdb.dbo.syscategories WHERE name=N'[Uncategorized (Local)]' AND category_class=1)
BEGIN
EXEC @ReturnCode = msdb.dbo.sp_add_category @class=N'JOB', @type=N'LOCAL', @name=N'[Uncategorized (Local)]'
IF (@@ERROR <> 0 OR @ReturnCode <> 0) GOTO QuitWithRollback

END

DECLARE @jobId BINARY(16)
EXEC @ReturnCode =  msdb.dbo.sp_add_job @job_name=N'Nightly',
		@enabled=1,
		@notify_level_eventlog=2,
		@delete_level=0,
		@description=N'It''s the load.',
		@category_name=N'[Uncategorized (Local)]',
		@owner_login_name=N'CORP\\dba', @job_id = @jobId OUTPUT
IF (@@ERROR <> 0 OR @ReturnCode <> 0) GOTO QuitWithRollback
EXEC @ReturnCode = msdb.dbo.sp_add_jobstep @job_id=@jobId, @step_name=N'load',
		@step_id=1, @cmdexec_success_code=0, @on_success_action=1, @os_run_priority=0, @subsystem=N'SSIS',
		@command=N'/ISSERVER \"\\\"\\SSISDB\\Finance\\Daily\\Load.dtsx\\\"\" /SERVER \"\\\"SQL01\\\"\" /CALLERINFO SQLAGENT /REPORTING E',
		@database_name=N'master', @flags=0
IF (@@ERROR <> 0 OR @ReturnCode <> 0) GOTO QuitWithRollback
EXEC @ReturnCode = msdb.dbo.sp_update_job @job_id = @jobId, @start_step_id = 1
EXEC @ReturnCode = msdb.dbo.sp_add_jobschedule @job_id=@jobId, @name=N'at two', @enabled=1, @freq_type=4,
		@freq_interval=1, @freq_subday_type=1, @active_start_date=20260131, @active_start_time=20000,
		@schedule_uid=N'7e9b7c3c-6b9e-4f2d-8f3a-2a0c6d6f0b11'
EXEC @ReturnCode = msdb.dbo.sp_add_jobserver @job_id = @jobId, @server_name = N'(local)'
EXEC msdb.dbo.sp_set_sqlagent_properties @jobhistory_max_rows=-1
COMMIT TRANSACTION
GOTO EndSave
QuitWithRollback:
    IF (@@TRANCOUNT > 0) ROLLBACK TRANSACTION
EndSave:
GO
";

    #[test]
    fn a_script_of_ssms_becomes_calls_and_a_list() {
        let args = ImportArgs {
            script: "x".into(),
            owner: None,
            time_zone: Some("UTC".into()),
            id: None,
            dry_run: false,
        };
        let (mut calls, mut without) = (Vec::new(), Vec::new());
        plan(parse(SCRIPT).unwrap(), &mut calls, &mut without);
        let planned: Vec<Planned> = calls
            .into_iter()
            .map(|call| settle(call, &args, &mut without))
            .collect();
        let names: Vec<&str> = planned.iter().map(|call| call.procedure).collect();
        assert_eq!(
            names,
            [
                "sp_add_job",
                "sp_add_jobstep",
                "sp_update_job",
                "sp_add_jobschedule",
                "sp_add_jobserver",
                ""
            ]
        );
        assert_eq!(planned[0].arguments["@description"], "It's the load.");
        assert!(!planned[0].of_made_job && planned[1].of_made_job);
        assert_eq!(planned[3].arguments["@time_zone"], "UTC");
        let listed = without.join("\n");
        for expected in [
            "CORP\\dba",
            "@notify_level_eventlog = 2",
            "sp_set_sqlagent_properties",
            "@schedule_uid",
        ] {
            assert!(listed.contains(expected), "{expected} in {listed}");
        }
        for silent in [
            "@os_run_priority",
            "@database_name",
            "sp_add_category",
            "TRANCOUNT",
        ] {
            assert!(!listed.contains(silent), "{silent} in {listed}");
        }
    }

    #[test]
    fn scripts_in_utf_16_are_read() {
        let mut bytes = vec![0xFF, 0xFE];
        bytes.extend("EXEC x".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(decoded(&bytes), "EXEC x");
    }
}
