//! Completion scripts in real shells.

use crate::support::{Ran, Soctl};

/// What bash offers for the last of these words.
fn offered(soctl: &Soctl, words: &[&str]) -> Vec<String> {
    let script = r#"
        source soctl.bash
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
        how=$(complete -p soctl) how=${how#*-F } how=${how%% *}
        "$how" soctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut bash = soctl.command_of("bash", &["--norc", "-c", script, "bash"]);
    bash.args(words);
    let ran = Ran::from(bash.output().unwrap()).success();
    assert_eq!(ran.stderr, "");
    ran.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_their_values() {
    let soctl = Soctl::new();
    let script = soctl.run(&["completions", "bash"]).success().stdout;
    std::fs::write(soctl.home().join("soctl.bash"), script).unwrap();
    for (words, wanted) in [
        (
            &["soctl", "execut"][..],
            &["execute", "executions", "execution"][..],
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
