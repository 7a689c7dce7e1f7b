//! A deployment: what a project file gives to the catalog, and how it is stored.

use std::collections::HashSet;
use std::sync::Arc;

use scaleout_core::model::identifier::{check_package_name, name_key};
use scaleout_core::model::variable_value::{canonical_text, type_name};
use scaleout_core::model::{ObjectType, OperationStatus, OperationType, ParameterScope, Securable};
use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::package::{PackageError, PackagePassword, Parameter, ispac};
use scaleout_core::registry::BoundArguments;
use serde_json::Value;

use crate::access::Rights;
use crate::error::CatalogError;
use crate::hex::sha256_hex;
use crate::procedures::Call;
use crate::procedures::lookup::{self, ProjectName};
use crate::secrets::{Keeper, Owner};
use crate::store::operations::{self, NewOperation};
use crate::store::packages::{self, NewPackage};
use crate::store::parameters::{self, NewParameter, StoredValue};
use crate::store::permissions;
use crate::store::projects::{self, NewVersion, ProjectRow};
use crate::store::{Session, StoreError, versions};

/// Reads an `.ispac`; `name` stands for the file in errors.
pub fn read_project(
    name: &str,
    file: &[u8],
    password: Option<&PackagePassword>,
) -> Result<Project, CatalogError> {
    ispac::read_with_password(file, name, password).map_err(|source| unreadable(name, source))
}

/// The error of a project that cannot be deployed.
pub fn unreadable(name: &str, source: PackageError) -> CatalogError {
    CatalogError::ProjectUnreadable {
        project: name.to_owned(),
        source: Box::new(source),
    }
}

/// Everything that a deployment writes. Sensitive values are encrypted when it is stored, under the
/// key of the project.
pub struct Deployment {
    name: ProjectName,
    rights: Rights,
    version: NewVersion,
    contents: Contents,
    file: Vec<u8>,
    password: Option<PackagePassword>,
    keeper: Arc<Keeper>,
}

impl Deployment {
    /// Of a project that was read, and its file.
    pub fn of(
        cx: &Call<'_>,
        name: ProjectName,
        project: &Project,
        file: Vec<u8>,
        password: Option<PackagePassword>,
    ) -> Result<Self, CatalogError> {
        Ok(Self {
            version: NewVersion {
                name: name.project.clone(),
                description: project.description.clone(),
                format_version: project.format_version,
                project_hash: sha256_hex(&file),
                deployer: cx.caller.name.clone(),
                now: cx.now,
            },
            name,
            rights: cx.rights(),
            contents: Contents::of(project)?,
            keeper: cx.shared.keeper.clone(),
            file,
            password,
        })
    }

    /// The version in force; `None` when there is no such project yet.
    pub async fn current(&self, session: &mut Session) -> Result<Option<i64>, CatalogError> {
        let found = place(session, &self.rights, &self.name).await?.1;
        Ok(found.map(|project| project.object_version_lsn))
    }

    /// Stores the version, puts it in force, and returns the operation that records it.
    pub async fn store(self, session: &mut Session) -> Result<i64, CatalogError> {
        let Self {
            name,
            rights,
            version: new,
            contents,
            file,
            password,
            keeper,
        } = self;
        let (folder_id, existing) = place(session, &rights, &name).await?;
        projects::put_file(session, &new.project_hash, file).await?;
        let existing_id = existing.as_ref().map(|project| project.project_id);
        let (project_id, version) =
            projects::put_version(session, folder_id, existing_id, &new).await?;
        if existing.is_none() {
            permissions::own(session, Securable::Project, project_id, &new.deployer).await?;
        }
        packages::insert(session, project_id, version, &contents.packages).await?;
        let owner = Owner::Project(project_id);
        let parameters = sealed(session, &keeper, owner, contents.parameters).await?;
        parameters::insert(session, project_id, version, parameters).await?;
        if let Some(password) = password {
            let secret = keeper.seal(session, owner, password.reveal()).await?;
            versions::set_package_secret(session, version, secret).await?;
        }
        if let Some(earlier) = existing {
            parameters::carry_over(session, earlier.object_version_lsn, version).await?;
        }
        let record = NewOperation {
            operation_type: OperationType::DeployProject,
            status: OperationStatus::Succeeded,
            object: Some((ObjectType::Project, project_id)),
            object_name: Some(&new.name),
            caller: &new.deployer,
            now: new.now,
        };
        Ok(operations::insert(session, &record).await?)
    }
}

/// The folder to deploy to, and the project of that name in it. A new project takes permission on
/// the folder, one that is there on itself.
pub async fn place(
    session: &mut Session,
    rights: &Rights,
    name: &ProjectName,
) -> Result<(i64, Option<ProjectRow>), CatalogError> {
    let folder_id = lookup::folder_around(session, &name.folder).await?;
    match projects::find(session, folder_id, &name.project).await? {
        None => {
            lookup::folder(session, rights, &name.folder).await?;
            Ok((folder_id, None))
        }
        Some(row) => {
            let around = (folder_id, name.folder.as_str());
            let missing = lookup::missing_in(session, rights, around, name.missing()).await?;
            let project = (Securable::Project, row.project_id);
            rights
                .check(session, project, &row.name, || missing)
                .await?;
            Ok((folder_id, Some(row)))
        }
    }
}

