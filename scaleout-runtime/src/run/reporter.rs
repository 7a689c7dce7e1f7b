//! How an executable speaks: events become messages, errors are counted, handlers run.

use std::sync::{Arc, PoisonError};

use scaleout_core::protocol::event::{
    ComponentPhase, DataStatistics, EventBody, EventMessage, ExecutableStatistics, OutputNote,
};

use super::messages::{self, Said};
use super::runtime::Runtime;
use crate::control_flow::executable;
use crate::control_flow::frame::{Frame, Place};
use crate::control_flow::node::Handler;
use crate::control_flow::outcome::Outcome;
use crate::events::{Events, Message, Severity};
use crate::log_providers::{self, LogFailure};
use crate::logging_level;
use crate::services::Variables;
use crate::transactions::Link;
use crate::value::Value;
use crate::variables::{Cell, Scope, typed};
use crate::watch::{DataFlowWatch, context};

/// `DTS_E_LOGPROVIDERFAILED`
const LOG_PROVIDER_FAILED: u32 = 0xC001_4010;

/// The voice of one executable at one place.
#[derive(Clone)]
pub struct Reporter {
    runtime: Arc<Runtime>,
    frame: Arc<Frame>,
    place: Place,
}

/// An event on its way up through the containers.
struct Raised<'a> {
    event_name: &'a str,
    is_error: bool,
    code: i32,
    description: &'a str,
    percent: u8,
    /// The variable that has changed.
    variable: Option<&'a Cell>,
}

impl Raised<'_> {
    /// An event that says nothing but its name.
    fn plain(event_name: &str) -> Raised<'_> {
        Raised {
            event_name,
            is_error: false,
            code: 0,
            description: "",
            percent: 0,
            variable: None,
        }
    }
}

impl Reporter {
    /// The voice of `frame` while it is at `place`.
    #[must_use]
    pub fn new(runtime: &Arc<Runtime>, frame: &Arc<Frame>, place: &Place) -> Self {
        Self {
            runtime: Arc::clone(runtime),
            frame: Arc::clone(frame),
            place: place.clone(),
        }
    }

    /// Says what the control flow has to say.
    pub fn say(&self, said: &Said) {
        self.say_with(said, 0);
    }

    fn say_with(&self, said: &Said, log_code: i32) {
        let text = format!("{}:{}", self.frame.name, said.text);
        self.log(said.event_name, log_code, said.log_text());
        self.emit_message(said.event_name, said.message_type, Message::new(0, text));
        self.bubble(&Raised {
            description: &said.text,
            ..Raised::plain(said.event_name)
        });
    }

    /// Says that a variable of this container has another value.
    pub fn variable_changed(&self, cell: &Cell) {
        let said = messages::variable_changed(&cell.full_name());
        let text = format!("{}:{}", self.frame.name, said.text);
        self.log(said.event_name, 0, &said.text);
        self.emit_message(said.event_name, said.message_type, Message::new(0, text));
        self.bubble(&Raised {
            description: &said.text,
            variable: Some(cell),
            ..Raised::plain(said.event_name)
        });
    }

    /// Says that the package begins.
    pub fn package_starts(&self) {
        self.say(&messages::package_start());
        let most = self.runtime.slots.places();
        let text = format!("At most {most} executables of the package run at the same time.");
        self.custom("Diagnostic", &text);
    }

    /// Says that the package has ended, and how.
    pub fn package_ends(&self, outcome: Outcome) {
        self.say_with(&messages::package_end(), outcome.number().into());
    }

    /// Log providers that write nothing, or nothing more: an error of the package for each.
    pub fn logs_failed(&self, failures: Vec<LogFailure>) {
        for LogFailure { provider, reason } in failures {
            let text = format!("log provider `{provider}` failed: {reason}");
            self.raise(Severity::Error, Message::new(LOG_PROVIDER_FAILED, text));
        }
    }

    /// Records one run of the executable.
    pub fn ended(&self, statistics: ExecutableStatistics) {
        self.emit(EventBody::ExecutableEnded(statistics));
    }

    /// The name of a data flow component by its path, if it is one of this executable.
    #[must_use]
    pub fn part_of(&self, path: &str) -> Option<String> {
        let inside = path.strip_prefix(&self.frame.package_path)?;
        inside.strip_prefix('\\').map(str::to_owned)
    }

