//! Where a path that a package names lies on this machine.
//!
//! Packages carry Windows paths: `C:\data\in.csv`, `\\server\share\in.csv`,
//! `..\in.csv`. The worker's `PathMappings` say which folder here stands for
//! which prefix there; case is ignored, as Windows does, both in the mapping
//! and on disk.

use std::path::{Path, PathBuf};

use scaleout_core::error::{Blame, Explain, explained};
use scaleout_core::protocol::executor::RuntimeSettings;

/// Why a path of a package has no place here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// A drive or a share that no mapping covers.
    #[error("path `{path}` is on `{root}`, and no path mapping says where that is on this machine")]
    Unmapped {
        /// As the package has it.
        path: String,
        /// Drive (`D:`) or share (`\\server\share`).
        root: String,
    },
    /// Nothing there.
    #[error("the path is empty")]
    Empty,
}

impl Explain for PathError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unmapped { .. } => "SO6090",
            Self::Empty => "SO6091",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        match self {
            Self::Unmapped { root, .. } => {
                format!("add a `PathMappings` entry for `{root}` in the worker's settings")
            }
            Self::Empty => "set the connection string of the connection manager, or the variable \
                            or parameter that it comes from"
                .to_owned(),
        }
    }
}

impl PathError {
    /// The message with its hint, for run-time messages of a package.
    #[must_use]
    pub fn explained(&self) -> String {
        explained(self)
    }
}

/// The local path, or, for a drive or share without a mapping, the path as written.
///
/// For messages and for paths that are only shown; use [`resolve`] before opening anything.
#[must_use]
pub fn to_local(path: &str, settings: &RuntimeSettings) -> PathBuf {
    resolve(path, settings).unwrap_or_else(|_| PathBuf::from(path))
}

/// The local path of what a package names.
///
/// The longest matching prefix of `PathMappings` is replaced; a relative path is
/// taken from the working folder. Where the exact path does not exist but one that
/// differs only in letter case does, that one is meant. The path itself need not exist.
///
/// # Errors
/// [`PathError::Unmapped`] for a drive or share that no mapping covers.
pub fn resolve(path: &str, settings: &RuntimeSettings) -> Result<PathBuf, PathError> {
    if path.trim().is_empty() {
        return Err(PathError::Empty);
    }
    let windows = canonical(path);
    let (base, rest) = match mapped(&windows, settings) {
        Some(found) => found,
        None => unmapped(path, &windows, settings)?,
    };
    Ok(find_ignoring_case(base, rest))
}

/// The files that a path with `*` or `?` in its last name means, sorted by name, each as the
/// package would write it and as it is called here; a path without them means itself.
#[must_use]
pub fn expand(path: &str, local: PathBuf) -> Vec<(String, PathBuf)> {
    let written = path.rfind(['\\', '/']).map_or(0, |at| at + 1);
    let pattern = &path[written..];
    let (true, Some(folder)) = (pattern.contains(['*', '?']), local.parent()) else {
        return vec![(path.to_owned(), local)];
    };
    let listed = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let entries = std::fs::read_dir(listed).into_iter().flatten().flatten();
    let mut found: Vec<(String, PathBuf)> = entries
        .filter(|entry| !entry.path().is_dir())
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let folded: Vec<char> = name.to_lowercase().chars().collect();
            let as_written = format!("{}{name}", &path[..written]);
            matches(&pattern, &folded).then(|| (as_written, folder.join(entry.file_name())))
        })
        .collect();
    found.sort();
    found
}

/// Whether a name fits a pattern with `*` and `?`, whatever the case; `*.*` fits every name.
#[must_use]
pub fn is_like(pattern: &str, name: &str) -> bool {
    let folded = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    pattern == "*.*" || matches(&folded(pattern), &folded(name))
}

