//! Operation states and logging levels.

use serde::{Deserialize, Serialize};

/// `status` of an operation or execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationStatus {
    /// 1
    Created,
    /// 2
    Running,
    /// 3
    Canceled,
    /// 4
    Failed,
    /// 5
    Pending,
    /// 6
    EndedUnexpectedly,
    /// 7
    Succeeded,
    /// 8
    Stopping,
    /// 9
    Completed,
}

impl OperationStatus {
    /// All states, by number.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Running,
        Self::Canceled,
        Self::Failed,
        Self::Pending,
        Self::EndedUnexpectedly,
        Self::Succeeded,
        Self::Stopping,
        Self::Completed,
    ];

    /// The number in the views.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Created => 1,
            Self::Running => 2,
            Self::Canceled => 3,
            Self::Failed => 4,
            Self::Pending => 5,
            Self::EndedUnexpectedly => 6,
            Self::Succeeded => 7,
            Self::Stopping => 8,
            Self::Completed => 9,
        }
    }

    /// The state with that number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|status| i64::from(status.number()) == number)
    }

    /// The word people read.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::EndedUnexpectedly => "ended unexpectedly",
            Self::Succeeded => "succeeded",
            Self::Stopping => "stopping",
            Self::Completed => "completed",
        }
    }

    /// No further state follows.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Canceled
                | Self::Failed
                | Self::EndedUnexpectedly
                | Self::Succeeded
                | Self::Completed
        )
    }
}

/// `LOGGING_LEVEL` of an execution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoggingLevel {
    /// 0
    None,
    /// 1, the default
    #[default]
    Basic,
    /// 2
    Performance,
    /// 3
    Verbose,
    /// 4
    RuntimeLineage,
    /// 100
    Customized,
}

impl LoggingLevel {
    /// All levels.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::Basic,
        Self::Performance,
        Self::Verbose,
        Self::RuntimeLineage,
        Self::Customized,
    ];

    /// The number of `LOGGING_LEVEL`.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::None => 0,
            Self::Basic => 1,
            Self::Performance => 2,
            Self::Verbose => 3,
            Self::RuntimeLineage => 4,
            Self::Customized => 100,
        }
    }

    /// The level with that number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| i64::from(level.number()) == number)
    }
}
