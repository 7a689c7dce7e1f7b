//! Says at the end of `cargo test` which databases the suites ran on. It is the last target by its
//! name in `scaleout-runtime`, the last package.

#[expect(dead_code, reason = "it starts none")]
#[path = "support/postgres_cluster.rs"]
mod cluster;

fn main() {
    // `cargo nextest` asks for the tests first; this is none.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    println!();
    match cluster::programs() {
        Some(folder) => println!(
            "databases: the catalog's contract ran on SQLite and on PostgreSQL ({})",
            folder.display()
        ),
        None => println!(
            "databases: the catalog's contract ran on SQLite only, and the other suites that need \
             PostgreSQL were skipped: it is not installed (initdb)"
        ),
    }
}
