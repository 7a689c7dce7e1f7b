//! What tests of the data flow share.

pub mod database;
pub mod kinds;
pub mod pipelines;
pub mod run;
pub mod services;
pub mod sqlite;
