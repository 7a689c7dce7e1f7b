//! What a package has that this runtime does not do yet: it runs, with one warning for each.

use scaleout_core::package::{Executable, Package, TransactionOption};

use crate::validation::Problem;

/// Log providers, configurations, transactions and checkpoints do not act yet.
const NOT_DONE: &str = "SO4010";

/// One warning for each thing the package has and this runtime leaves out, naming it.
#[must_use]
pub fn left_out(package: &Package) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut note = |kind: &str, names: Vec<String>, what: &str| {
        if !names.is_empty() {
            let list = names.join("`, `");
            let text = format!("{what}, and the package runs without: `{list}`");
            problems.push(Problem::warning(NOT_DONE, "\\Package", kind, text));
        }
    };
    let providers = package.log_providers.iter();
    note(
        "log provider",
        providers.map(|provider| provider.name.clone()).collect(),
        "log providers are not supported yet",
    );
    let configurations = package.configurations.iter();
    let configurations = configurations.filter(|_| package.configurations_enabled);
    note(
        "configuration",
        configurations.map(|one| one.name.clone()).collect(),
        "package configurations are not supported yet",
    );
    let mut required = Vec::new();
    transactions(&package.root, &mut required);
    note(
        "transaction",
        required,
        "transactions (TransactionOption Required) are not supported yet",
    );
    note(
        "checkpoint",
        checkpoint_file(&package.root).into_iter().collect(),
        "checkpoints are not supported yet",
    );
    problems
}

fn transactions(executable: &Executable, found: &mut Vec<String>) {
    if executable.disabled {
        return;
    }
    if executable.transaction_option == TransactionOption::Required {
        found.push(executable.name.clone());
    }
    let handlers = executable.event_handlers.iter();
    let inner = executable.executables.iter();
    for child in inner.chain(handlers.map(|handler| &handler.body)) {
        transactions(child, found);
    }
}

fn checkpoint_file(root: &Executable) -> Option<String> {
    let property = |name: &str| root.other_properties.get(name).map(String::as_str);
    let saves = matches!(
        property("SaveCheckpoints"),
        Some("True" | "true" | "-1" | "1")
    );
    saves.then(|| {
        property("CheckpointFileName")
            .unwrap_or_default()
            .to_owned()
    })
}
