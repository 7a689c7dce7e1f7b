//! One file per command: its arguments, its result, what it does.

pub mod completions;
pub mod demo;
pub mod deploy;
pub mod execute;
pub mod executions;
pub mod executor;
pub mod expression;
pub mod folders;
pub mod master;
pub mod packages;
pub mod proc;
pub mod projects;
pub mod scaleout;
pub mod up;
pub mod validate;
pub mod view;
pub mod workers;
