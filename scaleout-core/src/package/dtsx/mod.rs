//! Reads `.dtsx` packages of every format into the model.

mod configuration;
mod connection_manager;
mod constraint;
mod executable;
mod flat_file;
mod foreach;
mod logging;
mod package;
mod pipeline;
mod pipeline_columns;
mod sensitive;
#[cfg(test)]
pub(crate) mod tests;
mod variable;

pub(crate) use connection_manager::read_connection_manager;
pub use executable::MAX_NESTED_EXECUTABLES;
pub use package::{read, read_with_password};
pub(crate) use sensitive::hide_encrypted;
