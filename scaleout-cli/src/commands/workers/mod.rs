//! `soctl workers` (and `soctl worker`, which is the same).

pub mod add;
pub mod approve;
pub mod delete;
pub mod describe;
pub mod disable;
pub mod drain;
pub mod enable;
pub mod init;
pub mod join;
pub mod list;
pub mod remote;
pub mod requests;
pub mod resume;
pub mod run;
pub mod show;
pub mod standing;
pub mod tag;
pub mod token;

use clap::Subcommand;

use super::settings::WorkerSettingsCommand;

/// Look at workers, enable, drain and tag them, set one up and run it
///
/// Examples:
///   soctl workers list
///   soctl workers enable computerA
///   soctl workers drain computerA --deadline 600
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum WorkersCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Enable(enable::EnableArgs),
    Disable(disable::DisableArgs),
    Add(Box<add::AddArgs>),
    Join(Box<join::JoinArgs>),
    #[command(subcommand, visible_alias = "tokens")]
    Token(token::TokenCommand),
    Requests(requests::RequestsArgs),
    Approve(approve::ApproveArgs),
    Reject(approve::RejectArgs),
    Describe(describe::DescribeArgs),
    Delete(delete::DeleteArgs),
    Init(Box<init::InitArgs>),
    Drain(drain::DrainArgs),
    Resume(resume::ResumeArgs),
    Tag(tag::TagArgs),
    Run(run::RunArgs),
    #[command(subcommand)]
    Settings(WorkerSettingsCommand),
}
