//! Packages with encrypted values, and encrypted packages.

use super::{FORMAT_8, package, refused};
use crate::error::Explain as _;

#[test]
fn a_password_under_a_user_key_is_left_out_with_a_note() {
    let package = package(FORMAT_8);
    let manager = &package.connection_managers[1];
    assert_eq!(manager.sensitive_missing, ["Password"]);
    assert!(!manager.properties.contains_key("Password"));
    let [note] = &package.notes[..] else {
        panic!("{:?}", package.notes)
    };
    assert_eq!(note.code, "SO2010");
    assert_eq!(note.path, "\\Package.Connections[H].Properties[Password]");
    assert!(!format!("{:?} {:?}", package.notes, manager.data).contains("AQAAANCM"));
}

#[test]
fn a_password_in_clear_is_kept() {
    let clear = FORMAT_8.replace(" Encrypted=\"1\">AQAAANCMnd8BFdERjHoAwE", ">hush");
    let package = package(&clear);
    assert_eq!(
        package.connection_managers[1].properties["Password"],
        "hush"
    );
    assert!(package.notes.is_empty());
}

#[test]
fn a_package_encrypted_as_a_whole_is_refused() {
    let text = "<DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:ProtectionLevel=\"3\">\
                <EncryptedData/></DTS:Executable>";
    let error = refused(text);
    assert_eq!(error.code(), "SO2006");
    assert_eq!(
        error.to_string(),
        "`demo.dtsx`, line 1, element `Executable` is encrypted as a whole (protection level 3)"
    );
}

#[test]
fn every_mark_of_encryption_counts_and_tasks_are_searched_too() {
    let marked = FORMAT_8.replace("AQAAANCMnd8BFdERjHoAwE", "0123");
    assert_eq!(package(&marked).notes.len(), 1);
    let replaced = FORMAT_8.replace(
        "<DTS:Password DTS:Name=\"Password\" Sensitive=\"1\" Encrypted=\"1\">AQAAANCMnd8BFdERjHoAwE</DTS:Password>",
        "<EncryptedData Salt=\"x\"><CipherData><CipherValue>0123</CipherValue></CipherData></EncryptedData>",
    );
    assert_eq!(
        package(&replaced).connection_managers[1].sensitive_missing,
        ["Password"]
    );
    let task = FORMAT_8.replace(
        "-- two\nthree\"/>",
        "\"><SQLTask:Key Sensitive=\"1\" Encrypted=\"1\">0123</SQLTask:Key></SQLTask:SqlTaskData>",
    );
    let paths: Vec<String> = package(&task)
        .notes
        .into_iter()
        .map(|note| note.path)
        .collect();
    assert_eq!(
        paths,
        [
            "\\Package.Connections[H].Properties[Password]",
            "\\Package\\Sql.Properties[Key]"
        ]
    );
}
