//! What a Slowly Changing Dimension is told.

use scaleout_core::package::pipeline::{Component, Input, InputColumn};

use super::query::statement;
use crate::connections::dialect::count_marks;
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::transforms::settings::{is_true, number_in, refused};
use crate::data_flow::transforms::synchronous::only_input;
use crate::value::DataType;

/// What a change in a column means (`ColumnType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The old value is replaced everywhere.
    Changing,
    /// The old row ends, and a new one begins.
    Historical,
    /// It must not be.
    Fixed,
}

/// A column of the dimension that is compared.
pub struct Attribute {
    /// Name in the dimension.
    pub name: String,
    /// Position in the input.
    pub position: usize,
    /// Type in the input.
    pub data_type: DataType,
    /// What a change means.
    pub change: Change,
}

/// How a member is told that was made before its data came.
pub enum Inferred {
    /// There are none.
    Never,
    /// A column of the dimension says so.
    Indicator(String),
    /// All its attributes are NULL.
    AllNull,
}

/// Index of each output, where it is there.
#[derive(Clone, Copy, Default)]
pub struct Targets {
    /// Members without a change.
    pub unchanged: Option<usize>,
    /// New members.
    pub new: Option<usize>,
    /// Members whose fixed attributes have changed.
    pub fixed: Option<usize>,
    /// Members whose changing attributes have changed.
    pub changing: Option<usize>,
    /// Members whose historical attributes have changed.
    pub historical: Option<usize>,
    /// Members that were inferred.
    pub inferred: Option<usize>,
}

/// Everything that the component is told.
pub struct Settings {
    /// The query for one member.
    pub sql: String,
    /// Connection managers to try, in order.
    pub connections: Vec<String>,
    /// Name, position and type of each business key.
    pub keys: Vec<(String, usize, DataType)>,
    /// The other columns.
    pub attributes: Vec<Attribute>,
    /// Inferred members.
    pub inferred: Inferred,
    /// Rows are not compared: all are new.
    pub all_new: bool,
    /// `FailOnFixedAttributeChange`
    pub fails_on_fixed: bool,
    /// `FailOnLookupFailure`: a member that is not there ends the data flow.
    pub fails_on_new: bool,
    /// Where rows go.
    pub targets: Targets,
}

impl Settings {
    /// Reads and checks them.
    pub fn read(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (input, arriving) = only_input(component, cx)?;
        let wrong = |what: &str| refused(component, codes::WRONG_PROPERTY, what);
        let (mut keys, mut attributes) = (Vec::new(), Vec::new());
        for column in &input.columns {
            let number = number_in(component, &column.properties, "ColumnType")?.unwrap_or(0);
            let position = arriving.index_of(&column.lineage_id).ok_or_else(|| {
                wrong(&format!(
                    "reads column `{}`, which does not arrive",
                    column.name
                ))
            })?;
            let data_type = arriving.columns[position].data_type;
            let name = name_in_dimension(input, column).to_owned();
            let change = match number {
                0 => continue,
                1 => {
                    keys.push((name, position, data_type));
                    continue;
                }
                2 => Change::Changing,
                3 => Change::Historical,
                4 => Change::Fixed,
                other => {
                    let what = format!("has the unknown ColumnType {other} in column `{name}`");
                    return Err(wrong(&what));
                }
            };
            attributes.push(Attribute {
                name,
                position,
                data_type,
                change,
            });
        }
        if keys.is_empty() {
            return Err(wrong(
                "has no business key; give at least one column the ColumnType 1",
            ));
        }
        let names: Vec<&str> = keys.iter().map(|(name, _, _)| name.as_str()).collect();
        Ok(Self {
            sql: sql(component, &names)?,
            connections: connections(component),
            inferred: inferred(component),
            all_new: component.property("IncomingRowChangeType").map(str::trim) == Some("0"),
            fails_on_fixed: is_true(component.property("FailOnFixedAttributeChange")),
            fails_on_new: is_true(component.property("FailOnLookupFailure")),
            targets: targets(component),
            keys,
            attributes,
        })
    }
}

fn sql(component: &Component, keys: &[&str]) -> Result<String, ComponentError> {
    let wrong = |what: &str| refused(component, codes::WRONG_PROPERTY, what);
    let command = component.property("SqlCommand").unwrap_or_default();
    if command.trim().is_empty() {
        return Err(wrong(
            "has no SqlCommand; write the query of the dimension into it",
        ));
    }
    let marks = count_marks(command);
    if marks != 0 && marks != keys.len() {
        let what = format!(
            "has a query with {marks} parameters (`?`) and {} business keys; give each key one",
            keys.len()
        );
        return Err(wrong(&what));
    }
    let current = component.property("CurrentRowWhere").unwrap_or_default();
    Ok(statement(command, keys, current, marks))
}

fn inferred(component: &Component) -> Inferred {
    if !is_true(component.property("EnableInferredMember")) {
        return Inferred::Never;
    }
    let indicator = component.property("InferredMemberIndicator");
    let indicator = indicator.map_or("", |name| name.trim().trim_matches(['[', ']']));
    match indicator {
        "" => Inferred::AllNull,
        name => Inferred::Indicator(name.to_owned()),
    }
}

/// The name of the column of the dimension that an input column is mapped to.
fn name_in_dimension<'c>(input: &'c Input, column: &'c InputColumn) -> &'c str {
    let mut external = input.external_columns.iter();
    let external = external
        .find(|external| !column.external_id.is_empty() && external.id == column.external_id);
    external.map_or(&column.name, |external| &external.name)
}

/// The references of the connection manager, in the order in which they count.
pub fn connections(component: &Component) -> Vec<String> {
    let connections = component.connections.iter();
    let references = connections.flat_map(|it| [&it.manager_id, &it.manager_ref_id]);
    references
        .filter(|reference| !reference.is_empty())
        .cloned()
        .collect()
}

/// The outputs in the order in which the designer makes them. A file with other names has them in
/// another language, in the same order.
fn targets(component: &Component) -> Targets {
    let outputs = component.outputs.iter().enumerate();
    let outputs: Vec<(usize, &str)> = outputs
        .filter(|(_, output)| !output.is_error_output)
        .map(|(index, output)| (index, output.name.as_str()))
        .collect();
    let names = [
        "Unchanged",
        "New",
        "Fixed",
        "Changing",
        "Historical",
        "Inferred",
    ];
    let is_english = outputs
        .iter()
        .any(|(_, output)| names.iter().any(|name| output.starts_with(name)));
    let target = |at: usize| {
        let named = outputs
            .iter()
            .find(|(_, output)| output.starts_with(names[at]));
        let placed = outputs.get(at).filter(|_| !is_english);
        named.or(placed).map(|(index, _)| *index)
    };
    Targets {
        unchanged: target(0),
        new: target(1),
        fixed: target(2),
        changing: target(3),
        historical: target(4),
        inferred: target(5),
    }
}
