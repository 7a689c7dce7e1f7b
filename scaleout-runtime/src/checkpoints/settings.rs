//! What a package says about checkpoints.

use scaleout_core::package::Executable;

/// `CheckpointUsage`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Usage {
    /// The package always starts from its beginning.
    #[default]
    Never,
    /// It goes on where it failed, if there is a file.
    IfExists,
    /// There must be a file.
    Always,
}

/// The three properties together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `SaveCheckpoints`
    pub(super) saves: bool,
    /// `CheckpointFileName`
    pub(super) file_name: String,
    pub(super) usage: Usage,
}

impl Settings {
    /// Reads them from a package whose property expressions are applied.
    #[must_use]
    pub fn of(package: &Executable) -> Self {
        let property = |name: &str| {
            let written = package.other_properties.get(name);
            written.map_or("", |text| text.trim())
        };
        Self {
            saves: matches!(property("SaveCheckpoints"), "True" | "true" | "-1" | "1"),
            file_name: property("CheckpointFileName").to_owned(),
            usage: match property("CheckpointUsage") {
                "1" | "IfExists" => Usage::IfExists,
                "2" | "Always" => Usage::Always,
                _ => Usage::Never,
            },
        }
    }

    /// Whether checkpoints play any part in a run.
    pub(super) fn is_used(&self) -> bool {
        self.saves || self.usage != Usage::Never
    }
}
