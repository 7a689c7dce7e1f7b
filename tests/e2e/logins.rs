//! Logging in, contexts and tokens, as people and scripts do it.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use scaleout_core::certificates::{CertificateRequest, create_self_signed};

use crate::support::service::Service;
use crate::support::{Ran, Soctl};

const PASSWORD: &str = "Zaunkoenig-4711-Tannenzapfen";
const ANOTHER: &str = "Eichelhaeher-0815-Moosbeere";

/// A master on its own, and whoever is to talk to it.
struct Alone {
    // Before `soctl`: the process ends before its folder goes.
    _master: Service,
    soctl: Soctl,
    endpoint: String,
}

fn master() -> Alone {
    let soctl = Soctl::new();
    let data = soctl.home().join("m").display().to_string();
    let master = Service::start(&soctl, &["master", "run", "--data", &data, "--port", "0"]);
    let endpoint = master.said_after("master at");
    Alone {
        endpoint: endpoint.trim_end_matches(',').to_owned(),
        _master: master,
        soctl,
    }
}

impl Alone {
    fn log_in(&self, more: &[&str]) -> Ran {
        let mut arguments = vec!["login", "--master", &self.endpoint, "--master-cert"];
        arguments.push("m/SSISScaleOutMaster.cer");
        arguments.extend(more);
        self.soctl.run(&arguments)
    }

    fn log_in_as_admin(&self) -> Ran {
        self.log_in(&["--login", "admin", "--password-file", "m/admin.password"])
    }
}

fn write(soctl: &Soctl, name: &str, text: &str) {
    std::fs::write(soctl.home().join(name), text).unwrap();
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

/// Whether a text stands in a file below a folder.
fn holds(folder: &Path, text: &str, except: &str) -> Option<String> {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if let Some(found) = holds(&path, text, except) {
                return Some(found);
            }
        } else if !path.ends_with(except) {
            let bytes = std::fs::read(&path).unwrap();
            let mut parts = bytes.windows(text.len());
            if parts.any(|part| part == text.as_bytes()) {
                return Some(path.display().to_string());
            }
        }
    }
    None
}

#[test]
fn the_first_password_lets_in_once_it_was_read_and_can_be_changed() {
    let alone = master();
    let (soctl, home) = (&alone.soctl, alone.soctl.home());
    let file = home.join("m/admin.password");
    assert_eq!(mode(&file), 0o600);
    alone.log_in_as_admin().success();
    assert_eq!(mode(&home.join("config/contexts.json")), 0o600);
    let me = soctl.json(&["context", "show"]);
    assert_eq!(
        (me["login"].as_str(), me["logged_in"].as_bool()),
        (Some("admin"), Some(true))
    );
    assert!(me.get("token").is_none());
    write(soctl, "new", PASSWORD);
    soctl
        .run(&["logins", "password", "admin", "--password-file", "new"])
        .success();
    // It ends what was logged in before.
    soctl
        .run(&["folders", "list"])
        .fails(6, &["SO1203", "soctl login"]);
    alone.log_in_as_admin().fails(6, &["SO7130"]);
    alone
        .log_in(&["--login", "admin", "--password-file", "new"])
        .success();
    soctl.run(&["folders", "list"]).success();
    soctl.run(&["logout"]).success();
    soctl
        .run(&["folders", "list"])
        .fails(6, &["SO8040", "soctl login"]);
    // The context knows where to log in again, and as whom.
    soctl.run(&["login", "--password-file", "new"]).success();
    soctl.run(&["folders", "list"]).success();
    assert_eq!(holds(&home.join("m"), PASSWORD, ""), None);
}

#[test]
fn people_have_logins_of_their_own_and_a_context_for_each() {
    let alone = master();
    let soctl = &alone.soctl;
    alone.log_in_as_admin().success();
    write(soctl, "anna", PASSWORD);
    soctl
        .run(&[
            "logins",
            "create",
            "anna",
            "--password-file",
            "anna",
            "--role",
            "ssis_logreader",
        ])
        .success();
    let listed = soctl.json(&["logins", "list"]);
    assert_eq!(listed[1]["login"], "anna");
    assert_eq!(listed[1]["roles"], serde_json::json!(["ssis_logreader"]));
    alone
        .log_in(&[
            "--login",
            "anna",
            "--password-file",
            "anna",
            "--context",
            "as-anna",
        ])
        .success();
    soctl
        .run(&["folders", "create", "X"])
        .fails(6, &["SO7010", "`anna`"]);
    let contexts = soctl.json(&["context", "list"]);
    assert_eq!(contexts.as_array().unwrap().len(), 2);
    let admin = contexts[0]["name"].as_str().unwrap();
    assert!(admin.starts_with("admin@"), "{contexts}");
    soctl.run(&["context", "use", admin]).success();
    soctl.run(&["folders", "create", "X"]).success();
    // One command may talk to another one.
    soctl
        .run(&["folders", "create", "Y", "--context", "as-anna"])
        .fails(6, &["SO7010"]);
    soctl.run(&["logins", "disable", "anna"]).success();
    soctl
        .run(&["folders", "list", "--context", "as-anna"])
        .fails(6, &["SO7132"]);
    soctl
        .run(&["context", "delete", "as-anna"])
        .fails(6, &["SO8020"]);
    soctl
        .run(&["context", "delete", "as-anna", "--yes"])
        .success();
    soctl
        .run(&["context", "use", "as-anna"])
        .fails(4, &["SO8003"]);
    let log = soctl.json(&["audit", "--login", "anna"]);
    let actions: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["create_folder", "create_folder", "login"]);
    assert_eq!(log[0]["outcome"], "SO7010");
    assert_eq!(log[2]["address"], "127.0.0.1");
}

