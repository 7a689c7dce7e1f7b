//! The numbers that catalog rows carry: kinds of operations, objects and parameters.

/// `operation_type`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationType {
    /// 2: logs older than the retention window are removed.
    CleanupOperations,
    /// 3: versions beyond the most that a project may have are removed.
    CleanupVersions,
    /// 101, also for single packages: the original states no number of its own for those.
    DeployProject,
    /// 106
    RestoreProject,
    /// 200
    Execution,
    /// 202
    Stop,
    /// 300
    ValidateProject,
    /// 301
    ValidatePackage,
    /// 1000
    ConfigureCatalog,
    /// 1100, which the original does not have: a command of a step of a job.
    JobCommand,
}

impl OperationType {
    /// The number in the views.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::CleanupOperations => 2,
            Self::CleanupVersions => 3,
            Self::DeployProject => 101,
            Self::RestoreProject => 106,
            Self::Execution => 200,
            Self::Stop => 202,
            Self::ValidateProject => 300,
            Self::ValidatePackage => 301,
            Self::ConfigureCatalog => 1000,
            Self::JobCommand => 1100,
        }
    }
}

/// `object_type` of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectType {
    /// 10
    Folder,
    /// 20
    Project,
    /// 30
    Package,
    /// 50
    Execution,
}

impl ObjectType {
    /// The number in the views.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Folder => 10,
            Self::Project => 20,
            Self::Package => 30,
            Self::Execution => 50,
        }
    }
}

/// `object_type` of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterScope {
    /// 20: a parameter of the project.
    Project,
    /// 30: a parameter of a package.
    Package,
    /// 50: an option of an execution, such as `LOGGING_LEVEL`.
    Execution,
}

impl ParameterScope {
    /// The number in procedures and views.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Project => 20,
            Self::Package => 30,
            Self::Execution => 50,
        }
    }

    /// The scope with that number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Project, Self::Package, Self::Execution]
            .into_iter()
            .find(|scope| scope.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_found_by_its_number() {
        for scope in [
            ParameterScope::Project,
            ParameterScope::Package,
            ParameterScope::Execution,
        ] {
            assert_eq!(ParameterScope::from_number(scope.number()), Some(scope));
        }
        assert_eq!(ParameterScope::from_number(10), None);
    }
}
