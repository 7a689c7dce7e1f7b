//! The environment reference that `--environment [FOLDER/]NAME` means for a project.

use scaleout_core::client::{Client, Row};
use scaleout_core::registry::ViewQuery;

use crate::error::{CliError, CommandError};
use crate::package_choice::quoted;

/// A reference of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its id.
    pub id: i64,
    /// The project.
    pub project_id: i64,
    /// Folder of the environment; `None` when relative.
    pub folder: Option<String>,
    /// The environment.
    pub environment: String,
}

impl Reference {
    /// From a row of `catalog.environment_references`.
    #[must_use]
    pub fn from_row(row: Row<'_>) -> Option<Self> {
        Some(Self {
            id: row.integer("reference_id")?,
            project_id: row.integer("project_id")?,
            folder: row.text("environment_folder_name").map(str::to_owned),
            environment: row.text("environment_name")?.to_owned(),
        })
    }

    /// `relative` or `absolute`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.folder {
            Some(_) => "absolute",
            None => "relative",
        }
    }

    /// `FOLDER/NAME` of the environment, for a project of that folder.
    #[must_use]
    pub fn target(&self, project_folder: &str) -> String {
        let folder = self.folder.as_deref().unwrap_or(project_folder);
        format!("{folder}/{}", self.environment)
    }
}

/// A project whose references are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Referring<'a> {
    /// Its id.
    pub id: i64,
    /// Its folder.
    pub folder: &'a str,
    /// Its name.
    pub project: &'a str,
}

impl Referring<'_> {
    /// The references of the project.
    ///
    /// # Errors
    /// The master refuses.
    pub async fn references(self, client: &Client) -> Result<Vec<Reference>, CliError> {
        let query = ViewQuery {
            equals: vec![("project_id".to_owned(), self.id.to_string())],
            ..ViewQuery::default()
        };
        let found = client.view("environment_references", &query).await?;
        Ok(found.iter().filter_map(Reference::from_row).collect())
    }

    /// The reference to an environment given as `NAME` or `FOLDER/NAME`.
    ///
    /// # Errors
    /// No reference fits, or several do; the master refuses.
    pub async fn find(self, client: &Client, environment: &str) -> Result<Reference, CliError> {
        let all = self.references(client).await?;
        Ok(self.among(all, environment)?)
    }

    /// Of a relative and an absolute reference to one environment, the relative one.
    fn among(self, all: Vec<Reference>, environment: &str) -> Result<Reference, CommandError> {
        let wanted = environment.to_lowercase();
        let named = |one: &Reference| one.environment.to_lowercase() == wanted;
        let placed = |one: &Reference| one.target(self.folder).to_lowercase() == wanted;
        let relative = |one: &&Reference| one.folder.is_none() && (named(one) || placed(one));
        if let Some(one) = all.iter().find(relative) {
            return Ok(one.clone());
        }
        let found: Vec<&Reference> = all.iter().filter(|one| named(one) || placed(one)).collect();
        match found[..] {
            [one] => Ok(one.clone()),
            [] => Err(self.missing(&all, environment)),
            _ => Err(CommandError::Ambiguous {
                kind: "environment",
                name: environment.to_owned(),
                candidates: self.targets(found.into_iter()),
                hint: "write FOLDER/NAME".to_owned(),
            }),
        }
    }

    fn missing(self, all: &[Reference], environment: &str) -> CommandError {
        let others = match all {
            [] => "it has no references yet".to_owned(),
            all => format!("it refers to {}", self.targets(all.iter())),
        };
        CommandError::NotFound {
            kind: "reference to environment",
            name: environment.to_owned(),
            place: format!(" in project `{}` of folder `{}`", self.project, self.folder),
            hint: format!(
                "{others}; `soctl references create {} --folder {} --environment {}` makes one",
                quoted(self.project),
                quoted(self.folder),
                quoted(environment)
            ),
        }
    }

    /// The environments of references, for people: `Finance/dev, Shared/common`.
    #[must_use]
    pub fn targets_of(self, references: &[Reference]) -> String {
        self.targets(references.iter())
    }

    fn targets<'r>(self, references: impl Iterator<Item = &'r Reference>) -> String {
        let texts: Vec<String> = references.map(|one| one.target(self.folder)).collect();
        texts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::error::Explain;

    use super::*;

    fn reference(id: i64, folder: Option<&str>, environment: &str) -> Reference {
        Reference {
            id,
            project_id: 1,
            folder: folder.map(str::to_owned),
            environment: environment.to_owned(),
        }
    }

    fn find(all: &[Reference], environment: &str) -> Result<i64, CommandError> {
        let project = Referring {
            id: 1,
            folder: "My Folder",
            project: "Nightly",
        };
        let found = project.among(all.to_vec(), environment);
        found.map(|one| one.id)
    }

    #[test]
    fn a_name_means_the_environment_beside_the_project_first() {
        let all = [
            reference(1, Some("A"), "dev"),
            reference(2, None, "Dev"),
            reference(3, Some("A"), "prod"),
            reference(4, Some("A"), "test"),
            reference(5, Some("B"), "test"),
        ];
        for (environment, id) in [
            ("DEV", 2),
            ("my folder/dev", 2),
            ("a/dev", 1),
            ("prod", 3),
            ("B/test", 5),
        ] {
            assert_eq!(find(&all, environment).unwrap(), id, "{environment}");
        }
        let several = find(&all, "test").unwrap_err();
        assert!(several.to_string().ends_with("A/test, B/test"), "{several}");
    }

    #[test]
    fn what_is_missing_is_said_with_the_command_that_makes_it() {
        let hint = find(&[reference(1, None, "dev")], "prod")
            .unwrap_err()
            .hint();
        assert_eq!(
            hint,
            "it refers to My Folder/dev; `soctl references create Nightly --folder 'My Folder' \
             --environment prod` makes one"
        );
    }
}
