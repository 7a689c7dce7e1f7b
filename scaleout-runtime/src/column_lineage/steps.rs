//! What a component does with a value, in words or as the expression that the package holds.

use scaleout_core::package::pipeline::{Component, OutputColumn, Property, property};

use crate::value::DataType;

/// Names of `AggregationType`.
const AGGREGATIONS: [&str; 8] = [
    "group by",
    "count",
    "count all",
    "count distinct",
    "sum",
    "average",
    "minimum",
    "maximum",
];

/// The step of an output column; `None` where the value only passes.
pub(super) fn step_of(component: &Component, column: &OutputColumn) -> Option<String> {
    if let Some(expression) = expression_of(&column.properties) {
        return Some(expression);
    }
    let own = |name| property(&column.properties, name);
    match component.component_type.as_str() {
        "Microsoft.DataConvert" => Some(format!("({})", type_text(column.data_type))),
        "Microsoft.Aggregate" => {
            let kind: usize = own("AggregationType")?.trim().parse().ok()?;
            let name = AGGREGATIONS.get(kind).copied().unwrap_or("aggregation");
            (name != "group by").then(|| name.to_owned())
        }
        "Microsoft.Lookup" => {
            let reference = own("CopyFromReferenceColumn")?;
            Some(format!("looked up: {reference}"))
        }
        "Microsoft.Pivot" => {
            let key = own("PivotKeyValue").filter(|key| !key.trim().is_empty());
            key.map(|key| format!("where the pivot key is {key}"))
        }
        _ => None,
    }
}

/// The expression on a column, with names instead of ids.
pub(super) fn expression_of(properties: &[Property]) -> Option<String> {
    let found = property(properties, "FriendlyExpression").or(property(properties, "Expression"));
    let text = found?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn type_text(data_type: DataType) -> String {
    match data_type {
        DataType::Wstr { length } | DataType::Str { length, .. } | DataType::Bytes { length } => {
            format!("{}, {length}", data_type.name())
        }
        DataType::Numeric { precision, scale } => {
            format!("{}, {precision}, {scale}", data_type.name())
        }
        other => other.name().to_owned(),
    }
}
