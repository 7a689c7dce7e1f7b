//! Small real servers in Python, started by the tests that need them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::patience::PATIENCE;

/// The Python that has some modules: that of the system, or the first on the path.
fn python_with(imports: &str) -> Option<&'static str> {
    ["/usr/bin/python3", "python3"].into_iter().find(|python| {
        let mut command = Command::new(python);
        let ran = command.args(["-c", imports]).stderr(Stdio::null()).status();
        ran.is_ok_and(|status| status.success())
    })
}

/// A running server. It ends with its standard input, so also with the process of the tests.
#[derive(Debug)]
pub struct PythonServer {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    port: u16,
}

impl PythonServer {
    /// Starts a script that prints its port and serves until its standard input ends. Where a
    /// module is missing, says so and gives none.
    pub fn start_or_skip(script: &str, modules: &[&str], arguments: &[&Path]) -> Option<Self> {
        let imports = modules.iter().map(|module| format!("import {module}\n"));
        let imports: String = imports.collect();
        let Some(python) = python_with(&imports) else {
            println!("skipped: no python3 here has {}", modules.join(" and "));
            return None;
        };
        let mut child = Command::new(python)
            .args(["-c", script])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        // It ends with the server, whose output is closed then.
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take();
        let mut server = Self {
            child,
            stdin,
            lines,
            port: 0,
        };
        server.port = server.next_line().parse().unwrap();
        Some(server)
    }

    /// The next line that it prints.
    #[track_caller]
    pub fn next_line(&self) -> String {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line.trim().to_owned(),
            Err(error) => panic!("the server was expected to print a line: {error}"),
        }
    }

    /// Where it listens, on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for PythonServer {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // It ends by itself; a zombie would stay otherwise.
        let _ended = self.child.wait();
    }
}
