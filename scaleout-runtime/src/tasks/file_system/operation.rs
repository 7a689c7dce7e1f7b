//! The operations themselves, on local paths.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum OperationError {
    #[error("`{0}` does not exist")]
    Missing(PathBuf),
    #[error("`{0}` exists already; set OverwriteDestination to replace it")]
    Exists(PathBuf),
    #[error("folder `{0}` exists already; set UseDirectoryIfExists to use it")]
    FolderExists(PathBuf),
    #[error("`{0}` is not a folder")]
    NotAFolder(PathBuf),
    #[error("`{0}` is a folder, and a file is needed")]
    IsAFolder(PathBuf),
    #[error("`{destination}` lies inside `{source_folder}`")]
    Inside {
        source_folder: PathBuf,
        destination: PathBuf,
    },
    #[error("{doing} `{path}` failed")]
    Io {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

type Done = Result<(), OperationError>;

fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OperationError {
    let path = path.to_owned();
    move |source| OperationError::Io {
        doing,
        path,
        source,
    }
}

/// Copies a file; into a folder it keeps its name.
pub(super) fn copy_file(source: &Path, destination: &Path, overwrite: bool) -> Done {
    let target = file_target(source, destination, overwrite)?;
    if is_same(source, &target) {
        return Ok(());
    }
    fs::copy(source, &target)
        .map(|_| ())
        .map_err(io("copying", source))
}

/// Moves a file; into a folder it keeps its name.
pub(super) fn move_file(source: &Path, destination: &Path, overwrite: bool) -> Done {
    let target = file_target(source, destination, overwrite)?;
    match fs::rename(source, &target) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            fs::copy(source, &target).map_err(io("moving", source))?;
            fs::remove_file(source).map_err(io("deleting", source))
        }
        moved => moved.map_err(io("moving", source)),
    }
}

/// Renames a file: the destination is the new name, never a folder.
pub(super) fn rename_file(source: &Path, destination: &Path, overwrite: bool) -> Done {
    match destination.is_dir() {
        true => Err(OperationError::IsAFolder(destination.to_owned())),
        false => move_file(source, destination, overwrite),
    }
}

pub(super) fn delete_file(path: &Path) -> Done {
    existing_file(path)?;
    fs::remove_file(path).map_err(io("deleting", path))
}

/// Creates a folder and those above it.
pub(super) fn create_directory(path: &Path, use_if_exists: bool) -> Done {
    if path.is_dir() && !use_if_exists {
        return Err(OperationError::FolderExists(path.to_owned()));
    }
    fs::create_dir_all(path).map_err(io("creating", path))
}

/// Copies a folder with everything in it; into an existing folder it keeps its name.
pub(super) fn copy_directory(source: &Path, destination: &Path, overwrite: bool) -> Done {
    let target = folder_target(source, destination, overwrite)?;
    copy_tree(source, &target)
}

/// Moves a folder; into an existing folder it keeps its name.
pub(super) fn move_directory(source: &Path, destination: &Path, overwrite: bool) -> Done {
    let target = folder_target(source, destination, overwrite)?;
    if target.is_dir() {
        fs::remove_dir_all(&target).map_err(io("replacing", &target))?;
    }
    match fs::rename(source, &target) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy_tree(source, &target)?;
            fs::remove_dir_all(source).map_err(io("deleting", source))
        }
        moved => moved.map_err(io("moving", source)),
    }
}

pub(super) fn delete_directory(path: &Path) -> Done {
    existing_folder(path)?;
    fs::remove_dir_all(path).map_err(io("deleting", path))
}

/// Deletes what is in a folder, and keeps the folder.
pub(super) fn delete_directory_content(path: &Path) -> Done {
    existing_folder(path)?;
    for entry in fs::read_dir(path).map_err(io("listing", path))? {
        let entry = entry.map_err(io("listing", path))?.path();
        // A link to a folder is deleted, not what it leads to.
        let is_folder = fs::symlink_metadata(&entry).is_ok_and(|found| found.is_dir());
        let deleted = match is_folder {
            true => fs::remove_dir_all(&entry),
            false => fs::remove_file(&entry),
        };
        deleted.map_err(io("deleting", &entry))?;
    }
    Ok(())
}

/// Makes a file or folder writable or read-only: the one attribute that exists everywhere.
pub(super) fn set_read_only(path: &Path, read_only: bool) -> Done {
    use std::os::unix::fs::PermissionsExt;
    let found = fs::metadata(path).map_err(|_| OperationError::Missing(path.to_owned()))?;
    let mut permissions = found.permissions();
    let mode = permissions.mode();
    permissions.set_mode(match read_only {
        true => mode & !0o222,
        false => mode | 0o200,
    });
    fs::set_permissions(path, permissions).map_err(io("changing", path))
}

fn existing_file(path: &Path) -> Done {
    match path.is_dir() {
        true => Err(OperationError::IsAFolder(path.to_owned())),
        false if fs::symlink_metadata(path).is_err() => {
            Err(OperationError::Missing(path.to_owned()))
        }
        false => Ok(()),
    }
}

