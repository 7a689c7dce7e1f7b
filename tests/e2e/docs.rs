//! Documentation that must not lag behind the code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn every_error_code_has_its_page_and_every_page_its_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = Vec::new();
    for name in [
        "scaleout-core",
        "scaleout-catalog",
        "scaleout-runtime",
        "scaleout-agent",
        "scaleout-cli",
    ] {
        collect(&root.join(name).join("src"), &mut sources);
    }
    let used: BTreeSet<String> = sources
        .iter()
        .flat_map(|path| codes(&std::fs::read_to_string(path).unwrap()))
        .collect();
    let pages = std::fs::read_dir(root.join("docs/errors")).unwrap();
    let documented: BTreeSet<String> = pages
        .map(|page| {
            page.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let lacking: Vec<&String> = used.difference(&documented).collect();
    assert!(lacking.is_empty(), "docs/errors lacks {lacking:?}");
    let idle: Vec<&String> = documented.difference(&used).collect();
    assert!(
        idle.is_empty(),
        "docs/errors has pages for codes that nothing uses: {idle:?}"
    );
}

#[test]
fn every_dependency_has_its_reason_in_alphabetical_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("[workspace.dependencies]\n").unwrap();
    let (section, _) = rest.split_once("\n[").unwrap();
    let names = section.lines().filter(|line| !line.contains("path = "));
    let mut used: Vec<&str> = names
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect();
    used.sort_unstable();
    let page = std::fs::read_to_string(root.join("docs/dependencies.md")).unwrap();
    let entries = page.lines().filter_map(|line| line.strip_prefix("- `"));
    let explained: Vec<&str> = entries
        .filter_map(|line| Some(line.split_once("`: ")?.0))
        .collect();
    assert_eq!(explained, used);
}

/// The keys that come later are ours; those that packages see are tested with the runtime.
const OF_PACKAGES: [&str; 6] = [
    "PathMappings",
    "ConnectionMap",
    "WorkingFolder",
    "DataFlowMemoryBudget",
    "JobMailServer",
    "JobMailSender",
];

#[test]
fn every_setting_has_a_test_of_its_effect() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/reference/settings-effects.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<(&str, &str)> = rows
        .filter_map(|row| row.strip_suffix("` |")?.split_once("` | `"))
        .collect();
    let keys = scaleout_core::settings::keys::MASTER.iter();
    let keys = keys.chain(scaleout_core::settings::keys::WORKER);
    let wanted = keys.map(|key| key.name);
    let wanted: Vec<&str> = wanted.filter(|key| !OF_PACKAGES.contains(key)).collect();
    let found: Vec<&str> = rows.iter().map(|(key, _)| *key).collect();
    assert_eq!(found, wanted);
    let mut files = Vec::new();
    for folder in ["tests", "scaleout-agent/src", "scaleout-agent/tests"] {
        collect(&root.join(folder), &mut files);
    }
    let sources: Vec<String> = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    for (key, test) in rows {
        let declared = format!("fn {test}()");
        assert!(
            sources.iter().any(|source| source.contains(&declared)),
            "{key}: there is no test `{test}`"
        );
    }
}

/// `"SO1234"` in a source file.
fn codes(text: &str) -> Vec<String> {
    let quoted = text.match_indices("\"SO");
    let code = quoted.filter_map(|(at, _)| text.get(at + 1..at + 8));
    code.filter(|code| code.ends_with('"') && code[2..6].bytes().all(|byte| byte.is_ascii_digit()))
        .map(|code| code[..6].to_owned())
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
