//! Projects as files: fetched, restored, deployed package by package.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::error::ClientError;
use super::sdk::{Client, arguments, output};
use crate::registry::ProcedureResult;

impl Client {
    /// The `.ispac` of a project, byte for byte as it was deployed.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn get_project(&self, folder: &str, project: &str) -> Result<Vec<u8>, ClientError> {
        let arguments = arguments([
            ("folder_name", json!(folder)),
            ("project_name", json!(project)),
        ]);
        let result = self.call("get_project", arguments).await?;
        project_stream(&result, "get_project")
    }

    /// Puts a version of a project in force again and gives its `.ispac`.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn restore_project(
        &self,
        folder: &str,
        project: &str,
        version: i64,
    ) -> Result<Vec<u8>, ClientError> {
        let arguments = arguments([
            ("folder_name", json!(folder)),
            ("project_name", json!(project)),
            ("object_version_lsn", json!(version)),
        ]);
        let result = self.call("restore_project", arguments).await?;
        project_stream(&result, "restore_project")
    }

    /// Adds or replaces packages of a project (file name and content each) and gives the id of the
    /// operation.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn deploy_packages(
        &self,
        folder: &str,
        project: &str,
        packages: &[(String, Vec<u8>)],
    ) -> Result<i64, ClientError> {
        let row = |(name, data): &(String, Vec<u8>)| json!({"name": name, "package_data": STANDARD.encode(data)});
        let rows: Vec<Value> = packages.iter().map(row).collect();
        let arguments = arguments([
            ("folder_name", json!(folder)),
            ("project_name", json!(project)),
            ("packages_table", json!(rows)),
        ]);
        let result = self.call("deploy_packages", arguments).await?;
        output(&result, "deploy_packages", "@operation_id")
    }
}

/// The file in a result set of one row.
fn project_stream(result: &ProcedureResult, call: &str) -> Result<Vec<u8>, ClientError> {
    let row = result.rows.as_ref().and_then(|rows| rows.iter().next());
    let text = row.and_then(|row| row.text("project_stream"));
    let file = text.and_then(|text| STANDARD.decode(text).ok());
    file.ok_or_else(|| ClientError::Incomplete {
        call: call.to_owned(),
        what: "project_stream".to_owned(),
    })
}
