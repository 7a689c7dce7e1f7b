//! A running site: `soctl up` as a child process, ended with Ctrl-C's signal.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Soctl;

/// A master with workers on a free port, and a `soctl` whose context is that master.
#[derive(Debug)]
pub struct Site {
    /// Runs commands against it.
    pub soctl: Soctl,
    child: Child,
    _stderr: BufReader<ChildStderr>,
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
        let folder = soctl.home().join("data/worker1");
        std::fs::create_dir_all(&folder).unwrap();
        let settings = serde_json::json!({
            "AgentId": "6f1b7d3e-0000-4000-8000-0000000000a1",
            "DisplayName": "worker1",
            "PathMappings": path_mappings,
        });
        std::fs::write(folder.join("WorkerSettings.config"), settings.to_string()).unwrap();
        Self::start_up(soctl, options)
    }

    fn start_up(soctl: Soctl, options: &[&str]) -> Self {
        let data = soctl.home().join("data");
        let mut arguments = vec!["up", "--port", "0", "--data", data.to_str().unwrap()];
        arguments.extend(options);
        let mut child = soctl
            .command(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("ready: ") {
            let mut line = String::new();
            let read = stderr.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "`soctl up` ended before it was ready:\n{said}");
            said.push_str(&line);
        }
        Self {
            soctl,
            child,
            _stderr: stderr,
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let id = i32::try_from(self.child.id()).unwrap();
        // It may have ended by itself already; waiting is all that is left then.
        let _gone = kill(Pid::from_raw(id), Signal::SIGINT);
        let _status = self.child.wait();
    }
}

impl Site {
    /// Looks until an execution has this status. Bounded by tries, each a whole run of `soctl`.
    #[track_caller]
    pub fn wait_for_status(&self, execution_id: &str, status: &str) {
        let mut last = serde_json::Value::Null;
        for _ in 0..200 {
            last = self.soctl.json(&["executions", "show", execution_id]);
            if last["status"] == status {
                return;
            }
        }
        panic!("execution {execution_id} never was {status}: {last:#}");
    }
}
