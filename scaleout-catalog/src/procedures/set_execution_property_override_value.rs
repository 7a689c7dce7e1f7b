//! `catalog.set_execution_property_override_value`

use scaleout_core::jobs::command::Override;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use super::lookup;
use super::set_execution_parameter_value::{owner_of_values, protect};
use crate::access::Rights;
use crate::error::CatalogError;
use crate::secrets::Keeper;
use crate::store::{Session, parameters};

/// Overrides a property inside the package for one execution. Whether the property exists is known
/// only to the runtime, which refuses the execution if it does not.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let id = args.integer("@execution_id");
    let wanted = Override {
        path: args.text("@property_path").trim().to_owned(),
        value: args.text("@property_value").to_owned(),
        sensitive: args.bit("@sensitive").unwrap_or(false),
    };
    let (rights, keeper) = (cx.rights(), cx.shared.keeper.clone());
    cx.write_beside(move |session| {
        Box::pin(async move {
            set(session, &rights, &keeper, id, wanted).await?;
            Ok(done())
        })
    })
    .await
}

/// Sets it, in the transaction of the caller.
pub async fn set(
    session: &mut Session,
    rights: &Rights,
    keeper: &Keeper,
    id: i64,
    wanted: Override,
) -> Result<(), CatalogError> {
    let path = wanted.path;
    check_path(&path)?;
    let execution = lookup::unstarted(session, rights, id).await?;
    let owner = owner_of_values(session, id, execution.project_id).await?;
    let stored = protect(session, keeper, owner, wanted.value, wanted.sensitive).await?;
    parameters::set_override(session, id, &path, stored, wanted.sensitive).await?;
    Ok(())
}

/// `\Package…` with a property at its end: `.Property`, `.Properties[Name]`, `.Variables[N::X].Value`.
fn check_path(path: &str) -> Result<(), CatalogError> {
    let fault = |reason| CatalogError::PropertyPathNotValid {
        path: path.to_owned(),
        reason,
    };
    let Some(rest) = path.strip_prefix('\\') else {
        return Err(fault("it must start with `\\`"));
    };
    if rest.is_empty() || rest.starts_with('.') || path.contains("\\\\") {
        return Err(fault("a name in it is empty"));
    }
    let open = path.matches('[').count();
    if open != path.matches(']').count() {
        return Err(fault("its brackets do not match"));
    }
    match path.rsplit_once('.') {
        Some((_, property)) if !property.is_empty() => Ok(()),
        _ => Err(fault("it must end in a property")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_an_object_and_a_property() {
        for good in [
            r"\Package.Properties[MaximumErrorCount]",
            r"\Package.Variables[User::X].Value",
            r"\Package\Sequence\Task.Disable",
            r"\Package.Connections[a b].Properties[ConnectionString]",
        ] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "Package.X",
            r"\",
            r"\Package",
            r"\Package.",
            r"\Package.Variables[User::X.Value",
            r"\\Package.X",
            r"\.X",
        ] {
            assert!(check_path(bad).is_err(), "{bad}");
        }
    }
}
