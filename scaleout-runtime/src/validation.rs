//! What is wrong with a package before it runs.

use std::sync::Arc;

use scaleout_core::package::project::{Project, ProjectPackage};
use serde::{Deserialize, Serialize};

use crate::run::{SurveyOptions, survey};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemSeverity {
    /// The package runs, but not quite as written.
    Warning,
    /// The package cannot run.
    Error,
}

/// What `soctl validate` prints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationReport {
    /// One entry per package, in the order of the project.
    pub packages: Vec<PackageReport>,
}

/// What is wrong with one package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageReport {
    /// File name.
    pub name: String,
    /// Nothing stops it from running here.
    pub supported: bool,
    /// Every problem at once.
    pub problems: Vec<Problem>,
}

/// Every problem of a package, with the values of its design. Nothing outside is touched
/// unless the options say so.
#[must_use]
pub fn validate_package(
    project: &Arc<Project>,
    package: &ProjectPackage,
    options: &SurveyOptions,
) -> Vec<Problem> {
    survey(project, package, options)
}

/// Every problem of every package of a project.
#[must_use]
pub fn validate_project(project: &Arc<Project>, options: &SurveyOptions) -> ValidationReport {
    let report = |package: &ProjectPackage| {
        let problems = validate_package(project, package, options);
        PackageReport {
            name: package.file_name.clone(),
            supported: !problems.iter().any(Problem::is_error),
            problems,
        }
    };
    ValidationReport {
        packages: project.packages.iter().map(report).collect(),
    }
}

/// One thing that is wrong, or not supported, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code: ours (`SO4001`) or SSIS's (`0xC0047062`).
    pub code: String,
    /// How bad.
    pub severity: ProblemSeverity,
    /// Where: `\Package\Task`, then `\Component` inside a data flow.
    pub path: String,
    /// What kind of object: `Microsoft.ScriptTask`, `Microsoft.Lookup`, `connection`, `expression`, …
    pub kind: String,
    /// What, why, and what would help.
    pub message: String,
    /// The column that it is about, where a component can have one such problem for each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

impl Problem {
    /// A problem that stops the package.
    pub fn error(code: &str, path: &str, kind: &str, message: impl Into<String>) -> Self {
        Self::new(ProblemSeverity::Error, code, path, kind, message)
    }

    /// A problem that does not stop the package.
    pub fn warning(code: &str, path: &str, kind: &str, message: impl Into<String>) -> Self {
        Self::new(ProblemSeverity::Warning, code, path, kind, message)
    }

    /// The same, about one column.
    #[must_use]
    pub fn about_column(self, name: &str) -> Self {
        Self {
            column: Some(name.to_owned()),
            ..self
        }
    }

    /// Whether it stops the package.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == ProblemSeverity::Error
    }

    fn new(
        severity: ProblemSeverity,
        code: &str,
        path: &str,
        kind: &str,
        message: impl Into<String>,
    ) -> Self {
        let (code, path, kind) = (code.to_owned(), path.to_owned(), kind.to_owned());
        Self {
            code,
            severity,
            path,
            kind,
            message: message.into(),
            column: None,
        }
    }
}
