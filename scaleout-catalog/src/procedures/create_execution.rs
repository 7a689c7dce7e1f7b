//! `catalog.create_execution`

use scaleout_core::model::{ObjectType, OperationStatus, OperationType};
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::bindings::Environment;
use super::call::{Call, done_with};
use super::lookup::{self, ProjectName};
use super::options;
use super::set_execution_parameter_value::{owner_of_values, protect};
use crate::access::Rights;
use crate::catalog_properties::{SCALE_OUT_CHILD_PACKAGES, SERVER_CUSTOMIZED_LOGGING_LEVEL};
use crate::error::CatalogError;
use crate::secrets::{Keeper, Owner};
use crate::store::executions::{self, DefaultOptions, NewExecution};
use crate::store::operations::{self, NewOperation};
use crate::store::parameters::StoredValue;
use crate::store::projects::ProjectRow;
use crate::store::settled::NewSettled;
use crate::store::{Session, StoreError, keys, packages, properties, settled};

/// What the arguments ask for.
pub struct Wanted {
    /// The project.
    pub name: ProjectName,
    /// The package.
    pub package: String,
    /// An environment reference.
    pub reference_id: Option<i64>,
    /// Recorded only.
    pub use32bitruntime: bool,
    /// In Scale Out, or as the catalog's default says.
    pub scale_out: Option<bool>,
    /// Not only workers that are added.
    pub any_worker: bool,
}

/// Prepares one run of a package with the values its parameters have now.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let wanted = Wanted {
        name: ProjectName::of(args),
        package: args.text("@package_name").to_owned(),
        reference_id: args.optional_integer("@reference_id"),
        use32bitruntime: args.bit("@use32bitruntime").unwrap_or(false),
        scale_out: args.bit("@runinscaleout"),
        any_worker: args.bit("@useanyworker").unwrap_or(true),
    };
    let (rights, keeper, now) = (cx.rights(), cx.shared.keeper.clone(), cx.now);
    let id = cx
        .write_start(None, move |session| {
            Box::pin(async move { create(session, &wanted, &keeper, &rights, now).await })
        })
        .await?;
    Ok(done_with("@execution_id", id))
}

/// Prepares it, in the transaction of the caller.
pub async fn create(
    session: &mut Session,
    wanted: &Wanted,
    keeper: &Keeper,
    rights: &Rights,
    now: jiff::Timestamp,
) -> Result<i64, CatalogError> {
    let project = lookup::project(session, rights, &wanted.name).await?;
    let package_name = entry_point(session, wanted, &project).await?;
    let environment = Environment::of(session, rights, &project, wanted.reference_id).await?;
    let run_in_scale_out = scale_out(session, wanted.scale_out).await?;
    if run_in_scale_out {
        rights.check_scale_out()?;
    }
    let level = properties::get(session, "SERVER_LOGGING_LEVEL").await?;
    let children = properties::get(session, SCALE_OUT_CHILD_PACKAGES).await?;
    let defaults = DefaultOptions {
        level: level.unwrap_or_else(|| options::BASIC.to_owned()),
        customized_level: properties::get(session, SERVER_CUSTOMIZED_LOGGING_LEVEL).await?,
        children: children.is_some_and(|truth| truth.eq_ignore_ascii_case("TRUE")),
    };
    let operation = NewOperation {
        operation_type: OperationType::Execution,
        status: OperationStatus::Created,
        object: Some((ObjectType::Project, project.project_id)),
        object_name: None,
        caller: &rights.caller().name,
        now,
    };
    let execution_id = operations::insert(session, &operation).await?;
    let execution = NewExecution {
        execution_id,
        folder_name: project.folder_name,
        project_name: project.name,
        package_name,
        project_id: project.project_id,
        project_lsn: project.object_version_lsn,
        project_hash: project.project_hash,
        use32bitruntime: wanted.use32bitruntime,
        run_in_scale_out,
        // The restriction to named workers belongs to Scale Out.
        any_worker: wanted.any_worker || !run_in_scale_out,
        environment: environment.as_ref().map(Environment::used),
        defaults: Some(defaults),
    };
    executions::insert(session, &execution).await?;
    settle(session, keeper, &execution, environment.as_ref()).await?;
    Ok(execution_id)
}

/// What was copied from the project is still under the project's key.
pub async fn seal_copies(
    session: &mut Session,
    keeper: &Keeper,
    execution_id: i64,
    owner: Owner,
) -> Result<(), StoreError> {
    for copy in keys::secrets_of(session, Owner::Execution(execution_id)).await? {
        let text = keeper.open_sealed(session, &copy.secret).await?;
        let sealed = keeper.seal(session, owner, &text).await?;
        keys::replace(session, &copy, sealed).await?;
    }
    Ok(())
}

/// Gives the execution the values that its parameters have now. What refers to a variable gets the
/// value of the environment, or none yet.
async fn settle(
    session: &mut Session,
    keeper: &Keeper,
    execution: &NewExecution,
    environment: Option<&Environment>,
) -> Result<(), CatalogError> {
    let id = execution.execution_id;
    let owner = owner_of_values(session, id, execution.project_id).await?;
    let (version, package) = (execution.project_lsn, &execution.package_name);
    for parameter in settled::effective(session, version, package).await? {
        let new = match (parameter.bound(), environment) {
            (Some(bound), Some(environment)) => {
                let value = environment.value_for(&bound)?;
                let text = value.reveal(session, keeper).await?;
                let text = text.ok_or_else(|| StoreError::Damaged {
                    column: "value".into(),
                })?;
                NewSettled {
                    value: protect(session, keeper, owner, text, parameter.sensitive).await?,
                    value_set: true,
                    parameter: &parameter,
                }
            }
            _ => NewSettled {
                value: own_copy(session, keeper, owner, &parameter.value).await?,
                value_set: parameter.value_set,
                parameter: &parameter,
            },
        };
        settled::insert(session, id, new).await?;
    }
    Ok(())
}

/// A value of the project under the key of the execution.
async fn own_copy(
    session: &mut Session,
    keeper: &Keeper,
    owner: Owner,
    value: &StoredValue,
) -> Result<StoredValue, StoreError> {
    let Some(secret) = &value.secret else {
        return Ok(value.clone());
    };
    let text = keeper.open_sealed(session, secret).await?;
    Ok(StoredValue {
        plain: None,
        secret: Some(keeper.seal(session, owner, &text).await?),
    })
}

/// The name of the package as deployed, if it may be started.
async fn entry_point(
    session: &mut Session,
    wanted: &Wanted,
    project: &ProjectRow,
) -> Result<String, CatalogError> {
    let found = packages::find(session, project.object_version_lsn, &wanted.package).await?;
    match found {
        Some((name, true)) => Ok(name),
        Some((package, false)) => Err(CatalogError::NotAnEntryPoint {
            project: project.name.clone(),
            package,
        }),
        None => Err(CatalogError::PackageMissing {
            folder: project.folder_name.clone(),
            project: project.name.clone(),
            package: wanted.package.clone(),
        }),
    }
}

/// Whether it runs in Scale Out: as asked, else as the catalog's default says.
async fn scale_out(session: &mut Session, asked: Option<bool>) -> Result<bool, CatalogError> {
    let wanted = match asked {
        Some(asked) => asked,
        None => {
            let mode = properties::get(session, "DEFAULT_EXECUTION_MODE").await?;
            mode.as_deref() == Some("1")
        }
    };
    let enabled = properties::get(session, "IS_SCALEOUT_ENABLED").await?;
    if wanted && enabled.as_deref() != Some("True") {
        return Err(CatalogError::ScaleOutDisabled);
    }
    Ok(wanted)
}
