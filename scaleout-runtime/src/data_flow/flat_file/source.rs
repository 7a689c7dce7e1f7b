//! Flat File Source: settings, checked and bound to the columns of the file.

use std::path::PathBuf;

use scaleout_core::package::DataType;
use scaleout_core::package::pipeline::{Component, Disposition, Output, OutputColumn, property};

use super::bind::{self, BindError};
use super::encoding::Codec;
use super::format::{Cut, Format};
use super::message::{CANNOT_OPEN, ROWS_LOST};
use super::parse::{CellParser, CellRules};
use super::redirect::{ErrorColumn, ErrorOutput};
use super::scan::{Cell, FileSource, Scan};
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::schema::Schema;
use crate::paths;
use crate::validation::Problem;

/// The kind `Microsoft.FlatFileSource`.
#[derive(Clone, Copy, Debug)]
pub struct FlatFileSource;

impl ComponentKind for FlatFileSource {
    fn component_type(&self) -> &'static str {
        "Microsoft.FlatFileSource"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let path = bind::problem_path(cx.task_path, component);
        let kind = self.component_type();
        let problem = |error: BindError| error.problem(&path, kind);
        let (_, format) = match bind::settle(component, cx.services) {
            Ok(settled) => settled,
            Err(error) => return vec![problem(error)],
        };
        let mut problems = Vec::new();
        let sources = component
            .outputs
            .iter()
            .filter(|output| !output.is_error_output);
        for output in sources {
            for column in &output.columns {
                if let Err(error) = origin(component, output, column, &format) {
                    problems.push(problem(error));
                }
            }
        }
        if redirects(component) && !error_output_attached(component, cx) {
            let text = "rows sent to the error output will be lost: nothing is attached";
            let code = format!("0x{ROWS_LOST:08X}");
            problems.push(Problem::warning(&code, &path, kind, text));
        }
        problems
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let failed = |error: BindError| ComponentError::failed(0, error.explained());
        let (manager, format) = bind::settle(component, cx.services).map_err(failed)?;
        let several = manager.creation_name.eq_ignore_ascii_case("MULTIFLATFILE");
        let files = files(&format, several, cx)?;
        let outputs: Vec<Schema> = component
            .outputs
            .iter()
            .map(|output| Schema::of_output_columns(&output.columns))
            .collect();
        let rows = component
            .outputs
            .iter()
            .position(|output| !output.is_error_output);
        let output = rows.unwrap_or(0);
        let cells = match component.outputs.get(output) {
            Some(output) => cells(component, output, &format, cx).map_err(failed)?,
            None => Vec::new(),
        };
        let scan = Scan {
            component: component.name.clone(),
            cells,
            output,
            schema: outputs.get(output).cloned().unwrap_or_default(),
            errors: error_output(component),
            batch_rows: cx.batch_rows.max(1),
        };
        Ok(Built {
            component: Box::new(FileSource::new(scan, format, files, cx.services.clone())),
            outputs,
            is_destination: false,
        })
    }
}

/// Where the values of an output column come from.
enum Origin {
    File(usize),
    FileName,
}

fn origin(
    component: &Component,
    output: &Output,
    column: &OutputColumn,
    format: &Format,
) -> Result<Origin, BindError> {
    let file_name_column = component.property("FileNameColumnName").unwrap_or("");
    if column.external_id.is_empty() && column.name == file_name_column {
        return Ok(Origin::FileName);
    }
    let external = &output.external_columns;
    bind::file_column(format, external, &column.external_id, &column.name)
        .map(Origin::File)
        .ok_or_else(|| BindError::NoSuchColumn {
            component: component.name.clone(),
            column: column.name.clone(),
            connection: format.connection.clone(),
        })
}

