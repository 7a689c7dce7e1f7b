//! The rowsets of OLE DB, and what each database is asked for them.

mod keys;
mod privileges;
mod procedures;
mod tables;
mod types;

use super::rowset::Rowset;

/// All rowsets, theme by theme.
pub(super) fn all() -> impl Iterator<Item = &'static Rowset> {
    let themes = [
        tables::ROWSETS,
        keys::ROWSETS,
        privileges::ROWSETS,
        procedures::ROWSETS,
        types::ROWSETS,
    ];
    themes.into_iter().flatten()
}
