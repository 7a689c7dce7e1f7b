//! The component: a query for each row, and where the row goes.

use std::sync::PoisonError;

use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use arrow::record_batch::RecordBatch;
use scaleout_core::error::Explain;
use scaleout_core::package::pipeline::Component;

use super::compare::{Current, Verdict, verdicts};
use super::settings::{Inferred, Settings, connections};
use crate::connections::target::target;
use crate::connections::{Connection, ConnectionError};
use crate::convert::value_at;
use crate::data_flow::codes;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::graph::component_path;
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::expressions::locale_of;
use crate::data_flow::transforms::synchronous::{built, settings_problem};
use crate::events::Message;
use crate::services::{ConnectionLease, Services};
use crate::validation::Problem;
use crate::value::{TypedValue, Value};

/// `Microsoft.SCD`
pub struct SlowlyChangingDimension;

impl ComponentKind for SlowlyChangingDimension {
    fn component_type(&self) -> &'static str {
        "Microsoft.SCD"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let mut problems: Vec<Problem> = settings_problem(component, cx, Settings::read)
            .into_iter()
            .collect();
        if let Err(error) = database(component, cx.services) {
            let path = component_path(cx.task_path, component);
            let text = error.explained();
            problems.push(Problem::error(
                error.code(),
                &path,
                self.component_type(),
                text,
            ));
        }
        problems
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let running = Running {
            component: component.name.clone(),
            settings: Settings::read(component, cx)?,
            services: cx.services.clone(),
            locale_id: locale_of(component, cx.services),
            lease: None,
            rows: 0,
        };
        Ok(built(running, component, cx))
    }
}

