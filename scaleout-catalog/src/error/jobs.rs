//! Errors about jobs, their steps and schedules.
//!
//! Numbers are those of msdb: "Database engine events and errors 14000 to 22999".

use scaleout_core::error::{Blame, Explain};
use scaleout_core::jobs::command::CommandFault;
use scaleout_core::jobs::schedule::ScheduleFault;
use scaleout_core::tsql::TsqlFault;

/// What is wrong with a job, a step or a schedule.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The numbers of a schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleFault),
    /// The script of a step.
    #[error(transparent)]
    Script(#[from] TsqlFault),
    /// No such thing, or the caller may not see it.
    #[error("there is no {kind} `{name}`, or the caller may not see it")]
    Missing {
        /// `job`, `step`, `schedule`, `operator`, `proxy`, `login`, `worker`.
        kind: &'static str,
        /// As given.
        name: String,
    },
    /// The name is taken.
    #[error("there is a {kind} `{name}` already")]
    Taken {
        /// `job`, `step`, `operator`, `proxy`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Another's.
    #[error("`{caller}` may not change the {kind} `{name}`, which belongs to `{owner}`")]
    NotOwner {
        /// Who.
        caller: String,
        /// `job` or `schedule`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Whose it is.
        owner: String,
    },
    /// Not one of two.
    #[error("give either {first} or {second}, and not both")]
    OneOf {
        /// A parameter.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A value that its parameter cannot have.
    #[error("{parameter} cannot be `{value}`")]
    Value {
        /// With its `@`.
        parameter: &'static str,
        /// As given.
        value: String,
        /// What it can be.
        form: &'static str,
    },
    /// Two of that name.
    #[error("there are several schedules `{name}`")]
    Ambiguous {
        /// The name.
        name: String,
    },
    /// Jobs use it.
    #[error("the {kind} `{name}` is in use by {users}")]
    Used {
        /// `schedule` or `proxy`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// By what.
        users: String,
    },
    /// It runs already.
    #[error("the job `{name}` runs already")]
    Running {
        /// The job.
        name: String,
    },
    /// Nothing to stop.
    #[error("the job `{name}` does not run")]
    NotRunning {
        /// The job.
        name: String,
    },
    /// Nowhere to run.
    #[error("the job `{name}` has no target")]
    NoTarget {
        /// The job.
        name: String,
    },
    /// Nothing to run.
    #[error("the job `{name}` has no steps")]
    NoSteps {
        /// The job.
        name: String,
    },
    /// The owner may not name the proxy.
    #[error("the login `{login}` may not use the proxy `{proxy}`")]
    ProxyNotAllowed {
        /// The owner of the job.
        login: String,
        /// The proxy.
        proxy: String,
    },
    /// Commands of other logins need a proxy.
    #[error(
        "a step of the subsystem {subsystem} needs a proxy, since `{login}` is no administrator"
    )]
    ProxyNeeded {
        /// The subsystem.
        subsystem: &'static str,
        /// The owner of the job.
        login: String,
    },
    /// A command that cannot be read.
    #[error("the command of the step cannot be read")]
    Command(#[from] CommandFault),
    /// The login as which something runs cannot run anything.
    #[error("`{login}`, as who it runs, {reason}")]
    Owner {
        /// The login.
        login: String,
        /// Why not.
        reason: &'static str,
    },
    /// A file where no login but administrators may write.
    #[error("the output file `{path}` is not allowed for the owner of the job")]
    OutputFile {
        /// As given.
        path: String,
    },
}

impl Explain for JobError {
    fn code(&self) -> &str {
        match self {
            Self::Schedule(fault) => fault.code(),
            Self::Script(fault) => fault.code(),
            Self::Missing { .. } => "SO7410",
            Self::Taken { .. } => "SO7411",
            Self::NotOwner { .. } => "SO7412",
            Self::OneOf { .. } => "SO7413",
            Self::Value { .. } => "SO7414",
            Self::Ambiguous { .. } => "SO7415",
            Self::Used { .. } => "SO7416",
            Self::Running { .. } => "SO7417",
            Self::NotRunning { .. } => "SO7418",
            Self::NoTarget { .. } => "SO7419",
            Self::NoSteps { .. } => "SO7420",
            Self::ProxyNotAllowed { .. } => "SO7421",
            Self::ProxyNeeded { .. } => "SO7422",
            Self::Command(_) => "SO7423",
            Self::Owner { .. } => "SO7424",
            Self::OutputFile { .. } => "SO7425",
        }
    }

    fn number(&self) -> Option<i64> {
        Some(match self {
            Self::Schedule(fault) => return fault.number(),
            Self::Missing { .. } => 14262,
            Self::Taken { .. } => 14261,
            Self::NotOwner { .. } => 14525,
            Self::OneOf { .. } => 14294,
            Self::Value { .. } => 14266,
            Self::Ambiguous { .. } => 14371,
            Self::Used {
                kind: "schedule", ..
            } => 14372,
            Self::Used { .. } => 14518,
            Self::Running { .. } | Self::NotRunning { .. } => 22022,
            Self::NoTarget { .. } => 14256,
            Self::ProxyNotAllowed { .. } => 14516,
            Self::ProxyNeeded { .. } => 14517,
            Self::Script(_)
            | Self::NoSteps { .. }
            | Self::Command(_)
            | Self::Owner { .. }
            | Self::OutputFile { .. } => {
                return None;
            }
        })
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Schedule(_)
            | Self::Script(_)
            | Self::OneOf { .. }
            | Self::Value { .. }
            | Self::Ambiguous { .. }
            | Self::Command(_) => Blame::Caller,
            Self::Missing { .. } => Blame::Missing,
            Self::Taken { .. }
            | Self::Used { .. }
            | Self::Running { .. }
            | Self::NotRunning { .. }
            | Self::NoTarget { .. }
            | Self::NoSteps { .. }
            | Self::Owner { .. } => Blame::Conflict,
            Self::NotOwner { .. }
            | Self::ProxyNotAllowed { .. }
            | Self::ProxyNeeded { .. }
            | Self::OutputFile { .. } => Blame::Forbidden,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::Schedule(fault) => return fault.hint(),
            Self::Script(fault) => return fault.hint(),
            Self::Value { form, .. } => return format!("write {form}"),
            Self::Missing {
                kind: "job" | "step",
                ..
            } => "`soctl job list` shows the jobs, `soctl job show` the steps of one",
            Self::Missing {
                kind: "schedule", ..
            } => "`soctl view sysschedules` shows them",
            Self::Missing { kind: "worker", .. } => "`soctl workers list` shows them",
            Self::Missing { kind: "login", .. } => "`soctl logins list` shows them",
            Self::Missing { .. } => {
                "`soctl view sysoperators` and `soctl view sysproxies` show them"
            }
            Self::Taken { .. } => "choose another name, or change what is there",
            Self::NotOwner { .. } => "ask its owner or an administrator",
            Self::OneOf { .. } => "name it once",
            Self::Ambiguous { .. } => {
                "give `@schedule_id`; `soctl view sysschedules` shows the ids"
            }
            Self::Used { .. } => "take it away from these first",
            Self::Running { .. } => {
                "wait for its end, stop it with `soctl job stop`, or let further runs wait: \
                 `soctl job update --overlap queue`"
            }
            Self::NotRunning { .. } => "`soctl job history` shows how it ended",
            Self::NoTarget { .. } => {
                "call `sp_add_jobserver` for it, or `soctl job update --target any`"
            }
            Self::NoSteps { .. } => "add one with `soctl job step add`",
            Self::ProxyNotAllowed { .. } => {
                "ask an administrator: `sp_grant_login_to_proxy` lets the login use it"
            }
            Self::ProxyNeeded { .. } => {
                "name a proxy; an administrator makes one with `sp_add_proxy`"
            }
            Self::Command(_) => {
                "write it as SQL Server Agent does: `/ISSERVER \"\\\"\\SSISDB\\folder\\project\\p.dtsx\\\"\"`"
            }
            Self::Owner { .. } => {
                "enable the login with `soctl logins enable`, or give the job to another one: \
                 `soctl job update --owner`"
            }
            Self::OutputFile { .. } => {
                "write the name of a file without a folder: it is kept in the folder `job-output` of \
                 the worker or master; other folders are for jobs of administrators"
            }
        };
        hint.to_owned()
    }
}
