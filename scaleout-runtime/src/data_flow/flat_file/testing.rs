//! What the tests of flat files share: connection managers, components, runs, values as text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use scaleout_core::package::pipeline::{
    Component, ComponentConnection, Disposition, ExternalColumn, Output,
};
use scaleout_core::package::xml::Element;
use scaleout_core::package::{ConnectionManager, DataType, FlatFileColumn};

use super::{FlatFileDestination, FlatFileSource};
use crate::connections::ConnectionError;
use crate::convert::{ColumnReader, flat_file_text};
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind, Outputs};
use crate::data_flow::memory::MemoryPool;
use crate::data_flow::schema::Schema;
use crate::data_flow::testing::pipelines::{column, component, property, reads, with_input};
use crate::data_flow::testing::services::{Recorder, services};
use crate::events::{Message, Severity};
use crate::services::{ConnectionLease, Connections, Services};
use crate::validation::Problem;
use crate::value::Value;

/// Text of 50 bytes in code page 1252.
pub const STR: DataType = DataType::Str {
    length: 50,
    code_page: 1252,
};
/// Text of 50 characters.
pub const WSTR: DataType = DataType::Wstr { length: 50 };

/// A delimited file: columns between commas, rows end with CR LF.
pub fn delimited(names: &[&str]) -> ConnectionManager {
    let last = names.len() - 1;
    let columns = names.iter().enumerate().map(|(index, name)| {
        let delimiter = if index == last { "\r\n" } else { "," };
        file_column(name, delimiter, 0)
    });
    manager("Delimited", columns.collect())
}

/// A delimited file of two columns `a` and `b` whose rows end otherwise.
pub fn ending(row_delimiter: &str) -> ConnectionManager {
    let mut manager = delimited(&["a", "b"]);
    if let Some(last) = manager.flat_file_columns.last_mut() {
        row_delimiter.clone_into(&mut last.delimiter);
    }
    manager
}

/// A file of columns with these widths; a last width of 0 is a column up to CR LF.
pub fn fixed(widths: &[(&str, u32)]) -> ConnectionManager {
    let columns = widths
        .iter()
        .map(|(name, width)| file_column(name, "\r\n", *width));
    let ragged = widths.last().is_some_and(|(_, width)| *width == 0);
    let format = if ragged { "RaggedRight" } else { "FixedWidth" };
    manager(format, columns.collect())
}

/// The connection manager with one more property.
pub fn with(mut manager: ConnectionManager, name: &str, value: &str) -> ConnectionManager {
    manager.properties.insert(name.to_owned(), value.to_owned());
    manager
}

/// The connection manager with `"` as the qualifier of every column.
pub fn qualified(mut manager: ConnectionManager) -> ConnectionManager {
    for column in &mut manager.flat_file_columns {
        column.text_qualified = true;
    }
    with(manager, "TextQualifier", "\"")
}

fn file_column(name: &str, delimiter: &str, width: u32) -> FlatFileColumn {
    FlatFileColumn {
        name: name.to_owned(),
        delimited: width == 0,
        delimiter: delimiter.to_owned(),
        width,
        maximum_width: 50,
        data_type: STR,
        text_qualified: false,
    }
}

fn manager(format: &str, flat_file_columns: Vec<FlatFileColumn>) -> ConnectionManager {
    let manager = ConnectionManager {
        ref_id: "Package.ConnectionManagers[file]".to_owned(),
        id: "{F}".to_owned(),
        name: "file".to_owned(),
        description: String::new(),
        creation_name: "FLATFILE".to_owned(),
        delay_validation: false,
        property_expressions: Vec::new(),
        properties: BTreeMap::new(),
        sensitive_missing: Vec::new(),
        flat_file_columns,
        data: Element {
            name: String::new(),
            attributes: Vec::new(),
            children: Vec::new(),
            text: String::new(),
            line: 1,
        },
    };
    with(manager, "Format", format)
}

struct OneConnection(Arc<ConnectionManager>);

impl Connections for OneConnection {
    fn resolve(&self, reference: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        if [self.0.id.as_str(), &self.0.ref_id, &self.0.name].contains(&reference) {
            return Ok(Arc::clone(&self.0));
        }
        let reference = reference.to_owned();
        Err(ConnectionError::Unknown { reference })
    }
    fn open(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        let reference = reference.to_owned();
        Err(ConnectionError::Unknown { reference })
    }
}

