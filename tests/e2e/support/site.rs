//! A running site: `soctl up` as a child process, ended with Ctrl-C's signal.

use std::path::Path;

use nix::sys::signal::Signal;

use super::Soctl;
use super::patience::tries;
use super::service::Service;

/// A master with workers on a free port, and a `soctl` whose context is that master.
#[derive(Debug)]
pub struct Site {
    // Before `soctl`: the process ends before its folder goes.
    up: Service,
    /// Runs commands against it.
    pub soctl: Soctl,
}

impl Site {
    /// Starts one with two workers and no further options.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one; `options` go to `soctl up`.
    pub fn start_with(options: &[&str]) -> Self {
        Self::start_up(Soctl::new(), options)
    }

    /// Starts one whose first worker has these path mappings.
    pub fn start_in(soctl: Soctl, options: &[&str], path_mappings: &serde_json::Value) -> Self {
        Self::start_named(soctl, options, "worker1", path_mappings)
    }

    /// Starts one whose first worker has this display name and these path mappings.
    pub fn start_named(
        soctl: Soctl,
        options: &[&str],
        name: &str,
        path_mappings: &serde_json::Value,
    ) -> Self {
        let settings = serde_json::json!({
            "DisplayName": name,
            "PathMappings": path_mappings,
        });
        Self::start_set(soctl, options, settings)
    }

    /// Starts one whose first worker has these settings.
    pub fn start_set(soctl: Soctl, options: &[&str], mut settings: serde_json::Value) -> Self {
        let folder = soctl.home().join("data/worker1");
        std::fs::create_dir_all(&folder).unwrap();
        if settings["TaskRequestMaxCPU"].is_null() {
            settings["TaskRequestMaxCPU"] = 100.0.into();
        }
        settings["AgentId"] = "6f1b7d3e-0000-4000-8000-0000000000a1".into();
        std::fs::write(folder.join("WorkerSettings.config"), settings.to_string()).unwrap();
        Self::start_up(soctl, options)
    }

    /// Starts one in the environment of a `soctl`, possibly once more.
    pub fn start_up(soctl: Soctl, options: &[&str]) -> Self {
        let data = soctl.home().join("data");
        let count = options.iter().skip_while(|one| **one != "--workers").nth(1);
        let count = count.map_or(2, |count| count.parse().unwrap());
        for worker in 1..=count {
            write_settings(&data.join(format!("worker{worker}")), worker);
        }
        let mut arguments = vec!["up", "--port", "0", "--data", data.to_str().unwrap()];
        arguments.extend(options);
        let up = Service::start_ended_by(Signal::SIGINT, &soctl, &arguments);
        Self { up, soctl }
    }
}

impl Site {
    /// Ends it; gives all that it has said on stderr, and its `soctl`.
    pub fn end(self) -> (String, Soctl) {
        (self.up.end(), self.soctl)
    }

    /// Kills it, as a power cut would; gives its `soctl`.
    pub fn kill(self) -> Soctl {
        self.up.kill();
        self.soctl
    }

    /// Looks until an execution has this status. Each try is a whole run of `soctl`.
    #[track_caller]
    pub fn wait_for_status(&self, execution_id: &str, status: &str) {
        let mut last = serde_json::Value::Null;
        for () in tries() {
            last = self.soctl.json(&["executions", "show", execution_id]);
            if last["status"] == status {
                return;
            }
        }
        panic!("execution {execution_id} never was {status}: {last:#}");
    }
}

/// Settings of a worker that has none yet. They let it take tasks however busy the machine is: other
/// tests keep the processors busy, and what they do must not decide when a package starts.
fn write_settings(folder: &Path, worker: u8) {
    let file = folder.join("WorkerSettings.config");
    if file.exists() {
        return;
    }
    std::fs::create_dir_all(folder).unwrap();
    let settings = serde_json::json!({
        "AgentId": format!("6f1b7d3e-0000-4000-8000-0000000000b{worker:x}"),
        "DisplayName": format!("worker{worker}"),
        "TaskRequestMaxCPU": 100.0,
    });
    std::fs::write(file, settings.to_string()).unwrap();
}
