//! What a command line says, once it is read.

use std::path::PathBuf;

use scaleout_core::package::PackagePassword;

use super::console_log::ConsoleLog;
use super::reporting::Reporting;
use super::setting::{ParameterValue, Setting};

/// Everything that was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CommandLine {
    /// The package.
    pub source: Option<Source>,
    /// `/Package`
    pub package: Option<String>,
    /// `/Server`
    pub server: Option<String>,
    /// `/Set`, `/Connection`, `/ConfigFile` and others that change the package, in their order.
    pub settings: Vec<Setting>,
    /// `/Parameter`
    pub parameters: Vec<ParameterValue>,
    /// `/EnvReference`
    pub reference: Option<i64>,
    /// `/Reporting`
    pub reporting: Reporting,
    /// `/ConsoleLog`
    pub console_log: Option<ConsoleLog>,
    /// `/Sum`
    pub sum: bool,
    /// `/Validate`
    pub validate: bool,
    /// `/WarnAsError`
    pub warn_as_error: bool,
    /// `/VerifyBuild`, `/VerifyPackageID` and the like.
    pub checks: Vec<Check>,
    /// `/DumpOnError`
    pub dump_on_error: bool,
    /// `/Dump`: codes of messages.
    pub dump_on_codes: Vec<u32>,
    /// `/Decrypt`
    pub decrypt: Option<PackagePassword>,
    /// What is taken and means nothing here, in words for people.
    pub notes: Vec<String>,
    /// `/Help`
    pub help: bool,
}

/// Where the package is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `/File`
    File(PathBuf),
    /// `/Project`
    Project(PathBuf),
    /// `/ISServer`: folder, project, package.
    Server {
        /// Folder of the catalog.
        folder: String,
        /// Project.
        project: String,
        /// Package file name.
        package: String,
    },
}

/// What must be so for the package to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Major, minor, build; the last two if they were given.
    Build(u32, Option<u32>, Option<u32>),
    /// `DTSID`
    PackageId(String),
    /// `VersionGUID`
    VersionId(String),
    /// A valid signature.
    Signed,
}

/// Why a command line cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// No such option.
    #[error("Option \"{0}\" is not valid.")]
    Option(String),
    /// A value that the option does not take.
    #[error("Argument \"{argument}\" for option \"{option}\" is not valid: {reason}.")]
    Argument {
        /// As given.
        argument: String,
        /// Name of the option.
        option: &'static str,
        /// Why.
        reason: String,
    },
    /// The option needs a value.
    #[error("Option \"{0}\" needs an argument.")]
    Missing(&'static str),
    /// A word that belongs to no option.
    #[error("Argument \"{0}\" belongs to no option.")]
    Stray(String),
    /// Two packages are named.
    #[error("Options \"{0}\" and \"{1}\" cannot be used together.")]
    Together(&'static str, &'static str),
    /// No package is named.
    #[error(
        "No package is given: use \"/File\", \"/Project\" with \"/Package\", or \"/ISServer\"."
    )]
    NoPackage,
    /// An option needs another one.
    #[error("Option \"{0}\" can be used only with \"{1}\".")]
    OnlyWith(&'static str, &'static str),
    /// What is not here.
    #[error("{0}")]
    NotHere(String),
    /// A command file cannot be read.
    #[error("Command file \"{path}\" cannot be read: {reason}.")]
    CommandFile {
        /// As given.
        path: String,
        /// Why.
        reason: String,
    },
}
