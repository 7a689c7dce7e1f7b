//! Every real package at hand: a survey names its problems, and never breaks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::harness::project;
use crate::run::SurveyOptions;
use crate::validation::validate_project;

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("SCALEOUT_SHARED").map_or(beside, PathBuf::from);
    let corpus = shared.join("corpus");
    corpus.is_dir().then_some(corpus)
}

fn packages(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap();
    for entry in entries.map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            packages(&entry, found);
        } else if entry
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("dtsx"))
        {
            found.push(entry);
        }
    }
}

#[test]
fn every_package_of_the_corpus_can_be_surveyed() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: no corpus beside the repository");
        return;
    };
    let mut found = Vec::new();
    packages(&corpus, &mut found);
    assert!(50 < found.len(), "{}", found.len());
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        let project = project(&[("p.dtsx", text)]);
        let report = validate_project(&project, &SurveyOptions::default());
        for problem in &report.packages[0].problems {
            // Without its project a package misses parameters and connections: not asked here.
            *codes
                .entry(format!("{} {}", problem.code, problem.kind))
                .or_default() += 1;
        }
    }
    for own in ["SO4002", "SO4008", "SO4012"] {
        assert!(
            codes.keys().all(|code| !code.starts_with(own)),
            "{codes:#?}"
        );
    }
}
