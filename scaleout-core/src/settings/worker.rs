//! `WorkerSettings.config` as a value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::document::{default_document, parse_document};
use super::error::SettingsError;
use super::keys;
use super::time_span::TimeSpan;
use crate::package::connection_string::ConnectionString;
use crate::protocol::executor::RuntimeSettings;

/// Settings of a worker. What each field means is said once, in [`keys::WORKER`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WorkerSettings {
    /// `DisplayName`
    pub display_name: String,
    /// `Description`
    pub description: String,
    /// `MasterEndpoint`
    pub master_endpoint: String,
    /// `MasterHttpsCertThumbprint`
    pub master_https_cert_thumbprint: String,
    /// `WorkerHttpsCertThumbprint`
    pub worker_https_cert_thumbprint: String,
    /// `StoreLocation`
    pub store_location: String,
    /// `StoreName`
    pub store_name: String,
    /// `AgentHeartbeatInterval`
    pub agent_heartbeat_interval: TimeSpan,
    /// `TaskHeartbeatInterval`
    pub task_heartbeat_interval: TimeSpan,
    /// `HeartbeatErrorTollerance`
    pub heartbeat_error_tollerance: TimeSpan,
    /// `TaskRequestMaxCPU`
    #[serde(rename = "TaskRequestMaxCPU")]
    pub task_request_max_cpu: f64,
    /// `TaskRequestMinMemory`
    pub task_request_min_memory: f64,
    /// `MaxTaskCount`
    pub max_task_count: u32,
    /// `LeaseInternval`
    pub lease_internval: TimeSpan,
    /// `TasksRootFolder`
    pub tasks_root_folder: String,
    /// `TaskLogLevel`
    pub task_log_level: u32,
    /// `TaskLogSegment`
    pub task_log_segment: TimeSpan,
    /// `TaskLogEnabled`
    pub task_log_enabled: bool,
    /// `ExecutionLogCacheFolder`
    pub execution_log_cache_folder: String,
    /// `ExecutionLogMaxBufferLogCount`
    pub execution_log_max_buffer_log_count: usize,
    /// `ExecutionLogMaxInMemoryBufferCount`
    pub execution_log_max_in_memory_buffer_count: usize,
    /// `ExecutionLogRetryCount`
    pub execution_log_retry_count: u32,
    /// `ExecutionLogRetryTimeout`
    pub execution_log_retry_timeout: TimeSpan,
    /// `AgentId`; set when the worker is set up.
    pub agent_id: Option<Uuid>,
    /// `PathMappings`
    pub path_mappings: BTreeMap<String, String>,
    /// `ConnectionMap`
    pub connection_map: BTreeMap<String, String>,
    /// `WorkingFolder`
    pub working_folder: String,
    /// `DataFlowMemoryBudget`
    pub data_flow_memory_budget: u64,
    /// `MonitoringPort`
    pub monitoring_port: u16,
}

impl WorkerSettings {
    /// Reads the text of a settings file; `file` is for errors only.
    ///
    /// # Errors
    /// Not JSON, an unknown key, a value out of range, or a lease that ends before it is renewed.
    pub fn parse(file: &str, text: &str) -> Result<Self, SettingsError> {
        let document = parse_document(file, text, keys::WORKER)?;
        let settings = Self::from_checked(Value::Object(document));
        settings.check_lease(file)?;
        settings.check_mappings(file)?;
        settings.check_connections(file)?;
        Ok(settings)
    }

