//! Who calls: a name and the roles it has.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A database role of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// `sysadmin`: everything.
    #[serde(rename = "sysadmin")]
    SysAdmin,
    /// `ssis_admin`: everything in the catalog.
    #[serde(rename = "ssis_admin")]
    SsisAdmin,
    /// `ssis_cluster_executor`: may create Scale Out executions and read the workers.
    #[serde(rename = "ssis_cluster_executor")]
    ClusterExecutor,
    /// `ssis_cluster_worker`: may write the logs of Scale Out executions.
    #[serde(rename = "ssis_cluster_worker")]
    ClusterWorker,
    /// `ssis_logreader`: may read the views that hold logs.
    #[serde(rename = "ssis_logreader")]
    LogReader,
    /// `ssis_monitor`: internal to availability groups in the original.
    #[serde(rename = "ssis_monitor")]
    Monitor,
    /// `SQLAgentOperatorRole`: sees all jobs and starts and stops them.
    #[serde(rename = "SQLAgentOperatorRole")]
    AgentOperator,
    /// `SQLAgentReaderRole`: sees all jobs, and has its own.
    #[serde(rename = "SQLAgentReaderRole")]
    AgentReader,
    /// `SQLAgentUserRole`: has jobs of its own.
    #[serde(rename = "SQLAgentUserRole")]
    AgentUser,
    /// `public`: every known caller.
    #[serde(rename = "public")]
    Public,
}

impl Role {
    /// All roles, the mightiest first.
    pub const ALL: [Self; 10] = [
        Self::SysAdmin,
        Self::SsisAdmin,
        Self::ClusterExecutor,
        Self::ClusterWorker,
        Self::LogReader,
        Self::Monitor,
        Self::AgentOperator,
        Self::AgentReader,
        Self::AgentUser,
        Self::Public,
    ];

    /// The name of the role in the original.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SysAdmin => "sysadmin",
            Self::SsisAdmin => "ssis_admin",
            Self::ClusterExecutor => "ssis_cluster_executor",
            Self::ClusterWorker => "ssis_cluster_worker",
            Self::LogReader => "ssis_logreader",
            Self::Monitor => "ssis_monitor",
            Self::AgentOperator => "SQLAgentOperatorRole",
            Self::AgentReader => "SQLAgentReaderRole",
            Self::AgentUser => "SQLAgentUserRole",
            Self::Public => "public",
        }
    }

    /// The role with that name, whatever its case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str().eq_ignore_ascii_case(name))
    }
}

/// A caller of procedures and views, already authenticated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Login name, as `caller_name` shows it.
    pub name: String,
    /// Its roles; `public` need not be listed.
    pub roles: Vec<Role>,
    /// Where it calls from; `None` within the master.
    #[serde(default)]
    pub address: Option<IpAddr>,
}

impl Caller {
    /// A caller with one role.
    #[must_use]
    pub fn new(name: impl Into<String>, role: Role) -> Self {
        Self {
            name: name.into(),
            roles: vec![role],
            address: None,
        }
    }

    /// Whether it has this role; everyone has `public`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        role == Role::Public || self.roles.contains(&role)
    }

    /// Whether it may have jobs of its own.
    #[must_use]
    pub fn may_have_jobs(&self) -> bool {
        self.is_administrator() || self.has(Role::AgentUser) || self.may_see_jobs()
    }

    /// Whether it sees the jobs of all others.
    #[must_use]
    pub fn may_see_jobs(&self) -> bool {
        self.is_administrator() || self.has(Role::AgentReader) || self.may_run_jobs()
    }

    /// Whether it starts and stops the jobs of all others.
    #[must_use]
    pub fn may_run_jobs(&self) -> bool {
        self.is_administrator() || self.has(Role::AgentOperator)
    }

    /// `ssis_admin` or `sysadmin`.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.has(Role::SsisAdmin) || self.has(Role::SysAdmin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_by_the_name_it_shows() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(&role.as_str().to_uppercase()), Some(role));
        }
        assert_eq!(Role::from_name("db_owner"), None);
    }

    #[test]
    fn only_the_two_administrator_roles_administer() {
        for role in Role::ALL {
            let expected = matches!(role, Role::SysAdmin | Role::SsisAdmin);
            assert_eq!(Caller::new("x", role).is_administrator(), expected);
        }
        assert!(Caller::new("x", Role::LogReader).has(Role::Public));
    }
}
