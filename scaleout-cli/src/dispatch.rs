//! From the command line to the command: the only place that knows all of them.

use jiff::Timestamp;
use scaleout_core::client::Client;

use crate::args::{Cli, Command, GlobalArgs};
use crate::commands::{
    self, batch, bench, catalog, cert, context, environments, executions, expression, folders,
    logging_levels, logins, master, operations, packages, parameters, permissions, projects,
    references, scaleout, tokens, validations, variables, workers,
};
use crate::context::connect;
use crate::error::{CliError, CommandError};
use crate::interrupt::interrupted;
use crate::output::{Outcome, OutputFormat, Talk};
use crate::service_log::Unasked;

/// Runs one command.
///
/// # Errors
/// Whatever the command says.
pub fn run(cli: Cli) -> Result<Outcome, CliError> {
    let Cli { global, command } = cli;
    let talk = Talk::new(global.quiet);
    match command {
        // An executor is one package on plain threads; it needs no asynchronous runtime, and its
        // stderr belongs to its worker's log.
        Command::Executor(args) => commands::executor::run(&args),
        Command::Completions(args) => commands::completions::run(&args),
        Command::Expression(expression::ExpressionCommand::Eval(args)) => {
            expression::eval::run(&args, Timestamp::now())
        }
        Command::Validate(args) => commands::validate::run(&args),
        Command::Inspect(args) => commands::inspect::run(&args),
        Command::Dtexec(args) => Ok(commands::dtexec::run(&args)),
        Command::Lineage(args) => commands::lineage::run(&args),
        Command::Context(command) => with_contexts(command, &global, &talk),
        Command::Cert(command) if !command.asks_the_master() => with_certificates(&command, &talk),
        Command::Master(master::MasterCommand::Init(args)) => {
            master::init::run(*args, &talk, Timestamp::now())
        }
        Command::Master(master::MasterCommand::Settings(command)) => {
            commands::settings::run_master(&command, &talk)
        }
        Command::Workers(workers::WorkersCommand::Init(args)) => {
            workers::init::run(*args, &talk, Timestamp::now())
        }
        Command::Workers(workers::WorkersCommand::Settings(command)) => {
            commands::settings::run_worker(&command, &talk)
        }
        Command::Proc(args) if args.list => Ok(commands::proc::list()),
        Command::View(args) if args.list => Ok(commands::view::list()),
        other => {
            let unasked = unasked_log(&other, global.quiet);
            crate::service_log::start(global.verbose, unasked, is_service(&other));
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .map_err(|source| CommandError::Service {
                    what: "the asynchronous runtime",
                    source: Box::new(source),
                })?;
            runtime.block_on(with_network(other, &global, &talk))
        }
    }
}

fn with_certificates(command: &cert::CertCommand, talk: &Talk) -> Result<Outcome, CliError> {
    let now = Timestamp::now();
    match command {
        cert::CertCommand::List(args) => cert::list::run(args, now),
        cert::CertCommand::Show(args) => cert::show::run(args, now),
        cert::CertCommand::Create(args) => cert::create::run(args, now),
        cert::CertCommand::Install(args) => cert::install::run(args, now),
        cert::CertCommand::Remove(args) => cert::remove::run(args, talk),
        cert::CertCommand::Export(args) => cert::export::run(args, talk),
        cert::CertCommand::Rotate(cert::rotate::RotateCommand::Master(args)) => {
            cert::rotate::master(args, talk, now)
        }
        cert::CertCommand::Revoke(_)
        | cert::CertCommand::Rotate(cert::rotate::RotateCommand::Worker(_)) => {
            unreachable!("those ask the master")
        }
    }
}

/// Whether a command is a service, which writes its log down.
fn is_service(command: &Command) -> bool {
    matches!(
        command,
        Command::Up(_)
            | Command::Master(master::MasterCommand::Run(_))
            | Command::Workers(workers::WorkersCommand::Run(_))
    )
}

