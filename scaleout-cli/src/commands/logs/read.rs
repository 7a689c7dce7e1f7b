//! Reads a log page by page, and goes on where it was.

use std::time::Duration;

use scaleout_core::client::{Client, LogName};
use scaleout_core::protocol::logs::LogQuery;
use tokio::time::sleep;

use super::Part;
use super::line::Line;
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, OutputFormat, Report, Stream};

const COLUMNS: [&str; 3] = ["time", "level", "message"];
/// How often it is asked whether there is more.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Prints the end of a log, and what follows if that is wanted.
///
/// # Errors
/// The log is not there, or the master refuses.
pub async fn read(
    client: &Client,
    name: LogName,
    part: Part,
    format: OutputFormat,
) -> Result<Outcome, CliError> {
    let query = LogQuery {
        tail: Some(part.tail),
        after: None,
    };
    if part.follow {
        follow(client, name, query, format).await?;
        return Ok(Outcome::silent());
    }
    let page = client.log(&name, &query).await?;
    let lines: Vec<Line> = page.lines.iter().map(|line| Line::parse(line)).collect();
    let mut report = Report::table(COLUMNS);
    report.rows = lines.iter().map(|line| line.cells().to_vec()).collect();
    let data: Vec<_> = lines.into_iter().map(|line| line.0).collect();
    Ok(Outcome::new(&data, report))
}

/// Prints lines as they are written, until the log is final or nobody reads any more.
async fn follow(
    client: &Client,
    name: LogName,
    mut query: LogQuery,
    format: OutputFormat,
) -> Result<(), CliError> {
    let mut stream = Stream::new(format, COLUMNS);
    loop {
        let page = client.log(&name, &query).await?;
        for line in page.lines.iter().map(|line| Line::parse(line)) {
            let read = stream.put(&line.0, &line.cells(), &line.shown());
            if !read.map_err(CommandError::Output)? {
                return Ok(());
            }
        }
        if page.is_final {
            return Ok(());
        }
        if page.next.is_some() {
            query.after = page.next;
        }
        if page.lines.is_empty() {
            sleep(ASK_EVERY).await;
        }
    }
}
