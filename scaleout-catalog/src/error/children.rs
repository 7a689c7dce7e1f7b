//! Why a child package is not started as an execution of its own.

use scaleout_core::error::{Blame, Explain};

/// Why a child package is not started as an execution of its own.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChildPackageError {
    /// Packages run each other without end.
    #[error("executions run child packages inside each other more than {most} deep")]
    TooDeep {
        /// Most that may.
        most: u32,
    },
    /// A loop starts them without end.
    #[error("execution {parent_id} has {most} child executions that have not ended")]
    TooMany {
        /// The parent.
        parent_id: i64,
        /// Most that may be.
        most: u32,
    },
    /// Its parent is being stopped.
    #[error("execution {parent_id} is being stopped and starts nothing more")]
    ParentStops {
        /// The parent.
        parent_id: i64,
    },
    /// The execution is no child of that parent.
    #[error("execution {execution_id} is no child of execution {parent_id}")]
    NotItsChild {
        /// The execution.
        execution_id: i64,
        /// The parent.
        parent_id: i64,
    },
}

impl Explain for ChildPackageError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooDeep { .. } => "SO7190",
            Self::TooMany { .. } => "SO7191",
            Self::ParentStops { .. } => "SO7192",
            Self::NotItsChild { .. } => "SO7193",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::TooDeep { .. } | Self::TooMany { .. } => Blame::Caller,
            Self::ParentStops { .. } => Blame::Conflict,
            Self::NotItsChild { .. } => Blame::Forbidden,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::TooDeep { .. } => {
                "look for a package that runs itself, directly or through others"
            }
            Self::TooMany { .. } => {
                "let fewer Execute Package tasks run at the same time: `MaxConcurrentExecutables` of \
                 the package says how many"
            }
            Self::ParentStops { .. } => "nothing, if the stop was meant; otherwise run it again",
            Self::NotItsChild { .. } => {
                "nothing of a package causes this: look for a worker that is not one of ours"
            }
        };
        hint.to_owned()
    }
}
