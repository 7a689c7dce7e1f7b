//! Flat files that are not what their connection manager says.

use std::path::Path;

use crate::support::package::{self, FlatFile};
use crate::support::{Site, Soctl};

/// A file with the columns `id` (a number) and `name`, and what copying it comes to.
struct Case {
    name: &'static str,
    content: &'static [u8],
    /// Characters that the column `name` holds.
    name_length: u32,
    exit_code: i32,
    /// What `executions show` says.
    says: &'static [&'static str],
    /// Lines of the copy, where there is one.
    lines_written: Option<usize>,
}

const CASES: [Case; 5] = [
    Case {
        name: "a value that is no number names component, row and column",
        content: b"id,name\r\n1,a\r\ntwo,b\r\n",
        name_length: 10,
        exit_code: 1,
        says: &["failed", r"\Package\Load", "Read", "row 2", "\"id\""],
        lines_written: None,
    },
    Case {
        name: "a value that is too long names component, row and column",
        content: b"id,name\r\n1,abc\r\n2,abcdef\r\n",
        name_length: 3,
        exit_code: 1,
        says: &["Read", "row 2", "\"name\"", "truncat"],
        lines_written: None,
    },
    Case {
        name: "bytes that are not of the code page name component, row and column",
        content: b"id,name\r\n1,a\r\n2,caf\xe9\r\n",
        name_length: 10,
        exit_code: 1,
        says: &["Read", "row 2", "\"name\"", "65001"],
        lines_written: None,
    },
    Case {
        name: "a row with too few columns is filled up as the original does, and said",
        content: b"id,name\r\n1,a\r\n2\r\n3,c\r\n",
        name_length: 10,
        exit_code: 0,
        says: &["data row 2", "1 of 2 columns", "warning"],
        lines_written: Some(4),
    },
    Case {
        name: "a file with other line ends is read and says so",
        content: b"id,name\n1,a\n2,b\n",
        name_length: 10,
        exit_code: 0,
        says: &["warning", "ends its rows with LF", "CR LF"],
        lines_written: Some(3),
    },
];

/// Copies `In` of the folder to `Out`; gives the exit code and `executions show`.
fn run_copy(soctl: &Soctl, folder: &Path, name_length: u32) -> (i32, String) {
    let file = |name: &'static str| FlatFile {
        name,
        path: folder.join(name).display().to_string(),
        code_page: 65001,
        columns: vec![("id", "i4", 0), ("name", "wstr", name_length)],
    };
    let path = folder.join("p.dtsx");
    std::fs::write(&path, package::copy("p", &file("In"), &file("Out"))).unwrap();
    let ran = soctl.run(&[
        "execute",
        "--package",
        path.to_str().unwrap(),
        "--output",
        "json",
    ]);
    let id = ran.json()[0]["execution_id"].to_string();
    (
        ran.code,
        soctl.run(&["executions", "show", &id]).success().stdout,
    )
}

/// What a case comes to that it should not.
fn mistakes(case: &Case, soctl: &Soctl, folder: &Path) -> Vec<String> {
    std::fs::write(folder.join("In"), case.content).unwrap();
    let (code, shown) = run_copy(soctl, folder, case.name_length);
    let mut found = Vec::new();
    if code != case.exit_code {
        found.push(format!("the exit code is {code}, not {}", case.exit_code));
    }
    let missing = case.says.iter().filter(|word| !shown.contains(**word));
    found.extend(missing.map(|word| format!("`{word}` is not said")));
    if let Some(expected) = case.lines_written {
        let written = std::fs::read_to_string(folder.join("Out")).unwrap();
        if written.lines().count() != expected {
            found.push(format!("{expected} lines should be in:\n{written}"));
        }
    }
    if !found.is_empty() {
        found.push(format!("it says:\n{shown}"));
    }
    found
}

#[test]
fn what_is_wrong_with_a_file_is_said_where_it_is() {
    let site = Site::start();
    let mut failed = Vec::new();
    for (at, case) in CASES.iter().enumerate() {
        let folder = site.soctl.home().join(format!("case{at}"));
        std::fs::create_dir(&folder).unwrap();
        let mistakes = mistakes(case, &site.soctl, &folder);
        if !mistakes.is_empty() {
            failed.push(format!("{}:\n{}", case.name, mistakes.join("\n")));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let site = Site::start();
    let home = site.soctl.home();
    let (code, shown) = run_copy(&site.soctl, home, 10);
    assert_eq!(code, 1, "{shown}");
    let file = home.join("In").display().to_string();
    for word in ["Read", &file] {
        assert!(shown.contains(word), "`{word}` is not in:\n{shown}");
    }
    assert!(
        !home.join("Out").exists(),
        "the destination was not touched"
    );
}
