//! `soctl permissions list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::model::{PermissionType, Securable};
use scaleout_core::registry::ViewQuery;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::securable_choice::{SecurableChoice, principals};

/// List what you may do; with --granted what was granted and denied
///
/// Without an object: on all objects. Of what was granted you see your own part, and all of it on
/// objects on which you manage permissions.
///
/// Examples:
///   soctl permissions list
///   soctl permissions list --folder Finance --granted
///   soctl permissions list --folder Finance --project Nightly
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// The object.
    #[command(flatten)]
    object: SecurableChoice,
    /// List grants and denials, with the logins and roles that have them
    #[arg(long)]
    granted: bool,
}

/// Reads `catalog.effective_object_permissions` or `catalog.explicit_object_permissions`.
///
/// # Errors
/// There is no such object, or the master refuses.
pub async fn run(args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let mut query = ViewQuery::default();
    if args.object.is_given() {
        let object = args.object.find(client).await?;
        query.equals = vec![
            ("object_type".to_owned(), object.kind.number().to_string()),
            ("object_id".to_owned(), object.id.to_string()),
        ];
    }
    if args.granted {
        return granted(client, &query).await;
    }
    let found = client.view("effective_object_permissions", &query).await?;
    let mut report = Report::table(["object type", "object id", "permission"]);
    let mut all = Vec::new();
    for row in found.iter() {
        let kind = kind_of(row.integer("object_type"));
        let permission = name_of(row.integer("permission_type"));
        let id = row.integer("object_id");
        report.rows.push(vec![
            Cell::Text(kind.to_owned()),
            Cell::Number(id.unwrap_or_default().to_string()),
            Cell::Text(permission.to_owned()),
        ]);
        all.push(json!({ "object": kind, "object_id": id, "permission": permission }));
    }
    Ok(Outcome::new(&all, report))
}

async fn granted(client: &Client, query: &ViewQuery) -> Result<Outcome, CliError> {
    let found = client.view("explicit_object_permissions", query).await?;
    let names = principals(client).await?;
    let name = |id: Option<i64>| {
        id.and_then(|id| names.get(&id))
            .cloned()
            .unwrap_or_default()
    };
    let columns = [
        "object type",
        "object id",
        "login or role",
        "permission",
        "",
        "by",
    ];
    let mut report = Report::table(columns);
    let mut all: Vec<Value> = Vec::new();
    for row in found.iter() {
        let kind = kind_of(row.integer("object_type"));
        let permission = name_of(row.integer("permission_type"));
        let id = row.integer("object_id");
        let is_deny = row.bit("is_deny").unwrap_or(false);
        let (who, by) = (
            name(row.integer("principal_id")),
            name(row.integer("grantor_id")),
        );
        report.rows.push(vec![
            Cell::Text(kind.to_owned()),
            Cell::Number(id.unwrap_or_default().to_string()),
            Cell::Text(who.clone()),
            Cell::Text(permission.to_owned()),
            Cell::Text(if is_deny { "denied" } else { "granted" }.to_owned()),
            Cell::Text(by.clone()),
        ]);
        all.push(json!({
            "object": kind, "object_id": id, "principal": who, "permission": permission,
            "is_deny": is_deny, "grantor": by,
        }));
    }
    Ok(Outcome::new(&all, report))
}

fn kind_of(number: Option<i64>) -> &'static str {
    let kind = number.and_then(Securable::from_number);
    kind.map_or("?", Securable::as_str)
}

fn name_of(number: Option<i64>) -> &'static str {
    let permission = number.and_then(PermissionType::from_number);
    permission.map_or("?", PermissionType::as_str)
}
