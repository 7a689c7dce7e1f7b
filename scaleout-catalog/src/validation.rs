//! Validations: which packages with which values, and what is wrong with the values alone. What is
//! wrong with the packages a worker finds out.

use jiff::{SignedDuration, Timestamp};
use scaleout_core::error::explained;
use scaleout_core::lease::ExecutionState;
use scaleout_core::model::variable_value::type_from_name;
use scaleout_core::model::{
    Caller, ObjectType, OperationStatus, OperationType, ParameterScope, Role,
};
use scaleout_core::protocol::task::{ParameterValue, Validation, ValidationPart};
use scaleout_core::registry::procedures::VALIDATE_PROJECT;

use crate::access::Rights;
use crate::catalog_properties::VALIDATION_TIMEOUT;
use crate::error::CatalogError;
use crate::procedures::bindings::Environment;
use crate::secrets::Keeper;
use crate::store::executions::{self, NewExecution};
use crate::store::operations::{self, NewOperation};
use crate::store::projects::ProjectRow;
use crate::store::settled::{self, Bound, Effective};
use crate::store::validations::{self, NewValidation, Verdict};
use crate::store::{Session, StoreError, properties};

/// `message_type` of an error.
const ERROR: i16 = 120;
/// `VALIDATION_TIMEOUT` of a catalog that does not say.
const DEFAULT_TIMEOUT: i64 = 300;

/// A validation to begin.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The project.
    pub project: ProjectRow,
    /// The package as deployed; `None` for all of them.
    pub package: Option<String>,
    /// `A`, `S` or `D`.
    pub scope: String,
    /// The reference of scope `S`.
    pub reference_id: Option<i64>,
    /// Recorded only.
    pub use32bitruntime: bool,
}

/// An environment that parts take values from, or why there is none.
type Source = Option<(i64, Result<Environment, String>)>;

/// What is wrong with the value of a parameter.
struct Fault {
    scope: ParameterScope,
    parameter: String,
    text: String,
}

/// Records a validation, checks the values, and lets it wait for a worker.
pub async fn begin(
    session: &mut Session,
    wanted: &Wanted,
    rights: &Rights,
    now: Timestamp,
) -> Result<i64, CatalogError> {
    let version = wanted.project.object_version_lsn;
    let packages = match &wanted.package {
        Some(package) => vec![package.clone()],
        None => validations::packages(session, version).await?,
    };
    let id = record(session, wanted, &rights.caller().name, now).await?;
    let sources = sources(session, rights, wanted).await?;
    let mut broken: Vec<i64> = Vec::new();
    for package in &packages {
        validations::trust_parameters(session, version, package, now).await?;
    }
    for package in &packages {
        let parameters = settled::effective(session, version, package).await?;
        for source in &sources {
            let faults = faults(&parameters, source.as_ref());
            let reference = source.as_ref().map(|(reference, _)| *reference);
            let part =
                validations::add_part(session, id, package, reference, !faults.is_empty()).await?;
            for fault in faults {
                broken.extend(reference);
                let text = format!("{package}: {}", fault.text);
                operations::add_part_message(session, id, part, ERROR, &text, now).await?;
                let parameter = (fault.scope, fault.parameter.as_str());
                validations::distrust_parameter(session, version, package, parameter).await?;
            }
        }
    }
    for (reference, environment) in sources.into_iter().flatten() {
        let verdict = match environment {
            Ok(_) if !broken.contains(&reference) => Verdict::Valid,
            Ok(_) | Err(_) => Verdict::Invalid,
        };
        validations::judge_reference(session, reference, verdict, now).await?;
    }
    Ok(id)
}

/// Operation, execution and validation: the first two are what leases and logs belong to.
async fn record(
    session: &mut Session,
    wanted: &Wanted,
    caller: &str,
    now: Timestamp,
) -> Result<i64, CatalogError> {
    let project = &wanted.project;
    let (operation_type, object_type) = match wanted.package {
        Some(_) => (OperationType::ValidatePackage, ObjectType::Package),
        None => (OperationType::ValidateProject, ObjectType::Project),
    };
    let operation = NewOperation {
        operation_type,
        status: OperationStatus::Created,
        object: Some((object_type, project.project_id)),
        object_name: Some(wanted.package.as_ref().unwrap_or(&project.name)),
        caller,
        now,
    };
    let id = operations::insert(session, &operation).await?;
    let execution = NewExecution {
        execution_id: id,
        folder_name: project.folder_name.clone(),
        project_name: project.name.clone(),
        package_name: wanted.package.clone().unwrap_or_default(),
        project_id: project.project_id,
        project_lsn: project.object_version_lsn,
        project_hash: project.project_hash.clone(),
        use32bitruntime: wanted.use32bitruntime,
        run_in_scale_out: true,
        any_worker: true,
        environment: None,
        defaults: None,
    };
    executions::insert(session, &execution).await?;
    let timeout = properties::get(session, VALIDATION_TIMEOUT).await?;
    let timeout = timeout.and_then(|text| text.parse().ok());
    let timeout = SignedDuration::from_secs(timeout.unwrap_or(DEFAULT_TIMEOUT));
    let validation = NewValidation {
        validation_id: id,
        scope: &wanted.scope,
        reference_id: wanted.reference_id,
        stop_at: now.saturating_add(timeout).unwrap_or(Timestamp::MAX),
    };
    validations::insert(session, &validation).await?;
    let state = ExecutionState::Created;
    if let Ok(pending) = state.start() {
        executions::move_state(session, id, state, pending, now).await?;
    }
    Ok(id)
}

