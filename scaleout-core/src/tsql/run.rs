//! Goes through a script: gives one call after the other, takes what came of it.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::TsqlFault;
use super::parse::{Call, Condition, Operand, Statement, parse};
use crate::registry::{self, Arguments, Direction, Procedure, ProcedureResult};

/// A call that can be made.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedCall {
    /// The procedure.
    pub procedure: &'static str,
    /// Its arguments.
    pub arguments: Arguments,
    /// Which variable takes which output parameter.
    outputs: Vec<(&'static str, String)>,
    returns: Option<String>,
}

/// A script under way.
#[derive(Debug)]
pub struct Interpreter {
    ahead: VecDeque<Statement>,
    variables: BTreeMap<String, Value>,
}

impl Interpreter {
    /// At the beginning of a script.
    ///
    /// # Errors
    /// It is not even made of words and texts.
    pub fn new(script: &str) -> Result<Self, TsqlFault> {
        Ok(Self {
            ahead: parse(script)?.into(),
            variables: BTreeMap::new(),
        })
    }

    /// The next call, or the end.
    ///
    /// # Errors
    /// The first statement that is nothing for procedures.
    pub fn next_call(&mut self) -> Result<Option<ResolvedCall>, TsqlFault> {
        while let Some(statement) = self.ahead.pop_front() {
            match statement {
                Statement::Declare { name, value, line }
                | Statement::Assign { name, value, line } => {
                    let value = self.value(&value, line)?;
                    self.variables.insert(name.to_ascii_lowercase(), value);
                }
                Statement::Call(call) => return self.resolve(&call).map(Some),
                Statement::Frame
                | Statement::If {
                    condition: Condition::Failed,
                    ..
                } => {}
                Statement::If {
                    condition: Condition::Missing(text) | Condition::Other(text),
                    line,
                    ..
                } => {
                    return Err(TsqlFault::Statement {
                        line,
                        text: format!("IF {text}").chars().take(80).collect(),
                        reason: "conditions are not asked",
                    });
                }
                Statement::Leave { .. } => self.ahead.clear(),
                Statement::Other { text, line } => {
                    return Err(TsqlFault::Statement {
                        line,
                        text,
                        reason: "it calls no procedure",
                    });
                }
            }
        }
        Ok(None)
    }

    /// Takes what came of a call.
    pub fn done(&mut self, call: &ResolvedCall, result: &ProcedureResult) {
        for (parameter, variable) in &call.outputs {
            let value = result.outputs.get(*parameter).cloned();
            let value = value.unwrap_or(Value::Null);
            self.variables.insert(variable.to_ascii_lowercase(), value);
        }
        if let Some(variable) = &call.returns {
            let value = Value::from(result.return_value);
            self.variables.insert(variable.to_ascii_lowercase(), value);
        }
    }

    fn value(&self, operand: &Operand, line: usize) -> Result<Value, TsqlFault> {
        match operand {
            Operand::Literal(value) => Ok(value.clone()),
            Operand::Default => Ok(Value::Null),
            Operand::Variable(name) if name.starts_with("@@") => Ok(Value::Null),
            Operand::Variable(name) => self
                .variables
                .get(&name.to_ascii_lowercase())
                .cloned()
                .ok_or_else(|| TsqlFault::Variable {
                    line,
                    name: name.clone(),
                }),
        }
    }

    fn resolve(&self, call: &Call) -> Result<ResolvedCall, TsqlFault> {
        let line = call.line;
        let declared =
            registry::procedure(&call.procedure).ok_or_else(|| TsqlFault::Procedure {
                line,
                name: call.procedure.clone(),
            })?;
        let mut arguments = Arguments::new();
        let mut outputs = Vec::new();
        for (index, argument) in call.arguments.iter().enumerate() {
            let parameter = parameter_of(declared, argument.name.as_deref(), index);
            let is_out = parameter.is_some_and(|one| one.direction == Direction::Out);
            if let (true, Operand::Variable(variable), Some(parameter)) =
                (argument.output || is_out, &argument.value, parameter)
            {
                self.value(&argument.value, line)?;
                outputs.push((parameter.name, variable.clone()));
                continue;
            }
            if argument.value == Operand::Default {
                continue;
            }
            // What has no such name is refused by the procedure itself, with those that it has.
            let name = match (parameter, &argument.name) {
                (Some(parameter), _) => parameter.name.to_owned(),
                (None, Some(name)) => name.clone(),
                (None, None) => {
                    return Err(TsqlFault::Position {
                        line,
                        procedure: declared.name.to_owned(),
                        position: index + 1,
                    });
                }
            };
            arguments.insert(name, self.value(&argument.value, line)?);
        }
        Ok(ResolvedCall {
            procedure: declared.name,
            arguments,
            outputs,
            returns: call.returns.clone(),
        })
    }
}

