//! Looking at a package while it runs: contexts of messages, dumps, performance counters, data taps.

pub mod context;
pub mod counters;
pub mod data_flow;
pub mod dump;
pub mod observer;
mod process;
mod variables;

pub use counters::Counters;
pub use data_flow::{DataFlowWatch, Tap};
pub use observer::Observer;
