//! A package with the values of one execution.

use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::package::{ConnectionManager, Package};
use scaleout_core::protocol::task::TaskDescription;

use super::error::SettleError;
use super::overrides;
use super::parameters::{self, Missing};
use crate::variables::Cell;

/// A package whose values are settled, up to what expressions change later.
#[derive(Debug)]
pub struct Settled {
    /// The package, connection properties and overrides applied.
    pub package: Package,
    /// Connection managers of the package, then those of the project.
    pub connections: Vec<ConnectionManager>,
    /// Parameters of the project and of the package.
    pub parameters: Vec<Cell>,
}

/// Applies the values of an execution to a package.
///
/// # Errors
/// [`SettleError`] for the first value that is missing, unknown, or does not fit.
pub fn settle(
    project: &Project,
    package: &ProjectPackage,
    task: &TaskDescription,
    missing: Missing,
) -> Result<Settled, SettleError> {
    let mut settled = Package::clone(&package.package);
    let mut of_project = project.connection_managers.clone();
    let mut cells = parameters::project_cells(project, &task.project_parameters, missing)?;
    cells.extend(parameters::package_cells(
        &settled,
        &task.package_parameters,
        missing,
    )?);
    parameters::apply_to_connections(&mut of_project, &task.project_parameters)?;
    let managers = &mut settled.connection_managers;
    parameters::apply_to_connections(managers, &task.package_parameters)?;
    for value in &task.property_overrides {
        overrides::apply(&mut settled, &mut of_project, &value.path, &value.value)?;
    }
    let mut connections = std::mem::take(&mut settled.connection_managers);
    connections.append(&mut of_project);
    Ok(Settled {
        package: settled,
        connections,
        parameters: cells,
    })
}
