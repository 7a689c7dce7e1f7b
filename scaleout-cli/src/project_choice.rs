//! The project that a command is about.

use clap::Args;
use scaleout_core::client::Client;

use crate::catalog_names::{self, ProjectPlace};
use crate::error::{CliError, CommandError};

/// A project of the catalog by its name.
#[derive(Args, Debug)]
pub struct ProjectChoice {
    /// Name of the project
    pub project: String,
    /// Its folder; needed when projects of several folders have that name
    #[arg(long, value_name = "NAME")]
    pub folder: Option<String>,
}

/// A project as the catalog names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenProject {
    /// Its id.
    pub id: i64,
    /// Its folder.
    pub folder: String,
    /// Its name.
    pub project: String,
}

impl ProjectChoice {
    /// Finds it in the catalog.
    ///
    /// # Errors
    /// No project fits, or several do; the master refuses.
    pub async fn find(&self, client: &Client) -> Result<ChosenProject, CliError> {
        let all = catalog_names::projects(client).await?;
        Ok(self.among(all.into_iter())?)
    }

    fn among(
        &self,
        all: impl Iterator<Item = (i64, ProjectPlace)>,
    ) -> Result<ChosenProject, CommandError> {
        let folder = self.folder.as_deref().map(str::to_lowercase);
        let wanted = self.project.to_lowercase();
        let fits = |place: &ProjectPlace| {
            place.project.to_lowercase() == wanted
                && folder
                    .as_ref()
                    .is_none_or(|folder| place.folder.to_lowercase() == *folder)
        };
        let mut found: Vec<ChosenProject> = all
            .filter(|(_, place)| fits(place))
            .map(|(id, place)| ChosenProject {
                id,
                folder: place.folder,
                project: place.project,
            })
            .collect();
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(last), false) => {
                found.push(last);
                let candidates: Vec<String> = found
                    .iter()
                    .map(|one| format!("{}/{}", one.folder, one.project))
                    .collect();
                Err(CommandError::Ambiguous {
                    kind: "project",
                    name: self.project.clone(),
                    candidates: candidates.join(", "),
                    hint: "add --folder".to_owned(),
                })
            }
            (None, _) => Err(CommandError::NotFound {
                kind: "project",
                name: self.project.clone(),
                place: match &self.folder {
                    Some(folder) => format!(" in folder `{folder}`"),
                    None => " in the catalog".to_owned(),
                },
                hint: "`soctl projects list` shows the projects".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(folder: Option<&str>) -> Result<ChosenProject, CommandError> {
        let place = |folder: &str, project: &str| ProjectPlace {
            folder: folder.into(),
            project: project.into(),
        };
        let all = [
            (1, place("A", "Load")),
            (2, place("B", "load")),
            (3, place("B", "other")),
        ];
        let choice = ProjectChoice {
            project: "LOAD".into(),
            folder: folder.map(str::to_owned),
        };
        choice.among(all.into_iter())
    }

    #[test]
    fn a_name_in_two_folders_needs_the_folder() {
        let ambiguous = choice(None).unwrap_err();
        assert_eq!(
            ambiguous.to_string(),
            "project `LOAD` is not unique: A/Load, B/load"
        );
        let found = choice(Some("b")).unwrap();
        assert_eq!((found.id, found.project.as_str()), (2, "load"));
        assert!(matches!(
            choice(Some("C")),
            Err(CommandError::NotFound { .. })
        ));
    }
}