/// A service that only says `ready` would leave its operator to wonder why nothing happens.
fn unasked_log(command: &Command, quiet: bool) -> Unasked {
    match command {
        _ if quiet => Unasked::Nobody,
        Command::Up(_) => Unasked::OperatorOfSite,
        Command::Master(master::MasterCommand::Run(_))
        | Command::Workers(workers::WorkersCommand::Run(_)) => Unasked::Operator,
        _ => Unasked::Nobody,
    }
}

async fn with_network(
    command: Command,
    global: &GlobalArgs,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    match command {
        Command::Demo(args) => commands::demo::run(args, talk).await,
        Command::Up(args) => commands::up::run(args, talk).await,
        Command::Bench(bench::BenchCommand::Dispatch(args)) => {
            bench::dispatch::run(args, talk).await
        }
        Command::Bench(bench::BenchCommand::Workers(args)) => bench::workers::run(args, talk).await,
        Command::Master(master::MasterCommand::Run(args)) => master::run::run(args, talk).await,
        Command::Workers(workers::WorkersCommand::Run(args)) => workers::run::run(args, talk).await,
        Command::Catalog(catalog::CatalogCommand::Backup(args)) => catalog::backup::run(args).await,
        Command::Catalog(catalog::CatalogCommand::Restore(args)) => {
            catalog::restore::run(args, Timestamp::now()).await
        }
        Command::Login(args) => commands::login::run(args, global).await,
        Command::Doctor(args) => commands::doctor::run(args, global, Timestamp::now()).await,
        Command::Workers(workers::WorkersCommand::Join(args)) => {
            let interrupted = interrupted();
            tokio::select! {
                done = workers::join::run(*args, global.master.as_deref(), talk, Timestamp::now()) => done,
                () = interrupted => Err(CommandError::Interrupted.into()),
            }
        }
        // They have more to say about Ctrl-C than that it came.
        waiting @ (Command::Execute(_)
        | Command::Batch(_)
        | Command::Executions(executions::ExecutionsCommand::Watch(_))) => {
            with_master(waiting, global, talk).await
        }
        other => {
            let interrupted = interrupted();
            tokio::select! {
                done = with_master(other, global, talk) => done,
                () = interrupted => Err(CommandError::Interrupted.into()),
            }
        }
    }
}

