//! Running one package: from a request to a result, with everything it says on the way.

mod connection_set;
mod host;
pub(crate) mod messages;
mod outside;
mod refusal;
mod reporter;
mod runtime;
mod start;
mod survey;
mod validate;
mod validation;
mod watched;
mod with_catalog;

pub use connection_set::ConnectionSet;
pub(crate) use connection_set::is_retained;
pub use host::Host;
pub use refusal::refused;
pub use reporter::Reporter;
pub use runtime::{Caller, Runtime};
pub(crate) use start::{Order, prepare, run};
pub use start::{StartError, check_package, run_package};
pub use survey::{SurveyOptions, survey};
pub use validate::{Depth, validate};
pub use validation::validate_parts;
