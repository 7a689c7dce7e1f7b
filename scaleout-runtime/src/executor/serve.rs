//! The executor's loop: commands in, events out, one package at a time.

use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, Sender};
use scaleout_core::error::{Blame, ErrorBody};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::executor::{FromExecutor, RunPackage, ToExecutor};
use uuid::Uuid;

use super::children::{Answers, Link};
use super::output::{NumberedEvents, Output};
use super::ticker::{EVERY, Ticker};
use super::usage::Meter;
use crate::cancel::CancelToken;
use crate::children::ChildRunner;
use crate::events::EventSink;
use crate::job_caller::JobCaller;
use crate::services::Clock;
use crate::watch::Observer;

/// Version of the line protocol, as in [`FromExecutor::Ready`].
const LINE_PROTOCOL: u32 = 1;

/// What runs a package for the loop.
pub trait Runner {
    /// Runs one package to its end.
    ///
    /// # Errors
    /// Why it could not be run, where neither the package nor its values are the reason; nothing
    /// of it has run then.
    fn run(
        &mut self,
        request: &RunPackage,
        sink: Arc<dyn EventSink>,
        control: Control,
    ) -> Result<PackageResult, Box<ErrorBody>>;
}

/// What reaches a run from outside.
#[derive(Clone, Default)]
pub struct Control {
    /// Stops it.
    pub cancel: CancelToken,
    /// Looks at it.
    pub observer: Arc<Observer>,
    /// Runs its child packages elsewhere.
    pub children: Option<Arc<dyn ChildRunner>>,
    /// Starts and stops jobs of the catalog.
    pub jobs: Option<Arc<dyn JobCaller>>,
}

/// Serves a worker until its input ends or it says so.
///
/// # Errors
/// The output cannot be written, or the input holds a line that is no command.
pub fn serve_with(
    mut runner: impl Runner,
    clock: Arc<dyn Clock>,
    input: impl BufRead + Send + 'static,
    output: impl Write + Send + 'static,
) -> io::Result<()> {
    let output = Arc::new(Output::new(output));
    let state = Arc::new(State::default());
    let (commands, to_run) = crossbeam_channel::unbounded();
    // The reader blocks in `read` for as long as the worker lives: it cannot be joined.
    std::thread::Builder::new()
        .name("commands".to_owned())
        .spawn({
            let state = Arc::clone(&state);
            move || read_commands(input, &state, &commands)
        })?;
    output.send(&FromExecutor::Ready {
        version: LINE_PROTOCOL,
        pid: std::process::id(),
    })?;
    run_commands(&mut runner, &clock, &output, &state, &to_run)
}

/// What the reader and the loop share.
#[derive(Default)]
struct State {
    busy: AtomicBool,
    running: Mutex<Control>,
    answers: Mutex<Arc<Answers>>,
}

impl State {
    fn running(&self) -> MutexGuard<'_, Control> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        self.running().cancel.cancel();
    }

    /// Dumps what runs. It goes on meanwhile; commands wait.
    fn dump(&self, dump_id: Uuid) {
        let observer = Arc::clone(&self.running().observer);
        if self.busy.load(Ordering::Acquire) {
            observer.dump(dump_id, "asked for with `create_execution_dump`", None);
        }
    }

    /// The calls of the package that runs.
    fn answers(&self) -> Arc<Answers> {
        let answers = self.answers.lock();
        Arc::clone(&answers.unwrap_or_else(PoisonError::into_inner))
    }

    /// What controls a new run; `None` while one is under way.
    fn begin(&self) -> Option<Control> {
        if self.busy.swap(true, Ordering::AcqRel) {
            return None;
        }
        let control = Control::default();
        *self.running() = control.clone();
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        Some(control)
    }

    fn end(&self) {
        self.busy.store(false, Ordering::Release);
    }
}

enum Step {
    Run(Box<RunPackage>, Control),
    Leave(io::Result<()>),
}

