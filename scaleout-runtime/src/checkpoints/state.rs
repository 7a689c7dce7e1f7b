//! What a run knows of checkpoints, and saves.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use scaleout_core::package::{ExecutableKind, VariableType};

use super::file::{self, Contents, FileProblem, Locked, Record, SavedVariable};
use crate::control_flow::node::Node;
use crate::control_flow::outcome::Outcome;
use crate::value::Value;
use crate::variables::typed;

/// The checkpoints of one run of one package; empty for a package without.
#[derive(Default)]
pub struct Checkpoints(OnceLock<State>);

pub(super) struct State {
    /// The file on this machine.
    pub(super) path: PathBuf,
    pub(super) package_id: String,
    /// `SaveCheckpoints`
    pub(super) saves: bool,
    /// What an earlier run left behind.
    pub(super) before: HashMap<String, Record>,
    pub(super) now: Mutex<Saved>,
}

/// What is in the file, and the hold on it.
#[derive(Default)]
pub(super) struct Saved {
    pub(super) records: Vec<Record>,
    pub(super) held: Option<Locked>,
}

impl Checkpoints {
    pub(super) fn begin(&self, state: State) {
        // A run begins once.
        let _ = self.0.set(state);
    }

    /// Whether this run saves checkpoints.
    #[must_use]
    pub fn saves(&self) -> bool {
        self.0.get().is_some_and(|state| state.saves)
    }

    /// How an executable ended in an earlier run, if it need not run again.
    #[must_use]
    pub fn done_before(&self, id: &str) -> Option<Outcome> {
        let record = self.0.get()?.before.get(id)?;
        Some(match record.result {
            2 => Outcome::Completion,
            _ => Outcome::Success,
        })
    }

    /// Records that an executable ended well; gives the file as it is shown, if one was written.
    ///
    /// # Errors
    /// The file, and why it cannot be written.
    pub fn record(
        &self,
        root: &Node,
        id: &str,
        outcome: Outcome,
        precedence_map: String,
    ) -> Result<Option<String>, (String, String)> {
        let Some(state) = self.0.get().filter(|state| state.saves) else {
            return Ok(None);
        };
        let mut saved = state.now.lock().unwrap_or_else(PoisonError::into_inner);
        saved.records.retain(|record| record.id != id);
        saved.records.push(Record {
            id: id.to_owned(),
            result: outcome.number(),
            precedence_map,
        });
        let mut variables = Vec::new();
        collect(root, &mut variables);
        let contents = Contents {
            package_id: state.package_id.clone(),
            variables,
            containers: saved.records.clone(),
        };
        let shown = state.path.display().to_string();
        match file::write(&state.path, &contents) {
            Ok(held) => {
                saved.held = Some(held);
                Ok(Some(shown))
            }
            Err(problem) => Err((shown, why(&problem))),
        }
    }

    /// Removes the file of a package that has succeeded; gives the file as it is shown.
    ///
    /// # Errors
    /// The file, and why it stays.
    pub fn delete(&self) -> Result<Option<String>, (String, String)> {
        let Some(state) = self.0.get().filter(|state| state.saves) else {
            return Ok(None);
        };
        let shown = state.path.display().to_string();
        match std::fs::remove_file(&state.path) {
            Ok(()) => Ok(Some(shown)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err((shown, error.to_string())),
        }
    }
}

/// A file problem in words.
pub(super) fn why(problem: &FileProblem) -> String {
    match problem {
        FileProblem::Locked => "another run of the package has it".to_owned(),
        FileProblem::Io(error) => error.to_string(),
        FileProblem::Broken(reason) => reason.clone(),
    }
}

/// The variables of the package and of its sequences. Those of loops are left out: a loop that
/// has not ended runs again from its beginning.
fn collect(node: &Node, variables: &mut Vec<SavedVariable>) {
    let is_whole = matches!(
        node.executable.kind,
        ExecutableKind::Package | ExecutableKind::Sequence
    );
    if !is_whole {
        return;
    }
    for cell in node.scope.own_variables() {
        let value = cell.stored();
        let text = match &value.value {
            Value::Bool(true) => Some("-1".to_owned()),
            Value::Bool(false) => Some("0".to_owned()),
            _ => typed::shown(&value),
        };
        let data_type = cell.variable_type();
        if let Some(text) = text.filter(|_| data_type != VariableType::Object) {
            variables.push(SavedVariable {
                container: node.executable.id.clone(),
                namespace: cell.namespace.clone(),
                name: cell.name.clone(),
                data_type: data_type.vartype(),
                text,
            });
        }
    }
    for child in &node.children {
        collect(child, variables);
    }
}
