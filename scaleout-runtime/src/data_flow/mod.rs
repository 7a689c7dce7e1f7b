//! The data flow: an engine that moves Arrow batches through components.

pub mod component;
pub mod schema;
