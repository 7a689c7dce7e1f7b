//! Starting a package: settle its values, validate it, run it.

use std::sync::Arc;

use scaleout_core::error::{Blame, Explain};
use scaleout_core::package::Executable;
use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::executor::{RunPackage, RuntimeSettings};
use scaleout_core::protocol::task::TaskDescription;

use super::connection_set::ConnectionSet;
use super::host::Host;
use super::outside;
use super::reporter::Reporter;
use super::runtime::{Caller, Parts, Runtime};
use super::survey::problem;
use super::validate::{Depth, coded, validate};
use crate::control_flow::executable;
use crate::control_flow::node::Plan;
use crate::control_flow::outcome::Outcome;
use crate::events::{Events, Message, Severity};
use crate::log_providers;
use crate::services::VariableError;
use crate::settle::SettleError;
use crate::settle::configurations::Around;
use crate::settle::package::{Settled, settle};
use crate::settle::parameters::Missing;
use crate::validation::Problem;
use crate::variables::system::{self, RunFacts};
use crate::variables::{Cell, Context, Scope, typed};

/// LCID where a package says none.
const DEFAULT_LOCALE: u32 = 1033;

/// Why a package could not even be started.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The project has no such package.
    #[error("project `{project}` has no package `{package}`")]
    UnknownPackage {
        /// Name of the project.
        project: String,
        /// Name that was asked for.
        package: String,
    },
    /// Its values cannot be settled.
    #[error("the values of package `{package}` cannot be settled")]
    Settle {
        /// Package.
        package: String,
        /// Why.
        #[source]
        source: SettleError,
    },
    /// A variable's design value is no value of its type.
    #[error("package `{package}` declares a variable that cannot be")]
    Variable {
        /// Package.
        package: String,
        /// Why.
        #[source]
        source: VariableError,
    },
}

impl Explain for StartError {
    fn code(&self) -> &str {
        match self {
            Self::UnknownPackage { .. } => "SO4011",
            Self::Settle { source, .. } => source.code(),
            Self::Variable { .. } => "SO4012",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::UnknownPackage { .. } => Blame::Missing,
            Self::Settle { source, .. } => source.blame(),
            Self::Variable { .. } => Blame::Unreadable,
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::UnknownPackage { .. } => {
                "name a package as the project's manifest does, such as `Load.dtsx`".to_owned()
            }
            Self::Settle { source, .. } => source.hint(),
            Self::Variable { .. } => "correct the value in the designer".to_owned(),
        }
    }
}

/// What to prepare.
pub(crate) struct Order<'o> {
    pub(crate) project: &'o Arc<Project>,
    pub(crate) task: Arc<TaskDescription>,
    pub(crate) settings: Arc<RuntimeSettings>,
    pub(crate) host: Host,
    pub(crate) missing: Missing,
    /// Package configurations are read: files, databases and the environment.
    pub(crate) reads_configurations: bool,
    /// The task that runs it as a child, and the scope that the child sees.
    pub(crate) caller: Option<(Caller, Arc<Scope>)>,
}

/// Runs one package to its end.
///
/// # Errors
/// [`StartError`] when it could not be started; nothing was said or done then.
pub fn run_package(
    request: &RunPackage,
    project: &Arc<Project>,
    host: Host,
) -> Result<PackageResult, StartError> {
    let runtime = prepare(Order {
        project,
        task: Arc::new(request.task.clone()),
        settings: Arc::new(request.settings.clone()),
        host,
        missing: Missing::Refused,
        reads_configurations: true,
        caller: None,
    })?;
    Ok(run(&runtime).package_result())
}

/// Validates one package as a run would, says what it finds, and runs nothing of it.
///
/// # Errors
/// [`StartError`] when it could not be started either.
pub fn check_package(
    request: &RunPackage,
    project: &Arc<Project>,
    host: Host,
) -> Result<Vec<Problem>, StartError> {
    let runtime = prepare(Order {
        project,
        task: Arc::new(request.task.clone()),
        settings: Arc::new(request.settings.clone()),
        host,
        missing: Missing::Refused,
        reads_configurations: true,
        caller: None,
    })?;
    let root = &runtime.plan.root;
    let place = runtime.place();
    let reporter = Reporter::new(&runtime, &root.frame, &place);
    for remark in &runtime.remarks {
        reporter.raise(remark.severity, coded(remark.code, &remark.text));
    }
    let mut problems: Vec<Problem> = runtime.remarks.iter().filter_map(problem).collect();
    problems.extend(validate(&runtime, root, &place, Depth::Package));
    Ok(problems)
}

/// Validates a prepared package and runs it.
pub(crate) fn run(runtime: &Arc<Runtime>) -> Outcome {
    runtime.host.observer.package(runtime);
    let root = &runtime.plan.root;
    let place = runtime.place();
    let reporter = Reporter::new(runtime, &root.frame, &place);
    let not_opened = log_providers::open(runtime);
    reporter.package_starts();
    reporter.logs_failed(not_opened);
    let mut is_broken = false;
    for remark in &runtime.remarks {
        is_broken |= remark.severity == Severity::Error;
        reporter.raise(remark.severity, coded(remark.code, &remark.text));
    }
    let problems = validate(runtime, root, &place, Depth::Package);
    is_broken |= problems.iter().any(Problem::is_error);
    let outcome = match is_broken {
        true if runtime.host.cancel.is_canceled() => Outcome::Canceled,
        true => {
            let text = "the package did not validate, so nothing of it was run; correct what the \
                        errors before this one name (`soctl validate` finds all of them in advance)";
            reporter.raise(Severity::Error, Message::new(0xC002_4107, text));
            Outcome::Failure
        }
        false => executable::run(runtime, root, &place).outcome,
    };
    reporter.package_ends(outcome);
    reporter.logs_failed(runtime.logs.finish());
    outcome
}

