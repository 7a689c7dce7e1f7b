//! What a run needs from the process around it: the outside world, as parameters.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use scaleout_core::model::SystemClock;
use uuid::Uuid;

use crate::cancel::CancelToken;
use crate::children::ChildRunner;
use crate::events::EventSink;
use crate::job_caller::JobCaller;
use crate::services::Clock;
use crate::watch::Observer;

/// The world around one run.
#[derive(Clone)]
pub struct Host {
    /// Where events go.
    pub sink: Arc<dyn EventSink>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Stops the run.
    pub cancel: CancelToken,
    /// `System::ExecutionInstanceGUID`.
    pub instance_id: Uuid,
    /// `System::MachineName`.
    pub machine_name: String,
    /// `System::UserName`.
    pub user_name: String,
    /// Environment variables, for package configurations.
    pub environment: Arc<BTreeMap<String, String>>,
    /// Where the Windows event log provider writes to: the socket of syslog or journald.
    pub syslog: PathBuf,
    /// Who runs child packages elsewhere; without one they run in this process.
    pub children: Option<Arc<dyn ChildRunner>>,
    /// Who starts and stops jobs of the catalog; without one there is no catalog.
    pub jobs: Option<Arc<dyn JobCaller>>,
    /// Who looks at the run from outside.
    pub observer: Arc<Observer>,
    /// Processors, for `MaxConcurrentExecutables` = -1.
    pub processors: usize,
}

/// What does not change while a process lives. To ask for it takes longer than a small package.
struct Machine {
    name: String,
    user: String,
    processors: usize,
    environment: Arc<BTreeMap<String, String>>,
}

static MACHINE: LazyLock<Machine> = LazyLock::new(|| {
    // Both are only shown: without them the package sees empty names.
    let name = nix::unistd::gethostname().ok();
    let user = nix::unistd::User::from_uid(nix::unistd::getuid()).ok();
    Machine {
        name: name
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        user: user.flatten().map(|user| user.name).unwrap_or_default(),
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        environment: Arc::new(environment()),
    }
});

impl Host {
    /// This process, with a fresh instance id.
    #[must_use]
    pub fn of_process(sink: Arc<dyn EventSink>, cancel: CancelToken) -> Self {
        let machine = &*MACHINE;
        Self {
            sink,
            clock: Arc::new(SystemClock),
            cancel,
            instance_id: Uuid::new_v4(),
            machine_name: machine.name.clone(),
            user_name: machine.user.clone(),
            environment: Arc::clone(&machine.environment),
            syslog: PathBuf::from("/dev/log"),
            children: None,
            jobs: None,
            observer: Arc::default(),
            processors: machine.processors,
        }
    }

    /// An environment variable by its name; where none has it exactly, in any case, as packages
    /// come from machines where case does not count.
    #[must_use]
    pub fn environment_variable(&self, name: &str) -> Option<String> {
        let exact = self.environment.get(name);
        let mut all = self.environment.iter();
        let found = exact.or_else(|| {
            let found = all.find(|(own, _)| own.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value)
        });
        found.cloned()
    }
}

fn environment() -> BTreeMap<String, String> {
    let all = std::env::vars_os();
    // What is no text is no value of a package either.
    all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
