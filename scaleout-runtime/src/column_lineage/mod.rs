//! Lineage: which columns of sources feed which columns of destinations, through which expressions,
//! read from a package without running it.
//!
//! The layout is the one that the engine plans with: components that it leaves out feed nothing.

mod flows;
mod mermaid;
mod model;
mod package;
mod places;
mod steps;

pub use mermaid::mermaid;
pub use model::{ColumnLineage, PackageLineage, Place, Step, TaskLineage};
pub use package::lineage_of;
