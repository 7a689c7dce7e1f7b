//! The open log providers of a run, each with its thread.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender};
use scaleout_core::package::LoggingOptions;

use super::choice::in_columns;
use super::entry::Entry;

/// Writes entries in one form to one place.
pub(super) trait Writer: Send {
    /// Writes one entry.
    fn write(&mut self, entry: &Entry) -> Result<(), String>;
}

/// A log that could not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFailure {
    /// Name of the log provider.
    pub provider: String,
    /// Why.
    pub reason: String,
}

/// The log providers of one run of one package.
#[derive(Default)]
pub struct Logs(OnceLock<Vec<Running>>);

/// A provider at work.
struct Running {
    id: String,
    name: String,
    jobs: Sender<Job>,
    /// Why it writes nothing more, until someone has asked.
    failure: Arc<Mutex<Option<String>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Job {
    Write(Box<Entry>),
    /// Everything before it is written, or lost.
    Tell(Sender<()>),
    End,
}

/// A provider that was opened: its id, its name, and what writes.
pub(super) struct Opened {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) writer: Box<dyn Writer>,
}

impl Logs {
    /// Takes the opened providers; each gets a thread. Gives those that got none.
    pub(super) fn start(&self, opened: Vec<Opened>) -> Vec<LogFailure> {
        let mut failures = Vec::new();
        let mut running = Vec::new();
        for one in opened {
            let name = one.name.clone();
            match Running::start(one) {
                Ok(started) => running.push(started),
                Err(error) => failures.push(LogFailure {
                    provider: name,
                    reason: error.to_string(),
                }),
            }
        }
        // A run opens its logs once.
        let _ = self.0.set(running);
        failures
    }

    /// Hands an entry to the providers that the options select.
    pub fn write(&self, options: &LoggingOptions, entry: Entry) {
        let Some(running) = self.0.get() else { return };
        let entry = in_columns(options, entry);
        for one in running {
            let selected = options.providers.iter();
            if selected
                .into_iter()
                .any(|id| id.eq_ignore_ascii_case(&one.id))
            {
                // A thread that has ended left a failure behind.
                let _ = one.jobs.send(Job::Write(Box::new(entry.clone())));
            }
        }
    }

    /// Waits until everything so far is written, and gives what could not be.
    #[must_use]
    pub fn settle(&self) -> Vec<LogFailure> {
        let running = self.0.get().into_iter().flatten();
        let running: Vec<&Running> = running.collect();
        let waits: Vec<Receiver<()>> = running.iter().map(|one| one.ask()).collect();
        for wait in waits {
            // An end of the thread answers as well.
            let _ = wait.recv();
        }
        running.iter().filter_map(|one| one.failure()).collect()
    }

    /// Writes what is left and closes everything; gives what could not be written.
    #[must_use]
    pub fn finish(&self) -> Vec<LogFailure> {
        let running: Vec<&Running> = self.0.get().into_iter().flatten().collect();
        for one in &running {
            let _ = one.jobs.send(Job::End);
        }
        for one in &running {
            let mut thread = one.thread.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(thread) = thread.take() {
                // A panic of the writer is told as the failure that it left.
                let _ = thread.join();
            }
        }
        running.iter().filter_map(|one| one.failure()).collect()
    }
}

impl Running {
    fn start(opened: Opened) -> std::io::Result<Self> {
        let Opened { id, name, writer } = opened;
        let (jobs, work) = crossbeam_channel::unbounded();
        let failure = Arc::new(Mutex::new(None));
        let thread = std::thread::Builder::new()
            .name(format!("log {name}"))
            .spawn({
                let failure = Arc::clone(&failure);
                move || serve(writer, &work, &failure)
            })?;
        Ok(Self {
            id,
            name,
            jobs,
            failure,
            thread: Mutex::new(Some(thread)),
        })
    }

    fn ask(&self) -> Receiver<()> {
        let (tell, told) = crossbeam_channel::bounded(1);
        let _ = self.jobs.send(Job::Tell(tell));
        told
    }

    fn failure(&self) -> Option<LogFailure> {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take().map(|reason| LogFailure {
            provider: self.name.clone(),
            reason,
        })
    }
}

/// Writes until the end; after a failure nothing more is written, and the failure is kept.
fn serve(mut writer: Box<dyn Writer>, work: &Receiver<Job>, failure: &Mutex<Option<String>>) {
    let mut has_failed = false;
    for job in work {
        match job {
            Job::Write(_) if has_failed => {}
            Job::Write(entry) => {
                if let Err(reason) = writer.write(&entry) {
                    has_failed = true;
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
                }
            }
            Job::Tell(tell) => drop(tell),
            Job::End => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;

    /// Takes so many entries, then refuses.
    struct Limited {
        left: usize,
        heard: Arc<Mutex<Vec<String>>>,
    }

    impl Writer for Limited {
        fn write(&mut self, entry: &Entry) -> Result<(), String> {
            self.left = self.left.checked_sub(1).ok_or("the disk is full")?;
            self.heard.lock().unwrap().push(entry.event.clone());
            Ok(())
        }
    }

    fn logs(left: usize) -> (Logs, Arc<Mutex<Vec<String>>>) {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let logs = Logs::default();
        let writer = Limited {
            left,
            heard: Arc::clone(&heard),
        };
        let opened = Opened {
            id: "{A}".to_owned(),
            name: "limited".to_owned(),
            writer: Box::new(writer),
        };
        assert_eq!(logs.start(vec![opened]), []);
        (logs, heard)
    }

    fn selecting(id: &str) -> LoggingOptions {
        LoggingOptions {
            providers: vec![id.to_owned()],
            ..LoggingOptions::default()
        }
    }

    #[test]
    fn what_is_selected_is_written_in_order_and_everything_is_there_at_the_end() {
        let (logs, heard) = logs(100);
        for number in 0..50 {
            logs.write(&selecting("{a}"), entry(&number.to_string(), ""));
            logs.write(&selecting("{B}"), entry("other", ""));
        }
        assert_eq!(logs.finish(), []);
        let expected: Vec<String> = (0..50).map(|number: i32| number.to_string()).collect();
        assert_eq!(*heard.lock().unwrap(), expected);
    }

    #[test]
    fn a_failure_is_told_once_and_ends_the_log_but_not_the_run() {
        let (logs, heard) = logs(1);
        for event in ["a", "b", "c"] {
            logs.write(&selecting("{A}"), entry(event, ""));
        }
        let failures = logs.settle();
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[0].reason, "the disk is full");
        logs.write(&selecting("{A}"), entry("d", ""));
        assert_eq!(logs.finish(), []);
        assert_eq!(*heard.lock().unwrap(), ["a"]);
    }
}
