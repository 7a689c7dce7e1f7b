//! The environment reference that a call is about.

use scaleout_core::model::Securable;
use scaleout_core::registry::BoundArguments;

use crate::access::Rights;
use crate::error::CatalogError;
use crate::store::Session;
use crate::store::references::{self, ReferenceRow};

/// Where a reference seeks its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the folder of the project.
    Relative,
    /// In the folder of that name.
    Absolute(String),
}

impl Location {
    /// From the arguments of a call; `parameter` holds `R` or `A`.
    pub fn of(args: &BoundArguments, parameter: &str) -> Result<Self, CatalogError> {
        let folder = args.text("@environment_folder_name");
        match args.text(parameter) {
            "R" | "r" => Ok(Self::Relative),
            "A" | "a" if folder.is_empty() => Err(CatalogError::ValueNotValid {
                name: "@environment_folder_name".to_owned(),
                reason: "an absolute reference needs the folder of its environment".to_owned(),
                form: "the folder's name",
            }),
            "A" | "a" => Ok(Self::Absolute(folder.to_owned())),
            _ => Err(CatalogError::ValueNotValid {
                name: parameter.to_owned(),
                reason: "it is none of the types of references".to_owned(),
                form: "`R` for the folder of the project, `A` for the folder named",
            }),
        }
    }

    /// The folder of an absolute reference.
    pub fn folder(&self) -> Option<&str> {
        match self {
            Self::Relative => None,
            Self::Absolute(folder) => Some(folder),
        }
    }
}

/// A reference of a project on which the call may do what it declares.
pub async fn find(
    session: &mut Session,
    rights: &Rights,
    id: i64,
) -> Result<ReferenceRow, CatalogError> {
    let missing = || CatalogError::ReferenceMissing { id };
    let found = references::find(session, id).await?.ok_or_else(missing)?;
    let project = (Securable::Project, found.project_id);
    rights
        .check(session, project, &found.project, missing)
        .await?;
    Ok(found)
}
