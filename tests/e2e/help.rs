//! Help: every command shows examples, and the examples work as they stand there.

use std::path::Path;

use scaleout_core::certificates::{CertificateRequest, create_self_signed};
use scaleout_core::package::bare;
use serde_json::json;

use crate::support::package;
use crate::support::{Ran, Site, Soctl};

/// Every command that help shows, with its examples.
fn commands(soctl: &Soctl, path: &str, found: &mut Vec<(String, Vec<String>)>) {
    let mut words: Vec<&str> = path.split(' ').skip(1).collect();
    words.push("--help");
    let help = soctl.run(&words).success().stdout;
    let below = |title: &'static str| {
        let lines = help.lines().skip_while(move |line| *line != title);
        lines.skip(1).map_while(|line| line.strip_prefix("  "))
    };
    let examples: Vec<&str> = below("Examples:").collect();
    // As a shell reads it: a line that ends in a backslash goes on in the next one.
    let examples = examples.join("\n").replace(" \\\n", "");
    found.push((
        path.to_owned(),
        examples.lines().map(str::to_owned).collect(),
    ));
    // What is further to the right goes on with the description above.
    for line in below("Commands:").filter(|line| !line.starts_with(' ')) {
        let name = line.split(' ').next().unwrap_or_default();
        if name != "help" {
            commands(soctl, &format!("{path} {name}"), found);
        }
    }
}

/// Examples that start services, end what the others need, or need an execution that runs or was not
/// started; they have tests of their own.
const APART: [&str; 26] = [
    "soctl batch resume nightly.toml",
    "soctl bench dispatch",
    "soctl bench workers",
    "soctl cert revoke A9993E36",
    "soctl doctor",
    "soctl workers add computerE",
    "soctl workers approve",
    "soctl workers delete",
    "soctl workers join",
    "soctl workers reject",
    "soctl cert rotate worker",
    "soctl cert remove A9993E36",
    "soctl job ",
    "soctl executions counters 42",
    "soctl executions dump 42",
    "soctl executions taps add",
    "soctl executions taps remove",
    "soctl demo",
    "soctl up",
    "soctl master run",
    "soctl workers run",
    "soctl logs master --follow",
    "soctl logs worker computerA --follow",
    "soctl logs execution 42 --follow",
    "soctl login ",
    "soctl logout",
];

/// Examples that ask for a password; without a terminal there is nobody to ask.
const ASKING: [&str; 2] = ["soctl logins create anna", "soctl logins password anna"];

#[test]
fn every_example_of_the_help_works_in_a_shell() {
    let site = site_of_the_examples();
    let mut all = Vec::new();
    commands(&site.soctl, "soctl", &mut all);
    assert!(all.len() > 20, "{all:?}");
    for (path, examples) in &all {
        assert!(!examples.is_empty(), "no examples in `{path} --help`");
    }
    let mut lines: Vec<String> = all.into_iter().flat_map(|(_, examples)| examples).collect();
    lines.sort();
    lines.dedup();
    lines.retain(|line| !APART.iter().any(|apart| line.starts_with(apart)));
    lines.retain(|line| !ASKING.contains(&line.as_str()));
    for line in lines {
        let line = with_token(&site, &with_version(&site, &with_executions(&site, &line)));
        let ran = paste(&site.soctl, &line);
        assert_eq!(ran.code, 0, "{line}\n{}\n{}", ran.stdout, ran.stderr);
    }
}

/// A site with the names and files that the examples use.
fn site_of_the_examples() -> Site {
    let soctl = Soctl::new();
    let home = soctl.home().to_owned();
    let write = |name: &str, bytes: &[u8]| {
        let file = home.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    };
    let [load, clean, long] = [
        ("load", "true", ""),
        ("clean", "true", ""),
        ("long", "sleep", "600"),
    ]
    .map(|(name, program, arguments)| with_day(&package::process(name, program, arguments)));
    let nightly = bare::build(load.as_bytes(), "load.dtsx", "Nightly").unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/folder1/project1");
    let project = std::fs::read_to_string(sample.join("project1.dtproj")).unwrap();
    let project = project
        .replace("project1", "Nightly")
        .replace("package1", "load");
    write("bin/Nightly.ispac", &nightly.ispac);
    write("src/Nightly/Nightly.dtproj", project.as_bytes());
    write("src/Nightly/load.dtsx", load.as_bytes());
    write("clean.dtsx", clean.as_bytes());
    write("sealed.dtsx", clean.as_bytes());
    write("long.dtsx", long.as_bytes());
    write(
        "nightly.toml",
        b"project = \"Nightly\"\nfolder = \"Finance\"\n[[package]]\nname = \"load.dtsx\"\n",
    );
    write("secrets.txt", b"Day=2026-01-31\n");
    write("password.txt", b"a secret\n");
    write("ci.password", b"a secret of some length\n");
    for name in ["anna", "bert"] {
        write(&format!("{name}.cer"), certificate(name).as_bytes());
    }
    for name in ["master", "worker"] {
        write(&format!("{name}.cer"), certificate(name).as_bytes());
    }
    for line in [
        "master init --yes --data m --port 8391 --name etl.example",
        "workers init --yes --data w --master-endpoint https://m:8391 --master-cert master.cer",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        soctl.run(&words).success();
    }
    let site = Site::start_named(soctl, &["--workers", "1"], "computerA", &json!({}));
    with_environments(&site.soctl);
    with_logins(&site.soctl);
    site
}

