//! The domain model of the catalog: identifiers, states, enumerations.
//!
//! Values are those of the original (`spec/catalog-enums.json`).

pub mod operation;

pub use operation::{LoggingLevel, OperationStatus};
