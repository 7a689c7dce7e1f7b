//! The last wall before the events of a run leave: no secret of the run passes.
//!
//! Nothing in this crate writes a secret into a message on purpose. But a program repeats what
//! it was given on its error stream, and a server repeats the statement that failed.

use std::sync::{Arc, PoisonError, RwLock};

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::connection_string::ConnectionString;
use scaleout_core::package::project::Project;
use scaleout_core::protocol::event::EventBody;
use scaleout_core::protocol::executor::RuntimeSettings;
use scaleout_core::protocol::task::TaskDescription;

use crate::events::EventSink;

/// What stands where a secret was.
const MASK: &str = "******";
/// Characters of the shortest secret that is looked for: shorter ones are parts of words.
const SHORTEST: usize = 4;

/// A sink that masks secrets.
pub(crate) struct Redacted {
    to: Arc<dyn EventSink>,
    /// The longest first: one may be a part of another.
    secrets: RwLock<Vec<String>>,
}

impl Redacted {
    /// Masks the sensitive values of a run, and the passwords in its connection strings and in
    /// those of this worker.
    pub(crate) fn new(
        to: Arc<dyn EventSink>,
        task: &TaskDescription,
        project: &Project,
        settings: &RuntimeSettings,
    ) -> Self {
        let mut secrets = given(task);
        secrets.extend(designed(project));
        let mapped = settings.connection_map.values();
        secrets.extend(mapped.filter_map(|text| password(text)));
        Self::masking(to, secrets)
    }

    fn masking(to: Arc<dyn EventSink>, secrets: Vec<String>) -> Self {
        let secrets = RwLock::new(in_order(secrets));
        Self { to, secrets }
    }

    fn mask(&self, text: &mut String) {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets.iter() {
            if text.contains(secret) {
                *text = text.replace(secret, MASK);
            }
        }
    }
}

impl EventSink for Redacted {
    fn emit(&self, mut body: EventBody) {
        match &mut body {
            EventBody::Message(message) => {
                self.mask(&mut message.message);
                for entry in &mut message.context {
                    self.mask(&mut entry.property_value);
                }
            }
            EventBody::ExecutableEnded(ended) => {
                if let Some(value) = &mut ended.execution_value {
                    self.mask(value);
                }
            }
            EventBody::Output(note) => self.mask(&mut note.target),
            // Names and numbers.
            _ => {}
        }
        self.to.emit(body);
    }

    fn hide(&self, secret: &str) {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        let mut all = std::mem::take(&mut *secrets);
        all.push(secret.to_owned());
        *secrets = in_order(all);
        self.to.hide(secret);
    }

    /// In JSON a secret may stand as JSON writes it.
    fn masked(&self, mut text: String) -> String {
        self.mask(&mut text);
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets.iter() {
            let written = serde_json::Value::from(secret.as_str()).to_string();
            let written = written.trim_matches('"');
            if text.contains(written) {
                text = text.replace(written, MASK);
            }
        }
        drop(secrets);
        self.to.masked(text)
    }
}

/// Those that are long enough to be looked for, the longest first.
fn in_order(mut secrets: Vec<String>) -> Vec<String> {
    secrets.retain(|secret| SHORTEST <= secret.chars().count());
    secrets.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    secrets.dedup();
    secrets
}

/// What this execution was given: sensitive values, and passwords in any connection string.
fn given(task: &TaskDescription) -> Vec<String> {
    let parameters = task
        .project_parameters
        .iter()
        .chain(&task.package_parameters);
    let parts = task
        .validation
        .iter()
        .flat_map(|validation| &validation.parts);
    let of_parts = parts.flat_map(|part| {
        part.project_parameters
            .iter()
            .chain(&part.package_parameters)
    });
    let of_parameters = parameters.chain(of_parts).filter_map(|parameter| {
        let value = parameter.value.as_deref()?;
        Some((value, parameter.sensitive))
    });
    let overrides = task.property_overrides.iter();
    let of_overrides = overrides.map(|one| (one.value.as_str(), one.sensitive));
    let of_package = task.package_password.iter();
    let of_package = of_package.map(|password| (password.reveal(), true));
    let values = of_parameters.chain(of_overrides).chain(of_package);
    values
        .flat_map(|(value, sensitive)| [sensitive.then(|| value.to_owned()), password(value)])
        .flatten()
        .collect()
}

/// What the project was deployed with.
fn designed(project: &Project) -> Vec<String> {
    let packages = || project.packages.iter().map(|package| &package.package);
    let parameters = project
        .parameters
        .iter()
        .chain(packages().flat_map(|package| &package.parameters))
        .filter(|parameter| parameter.sensitive)
        .filter_map(|parameter| parameter.value.clone());
    let passwords = project
        .connection_managers
        .iter()
        .chain(packages().flat_map(|package| &package.connection_managers))
        .filter_map(|manager: &ConnectionManager| password(manager.connection_string()));
    parameters.chain(passwords).collect()
}

fn password(text: &str) -> Option<String> {
    let string = ConnectionString::parse(text).ok()?;
    string.get("Password").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use scaleout_core::package::VariableType;
    use scaleout_core::protocol::event::OutputNote;
    use scaleout_core::protocol::task::{ParameterValue, PropertyOverride};

    use super::*;
    use crate::executor::design_values;

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    impl EventSink for Heard {
        fn emit(&self, body: EventBody) {
            if let EventBody::Output(note) = body {
                self.0.lock().unwrap().push(note.target);
            }
        }
    }

    #[test]
    fn sensitive_values_and_passwords_are_masked_and_nothing_else() {
        let parameter = |value: &str, sensitive| ParameterValue {
            name: "p".to_owned(),
            data_type: VariableType::String,
            value: Some(value.to_owned()),
            sensitive,
        };
        let mut task = design_values("p", "p.dtsx");
        task.project_parameters = vec![
            parameter("geheim", true),
            parameter("public", false),
            parameter("Data Source=h;pwd=offenbar", false),
        ];
        task.package_parameters = vec![parameter("geheimer", true), parameter("abc", true)];
        task.property_overrides = vec![PropertyOverride {
            path: r"\Package.Connections[C].Properties[ConnectionString]".to_owned(),
            value: "Data Source=h;Password=schluessel".to_owned(),
            sensitive: true,
        }];
        let heard = Arc::new(Heard::default());
        let redacted = Redacted::masking(Arc::clone(&heard) as _, given(&task));
        for target in [
            "a geheimer b",
            "geheim,public,abc",
            "x schluessel y offenbar",
        ] {
            redacted.emit(EventBody::Output(OutputNote {
                component: "c".to_owned(),
                target: target.to_owned(),
            }));
        }
        assert_eq!(
            *heard.0.lock().unwrap(),
            ["a ****** b", "******,public,abc", "x ****** y ******"]
        );
    }

    #[test]
    fn a_secret_is_found_as_json_writes_it() {
        let secret = "a\"b\\c";
        let redacted = Redacted::masking(Arc::new(Heard::default()), vec![secret.to_owned()]);
        let text = serde_json::json!({ "value": secret }).to_string();
        assert_eq!(redacted.masked(text), r#"{"value":"******"}"#);
    }

    #[test]
    fn what_a_configuration_brings_is_masked_from_then_on() {
        let redacted = Redacted::masking(Arc::new(Heard::default()), Vec::new());
        assert_eq!(redacted.masked("kuckuck".to_owned()), "kuckuck");
        redacted.hide("kuckuck");
        assert_eq!(redacted.masked("a kuckuck".to_owned()), "a ******");
    }
}
