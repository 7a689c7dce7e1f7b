//! The message codes of SSIS that the data flow uses.
//!
//! As numbers for messages; as text where a [`crate::validation::Problem`] carries them.

/// Layout of the data flow did not validate.
pub const LAYOUT_VALIDATION_FAILED: &str = "0xC004700D";
/// One component did not validate, with its status.
pub const VALIDATION_STATUS_FAILED: &str = "0xC004706B";
/// The data flow has no components.
pub const EMPTY_DATA_FLOW: &str = "0x80047034";
/// A source is not read since nothing comes of it.
pub const SOURCE_REMOVED: &str = "0x8004706F";
/// A component was taken out since nothing comes of it.
pub const COMPONENT_REMOVED: &str = "0x800470AE";
/// A column that nobody uses.
pub const UNUSED_COLUMN: &str = "0x80047076";
/// Redirected rows are lost.
pub const REDIRECT_WITHOUT_PATH: &str = "0x80208386";
/// An expression cannot be parsed.
pub const EXPRESSION_PARSE_FAILED: &str = "0xC0207006";
/// A custom property has a wrong value.
pub const WRONG_PROPERTY: &str = "0xC0202021";
/// The variable does not exist.
pub const VARIABLE_NOT_FOUND: &str = "0xC0010001";
/// The result of an expression does not go into its column.
pub const RESULT_TYPE: &str = "0xC004709D";
/// A column is copied to one of another type.
pub const COLUMN_METADATA_MISMATCH: &str = "0xC02020C1";
/// An input is not sorted.
pub const INPUT_NOT_SORTED: &str = "0xC02020AF";
/// The join type of a Merge Join.
pub const WRONG_JOIN_TYPE: &str = "0xC02020B0";
/// The number of key columns of a Merge Join.
pub const WRONG_KEY_COUNT: &str = "0xC02020B1";
/// A sorted input without sort positions.
pub const NO_KEY_COLUMNS: &str = "0xC02020B2";
/// An input with fewer sort positions than the other.
pub const TOO_FEW_KEY_COLUMNS: &str = "0xC02020B3";
/// Keys of two types.
pub const KEY_TYPE_MISMATCH: &str = "0xC02020B4";
/// Sort positions that do not count from 1.
pub const WRONG_SORT_POSITION: &str = "0xC02020B5";
/// One input ascending, the other descending.
pub const SORT_DIRECTION_MISMATCH: &str = "0xC02020B6";
/// An output column of a Merge Join without its input column.
pub const NO_INPUT_COLUMN: &str = "0xC02020B7";
/// Keys with two sets of comparison flags.
pub const COMPARISON_FLAGS_MISMATCH: &str = "0xC02020BA";
/// Sort positions of a Merge that differ between input and output.
pub const MERGE_SORT_POSITION_MISMATCH: &str = "0xC02020C3";
/// An output column whose type is not that of its input column.
pub const INPUT_METADATA_MISMATCH: &str = "0xC02020F2";
/// A column of two text types.
pub const UNICODE_MISMATCH: &str = "0xC02020F6";

/// Components did not validate.
pub const VALIDATION_FAILED: u32 = 0xC004_700C;
/// One component did not validate.
pub const INDIVIDUAL_VALIDATION_FAILED: u32 = 0xC004_7017;
/// One component failed before the first row.
pub const PRE_EXECUTE_FAILED: u32 = 0xC004_701A;
/// One component failed after the last row.
pub const POST_EXECUTE_FAILED: u32 = 0xC004_7018;
/// A thread ended with an error.
pub const THREAD_FAILED: u32 = 0xC004_7021;
/// A thread was told to stop.
pub const THREAD_CANCELED: u32 = 0xC004_7039;
/// A transformation or destination failed on rows.
pub const PROCESS_INPUT_FAILED: u32 = 0xC004_7022;
/// A source failed.
pub const PRIME_OUTPUT_FAILED: u32 = 0xC004_7038;
/// A component broke down.
pub const COMPONENT_EXCEPTION: u32 = 0xC004_7062;
/// A row error, and the disposition says fail.
pub const FAILED_ON_ERROR: u32 = 0xC020_9029;
/// A truncation, and the disposition says fail.
pub const FAILED_ON_TRUNCATION: u32 = 0xC020_902A;
/// A condition gave NULL.
pub const CONDITION_IS_NULL: u32 = 0xC020_902B;
/// Data Conversion failed on a value.
pub const DATA_CONVERSION_FAILED: u32 = 0xC020_20C5;

/// A column that the source does not have.
pub const COLUMN_NOT_FOUND: u32 = 0xC020_2005;
/// A database call failed.
pub const OLEDB_ERROR: u32 = 0xC020_2009;
/// A connection could not be acquired.
pub const NO_CONNECTION: u32 = 0xC020_801C;
/// Something does not fit into memory.
pub const OUT_OF_MEMORY: u32 = 0xC004_7012;
/// A sum or a count that its column cannot hold.
pub const AGGREGATE_OVERFLOW: u32 = 0xC020_9011;
/// A row without a match in a lookup.
pub const NO_MATCH: u32 = 0xC020_901E;
/// Duplicate keys in the reference of a lookup.
pub const LOOKUP_DUPLICATES: u32 = 0x8020_90E4;
/// A lookup that joins other columns than those a cache is indexed by.
pub const INDEX_COLUMNS_MISMATCH: &str = "0xC020903F";
/// A row that does not fit into a pivoted one.
pub const PIVOT_FAILED: u32 = 0xC020_208F;
/// The same pivot key twice in one set.
pub const DUPLICATE_PIVOT_KEY: u32 = 0xC020_20CF;
/// Two columns of an Unpivot with the same key for one column.
pub const DUPLICATE_UNPIVOT_KEY: &str = "0xC02020A3";
/// A fixed attribute that has changed.
pub const FIXED_ATTRIBUTE_CHANGE: u32 = 0xC020_803C;
/// Rows in the reference of a lookup.
pub const LOOKUP_CACHED: u32 = 0x4004_90F5;

/// Phase messages.
pub mod phase {
    /// Validation begins.
    pub const VALIDATE: u32 = 0x4004_300A;
    /// Prepare for execute begins.
    pub const PREPARE: u32 = 0x4004_3006;
    /// Pre-execute begins.
    pub const PRE_EXECUTE: u32 = 0x4004_3007;
    /// Execute begins.
    pub const EXECUTE: u32 = 0x4004_300C;
    /// Post-execute begins.
    pub const POST_EXECUTE: u32 = 0x4004_3008;
    /// Rows that a destination wrote.
    pub const ROWS_WRITTEN: u32 = 0x4004_300B;
    /// Cleanup begins.
    pub const CLEANUP: u32 = 0x4004_3009;
}

/// The number behind a code as a problem carries it; 0 for codes that are not SSIS's.
#[must_use]
pub fn number(code: &str) -> u32 {
    let digits = code.strip_prefix("0x").unwrap_or_default();
    u32::from_str_radix(digits, 16).unwrap_or(0)
}

/// A code as `ErrorCode` columns hold it: the same bits, signed.
#[must_use]
pub fn signed(code: u32) -> i32 {
    i32::from_ne_bytes(code.to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_ssis_codes_only() {
        assert_eq!(number("0xC004700D"), 0xC004_700D);
        assert_eq!(number("SO5001"), 0);
    }

    #[test]
    fn error_codes_are_stored_signed() {
        assert_eq!(signed(0xC020_901E), -1_071_607_778);
    }
}
