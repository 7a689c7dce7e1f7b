//! FTP task: files and folders on an FTP server, and the same operations here.

mod remote;
mod server;
mod settings;
mod task;
mod transfer;

pub(super) use task::Ftp;