async fn with_master(
    command: Command,
    global: &GlobalArgs,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    let client = &connect(global)?;
    let now = Timestamp::now();
    match command {
        Command::Deploy(args) => commands::deploy::run(args, client, talk).await,
        Command::Execute(args) => commands::execute::run(*args, client, talk).await,
        Command::Batch(command) => with_batches(command, client, talk, now).await,
        Command::Executions(command) => {
            with_executions(command, client, (talk, global.output), now).await
        }
        Command::Validations(command) => with_validations(command, client, talk).await,
        Command::Operations(command) => with_operations(command, client, talk).await,
        Command::LoggingLevels(command) => with_logging_levels(command, client, talk).await,
        Command::Cert(cert::CertCommand::Revoke(args)) => {
            cert::revoke::run(args, client, talk).await
        }
        Command::Cert(cert::CertCommand::Rotate(cert::rotate::RotateCommand::Worker(args))) => {
            cert::rotate::worker(args, client, now).await
        }
        Command::Workers(command) => with_workers(command, client, talk, now).await,
        Command::Folders(command) => with_folders(command, client, talk).await,
        Command::Projects(command) => with_projects(command, client, talk).await,
        Command::Packages(packages::PackagesCommand::List(args)) => {
            packages::list::run(args, client).await
        }
        Command::Packages(packages::PackagesCommand::Deploy(args)) => {
            packages::deploy::run(args, client).await
        }
        Command::Logout(args) => commands::logout::run(args, client, global).await,
        Command::Logins(command) => with_logins(command, client, talk).await,
        Command::Permissions(command) => with_permissions(command, client).await,
        Command::Tokens(tokens::TokensCommand::List(args)) => tokens::list::run(args, client).await,
        Command::Tokens(tokens::TokensCommand::Create(args)) => {
            tokens::create::run(args, client).await
        }
        Command::Tokens(tokens::TokensCommand::Revoke(args)) => {
            tokens::revoke::run(args, client).await
        }
        Command::Job(command) => commands::job::run(command, client, talk).await,
        Command::Audit(args) => commands::audit::run(args, client).await,
        Command::Logs(command) => commands::logs::run(command, client, global.output, now).await,
        Command::Catalog(command) => with_catalog(command, client, talk).await,
        Command::Environments(command) => with_environments(command, client, talk).await,
        Command::Variables(command) => with_variables(command, client, talk).await,
        Command::References(command) => with_references(command, client, talk).await,
        Command::Parameters(command) => with_parameters(command, client, talk).await,
        Command::Scaleout(scaleout::ScaleoutCommand::Enable(args)) => {
            scaleout::enable::run(args, client).await
        }
        Command::Scaleout(scaleout::ScaleoutCommand::Status(args)) => {
            scaleout::status::run(args, client, now).await
        }
        Command::Proc(args) => commands::proc::run(args, client).await,
        Command::View(args) => commands::view::run(args, client).await,
        Command::Demo(_)
        | Command::Bench(_)
        | Command::Login(_)
        | Command::Context(_)
        | Command::Up(_)
        | Command::Master(_)
        | Command::Cert(_)
        | Command::Doctor(_)
        | Command::Validate(_)
        | Command::Inspect(_)
        | Command::Dtexec(_)
        | Command::Lineage(_)
        | Command::Expression(_)
        | Command::Completions(_)
        | Command::Executor(_) => unreachable!("dispatched before a master was needed"),
    }
}

async fn with_batches(
    command: batch::BatchCommand,
    client: &Client,
    talk: &Talk,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    use batch::BatchCommand as Chosen;
    match command {
        Chosen::Check(args) => batch::check::run(args, client, now).await,
        Chosen::Run(args) => batch::run::run(args, client, talk).await,
        Chosen::Resume(args) => batch::resume::run(args, client, talk).await,
    }
}

fn with_contexts(
    command: context::ContextCommand,
    global: &GlobalArgs,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use context::ContextCommand as Chosen;
    match command {
        Chosen::List(args) => context::list::run(&args),
        Chosen::Use(args) => context::use_context::run(&args),
        Chosen::Show(args) => context::show::run(&args, global),
        Chosen::Delete(args) => context::delete::run(&args, talk),
    }
}

async fn with_logins(
    command: logins::LoginsCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use logins::LoginsCommand as Chosen;
    match command {
        Chosen::List(args) => logins::list::run(args, client).await,
        Chosen::Create(args) => logins::create::run(args, client).await,
        Chosen::Password(args) => logins::password::run(args, client).await,
        Chosen::Certificate(args) => logins::certificate::run(args, client).await,
        Chosen::Enable(args) => logins::enable::run(args, client).await,
        Chosen::Disable(args) => logins::disable::run(args, client).await,
        Chosen::Grant(args) => logins::grant::run(args, client).await,
        Chosen::Revoke(args) => logins::revoke::run(args, client).await,
        Chosen::Delete(args) => logins::delete::run(args, client, talk).await,
    }
}

async fn with_permissions(
    command: permissions::PermissionsCommand,
    client: &Client,
) -> Result<Outcome, CliError> {
    use permissions::PermissionsCommand as Chosen;
    match command {
        Chosen::List(args) => permissions::list::run(args, client).await,
        Chosen::Grant(args) => permissions::grant::run(args, client).await,
        Chosen::Deny(args) => permissions::deny::run(args, client).await,
        Chosen::Revoke(args) => permissions::revoke::run(args, client).await,
    }
}

