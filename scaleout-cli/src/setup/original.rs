//! What the original's set-up parameters demand here.

use clap::ValueEnum;

/// `/ISMASTERSVCSTARTUPTYPE` and `/ISWORKERSVCSTARTUPTYPE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum StartupType {
    /// Start it now and with the machine
    #[default]
    #[value(name = "automatic", alias = "Automatic")]
    Automatic,
    /// Do not start it; somebody will
    #[value(name = "manual", alias = "Manual")]
    Manual,
    /// Do not start it, and refuse to be started
    #[value(name = "disabled", alias = "Disabled")]
    Disabled,
}
