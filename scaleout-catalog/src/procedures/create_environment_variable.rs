//! `catalog.create_environment_variable`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::environment::EnvironmentName;
use super::set_execution_parameter_value::protect;
use super::variable::{check_variable, value_text, variable_type};
use crate::error::{CatalogError, EnvironmentError};
use crate::secrets::Owner;
use crate::store::variables::{self, NewVariable};

/// Creates a variable.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let environment = EnvironmentName::of(args);
    let name = args.text("@variable_name").to_owned();
    check_variable(&name)?;
    let data_type = variable_type(args.text("@data_type"))?;
    let sensitive = args.bit("@sensitive").unwrap_or_default();
    let text = value_text(data_type, &name, args.variant("@value"))?;
    let description = args.text("@description").to_owned();
    let (rights, keeper) = (cx.rights(), cx.shared.keeper.clone());
    cx.write(move |session| {
        Box::pin(async move {
            let found = environment.find(session, &rights).await?;
            let owner = Owner::Environment(found.environment_id);
            let new = NewVariable {
                name,
                description,
                data_type,
                sensitive,
                value: protect(session, &keeper, owner, text, sensitive).await?,
            };
            if variables::insert(session, found.environment_id, &new).await? {
                Ok(done())
            } else {
                Err(EnvironmentError::VariableExists {
                    environment: found.name,
                    name: new.name,
                }
                .into())
            }
        })
    })
    .await
}