fn read_commands(input: impl BufRead, state: &State, steps: &Sender<Step>) {
    for line in input.lines() {
        let step = match line.and_then(|line| parse(&line)) {
            Ok(Some(ToExecutor::Run(request))) => match state.begin() {
                Some(control) => Step::Run(request, control),
                None => Step::Leave(Err(refused("a package is still running"))),
            },
            Ok(Some(ToExecutor::Stop)) => {
                state.stop();
                continue;
            }
            Ok(Some(ToExecutor::Dump { dump_id })) => {
                state.dump(dump_id);
                continue;
            }
            Ok(Some(ToExecutor::ChildEnded(answer))) => {
                state.answers().give(*answer);
                continue;
            }
            Ok(Some(ToExecutor::JobCalled(answer))) => {
                state.answers().give_job(*answer);
                continue;
            }
            Ok(Some(ToExecutor::Exit)) => Step::Leave(Ok(())),
            Ok(Some(_)) => Step::Leave(Err(refused("the command is newer than this executor"))),
            Ok(None) => continue,
            Err(error) => Step::Leave(Err(error)),
        };
        let leaves = matches!(step, Step::Leave(_));
        if steps.send(step).is_err() || leaves {
            break;
        }
    }
    // Whatever ended the commands, nobody will stop this package later.
    state.stop();
}

fn parse(line: &str) -> io::Result<Option<ToExecutor>> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    serde_json::from_str(line).map(Some).map_err(|error| {
        // Only where and why: the line may carry sensitive values.
        refused(&format!(
            "line is no command: {:?} at column {}",
            error.classify(),
            error.column()
        ))
    })
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

fn run_commands<W: Write + Send + 'static>(
    runner: &mut impl Runner,
    clock: &Arc<dyn Clock>,
    output: &Arc<Output<W>>,
    state: &State,
    steps: &Receiver<Step>,
) -> io::Result<()> {
    let ticker = Ticker::start(output, EVERY)?;
    for step in steps {
        let (request, mut control) = match step {
            Step::Run(request, control) => (request, control),
            Step::Leave(how) => return how,
        };
        let link = Arc::new(Link {
            output: Arc::clone(output),
            answers: state.answers(),
        });
        control.children = Some(Arc::clone(&link) as _);
        control.jobs = Some(link);
        let events = NumberedEvents::new(Arc::clone(output), Arc::clone(clock), control.clone());
        let sink: Arc<dyn EventSink> = Arc::new(events);
        ticker.begin(control.observer.counters());
        let meter = Meter::start();
        let ran = catch_unwind(AssertUnwindSafe(|| runner.run(&request, sink, control)));
        ticker.end();
        let (result, error) = match ran {
            Ok(Ok(result)) => (result, None),
            Ok(Err(error)) => (PackageResult::Failure, Some(*error)),
            Err(_panic) => (PackageResult::Failure, Some(crashed(&request))),
        };
        let usage = meter.end();
        // Idle before saying so: the worker may send the next package at once.
        state.end();
        output.send(&FromExecutor::Finished {
            result,
            error,
            usage,
        })?;
    }
    Ok(())
}

