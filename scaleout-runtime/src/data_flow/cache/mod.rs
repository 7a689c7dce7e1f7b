//! The Cache connection manager: rows that one data flow fills in and others look things up in.
//!
//! The Cache Transform fills it; Lookups of the same package, and of packages that share the
//! connection manager of their project, read it. With `UseFile` the rows are kept in a raw file
//! too, from which a package reads them that has not filled the cache itself.

mod file;
mod layout;
mod slot;
mod transform;

pub use file::load;
pub use layout::{CacheLayout, layout_of};
pub use slot::{CacheRows, CacheSlot};
pub use transform::CacheTransform;
