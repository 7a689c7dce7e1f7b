//! Packages that are encrypted with a password.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::tasks::TaskPackage;
use crate::support::{Ran, Site, Soctl};

/// Encrypted as a whole; its one task is called Hidden.
const SEALED: &str = include_str!("files/sealed.dtsx");
const PASSWORD: &str = "Drosselweg 7";

fn with_files(soctl: &Soctl) {
    std::fs::write(soctl.home().join("sealed.dtsx"), SEALED).unwrap();
    for (name, password) in [
        ("right.txt", PASSWORD),
        ("wrong.txt", "Drosselweg 8"),
        ("empty.txt", ""),
    ] {
        std::fs::write(soctl.home().join(name), format!("{password}\n")).unwrap();
    }
}

#[test]
fn an_encrypted_package_is_validated_with_its_password() {
    let soctl = Soctl::new();
    with_files(&soctl);
    let validate = |file: &str| {
        soctl.run(&[
            "validate",
            "sealed.dtsx",
            "--package-password-file",
            file,
            "--output=json",
        ])
    };
    let valid = validate("right.txt").success().json();
    assert_eq!(valid["packages"][0]["supported"], true, "{valid:#}");
    validate("wrong.txt").fails(5, &["SO2050"]);
    validate("empty.txt").fails(6, &["empty.txt", "is empty"]);
    validate("none.txt").fails(4, &["none.txt"]);
    let without = soctl.run(&["validate", "sealed.dtsx"]);
    without.fails(5, &["SO2006", "--package-password-file"]);
}

#[test]
fn an_encrypted_package_is_looked_at_with_its_password() {
    let soctl = Soctl::new();
    with_files(&soctl);
    for command in ["inspect", "lineage"] {
        let look =
            |file: &str| soctl.run(&[command, "sealed.dtsx", "--package-password-file", file]);
        let seen = look("right.txt").success().stdout;
        let expected = match command {
            "inspect" => "Hidden",
            _ => "no data flow writes a column",
        };
        assert!(seen.contains(expected), "{seen}");
        look("wrong.txt").fails(5, &["SO2050"]);
        let without = soctl.run(&[command, "sealed.dtsx"]);
        without.fails(5, &["SO2006", "--package-password-file"]);
    }
}

#[test]
fn encrypted_files_are_run_with_their_password() {
    let site = Site::start_with(&["--workers", "1"]);
    let soctl = &site.soctl;
    with_files(soctl);
    std::fs::write(soctl.home().join("other.dtsx"), SEALED).unwrap();
    let execute = ["execute", "-p", "./sealed.dtsx", "-p", "./other.dtsx"];
    let without = soctl.run(&execute);
    without.fails(5, &["SO2006", "--package-password-file"]);
    let with = |file: &str| {
        let mut words = execute.to_vec();
        words.extend(["--package-password-file", file, "--output=json"]);
        soctl.command(&words)
    };
    let wrong = Ran::from(with("wrong.txt").output().unwrap());
    wrong.fails(5, &["SO2050"]);
    // One line of stdin opens both.
    let mut child = with("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{PASSWORD}").unwrap();
    drop(stdin);
    let ran = Ran::from(child.wait_with_output().unwrap()).success();
    let ran = ran.json();
    for index in 0..2 {
        assert_eq!(ran[index]["status"], "succeeded", "{ran:#}");
    }
}

#[test]
fn an_encrypted_child_runs_with_the_password_of_its_task() {
    let soctl = Soctl::new();
    with_files(&soctl);
    let run = |password: &str, words: &[&str], code: i32| {
        let child =
            "<UseProjectReference>False</UseProjectReference><Connection>Child</Connection>";
        let data = format!("<ExecutePackageTask>{child}{password}</ExecutePackageTask>");
        let parent = TaskPackage::new("parent")
            .connection("Child", "FILE", "sealed.dtsx")
            .variable("Password", 8, PASSWORD)
            .task("Run", "Microsoft.ExecutePackageTask", &data);
        let parent = match password {
            "" => parent.expression("Run", "PackagePassword", "@[User::Password]"),
            _ => parent,
        };
        std::fs::write(soctl.home().join("p.dtsx"), parent.text()).unwrap();
        let ran = soctl.dtexec(&["/F", "p.dtsx", "/Cons", "NS;I;OnPreExecute"]);
        let ran = ran.reports(code, words);
        assert!(!ran.stdout.contains(PASSWORD), "{}", ran.stdout);
    };
    let given = |text: &str| format!(r#"<PackagePassword Sensitive="1">{text}</PackagePassword>"#);
    run(&given(PASSWORD), &["Source Name: Hidden"], 0);
    run(
        &given("Drosselweg 8"),
        &["the password does not open `sealed.dtsx`"],
        1,
    );
    // By an expression, as everything of a task.
    run("", &["Source Name: Hidden"], 0);
}

#[test]
fn an_encrypted_package_is_deployed_and_run_with_its_password() {
    let site = Site::start_with(&["--workers", "1", "-vv"]);
    let soctl = &site.soctl;
    with_files(soctl);
    let deploy = ["deploy", "sealed.dtsx", "--folder", "F"];
    soctl
        .run(&deploy)
        .fails(5, &["SO2006", "--package-password-file"]);
    let mut wrong = deploy.to_vec();
    wrong.extend(["--package-password-file", "wrong.txt"]);
    soctl.run(&wrong).fails(5, &["SO2050", "sealed.dtsx"]);

    let mut child = soctl
        .command(&[
            "deploy",
            "sealed.dtsx",
            "--folder",
            "F",
            "--package-password-file",
            "-",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{PASSWORD}").unwrap();
    drop(stdin);
    Ran::from(child.wait_with_output().unwrap()).success();

    let run = soctl.json(&[
        "execute",
        "--package",
        "sealed.dtsx",
        "--folder",
        "F",
        "--logging-level=verbose",
    ]);
    assert_eq!(run[0]["status"], "succeeded", "{run:#}");
    let id = run[0]["execution_id"].to_string();
    let messages = soctl.run(&["executions", "messages", &id]).success();
    assert!(messages.stdout.contains("Hidden"), "{}", messages.stdout);

    // Typed on a terminal; nothing of it is shown.
    let answer = format!("{PASSWORD}\n");
    let typed = soctl.run_on_terminal(&deploy, &[("Password of the package", &answer)]);
    let typed = typed.success();
    assert!(
        typed.stderr.contains("Password of the package"),
        "{}",
        typed.stderr
    );

    let home = soctl.home().to_owned();
    for file in ["catalog.db", "catalog.db-wal"] {
        let file = home.join("data/master").join(file);
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes
            .windows(PASSWORD.len())
            .any(|part| part == PASSWORD.as_bytes());
        assert!(!found, "{}", file.display());
    }
    let (log, _soctl) = site.end();
    assert!(!log.contains(PASSWORD), "{log}");
}