async fn with_executions(
    command: executions::ExecutionsCommand,
    client: &Client,
    (talk, format): (&Talk, OutputFormat),
    now: Timestamp,
) -> Result<Outcome, CliError> {
    use executions::ExecutionsCommand as Chosen;
    match command {
        Chosen::List(args) => executions::list::run(args, client, now).await,
        Chosen::Show(args) => executions::show::run(args, client, now).await,
        Chosen::Watch(args) => executions::watch::run(args, client, talk).await,
        Chosen::Messages(args) => executions::messages::run(args, client, format).await,
        Chosen::Report(args) => executions::report::run(args, client, format, now).await,
        Chosen::Explain(args) => executions::explain::run(args, client).await,
        Chosen::Stop(args) => executions::stop::run(args, client, talk).await,
        Chosen::Taps(executions::taps::TapsCommand::List(args)) => {
            executions::taps::list::run(args, client).await
        }
        Chosen::Taps(executions::taps::TapsCommand::Add(args)) => {
            executions::taps::add::run(args, client).await
        }
        Chosen::Taps(executions::taps::TapsCommand::Remove(args)) => {
            executions::taps::remove::run(args, client).await
        }
        Chosen::Dump(args) => executions::dump::run(args, client).await,
        Chosen::Counters(args) => executions::counters::run(args, client).await,
    }
}

async fn with_validations(
    command: validations::ValidationsCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use validations::ValidationsCommand as Chosen;
    match command {
        Chosen::Start(args) => validations::start::run(args, client, talk).await,
        Chosen::List(args) => validations::list::run(args, client).await,
        Chosen::Show(args) => validations::show::run(args, client).await,
    }
}

async fn with_operations(
    command: operations::OperationsCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use operations::OperationsCommand as Chosen;
    match command {
        Chosen::List(args) => operations::list::run(args, client).await,
        Chosen::Show(args) => operations::show::run(args, client).await,
        Chosen::Messages(args) => operations::messages::run(args, client).await,
        Chosen::Stop(args) => operations::stop::run(args, client, talk).await,
    }
}

async fn with_logging_levels(
    command: logging_levels::LoggingLevelsCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use logging_levels::LoggingLevelsCommand as Chosen;
    match command {
        Chosen::List(args) => logging_levels::list::run(args, client).await,
        Chosen::Create(args) => logging_levels::create::run(args, client).await,
        Chosen::Set(args) => logging_levels::set::run(args, client).await,
        Chosen::Rename(args) => logging_levels::rename::run(args, client).await,
        Chosen::Delete(args) => logging_levels::delete::run(args, client, talk).await,
    }
}

/// Workers as the master knows them.
async fn with_workers(
    command: workers::WorkersCommand,
    client: &Client,
    talk: &Talk,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    use workers::WorkersCommand;
    match command {
        WorkersCommand::Add(args) => workers::add::run(*args, client, talk, now).await,
        WorkersCommand::Token(workers::token::TokenCommand::Create(args)) => {
            workers::token::create(args, client).await
        }
        WorkersCommand::Requests(args) => workers::requests::run(args, client, now).await,
        WorkersCommand::Approve(args) => workers::approve::approve(args, client).await,
        WorkersCommand::Reject(args) => workers::approve::reject(args, client).await,
        WorkersCommand::Describe(args) => workers::describe::run(args, client, now).await,
        WorkersCommand::Delete(args) => workers::delete::run(args, client, talk, now).await,
        WorkersCommand::List(args) => workers::list::run(args, client, now).await,
        WorkersCommand::Show(args) => workers::show::run(args, client, now).await,
        WorkersCommand::Enable(args) => workers::enable::run(args, client, now).await,
        WorkersCommand::Disable(args) => workers::disable::run(args, client, now).await,
        WorkersCommand::Drain(args) => workers::drain::run(args, client, now).await,
        WorkersCommand::Resume(args) => workers::resume::run(args, client, now).await,
        WorkersCommand::Tag(args) => workers::tag::run(args, client, now).await,
        WorkersCommand::Run(_)
        | WorkersCommand::Join(_)
        | WorkersCommand::Init(_)
        | WorkersCommand::Settings(_) => unreachable!("dispatched before a master was needed"),
    }
}

