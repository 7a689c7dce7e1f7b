//! What can be wrong with a settings file; each error names the file and the key.

use crate::error::{Blame, Explain};

/// Why a settings file was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not JSON.
    #[error("`{file}` is not valid JSON: {reason}")]
    NotJson {
        /// File as the caller names it.
        file: String,
        /// With line and column.
        reason: String,
    },
    /// The XML form, but damaged.
    #[error("`{file}` is not valid XML: {reason}")]
    Xml {
        /// File.
        file: String,
        /// With the line.
        reason: String,
    },
    /// JSON, but no object.
    #[error("`{file}` does not hold a JSON object of settings")]
    NotAnObject {
        /// File.
        file: String,
    },
    /// No such key.
    #[error("`{file}`: there is no setting `{key}`")]
    UnknownKey {
        /// File.
        file: String,
        /// As written.
        key: String,
        /// The closest known one.
        meant: Option<String>,
    },
    /// The same key twice, in different case.
    #[error("`{file}`: the setting `{key}` is given twice")]
    TwiceGiven {
        /// File.
        file: String,
        /// Known name.
        key: String,
    },
    /// A value of the wrong type or out of range.
    #[error("`{file}`: `{key}` is {found}, but must be {expected}")]
    BadValue {
        /// File.
        file: String,
        /// Known name.
        key: String,
        /// What was written, shortened.
        found: String,
        /// Type and range.
        expected: String,
    },
    /// Two keys that do not go together.
    #[error("`{file}`: `{key}` must be {expected}")]
    Contradiction {
        /// File.
        file: String,
        /// Key to change.
        key: String,
        /// What it must be.
        expected: String,
    },
}

impl Explain for SettingsError {
    fn code(&self) -> &str {
        match self {
            Self::NotJson { .. } | Self::Xml { .. } | Self::NotAnObject { .. } => "SO8501",
            Self::UnknownKey { .. } => "SO8502",
            Self::TwiceGiven { .. } => "SO8503",
            Self::BadValue { .. } => "SO8504",
            Self::Contradiction { .. } => "SO8505",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::UnknownKey {
                meant: Some(meant), ..
            } => return format!("did you mean `{meant}`?"),
            Self::UnknownKey { meant: None, .. } => {
                "remove it; `soctl master settings list` and `soctl worker settings list` show all names"
            }
            Self::NotJson { .. } | Self::NotAnObject { .. } => {
                "write it as `{ \"Key\": value, … }`"
            }
            Self::Xml { .. } => "mend it, or write the same keys as `{ \"Key\": value, … }`",
            Self::TwiceGiven { .. } => "keep one of them",
            Self::BadValue { .. } | Self::Contradiction { .. } => {
                "correct it (`soctl master settings set`, `soctl worker settings set`) and restart the service"
            }
        };
        hint.to_owned()
    }
}
