//! `soctl job`.

pub mod create;
pub mod delete;
pub mod disable;
pub mod enable;
pub mod history;
pub mod import;
pub mod list;
pub mod named;
pub mod schedule;
pub mod show;
pub mod start;
pub mod step;
pub mod stop;
pub mod update;
pub mod watch;

use clap::Subcommand;
use scaleout_core::client::Client;

use crate::error::CliError;
use crate::output::{Outcome, Talk};

/// Jobs with steps and schedules, as SQL Server Agent has them
///
/// Examples:
///   soctl job create nightly
///   soctl job step add nightly load --package Finance/Daily/Load.dtsx
///   soctl job schedule add nightly --daily --at 02:00
///   soctl job start nightly --wait
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum JobCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Create(create::CreateArgs),
    Update(update::UpdateArgs),
    Delete(delete::DeleteArgs),
    Enable(enable::EnableArgs),
    Disable(disable::DisableArgs),
    Start(start::StartArgs),
    Stop(stop::StopArgs),
    Watch(watch::WatchArgs),
    History(history::HistoryArgs),
    #[command(subcommand, visible_alias = "steps")]
    Step(step::StepCommand),
    #[command(subcommand, visible_alias = "schedules")]
    Schedule(schedule::ScheduleCommand),
    Import(import::ImportArgs),
}

/// Runs one of them.
///
/// # Errors
/// Whatever the command says.
pub async fn run(command: JobCommand, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    use schedule::ScheduleCommand as OfSchedule;
    use step::StepCommand as OfStep;
    match command {
        JobCommand::List(args) => list::run(args, client).await,
        JobCommand::Show(args) => show::run(args, client).await,
        JobCommand::Create(args) => create::run(args, client).await,
        JobCommand::Update(args) => update::run(args, client).await,
        JobCommand::Delete(args) => delete::run(args, client, talk).await,
        JobCommand::Enable(args) => enable::run(args, client).await,
        JobCommand::Disable(args) => disable::run(args, client).await,
        JobCommand::Start(args) => start::run(args, client, talk).await,
        JobCommand::Stop(args) => stop::run(args, client).await,
        JobCommand::Watch(args) => watch::run(args, client, talk).await,
        JobCommand::History(args) => history::run(args, client).await,
        JobCommand::Step(OfStep::Add(args)) => step::add::run(args, client).await,
        JobCommand::Step(OfStep::Delete(args)) => step::delete::run(args, client, talk).await,
        JobCommand::Step(OfStep::Update(args)) => step::update::run(args, client).await,
        JobCommand::Schedule(OfSchedule::Add(args)) => schedule::add::run(args, client).await,
        JobCommand::Schedule(OfSchedule::Attach(args)) => schedule::attach::run(args, client).await,
        JobCommand::Schedule(OfSchedule::Detach(args)) => schedule::detach::run(args, client).await,
        JobCommand::Schedule(OfSchedule::List(args)) => schedule::list::run(args, client).await,
        JobCommand::Import(args) => import::run(args, client).await,
    }
}
