//! `catalog.set_execution_parameter_value`

use scaleout_core::model::ParameterScope;
use scaleout_core::model::variable_value::{canonical_text, type_from_name};
use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;

use super::call::{Call, done};
use super::{logging_level, lookup, options};
use crate::access::Rights;
use crate::catalog_properties::SERVER_OPERATION_ENCRYPTION_LEVEL;
use crate::error::CatalogError;
use crate::secrets::{Keeper, Owner};
use crate::store::parameters::{self, Declared, StoredValue};
use crate::store::{Session, StoreError, properties};

/// Sets a parameter or an option of one execution that was not started.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@execution_id");
    let scope = scope(args)?;
    let name = args.text("@parameter_name").to_owned();
    let value = args.variant("@parameter_value").clone();
    let (rights, keeper) = (cx.rights(), cx.shared.keeper.clone());
    cx.write_beside(move |session| {
        Box::pin(async move {
            set(session, &rights, &keeper, id, scope, &name, &value).await?;
            Ok(done())
        })
    })
    .await
}

fn scope(args: &BoundArguments) -> Result<ParameterScope, CatalogError> {
    ParameterScope::from_number(args.integer("@object_type")).ok_or_else(|| {
        CatalogError::ValueNotValid {
            name: "@object_type".into(),
            reason: "it is none of the object types".into(),
            form: "20 for a project parameter, 30 for a package parameter, 50 for an option of the execution",
        }
    })
}

/// Sets it, in the transaction of the caller.
pub async fn set(
    session: &mut Session,
    rights: &Rights,
    keeper: &Keeper,
    id: i64,
    scope: ParameterScope,
    name: &str,
    value: &Value,
) -> Result<(), CatalogError> {
    let execution = lookup::unstarted(session, rights, id).await?;
    let found = parameters::find_of_execution(session, id, scope, name).await?;
    let found = match (found, options::added(name)) {
        (None, Some(option)) if scope == ParameterScope::Execution => {
            // Checked first, so that a value that is refused leaves no row behind.
            option_text(session, name, value).await?;
            parameters::settle_option(session, id, option).await?;
            parameters::find_of_execution(session, id, scope, name).await?
        }
        (Some(declared), _) if declared.is_unset_option() => {
            option_text(session, name, value).await?;
            parameters::keep_default(session, id, name).await?;
            parameters::find_of_execution(session, id, scope, name).await?
        }
        (found, _) => found,
    };
    let Some(declared) = found else {
        return Err(CatalogError::ParameterMissing {
            owner: format!("execution {id}"),
            scope,
            name: name.to_owned(),
            known: parameters::names_of_execution(session, id, scope).await?,
            elsewhere: match mistaken_for(scope) {
                Some(other) => parameters::names_of_execution(session, id, other).await?,
                None => Vec::new(),
            },
        });
    };
    let text = match scope {
        ParameterScope::Execution => option_text(session, name, value).await?,
        ParameterScope::Project | ParameterScope::Package => typed_text(&declared, name, value)?,
    };
    let is_option = scope == ParameterScope::Execution;
    if is_option
        && options::is_for_administrators(name, &text)
        && !rights.caller().is_administrator()
    {
        return Err(CatalogError::Forbidden {
            caller: rights.caller().name.clone(),
            action: "raise the priority of an execution above 0".to_owned(),
        });
    }
    let owner = owner_of_values(session, id, execution.project_id).await?;
    let stored = protect(session, keeper, owner, text, declared.sensitive).await?;
    parameters::set_execution_value(session, declared.id, stored).await?;
    Ok(())
}

/// The stored text of an option; a logging level must be there, and is stored as it is spelt.
async fn option_text(
    session: &mut Session,
    name: &str,
    value: &Value,
) -> Result<String, CatalogError> {
    let text = options::check(name, value)?;
    if text.is_empty() || !name.eq_ignore_ascii_case(options::CUSTOMIZED_LOGGING_LEVEL) {
        return Ok(text);
    }
    Ok(logging_level::find(session, &text).await?.name)
}

/// Whose key the values of an execution are encrypted with: its own, or one that all executions of
/// its project share.
pub async fn owner_of_values(
    session: &mut Session,
    execution_id: i64,
    project_id: i64,
) -> Result<Owner, StoreError> {
    let level = properties::get(session, SERVER_OPERATION_ENCRYPTION_LEVEL).await?;
    Ok(match level.as_deref() {
        Some("2") => Owner::ExecutionsOf(project_id),
        _ => Owner::Execution(execution_id),
    })
}

/// The scope in which someone may have meant a parameter of this one.
pub fn mistaken_for(scope: ParameterScope) -> Option<ParameterScope> {
    match scope {
        ParameterScope::Project => Some(ParameterScope::Package),
        ParameterScope::Package => Some(ParameterScope::Project),
        ParameterScope::Execution => None,
    }
}

/// The stored text of a value for a declared parameter.
pub fn typed_text(declared: &Declared, name: &str, value: &Value) -> Result<String, CatalogError> {
    let data_type = type_from_name(&declared.data_type).ok_or_else(|| StoreError::Damaged {
        column: "data_type".into(),
    })?;
    canonical_text(data_type, value).map_err(|error| CatalogError::ValueNotValid {
        name: name.to_owned(),
        reason: error.to_string(),
        form: error.form(),
    })
}

/// Encrypts what is sensitive, under the key of its owner.
pub async fn protect(
    session: &mut Session,
    keeper: &Keeper,
    owner: Owner,
    text: String,
    sensitive: bool,
) -> Result<StoredValue, StoreError> {
    if sensitive {
        Ok(StoredValue {
            plain: None,
            secret: Some(keeper.seal(session, owner, &text).await?),
        })
    } else {
        Ok(StoredValue {
            plain: Some(text),
            secret: None,
        })
    }
}
