//! What a connection gives, as tests compare it.

use super::BatchReader;
use super::cell::{CellReader, cell_text};

/// All rows as text, `NULL` where there is none; no batch has more rows than `most`.
pub(crate) fn texts(reader: &mut dyn BatchReader, most: usize) -> Vec<String> {
    let schema = reader.schema().clone();
    let mut found = Vec::new();
    while let Some(batch) = reader.next_batch().unwrap() {
        assert!(batch.num_rows() <= most);
        for row in 0..batch.num_rows() {
            let cells = schema.columns.iter().enumerate().map(|(at, column)| {
                let array = batch.column(at).as_ref();
                let reader = CellReader::new(array, column.data_type).unwrap();
                cell_text(&reader.cell(row)).map_or("NULL".to_owned(), |text| text.into_owned())
            });
            found.push(cells.collect::<Vec<_>>().join("|"));
        }
    }
    found
}
