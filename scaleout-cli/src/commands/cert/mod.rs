//! `soctl cert`.

pub mod create;
pub mod export;
pub mod install;
pub mod list;
pub mod remove;
pub mod revoke;
pub mod rotate;
pub mod show;
pub mod shown;

use clap::Subcommand;

/// Certificates of this machine's master or worker, in its stores My and Root
///
/// My holds what the service shows, with keys; Root what it trusts. Both are folders of plain files in
/// the data folder of the service.
///
/// Examples:
///   soctl cert list --data m
///   soctl cert install worker.cer --store Root --data m
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum CertCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Create(create::CreateArgs),
    Install(install::InstallArgs),
    Remove(remove::RemoveArgs),
    Export(export::ExportArgs),
    Revoke(revoke::RevokeArgs),
    #[command(subcommand)]
    Rotate(rotate::RotateCommand),
}

impl CertCommand {
    /// Whether it is the master that does it, not this machine.
    #[must_use]
    pub fn asks_the_master(&self) -> bool {
        matches!(
            self,
            Self::Revoke(_) | Self::Rotate(rotate::RotateCommand::Worker(_))
        )
    }
}
