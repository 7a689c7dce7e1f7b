//! Foreach Item: a table of values that the package holds.

use scaleout_core::package::xml::Element as Xml;
use scaleout_core::package::{Literal, VariableType};

use super::kinds::{Element, Enumerator};
use crate::services::Services;
use crate::value::TypedValue;
use crate::variables::typed;

pub(super) const ENUMERATOR: Enumerator = Enumerator {
    name: "Microsoft.ForEachItemEnumerator",
    enumerate: |data, _: &Services| elements(data),
    check: |data| elements(data).err(),
    set: |_, _, _| None,
};

fn elements(data: &Xml) -> Result<Vec<Element>, String> {
    let items = data.children_named("FEIEItem");
    items
        .map(|item| item.children_named("FEIEItemValue").map(value).collect())
        .collect()
}

fn value(cell: &Xml) -> Result<TypedValue, String> {
    let written = cell.attribute("Type").unwrap_or("8");
    let data_type = variable_type(written)
        .ok_or_else(|| format!("item value of type {written} is not supported"))?;
    typed::literal(&Literal {
        data_type,
        text: cell.attribute("Value").unwrap_or_default().to_owned(),
    })
}

/// VARTYPE numbers, as in variables.
fn variable_type(number: &str) -> Option<VariableType> {
    Some(match number.trim() {
        "2" => VariableType::Int16,
        "3" => VariableType::Int32,
        "4" => VariableType::Single,
        "5" => VariableType::Double,
        "6" => VariableType::Currency,
        "7" => VariableType::DateTime,
        "8" => VariableType::String,
        "11" => VariableType::Boolean,
        "14" => VariableType::Decimal,
        "16" => VariableType::SByte,
        "17" => VariableType::Byte,
        "18" => VariableType::UInt16,
        "19" => VariableType::UInt32,
        "20" => VariableType::Int64,
        "21" => VariableType::UInt64,
        _ => return None,
    })
}
