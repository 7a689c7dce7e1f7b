//! The data flows of a package.

use scaleout_core::package::project::Project;
use scaleout_core::package::{ConnectionManager, Executable, ExecutableKind};

use super::flows::columns_of;
use super::model::{PackageLineage, TaskLineage};

/// The lineage of all packages of a project.
#[must_use]
pub fn lineage_of(project: &Project) -> Vec<PackageLineage> {
    let packages = project.packages.iter();
    packages
        .map(|entry| {
            let own = entry.package.connection_managers.iter();
            let managers: Vec<&ConnectionManager> =
                own.chain(&project.connection_managers).collect();
            let mut tasks = Vec::new();
            let root = &entry.package.root;
            collect(root, &format!("\\{}", root.name), &managers, &mut tasks);
            PackageLineage {
                package: entry.file_name.clone(),
                tasks,
            }
        })
        .collect()
}

fn collect(
    executable: &Executable,
    path: &str,
    managers: &[&ConnectionManager],
    found: &mut Vec<TaskLineage>,
) {
    if let ExecutableKind::DataFlow(pipeline) = &executable.kind {
        found.push(TaskLineage {
            path: path.to_owned(),
            columns: columns_of(pipeline, path, managers),
        });
    }
    let handlers = executable.event_handlers.iter();
    let handled = handlers.flat_map(|handler| &handler.body.executables);
    for inner in executable.executables.iter().chain(handled) {
        collect(inner, &format!("{path}\\{}", inner.name), managers, found);
    }
}
