//! The command line: global options and the list of commands.

use clap::{Args, Parser, Subcommand};

use crate::commands;
use crate::output::OutputFormat;

/// Scale Out: run SSIS packages on many machines
///
/// Exit codes: 0 done; 1 the execution failed; 2 wrong command line; 3 canceled; 4 not found;
/// 5 a package or project cannot be loaded; 6 refused; 7 the master cannot be reached; 130 ended by
/// Ctrl-C.
///
/// Examples:
///   soctl demo
///   soctl up
///   soctl execute --package load.dtsx
///   soctl executions list --output json
#[derive(Debug, Parser)]
#[command(
    name = "soctl",
    version,
    propagate_version = true,
    verbatim_doc_comment
)]
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
    /// Which known master to talk to (see `soctl context`)
    #[arg(long, global = true, value_name = "NAME", env = "SOCTL_CONTEXT")]
    pub context: Option<String>,
    /// Say nothing but the result and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Show the service log on stderr, of which services show warnings anyway; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// All commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(commands::demo::DemoArgs),
    Up(commands::up::UpArgs),
    Deploy(commands::deploy::DeployArgs),
    Execute(Box<commands::execute::ExecuteArgs>),
    #[command(subcommand)]
    Batch(commands::batch::BatchCommand),
    #[command(subcommand, visible_alias = "execution")]
    Executions(commands::executions::ExecutionsCommand),
    #[command(subcommand, visible_alias = "validation")]
    Validations(commands::validations::ValidationsCommand),
    #[command(subcommand, visible_alias = "operation")]
    Operations(commands::operations::OperationsCommand),
    #[command(subcommand, visible_alias = "logging-level")]
    LoggingLevels(commands::logging_levels::LoggingLevelsCommand),
    #[command(subcommand, visible_alias = "worker")]
    Workers(commands::workers::WorkersCommand),
    #[command(subcommand, visible_alias = "folder")]
    Folders(commands::folders::FoldersCommand),
    #[command(subcommand, visible_alias = "project")]
    Projects(commands::projects::ProjectsCommand),
    #[command(subcommand, visible_alias = "package")]
    Packages(commands::packages::PackagesCommand),
    #[command(subcommand, visible_alias = "parameter")]
    Parameters(commands::parameters::ParametersCommand),
    #[command(subcommand, visible_alias = "environment")]
    Environments(commands::environments::EnvironmentsCommand),
    #[command(subcommand, visible_alias = "variable")]
    Variables(commands::variables::VariablesCommand),
    #[command(subcommand, visible_alias = "reference")]
    References(commands::references::ReferencesCommand),
    #[command(subcommand, visible_alias = "jobs")]
    Job(commands::job::JobCommand),
    Login(commands::login::LoginArgs),
    Logout(commands::logout::LogoutArgs),
    #[command(subcommand, visible_alias = "contexts")]
    Context(commands::context::ContextCommand),
    #[command(subcommand)]
    Logins(commands::logins::LoginsCommand),
    #[command(subcommand, visible_alias = "permission")]
    Permissions(commands::permissions::PermissionsCommand),
    #[command(subcommand, visible_alias = "token")]
    Tokens(commands::tokens::TokensCommand),
    Audit(commands::audit::AuditArgs),
    #[command(subcommand)]
    Catalog(commands::catalog::CatalogCommand),
    #[command(subcommand)]
    Scaleout(commands::scaleout::ScaleoutCommand),
    #[command(subcommand)]
    Master(commands::master::MasterCommand),
    Doctor(commands::doctor::DoctorArgs),
    #[command(subcommand)]
    Logs(commands::logs::LogsCommand),
    #[command(subcommand, visible_alias = "certs")]
    Cert(commands::cert::CertCommand),
    Validate(commands::validate::ValidateArgs),
    Inspect(commands::inspect::InspectArgs),
    Dtexec(commands::dtexec::DtexecArgs),
    Lineage(commands::lineage::LineageArgs),
    #[command(subcommand)]
    Expression(commands::expression::ExpressionCommand),
    Proc(commands::proc::ProcArgs),
    View(commands::view::ViewArgs),
    Completions(commands::completions::CompletionsArgs),
    #[command(subcommand)]
    Bench(commands::bench::BenchCommand),
    #[command(hide = true)]
    Executor(commands::executor::ExecutorArgs),
}

#[cfg(test)]
mod recommended;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Every command that `--help` shows, with the words that lead to it.
    fn commands(path: &str, command: &clap::Command, found: &mut Vec<(String, String)>) {
        let help = command
            .get_long_about()
            .or_else(|| command.get_about())
            .map(ToString::to_string);
        found.push((path.to_owned(), help.unwrap_or_default()));
        for inner in command
            .get_subcommands()
            .filter(|inner| !inner.is_hide_set())
        {
            commands(&format!("{path} {}", inner.get_name()), inner, found);
        }
    }

    /// The lines below `Examples:`, those that end in a backslash joined with what follows. None
    /// is so long that help would break it on a terminal of 80 columns.
    fn examples(help: &str) -> Vec<String> {
        let section = help.split_once("\nExamples:\n").map_or("", |split| split.1);
        let lines = section.lines();
        let lines: Vec<&str> = lines.map_while(|line| line.strip_prefix("  ")).collect();
        for line in &lines {
            assert!(line.len() <= 78, "too long: {line}");
        }
        let joined = lines.join("\n").replace(" \\\n", "");
        joined.lines().map(str::to_owned).collect()
    }

    /// The words that a shell makes of a line, up to a redirection. Knows single quotes.
    fn words(line: &str) -> Vec<String> {
        let (command, _file) = line.split_once(" > ").unwrap_or((line, ""));
        let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
        for character in command.chars() {
            match character {
                '\'' => quoted = !quoted,
                ' ' if quoted => word.push(' '),
                ' ' if word.is_empty() => {}
                ' ' => words.push(std::mem::take(&mut word)),
                _ => word.push(character),
            }
        }
        assert!(!quoted, "a quote is open in: {line}");
        words.push(word);
        words
    }

    #[test]
    fn every_command_has_examples_of_itself_that_parse() {
        let mut all = Vec::new();
        commands("soctl", &Cli::command(), &mut all);
        assert!(all.len() > 20, "{all:?}");
        for (path, help) in all {
            let examples = examples(&help);
            assert!(!examples.is_empty(), "no examples in `{path} --help`");
            for example in examples {
                assert!(
                    example.starts_with(&path),
                    "an example of `{path}` is: {example}"
                );
                let parsed = Cli::command().try_get_matches_from(words(&example));
                let problem = parsed.err().map(|error| error.to_string());
                assert_eq!(problem, None, "in `{path} --help`: {example}");
            }
        }
    }

    #[test]
    fn options_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