#[test]
fn a_password_comes_from_stdin_and_never_from_the_command_line() {
    let alone = master();
    let soctl = &alone.soctl;
    alone.log_in_as_admin().success();
    let mut child = soctl
        .command(&["logins", "create", "anna", "--password-file", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(ANOTHER.as_bytes()).unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    soctl
        .run(&["logins", "create", "bert"])
        .fails(6, &["SO8041", "--password-file"]);
    soctl
        .run(&["logins", "create", "bert", "--password", ANOTHER])
        .fails(2, &["--password"]);
    // On a terminal it is asked for, and not shown.
    let keys = format!("{PASSWORD}\n");
    let answers = [
        ("New password of login `bert`", keys.as_str()),
        ("Once more", keys.as_str()),
    ];
    let shown = soctl.run_on_terminal(&["logins", "create", "bert"], &answers);
    let shown = shown.success().stderr;
    assert!(!shown.contains(PASSWORD), "{shown}");
    write(soctl, "p", PASSWORD);
    alone
        .log_in(&["--login", "bert", "--password-file", "p"])
        .success();
    for secret in [PASSWORD, ANOTHER] {
        assert_eq!(holds(&soctl.home().join("m"), secret, ""), None);
    }
}

#[test]
fn a_client_certificate_logs_in_without_a_password() {
    let alone = master();
    let soctl = &alone.soctl;
    alone.log_in_as_admin().success();
    for name in ["anna", "stranger"] {
        let request = CertificateRequest {
            names: vec![name.to_owned()],
            not_before: jiff::Timestamp::now(),
            valid_days: 3,
        };
        let issued = create_self_signed(&request).unwrap();
        write(soctl, &format!("{name}.cer"), &issued.certificate.to_pem());
        write(soctl, &format!("{name}.key"), &issued.key.to_pem());
    }
    soctl
        .run(&["logins", "create", "anna", "--certificate", "anna.cer"])
        .success();
    alone
        .log_in(&["--certificate", "stranger.cer", "--key", "stranger.key"])
        .fails(6, &["SO7131"]);
    alone
        .log_in(&[
            "--certificate",
            "anna.cer",
            "--key",
            "anna.key",
            "--valid-hours",
            "1",
        ])
        .success();
    assert_eq!(soctl.json(&["context", "show"])["login"], "anna");
    let own = soctl.json(&["logins", "list"]);
    assert_eq!(
        (own.as_array().unwrap().len(), &own[0]["login"]),
        (1, &"anna".into())
    );
}

#[test]
fn a_script_has_a_token_of_its_own_that_can_be_revoked() {
    let alone = master();
    let soctl = &alone.soctl;
    alone.log_in_as_admin().success();
    let made = soctl
        .run(&["tokens", "create", "--description", "nightly"])
        .success();
    let token = made.stdout.trim().to_owned();
    let thumbprint = soctl.json(&["context", "show"])["thumbprint"]
        .as_str()
        .unwrap()
        .to_owned();
    let script = || {
        let mut command = soctl.command(&["folders", "list"]);
        command
            .env("SOCTL_CONFIG", soctl.home().join("nowhere"))
            .env("SOCTL_MASTER", &alone.endpoint)
            .env("SOCTL_THUMBPRINT", &thumbprint)
            .env("SOCTL_TOKEN", &token);
        Ran::from(command.output().unwrap())
    };
    script().success();
    let listed = soctl.json(&["tokens", "list"]);
    assert!(!listed.to_string().contains(&token));
    let nightly = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["description"] == "nightly");
    let id = nightly.unwrap()["token_id"].to_string();
    soctl.run(&["tokens", "revoke", &id]).success();
    script().fails(6, &["SO1203"]);
    assert_eq!(holds(&soctl.home().join("m"), &token, ""), None);
}
