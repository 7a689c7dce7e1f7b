//! The data flow: an engine that moves Arrow batches through components.

pub mod columns;
pub mod component;
pub mod kinds;
pub mod schema;
