//! Completion scripts in real shells.

use std::path::Path;

use crate::support::{Ran, Site, Soctl};

/// What bash offers for the last of these words.
fn offered(soctl: &Soctl, words: &[&str]) -> Vec<String> {
    let script = r#"
        source soctl.bash
        compopt() { return 1; }
        COMP_WORDS=("$@") COMP_TYPE=9 COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
        how=$(complete -p soctl) how=${how#*-F } how=${how%% *}
        "$how" soctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let program = Path::new(env!("CARGO_BIN_EXE_soctl"));
    let mut places = vec![program.parent().unwrap().to_owned()];
    places.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let mut bash = soctl.command_of("bash", &["--norc", "-c", script, "bash"]);
    bash.args(words)
        .env("PATH", std::env::join_paths(places).unwrap());
    let ran = Ran::from(bash.output().unwrap()).success();
    assert_eq!(ran.stderr, "");
    ran.stdout.lines().map(str::to_owned).collect()
}

fn write_script(soctl: &Soctl) {
    let script = soctl.run(&["completions", "bash"]).success().stdout;
    std::fs::write(soctl.home().join("soctl.bash"), script).unwrap();
}

#[test]
fn bash_completes_names_from_the_catalog() {
    let site = Site::start_with(&["--workers", "1"]);
    let soctl = &site.soctl;
    write_script(soctl);
    let text = crate::support::package::process("quick", "true", "");
    std::fs::write(soctl.home().join("quick.dtsx"), text).unwrap();
    for folder in ["Finance", "My Folder"] {
        soctl.json(&["deploy", "quick.dtsx", "--folder", folder]);
    }
    soctl.json(&["folders", "create", "Shared"]);
    soctl.json(&["environments", "create", "dev", "--folder", "Shared"]);
    let run = soctl.json(&["execute", "--package", "quick.dtsx", "--folder", "Finance"]);
    let id = run[0]["execution_id"].to_string();
    for (words, wanted) in [
        (&["soctl", "execute", "--folder", "F"][..], &["Finance"][..]),
        // Case does not matter, and a blank stays in its word.
        (&["soctl", "folders", "delete", "my"], &["My\\ Folder"]),
        (&["soctl", "folders", "create", "F"], &[]),
        (&["soctl", "execute", "--package", "qu"], &["quick.dtsx"]),
        (
            &["soctl", "projects", "show", "--folder", "Shared", ""],
            &[],
        ),
        (&["soctl", "environments", "show", "d"], &["dev"]),
        (&["soctl", "executions", "show", ""], &[id.as_str()]),
        (&["soctl", "workers", "show", ""], &["worker1"]),
        (&["soctl", "catalog", "set", "RET"], &["RETENTION_WINDOW"]),
        (&["soctl", "proc", "create_f"], &["create_folder"]),
    ] {
        let mut found = offered(soctl, words);
        // Options are offered beside names.
        found.retain(|word| !word.is_empty() && !word.starts_with('-'));
        found.dedup();
        assert_eq!(found, wanted, "{words:?}");
    }
}

#[test]
fn a_master_that_is_away_offers_nothing_and_says_nothing() {
    let soctl = Soctl::new();
    write_script(&soctl);
    let mut found = offered(&soctl, &["soctl", "folders", "delete", ""]);
    found.retain(|word| !word.is_empty() && !word.starts_with('-'));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_shell_has_its_script() {
    let soctl = Soctl::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = soctl.run(&["completions", shell]).success().stdout;
        assert!(script.contains("SOCTL_COMPLETE"), "{shell}: {script}");
    }
}

#[test]
fn bash_completes_commands_options_and_their_values() {
    let soctl = Soctl::new();
    write_script(&soctl);
    for (words, wanted) in [
        (
            &["soctl", "execut"][..],
            // A command is offered once, by one of its names.
            &["execute", "execution"][..],
        ),
        (&["soctl", "workers", "en"], &["enable"]),
        (&["soctl", "completions", "z"], &["zsh"]),
        (&["soctl", "execute", "--det"], &["--detach"]),
        (
            &["soctl", "folders", "list", "--output", ""],
            &["table", "json", "csv"],
        ),
        (
            &["soctl", "execute", "--logging-level", "runtime"],
            &["runtime-lineage"],
        ),
        (
            &["soctl", "executions", "list", "--status", "s"],
            &["succeeded", "stopping"],
        ),
    ] {
        assert_eq!(offered(&soctl, words), wanted, "{words:?}");
    }
}
