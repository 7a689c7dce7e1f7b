//! OLE DB Command: a statement that runs once for each row, with values of the row.
//!
//! Each run is a change of its own: what rows before a bad one did stays done. Deliberately absent:
//! output parameters of procedures, refused by name.

use std::time::Duration;

use arrow::compute::filter_record_batch;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, ExternalColumn, Input, property};

use super::binding::{connection_problem, failure, lock, manager, number, property_problem, text};
use super::family::Family;
use super::refusal::code_of;
use crate::connections::dialect::count_marks;
use crate::connections::{Connection, ConnectionError, report_sent, shortened};
use crate::convert::{convert, value_at};
use crate::data_flow::codes::{DATA_CONVERSION_FAILED, WRONG_PROPERTY, number as code_number};
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::{
    BatchFaults, ErrorRows, FaultKind, Rule, arrow_failure, lost_rows_warning,
};
use crate::data_flow::static_schema::output_schema;
use crate::data_flow::transforms::locale_of;
use crate::services::{ConnectionLease, Services};
use crate::validation::Problem;
use crate::value::{DataType, TypedValue, Value};

/// The bit of `DBParamInfoFlags` that says that a parameter gives a value back.
const GIVES_BACK: i64 = 2;

/// The kind `Microsoft.OLEDBCommand`.
#[derive(Clone, Copy, Debug)]
pub struct OleDbCommand;

impl ComponentKind for OleDbCommand {
    fn component_type(&self) -> &'static str {
        "Microsoft.OLEDBCommand"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        connect: bool,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        match manager(component, cx.services) {
            Err(error) => problems.push(connection_problem(component, cx, &error)),
            Ok((reference, _)) if connect => {
                let opened = cx.services.connections.open(&reference);
                problems.extend(
                    opened
                        .err()
                        .map(|error| connection_problem(component, cx, &error)),
                );
            }
            Ok(_) => {}
        }
        let settings = Settings::read(component, cx);
        let reason = settings.err();
        problems.extend(reason.map(|reason| property_problem(component, cx, &reason)));
        problems.extend(lost_rows_warning(component, cx));
        problems
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let name = component.name.as_str();
        let (reference, manager) = manager(component, cx.services)
            .map_err(|error| Family::OleDb.cannot_acquire(name, &error))?;
        let settings = Settings::read(component, cx)
            .map_err(|reason| failure(name, code_number(WRONG_PROPERTY), reason))?;
        let default = Input::default();
        let running = Running {
            component: name.to_owned(),
            reference,
            connection: manager.name.clone(),
            settings,
            rule: Rule::of_input(component.inputs.first().unwrap_or(&default)),
            errors: ErrorRows::new(component, cx),
            output: component
                .outputs
                .iter()
                .position(|output| !output.is_error_output),
            locale_id: locale_of(component, cx.services),
            services: cx.services.clone(),
            lease: None,
        };
        let outputs = component.outputs.iter();
        Ok(Built {
            component: Box::new(running),
            outputs: outputs
                .map(|output| output_schema(component, output, cx.inputs))
                .collect(),
            is_destination: false,
        })
    }
}

struct Settings {
    sql: String,
    timeout: Option<Duration>,
    /// In the order of the marks.
    parameters: Vec<Parameter>,
}

struct Parameter {
    /// Position in the buffer.
    at: usize,
    /// Name of the parameter.
    name: String,
    from: DataType,
    to: DataType,
}

impl Settings {
    fn read(component: &Component, cx: &BuildContext<'_>) -> Result<Self, String> {
        let sql = text(component, "SqlCommand");
        if sql.trim().is_empty() {
            return Err("property `SqlCommand` is empty; write the statement into it".to_owned());
        }
        let seconds = u64::try_from(number(component, "CommandTimeout", 0)?).unwrap_or(0);
        let parameters = parameters(component, cx)?;
        let marks = count_marks(sql);
        // Without a path nothing arrives that could be mapped.
        if cx.inputs.first().is_some_and(Option::is_some) && marks != parameters.len() {
            return Err(format!(
                "the statement has {marks} parameters (`?`), and {} are mapped; refresh the \
                 component's columns and map each parameter",
                parameters.len()
            ));
        }
        Ok(Self {
            sql: sql.to_owned(),
            timeout: (0 < seconds).then(|| Duration::from_secs(seconds)),
            parameters,
        })
    }
}

