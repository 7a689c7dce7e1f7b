//! Settling values before and while a package runs: parameters, configurations, overrides,
//! property expressions.
//!
//! The order counts: parameter values, then configurations, then overrides once, before anything
//! is validated; property expressions whenever their object is about to be used, so that they win.

pub mod configurations;
pub mod connection_property;
pub mod data_flow_property;
pub mod error;
pub mod executable_property;
pub mod expressions;
pub mod overrides;
pub mod package;
pub mod parameters;
pub mod task_property;
pub mod value;

pub use error::{PropertyError, SettleError};
