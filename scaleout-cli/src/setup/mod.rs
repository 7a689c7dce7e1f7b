//! Setting up a master or a worker: a plan first, which can be looked at, then the steps.
//!
//! `service.rs` and `firewall.rs` say what systemd and each firewall need, as pure functions;
//! `steps.rs` knows which step is done already and carries out the others.

pub mod ask;
pub mod finish;
pub mod firewall;
pub mod names;
pub mod options;
pub mod original;
pub mod service;
pub mod steps;

pub use finish::finish;