fn parameters(component: &Component, cx: &BuildContext<'_>) -> Result<Vec<Parameter>, String> {
    let (Some(input), Some(Some(schema))) = (component.inputs.first(), cx.inputs.first()) else {
        return Ok(Vec::new());
    };
    let one = |external: &ExternalColumn| {
        let flags = property(&external.properties, "DBParamInfoFlags");
        let flags: i64 = flags.and_then(|flags| flags.parse().ok()).unwrap_or(0);
        if flags & GIVES_BACK != 0 {
            return Err(format!(
                "parameter `{}` gives a value back, which does not run here; read the value with a \
                 Lookup or an OLE DB Source instead",
                external.name
            ));
        }
        let mut columns = input.columns.iter();
        let mapped = columns.find(|column| column.external_id == external.id);
        let mapped = mapped.ok_or_else(|| {
            format!(
                "parameter `{}` of the statement has no input column; map one to it",
                external.name
            )
        })?;
        let at = schema.index_of(&mapped.lineage_id).ok_or_else(|| {
            format!(
                "column `{}` of component `{}` does not reach it; map it again in the package",
                mapped.name, component.name
            )
        })?;
        let from = schema.columns[at].data_type;
        Ok(Parameter {
            at,
            name: external.name.clone(),
            from,
            to: external.data_type.unwrap_or(from),
        })
    };
    input.external_columns.iter().map(one).collect()
}

struct Running {
    component: String,
    reference: String,
    /// Name of the connection manager.
    connection: String,
    settings: Settings,
    rule: Rule,
    errors: ErrorRows,
    output: Option<usize>,
    locale_id: u32,
    services: Services,
    lease: Option<ConnectionLease>,
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let opened = self.services.connections.open(&self.reference);
        let lease =
            opened.map_err(|error| Family::OleDb.cannot_acquire(&self.component, &error))?;
        lock(&lease)
            .set_timeout(self.settings.timeout)
            .map_err(|error| Family::OleDb.provider_failed(&self.component, &error))?;
        self.lease = Some(lease);
        Ok(())
    }

    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let mut faults = self.errors.begin(batch.num_rows());
        let lease = self.lease.as_ref();
        let lease = lease.ok_or_else(|| {
            failure(
                &self.component,
                Family::OleDb.failed_code(),
                "there is no connection yet",
            )
        })?;
        {
            let mut connection = lock(lease);
            for row in 0..batch.num_rows() {
                self.run_row(&mut **connection, &batch, row, &mut faults)?;
                if faults.is_fatal(row) {
                    break;
                }
            }
            report_sent(&mut **connection, &self.connection, &*self.services.events);
        }
        let stays = self.errors.settle(faults, &batch, out)?;
        let Some(output) = self.output else {
            return Ok(());
        };
        let batch = match stays {
            Some(stays) => filter_record_batch(&batch, &stays).map_err(arrow_failure)?,
            None => batch,
        };
        out.send(output, batch)
    }
}

impl Running {
    fn run_row(
        &self,
        connection: &mut dyn Connection,
        batch: &RecordBatch,
        row: usize,
        faults: &mut BatchFaults,
    ) -> Result<(), ComponentError> {
        let mut values = Vec::with_capacity(self.settings.parameters.len());
        for parameter in &self.settings.parameters {
            let value = value_at(batch.column(parameter.at).as_ref(), row, parameter.from);
            values.push(self.converted(parameter, value, row, faults));
        }
        if faults.is_judged(row) {
            return Ok(());
        }
        match connection.execute(&self.settings.sql, &values) {
            Ok(_) => Ok(()),
            Err(ConnectionError::Canceled(canceled)) => Err(ComponentError::Canceled(canceled)),
            Err(error) => {
                faults.add(&self.rule, row, FaultKind::Error, code_of(&error), || {
                    let sql = shortened(&self.settings.sql);
                    let reason = error.reason();
                    Family::OleDb.provider_text(&format!("the statement `{sql}` failed: {reason}"))
                });
                Ok(())
            }
        }
    }

    /// The value in the type of the parameter; NULL where that fails.
    fn converted(
        &self,
        parameter: &Parameter,
        value: Value,
        row: usize,
        faults: &mut BatchFaults,
    ) -> TypedValue {
        let data_type = parameter.to;
        if parameter.from == data_type {
            return TypedValue { data_type, value };
        }
        let converted = convert(&value, parameter.from, data_type, self.locale_id);
        let value = match converted {
            Ok(converted) => {
                if converted.truncated {
                    faults.add(
                        &self.rule,
                        row,
                        FaultKind::Truncation,
                        DATA_CONVERSION_FAILED,
                        || {
                            format!(
                                "the value for parameter `{}` was truncated to fit `{}`",
                                parameter.name,
                                data_type.name()
                            )
                        },
                    );
                }
                converted.value
            }
            Err(error) => {
                faults.add(
                    &self.rule,
                    row,
                    FaultKind::Error,
                    DATA_CONVERSION_FAILED,
                    || format!("the value for parameter `{}`: {error}", parameter.name),
                );
                Value::Null
            }
        };
        TypedValue { data_type, value }
    }
}
