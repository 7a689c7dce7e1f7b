//! Following one execution to its end.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::error::ClientError;
use super::executions::Execution;
use super::rows::Row;
use super::sdk::Client;
use crate::model::OperationStatus;
use crate::registry::ViewQuery;

/// How long the master may hold back an answer without a new message.
const WAIT: Duration = Duration::from_millis(500);

/// Most messages fetched at once.
const BATCH: u32 = 1000;

/// Something new about an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Its state changed (or is told for the first time).
    Status(Box<Execution>),
    /// It said something.
    Message(Box<MessageRow>),
}

/// A row of `catalog.event_messages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageRow {
    /// Its number; numbers rise.
    pub event_message_id: i64,
    /// When it was raised.
    pub message_time: Option<Timestamp>,
    /// 120 error, 110 warning, 70 information, …
    pub message_type: i64,
    /// `OnError`, `OnPreExecute`, …
    pub event_name: String,
    /// Task or container.
    pub source_name: String,
    /// Data flow component.
    pub subcomponent_name: Option<String>,
    /// Path inside the package.
    pub package_path: String,
    /// Path with iterations.
    pub execution_path: String,
    /// SSIS message code; 0 when none.
    pub message_code: i64,
    /// The text.
    pub message: String,
}

impl MessageRow {
    /// Reads a row of the view.
    ///
    /// # Errors
    /// It has no number or no text.
    pub fn from_row(row: Row<'_>) -> Result<Self, ClientError> {
        let lacking = |what: &str| ClientError::Incomplete {
            call: "event_messages".to_owned(),
            what: what.to_owned(),
        };
        let text = |column: &str| row.text(column).unwrap_or_default().to_owned();
        Ok(Self {
            event_message_id: row
                .integer("event_message_id")
                .ok_or_else(|| lacking("event_message_id"))?,
            message_time: row.time("message_time"),
            message_type: row.integer("message_type").unwrap_or(0),
            event_name: text("event_name"),
            source_name: text("message_source_name"),
            subcomponent_name: row.text("subcomponent_name").map(str::to_owned),
            package_path: text("package_path"),
            execution_path: text("execution_path"),
            message_code: row.integer("message_code").unwrap_or(0),
            message: row
                .text("message")
                .ok_or_else(|| lacking("message"))?
                .to_owned(),
        })
    }
}

/// The messages and states of one execution, in order.
#[derive(Debug)]
pub struct Follow {
    client: Client,
    id: i64,
    after: i64,
    told: Option<OperationStatus>,
    waiting: VecDeque<MessageRow>,
}

impl Follow {
    pub(super) fn new(client: Client, id: i64, after: i64) -> Self {
        Self {
            client,
            id,
            after,
            told: None,
            waiting: VecDeque::new(),
        }
    }

    /// The next thing it did; `None` after its end.
    ///
    /// The last state comes after the last message: the catalog shows an execution as ended only
    /// when its log is complete, so one more look at the messages after the end finds them all.
    ///
    /// # Errors
    /// See [`ClientError`]. After a temporary error it may be called again; nothing is lost.
    pub async fn next(&mut self) -> Result<Option<Progress>, ClientError> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                self.after = message.event_message_id;
                return Ok(Some(Progress::Message(Box::new(message))));
            }
            if self.told.is_some_and(OperationStatus::is_terminal) {
                return Ok(None);
            }
            let execution = self.client.execution(self.id).await?;
            let ended = execution.status.is_terminal();
            let wait = if ended || self.told != Some(execution.status) {
                Duration::ZERO
            } else {
                WAIT
            };
            self.fetch(wait).await?;
            let nothing_before_the_end = !ended || self.waiting.is_empty();
            if self.told != Some(execution.status) && nothing_before_the_end {
                self.told = Some(execution.status);
                return Ok(Some(Progress::Status(Box::new(execution))));
            }
        }
    }

    async fn fetch(&mut self, wait: Duration) -> Result<(), ClientError> {
        let query = ViewQuery {
            equals: vec![("operation_id".to_owned(), self.id.to_string())],
            greater: vec![("event_message_id".to_owned(), self.after.to_string())],
            order_by: Some("event_message_id".to_owned()),
            descending: false,
            limit: Some(BATCH),
        };
        let rows = self
            .client
            .view_waiting("event_messages", &query, wait)
            .await?;
        for row in rows.iter() {
            self.waiting.push_back(MessageRow::from_row(row)?);
        }
        Ok(())
    }
}
