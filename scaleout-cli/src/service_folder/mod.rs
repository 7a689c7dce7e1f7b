//! The folder of a service on disk: settings, certificate and key, trusted certificates, data.
//!
//! `soctl master run` and `soctl workers run` each have one; `soctl up` and `soctl demo` have one
//! per service. What is missing is made on the first start; nothing that is there is changed. An
//! open folder is locked: no second service can have it.

mod catalog;
mod files;
mod grace;
mod identity;
mod lock;
mod master;
mod settings_file;
mod store;
mod worker;

pub use catalog::{CatalogPlace, catalog_of};
pub use files::{host_name, owned_folder, read_certificate, replace};
pub use grace::{GraceFile, Previous};
pub use identity::{adopt, new_certificate, own_pair, store_of_worker};
pub use lock::holder_of;
pub use master::{MasterFolder, Reach};
pub use settings_file::{ServiceKind, SettingsFile, typed};
pub use store::{CertificateStore, StoreName, Stored};
pub use worker::{WorkerFolder, worker_identity};
