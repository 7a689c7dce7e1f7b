//! Control flow: what runs when, and what its result is.

pub mod container;
pub mod enumerators;
pub mod executable;
pub(crate) mod execute_package;
mod for_loop;
mod foreach_loop;
pub mod frame;
pub mod graph;
pub mod node;
pub mod outcome;
pub mod precedence;
pub mod scaled_out;
mod schedule;
pub mod slots;
pub mod work;
