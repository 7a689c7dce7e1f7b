//! Plans every data flow of the shared corpus, where it is present.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test stops at the first surprise")
)]

use std::path::{Path, PathBuf};

use scaleout_core::package::dtsx;
use scaleout_core::package::pipeline::Pipeline;
use scaleout_core::package::{Executable, ExecutableKind};
use scaleout_runtime::data_flow::plan::Plan;
use scaleout_runtime::validation::{Problem, ProblemSeverity};

/// The corpus folder, or nothing (and a printed line) where it is absent.
fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("SCALEOUT_SHARED").map_or(beside, PathBuf::from);
    let corpus = shared.join("corpus");
    if corpus.is_dir() {
        return Some(corpus);
    }
    println!("skipped: no corpus at {}", corpus.display());
    None
}

fn packages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            packages(&path, found);
        } else if path
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("dtsx"))
        {
            found.push(path);
        }
    }
}

fn enabled_data_flows<'p>(executable: &'p Executable, found: &mut Vec<(&'p str, &'p Pipeline)>) {
    if executable.disabled {
        return;
    }
    if let ExecutableKind::DataFlow(pipeline) = &executable.kind {
        found.push((&executable.ref_id, pipeline));
    }
    for child in &executable.executables {
        enabled_data_flows(child, found);
    }
}

#[test]
fn every_data_flow_of_the_corpus_has_a_plan() {
    let Some(corpus) = corpus() else {
        return;
    };
    let mut files = Vec::new();
    packages(&corpus, &mut files);
    let mut flows = 0;
    let mut broken = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let package = dtsx::read(&bytes, &file.to_string_lossy()).unwrap();
        let mut found = Vec::new();
        enabled_data_flows(&package.root, &mut found);
        for (ref_id, pipeline) in found {
            flows += 1;
            let (plan, problems) = Plan::of(pipeline, ref_id);
            assert!(plan.order.len() <= pipeline.components.len());
            broken.extend(problems.into_iter().filter(is_layout_error));
        }
    }
    assert!(0 < flows);
    assert_eq!(broken, []);
}

/// Some packages are exercises that are not finished: a component without a path on its input
/// is refused there by right. Nothing else about a layout may be.
fn is_layout_error(problem: &Problem) -> bool {
    let unfinished = problem.message.contains("none of its inputs has a path");
    problem.severity == ProblemSeverity::Error && !unfinished
}
