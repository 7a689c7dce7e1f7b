//! How a running package speaks.

use scaleout_core::protocol::event::{ComponentPhase, DataStatistics, EventBody, OutputNote};

use crate::watch::DataFlowWatch;

/// Receives everything a package says, in order. The executor numbers and ships it.
pub trait EventSink: Send + Sync {
    /// Takes one event. Called from several threads; must not block for long.
    fn emit(&self, body: EventBody);

    /// A value that must never be shown, found while the package's values were settled.
    fn hide(&self, _secret: &str) {}

    /// The text as it may leave the process by another way than this sink, such as a log file.
    fn masked(&self, text: String) -> String {
        text
    }
}

/// How bad a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// OnError: counts towards `MaximumErrorCount`.
    Error,
    /// OnWarning
    Warning,
    /// OnInformation
    Information,
}

/// Something to say as soon as the package can speak: found while its values were settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// How bad.
    pub severity: Severity,
    /// Ours (`SO4040`) or SSIS's (`0x80012014`).
    pub code: &'static str,
    /// What, why, and what would help.
    pub text: String,
}

impl Remark {
    /// One that stops the package.
    pub fn error(code: &'static str, text: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, text)
    }

    /// One that does not.
    pub fn warning(code: &'static str, text: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, text)
    }

    /// One that only tells.
    pub fn information(code: &'static str, text: impl Into<String>) -> Self {
        Self::new(Severity::Information, code, text)
    }

    /// Whether it is more than information.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.severity != Severity::Information
    }

    /// Whether it is a warning.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.severity == Severity::Warning
    }

    fn new(severity: Severity, code: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            severity,
            code,
            text,
        }
    }
}

/// One message of a task or component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// SSIS code such as `0xC0047022`; our own messages without a twin use 0.
    pub code: u32,
    /// Data flow component, or `SSIS.Pipeline`.
    pub subcomponent: Option<String>,
    /// What happened, where, what to do next. Never holds a secret.
    pub text: String,
    /// Row of the input, from 1.
    pub row: Option<u64>,
    /// Column.
    pub column: Option<String>,
}

impl Message {
    /// A message without component, row or column.
    pub fn new(code: u32, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            ..Self::default()
        }
    }
}

/// What one task or component uses to report: its source is already known.
pub trait Events: Send + Sync {
    /// Raises OnError, OnWarning or OnInformation.
    fn raise(&self, severity: Severity, message: Message);

    /// Raises OnProgress.
    fn progress(&self, percent: u8, description: &str, subcomponent: Option<&str>);

    /// Records rows over a path (package, task and execution path are filled in by the receiver).
    fn data_statistics(&self, statistics: DataStatistics);

    /// Records time in a component phase (likewise).
    fn component_phase(&self, phase: ComponentPhase);

    /// Who looks at the data flow that speaks: data taps and counters; nobody unless someone does.
    fn data_flow_watch(&self) -> DataFlowWatch {
        DataFlowWatch::default()
    }

    /// Records where output went.
    fn output(&self, note: OutputNote);

    /// A custom event of a task, such as `ExecuteSQLExecutingQuery` or `DiagnosticEx`.
    fn custom(&self, event_name: &str, text: &str);
}
