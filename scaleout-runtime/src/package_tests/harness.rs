//! Writes small packages as text, runs them, and tells what happened.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use scaleout_core::package::dtsx;
use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::protocol::event::{
    EventBody, EventMessage, ExecutableStatistics, PackageResult,
};
use scaleout_core::protocol::executor::RuntimeSettings;
use scaleout_core::protocol::task::TaskDescription;
use uuid::Uuid;

use crate::cancel::CancelToken;
use crate::events::EventSink;
use crate::executor::{design_values, run_local};
use crate::run::{Host, StartError};
use crate::services::Clock;

/// Keeps all events.
#[derive(Default)]
pub(super) struct Recorder(Mutex<Vec<EventBody>>);

impl Recorder {
    /// What was said so far.
    pub(super) fn take(&self) -> Vec<EventBody> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl EventSink for Recorder {
    fn emit(&self, body: EventBody) {
        self.0.lock().unwrap().push(body);
    }
}

/// Every look at it is a second later.
#[derive(Debug, Default)]
pub(super) struct Ticking(Mutex<i64>);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let mut seconds = self.0.lock().unwrap();
        *seconds += 1;
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(*seconds)
    }
}

/// Does something when an event of a name comes, then keeps it.
struct Trap<F> {
    event_name: &'static str,
    does: F,
    to: Arc<Recorder>,
}

impl<F: Fn() + Send + Sync> EventSink for Trap<F> {
    fn emit(&self, body: EventBody) {
        if let EventBody::Message(message) = &body
            && message.event_name == self.event_name
        {
            (self.does)();
        }
        self.to.emit(body);
    }
}

pub(super) fn host(sink: Arc<dyn EventSink>, cancel: CancelToken) -> Host {
    Host {
        sink,
        clock: Arc::new(Ticking::default()),
        cancel,
        instance_id: Uuid::nil(),
        machine_name: "machine".to_owned(),
        user_name: "user".to_owned(),
        environment: Arc::default(),
        syslog: "/nowhere/log".into(),
        children: None,
        jobs: None,
        observer: Arc::default(),
        processors: 2,
    }
}

/// What a run left behind.
pub(super) struct Ran {
    pub(super) result: PackageResult,
    pub(super) events: Vec<EventBody>,
}

impl Ran {
    fn messages(&self) -> impl Iterator<Item = &EventMessage> {
        self.events.iter().filter_map(|event| match event {
            EventBody::Message(message) => Some(message),
            _ => None,
        })
    }

    fn statistics(&self) -> impl Iterator<Item = &ExecutableStatistics> {
        self.events.iter().filter_map(|event| match event {
            EventBody::ExecutableEnded(statistics) => Some(statistics),
            _ => None,
        })
    }

    /// Names of the tasks that ended, in order, without containers.
    pub(super) fn tasks(&self) -> Vec<&str> {
        let is_task = |name: &&str| name.starts_with(|first: char| first.is_lowercase());
        let names = self.statistics().map(|one| one.executable_name.as_str());
        names.filter(is_task).collect()
    }

    /// The same for tasks that run at the same time.
    pub(super) fn tasks_sorted(&self) -> Vec<&str> {
        let mut names = self.tasks();
        names.sort_unstable();
        names
    }

    /// Execution paths of the tasks that ended.
    pub(super) fn execution_paths(&self, name: &str) -> Vec<&str> {
        let own = self.statistics().filter(|one| one.executable_name == name);
        own.map(|one| one.execution_path.as_str()).collect()
    }

    /// `execution_result` of the last run of an executable.
    pub(super) fn result_of(&self, name: &str) -> Option<i16> {
        let own = self.statistics().filter(|one| one.executable_name == name);
        own.last().map(|one| one.execution_result)
    }

    /// `execution_value` of the last run of an executable.
    pub(super) fn value_of(&self, name: &str) -> Option<&str> {
        let own = self.statistics().filter(|one| one.executable_name == name);
        own.last()?.execution_value.as_deref()
    }

    /// Texts of the events of a name.
    pub(super) fn said(&self, event_name: &str) -> Vec<&str> {
        let own = self.messages().filter(|one| one.event_name == event_name);
        own.map(|one| one.message.as_str()).collect()
    }

    /// The one error, and that there is one only.
    pub(super) fn error(&self) -> &EventMessage {
        let errors: Vec<&EventMessage> = self
            .messages()
            .filter(|one| one.event_name == "OnError")
            .collect();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        errors[0]
    }

    /// `event source path` of every message: the shape of a run.
    pub(super) fn stream(&self) -> Vec<String> {
        self.messages()
            .map(|one| format!("{} {}", one.event_name, one.execution_path))
            .collect()
    }
}

/// A package made of text pieces.
#[derive(Clone, Default)]
pub(super) struct Dtsx {
    attributes: String,
    collections: String,
    variables: String,
    parameters: String,
    executables: String,
    constraints: String,
    handlers: String,
}

