//! One file per command: its arguments, its result, what it does.

pub mod catalog;
pub mod completions;
pub mod demo;
pub mod deploy;
pub mod dtexec;
pub mod environments;
pub mod execute;
pub mod executions;
pub mod executor;
pub mod expression;
pub mod folders;
pub mod inspect;
pub mod lineage;
pub mod master;
pub mod packages;
pub mod parameters;
pub mod proc;
pub mod projects;
pub mod references;
pub mod scaleout;
pub mod up;
pub mod validate;
pub mod variables;
pub mod view;
pub mod workers;
