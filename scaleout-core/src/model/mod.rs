//! The domain model of the catalog: identifiers, states, enumerations.
//!
//! Values are those of the original.

pub mod clock;
pub mod customized_level;
pub mod identifier;
pub mod network;
pub mod numbers;
pub mod operation;
pub mod permission;
pub mod principal;
pub mod variable_value;

pub use clock::{Clock, IdSource, RandomIds, SystemClock};
pub use customized_level::CustomizedLevel;
pub use network::{Network, NotANetwork};
pub use numbers::{ObjectType, OperationType, ParameterScope};
pub use operation::{LoggingLevel, OperationStatus};
pub use permission::{PermissionType, Securable};
pub use principal::{Caller, Role};
