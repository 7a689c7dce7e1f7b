//! The parameters of a project, as the catalog has them.

use clap::Args;
use scaleout_core::client::{Client, ParameterScope, Row};
use scaleout_core::registry::{Arguments, ViewQuery};
use serde_json::{Value, json};

use crate::error::CliError;
use crate::project_choice::{ChosenProject, ProjectChoice};
use crate::rows::{arguments, text};

/// A parameter of a project by its name.
#[derive(Args, Debug)]
pub struct ParameterChoice {
    /// The project.
    #[command(flatten)]
    pub project: ProjectChoice,
    /// Name of the parameter
    pub parameter: String,
    /// Its package, when it is a package parameter
    #[arg(long, value_name = "NAME")]
    pub package: Option<String>,
}

/// A parameter with the values it has on the server.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Project or package.
    pub scope: ParameterScope,
    /// Name of the project or package.
    pub object: String,
    /// Name.
    pub name: String,
    /// Name of its type.
    pub data_type: String,
    /// Must have a value to start.
    pub required: bool,
    /// Is a secret.
    pub sensitive: bool,
    /// Value given at design time; NULL when secret.
    pub design: Value,
    /// Value set on the server; NULL when secret.
    pub server: Value,
    /// Has a server value or refers to a variable.
    pub value_set: bool,
    /// The variable that it refers to.
    pub variable: Option<String>,
}

impl Declared {
    fn from_row(row: Row<'_>) -> Option<Self> {
        let value = |column| row.value(column).cloned().unwrap_or(Value::Null);
        Some(Self {
            scope: match row.integer("object_type")? {
                20 => ParameterScope::Project,
                _ => ParameterScope::Package,
            },
            object: text(row, "object_name"),
            name: text(row, "parameter_name"),
            data_type: text(row, "data_type"),
            required: row.bit("required")?,
            sensitive: row.bit("sensitive")?,
            design: value("design_default_value"),
            server: value("default_value"),
            value_set: row.bit("value_set")?,
            variable: row.text("referenced_variable_name").map(str::to_owned),
        })
    }

    /// Whether an execution of that package has it.
    #[must_use]
    pub fn is_of(&self, package: &str) -> bool {
        self.scope == ParameterScope::Project || same_package(&self.object, package)
    }
}

/// Whether two names mean one package, with or without `.dtsx`.
fn same_package(one: &str, other: &str) -> bool {
    let bare = |name: &str| {
        let name = name.to_lowercase();
        name.strip_suffix(".dtsx")
            .map(str::to_owned)
            .unwrap_or(name)
    };
    bare(one) == bare(other)
}

/// The parameters of the current version of a project.
///
/// # Errors
/// The master refuses.
pub async fn read(client: &Client, project_id: i64) -> Result<Vec<Declared>, CliError> {
    let query = ViewQuery {
        equals: vec![("project_id".to_owned(), project_id.to_string())],
        limit: Some(10_000),
        ..ViewQuery::default()
    };
    let found = client.view("object_parameters", &query).await?;
    Ok(found.iter().filter_map(Declared::from_row).collect())
}

impl ParameterChoice {
    /// The parameter, if the project or package has it.
    ///
    /// # Errors
    /// There is no such project, or the master refuses.
    pub async fn find(
        &self,
        client: &Client,
    ) -> Result<(ChosenProject, Option<Declared>), CliError> {
        let project = self.project.find(client).await?;
        let all = read(client, project.id).await?;
        let wanted = self.parameter.to_lowercase();
        let fits = |one: &Declared| {
            let of_object = match &self.package {
                Some(package) => {
                    one.scope == ParameterScope::Package && same_package(&one.object, package)
                }
                None => one.scope == ParameterScope::Project,
            };
            of_object && one.name.to_lowercase() == wanted
        };
        Ok((project, all.into_iter().find(fits)))
    }

    /// What every procedure about the parameter is told. The object's name is the one that the
    /// catalog has, where it has the parameter.
    pub fn arguments(&self, project: &ChosenProject, declared: Option<&Declared>) -> Arguments {
        let scope = match self.package {
            Some(_) => ParameterScope::Package,
            None => ParameterScope::Project,
        };
        let given = self.package.as_deref().unwrap_or(&project.project);
        let object = declared.map_or(given, |declared| &declared.object);
        arguments([
            ("object_type", json!(scope.number())),
            ("folder_name", json!(project.folder)),
            ("project_name", json!(project.project)),
            ("object_name", json!(object)),
            ("parameter_name", json!(self.parameter)),
        ])
    }

    /// `parameter `Day` of package `load.dtsx``.
    pub fn shown(&self) -> String {
        match &self.package {
            Some(package) => format!("parameter `{}` of package `{package}`", self.parameter),
            None => format!(
                "parameter `{}` of project `{}`",
                self.parameter, self.project.project
            ),
        }
    }
}
