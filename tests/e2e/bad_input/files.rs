//! Flat files that are not what their connection manager says.

use crate::support::Site;
use crate::support::package::{self, FlatFile};

/// Runs a copy of `content` and gives `executions show` of it.
fn run_copy(
    site: &Site,
    content: &[u8],
    columns: Vec<(&'static str, &'static str, u32)>,
    code_page: u32,
) -> (i32, String) {
    let soctl = &site.soctl;
    let file = |name: &'static str| FlatFile {
        name,
        path: soctl.home().join(name).display().to_string(),
        code_page,
        columns: columns.clone(),
    };
    std::fs::write(soctl.home().join("In"), content).unwrap();
    let path = soctl.home().join("p.dtsx");
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

#[track_caller]
fn assert_says(shown: &str, words: &[&str]) {
    for word in words {
        assert!(shown.contains(word), "`{word}` is not in:\n{shown}");
    }
}

#[test]
fn a_value_that_is_no_number_names_component_row_and_column() {
    let site = Site::start();
    let (code, shown) = run_copy(
        &site,
        b"id,name\r\n1,a\r\ntwo,b\r\n",
        vec![("id", "i4", 0), ("name", "wstr", 10)],
        65001,
    );
    assert_eq!(code, 1);
    assert_says(
        &shown,
        &["failed", r"\Package\Load", "Read", "row 2", "\"id\""],
    );
}

#[test]
fn a_value_that_is_too_long_names_component_row_and_column() {
    let site = Site::start();
    let (code, shown) = run_copy(
        &site,
        b"id,name\r\n1,abc\r\n2,abcdef\r\n",
        vec![("id", "i4", 0), ("name", "wstr", 3)],
        65001,
    );
    assert_eq!(code, 1);
    assert_says(&shown, &["Read", "row 2", "\"name\"", "truncat"]);
}

#[test]
fn bytes_that_are_not_of_the_code_page_name_component_row_and_column() {
    let site = Site::start();
    let (code, shown) = run_copy(
        &site,
        b"id,name\r\n1,a\r\n2,caf\xe9\r\n",
        vec![("id", "i4", 0), ("name", "wstr", 10)],
        65001,
    );
    assert_eq!(code, 1);
    assert_says(&shown, &["Read", "row 2", "\"name\"", "65001"]);
}

#[test]
fn a_row_with_too_few_columns_is_filled_up_as_the_original_does_and_said() {
    let site = Site::start();
    let (code, shown) = run_copy(
        &site,
        b"id,name\r\n1,a\r\n2\r\n3,c\r\n",
        vec![("id", "i4", 0), ("name", "wstr", 10)],
        65001,
    );
    assert_eq!(code, 0, "{shown}");
    assert_says(&shown, &["data row 2", "1 of 2 columns", "warning"]);
    let written = std::fs::read_to_string(site.soctl.home().join("Out")).unwrap();
    assert_eq!(written.lines().count(), 4, "{written}");
}

#[test]
fn a_file_with_other_line_ends_is_read_and_says_so() {
    let site = Site::start();
    let (code, shown) = run_copy(
        &site,
        b"id,name\n1,a\n2,b\n",
        vec![("id", "i4", 0), ("name", "wstr", 10)],
        65001,
    );
    assert_eq!(code, 0, "{shown}");
    assert_says(&shown, &["warning", "ends its rows with LF", "CR LF"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let site = Site::start();
    let soctl = &site.soctl;
    let file = |name: &'static str| FlatFile {
        name,
        path: soctl.home().join(name).display().to_string(),
        code_page: 65001,
        columns: vec![("id", "i4", 0)],
    };
    let path = soctl.home().join("p.dtsx");
    std::fs::write(&path, package::copy("p", &file("In"), &file("Out"))).unwrap();
    let ran = soctl.run(&[
        "execute",
        "--package",
        path.to_str().unwrap(),
        "--output",
        "json",
    ]);
    assert_eq!(ran.code, 1);
    let id = ran.json()[0]["execution_id"].to_string();
    let shown = soctl.run(&["executions", "show", &id]).success().stdout;
    assert_says(
        &shown,
        &["Read", &soctl.home().join("In").display().to_string()],
    );
    assert!(
        !soctl.home().join("Out").exists(),
        "the destination was not touched"
    );
}