fn existing_folder(path: &Path) -> Done {
    match path.is_dir() {
        true => Ok(()),
        false if path.exists() => Err(OperationError::NotAFolder(path.to_owned())),
        false => Err(OperationError::Missing(path.to_owned())),
    }
}

fn file_target(
    source: &Path,
    destination: &Path,
    overwrite: bool,
) -> Result<PathBuf, OperationError> {
    existing_file(source)?;
    let name = source.file_name().unwrap_or_default();
    let target = match destination.is_dir() {
        true => destination.join(name),
        false => destination.to_owned(),
    };
    if target.is_dir() {
        return Err(OperationError::IsAFolder(target));
    }
    if target.exists() && !overwrite {
        return Err(OperationError::Exists(target));
    }
    Ok(target)
}

fn is_same(source: &Path, target: &Path) -> bool {
    let (Ok(source), Ok(target)) = (source.canonicalize(), target.canonicalize()) else {
        return false;
    };
    source == target
}

fn folder_target(
    source: &Path,
    destination: &Path,
    overwrite: bool,
) -> Result<PathBuf, OperationError> {
    existing_folder(source)?;
    let name = source.file_name().unwrap_or_default();
    let target = match destination.is_dir() {
        true => destination.join(name),
        false => destination.to_owned(),
    };
    if target.starts_with(source) {
        return Err(OperationError::Inside {
            source_folder: source.to_owned(),
            destination: target,
        });
    }
    if target.exists() && !overwrite {
        return Err(OperationError::Exists(target));
    }
    Ok(target)
}

fn copy_tree(source: &Path, target: &Path) -> Done {
    fs::create_dir_all(target).map_err(io("creating", target))?;
    for entry in fs::read_dir(source).map_err(io("listing", source))? {
        let from = entry.map_err(io("listing", source))?.path();
        let to = target.join(from.file_name().unwrap_or_default());
        match from.is_dir() {
            true => copy_tree(&from, &to)?,
            false => {
                fs::copy(&from, &to).map_err(io("copying", &from))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "new").unwrap();
        fs::write(folder.path().join("b"), "old").unwrap();
        fs::create_dir_all(folder.path().join("d/inner")).unwrap();
        fs::write(folder.path().join("d/inner/f"), "deep").unwrap();
        folder
    }

    #[test]
    fn an_existing_file_is_replaced_only_when_asked() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        for operation in [copy_file, move_file, rename_file] {
            let refused = operation(&at("a"), &at("b"), false);
            assert!(
                matches!(refused, Err(OperationError::Exists(_))),
                "{refused:?}"
            );
            assert_eq!(fs::read_to_string(at("b")).unwrap(), "old");
        }
        copy_file(&at("a"), &at("b"), true).unwrap();
        assert_eq!(fs::read_to_string(at("b")).unwrap(), "new");
    }

    #[test]
    fn a_file_copied_onto_itself_keeps_its_content() {
        let folder = folder();
        let path = folder.path().join("a");
        copy_file(&path, &path, true).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "new");
    }

    #[test]
    fn folders_are_copied_whole_moved_and_emptied() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        copy_directory(&at("d"), &at("e"), false).unwrap();
        assert_eq!(fs::read_to_string(at("e/inner/f")).unwrap(), "deep");
        move_directory(&at("d"), &at("e"), false).unwrap();
        assert!(at("e/d/inner/f").is_file() && !at("d").exists());
        delete_directory_content(&at("e")).unwrap();
        assert_eq!(fs::read_dir(at("e")).unwrap().count(), 0);
        delete_directory(&at("e")).unwrap();
        assert!(!at("e").exists());
    }

    #[test]
    fn a_folder_is_not_copied_into_itself() {
        let folder = folder();
        let inside = folder.path().join("d/inner/x");
        let refused = copy_directory(&folder.path().join("d"), &inside, true);
        assert!(
            matches!(refused, Err(OperationError::Inside { .. })),
            "{refused:?}"
        );
    }

    #[test]
    fn a_file_is_no_folder_and_a_folder_no_file() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        assert!(matches!(
            delete_file(&at("d")),
            Err(OperationError::IsAFolder(_))
        ));
        assert!(matches!(
            delete_directory(&at("a")),
            Err(OperationError::NotAFolder(_))
        ));
        assert!(matches!(
            delete_directory(&at("z")),
            Err(OperationError::Missing(_))
        ));
        assert!(matches!(
            create_directory(&at("d"), false),
            Err(OperationError::FolderExists(_))
        ));
        create_directory(&at("d"), true).unwrap();
    }

    #[test]
    fn read_only_comes_and_goes() {
        let folder = folder();
        let path = folder.path().join("a");
        set_read_only(&path, true).unwrap();
        assert!(fs::metadata(&path).unwrap().permissions().readonly());
        set_read_only(&path, false).unwrap();
        assert!(!fs::metadata(&path).unwrap().permissions().readonly());
    }
}
