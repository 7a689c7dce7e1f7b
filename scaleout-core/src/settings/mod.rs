//! `MasterSettings.config` and `WorkerSettings.config`: every key, its type, range and default.
//!
//! Keys keep the names that the original publishes, misspellings included. Each key is declared
//! once in [`keys`]; reading, checking, listing and documentation derive from there.
//!
//! Deliberately absent: files. Callers read the text and name the file for the error.

mod document;
mod error;
mod key;
pub mod keys;
mod master;
mod suggest;
mod time_span;
mod worker;
mod xml;

pub use document::{check_value, default_document, find, parse_document};
pub use error::SettingsError;
pub use key::{Applies, KeyKind, SettingKey};
pub use master::MasterSettings;
pub use suggest::closest;
pub use time_span::TimeSpan;
pub use worker::WorkerSettings;