/// Rows of a project version.
#[derive(Debug)]
pub struct Contents {
    /// Its packages.
    pub packages: Vec<NewPackage>,
    /// Parameters of the project and its packages, `CM.*` ones included.
    pub parameters: Vec<NewParameter>,
}

impl Contents {
    /// From a project; names that occur twice are refused.
    pub fn of(project: &Project) -> Result<Self, CatalogError> {
        let packages: Vec<NewPackage> = project.packages.iter().map(new_package).collect();
        check_packages(project, &packages)?;
        let mut parameters = Vec::new();
        let own = project
            .parameters
            .iter()
            .chain(&project.connection_parameters);
        add(&mut parameters, ParameterScope::Project, &project.name, own)?;
        for package in &project.packages {
            add(
                &mut parameters,
                ParameterScope::Package,
                &package.file_name,
                declared(package).into_iter(),
            )?;
        }
        Ok(Self {
            packages,
            parameters,
        })
    }
}

/// The manifest's word on a parameter counts before the package's own.
fn declared(package: &ProjectPackage) -> Vec<&Parameter> {
    let manifest: HashSet<String> = package
        .manifest_parameters
        .iter()
        .map(|parameter| name_key(&parameter.name))
        .collect();
    let own = package.package.parameters.iter();
    let only_own = own.filter(|parameter| !manifest.contains(&name_key(&parameter.name)));
    package.manifest_parameters.iter().chain(only_own).collect()
}

fn new_package(package: &ProjectPackage) -> NewPackage {
    let read = &package.package;
    NewPackage {
        name: package.file_name.clone(),
        guid: read.root.id.clone(),
        description: read.root.description.clone(),
        format_version: read.format_version,
        version: read.version,
        version_comments: read.version_comments.clone(),
        version_guid: read.version_guid.clone(),
        entry_point: package.entry_point,
    }
}

fn check_packages(project: &Project, packages: &[NewPackage]) -> Result<(), CatalogError> {
    let mut seen = HashSet::new();
    for package in packages {
        check_package_name(&package.name).map_err(|fault| CatalogError::NameNotValid {
            kind: "package",
            name: package.name.clone(),
            fault,
        })?;
        if !seen.insert(name_key(&package.name)) {
            return Err(CatalogError::DoubleInProject {
                project: project.name.clone(),
                kind: "package",
                name: package.name.clone(),
            });
        }
    }
    Ok(())
}

fn add<'p>(
    parameters: &mut Vec<NewParameter>,
    scope: ParameterScope,
    object_name: &str,
    declared: impl Iterator<Item = &'p Parameter>,
) -> Result<(), CatalogError> {
    let mut seen = HashSet::new();
    for parameter in declared {
        let first = seen.insert(name_key(&parameter.name));
        if !first && parameter.name.starts_with("CM.") {
            // Two connection managers may differ by case only; the first is the one that is set.
            continue;
        }
        if !first {
            return Err(CatalogError::DoubleInProject {
                project: object_name.to_owned(),
                kind: "parameter",
                name: parameter.name.clone(),
            });
        }
        parameters.push(NewParameter {
            scope,
            object_name: object_name.to_owned(),
            name: parameter.name.clone(),
            data_type: type_name(parameter.data_type),
            required: parameter.required,
            sensitive: parameter.sensitive,
            description: parameter.description.clone(),
            design: design_value(parameter),
        });
    }
    Ok(())
}

/// Encrypts the design defaults of sensitive parameters.
async fn sealed(
    session: &mut Session,
    keeper: &Keeper,
    owner: Owner,
    mut parameters: Vec<NewParameter>,
) -> Result<Vec<NewParameter>, StoreError> {
    for parameter in parameters.iter_mut().filter(|one| one.sensitive) {
        if let Some(text) = parameter.design.plain.take() {
            parameter.design.secret = Some(keeper.seal(session, owner, &text).await?);
        }
    }
    Ok(parameters)
}

fn design_value(parameter: &Parameter) -> StoredValue {
    let plain = parameter.value.as_ref().map(|text| {
        if parameter.sensitive {
            return text.clone();
        }
        // A default that does not fit its own type is the package's affair: it is shown as written.
        let value = Value::String(text.clone());
        canonical_text(parameter.data_type, &value).unwrap_or_else(|_| text.clone())
    });
    StoredValue {
        plain,
        secret: None,
    }
}

/// `@package_password` of a call.
pub fn given_password(args: &BoundArguments) -> Option<PackagePassword> {
    args.optional_text("@package_password")
        .and_then(PackagePassword::new)
}
