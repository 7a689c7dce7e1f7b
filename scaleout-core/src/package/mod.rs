//! Package and project formats: `.dtsx`, `.ispac`, `.dtproj`, `.params`, `.conmgr`.
//!
//! [`model`] is what every reader produces, whatever the format version; the
//! other modules read one format each. Facts: `spec/package-format.md`.

pub mod component_types;
pub mod data_type;
pub mod dtsx;
pub mod error;
pub mod escape;
pub mod model;
mod node;
pub mod pipeline;
pub mod project;
pub mod task_types;
mod variable_type;
pub mod xml;
mod xml_reader;

pub use data_type::DataType;
pub use error::{PackageError, Place};
pub use model::*;
