//! The environment that a command is about.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;

use crate::catalog_names::folder_names;
use crate::error::{CliError, CommandError};
use crate::rows::text;

/// An environment of the catalog by its name.
#[derive(Args, Debug)]
pub struct EnvironmentChoice {
    /// Name of the environment
    pub environment: String,
    /// Its folder; needed when environments of several folders have that name
    #[arg(long, value_name = "NAME")]
    pub folder: Option<String>,
}

/// An environment as the catalog names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its id.
    pub id: i64,
    /// Its folder.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who created it.
    pub created_by: String,
}

/// All environments, by folder and name.
///
/// # Errors
/// The master refuses.
pub async fn environments(client: &Client) -> Result<Vec<Environment>, CliError> {
    let folders = folder_names(client).await?;
    let found = client.view("environments", &ViewQuery::default()).await?;
    let mut all: Vec<Environment> = found
        .iter()
        .filter_map(|row| {
            Some(Environment {
                id: row.integer("environment_id")?,
                folder: folders.get(&row.integer("folder_id")?).cloned()?,
                name: text(row, "name"),
                description: text(row, "description"),
                created_by: text(row, "created_by_name"),
            })
        })
        .collect();
    all.sort_by(|a, b| (&a.folder, &a.name).cmp(&(&b.folder, &b.name)));
    Ok(all)
}

impl EnvironmentChoice {
    /// Finds it in the catalog.
    ///
    /// # Errors
    /// No environment fits, or several do; the master refuses.
    pub async fn find(&self, client: &Client) -> Result<Environment, CliError> {
        Ok(self.among(environments(client).await?)?)
    }

    fn among(&self, all: Vec<Environment>) -> Result<Environment, CommandError> {
        let folder = self.folder.as_deref().map(str::to_lowercase);
        let wanted = self.environment.to_lowercase();
        let fits = |one: &Environment| {
            one.name.to_lowercase() == wanted
                && folder
                    .as_ref()
                    .is_none_or(|folder| one.folder.to_lowercase() == *folder)
        };
        let mut found: Vec<Environment> = all.into_iter().filter(fits).collect();
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(last), false) => {
                found.push(last);
                let candidates: Vec<String> = found
                    .iter()
                    .map(|one| format!("{}/{}", one.folder, one.name))
                    .collect();
                Err(CommandError::Ambiguous {
                    kind: "environment",
                    name: self.environment.clone(),
                    candidates: candidates.join(", "),
                    hint: "add --folder".to_owned(),
                })
            }
            (None, _) => Err(CommandError::NotFound {
                kind: "environment",
                name: self.environment.clone(),
                place: match &self.folder {
                    Some(folder) => format!(" in folder `{folder}`"),
                    None => " in the catalog".to_owned(),
                },
                hint: "`soctl environments list` shows the environments".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_two_folders_needs_the_folder() {
        let one = |id, folder: &str, name: &str| Environment {
            id,
            folder: folder.into(),
            name: name.into(),
            description: String::new(),
            created_by: String::new(),
        };
        let all = vec![one(1, "A", "Dev"), one(2, "B", "dev"), one(3, "B", "prod")];
        let choice = |environment: &str, folder: Option<&str>| {
            let choice = EnvironmentChoice {
                environment: environment.into(),
                folder: folder.map(str::to_owned),
            };
            choice.among(all.clone())
        };
        assert_eq!(
            choice("DEV", None).unwrap_err().to_string(),
            "environment `DEV` is not unique: A/Dev, B/dev"
        );
        assert_eq!(choice("DEV", Some("b")).unwrap().id, 2);
        assert_eq!(choice("Prod", None).unwrap().id, 3);
        let missing = choice("prod", Some("A")).unwrap_err();
        assert!(matches!(missing, CommandError::NotFound { .. }));
    }
}
