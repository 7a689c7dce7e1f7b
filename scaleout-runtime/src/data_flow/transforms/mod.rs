//! One file per transform: its settings, its run, its tests.

mod aggregate;
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
mod row_count;
mod settings;
mod sort;
mod sorted;
mod synchronous;
mod union_all;

pub use aggregate::Aggregate;
pub use conditional_split::ConditionalSplit;
pub use copy_column::CopyColumn;
pub use data_conversion::DataConversion;
pub use derived_column::DerivedColumn;
pub(super) use expressions::locale_of;
pub use lookup::Lookup;
pub use merge::Merge;
pub use merge_join::MergeJoin;
pub use multicast::Multicast;
pub use row_count::RowCount;
pub use sort::Sort;
pub use union_all::UnionAll;

#[cfg(test)]
mod random_chain_tests;