/// Goes through a script without calling anything, as if every call succeeded.
///
/// # Errors
/// The first statement that is nothing for procedures.
pub fn check(script: &str) -> Result<(), TsqlFault> {
    let mut run = Interpreter::new(script)?;
    while let Some(call) = run.next_call()? {
        run.done(&call, &ProcedureResult::default());
    }
    Ok(())
}

fn parameter_of(
    procedure: &'static Procedure,
    name: Option<&str>,
    index: usize,
) -> Option<&'static registry::ProcedureParameter> {
    match name {
        Some(name) => procedure.parameter(name),
        None => procedure.parameters.get(index),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Goes through a script and gives back what would have been called.
    fn calls(script: &str) -> Result<Vec<(String, Value)>, TsqlFault> {
        let mut run = Interpreter::new(script)?;
        let mut all = Vec::new();
        while let Some(call) = run.next_call()? {
            all.push((call.procedure.to_owned(), json!(call.arguments)));
            let mut result = ProcedureResult::default();
            result.outputs.insert("@execution_id".into(), json!(42));
            run.done(&call, &result);
        }
        Ok(all)
    }

    #[test]
    fn what_ssms_writes_to_execute_a_package_runs() {
        let script = "Declare @execution_id bigint
            EXEC [SSISDB].[catalog].[create_execution] @package_name=N'Child1.dtsx',
                @execution_id=@execution_id OUTPUT, @folder_name=N'Nightly', @project_name=N'O''Brien',
                @use32bitruntime=False, @reference_id=Null
            Select @execution_id
            DECLARE @var0 smallint = 1
            EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id, @object_type=50,
                @parameter_name=N'LOGGING_LEVEL', @parameter_value=@var0
            EXEC [SSISDB].[catalog].[start_execution] @execution_id
            GO";
        let calls = calls(script).unwrap();
        assert_eq!(
            calls[0],
            (
                "create_execution".to_owned(),
                json!({
                    "@package_name": "Child1.dtsx", "@folder_name": "Nightly",
                    "@project_name": "O'Brien", "@use32bitruntime": "False", "@reference_id": null,
                })
            )
        );
        assert_eq!(calls[1].1["@execution_id"], 42);
        assert_eq!(calls[1].1["@parameter_value"], 1);
        assert_eq!(
            calls[2],
            ("start_execution".to_owned(), json!({"@execution_id": 42}))
        );
    }

    #[test]
    fn frames_are_passed_over_and_comments_are_none() {
        let script = "USE msdb;\nGO\nSET NOCOUNT ON;\nBEGIN TRANSACTION
            /* EXEC sp_delete_job @job_name = 'x' /* nested */ */
            EXEC @rc = msdb.dbo.sp_start_job N'Load' -- the job
            IF (@@ERROR <> 0 OR @ReturnCode <> 0) GOTO Quit
            COMMIT TRANSACTION
            Quit:";
        let found = calls(script).unwrap();
        assert_eq!(
            found,
            [("sp_start_job".to_owned(), json!({"@job_name": "Load"}))]
        );
    }

    #[test]
    fn what_is_for_a_database_is_refused_with_its_line() {
        let fault = calls("EXEC msdb.dbo.sp_start_job 'a';\nTRUNCATE TABLE dbo.Stage").unwrap_err();
        assert!(
            matches!(&fault, TsqlFault::Statement { line: 2, text, .. } if text == "TRUNCATE TABLE dbo.Stage")
        );
        let fault = calls("EXEC dbo.usp_Load 1").unwrap_err();
        assert!(matches!(fault, TsqlFault::Procedure { line: 1, .. }));
        let fault = calls("EXEC sp_start_job @job_name = @name").unwrap_err();
        assert!(matches!(fault, TsqlFault::Variable { .. }));
        assert!(matches!(
            calls("EXEC sp_start_job 'a"),
            Err(TsqlFault::Open { .. })
        ));
    }
}
