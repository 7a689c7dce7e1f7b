//! The object that permissions are about.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::model::Securable;
use scaleout_core::registry::ViewQuery;

use crate::catalog_names::folder_names;
use crate::environment_choice::EnvironmentChoice;
use crate::error::{CliError, CommandError};
use crate::project_choice::ProjectChoice;
use crate::rows::text;

/// An object: a folder, a project, an environment or an operation.
#[derive(Args, Clone, Debug, Default)]
pub struct SecurableChoice {
    /// The folder; with --project or --environment that object in it
    #[arg(long, value_name = "NAME")]
    folder: Option<String>,
    /// The project
    #[arg(long, value_name = "NAME", conflicts_with_all = ["environment", "operation"])]
    project: Option<String>,
    /// The environment
    #[arg(long, value_name = "NAME", conflicts_with = "operation")]
    environment: Option<String>,
    /// The operation, such as an execution
    #[arg(long, value_name = "ID", conflicts_with = "folder")]
    operation: Option<i64>,
}

/// An object as the catalog knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenSecurable {
    /// Its kind.
    pub kind: Securable,
    /// Its id.
    pub id: i64,
    /// How people call it: `project `Load``.
    pub name: String,
}

impl SecurableChoice {
    /// Whether any object is named.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.folder.is_some()
            || self.project.is_some()
            || self.environment.is_some()
            || self.operation.is_some()
    }

    /// Finds it in the catalog.
    ///
    /// # Errors
    /// None is named, none fits, or several do; the master refuses.
    pub async fn find(&self, client: &Client) -> Result<ChosenSecurable, CliError> {
        if let Some(id) = self.operation {
            return Ok(chosen(Securable::Operation, id, &id.to_string()));
        }
        if let Some(project) = &self.project {
            let choice = ProjectChoice {
                project: project.clone(),
                folder: self.folder.clone(),
            };
            let found = choice.find(client).await?;
            return Ok(chosen(Securable::Project, found.id, &found.project));
        }
        if let Some(environment) = &self.environment {
            let choice = EnvironmentChoice {
                environment: environment.clone(),
                folder: self.folder.clone(),
            };
            let found = choice.find(client).await?;
            return Ok(chosen(Securable::Environment, found.id, &found.name));
        }
        let Some(folder) = &self.folder else {
            return Err(CommandError::Argument {
                message: "it is not said on which object".to_owned(),
                hint: "add `--folder`, `--project`, `--environment` or `--operation`".to_owned(),
            }
            .into());
        };
        let wanted = folder.to_lowercase();
        let folders = folder_names(client).await?;
        let found = folders
            .into_iter()
            .find(|(_, name)| name.to_lowercase() == wanted);
        match found {
            Some((id, name)) => Ok(chosen(Securable::Folder, id, &name)),
            None => Err(CommandError::NotFound {
                kind: "folder",
                name: folder.clone(),
                place: String::new(),
                hint: "`soctl folders list` shows them".to_owned(),
            }
            .into()),
        }
    }
}

fn chosen(kind: Securable, id: i64, name: &str) -> ChosenSecurable {
    ChosenSecurable {
        kind,
        id,
        name: format!("{} `{name}`", kind.as_str()),
    }
}

/// The id of a login or role.
///
/// # Errors
/// There is none of that name, or the master refuses.
pub async fn principal(client: &Client, name: &str) -> Result<i64, CliError> {
    let query = ViewQuery {
        equals: vec![("name".to_owned(), name.to_owned())],
        ..ViewQuery::default()
    };
    let found = client.view("principals", &query).await?;
    let id = found.iter().find_map(|row| row.integer("principal_id"));
    Ok(id.ok_or_else(|| CommandError::NotFound {
        kind: "login or role",
        name: name.to_owned(),
        place: String::new(),
        hint: "`soctl view principals` shows them".to_owned(),
    })?)
}

/// Names of logins and roles by their ids.
///
/// # Errors
/// The master refuses.
pub async fn principals(
    client: &Client,
) -> Result<std::collections::BTreeMap<i64, String>, CliError> {
    let found = client.view("principals", &ViewQuery::default()).await?;
    let pairs = found
        .iter()
        .filter_map(|row| Some((row.integer("principal_id")?, text(row, "name"))));
    Ok(pairs.collect())
}
