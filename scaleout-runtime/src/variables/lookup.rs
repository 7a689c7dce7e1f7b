//! Which variable a name means: exact spelling first, then a unique one in other case.

use super::cell::{Cell, PACKAGE_PARAMETERS, PROJECT_PARAMETERS};
use super::scope::Scope;
use crate::services::VariableError;

/// A variable that a name means.
pub(super) struct Found<'a> {
    /// Scope that declares it.
    pub(super) scope: &'a Scope,
    /// It.
    pub(super) cell: &'a Cell,
    /// The name is spelled in other case than the declaration.
    pub(super) other_case: bool,
}

/// Looks a name up from `scope` outward. Inner names hide outer ones.
pub(super) fn find<'a>(scope: &'a Scope, name: &str) -> Result<Found<'a>, VariableError> {
    for (same, other_case) in [(exact as Same, false), (ignoring_case, true)] {
        let mut at = Some(scope);
        while let Some(here) = at {
            if let Some(cell) = unique(here, name, same)? {
                return Ok(Found {
                    scope: here,
                    cell,
                    other_case,
                });
            }
            at = here.outer_for(name);
        }
    }
    Err(VariableError::Unknown {
        name: name.to_owned(),
    })
}

type Same = fn(&str, &str) -> bool;

fn exact(left: &str, right: &str) -> bool {
    left == right
}

fn ignoring_case(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right) || left.to_lowercase() == right.to_lowercase()
}

fn unique<'a>(scope: &'a Scope, name: &str, same: Same) -> Result<Option<&'a Cell>, VariableError> {
    let matches = |cell: &&Cell| match name.split_once("::") {
        Some((namespace, short)) => same(&cell.namespace, namespace) && same(&cell.name, short),
        None => !is_parameter(cell) && same(&cell.name, name),
    };
    let mut found = scope.cells().filter(matches);
    let first = found.next();
    let others: Vec<&Cell> = found.collect();
    if others.is_empty() {
        return Ok(first);
    }
    let all = first.into_iter().chain(others);
    let mut candidates: Vec<String> = all.map(Cell::full_name).collect();
    candidates.sort();
    Err(VariableError::Ambiguous {
        name: name.to_owned(),
        candidates: candidates.join(", "),
    })
}

/// Parameters are only ever meant with their namespace.
fn is_parameter(cell: &Cell) -> bool {
    cell.namespace == PACKAGE_PARAMETERS || cell.namespace == PROJECT_PARAMETERS
}