    /// An `ExecutableStatistics` of this executable, for the caller to complete.
    #[must_use]
    pub fn statistics(&self, times: (jiff::Timestamp, jiff::Timestamp)) -> ExecutableStatistics {
        ExecutableStatistics {
            executable_name: self.frame.name.clone(),
            executable_guid: self.frame.id.clone(),
            package_name: self.runtime.package_name.clone(),
            package_path: self.frame.package_path.clone(),
            execution_path: self.place.execution_path.clone(),
            start_time: times.0,
            end_time: times.1,
            execution_result: 0,
            execution_value: None,
        }
    }

    fn emit(&self, body: EventBody) {
        if logging_level::is_wanted(&self.runtime.task, &body) {
            self.runtime.host.sink.emit(body);
        }
    }

    fn emit_message(&self, event_name: &str, message_type: i16, message: Message) {
        let context = match logging_level::wants_context(&self.runtime.task, event_name) {
            true => context::of(&self.runtime, &self.frame),
            false => Vec::new(),
        };
        self.emit(EventBody::Message(EventMessage {
            event_name: event_name.to_owned(),
            message_type,
            source_type: self.frame.source_type,
            message: message.text,
            package_name: self.runtime.package_name.clone(),
            source_name: self.frame.name.clone(),
            source_id: self.frame.id.clone(),
            subcomponent_name: message.subcomponent,
            package_path: self.frame.package_path.clone(),
            execution_path: self.place.execution_path.clone(),
            message_code: message.code.cast_signed(),
            row: message.row,
            column: message.column,
            part: None,
            context,
        }));
    }

    /// Hands an event to the log providers that want it of this executable.
    fn log(&self, event: &str, code: i32, text: &str) {
        let mut runtime = &self.runtime;
        let mut at = &self.frame;
        // Whose options count: the first executable upward that has some, through parent packages.
        let options = loop {
            match at.logging.as_ref().map_or(0, |options| options.mode) {
                1 => break at.logging.as_ref(),
                2 => break None,
                _ => {}
            }
            (runtime, at) = match (&at.outer, &runtime.caller) {
                (Some(outer), _) => (runtime, outer),
                (None, Some(caller)) => (&caller.runtime, &caller.frame),
                (None, None) => break None,
            };
        };
        let Some(options) = options.filter(|options| log_providers::wanted(options, event)) else {
            return;
        };
        let host = &self.runtime.host;
        let now = host.clock.now();
        let execution_id = host.instance_id.braced().to_string().to_uppercase();
        let entry = log_providers::Entry {
            event: event.to_owned(),
            computer: host.machine_name.clone(),
            operator: host.user_name.clone(),
            source: self.frame.name.clone(),
            source_id: self.frame.id.clone(),
            execution_id,
            start: now,
            end: now,
            code,
            message: host.sink.masked(text.to_owned()),
        };
        runtime.logs.write(options, entry);
    }

    /// Takes an event from the raiser up to the outermost package: handlers run and errors
    /// count at each level, until a handler sets `System::Propagate` to False.
    fn bubble(&self, raised: &Raised<'_>) {
        let mut runtime = Arc::clone(&self.runtime);
        let mut at = Arc::clone(&self.frame);
        loop {
            let handler = runtime.plan.handler(&at.package_path, raised.event_name);
            let goes_on = handler.is_none_or(|handler| self.handle(&runtime, handler, raised));
            if raised.is_error {
                at.count_error();
            }
            if !goes_on {
                return;
            }
            let (next_runtime, next) = match (&at.outer, &runtime.caller) {
                (Some(outer), _) => (Arc::clone(&runtime), Arc::clone(outer)),
                (None, Some(caller)) => (Arc::clone(&caller.runtime), Arc::clone(&caller.frame)),
                (None, None) => return,
            };
            (runtime, at) = (next_runtime, next);
        }
    }

    /// Runs a handler; says whether the event goes on.
    fn handle(&self, runtime: &Arc<Runtime>, handler: &Handler, raised: &Raised<'_>) -> bool {
        let frame = &handler.node.frame;
        if self.place.is_inside(&frame.package_path) {
            return true;
        }
        // Handlers inside handlers already run under this lock.
        let lock = self.place.inside.is_none().then(|| &runtime.handlers);
        let _one_at_a_time = lock.map(|lock| lock.lock().unwrap_or_else(PoisonError::into_inner));
        self.describe(&handler.node.scope, raised);
        let at = format!(
            "{}.EventHandlers[{}]",
            self.place.execution_path, raised.event_name
        );
        let mut place = self.place.handler(&frame.package_path, at);
        let owner = frame.outer.as_ref();
        let owner = owner.map_or(&frame.package_path, |owner| &owner.package_path);
        place.transactions = Link::at(place.transactions.as_ref(), owner, runtime.depth());
        executable::run(runtime, &handler.node, &place);
        let propagate = handler.node.scope.get("System::Propagate");
        !matches!(propagate.map(|value| value.value), Ok(Value::Bool(false)))
    }

