//! What is no package, or is a wrong one.

use super::{FORMAT_2, FORMAT_8, package, refused};
use crate::error::Explain as _;

#[test]
fn other_files_and_formats_are_refused() {
    assert_eq!(refused("<html/>").code(), "SO2004");
    assert_eq!(refused("just text").code(), "SO2001");
    assert_eq!(refused("").code(), "SO2001");
    let seven = FORMAT_8.replace("PackageFormatVersion\">8<", "PackageFormatVersion\">7<");
    assert_eq!(refused(&seven).code(), "SO2005");
    let none = FORMAT_8.replace("PackageFormatVersion", "Other");
    assert_eq!(refused(&none).code(), "SO2008");
}

#[test]
fn a_wrong_value_is_named_with_file_line_element_and_reason() {
    let wrong = FORMAT_8.replace("DTS:TransactionOption=\"2\"", "DTS:TransactionOption=\"9\"");
    assert_eq!(
        refused(&wrong).to_string(),
        "`9` is no value for `TransactionOption` in `demo.dtsx`, line 23, element `Executable[Sql]`: \
         expected one of 0, 1, 2"
    );
    let wrong = FORMAT_8.replace(
        "dataType=\"numeric\" precision",
        "dataType=\"number\" precision",
    );
    assert!(
        refused(&wrong)
            .to_string()
            .contains("element `outputColumn[a]`")
    );
}

#[test]
fn a_constraint_must_connect_siblings() {
    let wrong = FORMAT_8.replace("DTS:To=\"Package\\Loop\"", "DTS:To=\"Package\\Loop\\D\"");
    let error = refused(&wrong);
    assert_eq!(error.code(), "SO2009");
    assert!(error.to_string().contains("`Package\\Loop\\D`"), "{error}");
}

#[test]
fn nesting_is_limited_before_the_stack_is() {
    let nested = |depth: usize| {
        let open = "<E:Executable xmlns:E=\"www.microsoft.com/SqlServer/Dts\" E:CreationName=\"STOCK:SEQUENCE\" E:ObjectName=\"s\">";
        let inner = format!("{}{}", open.repeat(depth), "</E:Executable>".repeat(depth));
        FORMAT_2.replace(
            " <DTS:EventHandler>",
            &format!("{inner} <DTS:EventHandler>"),
        )
    };
    // The package itself is one level.
    let deepest = crate::package::dtsx::MAX_NESTED_EXECUTABLES - 1;
    let package = package(&nested(deepest));
    let mut executable = &package.root.executables[2];
    let mut levels = 1;
    while let Some(child) = executable.executables.first() {
        executable = child;
        levels += 1;
    }
    assert_eq!(levels, deepest);
    assert_eq!(refused(&nested(deepest + 1)).code(), "SO2003");
}
