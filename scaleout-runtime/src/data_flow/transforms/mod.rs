//! One file per transform: its settings, its run, its tests.

mod aggregate;
mod audit;
mod character_map;
mod column_ref;
mod conditional_split;
mod convert_column;
mod copy_column;
mod data_conversion;
mod derived_column;
mod expressions;
mod lookup;
mod merge;
mod merge_join;
mod multicast;
mod pivot;
mod row_count;
mod sampling;
mod scd;
mod settings;
mod sort;
mod sorted;
mod synchronous;
mod union_all;
mod unpivot;

pub use aggregate::Aggregate;
pub use audit::Audit;
pub use character_map::CharacterMap;
pub use conditional_split::ConditionalSplit;
pub(super) use convert_column::{Circumstances, add_faults, convert_column};
pub use copy_column::CopyColumn;
pub use data_conversion::DataConversion;
pub use derived_column::DerivedColumn;
pub(super) use expressions::locale_of;
pub use lookup::Lookup;
pub use merge::Merge;
pub use merge_join::MergeJoin;
pub use multicast::Multicast;
pub use pivot::Pivot;
pub use row_count::RowCount;
pub use sampling::{PercentageSampling, RowSampling};
pub use scd::SlowlyChangingDimension;
pub(super) use settings::{is_true, refused};
pub use sort::Sort;
pub(super) use synchronous::{
    built, main_output, only_input, problem_of, problems_with_error_rows, settings_problem,
};
pub use union_all::UnionAll;
pub use unpivot::Unpivot;

#[cfg(test)]
mod random_chain_tests;
#[cfg(test)]
mod random_flow_tests;
