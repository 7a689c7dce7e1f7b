//! A project on disk, whatever its shape: `.ispac`, a folder with a `.dtproj`, or a bare `.dtsx`.

use std::path::{Path, PathBuf};

use scaleout_core::package::project::Project;
use scaleout_core::package::{bare, conmgr, dtproj, ispac, params};

use crate::error::{CliError, CommandError, file_error};

/// A project as it can be deployed.
#[derive(Debug)]
pub struct ProjectSource {
    /// Its model.
    pub project: Project,
    /// The bytes to deploy: the file as it is for an `.ispac`, else built from the parts.
    pub ispac: Vec<u8>,
}

/// Reads a project.
///
/// `name` is the project name for a bare `.dtsx`; its file name without extension otherwise.
///
/// # Errors
/// The path holds no project, or one that cannot be read: file, line, element and reason.
pub fn read(path: &Path, name: Option<&str>) -> Result<ProjectSource, CliError> {
    if path.is_dir() {
        return from_folder(path);
    }
    let origin = path.display().to_string();
    match extension(path).as_str() {
        "dtproj" => from_dtproj(path),
        "ispac" => {
            let bytes = std::fs::read(path).map_err(file_error("read", path))?;
            let project = ispac::read(&bytes, &origin)?;
            Ok(ProjectSource {
                project,
                ispac: bytes,
            })
        }
        "dtsx" => {
            let bytes = std::fs::read(path).map_err(file_error("read", path))?;
            let file_name = path.file_name().unwrap_or_default().to_string_lossy();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let built = bare::build(&bytes, &file_name, name.unwrap_or(&stem))?;
            Ok(ProjectSource {
                project: built.project,
                ispac: built.ispac,
            })
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
pub fn read_in_place(path: &Path) -> Result<Project, CliError> {
    let mut project = read(path, None)?.project;
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

fn from_folder(folder: &Path) -> Result<ProjectSource, CliError> {
    let entries = std::fs::read_dir(folder).map_err(file_error("read", folder))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    found.retain(|path| extension(path) == "dtproj");
    found.sort();
    match found.as_slice() {
        [one] => from_dtproj(one),
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

fn from_dtproj(path: &Path) -> Result<ProjectSource, CliError> {
    let bytes = std::fs::read(path).map_err(file_error("read", path))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut load = |name: &str| std::fs::read(beside(folder, name));
    let built = dtproj::read(&bytes, &path.display().to_string(), &mut load)?;
    Ok(ProjectSource {
        project: built.project,
        ispac: built.ispac,
    })
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
