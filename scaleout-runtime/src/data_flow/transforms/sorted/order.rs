//! What the declared order of an input must be like.

use scaleout_core::package::pipeline::Component;

use crate::convert::ComparisonFlags;
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::row_keys::{KeyColumn, are_comparable, is_sortable};
use crate::data_flow::schema::Schema;
use crate::data_flow::sort_order::SortKey;
use crate::data_flow::transforms::settings::{flags_of, refused};
use crate::value::DataType;

/// An input that has to be sorted.
pub struct Demand<'d> {
    /// The component.
    pub component: &'d Component,
    /// Index of the input.
    pub input: usize,
    /// What arrives there.
    pub arriving: &'d Schema,
    /// The columns it is sorted by.
    pub keys: &'d [SortKey],
}

/// The input with its declared order.
///
/// # Errors
/// It has no path, or nobody declares an order.
pub fn order_of<'d>(
    component: &'d Component,
    cx: &BuildContext<'d>,
    input: usize,
) -> Result<Demand<'d>, ComponentError> {
    let name = component.inputs.get(input).map_or("", |input| &input.name);
    let Some(Some(arriving)) = cx.inputs.get(input) else {
        let what = format!("needs two inputs, and none arrives at its input `{name}`");
        return Err(refused(component, codes::WRONG_PROPERTY, &what));
    };
    let Some(Some(order)) = cx.orders.get(input) else {
        let what = format!(
            "needs sorted rows, and those of its input `{name}` are not declared as sorted; put a Sort before it, or sort in the source and set IsSorted and SortKeyPosition there"
        );
        return Err(refused(component, codes::INPUT_NOT_SORTED, &what));
    };
    if order.keys.is_empty() {
        let what = format!(
            "needs sorted rows, and the output that leads to its input `{name}` is declared as sorted without a column that has a SortKeyPosition"
        );
        return Err(refused(component, codes::NO_KEY_COLUMNS, &what));
    }
    Ok(Demand {
        component,
        input,
        arriving,
        keys: &order.keys,
    })
}

impl Demand<'_> {
    /// The first so many columns of the order.
    ///
    /// # Errors
    /// Positions that do not count from 1, or a column that does not arrive.
    pub fn key_columns(&self, count: usize) -> Result<Vec<KeyColumn>, ComponentError> {
        let numbered = self.keys.iter().take(count).zip(1..);
        numbered
            .map(|(key, expected)| {
                if key.position != expected {
                    let what = format!(
                        "finds SortKeyPosition {} at column `{}` of its input `{}` where it should be {expected}",
                        key.position,
                        key.name,
                        self.name()
                    );
                    return Err(refused(self.component, codes::WRONG_SORT_POSITION, &what));
                }
                self.key_column(key)
            })
            .collect()
    }

    /// Name of the input.
    pub fn name(&self) -> &str {
        &self.component.inputs[self.input].name
    }

    fn key_column(&self, key: &SortKey) -> Result<KeyColumn, ComponentError> {
        let position = self.arriving.index_of(&key.lineage_id);
        let sortable =
            position.filter(|position| is_sortable(self.arriving.columns[*position].data_type));
        let Some(position) = sortable else {
            let what = format!(
                "cannot compare rows by column `{}` of its input `{}`: it does not arrive, or is a large object",
                key.name,
                self.name()
            );
            return Err(refused(self.component, codes::WRONG_PROPERTY, &what));
        };
        let data_type = self.arriving.columns[position].data_type;
        let is_text = matches!(data_type, DataType::Str { .. } | DataType::Wstr { .. });
        Ok(KeyColumn {
            position,
            data_type,
            descending: key.descending,
            flags: if is_text {
                flags_of(self.component, &key.name, key.comparison_flags)?
            } else {
                ComparisonFlags::default()
            },
        })
    }
}

/// Checks that two inputs are sorted alike.
///
/// # Errors
/// Types, directions or comparison flags differ.
pub fn same_orders(
    component: &Component,
    left: &[KeyColumn],
    right: &[KeyColumn],
) -> Result<(), ComponentError> {
    for (number, (left, right)) in left.iter().zip(right).enumerate() {
        let (code, difference) = if !are_comparable(left.data_type, right.data_type) {
            let types = format!(
                "types `{}` and `{}`; convert one of them before it is sorted",
                left.data_type.name(),
                right.data_type.name()
            );
            (codes::KEY_TYPE_MISMATCH, types)
        } else if left.descending != right.descending {
            let directions = "directions; sort both the same way".to_owned();
            (codes::SORT_DIRECTION_MISMATCH, directions)
        } else if left.flags != right.flags {
            let flags = format!(
                "comparison flags {} and {}; set the same where both are sorted",
                left.flags.bits(),
                right.flags.bits()
            );
            (codes::COMPARISON_FLAGS_MISMATCH, flags)
        } else {
            continue;
        };
        let what = format!(
            "compares columns with SortKeyPosition {} that have different {difference}",
            number + 1
        );
        return Err(refused(component, code, &what));
    }
    Ok(())
}
