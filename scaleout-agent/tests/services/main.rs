//! Master and worker over loopback with mutual TLS, an executor of our own between them.
#![cfg(test)]

mod access;
mod cut;
mod endings;
mod full_disk;
mod housekeeping;
mod lab;
mod logs;
mod metrics;
mod outages;
mod overload;
mod queue;
mod recorded;
mod running;
mod settings;
#[path = "../../../tests/support/small_disk.rs"]
mod small_disk;
mod start;
