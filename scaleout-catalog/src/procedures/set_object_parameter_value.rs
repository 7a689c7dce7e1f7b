//! `catalog.set_object_parameter_value`

use scaleout_core::model::ParameterScope;
use scaleout_core::registry::{BoundArguments, ProcedureResult};
use serde_json::Value;

use super::call::{Call, done};
use super::lookup::{self, ProjectName};
use super::set_execution_parameter_value::{mistaken_for, protect, typed_text};
use super::variable::check_variable;
use crate::access::Rights;
use crate::error::CatalogError;
use crate::secrets::Owner;
use crate::store::parameters::{self, Declared};
use crate::store::{Session, packages, settled};

/// Which parameter of a project is meant.
#[derive(Debug)]
pub struct Target {
    project: ProjectName,
    scope: ParameterScope,
    object: String,
    parameter: String,
}

/// Sets the server value of a parameter.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let given = Given::of(args)?;
    let target = Target::of(args)?;
    let keeper = cx.shared.keeper.clone();
    let rights = cx.rights();
    cx.write(move |session| {
        Box::pin(async move {
            let (declared, owner) = target.find_with_owner(session, &rights).await?;
            match given {
                Given::Value(value) => {
                    let text = typed_text(&declared, &target.parameter, &value)?;
                    let stored = protect(session, &keeper, owner, text, declared.sensitive).await?;
                    parameters::set_server_value(session, declared.id, Some(stored)).await?;
                }
                Given::Variable(name) => {
                    settled::set_referenced_variable(session, declared.id, &name).await?;
                }
            }
            Ok(done())
        })
    })
    .await
}

/// What a parameter is set to.
#[derive(Debug)]
enum Given {
    /// A value of its own.
    Value(Value),
    /// The value of the environment variable of that name. Which environments have one is known
    /// when an execution is created.
    Variable(String),
}

impl Given {
    fn of(args: &BoundArguments) -> Result<Self, CatalogError> {
        let value = args.variant("@parameter_value");
        match (args.text("@value_type"), value) {
            ("V" | "v", value) => Ok(Self::Value(value.clone())),
            ("R" | "r", Value::String(name)) => {
                check_variable(name)?;
                Ok(Self::Variable(name.clone()))
            }
            ("R" | "r", _) => Err(not_valid(
                "@parameter_value",
                "the name of a variable is a text",
                "the name of an environment variable",
            )),
            _ => Err(not_valid(
                "@value_type",
                "it is none of the kinds of values",
                "`V` for a value, `R` for the name of an environment variable",
            )),
        }
    }
}

impl Target {
    /// From the arguments of a call.
    pub fn of(args: &BoundArguments) -> Result<Self, CatalogError> {
        let scope = match ParameterScope::from_number(args.integer("@object_type")) {
            Some(scope @ (ParameterScope::Project | ParameterScope::Package)) => scope,
            Some(ParameterScope::Execution) | None => {
                return Err(not_valid(
                    "@object_type",
                    "it is none of the object types of a project",
                    "20 for a project parameter, 30 for a package parameter",
                ));
            }
        };
        let object = args.text("@object_name").to_owned();
        if scope == ParameterScope::Package && object.is_empty() {
            return Err(not_valid(
                "@object_name",
                "a package parameter needs its package",
                "the package's name, such as `Load.dtsx`",
            ));
        }
        Ok(Self {
            project: ProjectName::of(args),
            scope,
            object,
            parameter: args.text("@parameter_name").to_owned(),
        })
    }

    /// The parameter in the current version of the project.
    pub async fn find(
        &self,
        session: &mut Session,
        rights: &Rights,
    ) -> Result<Declared, CatalogError> {
        let (declared, _) = self.find_with_owner(session, rights).await?;
        Ok(declared)
    }

    /// The same, and whose key its value is encrypted with when it is sensitive.
    async fn find_with_owner(
        &self,
        session: &mut Session,
        rights: &Rights,
    ) -> Result<(Declared, Owner), CatalogError> {
        let project = lookup::project(session, rights, &self.project).await?;
        let version = project.object_version_lsn;
        if self.scope == ParameterScope::Package
            && packages::find(session, version, &self.object)
                .await?
                .is_none()
        {
            return Err(CatalogError::PackageMissing {
                folder: project.folder_name,
                project: project.name,
                package: self.object.clone(),
            });
        }
        let (scope, object) = (self.scope, self.object.as_str());
        match parameters::find(session, version, scope, object, &self.parameter).await? {
            Some(declared) => Ok((declared, Owner::Project(project.project_id))),
            None => Err(CatalogError::ParameterMissing {
                owner: match scope {
                    ParameterScope::Package => {
                        format!("package `{object}` of project `{}`", project.name)
                    }
                    ParameterScope::Project | ParameterScope::Execution => {
                        format!("project `{}`", project.name)
                    }
                },
                scope,
                name: self.parameter.clone(),
                known: parameters::names(session, version, scope, object).await?,
                elsewhere: match mistaken_for(scope) {
                    Some(other) => parameters::names(session, version, other, object).await?,
                    None => Vec::new(),
                },
            }),
        }
    }
}

fn not_valid(name: &str, reason: &str, form: &'static str) -> CatalogError {
    CatalogError::ValueNotValid {
        name: name.to_owned(),
        reason: reason.to_owned(),
        form,
    }
}
