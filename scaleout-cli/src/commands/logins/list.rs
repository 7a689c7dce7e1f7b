//! `soctl logins list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{cell, text};

/// List the logins with their roles; without a role of administrators only your own
///
/// Examples:
///   soctl logins list
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {}

/// Reads `catalog.logins` and `catalog.login_roles`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let by_name = ViewQuery {
        order_by: Some("name".to_owned()),
        ..ViewQuery::default()
    };
    let logins = client.view("logins", &by_name).await?;
    let roles = client.view("login_roles", &ViewQuery::default()).await?;
    let columns = ["login", "roles", "enabled", "logs in with", "last login"];
    let mut report = Report::table(columns);
    let mut all = Vec::new();
    for row in logins.iter() {
        let name = text(row, "name");
        let own = roles
            .iter()
            .filter(|role| text(*role, "login_name") == name);
        let mut own: Vec<String> = own.map(|role| text(role, "role_name")).collect();
        own.sort();
        let has_password = row.bit("has_password").unwrap_or(false);
        let certificate = row.text("certificate_thumbprint");
        let ways = [
            (has_password, "password"),
            (certificate.is_some(), "certificate"),
        ];
        let ways: Vec<&str> = ways.iter().filter(|way| way.0).map(|way| way.1).collect();
        let is_enabled = row.bit("is_enabled").unwrap_or(false);
        report.rows.push(vec![
            Cell::Text(name.clone()),
            Cell::Text(own.join(", ")),
            Cell::Text(if is_enabled { "yes" } else { "no" }.to_owned()),
            Cell::Text(ways.join(", ")),
            cell(row, "last_login_time"),
        ]);
        all.push(json!({
            "principal_id": row.integer("principal_id"),
            "login": name,
            "roles": own,
            "is_enabled": is_enabled,
            "has_password": has_password,
            "certificate_thumbprint": certificate,
            "created_by_name": text(row, "created_by_name"),
            "created_time": row.value("created_time").cloned().unwrap_or(Value::Null),
            "last_login_time": row.value("last_login_time").cloned().unwrap_or(Value::Null),
        }));
    }
    Ok(Outcome::new(&all, report))
}