async fn with_folders(
    command: folders::FoldersCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use folders::FoldersCommand as Chosen;
    match command {
        Chosen::List(args) => folders::list::run(args, client).await,
        Chosen::Create(args) => folders::create::run(args, client).await,
        Chosen::Rename(args) => folders::rename::run(args, client).await,
        Chosen::Describe(args) => folders::describe::run(args, client).await,
        Chosen::Delete(args) => folders::delete::run(args, client, talk).await,
    }
}

async fn with_projects(
    command: projects::ProjectsCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use projects::ProjectsCommand as Chosen;
    match command {
        Chosen::List(args) => projects::list::run(args, client).await,
        Chosen::Show(args) => projects::show::run(args, client).await,
        Chosen::Deploy(args) => projects::deploy::run(args, client, talk).await,
        Chosen::Export(args) => projects::export::run(args, client).await,
        Chosen::Versions(args) => projects::versions::run(args, client).await,
        Chosen::Restore(args) => projects::restore::run(args, client, talk).await,
        Chosen::Move(args) => projects::move_to::run(args, client).await,
        Chosen::Delete(args) => projects::delete::run(args, client, talk).await,
    }
}

async fn with_environments(
    command: environments::EnvironmentsCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use environments::EnvironmentsCommand as Chosen;
    match command {
        Chosen::List(args) => environments::list::run(args, client).await,
        Chosen::Show(args) => environments::show::run(args, client).await,
        Chosen::Create(args) => environments::create::run(args, client).await,
        Chosen::Rename(args) => environments::rename::run(args, client, talk).await,
        Chosen::Move(args) => environments::move_to::run(args, client, talk).await,
        Chosen::Delete(args) => environments::delete::run(args, client, talk).await,
    }
}

async fn with_variables(
    command: variables::VariablesCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use variables::VariablesCommand as Chosen;
    match command {
        Chosen::List(args) => variables::list::run(args, client).await,
        Chosen::Set(args) => variables::set::run(args, client).await,
        Chosen::Delete(args) => variables::delete::run(args, client, talk).await,
    }
}

async fn with_references(
    command: references::ReferencesCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use references::ReferencesCommand as Chosen;
    match command {
        Chosen::List(args) => references::list::run(args, client).await,
        Chosen::Create(args) => references::create::run(args, client).await,
        Chosen::Delete(args) => references::delete::run(args, client, talk).await,
    }
}

async fn with_parameters(
    command: parameters::ParametersCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use parameters::ParametersCommand as Chosen;
    match command {
        Chosen::List(args) => parameters::list::run(args, client).await,
        Chosen::Set(args) => parameters::set::run(args, client).await,
        Chosen::Clear(args) => parameters::clear::run(args, client, talk).await,
        Chosen::Explain(args) => parameters::explain::run(args, client).await,
    }
}

async fn with_catalog(
    command: catalog::CatalogCommand,
    client: &Client,
    talk: &Talk,
) -> Result<Outcome, CliError> {
    use catalog::CatalogCommand as Chosen;
    match command {
        Chosen::Properties(args) => catalog::properties::run(args, client).await,
        Chosen::Set(args) => catalog::set::run(args, client).await,
        Chosen::Cleanup(args) => catalog::cleanup::run(args, client, talk).await,
        Chosen::RotateKey(args) => catalog::rotate_key::run(args, client).await,
        Chosen::Backup(_) | Chosen::Restore(_) => {
            unreachable!("dispatched before a master was needed")
        }
    }
}
