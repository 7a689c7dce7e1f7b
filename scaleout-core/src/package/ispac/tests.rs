//! Archives that are whole, cut, damaged, too large, or incomplete.

use super::{MAX_MEMBERS, Member, read, unpack, write};
use crate::error::Explain as _;
use crate::package::bare;
use crate::package::dtsx::tests::FORMAT_8;
use crate::package::error::PackageError;

const PARAMETERS: &str = "<SSIS:Parameters xmlns:SSIS=\"www.microsoft.com/SqlServer/SSIS\"/>";

fn member(name: &str, text: &str) -> Member {
    Member {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

fn manifest(packages: &[&str], level: &str) -> Member {
    let listed: String = packages
        .iter()
        .map(|name| format!("<SSIS:Package SSIS:Name=\"{name}\" SSIS:EntryPoint=\"0\"/>"))
        .collect();
    let text = format!(
        "<SSIS:Project SSIS:ProtectionLevel=\"{level}\" xmlns:SSIS=\"www.microsoft.com/SqlServer/SSIS\"><SSIS:Properties>\
         <SSIS:Property SSIS:Name=\"Name\">P</SSIS:Property></SSIS:Properties><SSIS:Packages>{listed}</SSIS:Packages>\
         <SSIS:ConnectionManagers/></SSIS:Project>"
    );
    member("@Project.manifest", &text)
}

fn project(packages: &[&str]) -> Vec<u8> {
    let mut members: Vec<Member> = packages.iter().map(|name| member(name, FORMAT_8)).collect();
    members.push(manifest(packages, "DontSaveSensitive"));
    members.push(member("Project.params", PARAMETERS));
    write(&members).unwrap()
}

fn refused(bytes: &[u8]) -> PackageError {
    read(bytes, "p.ispac").unwrap_err()
}

#[test]
fn a_project_reads_back_in_the_original_order() {
    let bytes = project(&["Load orders.dtsx", "b.dtsx"]);
    let names: Vec<String> = unpack(&bytes, "p.ispac")
        .unwrap()
        .into_iter()
        .map(|member| member.name)
        .collect();
    assert_eq!(
        names,
        [
            "Load orders.dtsx",
            "b.dtsx",
            "Project.params",
            "@Project.manifest",
            "[Content_Types].xml"
        ]
    );
    let position = |needle: &[u8]| {
        bytes
            .windows(needle.len())
            .position(|window| window == needle)
    };
    assert!(position(b"Load%20orders.dtsx").is_some() && position(b"Load orders.dtsx").is_none());
    let project = read(&bytes, "p.ispac").unwrap();
    assert_eq!((project.name.as_str(), project.packages.len()), ("P", 2));
    assert!(!project.packages[0].entry_point);
    assert_eq!(bytes, self::project(&["Load orders.dtsx", "b.dtsx"]));
}

#[test]
fn content_types_alone_have_a_byte_order_mark() {
    let members = unpack(&project(&["a.dtsx"]), "p.ispac").unwrap();
    let types = members.last().unwrap();
    assert!(types.bytes.starts_with(b"\xEF\xBB\xBF<?xml"));
    let text = String::from_utf8_lossy(&types.bytes);
    assert!(
        text.contains("Extension=\"manifest\" ContentType=\"text/xml\""),
        "{text}"
    );
}

#[test]
fn an_archive_cut_in_half_names_the_file() {
    let bytes = project(&["a.dtsx"]);
    let error = refused(&bytes[..bytes.len() / 2]);
    assert_eq!(error.code(), "SO2020");
    let text = error.to_string();
    assert!(
        text.contains("`p.ispac`") && text.contains("cut off"),
        "{text}"
    );
    assert_eq!(
        refused(b"").to_string(),
        "`p.ispac` is not a complete project file (zip): the file is empty"
    );
    assert!(
        refused(b"hello")
            .to_string()
            .contains("does not begin like a zip")
    );
}

#[test]
fn a_damaged_member_is_named() {
    let mut bytes = project(&["a b.dtsx"]);
    // The first member starts right behind its local header of 30 bytes and its name.
    let start = 30 + "a%20b.dtsx".len();
    for byte in &mut bytes[start + 40..start + 60] {
        *byte ^= 0x55;
    }
    let error = refused(&bytes);
    assert_eq!(error.code(), "SO2021", "{error}");
    assert!(
        error.to_string().contains("member `a b.dtsx` of `p.ispac`"),
        "{error}"
    );
}

#[test]
fn a_wrong_checksum_is_named() {
    let mut bytes = project(&["a.dtsx"]);
    let directory = bytes
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    // The checksum stands at 16 in the directory entry and at 14 in the local header.
    bytes[directory + 16] ^= 1;
    bytes[14] ^= 1;
    let text = refused(&bytes).to_string();
    assert!(
        text.contains("`a.dtsx`") && text.contains("checksum"),
        "{text}"
    );
}

#[test]
fn a_bomb_is_refused_before_unpacking() {
    let zeros = Member {
        name: "a.dtsx".to_owned(),
        bytes: vec![b' '; 4 << 20],
    };
    let error = refused(&write(&[zeros]).unwrap());
    assert_eq!(error.code(), "SO2022");
    assert!(
        error.to_string().contains("compression of member `a.dtsx`"),
        "{error}"
    );
}

#[test]
fn a_declared_size_over_the_limit_is_refused() {
    let mut bytes = project(&["a.dtsx"]);
    let directory = bytes
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&0x4000_0000_u32.to_le_bytes());
    let error = refused(&bytes);
    assert_eq!(error.code(), "SO2022");
    assert!(
        error
            .to_string()
            .contains("member `a.dtsx` with 1073741824 bytes"),
        "{error}"
    );
}

#[test]
fn a_member_larger_than_declared_is_damaged() {
    let mut bytes = project(&["a.dtsx"]);
    let directory = bytes
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&10_u32.to_le_bytes());
    bytes[22..26].copy_from_slice(&10_u32.to_le_bytes());
    assert_eq!(refused(&bytes).code(), "SO2021");
}

