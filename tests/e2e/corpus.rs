//! Every project of the corpus deploys, and what cannot run says why.

use std::path::{Path, PathBuf};

use crate::support::{Site, Soctl, corpus};

/// Packages that were damaged before they reached the corpus, and why. None today.
const DAMAGED: [&str; 0] = [];

#[test]
fn every_package_of_the_corpus_deploys() {
    let Some(corpus) = corpus::folder() else {
        return;
    };
    let site = Site::start();
    let mut failures = Vec::new();
    for (number, path) in deployable(&corpus).iter().enumerate() {
        let folder = format!("corpus{number}");
        let ran = site.soctl.run(&[
            "deploy",
            path.to_str().unwrap(),
            "--folder",
            &folder,
            "--quiet",
        ]);
        if ran.code != 0 && !DAMAGED.iter().any(|name| path.ends_with(name)) {
            failures.push(format!("{}: {}", path.display(), ran.stderr));
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn every_package_of_the_corpus_runs_or_says_why_not() {
    let Some(corpus) = corpus::folder() else {
        return;
    };
    let soctl = Soctl::new();
    let (mut supported, mut refused) = (0, 0);
    for path in deployable(&corpus) {
        // Exit code 1 only says that some package cannot run; the report is there all the same.
        let ran = soctl.run(&["validate", path.to_str().unwrap(), "--output", "json"]);
        assert!(
            [0, 1].contains(&ran.code),
            "{}: {}",
            path.display(),
            ran.stderr
        );
        for package in ran.json()["packages"].as_array().unwrap() {
            let problems = package["problems"].as_array().unwrap();
            let errors = problems
                .iter()
                .filter(|problem| problem["severity"] == "error")
                .count();
            assert_eq!(
                package["supported"].as_bool().unwrap(),
                errors == 0,
                "{package:#}"
            );
            for problem in problems {
                let said = ["code", "path", "kind", "message"]
                    .iter()
                    .all(|key| problem[key].as_str().is_some_and(|text| !text.is_empty()));
                assert!(said, "{problem:#}");
            }
            if errors == 0 {
                supported += 1
            } else {
                refused += 1
            }
        }
    }
    println!("corpus: {supported} packages can run, {refused} say why not");
    assert!(supported > 0);
}

/// `.ispac` files, folders with a `.dtproj`, and packages that belong to neither.
fn deployable(corpus: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(corpus, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    let has = |path: &PathBuf, wanted: &str| {
        path.extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
    };
    let projects = entries.iter().filter(|path| has(path, "dtproj")).count();
    for path in &entries {
        if path.is_dir() {
            collect(path, found);
        } else if has(path, "ispac") || has(path, "dtproj") || (has(path, "dtsx") && projects == 0)
        {
            found.push(path.clone());
        }
    }
}
