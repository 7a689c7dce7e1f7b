//! What package configurations read from, before there is a run: databases of the package.

use std::sync::Arc;

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::project::ProjectPackage;

use super::start::Order;
use crate::connections::{self, Connection, ConnectionError};
use crate::settle::expressions;
use crate::settle::parameters;
use crate::variables::{Cell, Context, Scope};

/// Opens the database behind a connection manager whose property expressions are evaluated with
/// the parameters of the execution and the variables of the design.
pub(super) fn open(
    manager: &ConnectionManager,
    package: &ProjectPackage,
    order: &Order<'_>,
) -> Result<Box<dyn Connection>, ConnectionError> {
    let invalid = |reason: String| ConnectionError::Invalid {
        name: manager.name.clone(),
        reason,
    };
    let scope = scope(package, order).map_err(invalid)?;
    let manager = Arc::new(manager.clone());
    let applied = expressions::apply_to_connection(&manager, &scope, scope.context());
    let evaluated = applied.map_err(|problems| {
        let texts: Vec<String> = problems.into_iter().map(|problem| problem.text).collect();
        invalid(texts.join("; "))
    })?;
    connections::open(&evaluated, &order.settings, &order.host.cancel)
}

fn scope(package: &ProjectPackage, order: &Order<'_>) -> Result<Scope, String> {
    let (task, missing) = (&order.task, order.missing);
    let of_project = parameters::project_cells(order.project, &task.project_parameters, missing);
    let mut cells = of_project.map_err(|error| error.to_string())?;
    let own = parameters::package_cells(&package.package, &task.package_parameters, missing);
    cells.extend(own.map_err(|error| error.to_string())?);
    for variable in &package.package.root.variables {
        cells.push(Cell::declared(variable).map_err(|error| error.to_string())?);
    }
    let clock = Arc::clone(&order.host.clock);
    let locale_id = super::start::locale_of(&package.package.root);
    let context = Arc::new(Context::new(clock, locale_id));
    Ok(Scope::package(context, None, cells))
}
