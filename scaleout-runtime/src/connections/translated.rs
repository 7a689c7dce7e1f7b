//! Running the statements that a script was translated into, each with its own parameters.

use super::ConnectionError;
use super::dialect::{Parameters, Statement};
use crate::value::TypedValue;

/// Runs the statements in order; gives the rows that they change in all, where that is known.
///
/// Each takes its parameters off `rest`.
pub(super) fn run_each<'p>(
    statements: &[Statement],
    rest: &mut &'p [TypedValue],
    mut run: impl FnMut(&Statement, &'p [TypedValue]) -> Result<Option<u64>, ConnectionError>,
) -> Result<Option<u64>, ConnectionError> {
    let mut affected = None;
    for statement in statements {
        let own = take(statement, rest);
        affected = add(affected, run(statement, own)?);
    }
    Ok(affected)
}

/// The parameters of a statement; takes them off `rest`.
pub(super) fn take<'p>(statement: &Statement, rest: &mut &'p [TypedValue]) -> &'p [TypedValue] {
    match statement.parameters {
        Parameters::All => rest,
        Parameters::Next(count) => {
            let (own, others) = rest.split_at(count.min(rest.len()));
            *rest = others;
            own
        }
    }
}

/// The sum, where both are known.
fn add(sum: Option<u64>, more: Option<u64>) -> Option<u64> {
    match (sum, more) {
        (Some(sum), Some(more)) => Some(sum + more),
        (known, None) | (None, known) => known,
    }
}