/// Where values come from: each reference on its own, or none.
async fn sources(
    session: &mut Session,
    rights: &Rights,
    wanted: &Wanted,
) -> Result<Vec<Source>, CatalogError> {
    let references = match wanted.scope.as_str() {
        "A" => validations::references(session, wanted.project.project_id).await?,
        _ => Vec::from_iter(wanted.reference_id),
    };
    let mut sources = Vec::new();
    for reference in references {
        sources.push(Some((
            reference,
            environment(session, rights, &wanted.project, reference).await?,
        )));
    }
    if sources.is_empty() {
        sources.push(None);
    }
    Ok(sources)
}

/// The environment of a reference. That it leads nowhere is something that validations find out.
async fn environment(
    session: &mut Session,
    rights: &Rights,
    project: &ProjectRow,
    reference: i64,
) -> Result<Result<Environment, String>, CatalogError> {
    match Environment::of(session, rights, project, Some(reference)).await {
        Ok(Some(environment)) => Ok(Ok(environment)),
        // With an id it gives an environment or an error.
        Ok(None) => Err(CatalogError::ReferenceMissing { id: reference }),
        Err(error @ CatalogError::Environment(_)) => Ok(Err(explained(&error))),
        Err(error) => Err(error),
    }
}

fn faults(
    parameters: &[Effective],
    source: Option<&(i64, Result<Environment, String>)>,
) -> Vec<Fault> {
    let fault = |parameter: &Effective, text: String| Fault {
        scope: parameter.scope,
        parameter: parameter.name.clone(),
        text,
    };
    let mut found = Vec::new();
    for parameter in parameters {
        let name = &parameter.name;
        let text = match (&parameter.variable, source) {
            (None, _) if parameter.required && !parameter.value_set => Some(format!(
                "parameter `{name}` needs a value; set one on the project with `soctl parameters set`"
            )),
            (None, _) => None,
            (Some(variable), None) => Some(format!(
                "parameter `{name}` takes its value from variable `{variable}`, and no environment is \
                 part of this validation; name one with `soctl validations start --environment`"
            )),
            (Some(variable), Some((_, Err(why)))) => Some(format!(
                "parameter `{name}` takes its value from variable `{variable}`: {why}"
            )),
            (Some(variable), Some((_, Ok(environment)))) => {
                let value = environment.value_for(&bound(parameter, variable));
                value.err().map(|error| explained(&error))
            }
        };
        found.extend(text.map(|text| fault(parameter, text)));
    }
    found
}

fn bound(parameter: &Effective, variable: &str) -> Bound {
    Bound {
        name: parameter.name.clone(),
        data_type: parameter.data_type.clone(),
        sensitive: parameter.sensitive,
        variable: variable.to_owned(),
    }
}

/// What a worker needs for a validation: all its parts with the values that they have now.
pub async fn describe(
    session: &mut Session,
    keeper: &Keeper,
    id: i64,
    project: &ProjectRow,
) -> Result<Validation, CatalogError> {
    // Whoever began the validation was allowed to use its environments.
    let master = Caller::new("master", Role::SsisAdmin);
    let rights = Rights::of(&master, &VALIDATE_PROJECT);
    let mut described = Vec::new();
    for part in validations::parts(session, id).await? {
        let version = project.object_version_lsn;
        let parameters = settled::effective(session, version, &part.package).await?;
        let environment = match part.reference_id {
            Some(reference) => match environment(session, &rights, project, reference).await {
                Ok(found) => found.ok(),
                // Deleted since the validation began: its values are gone, and its message is there.
                Err(CatalogError::ReferenceMissing { .. }) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let from = (parameters.as_slice(), environment.as_ref());
        described.push(ValidationPart {
            part: part.info_id,
            project_parameters: values(session, keeper, from, ParameterScope::Project).await?,
            package_parameters: values(session, keeper, from, ParameterScope::Package).await?,
            package_name: part.package,
        });
    }
    Ok(Validation { parts: described })
}

async fn values(
    session: &mut Session,
    keeper: &Keeper,
    (parameters, environment): (&[Effective], Option<&Environment>),
    scope: ParameterScope,
) -> Result<Vec<ParameterValue>, StoreError> {
    let mut values = Vec::new();
    for parameter in parameters.iter().filter(|one| one.scope == scope) {
        let stored = match (&parameter.variable, environment) {
            (None, _) => Some(&parameter.value),
            // Where there is none, a message says so since the validation began.
            (Some(variable), Some(environment)) => {
                environment.value_for(&bound(parameter, variable)).ok()
            }
            (Some(_), None) => None,
        };
        let value = match stored {
            Some(stored) => stored.reveal(session, keeper).await?,
            None => None,
        };
        let data_type = type_from_name(&parameter.data_type);
        values.push(ParameterValue {
            name: parameter.name.clone(),
            data_type: data_type.ok_or_else(|| StoreError::Damaged {
                column: "data_type".into(),
            })?,
            value,
            sensitive: parameter.sensitive,
        });
    }
    Ok(values)
}