/// A component, its connection manager, and everything that they say.
pub struct Bench {
    pub component: Component,
    pub manager: ConnectionManager,
    pub recorder: Arc<Recorder>,
    pub folder: tempfile::TempDir,
    pub batch_rows: usize,
    /// Columns that nobody reads.
    pub unused: Vec<&'static str>,
}

/// What came out of a source.
#[derive(Debug, Default)]
pub struct Read {
    /// Values of good rows as text; NULL as `∅`.
    pub rows: Vec<Vec<String>>,
    /// The same for rows of the error output.
    pub errors: Vec<Vec<String>>,
    /// How it failed.
    pub failure: Option<Message>,
}

struct Collect<'a> {
    schemas: &'a [Schema],
    batches: Vec<(usize, RecordBatch)>,
}

impl Outputs for Collect<'_> {
    fn send(&mut self, output: usize, batch: RecordBatch) -> Result<(), ComponentError> {
        assert_eq!(batch.schema(), self.schemas[output].to_arrow());
        self.batches.push((output, batch));
        Ok(())
    }
}

fn connected(mut component: Component, component_type: &str) -> Component {
    component.component_type = component_type.to_owned();
    component.connections.push(ComponentConnection {
        name: "FlatFileConnection".to_owned(),
        manager_id: "{F}".to_owned(),
        manager_ref_id: String::new(),
    });
    component
}

/// A source of all columns of the file, with these types and dispositions.
pub fn source(manager: ConnectionManager, types: &[DataType], on_bad: Disposition) -> Bench {
    let mut good = Output {
        id: "good".to_owned(),
        ..Output::default()
    };
    for (of_file, data_type) in manager.flat_file_columns.iter().zip(types) {
        let mut own = column(&format!("src.{}", of_file.name), *data_type);
        own.external_id = format!("ext.{}", of_file.name);
        own.error_row_disposition = on_bad;
        own.truncation_row_disposition = on_bad;
        good.external_columns
            .push(external(&of_file.name, of_file.data_type));
        good.columns.push(own);
    }
    let mut bad = crate::data_flow::testing::pipelines::error_output("src", "");
    bad.columns.insert(0, column("src.Line", DataType::Ntext));
    let component = connected(
        component("src", vec![good, bad]),
        "Microsoft.FlatFileSource",
    );
    Bench::new(component, manager)
}

/// A component of a real package.
pub fn bench_of(component: Component, manager: ConnectionManager) -> Bench {
    Bench::new(component, manager)
}

/// A destination that is fed with one column of the type for each of the file's.
pub fn destination(manager: ConnectionManager, types: &[DataType]) -> Bench {
    let mut component = with_input(component("dst", Vec::new()));
    for (of_file, _) in manager.flat_file_columns.iter().zip(types) {
        let mut own = reads(&format!("src.{}", of_file.name));
        own.external_id = format!("ext.{}", of_file.name);
        component.inputs[0].columns.push(own);
        let external = external(&of_file.name, of_file.data_type);
        component.inputs[0].external_columns.push(external);
    }
    Bench::new(
        connected(component, "Microsoft.FlatFileDestination"),
        manager,
    )
}

/// The schema that [`destination`] reads from.
pub fn feeding(manager: &ConnectionManager, types: &[DataType]) -> Schema {
    let columns = manager.flat_file_columns.iter().zip(types);
    let columns: Vec<_> = columns
        .map(|(of_file, data_type)| column(&format!("src.{}", of_file.name), *data_type))
        .collect();
    Schema::of_output_columns(&columns)
}

fn external(name: &str, data_type: DataType) -> ExternalColumn {
    ExternalColumn {
        id: format!("ext.{name}"),
        name: name.to_owned(),
        data_type: Some(data_type),
        properties: Vec::new(),
    }
}

impl Bench {
    fn new(component: Component, manager: ConnectionManager) -> Self {
        Self {
            component,
            manager,
            recorder: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
            batch_rows: 1000,
            unused: Vec::new(),
        }
    }

