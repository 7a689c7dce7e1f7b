//! The file of a Cache connection manager.

use std::path::Path;

use super::layout::CacheLayout;
use super::slot::CacheRows;
use crate::data_flow::codes;
use crate::data_flow::component::ComponentError;
use crate::data_flow::keyed_rows::{KeyedRows, KeyedRowsBuilder, KeyedRowsSettings};
use crate::data_flow::raw_file::{Header, RawReader, RawWriter};

/// Reads the rows that an earlier run has kept.
///
/// # Errors
/// There is no such file, it is damaged, or it has other columns.
pub fn load(
    layout: &CacheLayout,
    settings: KeyedRowsSettings,
) -> Result<CacheRows, ComponentError> {
    let Some(path) = &layout.file else {
        let text = format!(
            "cache `{}` is empty: run the data flow with its Cache Transform before, or let it use a file that an earlier run has filled",
            layout.name
        );
        return Err(ComponentError::failed(codes::NO_CONNECTION, text));
    };
    let mut reader = RawReader::open(path)?;
    let file = reader.header().schema();
    let same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
    let wanted = layout.schema.columns.iter();
    let fits = file.columns.len() == layout.schema.columns.len()
        && wanted
            .zip(file.columns.iter())
            .all(|(own, other)| own.data_type == other.data_type && same(&own.name, &other.name));
    if !fits {
        let text = format!(
            "cache file `{}` has other columns than cache `{}`; fill it again",
            path.display(),
            layout.name
        );
        let code = codes::number(codes::COLUMN_METADATA_MISMATCH);
        return Err(ComponentError::failed(code, text));
    }
    let encoder = layout.encoder()?;
    let cancel = settings.cancel.clone();
    let mut builder = KeyedRowsBuilder::new(settings);
    while let Some(batch) = reader.next_batch()? {
        cancel.check()?;
        let keys = encoder.keys(&batch)?;
        let possible = vec![true; batch.num_rows()];
        builder.push(keys, batch, &possible)?;
    }
    Ok(CacheRows {
        filled_by: String::new(),
        rows: std::sync::Arc::new(builder.finish()?),
    })
}

/// Keeps the rows for later runs.
///
/// # Errors
/// The disk.
pub(super) fn save(path: &Path, rows: &KeyedRows) -> Result<(), ComponentError> {
    let mut writer = RawWriter::create(path, &Header::of(rows.schema()), false)?;
    rows.each_batch(|batch| Ok(writer.write(batch)?))?;
    writer.finish()?;
    Ok(())
}
