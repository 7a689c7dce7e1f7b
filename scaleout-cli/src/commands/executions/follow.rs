//! Following executions while they run: live on a terminal, plain lines in a pipe.

use std::time::Duration;

use indicatif::ProgressBar;
use scaleout_core::client::{Client, Execution};
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::ViewQuery;

use crate::error::{CliError, CommandError};
use crate::execution_summary::{self, by_id};
use crate::output::Talk;

/// How often a person sees something new.
const EVERY: Duration = Duration::from_millis(200);

/// Waits until all executions have ended; shows each change of state and, on a terminal, what each does.
///
/// # Errors
/// The master refuses, or cannot be reached any more.
pub async fn until_ended(
    client: &Client,
    ids: &[i64],
    talk: &Talk,
) -> Result<Vec<Execution>, CliError> {
    Watched::of(ids).until_ended(client, talk).await
}

/// Executions that someone waits for, and how far each is as far as was seen.
#[derive(Debug, Default)]
pub struct Watched {
    lines: Vec<Line>,
}

impl Watched {
    /// These executions, each once.
    #[must_use]
    pub fn of(ids: &[i64]) -> Self {
        let mut watched = Self::default();
        ids.iter().for_each(|&id| watched.add(id));
        watched
    }

    /// One more, unless it is there.
    pub fn add(&mut self, id: i64) {
        if self.lines.iter().all(|line| line.id != id) {
            self.lines.push(Line::of(id));
        }
    }

    /// As [`until_ended`].
    ///
    /// # Errors
    /// As [`until_ended`].
    pub async fn until_ended(
        &mut self,
        client: &Client,
        talk: &Talk,
    ) -> Result<Vec<Execution>, CliError> {
        loop {
            let executions = self.look(client, talk).await?;
            if executions
                .iter()
                .all(|execution| execution.status.is_terminal())
            {
                return Ok(executions);
            }
            pause(EVERY).await;
        }
    }

    /// One look at those that had not ended at the last one, and at all others once.
    ///
    /// # Errors
    /// As [`until_ended`].
    pub async fn look(&mut self, client: &Client, talk: &Talk) -> Result<Vec<Execution>, CliError> {
        let mut executions = Vec::with_capacity(self.lines.len());
        for line in &mut self.lines {
            let execution = match line.ended.take() {
                Some(ended) => *ended,
                None => client.execution(line.id).await?,
            };
            line.update(client, &execution, talk).await?;
            line.ended = execution
                .status
                .is_terminal()
                .then(|| Box::new(execution.clone()));
            executions.push(execution);
        }
        Ok(executions)
    }

    /// Waits for one no longer.
    pub fn forget(&mut self, id: i64) {
        self.lines.retain(|line| line.id != id);
    }

    /// What Ctrl-C means now: the waiting is over, and what has not ended goes on.
    #[must_use]
    pub fn interrupted(&self) -> CommandError {
        self.lines.iter().for_each(Line::clear);
        let goes_on = |line: &&Line| !line.said.is_some_and(OperationStatus::is_terminal);
        let executions: Vec<i64> = self
            .lines
            .iter()
            .filter(goes_on)
            .map(|line| line.id)
            .collect();
        match executions.is_empty() {
            true => CommandError::Interrupted,
            false => CommandError::StoppedWaiting { executions },
        }
    }
}

/// What is on the screen about one execution.
#[derive(Debug)]
struct Line {
    id: i64,
    said: Option<OperationStatus>,
    bar: Option<ProgressBar>,
    /// As it ended: ended states are final, so nobody asks again.
    ended: Option<Box<Execution>>,
}

impl Drop for Line {
    /// Whatever ends the waiting, no line is left moving.
    fn drop(&mut self) {
        self.clear();
    }
}

impl Line {
    fn of(id: i64) -> Self {
        Self {
            id,
            said: None,
            bar: None,
            ended: None,
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    async fn update(
        &mut self,
        client: &Client,
        execution: &Execution,
        talk: &Talk,
    ) -> Result<(), CliError> {
        if self.said.replace(execution.status) != Some(execution.status) {
            let summary = execution_summary::summary(client, execution.execution_id).await?;
            let worker = summary.worker(execution);
            talk.say(&change_line(execution, worker.as_deref()));
        }
        if execution.status.is_terminal() {
            if let Some(bar) = self.bar.take() {
                bar.finish_and_clear();
            }
            return Ok(());
        }
        if self.bar.is_none() {
            self.bar = talk.spinner(&change_line(execution, None));
        }
        if let Some(bar) = &self.bar {
            bar.set_message(progress_text(client, execution).await?);
        }
        Ok(())
    }
}

fn change_line(execution: &Execution, worker: Option<&str>) -> String {
    let Execution {
        execution_id,
        package,
        ..
    } = execution;
    let status = execution.status.as_str();
    match worker {
        Some(worker) => {
            format!("execution {execution_id} ({package}): {status} on {worker}")
        }
        None => format!("execution {execution_id} ({package}): {status}"),
    }
}

/// What an execution does right now: the first line of its last event.
async fn progress_text(client: &Client, execution: &Execution) -> Result<String, CliError> {
    let query = ViewQuery {
        equals: by_id("operation_id", execution.execution_id),
        order_by: Some("event_message_id".to_owned()),
        descending: true,
        limit: Some(1),
        ..ViewQuery::default()
    };
    let found = client.view("event_messages", &query).await?;
    let message = found
        .iter()
        .next()
        .and_then(|row| row.text("message"))
        .unwrap_or("waiting for a worker");
    let first_line = message.lines().next().unwrap_or_default();
    Ok(format!(
        "execution {} ({}): {first_line}",
        execution.execution_id, execution.package
    ))
}

/// Waits between two looks.
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

#[cfg(test)]
mod tests {
    use scaleout_core::error::Explain;

    use super::*;

    #[test]
    fn ctrl_c_names_what_goes_on_and_how_to_watch_and_stop_it() {
        let mut watched = Watched::of(&[42, 43, 44, 42]);
        watched.lines[1].said = Some(OperationStatus::Succeeded);
        watched.lines[2].said = Some(OperationStatus::Running);
        let error = watched.interrupted();
        assert_eq!(error.to_string(), "interrupted; executions 42, 44 go on");
        assert_eq!(
            error.hint(),
            "`soctl executions watch 42 44` waits again; `soctl executions stop 42`, `soctl executions stop 44` end them"
        );
        let one = Watched::of(&[42]).interrupted();
        assert_eq!(one.to_string(), "interrupted; execution 42 goes on");
        assert_eq!(
            one.hint(),
            "`soctl executions watch 42` waits again; `soctl executions stop 42` ends it"
        );
    }

    #[test]
    fn ctrl_c_before_anything_has_started_leaves_nothing_behind() {
        assert!(matches!(
            Watched::default().interrupted(),
            CommandError::Interrupted
        ));
    }
}
