//! Says at the end of `cargo test` which databases the suites run on here. It is the last target by its
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
            "databases: the suites of the catalog run on SQLite and on PostgreSQL ({})",
            folder.display()
        ),
        None => println!(
            "databases: the suites of the catalog run on SQLite only, and others that need PostgreSQL \
             are skipped: it is not installed (initdb)"
        ),
    }
}
