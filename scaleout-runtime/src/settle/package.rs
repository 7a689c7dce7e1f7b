//! A package with the values of one execution.

use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::package::{ConnectionManager, Package};
use scaleout_core::protocol::task::TaskDescription;

use super::configurations::{self, Around};
use super::error::SettleError;
use super::overrides;
use super::parameters::{self, Missing};
use crate::events::Remark;
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
    /// What configurations gave to say.
    pub remarks: Vec<Remark>,
    /// Names of configurations that were not loaded as a whole.
    pub failed_configurations: Vec<String>,
}

/// Applies the values of an execution to a package. Without `around` nothing outside is read, so
/// that configurations are left out.
///
/// # Errors
/// [`SettleError`] for the first value that is missing, unknown, or does not fit.
pub fn settle(
    project: &Project,
    package: &ProjectPackage,
    task: &TaskDescription,
    missing: Missing,
    around: Option<&Around<'_>>,
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
    let (remarks, failed_configurations) = match (around, task.command_line_configurations) {
        (Some(around), Some(own)) => {
            configurations::apply(&mut settled, &mut of_project, own.., around);
            let given = configurations::apply(&mut settled, &mut of_project, ..own, around);
            override_all(&mut settled, &mut of_project, task)?;
            let last = configurations::apply(&mut settled, &mut of_project, own.., around);
            ([given.0, last.0].concat(), [given.1, last.1].concat())
        }
        (around, _) => {
            // Overrides may say where configurations are to be read, and they win over them.
            override_all(&mut settled, &mut of_project, task)?;
            let said = match around {
                Some(around) => configurations::apply(&mut settled, &mut of_project, .., around),
                None => (configurations::refusals(&settled), Vec::new()),
            };
            override_all(&mut settled, &mut of_project, task)?;
            said
        }
    };
    let mut connections = std::mem::take(&mut settled.connection_managers);
    connections.append(&mut of_project);
    Ok(Settled {
        package: settled,
        connections,
        parameters: cells,
        remarks,
        failed_configurations,
    })
}

fn override_all(
    package: &mut Package,
    of_project: &mut [ConnectionManager],
    task: &TaskDescription,
) -> Result<(), SettleError> {
    for value in &task.property_overrides {
        overrides::apply(package, of_project, &value.path, &value.value)?;
    }
    Ok(())
}
