//! The enumerator: its settings, and the elements that it gives.

use std::sync::PoisonError;

use scaleout_core::package::xml::Element as Xml;

use super::read::rows;
use super::rowset::{restrictions, rowset};
use crate::control_flow::enumerators::kinds::{Element, Enumerator};
use crate::services::Services;
use crate::variables::typed;

/// `Microsoft.ForEachSchemaRowsetEnumerator`
pub(in crate::control_flow::enumerators) const ENUMERATOR: Enumerator = Enumerator {
    name: "Microsoft.ForEachSchemaRowsetEnumerator",
    enumerate,
    check,
    set,
};

fn check(data: &Xml) -> Option<String> {
    let connection = data.attribute("Connection").unwrap_or_default();
    if connection.trim().is_empty() {
        return Some("no connection is given".to_owned());
    }
    let checked = rowset(data).and_then(|rowset| restrictions(data, rowset));
    checked.err()
}

fn set(data: &mut Xml, property: &str, text: &str) -> Option<()> {
    let mut attributes = data.attributes.iter_mut();
    let found = attributes.find(|(name, _)| name == property)?;
    text.clone_into(&mut found.1);
    Some(())
}

fn enumerate(data: &Xml, services: &Services) -> Result<Vec<Element>, String> {
    let rowset = rowset(data)?;
    let restrictions = restrictions(data, rowset)?;
    let reference = data.attribute("Connection").unwrap_or_default();
    let lease = services.connections.open_to_read(reference);
    let lease = lease.map_err(|error| error.explained())?;
    let mut connection = lease.lock().unwrap_or_else(PoisonError::into_inner);
    let found = rows(&mut **connection, rowset, &restrictions);
    let found = found.map_err(|error| error.explained())?;
    let element = |texts: Vec<String>| texts.iter().map(|text| typed::text(text)).collect();
    Ok(found.into_iter().map(element).collect())
}