/// Windows wildcards: `*` any characters, `?` exactly one.
fn matches(pattern: &[char], name: &[char]) -> bool {
    // Where the last `*` was, and how far into the name it reaches so far.
    let (mut at, mut star) = ((0, 0), None);
    loop {
        at = match (pattern.get(at.0), name.get(at.1)) {
            (Some('*'), _) => {
                star = Some((at.0, at.1));
                (at.0 + 1, at.1)
            }
            (Some('?'), Some(_)) => (at.0 + 1, at.1 + 1),
            (Some(wanted), Some(found)) if wanted == found => (at.0 + 1, at.1 + 1),
            (None, None) => return true,
            _ => match star {
                Some((pattern_at, reach)) if reach < name.len() => {
                    star = Some((pattern_at, reach + 1));
                    (pattern_at + 1, reach + 1)
                }
                _ => return false,
            },
        };
    }
}

/// With `\` only, and without the `\\?\` that lifts the length limit of Windows.
fn canonical(path: &str) -> String {
    let path = path.trim().replace('/', "\\");
    if let Some(share) = path.strip_prefix(r"\\?\UNC\") {
        return format!(r"\\{share}");
    }
    path.strip_prefix(r"\\?\")
        .map_or(path.clone(), str::to_owned)
}

/// The folder of the longest matching mapping, and what follows the prefix.
fn mapped<'p>(windows: &'p str, settings: &RuntimeSettings) -> Option<(PathBuf, &'p str)> {
    settings
        .path_mappings
        .iter()
        .filter_map(|(prefix, folder)| {
            let rest = after_prefix(windows, &canonical(prefix))?;
            Some((folder, rest))
        })
        .min_by_key(|(_, rest)| rest.len())
        .map(|(folder, rest)| (PathBuf::from(folder), rest))
}

/// What follows `prefix`, if it ends where a name ends.
fn after_prefix<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let prefix = prefix.trim_end_matches('\\');
    let mut rest = path.chars();
    for expected in prefix.chars() {
        let found = rest.next()?;
        if !found.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    let rest = rest.as_str();
    let at_a_boundary = rest.is_empty() || rest.starts_with('\\');
    at_a_boundary.then_some(rest)
}

fn unmapped<'p>(
    path: &str,
    windows: &'p str,
    settings: &RuntimeSettings,
) -> Result<(PathBuf, &'p str), PathError> {
    if let Some(root) = windows_root(windows) {
        let path = path.to_owned();
        return Err(PathError::Unmapped { path, root });
    }
    if let Some(rest) = windows.strip_prefix('\\') {
        return Ok((PathBuf::from("/"), rest));
    }
    Ok((settings.working_folder.clone().unwrap_or_default(), windows))
}

/// Drive or share at the start, if there is one.
fn windows_root(windows: &str) -> Option<String> {
    if let Some(share) = windows.strip_prefix(r"\\") {
        let root: Vec<&str> = share.split('\\').take(2).collect();
        return Some(format!(r"\\{}", root.join("\\")));
    }
    let mut start = windows.chars();
    match (start.next(), start.next()) {
        (Some(letter), Some(':')) if letter.is_ascii_alphabetic() => Some(format!("{letter}:")),
        _ => None,
    }
}

fn find_ignoring_case(base: PathBuf, rest: &str) -> PathBuf {
    let names = || {
        rest.split('\\')
            .filter(|name| !name.is_empty() && *name != ".")
    };
    let exact = names().fold(base.clone(), |path, name| path.join(name));
    if exact.exists() {
        return exact;
    }
    names().fold(base, |folder, name| {
        let exact = folder.join(name);
        if name == ".." || exact.exists() {
            return exact;
        }
        entry_ignoring_case(&folder, name).unwrap_or(exact)
    })
}