/// Settles the values of a package and builds what it runs on.
pub(crate) fn prepare(order: Order<'_>) -> Result<Arc<Runtime>, StartError> {
    let project = order.project;
    let wanted = order.task.package_name.as_str();
    let packages = project.packages.iter();
    let package = packages
        .clone()
        .find(|package| package.file_name == wanted)
        .or_else(|| {
            packages
                .clone()
                .find(|package| package.file_name.eq_ignore_ascii_case(wanted))
        })
        .ok_or_else(|| StartError::UnknownPackage {
            project: project.name.clone(),
            package: wanted.to_owned(),
        })?;
    let package_name = package.file_name.clone();
    let parent = match &order.caller {
        Some((_, scope)) => Some(Arc::clone(scope)),
        None => parent_scope(&order),
    };
    let settled = settled(package, &order, parent.as_deref())?;
    let broken = |source| StartError::Variable {
        package: package_name.clone(),
        source,
    };
    let remarks = settled.remarks;
    let log_providers = settled.package.log_providers.clone();
    let max_concurrent = settled.package.max_concurrent_executables;
    let locale_id = locale_of(&settled.package.root);
    let mut cells = settled.parameters;
    cells.extend(system::of_package(
        &settled.package,
        &facts(&order, &settled.failed_configurations),
    ));
    cells.push(system::locale(locale_id));
    for variable in &settled.package.root.variables {
        cells.push(Cell::declared(variable).map_err(broken)?);
    }
    let context = Arc::new(Context::new(Arc::clone(&order.host.clock), locale_id));
    let caller = order.caller.map(|(caller, _)| caller);
    let scope = Arc::new(Scope::package(context, parent, cells));
    let plan = Plan::new(settled.package.root, Arc::clone(&scope), locale_id).map_err(broken)?;
    let connections = ConnectionSet::new(
        settled.connections,
        scope,
        Arc::clone(&order.settings),
        order.host.cancel.clone(),
    );
    let parent = caller.as_ref().map(|caller| &*caller.runtime.connections);
    let connections = connections.sharing_caches(parent);
    Ok(Arc::new(Runtime::new(Parts {
        host: order.host,
        task: order.task,
        settings: order.settings,
        project: Arc::clone(project),
        package_name,
        plan,
        connections: Arc::new(connections),
        max_concurrent,
        caller,
        remarks,
        log_providers,
    })))
}

/// The package with the values of this run.
fn settled(
    package: &ProjectPackage,
    order: &Order<'_>,
    parent: Option<&Scope>,
) -> Result<Settled, StartError> {
    let parent = parent.map(|scope| scope as _);
    let around = Around {
        settings: &order.settings,
        environment: &|name| order.host.environment_variable(name),
        parent,
        open: &|manager| outside::open(manager, package, order),
        hide: &|secret| order.host.sink.hide(secret),
    };
    let around = order.reads_configurations.then_some(&around);
    let settled = settle(order.project, package, &order.task, order.missing, around);
    settled.map_err(|source| StartError::Settle {
        package: package.file_name.clone(),
        source,
    })
}

/// What the execution of a child package sees of its parent, which runs elsewhere.
fn parent_scope(order: &Order<'_>) -> Option<Arc<Scope>> {
    let given = &order.task.parent_variables;
    let cells: Vec<Cell> = given
        .iter()
        .map(|variable| {
            let data_type = variable.data_type;
            let value = variable.value.as_deref();
            // The parent wrote the text from a value of that type.
            let value = value.and_then(|text| typed::parameter(data_type, text).ok());
            let value = value.unwrap_or_else(|| typed::empty(data_type));
            Cell::fixed(&variable.namespace, &variable.name, data_type, value).writable()
        })
        .collect();
    let context = Context::new(Arc::clone(&order.host.clock), DEFAULT_LOCALE);
    (!cells.is_empty()).then(|| Arc::new(Scope::package(Arc::new(context), None, cells)))
}

/// LCID of a package.
pub(super) fn locale_of(root: &Executable) -> u32 {
    let locale = u32::try_from(root.locale_id).ok();
    locale.filter(|id| *id != 0).unwrap_or(DEFAULT_LOCALE)
}

fn facts(order: &Order<'_>, failed_configurations: &[String]) -> RunFacts {
    RunFacts {
        start: order.host.clock.now(),
        instance_id: order.host.instance_id,
        execution_id: order.task.execution_id,
        machine_name: order.host.machine_name.clone(),
        user_name: order.host.user_name.clone(),
        failed_configurations: failed_configurations.join("; "),
        parent_id: order
            .caller
            .as_ref()
            .map_or_else(String::new, |(caller, _)| caller.frame.id.clone()),
    }
}
