//! `MasterSettings.config` as a value.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{default_document, parse_document};
use super::error::SettingsError;
use super::keys;

/// Settings of a master. What each field means is said once, in [`keys::MASTER`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MasterSettings {
    /// `PortNumber`
    pub port_number: u16,
    /// `SSLCertThumbprint`
    #[serde(rename = "SSLCertThumbprint")]
    pub ssl_cert_thumbprint: String,
    /// `SqlServerName`
    pub sql_server_name: String,
    /// `CleanupCompletedJobsIntervalInMs`
    pub cleanup_completed_jobs_interval_in_ms: u64,
    /// `DealWithExpiredTasksIntervalInMs`
    pub deal_with_expired_tasks_interval_in_ms: u64,
    /// `MasterHeartbeatIntervalInMs`
    pub master_heartbeat_interval_in_ms: u64,
    /// `SqlConnectionTimeoutInSecs`
    pub sql_connection_timeout_in_secs: u64,
    /// `JobMailServer`
    pub job_mail_server: String,
    /// `JobMailSender`
    pub job_mail_sender: String,
}

impl MasterSettings {
    /// Reads the text of a settings file; `file` is for errors only.
    ///
    /// # Errors
    /// Not JSON, an unknown key, or a value out of range.
    pub fn parse(file: &str, text: &str) -> Result<Self, SettingsError> {
        let document = parse_document(file, text, keys::MASTER)?;
        Ok(Self::from_checked(Value::Object(document)))
    }

    /// The settings as the text of a file.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("settings are plain values")
    }

    fn from_checked(document: Value) -> Self {
        serde_json::from_value(document).expect("the ranges of the keys fit the fields")
    }
}

impl Default for MasterSettings {
    fn default() -> Self {
        Self::from_checked(Value::Object(default_document(keys::MASTER)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declared_keys_are_the_fields() {
        let Value::Object(written) = serde_json::to_value(MasterSettings::default()).unwrap()
        else {
            panic!("an object is written")
        };
        let mut fields: Vec<&str> = written.keys().map(String::as_str).collect();
        let mut declared: Vec<&str> = keys::MASTER.iter().map(|key| key.name).collect();
        fields.sort_unstable();
        declared.sort_unstable();
        assert_eq!(fields, declared);
    }

    #[test]
    fn what_is_written_reads_back() {
        let settings = MasterSettings {
            port_number: 8400,
            ..MasterSettings::default()
        };
        assert_eq!(
            MasterSettings::parse("m.config", &settings.to_text()),
            Ok(settings)
        );
    }

    #[test]
    fn an_empty_object_means_the_published_defaults() {
        let settings = MasterSettings::parse("m.config", "{}").unwrap();
        assert_eq!(settings.port_number, 8391);
        assert_eq!(settings.cleanup_completed_jobs_interval_in_ms, 43_200_000);
        assert_eq!(settings, MasterSettings::default());
    }
}
