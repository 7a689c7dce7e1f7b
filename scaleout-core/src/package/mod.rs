//! Package and project formats: `.dtsx`, `.ispac`, `.dtproj`, `.params`, `.conmgr`.
//!
//! [`model`] is what every reader produces, whatever the format version; the
//! other modules read one format each.

mod assembly;
pub mod bare;
mod build;
pub mod cache_columns;
pub mod component_types;
pub mod conmgr;
pub mod connection_parameters;
pub mod connection_string;
pub mod data_type;
pub mod dtproj;
pub mod dtsx;
pub mod error;
pub mod escape;
pub mod incremental;
pub mod ispac;
pub mod manifest;
pub mod model;
mod new_manifest;
mod node;
pub mod params;
mod password;
pub mod pipeline;
pub mod project;
pub mod property_path;
mod protected;
mod protection_level;
mod redacted_debug;
#[cfg(test)]
mod robustness;
pub mod task_types;
mod variable_type;
pub mod xml;
mod xml_reader;
mod xml_writer;

pub use build::BuiltProject;
pub use data_type::DataType;
pub use error::{PackageError, Place};
pub use model::*;
pub use password::PackagePassword;
pub use variable_type::VariableType;
