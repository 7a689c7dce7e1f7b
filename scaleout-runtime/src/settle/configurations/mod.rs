//! Package configurations: values that a package takes from outside when it is loaded.

mod apply;
mod read;
mod source;
#[cfg(test)]
mod tests;

pub(super) use apply::refusals;
pub use apply::{Around, apply};
pub use read::Opener;