fn crashed(request: &RunPackage) -> ErrorBody {
    ErrorBody {
        code: "SO4002".to_owned(),
        message: format!(
            "the executor crashed while it ran package `{}`",
            request.task.package_name
        ),
        hint: Some("look at the worker's log, and report it: this is a defect".to_owned()),
        blame: Blame::Server,
        number: None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use scaleout_core::model::LoggingLevel;
    use scaleout_core::protocol::child::{
        ChildAnswer, ChildCall, ChildEnd, ChildOutcome, ChildPackage,
    };
    use scaleout_core::protocol::event::{EventBody, OutputNote};
    use scaleout_core::protocol::task::TaskDescription;

    use super::*;
    use crate::data_flow::testing::services::StoppedClock;

    /// Does what the package's name says.
    struct Scripted;

    impl Runner for Scripted {
        fn run(
            &mut self,
            request: &RunPackage,
            sink: Arc<dyn EventSink>,
            control: Control,
        ) -> Result<PackageResult, Box<ErrorBody>> {
            let cancel = control.cancel;
            let note = |target: &str| {
                EventBody::Output(OutputNote {
                    component: "c".to_owned(),
                    target: target.to_owned(),
                })
            };
            match request.task.package_name.as_str() {
                "talks" => {
                    sink.emit(note("a"));
                    sink.emit(note("b"));
                    Ok(PackageResult::Success)
                }
                "waits" => {
                    sink.emit(note("started"));
                    while !cancel.is_canceled() {
                        std::thread::yield_now();
                    }
                    Ok(PackageResult::Canceled)
                }
                "calls" => {
                    let children = control.children.unwrap();
                    let path = r"\Package\Run";
                    let child = ChildPackage {
                        path: path.to_owned(),
                        occurrence: children.occurrence(path),
                        package_name: "child".to_owned(),
                        parameters: Vec::new(),
                        variables: Vec::new(),
                    };
                    match children.run(child, &cancel) {
                        Ok(ChildOutcome::Ended(end)) => Ok(end.result),
                        Ok(_) => Ok(PackageResult::Failure),
                        Err(_canceled) => Ok(PackageResult::Canceled),
                    }
                }
                "crashes" => panic!("as asked"),
                _ => Err(Box::new(crashed(request))),
            }
        }
    }

    fn run(package: &str) -> String {
        let request = RunPackage {
            task: TaskDescription {
                execution_id: 1,
                attempt: 1,
                folder_name: "f".to_owned(),
                project_name: "p".to_owned(),
                package_name: package.to_owned(),
                project_hash: String::new(),
                project_parameters: Vec::new(),
                package_parameters: Vec::new(),
                property_overrides: Vec::new(),
                logging_level: LoggingLevel::Basic,
                caller_name: "me".to_owned(),
                ..TaskDescription::default()
            },
            project_file: "p.ispac".into(),
            settings: Default::default(),
        };
        serde_json::to_string(&ToExecutor::Run(Box::new(request))).unwrap()
    }

    /// A conversation over real pipes: the test is the worker.
    struct Conversation {
        to: Option<io::PipeWriter>,
        from: io::Lines<BufReader<io::PipeReader>>,
        served: std::thread::JoinHandle<io::Result<()>>,
    }

    impl Conversation {
        fn start() -> Self {
            let (input, to) = io::pipe().unwrap();
            let (from, output) = io::pipe().unwrap();
            let served = std::thread::spawn(|| {
                serve_with(
                    Scripted,
                    Arc::new(StoppedClock),
                    BufReader::new(input),
                    output,
                )
            });
            let from = BufReader::new(from).lines();
            let mut started = Self {
                to: Some(to),
                from,
                served,
            };
            assert!(matches!(
                started.hear(),
                FromExecutor::Ready { version: 1, .. }
            ));
            started
        }

        fn say(&mut self, line: &str) {
            writeln!(self.to.as_mut().unwrap(), "{line}").unwrap();
        }

        fn hear(&mut self) -> FromExecutor {
            serde_json::from_str(&self.from.next().unwrap().unwrap()).unwrap()
        }

        fn hear_sequence(&mut self) -> u64 {
            match self.hear() {
                FromExecutor::Event(event) => event.sequence,
                other => panic!("an event was expected: {other:?}"),
            }
        }

        fn hear_end(&mut self) -> (PackageResult, Option<String>) {
            match self.hear() {
                FromExecutor::Finished {
                    result,
                    error,
                    usage,
                } => {
                    assert!(usage.is_some(), "what it used is measured");
                    (result, error.map(|error| error.code))
                }
                other => panic!("the end was expected: {other:?}"),
            }
        }

        fn leave(mut self) -> io::Result<()> {
            self.to = None;
            self.served.join().unwrap()
        }
    }

    #[test]
    fn events_are_numbered_from_one_in_every_run() {
        let mut worker = Conversation::start();
        for _ in 0..2 {
            worker.say(&run("talks"));
            assert_eq!(worker.hear_sequence(), 1);
            assert_eq!(worker.hear_sequence(), 2);
            assert_eq!(worker.hear_end(), (PackageResult::Success, None));
        }
        worker.leave().unwrap();
    }

    #[test]
    fn stop_reaches_the_running_package_and_the_executor_stays() {
        let mut worker = Conversation::start();
        worker.say(&run("waits"));
        worker.hear_sequence();
        worker.say(r#"{"type":"stop"}"#);
        assert_eq!(worker.hear_end(), (PackageResult::Canceled, None));

        worker.say(&run("talks"));
        worker.hear_sequence();
        worker.leave().unwrap();
    }

    fn hear_call(worker: &mut Conversation) -> ChildCall {
        match worker.hear() {
            FromExecutor::RunChild(call) => *call,
            other => panic!("a call was expected: {other:?}"),
        }
    }

    #[test]
    fn a_child_is_asked_for_and_its_answer_finds_the_package_that_waits() {
        let mut worker = Conversation::start();
        worker.say(&run("calls"));
        let call = hear_call(&mut worker);
        assert_eq!(call.child.occurrence, 1);
        let answer = |call: u64| {
            let outcome = ChildOutcome::Ended(ChildEnd {
                execution_id: 43,
                result: PackageResult::Success,
                worker: "w".to_owned(),
                rows: 0,
                errors: Vec::new(),
                more_errors: 0,
            });
            let answer = ChildAnswer { call, outcome };
            serde_json::to_string(&ToExecutor::ChildEnded(Box::new(answer))).unwrap()
        };
        // One that nobody waits for changes nothing.
        worker.say(&answer(call.call + 1));
        worker.say(&answer(call.call));
        assert_eq!(worker.hear_end(), (PackageResult::Success, None));

        worker.say(&run("calls"));
        let call = hear_call(&mut worker);
        assert_eq!((call.call, call.child.occurrence), (1, 1));
        worker.say(r#"{"type":"stop"}"#);
        assert_eq!(worker.hear_end(), (PackageResult::Canceled, None));
        worker.leave().unwrap();
    }

    #[test]
    fn a_stop_while_idle_does_not_stop_the_next_package() {
        let mut worker = Conversation::start();
        worker.say(r#"{"type":"stop"}"#);
        worker.say(&run("talks"));
        worker.hear_sequence();
        worker.hear_sequence();
        assert_eq!(worker.hear_end(), (PackageResult::Success, None));
    }

    #[test]
    fn the_end_of_input_stops_the_package_and_the_executor() {
        let mut worker = Conversation::start();
        worker.say(&run("waits"));
        worker.hear_sequence();
        worker.to = None;
        assert_eq!(worker.hear_end(), (PackageResult::Canceled, None));
        worker.leave().unwrap();
    }

    #[test]
    fn exit_leaves() {
        let mut worker = Conversation::start();
        worker.say(r#"{"type":"exit"}"#);
        worker.served.join().unwrap().unwrap();
    }

    #[test]
    fn a_line_that_is_no_command_ends_the_executor_without_repeating_the_line() {
        let mut worker = Conversation::start();
        worker.say("secret!");
        let error = worker.served.join().unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn a_package_that_cannot_be_loaded_or_crashes_is_finished_with_an_error() {
        let mut worker = Conversation::start();
        for package in ["crashes", "unknown"] {
            worker.say(&run(package));
            let (result, code) = worker.hear_end();
            assert_eq!(result, PackageResult::Failure);
            assert_eq!(code.as_deref(), Some("SO4002"));
        }
        worker.leave().unwrap();
    }

    #[test]
    fn a_second_package_while_one_runs_is_refused() {
        let mut worker = Conversation::start();
        worker.say(&run("waits"));
        worker.hear_sequence();
        worker.say(&run("talks"));
        worker.hear_end();
        let error = worker.served.join().unwrap().unwrap_err();
        assert!(error.to_string().contains("still running"), "{error}");
    }
}
