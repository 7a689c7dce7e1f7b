//! What `soctl execute` says about when and where an execution runs.

use clap::Args;
use scaleout_core::client::{ExecutionParameter, ParameterScope};
use serde_json::{Value, json};

/// Options of the queue.
#[derive(Args, Debug)]
pub struct SchedulingArgs {
    /// Who goes first: -100 to 100, above 0 for administrators only; a minute of waiting is one point
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(-100..=100))]
    priority: Option<i32>,
    /// Run it only on a worker with this tag (see `soctl workers tag`); may be repeated, all are needed
    #[arg(long, value_name = "TAG")]
    worker_tag: Vec<String>,
    /// Start it only while fewer than COUNT executions of its package run
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i32).range(1..))]
    package_limit: Option<i32>,
    /// Start it only while no other with this key runs, or fewer than --concurrency-limit
    #[arg(long, value_name = "KEY")]
    concurrency_key: Option<String>,
    /// Most executions with the key at once
    #[arg(long, value_name = "COUNT", requires = "concurrency_key", value_parser = clap::value_parser!(i32).range(1..))]
    concurrency_limit: Option<i32>,
    /// Never run it twice: when its worker is lost or it fails, that was it
    #[arg(long)]
    at_most_once: bool,
}

impl SchedulingArgs {
    /// Whether it is never to run twice.
    #[must_use]
    pub fn is_at_most_once(&self) -> bool {
        self.at_most_once
    }

    /// As options of the execution.
    #[must_use]
    pub fn options(&self) -> Vec<ExecutionParameter> {
        let mut options = Vec::new();
        let mut add = |name: &str, value: Value| {
            options.push(ExecutionParameter {
                scope: ParameterScope::Execution,
                name: name.to_owned(),
                value,
            });
        };
        if let Some(priority) = self.priority {
            add("PRIORITY", json!(priority));
        }
        if !self.worker_tag.is_empty() {
            add("WORKER_TAGS", json!(self.worker_tag.join(", ")));
        }
        if let Some(limit) = self.package_limit {
            add("PACKAGE_LIMIT", json!(limit));
        }
        if let Some(key) = &self.concurrency_key {
            add("CONCURRENCY_KEY", json!(key));
        }
        if let Some(limit) = self.concurrency_limit {
            add("CONCURRENCY_LIMIT", json!(limit));
        }
        if self.at_most_once {
            add("AT_MOST_ONCE", json!(true));
        }
        options
    }
}
