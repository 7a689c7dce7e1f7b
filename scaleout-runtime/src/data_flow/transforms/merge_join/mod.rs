//! Merge Join: rows of two sorted inputs with the same key, side by side.

mod kind;
mod running;
mod settings;
#[cfg(test)]
mod tests;

pub use kind::MergeJoin;
