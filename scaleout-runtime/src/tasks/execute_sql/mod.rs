//! Execute SQL task: statements on a connection, with parameters and results.

mod assigned;
mod bindings;
mod call;
mod prepare;
mod results;
mod settings;
mod style;
mod task;
#[cfg(test)]
mod tests;

pub(super) use task::ExecuteSql;
