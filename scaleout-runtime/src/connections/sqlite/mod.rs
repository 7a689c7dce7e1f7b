//! SQLite: one file (schema `dbo`), or a folder in which each file is a schema.

mod connection;
mod database;
mod functions;
mod insert;
mod layout;
mod names;
mod read;
mod refusal;
mod runner;
mod table;
#[cfg(test)]
mod tests;
mod values;

pub use connection::SqliteConnection;
pub(in crate::connections) use refusal::in_its_own_words;
