//! `catalog.deploy_packages`

use std::sync::Arc;

use scaleout_core::model::identifier::{NameFault, check_package_name};
use scaleout_core::package::BuiltProject;
use scaleout_core::package::incremental::{new_project, replace_packages};
use scaleout_core::registry::{BoundArguments, PackageRow, ProcedureResult};

use super::call::{Call, check_name, done_with};
use super::lookup::ProjectName;
use crate::deployment::{Deployment, place, unreadable};
use crate::error::CatalogError;
use crate::shared::apart;
use crate::store::projects::{self, ProjectRow};

/// File name and content of each package.
type Packages = Arc<[(String, Vec<u8>)]>;

/// Adds or replaces packages: the next version of the project, or a new project.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = ProjectName::of(args);
    check_name("project", &name.project)?;
    let packages = checked(args.packages("@packages_table"))?;
    // Another deployment may come between reading the project and storing it; then once more.
    loop {
        if let Some(operation_id) = deploy(cx, &name, &packages).await? {
            return Ok(done_with("@operation_id", operation_id));
        }
    }
}

fn checked(rows: &[PackageRow]) -> Result<Packages, CatalogError> {
    if rows.is_empty() {
        return Err(CatalogError::ValueNotValid {
            name: "@packages_table".into(),
            reason: "it has no rows".into(),
            form: "a row for each package, with its `name` and its `package_data`",
        });
    }
    for row in rows {
        let fault = check_package_name(&row.name).err();
        let is_package = row.name.to_lowercase().ends_with(".dtsx");
        let fault = fault.or((!is_package).then_some(NameFault::NotDtsx));
        if let Some(fault) = fault {
            return Err(CatalogError::NameNotValid {
                kind: "package",
                name: row.name.clone(),
                fault,
            });
        }
    }
    let packages = rows.iter();
    Ok(packages
        .map(|row| (row.name.clone(), row.package_data.clone()))
        .collect())
}

/// Deploys on top of the version that is there now; `None` when it no longer is.
async fn deploy(
    cx: &Call<'_>,
    name: &ProjectName,
    packages: &Packages,
) -> Result<Option<i64>, CatalogError> {
    let base = base(cx, name).await?;
    let version = base.as_ref().map(|(row, _)| row.object_version_lsn);
    let project = base
        .as_ref()
        .map_or_else(|| name.project.clone(), |(row, _)| row.name.clone());
    let (packages, in_errors) = (Arc::clone(packages), project.clone());
    let BuiltProject {
        project: built,
        ispac,
    } = apart(move || {
        let built = match &base {
            Some((_, file)) => replace_packages(file, &project, &packages),
            None => new_project(&project, &packages),
        };
        built.map_err(|source| unreadable(&in_errors, source))
    })
    .await?;
    let name = ProjectName {
        folder: name.folder.clone(),
        project: built.name.clone(),
    };
    let deployment = Deployment::of(cx, name, &built, ispac)?;
    cx.write(move |session| {
        Box::pin(async move {
            if deployment.current(session).await? != version {
                return Ok(None);
            }
            Ok(Some(deployment.store(session).await?))
        })
    })
    .await
}

/// The project as it is, with its file.
async fn base(
    cx: &Call<'_>,
    name: &ProjectName,
) -> Result<Option<(ProjectRow, Vec<u8>)>, CatalogError> {
    let mut session = cx.shared.store.reader().await?;
    let Some(row) = place(&mut session, &cx.rights(), name).await?.1 else {
        return Ok(None);
    };
    let file = projects::file(&mut session, &row.project_hash).await?;
    Ok(Some((row, file.ok_or_else(|| name.missing())?)))
}
