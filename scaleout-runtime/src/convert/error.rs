//! Why a value cannot be converted.

use scaleout_core::error::{Blame, Explain};

use super::code_page::UnknownCodePage;
use crate::value::DataType;

/// Why a value cannot be converted. Never carries the value: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The table of legal conversions does not have this pair.
    #[error("converting `{}` to `{}` is not supported", from.name(), to.name())]
    NotSupported {
        /// Type of the value.
        from: DataType,
        /// Type asked for.
        to: DataType,
    },
    /// The text, or the bytes, are not a value of the type.
    #[error("the value of type `{}` is not a valid `{}`", from.name(), to.name())]
    Invalid {
        /// Type of the value.
        from: DataType,
        /// Type asked for.
        to: DataType,
    },
    /// The value is too large or too small for the type.
    #[error("overflow converting `{}` to `{}`", from.name(), to.name())]
    Overflow {
        /// Type of the value.
        from: DataType,
        /// Type asked for.
        to: DataType,
    },
    /// The value is not what its type says.
    #[error("a value declared as `{}` holds something else", .0.name())]
    Mislabeled(DataType),
    /// The code page is not known.
    #[error(transparent)]
    CodePage(#[from] UnknownCodePage),
}

impl ConvertError {
    /// SSIS's own number for the failure.
    #[must_use]
    pub fn ssis_code(&self) -> u32 {
        match self {
            Self::NotSupported { .. } => 0xC004_70C1,
            Self::Overflow { .. } => 0xC004_70C0,
            Self::Invalid { .. } | Self::Mislabeled(_) | Self::CodePage(_) => 0xC020_9029,
        }
    }

    /// Stable code.
    pub(crate) fn stable_code(&self) -> &'static str {
        match self {
            Self::NotSupported { .. } => "SO3020",
            Self::Invalid { .. } => "SO3021",
            Self::Overflow { .. } => "SO3022",
            Self::Mislabeled(_) => "SO3023",
            Self::CodePage(_) => "SO3024",
        }
    }
}

impl Explain for ConvertError {
    fn code(&self) -> &str {
        self.stable_code()
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Mislabeled(_) => Blame::Server,
            Self::NotSupported { .. } | Self::Invalid { .. } | Self::Overflow { .. } => {
                Blame::Caller
            }
            Self::CodePage(error) => error.blame(),
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::NotSupported { .. } => "convert in two steps, for example by way of DT_WSTR",
            Self::Invalid { .. } => {
                "check the value and the locale that decides decimal signs and date order"
            }
            Self::Overflow { .. } => "use a larger type",
            Self::Mislabeled(_) => {
                "report it with the package and this message: it is a defect of the program"
            }
            Self::CodePage(error) => return error.hint(),
        };
        hint.to_owned()
    }
}
