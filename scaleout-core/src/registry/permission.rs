//! Who may call a procedure, and who may read the rows of a view.

use serde::{Serialize, Serializer};

use super::types::View;
use crate::model::{PermissionType, Securable};

/// Who may call a procedure. `ssis_admin` and `sysadmin` may call all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Nobody else.
    Administrator,
    /// Whoever has these permissions on the objects that the call names.
    On(&'static [Need]),
    /// The same, and `ssis_cluster_executor` too where the execution is one for Scale Out.
    InScaleOut(&'static [Need]),
    /// Every login, on what is its own.
    OwnLogin,
    /// Whoever has one of the roles of jobs.
    Jobs(JobAccess),
}

/// What a call does with jobs; the roles are those of msdb, each of which may all that the one
/// before it may: `SQLAgentUserRole`, `SQLAgentReaderRole`, `SQLAgentOperatorRole`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobAccess {
    /// Makes something that will be the caller's own.
    Create,
    /// Changes a job or schedule of the caller's.
    Change,
    /// Starts, stops or enables a job: the caller's, or any for operators.
    Operate,
    /// Looks: at the caller's, or at all for readers and operators.
    Read,
    /// Removes history: of all jobs, for operators.
    Purge,
}

impl JobAccess {
    fn line(self) -> &'static str {
        match self {
            Self::Create => {
                "the role `SQLAgentUserRole`, `SQLAgentReaderRole` or `SQLAgentOperatorRole`"
            }
            Self::Change => {
                "the role `SQLAgentUserRole`, `SQLAgentReaderRole` or `SQLAgentOperatorRole`, on what is its own"
            }
            Self::Operate => {
                "the role `SQLAgentOperatorRole`, or `SQLAgentUserRole` or `SQLAgentReaderRole` on what is its own"
            }
            Self::Read => {
                "the role `SQLAgentReaderRole` or `SQLAgentOperatorRole`, or `SQLAgentUserRole` on what is its own"
            }
            Self::Purge => "the role `SQLAgentOperatorRole`",
        }
    }
}

/// Permissions that a call needs on one kind of object that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The kind of object.
    pub object: Securable,
    /// All of these …
    pub permissions: &'static [PermissionType],
    /// … or all of these instead, where there are any.
    pub or: &'static [PermissionType],
    /// When it is needed; `None` for always.
    pub when: Option<&'static str>,
}

impl Need {
    /// These permissions, always.
    #[must_use]
    pub const fn on(object: Securable, permissions: &'static [PermissionType]) -> Self {
        Self {
            object,
            permissions,
            or: &[],
            when: None,
        }
    }

    /// The same, needed only then.
    #[must_use]
    pub const fn when(self, when: &'static str) -> Self {
        Self {
            when: Some(when),
            ..self
        }
    }

    /// The same, where these are as good.
    #[must_use]
    pub const fn or(self, or: &'static [PermissionType]) -> Self {
        Self { or, ..self }
    }
}

/// `READ` and `MODIFY`.
pub const READ_MODIFY: &[PermissionType] = &[PermissionType::Read, PermissionType::Modify];
/// `READ`.
pub const READ: &[PermissionType] = &[PermissionType::Read];
/// `MODIFY`.
pub const MODIFY: &[PermissionType] = &[PermissionType::Modify];

/// What procedures need that change one execution or stop an operation.
pub const CHANGES_OPERATION: Permission =
    Permission::On(&[Need::on(Securable::Operation, READ_MODIFY)]);
/// What procedures need that change one project.
pub const CHANGES_PROJECT: Permission =
    Permission::On(&[Need::on(Securable::Project, READ_MODIFY)]);
/// What procedures need that change one environment.
pub const CHANGES_ENVIRONMENT: Permission =
    Permission::On(&[Need::on(Securable::Environment, READ_MODIFY)]);

impl Permission {
    /// What is needed on the objects that a call names.
    #[must_use]
    pub fn needs(self) -> &'static [Need] {
        match self {
            Self::On(needs) | Self::InScaleOut(needs) => needs,
            Self::Administrator | Self::OwnLogin | Self::Jobs(_) => &[],
        }
    }

    /// The rule in words, a line each; the administrators are left out.
    #[must_use]
    pub fn lines(self) -> Vec<String> {
        let mut lines: Vec<String> = self.needs().iter().map(ToString::to_string).collect();
        match self {
            Self::Administrator => lines.push("`ssis_admin` or `sysadmin`".to_owned()),
            Self::Jobs(access) => lines.push(access.line().to_owned()),
            Self::OwnLogin => lines.push("every login, on what is its own".to_owned()),
            Self::InScaleOut(_) => lines
                .push("the role `ssis_cluster_executor`, for an execution in Scale Out".to_owned()),
            Self::On(_) => {}
        }
        lines
    }
}

impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&listed(self.permissions))?;
        if !self.or.is_empty() {
            write!(f, ", or {},", listed(self.or))?;
        }
        write!(f, " on the {}", self.object.as_str())?;
        match self.when {
            Some(when) => write!(f, ", {when}"),
            None => Ok(()),
        }
    }
}

fn listed(permissions: &[PermissionType]) -> String {
    let names: Vec<&str> = permissions.iter().map(|one| one.as_str()).collect();
    names.join(" and ")
}

/// As the lines that people read.
impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.lines())
    }
}

/// Who may read which rows of a view. `ssis_admin` and `sysadmin` read all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Every login, all rows.
    Everyone,
    /// Nobody else.
    Administrators,
    /// `ssis_cluster_executor` too.
    ClusterExecutors,
    /// Whoever has READ on the object whose id stands in the column. Rows of operations are open to
    /// `ssis_logreader` too.
    Of(Securable, &'static str),
    /// Whoever has READ on the operation of the message whose id stands in the column, and
    /// `ssis_logreader`.
    OfMessage(&'static str),
    /// The login whose name stands in the column.
    Login(&'static str),
    /// The owner of the job whose id stands in the column; readers and operators of jobs read all.
    Job(&'static str),
    /// The owner of the schedule whose id stands in the column; readers and operators likewise.
    Schedule(&'static str),
    /// What the reader has: `effective_object_permissions`.
    Effective,
    /// The reader's own rows, those of its roles, and those of objects on which it manages
    /// permissions: `explicit_object_permissions`.
    Explicit,
}

/// Who may read which rows of a view. A view that says nothing of itself is open by the operation,
/// project or environment that its rows belong to, and otherwise to administrators only.
#[must_use]
pub fn readers(view: &View) -> Readers {
    if view.schema == super::msdb::SCHEMA {
        return match (view.column("job_id"), view.column("schedule_id")) {
            (Some(job), _) => Readers::Job(job.name),
            (None, Some(schedule)) => Readers::Schedule(schedule.name),
            (None, None) => Readers::Administrators,
        };
    }
    match view.name {
        // Whoever may run something chooses among the levels.
        "customized_logging_levels" | "master_properties" | "masters" | "principals" => {
            return Readers::Everyone;
        }
        "worker_agents" | "worker_states" => return Readers::ClusterExecutors,
        "event_message_context" => return Readers::OfMessage("Event_message_id"),
        "folders" => return Readers::Of(Securable::Folder, "id"),
        "object_versions" => return Readers::Of(Securable::Project, "object_id"),
        "logins" => return Readers::Login("name"),
        "login_roles" | "tokens" => return Readers::Login("login_name"),
        "effective_object_permissions" => return Readers::Effective,
        "explicit_object_permissions" => return Readers::Explicit,
        _ => {}
    }
    let owners = [
        (Securable::Operation, "execution_id"),
        (Securable::Operation, "operation_id"),
        (Securable::Operation, "validation_id"),
        (Securable::Project, "project_id"),
        (Securable::Environment, "environment_id"),
    ];
    owners
        .into_iter()
        .find_map(|(kind, name)| Some(Readers::Of(kind, view.column(name)?.name)))
        .unwrap_or(Readers::Administrators)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::procedures::{CREATE_ENVIRONMENT, CREATE_EXECUTION, PROCEDURES};
    use crate::registry::views::VIEWS;

    #[test]
    fn a_rule_reads_as_the_documentation_says_it() {
        assert_eq!(
            CREATE_ENVIRONMENT.permission.lines(),
            ["READ and MODIFY, or READ and CREATE_OBJECTS, on the folder"]
        );
        assert_eq!(
            CREATE_EXECUTION.permission.lines(),
            [
                "READ and EXECUTE on the project",
                "READ on the environment, where a reference is given",
                "the role `ssis_cluster_executor`, for an execution in Scale Out"
            ]
        );
    }

    #[test]
    fn what_is_needed_can_be_given() {
        for procedure in PROCEDURES {
            for need in procedure.permission.needs() {
                for one in need.permissions.iter().chain(need.or) {
                    assert!(one.applies_to(need.object), "{} {need}", procedure.name);
                }
            }
        }
    }

    #[test]
    fn everyone_reads_only_what_names_no_object() {
        let open: Vec<&str> = VIEWS
            .iter()
            .filter(|view| readers(view) == Readers::Everyone)
            .map(|view| view.name)
            .collect();
        let names = [
            "customized_logging_levels",
            "master_properties",
            "masters",
            "principals",
        ];
        assert_eq!(open, names);
    }
}
