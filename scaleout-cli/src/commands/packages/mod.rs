//! `soctl packages`.

pub mod list;

use clap::Subcommand;

/// Look at packages
#[derive(Debug, Subcommand)]
pub enum PackagesCommand {
    List(list::ListArgs),
}
