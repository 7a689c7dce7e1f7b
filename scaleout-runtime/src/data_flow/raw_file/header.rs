//! What a raw file says of its columns.

use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::RawFileError;
use crate::data_flow::schema::{Column, Schema};
use crate::value::DataType;

/// How every raw file begins.
const MAGIC: &[u8; 13] = b"SCALEOUT.RAW\n";
/// The layout that is written, and the newest that is read.
const VERSION: u16 = 1;
/// A header is never longer than this: thousands of columns with long names.
const LONGEST_HEADER: u32 = 16 << 20;

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// In their order.
    pub columns: Vec<HeaderColumn>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderColumn {
    /// Name.
    pub name: String,
    /// Type.
    pub data_type: DataType,
    /// Place in the order of the rows, negative when descending; 0 when it has none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sort_key_position: i32,
}

fn is_zero(position: &i32) -> bool {
    *position == 0
}

impl Header {
    /// The columns of a schema, without an order.
    #[must_use]
    pub fn of(schema: &Schema) -> Self {
        let columns = schema.columns.iter().map(|column| HeaderColumn {
            name: column.name.clone(),
            data_type: column.data_type,
            sort_key_position: 0,
        });
        Self {
            columns: columns.collect(),
        }
    }

    /// The schema of the rows.
    #[must_use]
    pub fn schema(&self) -> Schema {
        Schema::new(self.columns.iter().map(|column| Column {
            lineage_id: String::new(),
            name: column.name.clone(),
            data_type: column.data_type,
        }))
    }

    /// Writes it, and gives the bytes that it takes.
    pub(super) fn write(&self, path: &Path, out: &mut impl Write) -> Result<u64, RawFileError> {
        let json = serde_json::to_vec(self).expect("names and numbers are JSON");
        let length = u32::try_from(json.len()).unwrap_or(u32::MAX);
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(length.to_le_bytes());
        bytes.extend(json);
        out.write_all(&bytes)
            .map_err(|error| RawFileError::io(path, "written", error))?;
        Ok(bytes.len() as u64)
    }

    /// Reads it.
    pub(super) fn read(path: &Path, from: &mut impl Read) -> Result<Self, RawFileError> {
        let foreign = |what: &str| RawFileError::Foreign {
            path: path.to_owned(),
            what: what.to_owned(),
        };
        let mut start = Vec::new();
        from.take(MAGIC.len() as u64)
            .read_to_end(&mut start)
            .map_err(|error| RawFileError::io(path, "read", error))?;
        if start != MAGIC {
            return Err(foreign(match start.as_slice() {
                [] => "it is empty",
                [0, 0x10, 1, 0, ..] => "it is one of SQL Server Integration Services",
                [b'L', b'K', ..] => "it is a cache file of SQL Server Integration Services",
                _ => "it does not begin like one",
            }));
        }
        let version = u16::from_le_bytes(bytes(path, from)?);
        if VERSION < version {
            let what =
                format!("it has layout {version}, and this version reads layouts up to {VERSION}");
            return Err(foreign(&what));
        }
        let length = u32::from_le_bytes(bytes(path, from)?);
        let mut json = Vec::new();
        from.take(u64::from(length.min(LONGEST_HEADER)))
            .read_to_end(&mut json)
            .map_err(|error| RawFileError::io(path, "read", error))?;
        serde_json::from_slice(&json)
            .map_err(|error| RawFileError::damaged(path, format!("its header: {error}")))
    }
}

/// The next bytes of a file.
pub(super) fn bytes<const COUNT: usize>(
    path: &Path,
    from: &mut impl Read,
) -> Result<[u8; COUNT], RawFileError> {
    let mut bytes = [0; COUNT];
    match from.read_exact(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(RawFileError::damaged(path, "it ends in the middle"))
        }
        Err(error) => Err(RawFileError::io(path, "read", error)),
    }
}
