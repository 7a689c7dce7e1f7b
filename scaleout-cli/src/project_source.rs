//! A project on disk, whatever its shape: `.ispac`, a folder with a `.dtproj`, or a bare `.dtsx`.

use std::path::{Path, PathBuf};

use scaleout_core::package::project::Project;
use scaleout_core::package::{BuiltProject, PackagePassword, ReadNote};
use scaleout_core::package::{bare, conmgr, dtproj, ispac, params};
use serde::Serialize;

use crate::error::{CliError, CommandError, file_error};

/// A project as it can be deployed.
#[derive(Debug)]
pub struct ProjectSource {
    /// Its model.
    pub project: Project,
    /// The bytes to deploy: the file as it is for an `.ispac`, else built from the parts. What is
    /// encrypted in them stays so.
    pub ispac: Vec<u8>,
    /// The password that they are encrypted with, where one was given.
    pub password: Option<PackagePassword>,
}

impl ProjectSource {
    fn of(built: BuiltProject, password: Option<&PackagePassword>) -> Self {
        Self {
            project: built.project,
            ispac: built.ispac,
            password: password.cloned(),
        }
    }

    /// What the reader could not carry over, with the file where it is a package's.
    pub fn notes(&self) -> Vec<Note> {
        let own = self.project.notes.iter().map(|note| Note::of(None, note));
        let packages = self.project.packages.iter().flat_map(|package| {
            let name = package.file_name.as_str();
            let notes = package.package.notes.iter();
            notes.map(move |note| Note::of(Some(name), note))
        });
        own.chain(packages).collect()
    }
}

/// Something the reader noticed.
#[derive(Debug, Serialize)]
pub struct Note {
    /// Stable code.
    pub code: String,
    /// Package and path.
    pub path: String,
    /// What.
    pub message: String,
}

impl Note {
    fn of(package: Option<&str>, note: &ReadNote) -> Self {
        Self {
            code: note.code.to_owned(),
            path: match package {
                Some(package) => format!("{package}: {}", note.path),
                None => note.path.clone(),
            },
            message: note.message.clone(),
        }
    }
}

/// Reads a project.
///
/// `name` is the project name for a bare `.dtsx`; its file name without extension otherwise.
///
/// # Errors
/// The path holds no project, or one that cannot be read: file, line, element and reason.
pub fn read(
    path: &Path,
    name: Option<&str>,
    password: Option<&PackagePassword>,
) -> Result<ProjectSource, CliError> {
    if path.is_dir() {
        return from_folder(path, password);
    }
    let origin = path.display().to_string();
    match extension(path).as_str() {
        "dtproj" => from_dtproj(path, password),
        "ispac" => {
            let bytes = std::fs::read(path).map_err(file_error("read", path))?;
            let project = ispac::read_with_password(&bytes, &origin, password)?;
            Ok(ProjectSource {
                project,
                ispac: bytes,
                password: password.cloned(),
            })
        }
        "dtsx" => {
            let bytes = std::fs::read(path).map_err(file_error("read", path))?;
            let file_name = path.file_name().unwrap_or_default().to_string_lossy();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let name = name.unwrap_or(&stem);
            let built = bare::build_with_password(&bytes, &file_name, name, password)?;
            Ok(ProjectSource::of(built, password))
        }
        _ if path.exists() => {
            let found = "its name ends differently".to_owned();
            Err(no_project(path, found, GIVE_A_PROJECT.to_owned()).into())
        }
        _ => Err(file_error("read", path)(std::io::ErrorKind::NotFound.into()).into()),
    }
}

/// Reads a project to look at, not to deploy: a bare `.dtsx` sees the project parameters and
/// connection managers that lie beside it, as it would in its project.
///
/// # Errors
/// As [`read`]; a damaged neighbour counts too.
pub fn read_in_place(path: &Path, password: Option<&PackagePassword>) -> Result<Project, CliError> {
    let mut project = read(path, None, password)?.project;
    if path.is_file() && extension(path) == "dtsx" {
        add_neighbours(&mut project, path.parent().unwrap_or(Path::new(".")))?;
    }
    Ok(project)
}

fn add_neighbours(project: &mut Project, folder: &Path) -> Result<(), CliError> {
    // A bare file name has an empty parent.
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let entries = std::fs::read_dir(folder).map_err(file_error("read", folder))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    files.sort();
    for file in files {
        let origin = file.display().to_string();
        let content = || std::fs::read(&file).map_err(file_error("read", &file));
        match extension(&file).as_str() {
            "params" => project.parameters = params::read(&content()?, &origin)?,
            "conmgr" => project
                .connection_managers
                .push(conmgr::read(&content()?, &origin)?),
            _ => {}
        }
    }
    Ok(())
}

fn extension(path: &Path) -> String {
    path.extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase()
}

/// What to give where nothing says which project could be meant.
const GIVE_A_PROJECT: &str =
    "give the .ispac that the build made, or the folder that holds the .dtproj";

fn no_project(path: &Path, found: String, hint: String) -> CommandError {
    CommandError::NoProject {
        path: path.to_owned(),
        found,
        hint,
    }
}

fn from_folder(
    folder: &Path,
    password: Option<&PackagePassword>,
) -> Result<ProjectSource, CliError> {
    let entries = std::fs::read_dir(folder).map_err(file_error("read", folder))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    found.retain(|path| extension(path) == "dtproj");
    found.sort();
    match found.as_slice() {
        [one] => from_dtproj(one, password),
        [] => {
            let found = "the folder has no .dtproj".to_owned();
            Err(no_project(folder, found, GIVE_A_PROJECT.to_owned()).into())
        }
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|path| format!("`{}`", path.display()))
                .collect();
            let found = format!("the folder has {}", names.len());
            let hint = format!("name one of them: {}", names.join(", "));
            Err(no_project(folder, found, hint).into())
        }
    }
}

fn from_dtproj(path: &Path, password: Option<&PackagePassword>) -> Result<ProjectSource, CliError> {
    let bytes = std::fs::read(path).map_err(file_error("read", path))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut load = |name: &str| std::fs::read(beside(folder, name));
    let origin = path.display().to_string();
    let built = dtproj::read_with_password(&bytes, &origin, password, &mut load)?;
    Ok(ProjectSource::of(built, password))
}

/// A neighbour of the project file; Windows forgave a difference in case.
fn beside(folder: &Path, name: &str) -> PathBuf {
    let exact = folder.join(name.replace('\\', "/"));
    if exact.exists() {
        return exact;
    }
    let entries = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok);
    let same = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|file| file.to_string_lossy().eq_ignore_ascii_case(name))
    };
    entries
        .map(|entry| entry.path())
        .find(same)
        .unwrap_or(exact)
}
