//! Running the statements that a script was translated into, each with its own parameters.

use super::ConnectionError;
use super::dialect::{Parameters, Statement};
use crate::value::TypedValue;

/// What a database does with a translated statement.
pub(super) trait Runner {
    /// Runs one; gives the rows that it changes, where that is known.
    fn run(
        &mut self,
        statement: &Statement,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError>;

    /// What the question of an `IF` comes to.
    fn ask(
        &mut self,
        question: &Statement,
        parameters: &[TypedValue],
    ) -> Result<bool, ConnectionError>;
}

/// Runs the statements in order; gives the rows that they change in all, where that is known.
///
/// Each takes its parameters off `rest`.
pub(super) fn run_each(
    statements: &[Statement],
    rest: &mut &[TypedValue],
    runner: &mut dyn Runner,
) -> Result<Option<u64>, ConnectionError> {
    let mut affected = None;
    for statement in statements {
        let changed = match &statement.branches {
            None => runner.run(statement, take(statement, rest))?,
            Some(branches) => {
                let chosen = runner.ask(statement, take(statement, rest))?;
                let (wanted, other) = match chosen {
                    true => (&branches.then, &branches.otherwise),
                    false => (&branches.otherwise, &branches.then),
                };
                // The parameters of both stand one behind the other.
                if chosen {
                    let changed = run_each(wanted, rest, runner)?;
                    skip(other, rest);
                    changed
                } else {
                    skip(other, rest);
                    run_each(wanted, rest, runner)?
                }
            }
        };
        affected = add(affected, changed);
    }
    Ok(affected)
}

/// Runs all statements but the last one, and gives that; an `IF` at the end gives the last of what
/// it chooses.
pub(super) fn run_to_last(
    mut statements: Vec<Statement>,
    rest: &mut &[TypedValue],
    runner: &mut dyn Runner,
) -> Result<Option<Statement>, ConnectionError> {
    loop {
        let Some(mut last) = statements.pop() else {
            return Ok(None);
        };
        run_each(&statements, rest, runner)?;
        let Some(branches) = last.branches.take() else {
            return Ok(Some(last));
        };
        let chosen = runner.ask(&last, take(&last, rest))?;
        statements = if chosen {
            branches.then
        } else {
            skip(&branches.then, rest);
            branches.otherwise
        };
    }
}

/// Takes the parameters of statements that do not run off `rest`.
fn skip(statements: &[Statement], rest: &mut &[TypedValue]) {
    for statement in statements {
        take(statement, rest);
        if let Some(branches) = &statement.branches {
            skip(&branches.then, rest);
            skip(&branches.otherwise, rest);
        }
    }
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
