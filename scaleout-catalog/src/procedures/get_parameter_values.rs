//! `catalog.get_parameter_values`

use scaleout_core::model::variable_value::{to_json, type_from_name};
use scaleout_core::registry::{BoundArguments, ProcedureResult, Rows};
use serde_json::Value;

use super::bindings::Environment;
use super::call::Call;
use super::lookup::{self, ProjectName};
use crate::error::CatalogError;
use crate::store::settled::{self, Effective};
use crate::store::{StoreError, packages};

const COLUMNS: [&str; 7] = [
    "object_type",
    "parameter_data_type",
    "parameter_name",
    "parameter_value",
    "sensitive",
    "required",
    "value_set",
];

/// Returns the values that an execution of a package would start with. A variable that is missing or
/// of another type leaves its parameter without a value here and refuses the execution.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = ProjectName::of(args);
    let package = args.text("@package_name");
    let mut session = cx.shared.store.reader().await?;
    let rights = cx.rights();
    let project = lookup::project(&mut session, &rights, &name).await?;
    let version = project.object_version_lsn;
    let Some((package, _)) = packages::find(&mut session, version, package).await? else {
        return Err(CatalogError::PackageMissing {
            folder: project.folder_name,
            project: project.name,
            package: package.to_owned(),
        });
    };
    let reference_id = args.optional_integer("@reference_id");
    let environment = Environment::of(&mut session, &rights, &project, reference_id).await?;
    let found = settled::effective(&mut session, version, &package).await?;
    let rows = found
        .into_iter()
        .map(|parameter| match &environment {
            Some(environment) => through(environment, parameter),
            None => parameter,
        })
        .map(|parameter| Ok(row(&parameter)?))
        .collect::<Result<_, CatalogError>>()?;
    Ok(ProcedureResult {
        rows: Some(Rows {
            columns: COLUMNS.map(str::to_owned).to_vec(),
            rows,
        }),
        ..ProcedureResult::default()
    })
}

/// The parameter as the environment sets it.
fn through(environment: &Environment, parameter: Effective) -> Effective {
    let Some(bound) = parameter.bound() else {
        return parameter;
    };
    let value = environment.value_for(&bound).ok();
    Effective {
        value_set: value.is_some(),
        value: value.cloned().unwrap_or_default(),
        ..parameter
    }
}

fn row(parameter: &Effective) -> Result<Vec<Value>, StoreError> {
    let data_type = type_from_name(&parameter.data_type).ok_or_else(|| StoreError::Damaged {
        column: "data_type".into(),
    })?;
    // A plain variable may be for a sensitive parameter.
    let plain = parameter.value.plain.as_deref();
    let plain = plain.filter(|_| !parameter.sensitive);
    Ok(vec![
        Value::from(parameter.scope.number()),
        Value::from(parameter.data_type.clone()),
        Value::from(parameter.name.clone()),
        plain.map_or(Value::Null, |text| to_json(data_type, text)),
        Value::from(parameter.sensitive),
        Value::from(parameter.required),
        Value::from(parameter.value_set),
    ])
}
