//! `soctl audit`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::{self, cell};

/// Show who did what, when and from where; newest first
///
/// For administrators. Values, passwords and tokens are not written down.
///
/// Examples:
///   soctl audit
///   soctl audit --login anna --limit 20
///   soctl audit --action delete_project --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct AuditArgs {
    /// Only of this login
    #[arg(long, value_name = "NAME")]
    login: Option<String>,
    /// Only this procedure, or `login` or `logout`
    #[arg(long, value_name = "NAME")]
    action: Option<String>,
    /// Most entries
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: u32,
}

/// Reads `catalog.audit_log`.
///
/// # Errors
/// The master refuses.
pub async fn run(args: AuditArgs, client: &Client) -> Result<Outcome, CliError> {
    let filters = [("login_name", args.login), ("action", args.action)];
    let equals = filters
        .into_iter()
        .filter_map(|(column, value)| Some((column.to_owned(), value?)));
    let query = ViewQuery {
        equals: equals.collect(),
        order_by: Some("audit_id".to_owned()),
        descending: true,
        limit: Some(args.limit),
        ..ViewQuery::default()
    };
    let found = client.view("audit_log", &query).await?;
    let mut report = Report::table(["time", "login", "from", "action", "object", "outcome"]);
    let columns = [
        "audit_time",
        "login_name",
        "address",
        "action",
        "object",
        "outcome",
    ];
    for row in found.iter() {
        let cells = columns.iter().map(|column| cell(row, column));
        report.rows.push(cells.collect());
    }
    Ok(Outcome::new(&rows::objects(&found), report))
}
