//! `catalog.deploy_packages`

use std::sync::Arc;

use scaleout_core::model::identifier::{NameFault, check_package_name};
use scaleout_core::package::incremental::{new_project, replace_packages};
use scaleout_core::package::{BuiltProject, PackagePassword};
use scaleout_core::registry::{BoundArguments, PackageRow, ProcedureResult};

use super::call::{Call, check_name, done_with};
use super::lookup::ProjectName;
use crate::deployment::{Deployment, given_password, place, unreadable};
use crate::error::CatalogError;
use crate::shared::apart;
use crate::store::projects::{self, ProjectRow};
use crate::store::versions;

/// File name and content of each package.
type Packages = Arc<[(String, Vec<u8>)]>;

/// Adds or replaces packages: the next version of the project, or a new project.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = ProjectName::of(args);
    check_name("project", &name.project)?;
    let packages = checked(args.packages("@packages_table"))?;
    let password = given_password(args);
    // Another deployment may come between reading the project and storing it; then once more.
    loop {
        if let Some(operation_id) = deploy(cx, &name, &packages, password.as_ref()).await? {
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
    given: Option<&PackagePassword>,
) -> Result<Option<i64>, CatalogError> {
    let base = base(cx, name).await?;
    let version = base.as_ref().map(|base| base.row.object_version_lsn);
    // All files of a project have one password.
    let kept = base.as_ref().and_then(|base| base.password.as_ref());
    let password = given.or(kept).cloned();
    let project = base
        .as_ref()
        .map_or_else(|| name.project.clone(), |base| base.row.name.clone());
    let (packages, in_errors) = (Arc::clone(packages), project.clone());
    let (built, password) = apart(move || {
        let opening = password.as_ref();
        let built = match &base {
            Some(base) => replace_packages(&base.file, &project, &packages, opening),
            None => new_project(&project, &packages, opening),
        };
        let built = built.map_err(|source| unreadable(&in_errors, source))?;
        Ok((built, password))
    })
    .await?;
    let BuiltProject {
        project: built,
        ispac,
    } = built;
    let name = ProjectName {
        folder: name.folder.clone(),
        project: built.name.clone(),
    };
    let deployment = Deployment::of(cx, name, &built, ispac, password)?;
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

/// The project as it is.
struct Base {
    row: ProjectRow,
    file: Vec<u8>,
    password: Option<PackagePassword>,
}

async fn base(cx: &Call<'_>, name: &ProjectName) -> Result<Option<Base>, CatalogError> {
    let mut session = cx.shared.store.reader().await?;
    let Some(row) = place(&mut session, &cx.rights(), name).await?.1 else {
        return Ok(None);
    };
    let file = projects::file(&mut session, &row.project_hash).await?;
    let keeper = &cx.shared.keeper;
    let password = versions::password(&mut session, keeper, row.object_version_lsn).await?;
    Ok(Some(Base {
        row,
        file: file.ok_or_else(|| name.missing())?,
        password,
    }))
}
