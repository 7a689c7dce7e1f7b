//! Services that record what they are told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use scaleout_core::package::ConnectionManager;
use scaleout_core::protocol::event::{ComponentPhase, DataStatistics, OutputNote};
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::cancel::CancelToken;
use crate::connections::ConnectionError;
use crate::events::{Events, Message, Severity};
use crate::services::{Clock, ConnectionLease, Connections, Services, VariableError, Variables};
use crate::value::TypedValue;
use crate::watch::DataFlowWatch;

/// Records everything.
#[derive(Default)]
pub struct Recorder {
    /// Messages in order.
    pub messages: Mutex<Vec<(Severity, Message)>>,
    /// Statistics in order.
    pub statistics: Mutex<Vec<DataStatistics>>,
    /// Phases in order.
    pub phases: Mutex<Vec<ComponentPhase>>,
    /// Who looks at the data flow.
    pub watch: Mutex<DataFlowWatch>,
}

impl Recorder {
    /// Codes of all messages of a severity, in order.
    pub fn codes(&self, severity: Severity) -> Vec<u32> {
        let messages = self.messages.lock().unwrap();
        let wanted = messages.iter().filter(|(it, _)| *it == severity);
        wanted.map(|(_, message)| message.code).collect()
    }

    /// The first message with that code.
    pub fn find(&self, code: u32) -> Message {
        let messages = self.messages.lock().unwrap();
        let found = messages.iter().find(|(_, message)| message.code == code);
        found.map(|(_, message)| message.clone()).unwrap()
    }

    /// The last row count of a path.
    pub fn rows_over(&self, path: &str) -> Option<u64> {
        let statistics = self.statistics.lock().unwrap();
        let of_path = statistics.iter().filter(|it| it.path_name == path);
        of_path.map(|it| it.rows_sent).next_back()
    }
}

impl Events for Recorder {
    fn raise(&self, severity: Severity, message: Message) {
        self.messages.lock().unwrap().push((severity, message));
    }
    fn progress(&self, _: u8, _: &str, _: Option<&str>) {}
    fn data_statistics(&self, statistics: DataStatistics) {
        self.statistics.lock().unwrap().push(statistics);
    }
    fn component_phase(&self, phase: ComponentPhase) {
        self.phases.lock().unwrap().push(phase);
    }
    fn data_flow_watch(&self) -> DataFlowWatch {
        self.watch.lock().unwrap().clone()
    }
    fn output(&self, _: OutputNote) {}
    fn custom(&self, _: &str, _: &str) {}
}

/// Variables in a map; a name that is not there is unknown.
#[derive(Default)]
pub struct VariableMap(pub Mutex<BTreeMap<String, TypedValue>>);

impl Variables for VariableMap {
    fn get(&self, name: &str) -> Result<TypedValue, VariableError> {
        let found = self.0.lock().unwrap().get(name).cloned();
        found.ok_or_else(|| VariableError::Unknown {
            name: name.to_owned(),
        })
    }
    fn set(&self, name: &str, value: TypedValue) -> Result<(), VariableError> {
        self.get(name)?;
        self.0.lock().unwrap().insert(name.to_owned(), value);
        Ok(())
    }
}

/// There are none.
struct NoConnections;

impl Connections for NoConnections {
    fn resolve(&self, reference: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        let reference = reference.to_owned();
        Err(ConnectionError::Unknown { reference })
    }
    fn open(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        let reference = reference.to_owned();
        Err(ConnectionError::Unknown { reference })
    }
}

/// Time that stands still.
#[derive(Debug)]
pub struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

/// Services around a recorder and variables.
pub fn services(recorder: &Arc<Recorder>, variables: &Arc<VariableMap>) -> Services {
    Services {
        variables: Arc::clone(variables) as Arc<dyn Variables>,
        connections: Arc::new(NoConnections),
        events: Arc::clone(recorder) as Arc<dyn Events>,
        cancel: CancelToken::new(),
        settings: Arc::new(RuntimeSettings::default()),
        clock: Arc::new(StoppedClock),
        locale_id: 1033,
    }
}
