//! Log providers: where a package itself writes what happened, apart from the catalog's log.
//!
//! [`choice`] decides, without any I/O, which provider takes which event of which executable;
//! each provider writes on a thread of its own, so that a slow or locked log never holds a
//! package up.

mod choice;
mod database;
mod entry;
mod event_log;
mod kind;
mod logs;
mod open;
mod text_file;
mod xml_file;

pub use choice::wanted;
pub use entry::Entry;
pub use logs::{LogFailure, Logs};
pub use open::{open, problems};