fn cells(
    component: &Component,
    output: &Output,
    format: &Format,
    cx: &BuildContext<'_>,
) -> Result<Vec<Cell>, BindError> {
    // The component's own locale wins over the connection manager's.
    let locale_id = match u32::try_from(component.locale_id) {
        Ok(own) if own != 0 => own,
        _ if format.locale_id != 0 => format.locale_id,
        _ => cx.services.locale_id,
    };
    let retain_nulls = component.property("RetainNulls").is_some_and(is_true);
    let columns = output.columns.iter();
    let cells = columns.map(|column| {
        let source = match origin(component, output, column, format)? {
            Origin::File(index) => Some(index),
            Origin::FileName => None,
        };
        let delimited =
            source.is_some_and(|index| matches!(format.columns[index].cut, Cut::Delimiter(_)));
        let rules = CellRules {
            empty_is_null: retain_nulls && delimited,
            fast_parse: property(&column.properties, "FastParse").is_some_and(is_true),
            binary: is_binary(column, format),
            cuts_text: column.truncation_row_disposition == Disposition::IgnoreFailure,
        };
        Ok(Cell {
            name: column.name.clone(),
            source,
            data_type: column.data_type,
            parser: CellParser::new(column.data_type, locale_id, rules),
            is_read: (cx.is_used)(&column.lineage_id)
                || column.error_row_disposition == Disposition::RedirectRow
                || column.truncation_row_disposition == Disposition::RedirectRow,
            on_error: column.error_row_disposition,
            on_truncation: column.truncation_row_disposition,
            lineage_number: (cx.lineage_number)(&column.lineage_id),
        })
    });
    cells.collect()
}

/// `UseBinaryFormat` of a column of bytes; a Unicode file has no bytes to take.
fn is_binary(column: &OutputColumn, format: &Format) -> bool {
    let wanted = property(&column.properties, "UseBinaryFormat").is_some_and(is_true);
    let bytes = matches!(column.data_type, DataType::Bytes { .. } | DataType::Image);
    wanted && bytes && !matches!(format.codec, Codec::Utf16)
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || matches!(text, "1" | "-1")
}

fn error_output(component: &Component) -> Option<ErrorOutput> {
    let mut outputs = component.outputs.iter().enumerate();
    let (index, output) = outputs.find(|(_, output)| output.is_error_output)?;
    let columns = output.columns.iter().map(|column| {
        let role = match column.special_flags {
            1 => ErrorColumn::Code,
            2 => ErrorColumn::Column,
            _ => ErrorColumn::Line,
        };
        (role, column.data_type)
    });
    Some(ErrorOutput {
        output: index,
        schema: Schema::of_output_columns(&output.columns),
        columns: columns.collect(),
    })
}

fn redirects(component: &Component) -> bool {
    let columns = component.outputs.iter().flat_map(|output| &output.columns);
    columns
        .flat_map(|column| {
            [
                column.error_row_disposition,
                column.truncation_row_disposition,
            ]
        })
        .any(|disposition| disposition == Disposition::RedirectRow)
}

fn error_output_attached(component: &Component, cx: &BuildContext<'_>) -> bool {
    let mut outputs = component.outputs.iter().zip(cx.attached);
    outputs.any(|(output, attached)| output.is_error_output && *attached)
}

/// The files to read: path in the package, path here.
fn files(
    format: &Format,
    several: bool,
    cx: &BuildContext<'_>,
) -> Result<Vec<(String, PathBuf)>, ComponentError> {
    let settings = &cx.services.settings;
    let local = |path: &str| {
        paths::resolve(path, settings)
            .map(|local| (path.to_owned(), local))
            .map_err(|error| {
                let text = format!(
                    "data file \"{path}\" of connection manager `{}` cannot be opened: {}",
                    format.connection,
                    error.explained()
                );
                ComponentError::failed(CANNOT_OPEN, text)
            })
    };
    if !several {
        return Ok(vec![local(&format.path)?]);
    }
    let mut files = Vec::new();
    for path in format
        .path
        .split('|')
        .map(str::trim)
        .filter(|path| !path.is_empty())
    {
        let (path, file) = local(path)?;
        files.extend(paths::expand(&path, file));
    }
    Ok(files)
}
