//! File System task: one operation on a file or folder.

mod operation;
mod settings;
mod task;

pub(super) use task::FileSystemTask;
