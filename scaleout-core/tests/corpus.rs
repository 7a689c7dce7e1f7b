//! Reads every package and project file of the shared corpus, where it is present.

use std::path::{Path, PathBuf};

use scaleout_core::package::dtsx;

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

/// Every file below a folder with this extension, in name order.
fn files_with_extension(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|found| found.eq_ignore_ascii_case(extension))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_package_reads() {
    let Some(corpus) = corpus() else { return };
    let files = files_with_extension(&corpus, "dtsx");
    assert!(!files.is_empty());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        if let Err(error) = dtsx::read(&bytes, &file.to_string_lossy()) {
            panic!("{error}");
        }
    }
}
