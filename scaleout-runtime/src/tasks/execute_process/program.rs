//! Where the program of an Execute Process task is on this machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use scaleout_core::protocol::executor::RuntimeSettings;

use crate::paths;

/// `DTS_E_EXECPROCTASK_FILEDOESNOTEXIST`
const NOT_IN_FOLDER: u32 = 0xC002_9153;
/// `DTS_E_EXECPROCTASK_FILENOTINPATH`
const NOT_ON_PATH: u32 = 0xC002_9154;

/// Ends of names that only Windows runs.
const WINDOWS_ONLY: [&str; 8] = [
    ".exe", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".wsf", ".msi",
];

/// Why a program cannot be started: SSIS code and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotFound {
    pub(super) code: u32,
    pub(super) text: String,
}

/// The program that `executable` means. `search` is the value of `PATH`.
pub(super) fn find(
    executable: &str,
    settings: &RuntimeSettings,
    search: Option<&OsStr>,
) -> Result<PathBuf, NotFound> {
    match executable.contains(['\\', '/', ':']) {
        true => in_folder(executable, settings),
        false => on_path(executable, search),
    }
}

fn in_folder(executable: &str, settings: &RuntimeSettings) -> Result<PathBuf, NotFound> {
    let found = paths::resolve(executable, settings);
    let missing = |why: String| NotFound {
        code: NOT_IN_FOLDER,
        text: format!(
            "program `{executable}` is not there: {why}{}",
            advice(executable)
        ),
    };
    let path = found.map_err(|error| missing(error.explained()))?;
    if path.is_file() {
        return Ok(path);
    }
    let without_exe = without_exe(executable)
        .and_then(|stem| paths::resolve(stem, settings).ok())
        .filter(|path| is_program(path));
    without_exe.ok_or_else(|| missing(format!("`{}` is no file", path.display())))
}

fn on_path(executable: &str, search: Option<&OsStr>) -> Result<PathBuf, NotFound> {
    let folders: Vec<PathBuf> = search
        .map(std::env::split_paths)
        .into_iter()
        .flatten()
        .collect();
    let look = |name: &str| {
        let places = folders.iter().map(|folder| folder.join(name));
        places.into_iter().find(|path| is_program(path))
    };
    look(executable)
        .or_else(|| look(without_exe(executable)?))
        .ok_or_else(|| NotFound {
            code: NOT_ON_PATH,
            text: format!(
                "program `{executable}` is not on the path{}",
                advice(executable)
            ),
        })
}

/// `python.exe` of a package is `python` here.
fn without_exe(executable: &str) -> Option<&str> {
    let (stem, end) = executable.rsplit_once('.')?;
    end.eq_ignore_ascii_case("exe").then_some(stem)
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let found = std::fs::metadata(path);
    found.is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

fn advice(executable: &str) -> String {
    let lower = executable.to_lowercase();
    let is_windows = WINDOWS_ONLY.iter().any(|end| lower.ends_with(end));
    let shell = ["cmd", "powershell"].contains(&lower.as_str());
    match is_windows || shell {
        true => "; it is a program for Windows, and this worker does not run Windows: set the \
                 task's Executable to a program of this machine, by a property override \
                 or a path mapping"
            .to_owned(),
        false => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_windows_are_named_as_such() {
        let missing = find("cmd.exe", &RuntimeSettings::default(), None).unwrap_err();
        assert_eq!(missing.code, NOT_ON_PATH);
        assert!(
            missing.text.contains("program for Windows"),
            "{}",
            missing.text
        );

        let other = find("frobnicate", &RuntimeSettings::default(), None).unwrap_err();
        assert!(!other.text.contains("Windows"), "{}", other.text);
    }

    #[test]
    fn an_exe_may_be_the_same_program_without_its_ending() {
        let search = std::ffi::OsString::from("/usr/bin:/bin");
        let found = find("sh.exe", &RuntimeSettings::default(), Some(&search)).unwrap();
        assert_eq!(found.file_name().unwrap(), "sh");
        let settings = RuntimeSettings {
            path_mappings: [(r"C:\tools".to_owned(), "/bin".to_owned())].into(),
            ..RuntimeSettings::default()
        };
        let found = find(r"C:\Tools\SH.exe", &settings, None);
        assert_eq!(found, Ok(PathBuf::from("/bin/sh")));
    }
}
