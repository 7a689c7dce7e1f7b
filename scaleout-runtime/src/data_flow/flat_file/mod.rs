//! Flat files: the Flat File Source and Destination, and the format that both settle from
//! a connection manager.

#[cfg(test)]
mod bad_input_tests;
mod batching;
mod bind;
mod chunk;
#[cfg(test)]
mod corpus_tests;
mod destination;
#[cfg(test)]
mod destination_tests;
mod encoding;
mod format;
mod input;
#[cfg(test)]
mod layout_tests;
mod message;
mod parse;
mod plain;
mod reader;
mod redirect;
#[cfg(test)]
mod roundtrip_tests;
mod scan;
mod seek;
mod settle;
mod source;
#[cfg(test)]
mod source_tests;
mod split;
#[cfg(test)]
mod testing;
mod writer;

pub use destination::FlatFileDestination;
pub use encoding::{Codec, NotText, SingleByte, Unmappable};
pub use format::{Cut, Format, FormatColumn};
pub use settle::FormatError;
pub use source::FlatFileSource;
