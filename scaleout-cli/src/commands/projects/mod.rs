//! `soctl projects`.

pub mod delete;
pub mod deploy;
pub mod export;
pub mod list;
pub mod move_to;
pub mod restore;
pub mod show;
pub mod versions;

use clap::Subcommand;

/// Look at projects, deploy them, go back to earlier versions
///
/// Examples:
///   soctl projects list --folder Finance
///   soctl projects versions Nightly
///   soctl projects export Nightly nightly-backup.ispac
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum ProjectsCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Deploy(deploy::DeployProjectArgs),
    Export(export::ExportArgs),
    Versions(versions::VersionsArgs),
    Restore(restore::RestoreArgs),
    Move(move_to::MoveArgs),
    Delete(delete::DeleteArgs),
}