    /// Gives a handler's system variables the values of this event.
    fn describe(&self, scope: &Scope, raised: &Raised<'_>) {
        let outer = self.frame.outer.as_ref();
        let parent_id = outer.map_or("", |outer| outer.id.as_str());
        let now = typed::moment(self.runtime.host.clock.now());
        scope.set_system("SourceName", typed::text(&self.frame.name));
        scope.set_system("SourceID", typed::text(&self.frame.id));
        scope.set_system("SourceDescription", typed::text(&self.frame.description));
        scope.set_system("SourceParentGUID", typed::text(parent_id));
        scope.set_system("ErrorCode", typed::integer(raised.code));
        scope.set_system("ErrorDescription", typed::text(raised.description));
        scope.set_system("ProgressDescription", typed::text(raised.description));
        scope.set_system("PercentComplete", typed::integer(raised.percent.into()));
        scope.set_system("EventHandlerStartTime", now);
        scope.set_system("Cancel", typed::boolean(false));
        if let Some(cell) = raised.variable {
            let value = typed::shown(&cell.stored()).unwrap_or_default();
            scope.set_system("VariableID", typed::text(&cell.id));
            scope.set_system("VariableName", typed::text(&cell.name));
            scope.set_system("VariableDescription", typed::text(&cell.description));
            scope.set_system("VariableValue", typed::text(&value));
        }
    }
}

impl Events for Reporter {
    fn raise(&self, severity: Severity, message: Message) {
        let (event_name, message_type, word) = match severity {
            Severity::Error => ("OnError", 120, "Error"),
            Severity::Warning => ("OnWarning", 110, "Warning"),
            Severity::Information => ("OnInformation", 70, "Information"),
        };
        let description = message.text.clone();
        let code = message.code.cast_signed();
        let text = format!("{}:{word}: {description}", self.frame.name);
        self.log(event_name, code, &description);
        self.emit_message(event_name, message_type, Message { text, ..message });
        let is_error = severity == Severity::Error;
        let observer = &self.runtime.host.observer;
        observer.alarm(
            &self.runtime.task,
            is_error,
            code.cast_unsigned(),
            &description,
        );
        self.bubble(&Raised {
            is_error: severity == Severity::Error,
            code,
            description: &description,
            ..Raised::plain(event_name)
        });
    }

    fn progress(&self, percent: u8, description: &str, subcomponent: Option<&str>) {
        let said = messages::progress(percent, description);
        self.log(said.event_name, percent.into(), description);
        let text = format!("{}:{}", self.frame.name, said.text);
        let message = Message {
            subcomponent: subcomponent.map(str::to_owned),
            ..Message::new(0, text)
        };
        self.emit_message(said.event_name, said.message_type, message);
        self.bubble(&Raised {
            description,
            percent,
            ..Raised::plain(said.event_name)
        });
    }

    fn data_statistics(&self, mut statistics: DataStatistics) {
        statistics
            .package_name
            .clone_from(&self.runtime.package_name);
        statistics.task_name.clone_from(&self.frame.name);
        let path = &self.place.execution_path;
        statistics.execution_path.clone_from(path);
        self.emit(EventBody::DataStatistics(statistics));
    }

    fn component_phase(&self, mut phase: ComponentPhase) {
        phase.package_name.clone_from(&self.runtime.package_name);
        phase.task_name.clone_from(&self.frame.name);
        phase.execution_path.clone_from(&self.place.execution_path);
        self.emit(EventBody::ComponentPhase(phase));
    }

    fn data_flow_watch(&self) -> DataFlowWatch {
        DataFlowWatch::of(
            &self.runtime.task,
            &self.runtime.settings,
            self.runtime.host.observer.counters(),
            &self.frame,
            &self.place,
        )
    }

    fn output(&self, note: OutputNote) {
        self.emit(EventBody::Output(note));
    }

    fn custom(&self, event_name: &str, text: &str) {
        self.log(event_name, 0, text);
        let text = format!("{}:{text}", self.frame.name);
        let diagnostic = [
            ("Diagnostic", 90),
            ("DiagnosticEx", 140),
            ("NonDiagnostic", 400),
        ];
        let known = diagnostic.iter().find(|(name, _)| *name == event_name);
        let message_type = known.map_or(200, |(_, message_type)| *message_type);
        self.emit_message(event_name, message_type, Message::new(0, text));
    }
}
