//! Execute Process task: starts a program and waits for it.

mod arguments;
mod program;
mod settings;
mod task;
mod wait;

pub(super) use task::ExecuteProcess;
