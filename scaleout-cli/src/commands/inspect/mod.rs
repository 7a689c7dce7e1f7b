//! `soctl inspect`: what is in a package, as a tree, as JSON, as a Mermaid diagram.

mod command;
mod contents;
mod mermaid;
mod tree;

pub use command::{InspectArgs, run};
