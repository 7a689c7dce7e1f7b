//! The environment that a call is about.

use scaleout_core::model::Securable;
use scaleout_core::registry::BoundArguments;

use super::lookup;
use crate::access::Rights;
use crate::error::{CatalogError, EnvironmentError};
use crate::store::environments::{self, EnvironmentRow};
use crate::store::{Session, folders};

/// `@folder_name` and `@environment_name` of a call.
#[derive(Clone, Debug)]
pub struct EnvironmentName {
    /// The folder.
    pub folder: String,
    /// The environment.
    pub environment: String,
}

impl EnvironmentName {
    /// From the arguments of a call.
    pub fn of(args: &BoundArguments) -> Self {
        Self {
            folder: args.text("@folder_name").to_owned(),
            environment: args.text("@environment_name").to_owned(),
        }
    }

    /// The environment, on which the call may do what it declares; its folder must be there too.
    pub async fn find(
        &self,
        session: &mut Session,
        rights: &Rights,
    ) -> Result<EnvironmentRow, CatalogError> {
        let folder_id = lookup::folder_around(session, &self.folder).await?;
        let around = (folder_id, self.folder.as_str());
        let missing = lookup::missing_in(session, rights, around, self.missing()).await?;
        let Some(row) = environments::find(session, folder_id, &self.environment).await? else {
            return Err(missing);
        };
        let environment = (Securable::Environment, row.environment_id);
        rights
            .check(session, environment, &row.name, || missing)
            .await?;
        Ok(row)
    }

    /// The environment that a reference names: without it or without its folder, it leads nowhere.
    pub async fn follow(
        &self,
        session: &mut Session,
        rights: &Rights,
    ) -> Result<EnvironmentRow, CatalogError> {
        let found = match folders::find(session, &self.folder).await? {
            Some(folder_id) => environments::find(session, folder_id, &self.environment).await?,
            None => None,
        };
        let row = found.ok_or_else(|| self.missing())?;
        let environment = (Securable::Environment, row.environment_id);
        rights
            .check(session, environment, &row.name, || self.missing())
            .await?;
        Ok(row)
    }

    fn missing(&self) -> CatalogError {
        EnvironmentError::EnvironmentMissing {
            folder: self.folder.clone(),
            environment: self.environment.clone(),
        }
        .into()
    }

    /// The error when there is such an environment already.
    pub fn exists(&self) -> CatalogError {
        EnvironmentError::EnvironmentExists {
            folder: self.folder.clone(),
            environment: self.environment.clone(),
        }
        .into()
    }
}

/// `@property_name` of environments and variables: the description is all that can be set.
pub fn check_description(args: &BoundArguments) -> Result<(), CatalogError> {
    if args
        .text("@property_name")
        .eq_ignore_ascii_case("Description")
    {
        return Ok(());
    }
    Err(CatalogError::ValueNotValid {
        name: "@property_name".to_owned(),
        reason: "there is no such property that can be set".to_owned(),
        form: "`Description`",
    })
}