    /// The settings as the text of a file.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("settings are plain values")
    }

    /// The addresses in `MasterEndpoint`: of one master, or of several with `;` between them. At
    /// least one, which is empty where the setting is.
    #[must_use]
    pub fn master_endpoints(&self) -> Vec<&str> {
        let parts = self.master_endpoint.split(';').map(str::trim);
        let several: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        if several.is_empty() {
            return vec![""];
        }
        several
    }

    /// The part that packages see.
    #[must_use]
    pub fn runtime_settings(&self) -> RuntimeSettings {
        RuntimeSettings {
            path_mappings: self.path_mappings.clone(),
            connection_map: self.connection_map.clone(),
            working_folder: (!self.working_folder.is_empty())
                .then(|| self.working_folder.clone().into()),
            data_flow_memory_budget: self.data_flow_memory_budget,
            data_dumps_folder: None,
            error_dumps_folder: None,
        }
    }

    fn check_mappings(&self, file: &str) -> Result<(), SettingsError> {
        let is_absolute = |folder: &String| std::path::Path::new(folder).is_absolute();
        let mut mappings = self.path_mappings.iter();
        match mappings.find(|(_, folder)| !is_absolute(folder)) {
            None => Ok(()),
            Some((prefix, folder)) => Err(SettingsError::BadValue {
                file: file.to_owned(),
                key: "PathMappings".to_owned(),
                found: format!("`{folder}` for `{prefix}`"),
                expected: "an absolute path of this machine".to_owned(),
            }),
        }
    }

    /// What stands in place of a connection string is one. Its text may hold a password.
    fn check_connections(&self, file: &str) -> Result<(), SettingsError> {
        for (key, text) in &self.connection_map {
            if let Err(error) = ConnectionString::parse(text) {
                return Err(SettingsError::BadValue {
                    file: file.to_owned(),
                    key: "ConnectionMap".to_owned(),
                    found: format!("no connection string for `{key}` ({error})"),
                    expected: "a connection string such as `Provider=SQLite;Data Source=/srv/dwh;`"
                        .to_owned(),
                });
            }
        }
        Ok(())
    }

    fn check_lease(&self, file: &str) -> Result<(), SettingsError> {
        if self.task_heartbeat_interval < self.lease_internval {
            return Ok(());
        }
        Err(SettingsError::Contradiction {
            file: file.to_owned(),
            key: "LeaseInternval".to_owned(),
            expected: format!(
                "longer than TaskHeartbeatInterval ({}), or every task is lost before its lease is renewed",
                self.task_heartbeat_interval
            ),
        })
    }

    fn from_checked(document: Value) -> Self {
        serde_json::from_value(document).expect("the ranges of the keys fit the fields")
    }
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self::from_checked(Value::Object(default_document(keys::WORKER)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declared_keys_are_the_fields() {
        let Value::Object(written) = serde_json::to_value(WorkerSettings::default()).unwrap()
        else {
            panic!("an object is written")
        };
        let mut fields: Vec<&str> = written.keys().map(String::as_str).collect();
        let mut declared: Vec<&str> = keys::WORKER.iter().map(|key| key.name).collect();
        fields.sort_unstable();
        declared.sort_unstable();
        assert_eq!(fields, declared);
    }

    #[test]
    fn every_extreme_of_a_range_fits_its_field() {
        use super::super::key::KeyKind;
        for key in keys::WORKER {
            let KeyKind::Integer { least, most } = key.kind else {
                continue;
            };
            for number in [least, most] {
                let text = format!("{{\"{}\": {number}}}", key.name);
                WorkerSettings::parse("w.config", &text).unwrap();
            }
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let settings = WorkerSettings {
            agent_id: Some(Uuid::from_u128(7)),
            path_mappings: BTreeMap::from([("C:\\data".to_owned(), "/data".to_owned())]),
            ..WorkerSettings::default()
        };
        assert_eq!(
            WorkerSettings::parse("w.config", &settings.to_text()),
            Ok(settings)
        );
    }

    #[test]
    fn a_mapping_to_a_relative_path_is_refused() {
        let text = r#"{"PathMappings": {"C:": "/data", "D:\\in": "data/in"}}"#;
        let error = WorkerSettings::parse("w.config", text).unwrap_err();
        assert_eq!(
            error.to_string(),
            r"`w.config`: `PathMappings` is `data/in` for `D:\in`, but must be an absolute path of this machine"
        );
    }

    #[test]
    fn a_replacement_that_is_no_connection_string_is_refused_without_showing_it() {
        let text = r#"{"ConnectionMap": {"dwh": "Data Source=x;Password=\"geheim"}}"#;
        let error = WorkerSettings::parse("w.config", text).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("`ConnectionMap`") && text.contains("`dwh`"),
            "{text}"
        );
        assert!(!text.contains("geheim"), "{text}");
    }

    #[test]
    fn a_lease_shorter_than_its_renewal_is_refused() {
        let text = r#"{"TaskHeartbeatInterval": "00:01:00"}"#;
        let error = WorkerSettings::parse("w.config", text).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`LeaseInternval` must be longer")
        );
    }
}
