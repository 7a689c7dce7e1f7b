//! The command line: global options and the list of commands.

use clap::{Args, Parser, Subcommand};

use crate::commands;
use crate::output::OutputFormat;

/// Scale Out: run SSIS packages on many machines
///
/// Exit codes: 0 done; 1 the execution failed; 2 wrong command line; 3 canceled; 4 not found;
/// 5 a package or project cannot be loaded; 6 refused; 7 the master cannot be reached; 130 ended by
/// Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "soctl", version, propagate_version = true)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub struct GlobalArgs {
    /// How to print the result
    #[arg(long, global = true, value_enum, default_value_t, env = "SOCTL_OUTPUT")]
    pub output: OutputFormat,
    /// Address of the master, such as https://localhost:8391
    #[arg(long, global = true, value_name = "URL", env = "SOCTL_MASTER")]
    pub master: Option<String>,
    /// Which known master to talk to (see `soctl up`)
    #[arg(long, global = true, value_name = "NAME", env = "SOCTL_CONTEXT")]
    pub context: Option<String>,
    /// Say nothing but the result and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Show the service log on stderr; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// All commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(commands::demo::DemoArgs),
    Up(commands::up::UpArgs),
    Deploy(commands::deploy::DeployArgs),
    Execute(commands::execute::ExecuteArgs),
    #[command(subcommand, visible_alias = "execution")]
    Executions(commands::executions::ExecutionsCommand),
    #[command(subcommand, visible_alias = "worker")]
    Workers(commands::workers::WorkersCommand),
    #[command(subcommand, visible_alias = "folder")]
    Folders(commands::folders::FoldersCommand),
    #[command(subcommand, visible_alias = "project")]
    Projects(commands::projects::ProjectsCommand),
    #[command(subcommand, visible_alias = "package")]
    Packages(commands::packages::PackagesCommand),
    #[command(subcommand)]
    Scaleout(commands::scaleout::ScaleoutCommand),
    #[command(subcommand)]
    Master(commands::master::MasterCommand),
    Validate(commands::validate::ValidateArgs),
    #[command(subcommand)]
    Expression(commands::expression::ExpressionCommand),
    Proc(commands::proc::ProcArgs),
    View(commands::view::ViewArgs),
    Completions(commands::completions::CompletionsArgs),
    #[command(hide = true)]
    Executor(commands::executor::ExecutorArgs),
}
