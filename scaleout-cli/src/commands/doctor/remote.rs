//! Checks that the master answers: itself, its catalog, and all workers.

use jiff::Timestamp;
use scaleout_core::certificates::Expiry;
use scaleout_core::client::Client;
use scaleout_core::registry::{Arguments, ViewQuery};

use super::check::Check;
use crate::commands::workers::standing;

/// A master whose sign of life is older than this, in seconds, counts as gone.
const OLD_MASTER: i64 = 130;

/// All of them.
pub async fn run(client: &Client, now: Timestamp) -> Vec<Check> {
    let mut checks = Vec::new();
    let properties = match client
        .view("master_properties", &ViewQuery::default())
        .await
    {
        Ok(rows) => rows,
        Err(error) => return vec![Check::of_error("catalog", &error)],
    };
    checks.push(match client.call("check_schema_version", schema()).await {
        Ok(_) => Check::ok("catalog", "answers, and has the version of this program"),
        Err(error) => Check::of_error("catalog", &error),
    });
    let property = |name: &str| {
        let mut rows = properties.iter();
        let found = rows.find(|row| row.text("property_name") == Some(name))?;
        found.text("property_value").map(str::to_owned)
    };
    let seen = property("LAST_ONLINE_TIME").and_then(|text| text.parse::<Timestamp>().ok());
    checks.push(match seen {
        Some(seen) if now.duration_since(seen).as_secs() <= OLD_MASTER => {
            Check::ok("master online", "it has written its sign of life")
        }
        Some(seen) => Check::failed(
            "master online",
            format!("its last sign of life is of {seen}"),
            "restart the master, and compare the clocks",
        ),
        None => Check::failed(
            "master online",
            "the catalog has no sign of life of a master",
            "start the master",
        ),
    });
    checks.push(enabled(client).await);
    checks.extend(workers(client, now).await);
    checks
}

fn schema() -> Arguments {
    [("use32bitruntime".to_owned(), 0.into())].into()
}

async fn enabled(client: &Client) -> Check {
    let rows = match client
        .view("catalog_properties", &ViewQuery::default())
        .await
    {
        Ok(rows) => rows,
        Err(error) => return Check::of_error("scale-out enabled", &error),
    };
    let mut found = rows
        .iter()
        .filter(|row| row.text("property_name") == Some("IS_SCALEOUT_ENABLED"));
    match found
        .next()
        .and_then(|row| row.text("property_value").map(str::to_owned))
    {
        Some(value) if value.eq_ignore_ascii_case("true") || value == "1" => {
            Check::ok("scale-out enabled", "it is")
        }
        _ => Check::failed(
            "scale-out enabled",
            "Scale Out is not enabled, so no worker gets anything",
            "`soctl scaleout enable`",
        ),
    }
}

async fn workers(client: &Client, now: Timestamp) -> Vec<Check> {
    let all = match standing::all(client, now).await {
        Ok(all) => all,
        Err(error) => return vec![Check::of_cli("workers", error)],
    };
    if all.is_empty() {
        return vec![Check::failed(
            "workers",
            "no worker has registered",
            "`soctl workers token create` here and `soctl worker join` there, or `soctl workers add`",
        )];
    }
    let mut checks = Vec::new();
    for worker in &all {
        let name = &worker.display_name;
        let id = worker.worker_agent_id;
        if !worker.online {
            checks.push(Check::failed(
                "worker online",
                format!("worker `{name}` ({id}) is offline"),
                "on that machine: `soctl doctor`",
            ));
        }
        if !worker.enabled {
            checks.push(Check::failed(
                "worker enabled",
                format!("worker `{name}` ({id}) is disabled and gets nothing"),
                format!("`soctl workers enable {id}`"),
            ));
        }
        if let Some(end) = worker.certificate_not_after {
            match Expiry::at(end, now) {
                Expiry::Fine { .. } => {}
                near => checks.push(Check::failed(
                    "worker certificate",
                    format!(
                        "the certificate of worker `{name}` ({id}): {}",
                        near.words()
                    ),
                    format!("`soctl cert rotate worker {id}`, while it is online"),
                )),
            }
        }
    }
    if checks.is_empty() {
        checks.push(Check::ok(
            "workers",
            format!("all {} are online and enabled", all.len()),
        ));
    }
    checks
}
