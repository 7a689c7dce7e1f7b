//! Why the catalog cannot be configured or cleaned.

use scaleout_core::error::{Blame, Explain};

/// Why the catalog cannot be configured or cleaned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpkeepError {
    /// No such property.
    #[error("the catalog has no property `{name}`")]
    PropertyUnknown {
        /// As asked for.
        name: String,
        /// Those that can be set.
        known: Vec<&'static str>,
    },
    /// A value that is none of the property's.
    #[error("the value for the property `{name}` is not valid: {reason}")]
    PropertyValue {
        /// The property.
        name: &'static str,
        /// What is wrong.
        reason: &'static str,
        /// How a valid one is written.
        form: &'static str,
    },
    /// A property that `configure_catalog` does not set.
    #[error("the property `{name}` cannot be set")]
    PropertyFixed {
        /// The property.
        name: &'static str,
        /// What sets it.
        instead: &'static str,
    },
    /// Not while packages run.
    #[error("{count} executions are pending or running, and the catalog must be at rest for this")]
    ExecutionsActive {
        /// How many.
        count: i64,
    },
    /// A property that belongs to the logs that are there.
    #[error("the property `{name}` cannot change while the catalog holds logs of executions")]
    LogsRemain {
        /// The property.
        name: &'static str,
    },
    /// Forbidden by a property.
    #[error("logs are not to be removed: the property OPERATION_CLEANUP_ENABLED is FALSE")]
    CleanupDisabled,
    /// Keys of a kind that this catalog does not make.
    #[error(
        "cleanup flag {flag} is for another encryption level: SERVER_OPERATION_ENCRYPTION_LEVEL is {level}"
    )]
    OtherKeys {
        /// `@cleanup_flag`.
        flag: u8,
        /// The property.
        level: u8,
    },
    /// The schema is not the one that this program made.
    #[error("the catalog has schema {found}, and this master works with schema {known}")]
    SchemaDiffers {
        /// Schema of the database.
        found: i64,
        /// Schema of this program.
        known: i64,
    },
}

impl Explain for UpkeepError {
    fn code(&self) -> &'static str {
        match self {
            Self::PropertyUnknown { .. } => "SO7042",
            Self::PropertyValue { .. } => "SO7039",
            Self::PropertyFixed { .. } => "SO7043",
            Self::ExecutionsActive { .. } => "SO7044",
            Self::LogsRemain { .. } => "SO7045",
            Self::CleanupDisabled => "SO7046",
            Self::SchemaDiffers { .. } => "SO7047",
            Self::OtherKeys { .. } => "SO7170",
        }
    }

    fn number(&self) -> Option<i64> {
        Some(match self {
            Self::PropertyUnknown { .. } => 27156,
            Self::PropertyValue { .. } => 27163,
            Self::ExecutionsActive { .. } => 27139,
            Self::LogsRemain { .. } => 27141,
            Self::PropertyFixed { .. }
            | Self::CleanupDisabled
            | Self::OtherKeys { .. }
            | Self::SchemaDiffers { .. } => return None,
        })
    }

    fn blame(&self) -> Blame {
        match self {
            Self::PropertyUnknown { .. } => Blame::Missing,
            Self::PropertyValue { .. } | Self::PropertyFixed { .. } => Blame::Caller,
            Self::ExecutionsActive { .. }
            | Self::LogsRemain { .. }
            | Self::OtherKeys { .. }
            | Self::CleanupDisabled => Blame::Conflict,
            Self::SchemaDiffers { .. } => Blame::Server,
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::PropertyUnknown { known, .. } => format!("it has {}", known.join(", ")),
            Self::PropertyValue { form, .. } => format!("write {form}"),
            Self::PropertyFixed { instead, .. } => (*instead).to_owned(),
            Self::ExecutionsActive { .. } => {
                "`soctl executions list --status running` shows them; wait for their end or stop them"
                    .to_owned()
            }
            Self::LogsRemain { .. } => {
                "remove them with the procedure `cleanup_server_log` first".to_owned()
            }
            Self::CleanupDisabled => {
                "allow it with `soctl catalog set OPERATION_CLEANUP_ENABLED TRUE`".to_owned()
            }
            Self::OtherKeys { level, .. } => {
                format!("call it with `@cleanup_flag` = {level}, the kind of keys that this catalog makes")
            }
            Self::SchemaDiffers { .. } => {
                "restart the master: it upgrades an older schema; for a newer one run the newer program"
                    .to_owned()
            }
        }
    }
}
