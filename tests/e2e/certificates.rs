//! `soctl cert`: stores, forms of files, and what is refused.

use std::process::Command;

use crate::support::{Ran, Soctl};

/// A `soctl` with a master's folder `m`.
fn with_master() -> Soctl {
    let soctl = Soctl::new();
    let init = [
        "master",
        "init",
        "--yes",
        "--data",
        "m",
        "--name",
        "localhost",
    ];
    soctl.run(&init).success();
    soctl
}

fn openssl(soctl: &Soctl, arguments: &[&str]) -> Ran {
    Ran::from(soctl.command_of("openssl", arguments).output().unwrap())
}

fn has_openssl() -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        println!("skipped: no openssl here");
    }
    found
}

#[test]
fn a_certificate_goes_in_is_found_by_either_thumbprint_and_comes_out() {
    let soctl = with_master();
    let made = soctl.json(&["cert", "create", "--name", "w1", "--out", "w1.cer"]);
    let install = [
        "cert", "install", "w1.cer", "--store", "Root", "--data", "m",
    ];
    assert_eq!(soctl.json(&install)["changed"], true);
    assert_eq!(soctl.json(&install)["changed"], false);
    for key in ["thumbprint", "thumbprint_sha256"] {
        let thumbprint = made[key].as_str().unwrap();
        let shown = soctl.json(&["cert", "show", thumbprint, "--data", "m"]);
        assert_eq!(shown["names"], serde_json::json!(["w1"]));
        assert_eq!(shown["days_left"], 364);
    }
    let thumbprint = made["thumbprint"].as_str().unwrap();
    let listed = soctl.json(&["cert", "list", "--data", "m", "--store", "Root"]);
    assert_eq!(listed[0]["thumbprint"], thumbprint);
    let remove = ["cert", "remove", thumbprint, "--data", "m"];
    soctl.run(&remove).fails(6, &["SO8020", "--yes"]);
    let mut sure = remove.to_vec();
    sure.push("--yes");
    soctl.run(&sure).success();
    soctl.run(&sure).fails(4, &["SO8003", thumbprint]);
}

#[test]
fn the_certificate_in_use_cannot_be_removed() {
    let soctl = with_master();
    let listed = soctl.json(&["cert", "list", "--data", "m", "--store", "My"]);
    assert_eq!(listed[0]["in_use"], true);
    let thumbprint = listed[0]["thumbprint"].as_str().unwrap();
    let remove = [
        "cert", "remove", thumbprint, "--store", "My", "--data", "m", "--yes",
    ];
    soctl
        .run(&remove)
        .fails(6, &["names certificate", "soctl cert rotate"]);
}

#[test]
fn a_pfx_goes_to_openssl() {
    if !has_openssl() {
        return;
    }
    let soctl = with_master();
    std::fs::write(soctl.home().join("password.txt"), "geheim\n").unwrap();
    let export = [
        "cert",
        "export",
        "SSISScaleOutMaster",
        "m.pfx",
        "--data",
        "m",
        "--password-file",
        "password.txt",
    ];
    soctl.run(&export).success();
    soctl.run(&export).fails(6, &["is there already"]);
    let read = ["pkcs12", "-in", "m.pfx", "-passin", "pass:geheim", "-nodes"];
    let read = openssl(&soctl, &read).success();
    assert!(read.stdout.contains("BEGIN PRIVATE KEY"));
    assert!(read.stdout.contains("BEGIN CERTIFICATE"));
}

#[test]
fn a_pfx_of_openssl_with_an_rsa_key_is_taken() {
    if !has_openssl() {
        return;
    }
    let soctl = with_master();
    std::fs::write(soctl.home().join("password.txt"), "geheim\n").unwrap();
    let make = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-sha256",
        "-nodes",
        "-keyout",
        "r.key",
        "-out",
        "r.cer",
        "-days",
        "9",
        "-subj",
        "/CN=r.example",
    ];
    openssl(&soctl, &make).success();
    let pack = [
        "pkcs12",
        "-export",
        "-in",
        "r.cer",
        "-inkey",
        "r.key",
        "-out",
        "r.pfx",
        "-passout",
        "pass:geheim",
    ];
    openssl(&soctl, &pack).success();
    let install = [
        "cert",
        "install",
        "r.pfx",
        "--password-file",
        "password.txt",
        "--data",
        "m",
    ];
    let installed = soctl.json(&install);
    assert_eq!(installed["key"]["kind"], "rsa");
    assert!(installed["store"].as_str().unwrap().ends_with("/My"));
    // A master that is set up with it shows it.
    let init = [
        "master",
        "init",
        "--yes",
        "--data",
        "n",
        "--certificate",
        "r.pfx",
        "--password-file",
        "password.txt",
    ];
    let made = soctl.json(&init);
    assert_eq!(made["names"], serde_json::json!(["r.example"]));
    std::fs::write(soctl.home().join("wrong.txt"), "wrong").unwrap();
    let wrong = [
        "cert",
        "install",
        "r.pfx",
        "--password-file",
        "wrong.txt",
        "--data",
        "m",
    ];
    soctl.run(&wrong).fails(6, &["r.pfx", "password"]);
}

#[test]
fn forms_of_public_parts() {
    let soctl = with_master();
    for (file, der) in [("a.cer", false), ("b.der", true)] {
        let export = ["cert", "export", "SSISScaleOutMaster", file, "--data", "m"];
        soctl.run(&export).success();
        let bytes = std::fs::read(soctl.home().join(file)).unwrap();
        assert_eq!(!bytes.starts_with(b"-----BEGIN"), der, "{file}");
        soctl.run(&["cert", "show", file]).success();
    }
}

#[test]
fn what_is_too_weak_is_refused_with_the_reason() {
    if !has_openssl() {
        return;
    }
    let soctl = with_master();
    for (name, kind, hash, reason) in [
        ("sha1", "rsa:2048", "-sha1", "SHA-1"),
        ("short", "rsa:1024", "-sha256", "1024-bit"),
    ] {
        let (key, cer) = (format!("{name}.key"), format!("{name}.cer"));
        let make = [
            "req", "-x509", "-newkey", kind, hash, "-nodes", "-keyout", &key, "-out", &cer,
            "-subj", "/CN=x",
        ];
        openssl(&soctl, &make).success();
        let install = ["cert", "install", &cer, "--data", "m"];
        soctl.run(&install).fails(6, &["SO1007", reason]);
    }
}
