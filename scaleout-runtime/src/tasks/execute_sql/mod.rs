//! Execute SQL task: statements on a connection, with parameters and results.

mod bindings;
mod results;
mod settings;
mod source;
mod task;
#[cfg(test)]
mod tests;

pub(super) use task::ExecuteSql;
