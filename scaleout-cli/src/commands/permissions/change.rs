//! What granting, denying and revoking have in common.

use scaleout_core::client::Client;
use scaleout_core::model::PermissionType;
use serde_json::{Value, json};

use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report};
use crate::rows::arguments;
use crate::securable_choice::{SecurableChoice, principal};

/// A permission by its name.
///
/// # Errors
/// There is none of that name.
pub fn permission(name: &str) -> Result<PermissionType, String> {
    PermissionType::from_name(name).ok_or_else(|| {
        let names = PermissionType::ALL.map(PermissionType::as_str);
        format!("expected one of {}", names.join(", "))
    })
}

/// One change of permissions.
pub struct Change<'a> {
    /// The procedure.
    pub procedure: &'static str,
    /// What was done: `granted`.
    pub done: &'static str,
    /// Which; none for all.
    pub permissions: &'a [PermissionType],
    /// To or from whom.
    pub principal: &'a str,
    /// On what.
    pub object: &'a SecurableChoice,
}

impl Change<'_> {
    /// Calls the procedure for each permission.
    ///
    /// # Errors
    /// Somebody or something is not there, or the master refuses.
    pub async fn run(&self, client: &Client) -> Result<Outcome, CliError> {
        let object = self.object.find(client).await?;
        let principal_id = principal(client, self.principal).await?;
        let mut all: Vec<Option<PermissionType>> =
            self.permissions.iter().copied().map(Some).collect();
        if all.is_empty() {
            all.push(None);
        }
        for one in &all {
            let given = arguments([
                ("object_type", json!(object.kind.number())),
                ("object_id", json!(object.id)),
                ("principal_id", json!(principal_id)),
                ("permission_type", json!(one.map(PermissionType::number))),
            ]);
            let result = client.call(self.procedure, given).await?;
            if let Some(body) = result.refusal {
                return Err(CliError { body });
            }
            if result.return_value != 0 {
                return Err(CommandError::Argument {
                    message: format!("{} returned {}", self.procedure, result.return_value),
                    hint: "the documentation of the procedure says what that means".to_owned(),
                }
                .into());
            }
        }
        let names: Vec<&str> = all
            .iter()
            .map(|one| one.map_or("all permissions", PermissionType::as_str))
            .collect();
        let line = format!(
            "{} {} on {}: `{}`",
            self.done,
            names.join(", "),
            object.name,
            self.principal
        );
        let shown = json!({
            "object_type": object.kind.number(),
            "object_id": object.id,
            "principal_id": principal_id,
            "principal": self.principal,
            "permissions": all
                .iter()
                .map(|one| one.map_or(Value::Null, |one| json!(one.as_str())))
                .collect::<Vec<_>>(),
        });
        Ok(Outcome::new(&shown, Report::lines([line])))
    }
}
