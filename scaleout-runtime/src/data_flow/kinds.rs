//! Every component type that runs here: one line each.

use super::cache::CacheTransform;
use super::component::ComponentKind;
use super::flat_file::{FlatFileDestination, FlatFileSource};
use super::ole_db::{OleDbCommand, OleDbDestination, OleDbSource};
use super::raw_file::{RawFileDestination, RawFileSource};
use super::recordset::RecordsetDestination;
use super::transforms::{
    Aggregate, Audit, CharacterMap, ConditionalSplit, CopyColumn, DataConversion, DerivedColumn,
    Lookup, Merge, MergeJoin, Multicast, PercentageSampling, Pivot, RowCount, RowSampling,
    SlowlyChangingDimension, Sort, UnionAll, Unpivot,
};

/// All kinds. A new component adds its line, in alphabetical order of its type.
static KINDS: &[&dyn ComponentKind] = &[
    &Aggregate,
    &Audit,
    &CacheTransform,
    &CharacterMap,
    &ConditionalSplit,
    &CopyColumn,
    &DataConversion,
    &DerivedColumn,
    &FlatFileDestination,
    &FlatFileSource,
    &Lookup,
    &Merge,
    &MergeJoin,
    &Multicast,
    &OleDbCommand,
    &OleDbDestination,
    &OleDbSource,
    &PercentageSampling,
    &Pivot,
    &RawFileDestination,
    &RawFileSource,
    &RecordsetDestination,
    &RowCount,
    &RowSampling,
    &SlowlyChangingDimension,
    &Sort,
    &UnionAll,
    &Unpivot,
];

/// The kind with that canonical type, such as `Microsoft.DerivedColumn`; `None` when it does
/// not run here.
#[must_use]
pub fn kind(component_type: &str) -> Option<&'static dyn ComponentKind> {
    let found = KINDS
        .iter()
        .find(|kind| kind.component_type() == component_type);
    found.copied()
}
