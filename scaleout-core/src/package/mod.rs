//! Package and project formats: `.dtsx`, `.ispac`, `.dtproj`, `.params`, `.conmgr`.
//!
//! [`model`] is what every reader produces, whatever the format version; the
//! other modules read one format each. Facts: `spec/package-format.md`.

pub mod data_type;
pub mod model;
pub mod pipeline;
pub mod project;
pub mod xml;

pub use data_type::DataType;
pub use model::*;
