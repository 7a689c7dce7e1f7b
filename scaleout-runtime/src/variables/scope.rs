//! A scope: the variables of one container, and the way outward.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::cell::{Cell, PACKAGE_PARAMETERS};
use super::{expressions, lookup};
use crate::expression::VariableTypes;
use crate::services::{Clock, Mapped, VariableError, Variables};
use crate::value::{DataType, TypedValue};

/// Expression variables that may read each other in a row: each takes stack.
const DEEPEST: usize = 64;

/// The variables of one container, task, or event handler, and its enclosing scope.
pub struct Scope {
    outer: Option<Arc<Scope>>,
    cells: Vec<Cell>,
    /// A package's own scope: `$Package` never means the parent package's parameters.
    is_package: bool,
    context: Arc<Context>,
}

/// What all scopes of a run share.
pub struct Context {
    /// For `GETDATE()` in expressions of variables.
    pub clock: Arc<dyn Clock>,
    /// LCID of the package.
    pub locale_id: u32,
    notices: Mutex<Notices>,
}

#[derive(Default)]
struct Notices {
    seen: BTreeSet<String>,
    new: Vec<String>,
}

impl Context {
    /// A context without notices.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, locale_id: u32) -> Self {
        Self {
            clock,
            locale_id,
            notices: Mutex::default(),
        }
    }

    /// References noticed since the last call that differ from the declaration in case only.
    #[must_use]
    pub fn take_notices(&self) -> Vec<String> {
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut notices.new)
    }

    fn notice(&self, used: &str, declared: &str) {
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if notices.seen.insert(used.to_owned()) {
            notices.new.push(format!(
                "variable `{declared}` is referred to as `{used}`: names are case-sensitive"
            ));
        }
    }
}

impl Scope {
    /// The outermost scope of a package.
    #[must_use]
    pub fn package(context: Arc<Context>, outer: Option<Arc<Scope>>, cells: Vec<Cell>) -> Self {
        Self {
            outer,
            cells,
            is_package: true,
            context,
        }
    }

    /// A scope inside another one.
    #[must_use]
    pub fn inside(outer: &Arc<Scope>, cells: Vec<Cell>) -> Self {
        Self {
            outer: Some(Arc::clone(outer)),
            cells,
            is_package: false,
            context: Arc::clone(&outer.context),
        }
    }

