//! Real packages for tests, where a `shared` folder lies beside the repository.

use std::path::{Path, PathBuf};

/// The corpus folder, or `None` (after a line that says so) where there is none.
pub fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("SCALEOUT_SHARED").map_or(beside, PathBuf::from);
    let corpus = shared.join("corpus");
    if corpus.is_dir() {
        return Some(corpus);
    }
    println!("skipped: no corpus of packages at `{}`", corpus.display());
    None
}