impl Dtsx {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn attributes(mut self, attributes: &str) -> Self {
        self.attributes = attributes.to_owned();
        self
    }

    pub(super) fn with(mut self, executable: &str) -> Self {
        self.executables += executable;
        self
    }

    pub(super) fn collections(mut self, xml: &str) -> Self {
        self.collections += xml;
        self
    }

    pub(super) fn int(self, name: &str, value: i32) -> Self {
        self.variable(name, 3, &value.to_string(), "")
    }

    pub(super) fn string(self, name: &str, value: &str) -> Self {
        self.variable(name, 8, value, "")
    }

    pub(super) fn variable(mut self, name: &str, kind: u8, value: &str, more: &str) -> Self {
        self.variables += &variable(name, kind, value, more);
        self
    }

    pub(super) fn parameter(mut self, name: &str, kind: u8, value: &str, more: &str) -> Self {
        self.parameters += &format!(
            r#"<DTS:PackageParameter DTS:ObjectName="{name}" DTS:DataType="{kind}" {more}>
               <DTS:Property DTS:DataType="{kind}" DTS:Name="ParameterValue">{value}</DTS:Property>
               </DTS:PackageParameter>"#
        );
        self
    }

    pub(super) fn after(mut self, from: &str, to: &str, more: &str) -> Self {
        self.constraints += &constraint("Package", from, to, more);
        self
    }

    pub(super) fn handler(mut self, event: &str, propagate: bool, executables: &str) -> Self {
        self.handlers += &handler("Package", event, propagate, executables);
        self
    }

    pub(super) fn handlers(mut self, xml: &str) -> Self {
        self.handlers += xml;
        self
    }

    pub(super) fn text(&self) -> String {
        format!(
            r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package"
                 DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package"
                 DTS:ObjectName="Pack" DTS:DTSID="{{00000000-0000-0000-0000-000000000001}}"
                 DTS:LocaleID="1033" {}>
               <DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
               {}<DTS:PackageParameters>{}</DTS:PackageParameters>
               <DTS:Variables>{}</DTS:Variables>
               <DTS:Executables>{}</DTS:Executables>
               <DTS:PrecedenceConstraints>{}</DTS:PrecedenceConstraints>
               <DTS:EventHandlers>{}</DTS:EventHandlers></DTS:Executable>"#,
            self.attributes,
            self.collections,
            self.parameters,
            self.variables,
            self.executables,
            self.constraints,
            self.handlers
        )
    }

    pub(super) fn project(&self) -> Arc<Project> {
        project(&[("p.dtsx", self.text())])
    }

    pub(super) fn run(&self) -> Ran {
        self.run_with(|_| {})
    }

    pub(super) fn run_with(&self, change: impl FnOnce(&mut TaskDescription)) -> Ran {
        self.try_run(change).unwrap()
    }

    pub(super) fn try_run(
        &self,
        change: impl FnOnce(&mut TaskDescription),
    ) -> Result<Ran, StartError> {
        run_project(&self.project(), RuntimeSettings::default(), change)
    }
}

pub(super) fn run_project(
    project: &Arc<Project>,
    settings: RuntimeSettings,
    change: impl FnOnce(&mut TaskDescription),
) -> Result<Ran, StartError> {
    let recorder = Arc::new(Recorder::default());
    let host = host(Arc::clone(&recorder) as _, CancelToken::new());
    let mut task = design_values("project", "p.dtsx");
    change(&mut task);
    let result = run_local(project, task, settings, host)?;
    let events = recorder.take();
    Ok(Ran { result, events })
}

/// Runs a package and stops it when the first event of a name comes.
pub(super) fn run_stopped_at(dtsx: &Dtsx, event_name: &'static str) -> Ran {
    let cancel = CancelToken::new();
    let stop = cancel.clone();
    run_trapped(dtsx, event_name, cancel, move || stop.cancel())
}

/// Runs a package and panics in whatever raises an event of a name.
pub(super) fn run_crashing_at(dtsx: &Dtsx, event_name: &'static str) -> Ran {
    run_trapped(dtsx, event_name, CancelToken::new(), || panic!("as asked"))
}

fn run_trapped(
    dtsx: &Dtsx,
    event_name: &'static str,
    cancel: CancelToken,
    does: impl Fn() + Send + Sync + 'static,
) -> Ran {
    let recorder = Arc::new(Recorder::default());
    let trap = Trap {
        event_name,
        does,
        to: Arc::clone(&recorder),
    };
    let task = TaskDescription {
        logging_level: scaleout_core::model::LoggingLevel::Verbose,
        ..design_values("project", "p.dtsx")
    };
    let host = host(Arc::new(trap), cancel);
    let result = run_local(&dtsx.project(), task, RuntimeSettings::default(), host).unwrap();
    let events = recorder.take();
    Ran { result, events }
}

