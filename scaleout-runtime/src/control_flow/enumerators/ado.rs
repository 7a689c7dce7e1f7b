//! Foreach ADO: the rows of a row set in an Object variable.

use scaleout_core::package::xml::Element as Xml;

use super::kinds::{Element, Enumerator};
use crate::services::Services;
use crate::value::{ObjectValue, Value};
use crate::variables::RowSet;

pub(super) const ENUMERATOR: Enumerator = Enumerator {
    name: "Microsoft.ForEachADOEnumerator",
    enumerate,
    check,
    set,
};

fn check(data: &Xml) -> Option<String> {
    let variable = data.attribute("VarName").unwrap_or_default();
    if variable.trim().is_empty() {
        return Some("no variable is named to enumerate".to_owned());
    }
    match data.attribute("EnumType") {
        Some("EnumerateTables") => Some(
            "EnumerateTables needs a data set of several tables, which no task leaves here"
                .to_owned(),
        ),
        _ => None,
    }
}

fn set(data: &mut Xml, property: &str, text: &str) -> Option<()> {
    let mut attributes = data.attributes.iter_mut();
    let found = attributes.find(|(name, _)| name == property)?;
    found.1 = text.to_owned();
    Some(())
}

fn enumerate(data: &Xml, services: &Services) -> Result<Vec<Element>, String> {
    let name = data.attribute("VarName").unwrap_or_default();
    let held = services
        .variables
        .get(name)
        .map_err(|error| error.to_string())?;
    let found = match &held.value {
        Value::Object(object) => rows(&**object),
        _ => None,
    };
    found.ok_or_else(|| format!("variable `{name}` does not hold a row set"))
}

/// The rows of an object, if it is a row set.
pub(super) fn rows(object: &dyn ObjectValue) -> Option<Vec<Element>> {
    let row_set = object.as_any().downcast_ref::<RowSet>()?;
    Some(row_set.rows.clone())
}
