//! Every project of the corpus deploys, and what cannot run says why.

use std::path::{Path, PathBuf};

use crate::support::{Site, Soctl, corpus};

/// Projects whose folder lacks packages that their .dtproj names: no build would take them either.
const INCOMPLETE: [&str; 6] = [
    "AvelinoAlmeida__TAAD_ProjetoETL/TAAD_ProjetoETL.dtproj",
    "Chapter06/Solution/AdventureWorksETL/AdventureWorksETL.dtproj",
    "Chapter06/Solution/SSISCookbook/SSISCookbook.dtproj",
    "Chapter06/Starter/AdventureWorksETL/AdventureWorksETL.dtproj",
    "Chapter06/Starter/SSISCookbook/SSISCookbook.dtproj",
    "Chapter07/Solution/AdventureWorksETL/AdventureWorksETL.dtproj",
];

#[test]
fn every_package_of_the_corpus_deploys() {
    let Some(corpus) = corpus::folder() else {
        return;
    };
    let site = Site::start();
    let mut failures = Vec::new();
    let mut deployed = 0;
    for (number, path) in deployable(&corpus).iter().enumerate() {
        let folder = format!("corpus{number}");
        let ran = site.soctl.run(&[
            "deploy",
            path.to_str().unwrap(),
            "--folder",
            &folder,
            "--output",
            "json",
        ]);
        if ran.code == 0 {
            deployed += ran.json()["packages"].as_array().unwrap().len();
        } else {
            failures.push(format!("{}: {}", path.display(), ran.stderr));
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
    println!("corpus: {deployed} packages deployed");
}

#[test]
fn a_project_that_lacks_a_package_is_refused_by_its_name() {
    let Some(corpus) = corpus::folder() else {
        return;
    };
    let site = Site::start();
    let mut projects = Vec::new();
    collect(&corpus, &mut projects);
    let lacking: Vec<&PathBuf> = projects.iter().filter(|path| is_incomplete(path)).collect();
    assert_eq!(lacking.len(), INCOMPLETE.len());
    for path in lacking {
        let ran = site
            .soctl
            .run(&["deploy", path.to_str().unwrap(), "--folder", "F"]);
        ran.fails(5, &["SO2025", ".dtsx"]);
    }
    assert_eq!(
        site.soctl
            .json(&["projects", "list"])
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

fn is_incomplete(path: &Path) -> bool {
    INCOMPLETE.iter().any(|name| path.ends_with(name))
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

/// A package that has work to do and no script: what anybody can run without rewriting it.
fn is_script_free(text: &str) -> bool {
    let executables =
        text.matches("<DTS:Executable").count() - text.matches("<DTS:Executables").count();
    1 < executables && !text.contains("ScriptTask") && !text.contains("ScriptComponentHost")
}

/// Packages that their authors left unfinished, or whose project is not there: nothing can run them
/// as they are.
const NOT_WHOLE: [(&str, &str); 5] = [
    (
        "AndreyQC__CrimeStat.SSIS/.history/Package.dtsx",
        "variable `Count` does not exist",
    ),
    (
        "AvelinoAlmeida__TAAD_ProjetoETL/.history/Package.dtsx",
        "the expression is empty",
    ),
    (
        "Chapter06/Solution/SSISCookbook/StgOrderProvenance.dtsx",
        "deploy the project that holds",
    ),
    (
        "Chapter10/Starter/AdventureWorksETL/RegExValidation.dtsx",
        "none of its inputs has a path",
    ),
    (
        "Daily ETL/DailyETLMain.dtsx",
        "deploy the project that holds",
    ),
];

#[test]
fn most_packages_without_scripts_can_run() {
    let Some(corpus) = corpus::folder() else {
        return;
    };
    let soctl = Soctl::new();
    let mut seen = std::collections::BTreeSet::new();
    let (mut supported, mut missing, mut not_whole) = (0, Vec::new(), 0);
    for path in deployable(&corpus) {
        let folder = path.parent().unwrap();
        let ran = soctl.run(&["validate", path.to_str().unwrap(), "--output", "json"]);
        for package in ran.json()["packages"].as_array().unwrap() {
            let name = package["name"].as_str().unwrap();
            // Packages of a built project are there as files too.
            let Ok(text) = std::fs::read_to_string(folder.join(name)) else {
                continue;
            };
            if !is_script_free(&text) || !seen.insert(text) {
                continue;
            }
            let problems = package["problems"].as_array().unwrap().iter();
            let errors = problems.filter(|problem| problem["severity"] == "error");
            let texts: Vec<String> = errors
                .map(|problem| format!("{} {}", problem["code"], problem["message"]))
                .collect();
            let file = folder.join(name);
            let unfinished = NOT_WHOLE.iter().find(|(path, _)| file.ends_with(path));
            if let Some((path, reason)) = unfinished {
                let said = texts.iter().any(|text| text.contains(reason));
                assert!(said, "{path} is not whole because {reason}: {texts:#?}");
                not_whole += 1;
            } else if texts.is_empty() {
                supported += 1;
            } else {
                let first: String = texts[0].chars().take(160).collect();
                missing.push(format!("{name}: {} errors, such as {first}", texts.len()));
            }
        }
    }
    let whole = supported + missing.len();
    println!(
        "corpus: {supported} of {whole} packages without scripts can run, {not_whole} are not whole"
    );
    missing.iter().for_each(|line| println!("  {line}"));
    assert_eq!(not_whole, NOT_WHOLE.len());
    let share = supported * 100 / whole;
    assert!(80 <= share, "{share} percent:\n{}", missing.join("\n"));
    let of_all = supported * 100 / (whole + not_whole);
    assert!(
        74 <= of_all,
        "{of_all} percent of all:\n{}",
        missing.join("\n")
    );
}

/// `.ispac` files, `.dtproj` files, and packages that belong to no (complete) project.
fn deployable(corpus: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(corpus, &mut found);
    let (incomplete, mut found): (Vec<PathBuf>, Vec<PathBuf>) =
        found.into_iter().partition(|path| is_incomplete(path));
    for project in incomplete {
        let entries = std::fs::read_dir(project.parent().unwrap()).unwrap();
        let packages = entries.map(|entry| entry.unwrap().path());
        found.extend(packages.filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "dtsx")
        }));
    }
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
