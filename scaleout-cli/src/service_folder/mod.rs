//! The folder of a service on disk: settings, certificate and key, trusted certificates, data.
//!
//! `soctl master run` and `soctl workers run` each have one; `soctl up` and `soctl demo` have one
//! per service. What is missing is made on the first start; nothing that is there is changed. An
//! open folder is locked: no second service can have it.

mod catalog;
mod files;
mod lock;
mod master;
mod worker;

pub use catalog::{CatalogPlace, catalog_of};
pub use files::read_certificate;
pub use master::{MasterFolder, Reach};
pub use worker::WorkerFolder;