    /// With one more custom property on the component.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.component.properties.push(property(name, value));
        self
    }

    /// The file that the connection manager names.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("data.txt")
    }

    fn services(&self) -> Services {
        let mut manager = self.manager.clone();
        let path = self.file().display().to_string();
        manager
            .properties
            .entry("ConnectionString".to_owned())
            .or_insert(path);
        Services {
            connections: Arc::new(OneConnection(Arc::new(manager))),
            ..services(&self.recorder, &Arc::default())
        }
    }

    fn in_context<T>(&self, input: Option<Schema>, act: impl Fn(&BuildContext<'_>) -> T) -> T {
        let services = self.services();
        act(&BuildContext {
            services: &services,
            task_path: r"\Package\Load",
            inputs: &[input],
            orders: &[],
            attached: &[true, true],
            memory: &MemoryPool::of(&services.settings),
            is_used: &|lineage_id| !self.unused.contains(&lineage_id),
            lineage_number: &|lineage_id| i32::try_from(lineage_id.len()).unwrap(),
            batch_rows: self.batch_rows,
        })
    }

    /// What validation says.
    pub fn validate(&self, input: Option<Schema>) -> Vec<Problem> {
        let kind = crate::data_flow::kinds::kind(&self.component.component_type).unwrap();
        self.in_context(input, |cx| kind.validate(&self.component, cx, false))
    }

    /// Reads a file of these bytes.
    pub fn read(&self, bytes: impl AsRef<[u8]>) -> Read {
        std::fs::write(self.file(), bytes).unwrap();
        self.read_what_is_there()
    }

    /// Reads whatever file is there.
    pub fn read_what_is_there(&self) -> Read {
        let built = self.in_context(None, |cx| FlatFileSource.build(&self.component, cx));
        let mut built = match built {
            Ok(built) => built,
            Err(error) => {
                return Read {
                    failure: Some(message(error)),
                    ..Read::default()
                };
            }
        };
        let mut collect = Collect {
            schemas: &built.outputs,
            batches: Vec::new(),
        };
        let component = &mut built.component;
        let result = component
            .pre_execute()
            .and_then(|()| component.prime_output(&mut collect))
            .and_then(|()| component.post_execute());
        let batches = collect.batches;
        let of = |wanted: usize| {
            let of_output = batches.iter().filter(|(output, _)| *output == wanted);
            let rows = of_output.flat_map(|(_, batch)| rows(batch, &built.outputs[wanted]));
            rows.collect::<Vec<_>>()
        };
        Read {
            rows: of(0),
            errors: of(1),
            failure: result.err().map(message),
        }
    }

    /// Writes rows; what the file holds then, and how it failed.
    pub fn write(&self, schema: &Schema, rows: &[Vec<Value>]) -> (Vec<u8>, Option<Message>) {
        let built = self.in_context(Some(schema.clone()), |cx| {
            FlatFileDestination.build(&self.component, cx)
        });
        let failure = built.and_then(|built| run(built, schema, rows)).err();
        // A destination that failed early has made no file.
        let bytes = std::fs::read(self.file()).unwrap_or_default();
        (bytes, failure.map(message))
    }

    /// Texts of all messages of that severity.
    pub fn said(&self, severity: Severity) -> Vec<String> {
        let messages = self.recorder.messages.lock().unwrap();
        let wanted = messages.iter().filter(|(it, _)| *it == severity);
        wanted.map(|(_, message)| message.text.clone()).collect()
    }
}

fn run(mut built: Built, schema: &Schema, rows: &[Vec<Value>]) -> Result<(), ComponentError> {
    let mut nowhere = Collect {
        schemas: &[],
        batches: Vec::new(),
    };
    built.component.pre_execute()?;
    for part in rows.chunks(3) {
        let columns = schema.columns.iter().enumerate();
        let arrays = columns.map(|(index, column)| {
            let values: Vec<Value> = part.iter().map(|row| row[index].clone()).collect();
            crate::convert::array_of(&values, column.data_type).unwrap()
        });
        let batch =
            crate::data_flow::columns::batch(schema.to_arrow(), arrays.collect(), part.len());
        built
            .component
            .process_input(0, batch.unwrap(), &mut nowhere)?;
    }
    built.component.end_of_input(0, &mut nowhere)?;
    built.component.post_execute()
}

fn message(error: ComponentError) -> Message {
    match error {
        ComponentError::Failed(message) => *message,
        other => panic!("{other}"),
    }
}

fn rows(batch: &RecordBatch, schema: &Schema) -> Vec<Vec<String>> {
    let columns = schema.columns.iter().zip(batch.columns());
    let readers: Vec<_> = columns
        .map(|(column, array)| (ColumnReader::new(array, column.data_type), column.data_type))
        .collect();
    let row = |row| {
        let cells = readers
            .iter()
            .map(|(reader, data_type)| match reader.value(row) {
                Value::Null => "∅".to_owned(),
                value => flat_file_text(&value, *data_type, 1033).into_owned(),
            });
        cells.collect()
    };
    (0..batch.num_rows()).map(row).collect()
}

/// A path that is there only for tests on how a file cannot be opened.
pub fn missing_in(folder: &Path) -> String {
    folder.join("absent").join("data.txt").display().to_string()
}
