//! What a Lookup is told: query, join columns, copied columns, what to do without a match.

use scaleout_core::package::pipeline::{Component, InputColumn, Property, property};

use super::source::Source;
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::error_rows::Rule;
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::expressions::locale_of;
use crate::data_flow::transforms::settings::is_true;
use crate::data_flow::transforms::synchronous::only_input;
use crate::value::DataType;

/// A column of the reference that rows are joined on.
#[derive(Clone, Debug)]
pub struct JoinColumn {
    /// Name in the reference.
    pub reference: String,
    /// Position in the input.
    pub position: usize,
    /// Type in the input; the reference is converted to it once.
    pub data_type: DataType,
}

/// A column of the reference that goes into the row.
#[derive(Clone, Debug)]
pub struct CopiedColumn {
    /// Name in the reference.
    pub reference: String,
    /// Position in the output buffer.
    pub position: usize,
    /// Type there.
    pub data_type: DataType,
    /// What happens when it does not fit.
    pub rule: Rule,
}

/// What happens to rows without a match.
#[derive(Clone, Debug)]
pub enum NoMatch {
    /// They are errors.
    Error(Rule),
    /// They go to the no-match output, where there is one.
    Send(Option<usize>),
}

/// Everything that a Lookup is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The reference.
    pub source: Source,
    /// Connection managers of databases to try, in order.
    pub connections: Vec<String>,
    /// Join columns.
    pub joins: Vec<JoinColumn>,
    /// Copied columns.
    pub copies: Vec<CopiedColumn>,
    /// Output for rows with a match.
    pub match_output: usize,
    /// What happens to rows without.
    pub no_match: NoMatch,
    /// `TreatDuplicateKeysAsError`
    pub duplicates_fail: bool,
    /// Schema behind the component.
    pub schema: Schema,
    /// LCID.
    pub locale_id: u32,
}

impl Settings {
    /// Reads and checks them.
    ///
    /// # Errors
    /// The setting that is wrong, or not supported.
    pub fn read(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (input, arriving) = only_input(component, cx)?;
        let outputs = component.outputs.iter().enumerate();
        let mut data_outputs = outputs.filter(|(_, output)| !output.is_error_output);
        let wrong = |what: &str| wrong_setting(component, what);
        let (match_output, output) = data_outputs
            .next()
            .ok_or_else(|| wrong("it has no output"))?;
        let no_match = match component.property("NoMatchBehavior").map(str::trim) {
            Some("1") => NoMatch::Send(data_outputs.next().map(|(index, _)| index)),
            _ => NoMatch::Error(Rule::of_output(output)),
        };
        let joins = input
            .columns
            .iter()
            .filter_map(|column| join(column, &arriving).transpose());
        let joins: Vec<JoinColumn> = joins
            .collect::<Result<_, _>>()
            .map_err(|name| wrong(&format!("input column `{name}` does not arrive")))?;
        if joins.is_empty() {
            return Err(wrong("no input column has `JoinToReferenceColumn`"));
        }
        // As in the original: such values cannot be compared for being the same.
        if let Some(join) = joins.iter().find(|join| !can_be_joined(join.data_type)) {
            return Err(wrong(&format!(
                "the join column for `{}` has the type {}; rows cannot be joined on \
                 floating-point numbers, long texts or images: convert the column before",
                join.reference,
                join.data_type.name()
            )));
        }
        Ok(Self {
            source: Source::read(component, &joins, &arriving, cx)?,
            connections: connections(component),
            joins,
            copies: copies(component, match_output, &arriving, cx),
            match_output,
            no_match,
            duplicates_fail: is_true(component.property("TreatDuplicateKeysAsError")),
            schema: arriving.extended_by(&output.columns),
            locale_id: locale_of(component, cx.services),
        })
    }
}

/// Why the settings are refused.
pub fn wrong_setting(component: &Component, what: &str) -> ComponentError {
    let text = format!(
        "component `{}` cannot look anything up: {what}",
        component.name
    );
    ComponentError::failed(codes::number(codes::WRONG_PROPERTY), text)
}

fn join(column: &InputColumn, arriving: &Schema) -> Result<Option<JoinColumn>, String> {
    let Some(reference) = named(&column.properties, "JoinToReferenceColumn") else {
        return Ok(None);
    };
    let position = arriving
        .index_of(&column.lineage_id)
        .ok_or_else(|| column.name.clone())?;
    Ok(Some(JoinColumn {
        reference: reference.to_owned(),
        position,
        data_type: arriving.columns[position].data_type,
    }))
}

fn can_be_joined(data_type: DataType) -> bool {
    !matches!(
        data_type,
        DataType::R4 | DataType::R8 | DataType::Text { .. } | DataType::Ntext | DataType::Image
    )
}

fn copies(
    component: &Component,
    match_output: usize,
    arriving: &Schema,
    cx: &BuildContext<'_>,
) -> Vec<CopiedColumn> {
    let inputs = component.inputs.iter().flat_map(|input| &input.columns);
    let replaced = inputs.filter_map(|column| {
        let reference = named(&column.properties, "CopyFromReferenceColumn")?;
        let position = arriving.index_of(&column.lineage_id)?;
        Some(CopiedColumn {
            reference: reference.to_owned(),
            position,
            data_type: arriving.columns[position].data_type,
            rule: Rule::of_input_column(column, cx),
        })
    });
    let columns = component.outputs[match_output].columns.iter().enumerate();
    let added = columns.map(|(index, column)| CopiedColumn {
        reference: named(&column.properties, "CopyFromReferenceColumn")
            .unwrap_or(&column.name)
            .to_owned(),
        position: arriving.columns.len() + index,
        data_type: column.data_type,
        rule: Rule::of_output_column(column, cx),
    });
    replaced.chain(added).collect()
}

fn named<'p>(properties: &'p [Property], name: &str) -> Option<&'p str> {
    let text = property(properties, name).map(str::trim);
    text.filter(|text| !text.is_empty())
}

/// The references of the connection manager of the database, in the order in which they count.
pub fn connections(component: &Component) -> Vec<String> {
    let connections = component.connections.iter();
    let mut own = connections.filter(|connection| connection.name != "CacheConnection");
    let Some(connection) = own.next() else {
        return Vec::new();
    };
    let references = [&connection.manager_id, &connection.manager_ref_id];
    let given = references
        .into_iter()
        .filter(|reference| !reference.is_empty());
    given.cloned().collect()
}
