//! `soctl tokens`.

pub mod create;
pub mod list;
pub mod revoke;

use clap::Subcommand;

/// Make tokens for scripts, and end them
///
/// Examples:
///   soctl tokens create --description 'nightly load'
///   soctl tokens list
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum TokensCommand {
    List(list::ListArgs),
    Create(create::CreateArgs),
    Revoke(revoke::RevokeArgs),
}
