//! What the declaration of a settings key says.

use super::time_span::TimeSpan;

/// One key of a settings file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SettingKey {
    /// Name as published, misspellings included.
    pub name: &'static str,
    /// Type and range.
    pub kind: KeyKind,
    /// Default as JSON; `null` where there is none.
    pub default: &'static str,
    /// Unit, empty where the type says it.
    pub unit: &'static str,
    /// What it does, in one sentence.
    pub meaning: &'static str,
    /// When a new value takes effect in a service that runs.
    pub applies: Applies,
}

/// When a new value of a key takes effect in a service that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// When the service reads its file again, on SIGHUP.
    OnReload,
    /// When the service starts.
    OnRestart,
}

impl Applies {
    /// For tables and scripts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnReload => "reload",
            Self::OnRestart => "restart",
        }
    }
}

/// Type and range of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeyKind {
    /// A whole number.
    Integer {
        /// Least.
        least: i64,
        /// Most.
        most: i64,
    },
    /// A number.
    Number {
        /// Least.
        least: f64,
        /// Most.
        most: f64,
    },
    /// `[d.]hh:mm:ss`
    TimeSpan {
        /// Least.
        least: TimeSpan,
        /// Most.
        most: TimeSpan,
    },
    /// `true` or `false`.
    Boolean,
    /// Any text up to a length.
    Text {
        /// Most characters.
        most: usize,
    },
    /// A folder; empty means the default place.
    Folder,
    /// One of some words, in any case.
    Choice(&'static [&'static str]),
    /// 40 or 64 hex digits; empty means not set.
    Thumbprint,
    /// `https://host:port`; empty means not set.
    Endpoint,
    /// A GUID, or `null`.
    Guid,
    /// An object of texts.
    Texts,
}

impl KeyKind {
    /// The range in words, for errors and reference pages.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Integer { least, most } => format!("a whole number from {least} to {most}"),
            Self::Number { least, most } => format!("a number from {least} to {most}"),
            Self::TimeSpan { least, most } => {
                format!("a time span `[d.]hh:mm:ss` from {least} to {most}")
            }
            Self::Boolean => "true or false".to_owned(),
            Self::Text { most } => format!("a text of at most {most} characters"),
            Self::Folder => "a folder, or an empty text for the default place".to_owned(),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Thumbprint => "a thumbprint of 40 or 64 hex digits".to_owned(),
            Self::Endpoint => "an address `https://host:port`".to_owned(),
            Self::Guid => "a GUID".to_owned(),
            Self::Texts => "an object whose values are texts".to_owned(),
        }
    }
}
