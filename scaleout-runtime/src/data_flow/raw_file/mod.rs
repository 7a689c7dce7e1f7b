//! Raw files: rows as they are in memory, with their columns, for this runtime to read again.
//!
//! The layout is our own and has a version; files of SSIS are recognised and refused. The Cache
//! connection manager keeps its files in the same layout, so a Raw File Source reads them too.
//!
//! ```text
//! "SCALEOUT.RAW\n"  version: u16  length: u32  header: JSON of that length
//! then blocks:      1: u8  rows: u32  length: u64  columns, one after the other
//! then the end:     2: u8  rows in all: u64
//! ```
//! Numbers are little-endian. A column is a byte that says whether it has NULLs, if so a bit per
//! row that says which rows have a value, and then the values as Arrow has them: offsets of 32
//! bits before texts and bytes, bits for truth values.

mod columns;
mod destination;
mod error;
mod header;
mod reader;
mod settings;
mod source;
#[cfg(test)]
mod tests;
mod writer;

pub use destination::RawFileDestination;
pub use error::RawFileError;
pub use header::{Header, HeaderColumn};
pub use reader::RawReader;
pub use source::RawFileSource;
pub use writer::RawWriter;
