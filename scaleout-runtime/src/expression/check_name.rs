//! Which column a name means.

use super::mistake::Mistake;
use super::scope::ColumnRef;
use super::syntax::ColumnName;
use crate::value::DataType;

/// Position in the scope and type of the column.
pub(super) fn find_column(
    name: &ColumnName,
    columns: &[ColumnRef],
) -> Result<(usize, DataType), Mistake> {
    if columns.is_empty() {
        return Err(Mistake::NoColumns(written(name)));
    }
    let matches: Vec<usize> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| is_meant(name, column))
        .map(|(index, _)| index)
        .collect();
    match (&matches[..], name) {
        (&[index], _) => Ok((index, columns[index].data_type)),
        ([], ColumnName::Bare(name)) => Err(Mistake::Column(name.clone())),
        ([], ColumnName::Dotted { component, column }) => Err(Mistake::DottedColumn {
            component: component.clone(),
            column: column.clone(),
        }),
        ([], ColumnName::Lineage(id)) => Err(Mistake::Lineage(id.clone())),
        _ => Err(Mistake::AmbiguousColumn(written(name))),
    }
}

fn is_meant(name: &ColumnName, column: &ColumnRef) -> bool {
    match name {
        ColumnName::Bare(name) => column.name == *name,
        ColumnName::Dotted {
            component,
            column: name,
        } => column.component == *component && column.name == *name,
        ColumnName::Lineage(id) => bare_id(&column.lineage_id) == bare_id(id),
    }
}

/// Files write `#{Package\…}` and sometimes `#123`; the sign and the braces are not the id.
fn bare_id(id: &str) -> &str {
    let id = id.strip_prefix('#').unwrap_or(id);
    id.strip_prefix('{')
        .and_then(|inner| inner.strip_suffix('}'))
        .unwrap_or(id)
}

fn written(name: &ColumnName) -> String {
    match name {
        ColumnName::Bare(name) => name.clone(),
        ColumnName::Dotted { component, column } => format!("{component}.{column}"),
        ColumnName::Lineage(id) => format!("#{id}"),
    }
}