pub(super) fn project(packages: &[(&str, String)]) -> Arc<Project> {
    let packages = packages.iter().map(|(name, text)| ProjectPackage {
        file_name: (*name).to_owned(),
        entry_point: true,
        manifest_parameters: Vec::new(),
        package: Arc::new(dtsx::read(text.as_bytes(), name).unwrap()),
    });
    Arc::new(Project {
        name: "project".to_owned(),
        id: String::new(),
        description: String::new(),
        version: (1, 0, 0),
        format_version: 1,
        parameters: Vec::new(),
        connection_managers: Vec::new(),
        packages: packages.collect(),
        connection_parameters: Vec::new(),
        notes: Vec::new(),
    })
}

pub(super) fn variable(name: &str, kind: u8, value: &str, more: &str) -> String {
    let (namespace, name) = name.split_once("::").unwrap_or(("User", name));
    format!(
        r#"<DTS:Variable DTS:Namespace="{namespace}" DTS:ObjectName="{name}" {more}>
           <DTS:VariableValue DTS:DataType="{kind}">{value}</DTS:VariableValue></DTS:Variable>"#
    )
}

pub(super) fn constraint(parent: &str, from: &str, to: &str, more: &str) -> String {
    format!(
        r#"<DTS:PrecedenceConstraint DTS:ObjectName="{from}-{to}"
           DTS:From="{parent}\{from}" DTS:To="{parent}\{to}" {more}/>"#
    )
}

pub(super) fn handler(parent: &str, event: &str, propagate: bool, executables: &str) -> String {
    let value = if propagate { "-1" } else { "0" };
    format!(
        r#"<DTS:EventHandler DTS:refId="{parent}.EventHandlers[{event}]" DTS:EventName="{event}"
           DTS:CreationName="{event}" DTS:DTSID="{{00000000-0000-0000-0000-0000000000FE}}">
           <DTS:Variables>{}</DTS:Variables>
           <DTS:Executables>{executables}</DTS:Executables></DTS:EventHandler>"#,
        variable("System::Propagate", 11, value, "")
    )
}

/// An executable of any type below `parent`.
pub(super) fn executable(parent: &str, name: &str, kind: &str, more: &str, inner: &str) -> String {
    format!(
        r#"<DTS:Executable DTS:refId="{parent}\{name}" DTS:CreationName="{kind}"
           DTS:ExecutableType="{kind}" DTS:ObjectName="{name}"
           DTS:DTSID="{}" {more}>{inner}</DTS:Executable>"#,
        id(&format!("{parent}\\{name}"))
    )
}

/// A GUID made from a path: the same in every run.
fn id(path: &str) -> String {
    let hash = path.bytes().fold(7_u64, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    format!(
        "{{00000000-0000-0000-0000-{:012X}}}",
        hash & 0xFFFF_FFFF_FFFF
    )
}

/// An Expression task. Quotes in the expression are written as `'`.
pub(super) fn set(parent: &str, name: &str, expression: &str, more: &str) -> String {
    let expression = escaped(expression);
    let data =
        format!(r#"<DTS:ObjectData><ExpressionTask Expression="{expression}"/></DTS:ObjectData>"#);
    executable(parent, name, "Microsoft.ExpressionTask", more, &data)
}

/// A task that succeeds.
pub(super) fn ok(parent: &str, name: &str) -> String {
    set(parent, name, "1 == 1", "")
}

/// A task that fails with one error when it runs: `sh` ends with 1.
pub(super) fn fails(parent: &str, name: &str, more: &str) -> String {
    process(parent, name, "sh", "-c 'exit 1'", more)
}

/// An Execute Process task. Quotes in the arguments are written as `'`.
pub(super) fn process(
    parent: &str,
    name: &str,
    program: &str,
    arguments: &str,
    more: &str,
) -> String {
    let (attributes, settings) = more.split_once('|').unwrap_or((more, ""));
    let arguments = escaped(arguments);
    let data = format!(
        r#"<DTS:ObjectData><ExecuteProcessData Executable="{program}" Arguments="{arguments}" {settings}/></DTS:ObjectData>"#
    );
    executable(parent, name, "Microsoft.ExecuteProcess", attributes, &data)
}

pub(super) fn sequence(parent: &str, name: &str, more: &str, children: &str) -> String {
    let inner = format!("<DTS:Executables>{children}</DTS:Executables>");
    executable(parent, name, "STOCK:SEQUENCE", more, &inner)
}

pub(super) fn expression_of(property: &str, expression: &str) -> String {
    let expression = escaped(expression);
    format!(
        r#"<DTS:PropertyExpression DTS:Name="{property}">{expression}</DTS:PropertyExpression>"#
    )
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&quot;")
}