/// The entry that differs from `name` only in case; the first by name where there are several.
fn entry_ignoring_case(folder: &Path, name: &str) -> Option<PathBuf> {
    // An empty path is the current folder everywhere except in `read_dir`.
    let listed = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let wanted = name.to_lowercase();
    let entries = std::fs::read_dir(listed).ok()?;
    let same = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().to_lowercase() == wanted);
    let first = same.map(|entry| entry.file_name()).min()?;
    Some(folder.join(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(mappings: &[(&str, &str)]) -> RuntimeSettings {
        RuntimeSettings {
            path_mappings: mappings
                .iter()
                .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
                .collect(),
            working_folder: Some(PathBuf::from("/work-folder")),
            ..RuntimeSettings::default()
        }
    }

    #[test]
    fn the_longest_mapping_wins_whatever_case_and_slashes() {
        let settings = settings(&[
            (r"C:\", "/nowhere/c"),
            (r"C:\Data", "/nowhere/data"),
            ("//Server/Share/", "/nowhere/share"),
        ]);
        for (path, local) in [
            (r"c:\DATA\in\a.csv", "/nowhere/data/in/a.csv"),
            (r"C:/data", "/nowhere/data"),
            (r"C:\Database\a.csv", "/nowhere/c/Database/a.csv"),
            (r"\\server\share\x\y.txt", "/nowhere/share/x/y.txt"),
            (r"\\?\UNC\SERVER\share\y.txt", "/nowhere/share/y.txt"),
            (r"\\?\C:\x.txt", "/nowhere/c/x.txt"),
        ] {
            assert_eq!(resolve(path, &settings), Ok(PathBuf::from(local)), "{path}");
        }
    }

    #[test]
    fn a_relative_path_starts_at_the_working_folder() {
        let settings = settings(&[]);
        let local = resolve(r"in\.\a.csv", &settings);
        assert_eq!(local, Ok(PathBuf::from("/work-folder/in/a.csv")));
        let local = resolve("/nowhere/a.csv", &settings);
        assert_eq!(local, Ok(PathBuf::from("/nowhere/a.csv")));
    }

    #[test]
    fn a_drive_or_share_without_a_mapping_is_named() {
        let settings = settings(&[(r"\\server\share", "/nowhere")]);
        for (path, root) in [
            (r"D:\in\a.csv", "D:"),
            (r"d:a.csv", "d:"),
            (r"\\server\share2\a.csv", r"\\server\share2"),
            (r"\\server", r"\\server"),
        ] {
            let error = resolve(path, &settings).unwrap_err();
            let (path, root) = (path.to_owned(), root.to_owned());
            assert_eq!(error, PathError::Unmapped { path, root });
        }
        let error = resolve(r"D:\a.csv", &settings).unwrap_err();
        let hint = "add a `PathMappings` entry for `D:` in the worker's settings";
        assert_eq!(error.hint(), hint);
        assert_eq!(to_local(r"D:\a.csv", &settings), PathBuf::from(r"D:\a.csv"));
        assert_eq!(resolve("  ", &settings), Err(PathError::Empty));
    }

    #[test]
    fn wildcards_mean_the_files_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.CSV", "a1.csv", "a12.csv", "a.txt"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = |pattern: &str| {
            let files = expand(&format!(r"C:\in\{pattern}"), folder.path().join(pattern));
            files.into_iter().map(|(path, _)| path).collect::<Vec<_>>()
        };
        assert_eq!(
            found("*.csv"),
            [r"C:\in\a1.csv", r"C:\in\a12.csv", r"C:\in\b.CSV"]
        );
        assert_eq!(found("a?.*"), [r"C:\in\a1.csv"]);
        assert_eq!(found("*2*"), [r"C:\in\a12.csv"]);
        assert_eq!(found("absent.csv"), [r"C:\in\absent.csv"]);
        assert!(found("*.zip").is_empty());
    }

    #[test]
    fn names_on_disk_are_found_whatever_their_case() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("Source Files")).unwrap();
        std::fs::write(folder.path().join("Source Files/Ünits.CSV"), "x").unwrap();
        let settings = settings(&[("c:", &folder.path().to_string_lossy())]);

        let local = resolve(r"C:\source files\ünits.csv", &settings).unwrap();
        assert_eq!(local, folder.path().join("Source Files/Ünits.CSV"));
        let new = resolve(r"C:\SOURCE FILES\New.csv", &settings).unwrap();
        assert_eq!(new, folder.path().join("Source Files/New.csv"));
    }
}
