//! `soctl projects`.

pub mod list;

use clap::Subcommand;

/// Look at projects
#[derive(Debug, Subcommand)]
pub enum ProjectsCommand {
    List(list::ListArgs),
}
