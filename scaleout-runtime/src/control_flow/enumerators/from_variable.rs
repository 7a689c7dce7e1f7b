//! Foreach From Variable: whatever a variable holds that can be gone over.

use scaleout_core::package::xml::Element as Xml;

use super::kinds::{Element, Enumerator};
use super::{ado, node_list};
use crate::services::Services;
use crate::value::Value;
use crate::variables::typed;
use crate::xpath::XmlNode;

pub(super) const ENUMERATOR: Enumerator = Enumerator {
    name: "Microsoft.ForEachFromVarEnumerator",
    enumerate,
    check,
    set,
};

fn check(data: &Xml) -> Option<String> {
    let variable = data.attribute("VariableName").unwrap_or_default();
    let missing = variable.trim().is_empty();
    missing.then(|| "no variable is named to enumerate".to_owned())
}

fn set(data: &mut Xml, property: &str, text: &str) -> Option<()> {
    let mut attributes = data.attributes.iter_mut();
    let found = attributes.find(|(name, _)| name == property && property == "VariableName");
    found.map(|(_, value)| *value = text.to_owned())
}

fn enumerate(data: &Xml, services: &Services) -> Result<Vec<Element>, String> {
    let name = data.attribute("VariableName").unwrap_or_default();
    let held = services
        .variables
        .get(name)
        .map_err(|error| error.to_string())?;
    match &held.value {
        // A text is gone over character by character.
        Value::Str(text) => Ok(text
            .chars()
            .map(|one| vec![typed::text(one.encode_utf8(&mut [0; 4]))])
            .collect()),
        Value::Object(object) => match object.as_any().downcast_ref::<XmlNode>() {
            Some(node) => Ok(node.children().into_iter().map(node_list::node).collect()),
            None => ado::elements(&**object, ado::Mode::FirstTable)
                .and_then(Result::ok)
                .ok_or_else(|| format!("variable `{name}` holds nothing that can be enumerated")),
        },
        _ => Err(format!(
            "variable `{name}` holds nothing that can be enumerated"
        )),
    }
}
