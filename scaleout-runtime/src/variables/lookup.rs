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
        None if name.starts_with('{') => same(&cell.id, name),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use scaleout_core::package::VariableType;

    use super::*;
    use crate::data_flow::testing::services::StoppedClock;
    use crate::services::Variables;
    use crate::variables::{Context, typed};

    fn cell(namespace: &str, name: &str, text: &str) -> Cell {
        Cell::fixed(namespace, name, VariableType::String, typed::text(text))
    }

    fn package(cells: Vec<Cell>) -> Scope {
        Scope::package(
            Arc::new(Context::new(Arc::new(StoppedClock), 1033)),
            None,
            cells,
        )
    }

    fn read(scope: &Scope, name: &str) -> Result<String, VariableError> {
        scope.get(name).map(|value| typed::shown(&value).unwrap())
    }

    #[test]
    fn exact_spelling_wins_over_another_case_even_further_out() {
        let outer = Arc::new(package(vec![cell("User", "Name", "outer")]));
        let inner = Scope::inside(&outer, vec![cell("User", "NAME", "inner")]);
        assert_eq!(read(&inner, "User::Name").unwrap(), "outer");
        assert_eq!(read(&inner, "User::name").unwrap(), "inner");
        assert_eq!(outer.context().take_notices().len(), 1);
    }

    #[test]
    fn a_short_name_in_two_namespaces_is_ambiguous_and_names_both() {
        let scope = package(vec![cell("User", "X", "1"), cell("Own", "X", "2")]);
        let error = read(&scope, "X").unwrap_err();
        assert!(error.to_string().contains("Own::X, User::X"), "{error}");
        assert_eq!(read(&scope, "Own::X").unwrap(), "2");
    }

    #[test]
    fn two_names_that_differ_only_in_case_are_ambiguous_in_a_third_one() {
        let scope = package(vec![cell("User", "ab", "1"), cell("User", "AB", "2")]);
        assert!(matches!(
            read(&scope, "User::Ab"),
            Err(VariableError::Ambiguous { .. })
        ));
    }

    #[test]
    fn an_id_finds_its_variable() {
        let mut by_id = cell("User", "v", "found");
        by_id.id = "{AB-1}".to_owned();
        let scope = package(vec![cell("User", "w", "other"), by_id]);
        assert_eq!(read(&scope, "{ab-1}").unwrap(), "found");
        assert!(read(&scope, "{ab-2}").is_err());
    }

    #[test]
    fn parameters_need_their_namespace_and_are_not_inherited_from_a_parent_package() {
        let parent = Arc::new(package(vec![
            cell(PACKAGE_PARAMETERS, "p", "parent"),
            cell("User", "v", "visible"),
        ]));
        let context = Arc::clone(parent.context());
        let child = Scope::package(context, Some(Arc::clone(&parent)), Vec::new());
        assert!(matches!(
            read(&parent, "p"),
            Err(VariableError::Unknown { .. })
        ));
        assert!(matches!(
            read(&child, "$Package::p"),
            Err(VariableError::Unknown { .. })
        ));
        assert_eq!(read(&child, "User::v").unwrap(), "visible");
    }

    #[test]
    fn what_is_fixed_cannot_be_set() {
        let scope = package(vec![cell("System", "PackageName", "p")]);
        let set = scope.set("System::PackageName", typed::text("q"));
        assert!(matches!(set, Err(VariableError::ReadOnly { .. })));
    }
}
