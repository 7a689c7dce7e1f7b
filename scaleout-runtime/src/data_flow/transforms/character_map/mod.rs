//! Character Map: text in another case, width or syllabary, in place or as a new column.

mod mapping;
mod running;
#[cfg(test)]
mod tests;

pub use running::CharacterMap;
