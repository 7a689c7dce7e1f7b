//! Codes, blame and hints of catalog errors.

use scaleout_core::error::{Blame, Explain};
use scaleout_core::lease::{Ending, ExecutionState};
use scaleout_core::model::ParameterScope;
use scaleout_core::model::identifier::name_key;

use super::CatalogError;

/// What to do about an attempt that is not in force.
const STALE: &str = "nothing: the worker drops the attempt; if it happens often, look at the network and at `LeaseInternval`";

impl Explain for CatalogError {
    fn code(&self) -> &str {
        match self {
            Self::LocationNotValid { .. } => "SO7001",
            Self::LocationMalformed { .. } => "SO7060",
            Self::LocationWithPassword => "SO7061",
            Self::Absent { .. } => "SO7002",
            Self::Argument(error) => error.code(),
            Self::UnknownColumn { .. } => "SO7007",
            Self::FilterNotValid { .. } => "SO7008",
            Self::NotInThisBuild { .. } => "SO7009",
            Self::Forbidden { .. } => "SO7010",
            Self::NameNotValid { .. } => "SO7011",
            Self::FolderExists { .. } => "SO7012",
            Self::FolderMissing { .. } => "SO7013",
            Self::FolderNotEmpty { .. } => "SO7014",
            Self::ProjectMissing { .. } => "SO7015",
            Self::PackageMissing { .. } => "SO7016",
            Self::NotAnEntryPoint { .. } => "SO7017",
            Self::ProjectNameDiffers { .. } => "SO7018",
            Self::DoubleInProject { .. } => "SO7019",
            Self::ProjectUnreadable { source, .. } => source.as_ref().code(),
            Self::OperationMissing { .. } => "SO7020",
            Self::AlreadyStarted { .. } => "SO7021",
            Self::AlreadyStopped { .. } => "SO7022",
            Self::Outdated { .. } => "SO7023",
            Self::ValuesMissing { .. } => "SO7024",
            Self::ParameterMissing { .. } => "SO7025",
            Self::ValueNotValid { .. } => "SO7026",
            Self::PropertyPathNotValid { .. } => "SO7027",
            Self::ReferenceMissing { .. } => "SO7028",
            Self::NotScaleOut { .. } => "SO7029",
            Self::NoWorkerAllowed { .. } => "SO7030",
            Self::ScaleOutDisabled => "SO7031",
            Self::WorkerMissing { .. } => "SO7032",
            Self::ForeignCertificate { .. } => "SO7033",
            Self::StaleAttempt { .. } => "SO7034",
            Self::Project(error) => error.code(),
            Self::Environment(error) => error.code(),
            Self::Diagnostics(error) => error.code(),
            Self::Child(error) => error.code(),
            Self::Upkeep(error) => error.code(),
            Self::Job(error) => error.code(),
            Self::Scheduling(error) => error.code(),
            Self::Permission(error) => error.code(),
            Self::Join(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn number(&self) -> Option<i64> {
        super::number::number(self)
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Argument(error) => error.blame(),
            Self::Environment(error) => error.blame(),
            Self::Store(error) => error.blame(),
            Self::Project(error) => error.blame(),
            Self::Diagnostics(error) => error.blame(),
            Self::Child(error) => error.blame(),
            Self::Upkeep(error) => error.blame(),
            Self::Job(error) => error.blame(),
            Self::Scheduling(error) => error.blame(),
            Self::Permission(error) => error.blame(),
            Self::Join(error) => error.blame(),
            Self::ProjectUnreadable { source, .. } => source.blame(),
            Self::Forbidden { .. } | Self::ForeignCertificate { .. } => Blame::Forbidden,
            Self::Absent { .. }
            | Self::FolderMissing { .. }
            | Self::ProjectMissing { .. }
            | Self::PackageMissing { .. }
            | Self::OperationMissing { .. }
            | Self::ParameterMissing { .. }
            | Self::ReferenceMissing { .. }
            | Self::WorkerMissing { .. } => Blame::Missing,
            Self::FolderExists { .. }
            | Self::FolderNotEmpty { .. }
            | Self::AlreadyStarted { .. }
            | Self::AlreadyStopped { .. }
            | Self::Outdated { .. }
            | Self::ScaleOutDisabled
            | Self::StaleAttempt { .. } => Blame::Conflict,
            Self::DoubleInProject { .. } => Blame::Unreadable,
            Self::LocationNotValid { .. }
            | Self::LocationMalformed { .. }
            | Self::LocationWithPassword
            | Self::UnknownColumn { .. }
            | Self::FilterNotValid { .. }
            | Self::NotInThisBuild { .. }
            | Self::NameNotValid { .. }
            | Self::NotAnEntryPoint { .. }
            | Self::ProjectNameDiffers { .. }
            | Self::ValuesMissing { .. }
            | Self::ValueNotValid { .. }
            | Self::PropertyPathNotValid { .. }
            | Self::NotScaleOut { .. }
            | Self::NoWorkerAllowed { .. } => Blame::Caller,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::Argument(error) => return error.hint(),
            Self::Environment(error) => return error.hint(),
            Self::Store(error) => return error.hint(),
            Self::Project(error) => return error.hint(),
            Self::Diagnostics(error) => return error.hint(),
            Self::Child(error) => return error.hint(),
            Self::Upkeep(error) => return error.hint(),
            Self::Job(error) => return error.hint(),
            Self::Scheduling(error) => return error.hint(),
            Self::Permission(error) => return error.hint(),
            Self::Join(error) => return error.hint(),
            Self::ProjectUnreadable { source, .. } => return source.hint(),
            Self::UnknownColumn { known, .. } => return format!("it has {}", known.join(", ")),
            Self::FilterNotValid { expected, .. } => return format!("write {}", expected.form()),
            Self::AlreadyStarted { id, state } | Self::AlreadyStopped { id, state } => {
                return after(*id, *state);
            }
            Self::ParameterMissing { .. } => return other_parameters(self),
            Self::ValueNotValid { form, .. } => return format!("write {form}"),
            Self::LocationNotValid { .. } => {
                "write `sqlite:PATH`, such as `sqlite:/var/lib/scaleout/catalog.db`, or \
                 `postgres://USER@HOST:PORT/DATABASE`"
            }
            Self::LocationMalformed { .. } => {
                "write `postgres://USER@HOST:PORT/DATABASE`, for TLS with `?sslmode=verify-full`"
            }
            Self::LocationWithPassword => {
                "leave it out and give it in the environment variable `PGPASSWORD` or in `~/.pgpass` \
                 (mode 0600): command lines and settings are read by others"
            }
            Self::Absent { kind: "view", .. } => "`soctl view --list` shows all views",
            Self::Absent { .. } => "`soctl proc --list` shows all procedures",
            Self::NotInThisBuild { instead, .. } => instead,
            Self::Forbidden { .. } => "ask an administrator of the catalog (role `ssis_admin`)",
            Self::NameNotValid { .. } => {
                "choose a name of 1 to 128 characters (a package: 260) without control characters \
                 and `\" < > |`, with no blank at its ends and no `@` at its start"
            }
            Self::FolderExists { .. } => {
                "use the folder that is there, or choose a name that differs by more than case"
            }
            Self::FolderMissing { .. } => "`soctl folders list` shows the folders",
            Self::FolderNotEmpty { .. } => {
                "delete its projects and environments first (`delete_project`, `delete_environment`)"
            }
            Self::ProjectMissing { .. } => "`soctl projects list` shows the projects",
            Self::PackageMissing { .. } => "`soctl packages list` shows the packages",
            Self::NotAnEntryPoint { .. } => "start the package that runs it",
            Self::ProjectNameDiffers { .. } => "use the name inside the file",
            Self::DoubleInProject { .. } => "rename one of the two and build the project again",
            Self::OperationMissing { .. } => "`soctl executions list` shows those you may see",
            Self::Outdated { .. } => "create the execution anew",
            Self::ValuesMissing { .. } => {
                "set them with `set_execution_parameter_value` or `soctl execute --parameter NAME=VALUE`; \
                 what environment variables give needs `@reference_id` or `soctl execute --environment`"
            }
            Self::PropertyPathNotValid { .. } => {
                r"write it like `\Package.Variables[User::Name].Value`"
            }
            Self::ReferenceMissing { .. } => "`soctl references list` shows the references",
            Self::NotScaleOut { .. } => {
                "create the execution with `@runinscaleout` = 1, or leave its workers alone"
            }
            Self::NoWorkerAllowed { .. } => "call `add_execution_worker` first",
            Self::ScaleOutDisabled => "call `enable_scaleout` or `soctl scaleout enable`",
            Self::WorkerMissing { .. } => "`soctl workers list` shows the workers",
            Self::ForeignCertificate { .. } => {
                "give the worker its own `AgentId`, or its own certificate back"
            }
            Self::StaleAttempt { .. } => STALE,
        };
        hint.to_owned()
    }
}

/// Why an execution can be neither changed nor started.
pub(super) fn already_started(state: ExecutionState) -> String {
    match state {
        ExecutionState::Ended(tally, Ending::Canceled) if tally.attempts == 0 => {
            "was stopped before it ran".to_owned()
        }
        other => format!("was already started: it is {}", other.status().as_str()),
    }
}

/// Why there is nothing to stop.
pub(super) fn already_stopped(state: ExecutionState) -> String {
    match state {
        ExecutionState::Ended(tally, Ending::Canceled) if tally.attempts == 0 => {
            "never ran: it was stopped before a worker had it".to_owned()
        }
        ExecutionState::Ended(_, Ending::Canceled) => {
            "was already stopped and has ended".to_owned()
        }
        ExecutionState::Stopping(..) => "is being stopped already".to_owned(),
        ExecutionState::Ended(..) => {
            format!("has ended by itself: it is {}", state.status().as_str())
        }
        ExecutionState::Created | ExecutionState::Pending(_) | ExecutionState::Running(..) => {
            format!("has just become {}", state.status().as_str())
        }
    }
}

/// What to do about an execution that is in another state than expected.
fn after(id: i64, state: ExecutionState) -> String {
    match state {
        ExecutionState::Created => "try again".to_owned(),
        ExecutionState::Pending(_) | ExecutionState::Running(..) => format!(
            "`soctl executions watch {id}` waits for its end; create a new execution for other values"
        ),
        ExecutionState::Stopping(..) => format!("`soctl executions watch {id}` waits for its end"),
        ExecutionState::Ended(tally, _) if tally.attempts == 0 => {
            "create a new execution to run the package".to_owned()
        }
        ExecutionState::Ended(..) => format!(
            "`soctl executions show {id}` says how it ended; create a new execution to run the package again"
        ),
    }
}

/// What a parameter of that scope is called.
pub(super) fn kind(scope: ParameterScope) -> &'static str {
    match scope {
        ParameterScope::Project => "project parameter",
        ParameterScope::Package => "package parameter",
        ParameterScope::Execution => "option",
    }
}

/// The parameters that could have been meant instead of one that is not there.
fn other_parameters(error: &CatalogError) -> String {
    match error {
        CatalogError::ParameterMissing {
            scope,
            name,
            known,
            elsewhere,
            ..
        } => names_instead(*scope, name, known, elsewhere),
        _ => String::new(),
    }
}

/// The names that could have been meant, in the scope asked for and in the one it is mistaken for.
fn names_instead(
    scope: ParameterScope,
    wanted: &str,
    known: &[String],
    elsewhere: &[String],
) -> String {
    let (other, number) = match scope {
        ParameterScope::Project => (ParameterScope::Package, 30),
        ParameterScope::Package | ParameterScope::Execution => (ParameterScope::Project, 20),
    };
    let other = kind(other);
    if elsewhere
        .iter()
        .any(|name| name_key(name) == name_key(wanted))
    {
        return format!("`{wanted}` is a {other}: give `@object_type` {number}");
    }
    let kind = kind(scope);
    match (listed(wanted, known), listed(wanted, elsewhere)) {
        (None, None) => format!("it has no {kind} at all"),
        (Some(names), None) => format!("it has {names}"),
        (None, Some(names)) => format!("it has no {kind}, but as {other}s it has {names}"),
        (Some(names), Some(others)) => format!("it has {names}; as {other}s it has {others}"),
    }
}

/// The names, joined. Parameters of connection managers are so many that they are listed only to
/// those who ask for one.
fn listed(wanted: &str, known: &[String]) -> Option<String> {
    const MOST: usize = 40;
    let is_connection = |name: &str| name.to_ascii_uppercase().starts_with("CM.");
    let (alike, others): (Vec<&String>, Vec<&String>) = known
        .iter()
        .partition(|name| is_connection(name) == is_connection(wanted));
    let (shown, hidden) = if alike.is_empty() {
        (others, 0)
    } else {
        (alike, others.len())
    };
    let names: Vec<&str> = shown.iter().take(MOST).map(|name| name.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    let names = names.join(", ");
    match hidden + shown.len().saturating_sub(MOST) {
        0 => Some(names),
        more => Some(format!(
            "{names} and {more} more, which `soctl view object_parameters` shows"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint_for(wanted: &str, known: &[&str], elsewhere: &[&str]) -> String {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let error = CatalogError::ParameterMissing {
            owner: "execution 7".to_owned(),
            scope: ParameterScope::Package,
            name: wanted.to_owned(),
            known: owned(known),
            elsewhere: owned(elsewhere),
        };
        error.hint()
    }

    #[test]
    fn the_names_that_exist_are_listed() {
        for (known, elsewhere, expected) in [
            (vec!["Year", "Month"], vec![], "it has Year, Month"),
            (vec![], vec![], "it has no package parameter at all"),
            (
                vec![],
                vec!["Root"],
                "it has no package parameter, but as project parameters it has Root",
            ),
            (
                vec!["Year"],
                vec!["Root"],
                "it has Year; as project parameters it has Root",
            ),
            (
                vec!["Year"],
                vec!["YAER"],
                "`Yaer` is a project parameter: give `@object_type` 20",
            ),
        ] {
            assert_eq!(hint_for("Yaer", &known, &elsewhere), expected);
        }
    }

    #[test]
    fn parameters_of_connection_managers_are_kept_apart() {
        let known = ["Year", "CM.Db.ConnectionString", "CM.Db.Password"];
        assert_eq!(
            hint_for("Yaer", &known, &[]),
            "it has Year and 2 more, which `soctl view object_parameters` shows"
        );
        assert!(
            hint_for("cm.Db.Pasword", &known, &[])
                .starts_with("it has CM.Db.ConnectionString, CM.Db.Password and 1")
        );
        assert_eq!(
            hint_for("x", &["CM.Db.Password"], &[]),
            "it has CM.Db.Password"
        );
    }

    #[test]
    fn names_are_shown_as_they_are_without_what_a_terminal_obeys() {
        let shown = |name: &str| {
            let error = CatalogError::NameNotValid {
                kind: "folder",
                name: name.to_owned(),
                fault: scaleout_core::model::identifier::NameFault::LeadingAt,
            };
            error.to_string()
        };
        assert!(shown("@näme 名前 \"q\"").starts_with("`@näme 名前 \"q\"` is not"));
        assert!(shown("a\u{1b}[31m\nb").starts_with(r"`a\u{1b}[31m\nb` is not"));
        assert!(shown(&"é".repeat(200)).starts_with(&format!("`{}…` is not", "é".repeat(140))));
    }

    #[test]
    fn a_refused_stop_or_start_says_what_the_execution_is() {
        let stopped = |state| {
            let error = CatalogError::AlreadyStopped { id: 7, state };
            format!("{error}; {}", error.hint())
        };
        let never = ExecutionState::Created.request_stop().unwrap();
        assert_eq!(
            stopped(never),
            "operation 7 never ran: it was stopped before a worker had it; create a new execution to run the package"
        );
        let tally = scaleout_core::lease::Tally {
            attempts: 1,
            ..scaleout_core::lease::Tally::default()
        };
        let succeeded = ExecutionState::Ended(tally, Ending::Succeeded);
        assert!(stopped(succeeded).starts_with(
            "operation 7 has ended by itself: it is succeeded; `soctl executions show 7`"
        ));
        let started = |state| CatalogError::AlreadyStarted { id: 7, state }.to_string();
        assert_eq!(
            started(ExecutionState::Pending(tally)),
            "execution 7 was already started: it is pending"
        );
        assert_eq!(started(never), "execution 7 was stopped before it ran");
    }
}
