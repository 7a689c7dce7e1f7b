//! The catalog itself: its properties, housekeeping, backup and restore.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::support::package;
use crate::support::{Site, Soctl};

fn write_package(soctl: &Soctl) {
    let text = package::process("quick", "true", "");
    std::fs::write(soctl.home().join("quick.dtsx"), text).unwrap();
}

fn property(soctl: &Soctl, name: &str) -> Value {
    let rows = soctl.json(&["catalog", "properties"]);
    let mut rows = rows.as_array().unwrap().iter();
    let row = rows.find(|row| row["property_name"] == name);
    row.map_or(Value::Null, |row| row["property_value"].clone())
}

#[test]
fn properties_are_shown_and_set_by_their_rules() {
    let site = Site::start_with(&["--workers", "1"]);
    let soctl = &site.soctl;
    assert_eq!(property(soctl, "RETENTION_WINDOW"), "365");
    soctl.json(&["catalog", "set", "RETENTION_WINDOW", "-1"]);
    assert_eq!(property(soctl, "RETENTION_WINDOW"), "-1");
    let set = |name, value| soctl.run(&["catalog", "set", name, value]);
    set("RETENTION_WINDOW", "0").fails(6, &["SO7039", "-1 to keep everything"]);
    set("RETENTION", "1").fails(4, &["SO7042", "RETENTION_WINDOW"]);
    set("SCHEMA_BUILD", "1").fails(6, &["SO7043"]);
}

#[test]
fn housekeeping_on_demand_says_what_it_removed() {
    let site = Site::start_with(&["--workers", "1"]);
    let soctl = &site.soctl;
    write_package(soctl);
    for _ in 0..3 {
        soctl.json(&["deploy", "quick.dtsx", "--folder", "F"]);
    }
    soctl.json(&["catalog", "set", "MAX_PROJECT_VERSIONS", "1"]);
    let run = soctl.json(&["execute", "--package", "quick.dtsx", "--folder", "F"]);
    assert_eq!(run[0]["status"], "succeeded", "{run:#}");
    let ran = soctl
        .run(&["catalog", "cleanup", "--output", "json"])
        .success();
    assert!(ran.stderr.contains("versions: 2 removed"), "{}", ran.stderr);
    let cleaned = ran.json();
    assert_eq!(cleaned["versions_removed"], 2);
    // All of it happened today.
    assert_eq!(cleaned["operations_removed"], 0);
    let versions = soctl.json(&["projects", "versions", "quick"]);
    assert_eq!(versions.as_array().unwrap().len(), 1);
    let run = soctl.json(&["execute", "--package", "quick.dtsx", "--folder", "F"]);
    assert_eq!(run[0]["status"], "succeeded", "{run:#}");
    soctl.json(&["catalog", "set", "VERSION_CLEANUP_ENABLED", "false"]);
    let ran = soctl.run(&["catalog", "cleanup"]).success();
    assert!(
        ran.stderr.contains("VERSION_CLEANUP_ENABLED is FALSE"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_backup_of_a_running_catalog_comes_back_in_another_folder() {
    let soctl = Soctl::new();
    let site = Site::start_in(soctl, &["--workers", "1"], &json!({}));
    write_package(&site.soctl);
    site.soctl
        .json(&["deploy", "quick.dtsx", "--folder", "Kept"]);
    let written = site
        .soctl
        .json(&["catalog", "backup", "copy.db", "--data", "data"]);
    assert_eq!(written["key_file"], "copy.db.key");
    for file in ["copy.db", "copy.db.key"] {
        let metadata = std::fs::metadata(site.soctl.home().join(file)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
    }
    let again = ["catalog", "backup", "copy.db", "--data", "data"];
    site.soctl.run(&again).fails(6, &["SO7048", "copy.db"]);
    // Later than the backup.
    site.soctl.json(&["folders", "create", "Lost"]);
    let live = [
        "catalog",
        "restore",
        "copy.db",
        "--data",
        "data",
        "--replace",
    ];
    site.soctl.run(&live).fails(6, &["SO8010"]);

    let (_, soctl) = site.end();
    let over = ["catalog", "restore", "copy.db", "--data", "data"];
    soctl.run(&over).fails(6, &["SO7038", "--replace"]);
    let restored = soctl.json(&live);
    let aside = restored["moved_aside"].as_str().unwrap();
    assert!(soctl.home().join(aside).is_file());
    let site = Site::start_up(soctl, &["--workers", "1"]);
    let folders = site.soctl.json(&["folders", "list"]);
    let names: Vec<&str> = folders
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|folder| folder["name"].as_str())
        .collect();
    assert_eq!(names, ["Kept"]);
    let run = site
        .soctl
        .json(&["execute", "--package", "quick.dtsx", "--folder", "Kept"]);
    assert_eq!(run[0]["status"], "succeeded", "{run:#}");
}

#[test]
fn what_is_no_backup_is_refused() {
    let soctl = Soctl::new();
    let restore = |file: &str| soctl.run(&["catalog", "restore", file, "--data", "new"]);
    restore("none.db").fails(6, &["SO9102", "none.db"]);
    std::fs::write(soctl.home().join("text.db"), "no database at all").unwrap();
    restore("text.db").fails(5, &["SO7049", "text.db", "not a database"]);
    let backup = soctl.run(&["catalog", "backup", "copy.db", "--data", "new"]);
    backup.fails(4, &["SO8003", "pg_dump", "catalog.key"]);
    assert!(!soctl.home().join("new/catalog.db").exists());
}

#[test]
fn keys_are_replaced_while_the_master_runs_and_a_kill_in_the_middle_costs_nothing() {
    let mut soctl = Soctl::new();
    write_package(&soctl);
    for round in 0..3 {
        let site = Site::start_up(soctl, &["--workers", "1"]);
        if round == 0 {
            site.soctl.json(&["deploy", "quick.dtsx", "--folder", "F"]);
            site.soctl.json(&["folders", "create", "S"]);
            for number in 0..20 {
                let name = format!("e{number}");
                site.soctl
                    .json(&["environments", "create", &name, "--folder", "S"]);
                std::fs::write(site.soctl.home().join("value.txt"), "a secret\n").unwrap();
                site.soctl.json(&[
                    "variables",
                    "set",
                    &name,
                    "V",
                    "--sensitive",
                    "--value-file",
                    "value.txt",
                ]);
            }
        }
        let rotated = site.soctl.json(&["catalog", "rotate-key", "--data-keys"]);
        assert_eq!(rotated["keys_renewed"], 20, "{rotated:#}");
        let mut rotating = site
            .soctl
            .command(&["catalog", "rotate-key", "--data-keys"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        soctl = site.kill();
        rotating.wait().unwrap();
    }
    let site = Site::start_up(soctl, &["--workers", "1"]);
    // Whatever the kills broke off, every value opens: each is encrypted anew.
    let rotated = site.soctl.json(&["catalog", "rotate-key", "--data-keys"]);
    assert_eq!(rotated["values_renewed"], 20, "{rotated:#}");
    let key =
        std::fs::read_to_string(site.soctl.home().join("data/master/catalog.db.key")).unwrap();
    assert_eq!(key.lines().count(), 1);
    let run = site
        .soctl
        .json(&["execute", "--package", "quick.dtsx", "--folder", "F"]);
    assert_eq!(run[0]["status"], "succeeded", "{run:#}");
}