#[test]
fn too_many_members_are_refused() {
    let members: Vec<Member> = (0..=MAX_MEMBERS)
        .map(|index| member(&format!("{index}.dtsx"), ""))
        .collect();
    let error = unpack(&write(&members).unwrap(), "p.ispac").unwrap_err();
    assert_eq!(error.code(), "SO2022");
}

#[test]
fn two_packages_of_one_name_are_refused_with_both_names() {
    let error = refused(&project(&["a.dtsx", "A.dtsx"]));
    assert_eq!(error.code(), "SO2024");
    assert_eq!(
        error.to_string(),
        "`p.ispac` holds two packages of one name: `a.dtsx` and `A.dtsx`"
    );
    let listed_twice = write(&[
        member("a.dtsx", FORMAT_8),
        manifest(&["a.dtsx", "a.dtsx"], "DontSaveSensitive"),
        member("Project.params", PARAMETERS),
    ]);
    assert_eq!(refused(&listed_twice.unwrap()).code(), "SO2024");
}

#[test]
fn a_missing_member_is_named() {
    let error = refused(
        &write(&[
            manifest(&["a.dtsx"], "0"),
            member("Project.params", PARAMETERS),
        ])
        .unwrap(),
    );
    assert_eq!(
        error.to_string(),
        "`p.ispac` has no member `a.dtsx`, which `@Project.manifest` names"
    );
    let error = refused(&write(&[member("a.dtsx", FORMAT_8)]).unwrap());
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("SO2023", "`p.ispac` has no member `@Project.manifest`")
    );
}

#[test]
fn a_project_encrypted_as_a_whole_is_refused() {
    let error = refused(&write(&[manifest(&["a.dtsx"], "EncryptAllWithPassword")]).unwrap());
    assert_eq!(error.code(), "SO2006");
    assert!(
        error.to_string().contains("EncryptAllWithPassword"),
        "{error}"
    );
}

#[test]
fn a_bad_package_is_named_with_its_archive() {
    let bytes = write(&[
        member("a.dtsx", "<a>"),
        manifest(&["a.dtsx"], "0"),
        member("Project.params", PARAMETERS),
    ]);
    let error = refused(&bytes.unwrap());
    assert!(
        error
            .to_string()
            .starts_with("malformed XML in `p.ispac/a.dtsx`, line 1"),
        "{error}"
    );
}

#[test]
fn a_bare_package_becomes_a_project_with_its_parameters() {
    let built = bare::build(FORMAT_8.as_bytes(), "demo.dtsx", "adhoc").unwrap();
    let again = read(&built.ispac, "adhoc.ispac").unwrap();
    assert_eq!(
        (again.name.as_str(), again.packages[0].file_name.as_str()),
        ("adhoc", "demo.dtsx")
    );
    assert!(again.packages[0].package == built.project.packages[0].package);
    let parameters = &again.packages[0].manifest_parameters;
    assert_eq!(parameters, &built.project.packages[0].manifest_parameters);
    let value = |name: &str| {
        let found = parameters.iter().find(|parameter| parameter.name == name);
        found.unwrap_or_else(|| panic!("{name}")).value.clone()
    };
    assert_eq!(value("CM.F.CodePage").as_deref(), Some("1252"));
    assert_eq!(value("CM.F.HeaderRowDelimiter").as_deref(), Some("\r\n"));
    assert_eq!(value("CM.H.ServerName").as_deref(), Some("x"));
    assert_eq!(value("CM.H.Password"), None);
    assert_eq!(value("P").as_deref(), Some("-1"));
}