fn certificate(name: &str) -> String {
    let request = CertificateRequest {
        names: vec![name.to_owned()],
        not_before: jiff::Timestamp::now(),
        valid_days: 3,
    };
    create_self_signed(&request).unwrap().certificate.to_pem()
}

/// The logins and contexts that the examples use.
fn with_logins(soctl: &Soctl) {
    for name in ["anna", "carl"] {
        let new = ["logins", "create", name, "--password-file", "ci.password"];
        soctl.run(&new).success();
    }
    // The contexts of other masters are this one under other names.
    let file = soctl.home().join("config/contexts.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut contexts: serde_json::Value = serde_json::from_str(&text).unwrap();
    for name in ["old", "production"] {
        contexts["contexts"][name] = contexts["contexts"]["local"].clone();
    }
    std::fs::write(&file, contexts.to_string()).unwrap();
}

/// The line with a token that can be revoked in place of 17.
fn with_token(site: &Site, line: &str) -> String {
    if line != "soctl tokens revoke 17" {
        return line.to_owned();
    }
    let made = site.soctl.json(&["tokens", "create"]);
    line.replace("17", &made["token_id"].to_string())
}

/// The environments, variables and references that the examples use.
fn with_environments(soctl: &Soctl) {
    for line in [
        "deploy bin/Nightly.ispac --folder Finance",
        "folders create Shared",
        "environments create common --folder Shared",
        "environments create dev --folder Finance",
        "environments create old --folder Finance",
        "environments create obsolete --folder Finance",
        "environments create spare --folder Finance",
        "variables set dev Day --value 2026-01-30",
        "variables set dev Unused --value x",
        "references create Nightly --environment dev",
        "references create Nightly --environment old",
        "logging-levels create draft",
        "logging-levels create obsolete",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        soctl.run(&words).success();
    }
}

/// The package with a parameter `Day` and a variable `User::Day`.
fn with_day(package: &str) -> String {
    let day = r#"<DTS:PackageParameters><DTS:PackageParameter DTS:CreationName="" DTS:DataType="8" DTS:DTSID="{00000000-0000-4000-8000-0000000000d1}" DTS:ObjectName="Day"><DTS:Property DTS:DataType="8" DTS:Name="ParameterValue"></DTS:Property></DTS:PackageParameter></DTS:PackageParameters><DTS:Variables><DTS:Variable DTS:CreationName="" DTS:DTSID="{00000000-0000-4000-8000-0000000000d2}" DTS:Namespace="User" DTS:ObjectName="Day"><DTS:VariableValue DTS:DataType="8"></DTS:VariableValue></DTS:Variable></DTS:Variables>"#;
    package.replacen("<DTS:Variables/>", day, 1)
}

/// The line with executions that are as the example supposes in place of 42 and 43.
fn with_executions(site: &Site, line: &str) -> String {
    let soctl = &site.soctl;
    if !line.contains("42") {
        return line.to_owned();
    }
    let started = |arguments: &[&str]| {
        let mut all = vec!["execute", "--package"];
        all.extend(arguments);
        soctl.json(&all)[0]["execution_id"].to_string()
    };
    if line.contains("validations show") {
        let started = soctl.json(&["validations", "start", "Nightly", "--detach"]);
        return line.replace("42", &started["validation_id"].to_string());
    }
    let first = if line.contains("executions stop") || line.contains("operations stop") {
        started(&["./long.dtsx", "--detach"])
    } else if line.contains("start_execution") {
        let created = soctl.json(&[
            "proc",
            "create_execution",
            "--param",
            "folder_name=Finance",
            "--param",
            "project_name=Nightly",
            "--param",
            "package_name=load.dtsx",
        ]);
        created["outputs"]["@execution_id"].to_string()
    } else {
        started(&["./clean.dtsx"])
    };
    let line = line.replace("42", &first);
    if line.contains("43") {
        return line.replace("43", &started(&["./clean.dtsx"]));
    }
    line
}

/// The line with a version that can be restored in place of 3.
fn with_version(site: &Site, line: &str) -> String {
    let Some((before, after)) = line.split_once("restore Nightly 3") else {
        return line.to_owned();
    };
    let versions = site.soctl.json(&["projects", "versions", "Nightly"]);
    let mut versions = versions.as_array().unwrap().iter();
    let earlier = versions
        .find(|version| version["in_force"] == false)
        .unwrap();
    let version = &earlier["object_version_lsn"];
    format!("{before}restore Nightly {version}{after}")
}

/// Runs a line as a person would who pastes it.
fn paste(soctl: &Soctl, line: &str) -> Ran {
    let mut bash = soctl.command_of("bash", &["--norc", "-c", line]);
    let program = Path::new(env!("CARGO_BIN_EXE_soctl"));
    let mut places = vec![program.parent().unwrap().to_owned()];
    places.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    bash.env("PATH", std::env::join_paths(places).unwrap());
    Ran::from(bash.output().unwrap())
}
