//! Files that are no packages or projects, and names that fit nothing.

use std::io::ErrorKind;
use std::net::TcpListener;

use crate::support::package::{self, FlatFile};
use crate::support::{Site, Soctl};

fn sample(soctl: &Soctl, name: &'static str) -> FlatFile {
    FlatFile {
        name,
        path: soctl.home().join(name).display().to_string(),
        code_page: 65001,
        columns: vec![("id", "i4", 0)],
    }
}

/// Nothing was deployed.
#[track_caller]
fn assert_catalog_is_empty(site: &Site) {
    assert_eq!(
        site.soctl
            .json(&["packages", "list"])
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        site.soctl
            .json(&["projects", "list"])
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn a_package_that_is_not_xml_is_refused_with_file_and_line() {
    let site = Site::start();
    let file = site.soctl.home().join("notes.dtsx");
    std::fs::write(&file, "this is\nnot a package\n").unwrap();
    let ran = site
        .soctl
        .run(&["deploy", file.to_str().unwrap(), "--folder", "F"]);
    ran.fails(5, &["notes.dtsx", "line 1", "SO2"]);
    assert_catalog_is_empty(&site);
}

#[test]
fn an_ispac_cut_in_half_is_refused() {
    let site = Site::start();
    let soctl = &site.soctl;
    let text = package::copy("p", &sample(soctl, "In"), &sample(soctl, "Out"));
    let built = scaleout_core::package::bare::build(text.as_bytes(), "p.dtsx", "P").unwrap();
    let file = soctl.home().join("half.ispac");
    std::fs::write(&file, &built.ispac[..built.ispac.len() / 2]).unwrap();
    soctl
        .run(&["deploy", file.to_str().unwrap(), "--folder", "F"])
        .fails(5, &["half.ispac", "SO2"]);
    assert_catalog_is_empty(&site);
}

/// It would be fetched by a reader that follows external entities.
#[test]
fn a_document_type_is_refused_and_what_it_names_is_never_fetched() {
    let site = Site::start();
    let soctl = &site.soctl;
    let bait = TcpListener::bind("127.0.0.1:0").unwrap();
    bait.set_nonblocking(true).unwrap();
    let address = bait.local_addr().unwrap();
    let text = package::process("p", "true", "");
    let (declaration, root) = text.split_once("<DTS:Executable").unwrap();
    for kind in [
        format!(r#"<!DOCTYPE a SYSTEM "http://{address}/a.dtd">"#),
        format!(r#"<!DOCTYPE a [<!ENTITY x SYSTEM "http://{address}/x">]>"#),
        r#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#.to_owned(),
    ] {
        let text = format!("{declaration}{kind}<DTS:Executable{root}");
        std::fs::write(soctl.home().join("p.dtsx"), text).unwrap();
        for words in [
            &["deploy", "p.dtsx", "--folder", "F"][..],
            &["validate", "p.dtsx"],
            &["inspect", "p.dtsx"],
        ] {
            soctl.run(words).fails(5, &["SO2002", "p.dtsx"]);
        }
    }
    let fetched = bait.accept().map_err(|error| error.kind());
    assert!(matches!(fetched, Err(ErrorKind::WouldBlock)), "{fetched:?}");
    assert_catalog_is_empty(&site);
}

#[test]
fn a_zip_bomb_is_refused_by_its_size_before_it_is_unpacked() {
    let site = Site::start();
    let soctl = &site.soctl;
    let text = package::process("p", "true", "");
    let built = scaleout_core::package::bare::build(text.as_bytes(), "p.dtsx", "P").unwrap();
    let mut bytes = built.ispac;
    // What the directory says of its first member: 3 GB.
    let entry = bytes.windows(4).position(|found| found == b"PK\x01\x02");
    let size = entry.unwrap() + 24;
    bytes[size..size + 4].copy_from_slice(&3_000_000_000_u32.to_le_bytes());
    std::fs::write(soctl.home().join("bomb.ispac"), &bytes).unwrap();
    for words in [
        &["deploy", "bomb.ispac", "--folder", "F"][..],
        &["validate", "bomb.ispac"],
    ] {
        let ran = soctl.run(words);
        ran.fails(5, &["SO2022", "before unpacking", "3000000000 bytes"]);
    }
    assert_catalog_is_empty(&site);
}

#[test]
fn a_package_name_that_exists_twice_is_refused() {
    let site = Site::start();
    let soctl = &site.soctl;
    let text = package::copy("p", &sample(soctl, "In"), &sample(soctl, "Out"));
    let folder = soctl.home().join("twice");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("p.dtsx"), text).unwrap();
    let listed = r#"<SSIS:Package SSIS:Name="p.dtsx" SSIS:EntryPoint="1"/>"#;
    let project = format!(
        r#"<?xml version="1.0"?><Project><DeploymentModel>Project</DeploymentModel><DeploymentModelSpecificContent><Manifest><SSIS:Project xmlns:SSIS="www.microsoft.com/SqlServer/SSIS" SSIS:ProtectionLevel="DontSaveSensitive"><SSIS:Properties><SSIS:Property SSIS:Name="Name">twice</SSIS:Property></SSIS:Properties><SSIS:Packages>{listed}{listed}</SSIS:Packages></SSIS:Project></Manifest></DeploymentModelSpecificContent></Project>"#
    );
    std::fs::write(folder.join("twice.dtproj"), project).unwrap();
    soctl
        .run(&["deploy", folder.to_str().unwrap(), "--folder", "F"])
        .fails(5, &["p.dtsx", "twice"]);
    assert_catalog_is_empty(&site);
}

#[test]
fn a_folder_without_a_project_is_refused() {
    let soctl = Soctl::new();
    let site = Site::start();
    let ran = site
        .soctl
        .run(&["deploy", soctl.home().to_str().unwrap(), "--folder", "F"]);
    ran.fails(5, &["SO8002", "no .dtproj"]);
    site.soctl
        .run(&["deploy", "nowhere.ispac", "--folder", "F"])
        .fails(4, &["nowhere.ispac"]);
}

#[test]
fn a_name_of_two_packages_asks_which_one() {
    let site = Site::start();
    let soctl = &site.soctl;
    let file = soctl.home().join("p.dtsx");
    std::fs::write(
        &file,
        package::copy("p", &sample(soctl, "In"), &sample(soctl, "Out")),
    )
    .unwrap();
    for folder in ["A", "B"] {
        soctl
            .run(&["deploy", file.to_str().unwrap(), "--folder", folder])
            .success();
    }
    // From elsewhere: in the home folder the name would be a file.
    let ran = soctl
        .command(&["execute", "--package", "p.dtsx"])
        .current_dir("/")
        .output()
        .unwrap();
    crate::support::Ran::from(ran).fails(6, &["A/p/p.dtsx", "B/p/p.dtsx", "--folder"]);
    let ran = soctl
        .command(&["execute", "--package", "q.dtsx"])
        .current_dir("/")
        .output()
        .unwrap();
    crate::support::Ran::from(ran).fails(4, &["q.dtsx", "soctl packages list"]);
    assert_eq!(
        soctl
            .json(&["executions", "list"])
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn a_missing_connection_fails_before_the_first_row() {
    let site = Site::start();
    let soctl = &site.soctl;
    std::fs::write(soctl.home().join("In"), "id\r\n1\r\n").unwrap();
    let file = soctl.home().join("p.dtsx");
    std::fs::write(
        &file,
        package::copy_without_connection("p", &sample(soctl, "In"), &sample(soctl, "Out")),
    )
    .unwrap();
    let checked = soctl.run(&["validate", file.to_str().unwrap(), "--output", "json"]);
    assert_eq!(checked.code, 1, "{}", checked.stderr);
    assert!(
        checked.stdout.contains("Missing") && checked.stdout.contains("Read"),
        "{}",
        checked.stdout
    );

    let ran = soctl.run(&[
        "execute",
        "--package",
        file.to_str().unwrap(),
        "--output",
        "json",
    ]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let id = ran.json()[0]["execution_id"].to_string();
    let shown = soctl.run(&["executions", "show", &id]).success().stdout;
    assert!(
        shown.contains("Missing") && shown.contains(r" at \Package\Load\Read [2]: "),
        "{shown}"
    );
    assert!(
        !soctl.home().join("Out").exists(),
        "the destination was not touched"
    );
}

#[test]
fn a_parameter_that_is_unknown_or_does_not_fit_leaves_nothing_to_start() {
    let site = Site::start();
    let soctl = &site.soctl;
    let sample =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/folder1/project1");
    soctl
        .run(&["deploy", sample.to_str().unwrap(), "--folder", "F"])
        .success();
    let execute = |parameter: &str| {
        soctl.run(&[
            "execute",
            "--package",
            "package1.dtsx",
            "--parameter",
            parameter,
        ])
    };
    execute("Nope=1").fails(4, &["SO7025", "`Nope`"]);
    execute("LargeOrderFrom=many").fails(6, &["SO7026", "`LargeOrderFrom`", "Int32"]);
    let listed = soctl.json(&["executions", "list"]);
    let states: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["status"].as_str())
        .collect();
    assert_eq!(states, ["canceled", "canceled"], "{listed:#}");
}

#[test]
fn an_override_that_does_not_fit_fails_the_package_with_a_place_and_a_next_step() {
    let site = Site::start_with(&["--workers", "1"]);
    let soctl = &site.soctl;
    let file = soctl.home().join("quick.dtsx");
    std::fs::write(&file, package::process("quick", "true", "")).unwrap();
    for (set, words) in [
        (
            r"\Package\Run.Properties[Disable]=maybe",
            "`Disable` does not take the value",
        ),
        (
            r"\Package\Nope.Properties[Disable]=True",
            "`quick` has no executable `Nope`",
        ),
    ] {
        let file = file.to_str().unwrap();
        let ran = soctl.run(&[
            "execute",
            "--package",
            file,
            "--set",
            set,
            "--output",
            "json",
        ]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let report = ran.json();
        assert_eq!(report[0]["status"], "failed", "{report:#}");
        let id = report[0]["execution_id"].to_string();
        let shown = soctl.run(&["executions", "show", &id]).success().stdout;
        let path = set.split_once('=').unwrap().0;
        for part in [r" at \Package: ", path, words, "(SO4007); "] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }
}
