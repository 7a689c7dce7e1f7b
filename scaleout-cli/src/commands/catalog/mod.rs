//! `soctl catalog`.

pub mod backup;
pub mod cleanup;
pub mod properties;
pub mod restore;
pub mod rotate_key;
pub mod set;

use clap::Subcommand;

/// Configure the catalog, clean it, back it up
///
/// Examples:
///   soctl catalog properties
///   soctl catalog cleanup
///   soctl catalog rotate-key
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum CatalogCommand {
    Properties(properties::PropertiesArgs),
    Set(set::SetArgs),
    Cleanup(cleanup::CleanupArgs),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
    RotateKey(rotate_key::RotateKeyArgs),
}