    /// What all scopes of the run share.
    #[must_use]
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// What is declared here, not in the scopes around it.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter()
    }

    /// The variables that a package declares here and sets: no parameters, no system variables,
    /// none that an expression gives.
    pub fn own_variables(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| {
            let is_own = cell.namespace != "System" && !cell.namespace.starts_with('$');
            is_own && cell.expression().is_none()
        })
    }

    /// The variables that are seen from here, each name as it is declared nearest: no parameters and
    /// no system variables.
    #[must_use]
    pub fn visible_variables(&self) -> Vec<&Cell> {
        let mut seen = BTreeSet::new();
        std::iter::successors(Some(self), |scope| scope.outer.as_deref())
            .flat_map(|scope| &scope.cells)
            .filter(|cell| cell.namespace != "System" && !cell.namespace.starts_with('$'))
            .filter(|cell| seen.insert(cell.full_name()))
            .collect()
    }

    pub(super) fn outer_for(&self, name: &str) -> Option<&Scope> {
        let package_parameter = name
            .split_once("::")
            .is_some_and(|(namespace, _)| namespace == PACKAGE_PARAMETERS);
        match self.is_package && package_parameter {
            true => None,
            false => self.outer.as_deref(),
        }
    }

    /// Sets what packages may only read; a name that is not declared here changes nothing.
    pub fn set_system(&self, name: &str, value: TypedValue) {
        let mut cells = self.cells.iter();
        let found = cells.find(|cell| cell.namespace == "System" && cell.name == name);
        if let Some(cell) = found {
            // The runtime declares these cells and knows their types.
            let stored = cell.store(value);
            debug_assert!(stored.is_ok(), "{stored:?}");
        }
    }

    /// The variable that a name means, for tests of writability before a run.
    ///
    /// # Errors
    /// Unknown or ambiguous.
    pub fn find(&self, name: &str) -> Result<&Cell, VariableError> {
        lookup::find(self, name).map(|found| found.cell)
    }

    /// The variable that a name means, and how many scopes further out it is declared.
    ///
    /// # Errors
    /// Unknown or ambiguous.
    pub fn find_outward(&self, name: &str) -> Result<(usize, &Cell), VariableError> {
        let found = lookup::find(self, name)?;
        let scopes = std::iter::successors(Some(self), |scope| scope.outer.as_deref());
        let hops = scopes.take_while(|scope| !std::ptr::eq(*scope, found.scope));
        Ok((hops.count(), found.cell))
    }

    /// The variable that a name means; a difference in case is told.
    fn noticed(&self, name: &str) -> Result<&Cell, VariableError> {
        let found = lookup::find(self, name)?;
        if found.other_case {
            self.context.notice(name, &found.cell.full_name());
        }
        Ok(found.cell)
    }

    fn read(&self, name: &str, reading: &Reading<'_>) -> Result<TypedValue, VariableError> {
        let found = lookup::find(self, name)?;
        if found.other_case {
            self.context.notice(name, &found.cell.full_name());
        }
        let Some(expression) = found.cell.expression() else {
            return Ok(found.cell.stored());
        };
        let full_name = found.cell.full_name();
        let failed = |reason: String| VariableError::Expression {
            name: full_name.clone(),
            reason,
        };
        if DEEPEST <= reading.depth() {
            return Err(failed(format!(
                "more than {DEEPEST} expression variables depend on each other in a row"
            )));
        }
        if let Some(circle) = reading.circle(found.cell) {
            return Err(failed(format!("it depends on itself: {circle}")));
        }
        let inner = Reading {
            cell: Some(found.cell),
            scope: found.scope,
            outer: Some(reading),
        };
        let value = expressions::evaluate_with(expression, &inner, &inner, &self.context)
            .map_err(|error| failed(error.message))?;
        found.cell.fit(found.cell.or_empty(value))
    }
}

/// A read under way: which expression variables are being evaluated, to notice circles.
struct Reading<'a> {
    cell: Option<&'a Cell>,
    scope: &'a Scope,
    outer: Option<&'a Reading<'a>>,
}

impl Reading<'_> {
    fn depth(&self) -> usize {
        let outers = std::iter::successors(self.outer, |reading| reading.outer);
        outers.count()
    }

    fn circle(&self, wanted: &Cell) -> Option<String> {
        let mut names = vec![wanted.full_name()];
        let mut at = Some(self);
        while let Some(reading) = at {
            let cell = reading.cell?;
            names.push(cell.full_name());
            if std::ptr::eq(cell, wanted) {
                names.reverse();
                return Some(names.join(" -> "));
            }
            at = reading.outer;
        }
        None
    }
}

/// Declared types, so that compiling one expression variable does not evaluate the next.
impl VariableTypes for Reading<'_> {
    fn data_type(&self, name: &str) -> Result<DataType, VariableError> {
        let cell = self.scope.find(name)?;
        match cell.declared_type() {
            Some(data_type) => Ok(data_type),
            None => self.get(name).map(|value| value.data_type),
        }
    }
}

impl Variables for Reading<'_> {
    fn get(&self, name: &str) -> Result<TypedValue, VariableError> {
        self.scope.read(name, self)
    }

    fn set(&self, name: &str, _value: TypedValue) -> Result<(), VariableError> {
        let name = name.to_owned();
        Err(VariableError::ReadOnly { name })
    }
}

impl Variables for Scope {
    fn get(&self, name: &str) -> Result<TypedValue, VariableError> {
        let reading = Reading {
            cell: None,
            scope: self,
            outer: None,
        };
        self.read(name, &reading)
    }

    fn set(&self, name: &str, value: TypedValue) -> Result<(), VariableError> {
        self.noticed(name)?.assign(value)
    }

    fn set_mapped(&self, name: &str, value: TypedValue) -> Result<Mapped, VariableError> {
        self.noticed(name)?.assign_mapped(value)
    }
}
