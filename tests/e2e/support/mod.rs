//! What every suite needs: a hermetic `soctl`, a running site, samples of input.

pub mod cluster;
pub mod corpus;
pub mod hosts;
pub mod interrupt;
pub mod network;
pub mod package;
pub mod patience;
pub mod postgres;
pub mod project;
pub mod python;
pub mod service;
pub mod site;
#[path = "../../support/small_disk.rs"]
pub mod small_disk;
pub mod soctl;
pub mod tasks;
pub mod terminal;
pub mod warehouse;

pub use site::Site;
pub use soctl::{Ran, Soctl};