/// The reference of a connection manager that is a database with a driver.
fn database(component: &Component, services: &Services) -> Result<String, ConnectionError> {
    let mut failed = ConnectionError::Unknown {
        reference: String::new(),
    };
    for reference in connections(component) {
        match services.connections.resolve(&reference) {
            Ok(manager) => {
                return target(&manager, &services.settings).map(|_| reference);
            }
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

struct Running {
    component: String,
    settings: Settings,
    services: Services,
    locale_id: u32,
    lease: Option<ConnectionLease>,
    /// Rows before the batch.
    rows: u64,
}

impl Running {
    fn failed(&self, code: u32, text: String, row: usize, column: Option<&str>) -> ComponentError {
        ComponentError::Failed(Box::new(Message {
            subcomponent: Some(self.component.clone()),
            row: Some(self.rows + row as u64 + 1),
            column: column.map(str::to_owned),
            ..Message::new(code, text)
        }))
    }

    /// The current rows of the members of a batch.
    fn current(&self, rows: &RecordBatch) -> Result<Vec<Option<Current>>, ComponentError> {
        let Some(lease) = self.lease.as_ref().filter(|_| !self.settings.all_new) else {
            return Ok((0..rows.num_rows()).map(|_| None).collect());
        };
        // A statement that broke down has reported itself; the next one stands for itself.
        let mut connection = lease.lock().unwrap_or_else(PoisonError::into_inner);
        let each = (0..rows.num_rows()).map(|row| {
            self.services.cancel.check()?;
            self.current_of(&mut **connection, rows, row)
        });
        each.collect()
    }

    fn current_of(
        &self,
        connection: &mut dyn Connection,
        rows: &RecordBatch,
        row: usize,
    ) -> Result<Option<Current>, ComponentError> {
        let mut parameters = Vec::with_capacity(self.settings.keys.len());
        for (name, position, data_type) in &self.settings.keys {
            let value = value_at(rows.column(*position).as_ref(), row, *data_type);
            if matches!(value, Value::Null) {
                let text = format!(
                    "row {} has no business key: column `{name}` is NULL; filter such rows before \"{}\"",
                    self.rows + row as u64 + 1,
                    self.component
                );
                let code = codes::COMPONENT_EXCEPTION;
                return Err(self.failed(code, text, row, Some(name)));
            }
            let data_type = *data_type;
            parameters.push(TypedValue { data_type, value });
        }
        let query_failed = |error: ConnectionError| match error {
            ConnectionError::Canceled(canceled) => ComponentError::Canceled(canceled),
            other => {
                let text = format!("the query of the dimension failed: {}", other.explained());
                self.failed(codes::OLEDB_ERROR, text, row, None)
            }
        };
        let mut reader = connection
            .query(&self.settings.sql, &parameters, 1)
            .map_err(query_failed)?;
        let schema = reader.schema().clone();
        loop {
            let Some(found) = reader.next_batch().map_err(query_failed)? else {
                return Ok(None);
            };
            if 0 < found.num_rows() {
                return self.current_in(&schema, &found).map(Some);
            }
        }
    }

    fn current_in(&self, schema: &Schema, found: &RecordBatch) -> Result<Current, ComponentError> {
        let value = |name: &str| {
            let mut columns = schema.columns.iter();
            let position = columns.position(|column| column.name.eq_ignore_ascii_case(name));
            let position = position.ok_or_else(|| {
                let text = format!("the query of the dimension has no column `{name}`");
                ComponentError::failed(codes::COLUMN_NOT_FOUND, text)
            })?;
            let data_type = schema.columns[position].data_type;
            let value = value_at(found.column(position).as_ref(), 0, data_type);
            Ok(TypedValue { data_type, value })
        };
        let attributes = self.settings.attributes.iter();
        let values = attributes.map(|attribute| value(&attribute.name));
        Ok(Current {
            values: values.collect::<Result<_, ComponentError>>()?,
            indicator: match &self.settings.inferred {
                Inferred::Indicator(name) => Some(value(name)?),
                Inferred::Never | Inferred::AllNull => None,
            },
        })
    }

    /// What does not go on: changes of what must not change, members that have to be there.
    fn check(&self, verdicts: &[Verdict]) -> Result<(), ComponentError> {
        for (row, verdict) in verdicts.iter().enumerate() {
            match verdict {
                Verdict::Fixed(attribute) if self.settings.fails_on_fixed => {
                    let name = &self.settings.attributes[*attribute].name;
                    let text = format!(
                        "row {} changes the fixed attribute `{name}`, and FailOnFixedAttributeChange says to fail then; set it to False to send such rows to their output",
                        self.rows + row as u64 + 1
                    );
                    let code = codes::FIXED_ATTRIBUTE_CHANGE;
                    return Err(self.failed(code, text, row, Some(name)));
                }
                Verdict::New if self.settings.fails_on_new && !self.settings.all_new => {
                    let text = format!(
                        "row {} is a member that the dimension does not have, and FailOnLookupFailure says to fail then",
                        self.rows + row as u64 + 1
                    );
                    return Err(self.failed(codes::NO_MATCH, text, row, None));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let mut failed = None;
        for reference in &self.settings.connections {
            match self.services.connections.open_to_read(reference) {
                Ok(lease) => {
                    self.lease = Some(lease);
                    return Ok(());
                }
                Err(ConnectionError::Canceled(canceled)) => return Err(canceled.into()),
                Err(error @ ConnectionError::Unknown { .. }) => failed = Some(error),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let why = failed.map_or_else(|| "it names none".to_owned(), |error| error.explained());
        let text = format!("component `{}` has no connection: {why}", self.component);
        Err(ComponentError::failed(codes::NO_CONNECTION, text))
    }

    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let settings = &self.settings;
        let current = self.current(&batch)?;
        let verdicts = verdicts(
            &batch,
            &current,
            &settings.attributes,
            &settings.inferred,
            self.locale_id,
        )?;
        self.check(&verdicts)?;
        let targets = settings.targets;
        type Wanted = fn(&Verdict) -> bool;
        let outputs: [(Option<usize>, Wanted); 6] = [
            (targets.new, |it| *it == Verdict::New),
            (targets.inferred, |it| *it == Verdict::Inferred),
            (targets.fixed, |it| matches!(it, Verdict::Fixed(_))),
            (targets.changing, |it| {
                matches!(it, Verdict::Known { changing: true, .. })
            }),
            (targets.historical, |it| {
                matches!(
                    it,
                    Verdict::Known {
                        historical: true,
                        ..
                    }
                )
            }),
            (targets.unchanged, |it| {
                let unchanged = Verdict::Known {
                    changing: false,
                    historical: false,
                };
                *it == unchanged
            }),
        ];
        for (output, wanted) in outputs {
            let Some(output) = output else {
                continue;
            };
            let chosen: BooleanArray = verdicts.iter().map(|it| Some(wanted(it))).collect();
            if 0 < chosen.true_count() {
                let rows = filter_record_batch(&batch, &chosen).map_err(arrow_failure)?;
                out.send(output, rows)?;
            }
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }
}
