//! What `validate_project` and `validate_package` share.

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done_with};
use super::lookup::{self, ProjectName};
use super::reference;
use crate::access::Rights;
use crate::error::{CatalogError, DiagnosticsError};
use crate::store::{Session, packages};
use crate::validation::{self, Wanted};

/// What the arguments ask for.
#[derive(Clone, Debug)]
struct Asked {
    name: ProjectName,
    package: Option<String>,
    scope: String,
    reference_id: Option<i64>,
    use32bitruntime: bool,
}

/// Begins a validation of a project, or of one of its packages.
pub async fn start(
    cx: &Call<'_>,
    args: &BoundArguments,
    package: Option<&str>,
) -> Result<ProcedureResult, CatalogError> {
    let reference_id = args.optional_integer("@reference_id");
    let asked = Asked {
        name: ProjectName::of(args),
        package: package.map(str::to_owned),
        scope: scope(args.text("@environment_scope"), reference_id)?,
        reference_id,
        use32bitruntime: args.bit("@use32bitruntime").unwrap_or(false),
    };
    let (rights, now) = (cx.rights(), cx.now);
    let id = cx
        .write(move |session| {
            Box::pin(async move {
                let wanted = resolve(session, &rights, &asked).await?;
                validation::begin(session, &wanted, &rights, now).await
            })
        })
        .await?;
    Ok(done_with("@validation_id", id))
}

fn scope(given: &str, reference_id: Option<i64>) -> Result<String, CatalogError> {
    let scope = given.to_uppercase();
    match (scope.as_str(), reference_id) {
        ("S", None) => Err(DiagnosticsError::ReferenceNeeded.into()),
        ("S", Some(_)) | ("A" | "D", None) => Ok(scope),
        ("A" | "D", Some(_)) => Err(DiagnosticsError::ReferenceNotTaken { scope }.into()),
        _ => Err(CatalogError::ValueNotValid {
            name: "@environment_scope".into(),
            reason: "there is no such environment scope".into(),
            form: "`A` for all references of the project, `S` for one, `D` for none",
        }),
    }
}

async fn resolve(
    session: &mut Session,
    rights: &Rights,
    asked: &Asked,
) -> Result<Wanted, CatalogError> {
    let project = lookup::project(session, rights, &asked.name).await?;
    let package = match &asked.package {
        None => None,
        Some(name) => {
            let found = packages::find(session, project.object_version_lsn, name).await?;
            let missing = || CatalogError::PackageMissing {
                folder: project.folder_name.clone(),
                project: project.name.clone(),
                package: name.clone(),
            };
            Some(found.map(|(name, _)| name).ok_or_else(missing)?)
        }
    };
    if let Some(id) = asked.reference_id {
        let found = reference::find(session, rights, id).await?;
        if found.project_id != project.project_id {
            return Err(CatalogError::ReferenceMissing { id });
        }
    }
    Ok(Wanted {
        project,
        package,
        scope: asked.scope.clone(),
        reference_id: asked.reference_id,
        use32bitruntime: asked.use32bitruntime,
    })
}
