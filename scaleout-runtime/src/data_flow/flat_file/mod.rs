//! Flat files: the Flat File Source and Destination, and the format that both settle from
//! a connection manager.

mod bind;
mod destination;
mod encoding;
mod format;
mod input;
mod message;
mod parse;
mod reader;
mod scan;
mod source;
mod split;
mod writer;

pub use destination::FlatFileDestination;
pub use encoding::{Codec, NotText, SingleByte, Unmappable};
pub use format::{Cut, Format, FormatColumn, FormatError};
pub use source::FlatFileSource;
