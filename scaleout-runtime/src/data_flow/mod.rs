//! The data flow: an engine that moves Arrow batches through components.

pub mod cache;
pub mod codes;
pub mod column_map;
pub mod columns;
pub mod component;
pub mod component_numbers;
pub mod database;
pub mod engine;
pub mod error_rows;
pub mod excel;
pub mod external_sort;
pub mod flat_file;
pub mod graph;
pub mod keyed_rows;
pub mod kinds;
pub mod lineage;
pub mod memory;
pub mod plan;
pub mod raw_file;
pub mod recordset;
pub mod row_keys;
pub mod schema;
pub mod sort_order;
pub mod spill;
pub mod static_schema;
#[cfg(test)]
pub mod testing;
pub mod transforms;

pub use engine::{DataFlowOutcome, DestinationRows, run, validate};
