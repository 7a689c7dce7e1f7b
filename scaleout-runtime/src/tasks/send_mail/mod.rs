//! Send Mail task: one mail through an SMTP connection manager.

mod message;
mod server;
mod settings;
mod task;

pub(super) use task::SendMail;
