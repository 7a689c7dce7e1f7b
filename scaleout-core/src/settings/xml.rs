//! The XML form of a settings file, as a JSON object of texts.
//!
//! How the original writes its two files is not published, so each usual form is read: elements or
//! attributes named like the keys, and `<add key="…" value="…"/>` or
//! `<setting name="…"><value>…</value></setting>` as .NET programs have them.

use serde_json::{Map, Value};

use super::error::SettingsError;
use super::key::{KeyKind, SettingKey};
use crate::package::xml::{Element, read};

/// All settings of the XML text, each a text or, for an object of texts, an object.
///
/// # Errors
/// It is not well-formed, or a key is given twice.
pub(super) fn parse(
    file: &str,
    text: &str,
    keys: &'static [SettingKey],
) -> Result<Map<String, Value>, SettingsError> {
    let root = read(text.as_bytes(), file).map_err(|error| SettingsError::Xml {
        file: file.to_owned(),
        reason: error.to_string(),
    })?;
    let mut found = Vec::new();
    attributes(&root, &mut found);
    collect(&root, keys, &mut found);
    let mut settings = Map::new();
    for (key, value) in found {
        if settings.insert(key.clone(), value).is_some() {
            return Err(SettingsError::TwiceGiven {
                file: file.to_owned(),
                key,
            });
        }
    }
    Ok(settings)
}

/// Groups that only hold settings; anything else that is not a key is told as an unknown one.
const GROUPS: [&str; 6] = [
    "configuration",
    "appSettings",
    "applicationSettings",
    "settings",
    "MasterSettings",
    "WorkerSettings",
];

fn collect(parent: &Element, keys: &[SettingKey], found: &mut Vec<(String, Value)>) {
    for element in &parent.children {
        if let Some(pair) = pair(element) {
            found.push(pair);
        } else if GROUPS.iter().any(|group| is_same(group, &element.name)) {
            attributes(element, found);
            collect(element, keys, found);
        } else {
            let is_map = keys
                .iter()
                .any(|key| is_same(key.name, &element.name) && key.kind == KeyKind::Texts);
            let value = match element.attribute("value") {
                _ if is_map => texts(element),
                Some(value) => value.into(),
                None => element.text.trim().into(),
            };
            found.push((element.name.clone(), value));
        }
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Attributes other than of XML itself, which has lost its prefix here.
fn attributes(element: &Element, found: &mut Vec<(String, Value)>) {
    let own = element.attributes.iter();
    let own = own.filter(|(name, _)| !["xmlns", "xsi", "xsd", "schemaLocation"].contains(&&**name));
    found.extend(own.map(|(name, value)| (name.clone(), value.as_str().into())));
}

/// `<add key="…" value="…"/>` or `<setting name="…"><value>…</value></setting>`.
fn pair(element: &Element) -> Option<(String, Value)> {
    if !is_same(&element.name, "add") && !is_same(&element.name, "setting") {
        return None;
    }
    let key = element
        .attribute("key")
        .or_else(|| element.attribute("name"))?;
    let value = element.attribute("value").or_else(|| {
        let value = element.child("value")?;
        Some(value.text.trim())
    })?;
    Some((key.to_owned(), value.into()))
}

fn texts(element: &Element) -> Value {
    element.children.iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{MasterSettings, WorkerSettings};

    #[test]
    fn each_usual_form_is_read() {
        for text in [
            r#"<?xml version="1.0" encoding="utf-8"?><MasterSettings><PortNumber>8400</PortNumber>
               <SqlServerName>sqlite:/x</SqlServerName></MasterSettings>"#,
            r#"<MasterSettings PortNumber="8400" SqlServerName="sqlite:/x"/>"#,
            r#"<configuration><appSettings><add key="PortNumber" value="8400"/>
               <add key="SqlServerName" value="sqlite:/x"/></appSettings></configuration>"#,
            r#"<Settings><setting name="PortNumber"><value>8400</value></setting>
               <SqlServerName value="sqlite:/x"/></Settings>"#,
        ] {
            let settings = MasterSettings::parse("m.config", text).unwrap();
            assert_eq!(settings.port_number, 8400, "{text}");
            assert_eq!(settings.sql_server_name, "sqlite:/x", "{text}");
        }
    }

    #[test]
    fn values_of_every_kind_come_over() {
        let text = r#"<WorkerSettings><MaxTaskCount>3</MaxTaskCount>
            <TaskRequestMaxCPU>55.5</TaskRequestMaxCPU><TaskLogEnabled>False</TaskLogEnabled>
            <LeaseInternval>00:02:00</LeaseInternval>
            <AgentId>{6F1B7D3E-0000-4000-8000-0000000000A1}</AgentId>
            <PathMappings><add key="C:\data" value="/srv/data"/></PathMappings></WorkerSettings>"#;
        let settings = WorkerSettings::parse("w.config", text).unwrap();
        assert_eq!(settings.max_task_count, 3);
        assert!((settings.task_request_max_cpu - 55.5).abs() < f64::EPSILON);
        assert!(!settings.task_log_enabled);
        assert_eq!(settings.lease_internval.to_string(), "00:02:00");
        assert_eq!(settings.agent_id.unwrap().as_u128() & 0xFFFF, 0xA1);
        assert_eq!(settings.path_mappings["C:\\data"], "/srv/data");
        // What is written is the JSON form, and means the same.
        assert_eq!(
            WorkerSettings::parse("w.config", &settings.to_text()),
            Ok(settings)
        );
    }

    #[test]
    fn what_is_wrong_in_it_is_named_as_in_the_other_form() {
        let problem = |text: &str| MasterSettings::parse("m.config", text).unwrap_err();
        let unknown = problem("<MasterSettings><PortNumbr>1</PortNumbr></MasterSettings>");
        assert_eq!(
            unknown.to_string(),
            "`m.config`: there is no setting `PortNumbr`"
        );
        let range = problem("<MasterSettings><PortNumber>0</PortNumber></MasterSettings>");
        assert!(range.to_string().contains("from 1 to 65535"), "{range}");
        let twice = problem(
            r#"<MasterSettings PortNumber="1"><PortNumber>2</PortNumber></MasterSettings>"#,
        );
        assert!(twice.to_string().contains("given twice"), "{twice}");
        let open = problem("<MasterSettings><PortNumber>1</MasterSettings>");
        assert!(open.to_string().contains("XML"), "{open}");
    }
}
