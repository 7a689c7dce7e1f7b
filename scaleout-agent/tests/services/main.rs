//! Master and worker over loopback with mutual TLS, an executor of our own between them.
#![cfg(test)]

mod access;
mod endings;
mod housekeeping;
mod lab;
mod outages;
mod running;
mod start;
