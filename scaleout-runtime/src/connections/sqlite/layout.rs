//! Which file a schema is.

use std::path::{Path, PathBuf};

/// Where the tables are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// One file: everything is in schema `dbo`.
    File(PathBuf),
    /// A folder: schema `x` is the file `x.db`.
    Folder(PathBuf),
}

/// Where a schema is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The main database of the connection.
    Main,
    /// A file of the folder, attached under the schema's name.
    Attached {
        /// Name it is attached under.
        alias: String,
        /// The file.
        file: PathBuf,
    },
    /// Nowhere: one file has no schemas.
    Nowhere,
}

impl Layout {
    /// A folder when it is one, else a file.
    pub(super) fn of(path: PathBuf) -> Self {
        let text = path.to_string_lossy();
        if path.is_dir() || text.ends_with('/') {
            Self::Folder(path)
        } else {
            Self::File(path)
        }
    }

    /// The path that a connection string names.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Folder(path) => path,
        }
    }

    /// The file of schema `dbo`.
    pub(super) fn main_file(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            Self::Folder(folder) => file_of(folder, "dbo"),
        }
    }

    /// Where a schema is.
    pub(super) fn place(&self, schema: Option<&str>) -> Place {
        let Some(schema) = schema.filter(|schema| !is_main(schema)) else {
            return Place::Main;
        };
        match self {
            Self::File(_) => Place::Nowhere,
            Self::Folder(folder) => Place::Attached {
                alias: schema.to_lowercase(),
                file: file_of(folder, schema),
            },
        }
    }

    /// All schemas that the folder has, but `dbo`.
    pub(super) fn schemas(&self) -> Vec<String> {
        let Self::Folder(folder) = self else {
            return Vec::new();
        };
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let names = entries.filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_database = path.extension()?.eq_ignore_ascii_case("db");
            let name = path.file_stem()?.to_str()?.to_owned();
            (is_database && !is_main(&name)).then_some(name)
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

fn is_main(schema: &str) -> bool {
    ["dbo", "main"]
        .iter()
        .any(|main| schema.eq_ignore_ascii_case(main))
}

/// The file of a schema: one that is there in any case, else the one to make.
fn file_of(folder: &Path, schema: &str) -> PathBuf {
    let wanted = format!("{schema}.db");
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let same = entries
        .filter_map(Result::ok)
        .find(|entry| entry.file_name().eq_ignore_ascii_case(&wanted));
    same.map_or_else(|| folder.join(wanted), |entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_only_dbo() {
        let layout = Layout::of(PathBuf::from("/nowhere/x.db"));
        assert_eq!(layout.place(None), Place::Main);
        assert_eq!(layout.place(Some("DBO")), Place::Main);
        assert_eq!(layout.place(Some("staging")), Place::Nowhere);
    }

    #[test]
    fn a_folder_has_a_file_for_each_schema() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Staging.db"), "").unwrap();
        std::fs::write(folder.path().join("dbo.db"), "").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "").unwrap();
        let layout = Layout::of(folder.path().to_owned());
        assert_eq!(layout.schemas(), ["Staging"]);
        assert_eq!(
            layout.place(Some("STAGING")),
            Place::Attached {
                alias: "staging".to_owned(),
                file: folder.path().join("Staging.db"),
            }
        );
        assert_eq!(layout.main_file(), folder.path().join("dbo.db"));
    }
}
