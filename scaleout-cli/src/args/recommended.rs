//! The command lines that errors, pages and help recommend are ones that exist.

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use super::Cli;

/// Whoever reads an error runs what it says: a command line there must be one that exists.
#[test]
fn every_command_that_texts_recommend_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = vec![root.join("README.md"), root.join("CHANGELOG.md")];
    collect(&root.join("docs"), &mut files);
    for name in ["core", "catalog", "runtime", "agent", "cli"] {
        collect(&root.join(format!("scaleout-{name}/src")), &mut files);
    }
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in command_lines(&text) {
            seen += 1;
            if let Err(fault) = check(&line) {
                wrong.push(format!("{}: `soctl {line}`: {fault}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "only {seen} command lines found");
}

#[test]
fn a_command_or_option_that_is_not_there_is_found() {
    assert_eq!(check("workers list"), Ok(()));
    assert_eq!(check("worker run --master-cert FILE --quiet"), Ok(()));
    assert_eq!(check("--version"), Ok(()));
    assert_eq!(check("logging-levels create x --event OnError"), Ok(()));
    assert_eq!(
        check("logging-things list"),
        Err("no command `logging-things`".to_owned())
    );
    assert_eq!(check("cert create --name x"), Ok(()));
    assert_eq!(check("cert frame"), Err("no command `frame`".to_owned()));
    assert_eq!(
        check("worker run --nothing"),
        Err("no option `--nothing`".to_owned())
    );
    let text = "say `soctl worker \\\n        run` or\n///   soctl up # now\n";
    assert_eq!(command_lines(text), ["worker run", "up "]);
}

/// What follows `soctl` in backticks, or at the start of a line of an example.
fn command_lines(text: &str) -> Vec<String> {
    let mut joined = String::new();
    for part in text.split("\\\n") {
        joined.push_str(if joined.is_empty() {
            part
        } else {
            part.trim_start()
        });
    }
    let in_backticks = joined.split("`soctl ").skip(1);
    let in_backticks = in_backticks.filter_map(|rest| rest.split(['`', '\n']).next());
    let examples = joined.lines().filter_map(|line| {
        let line = line.trim_start_matches(['/', '!']).trim_start();
        line.strip_prefix("soctl ")?.split(['#', '|']).next()
    });
    in_backticks.chain(examples).map(str::to_owned).collect()
}

fn check(line: &str) -> Result<(), String> {
    let top = Cli::command();
    let mut command = &top;
    let mut words = line.split_whitespace().peekable();
    while let Some(word) = words.next_if(|word| is_name(word) && command.has_subcommands()) {
        command = command
            .find_subcommand(word)
            .ok_or_else(|| format!("no command `{word}`"))?;
    }
    let has = |command: &clap::Command, name: &str| {
        let mut options = command.get_arguments();
        options.any(|option| option.get_long() == Some(name))
    };
    for word in words {
        let Some(name) = word.strip_prefix("--") else {
            continue;
        };
        let name = name.split(['=', ',', '.', ';']).next().unwrap_or_default();
        let everywhere = ["", "help", "version"].contains(&name);
        if !everywhere && !has(command, name) && !has(&top, name) {
            return Err(format!("no option `--{name}`"));
        }
    }
    Ok(())
}

fn is_name(word: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '-';
    word.starts_with(|first: char| first.is_ascii_lowercase()) && word.chars().all(is_part)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "rs" || extension == "md")
        {
            found.push(path);
        }
    }
}
