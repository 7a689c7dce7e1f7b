//! Running `soctl` as a person would, in an environment of its own.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A `soctl` with its own home, configuration and temporary folder.
#[derive(Debug)]
pub struct Soctl {
    home: TempDir,
}

/// What one run left.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Data.
    pub stdout: String,
    /// Talk.
    pub stderr: String,
}

impl Soctl {
    /// A fresh environment.
    pub fn new() -> Self {
        let home = tempfile::Builder::new()
            .prefix("soctl-test-")
            .tempdir()
            .unwrap();
        std::fs::create_dir(home.path().join("tmp")).unwrap();
        Self { home }
    }

    /// Folder that lives as long as this environment.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The temporary folder that `soctl` sees.
    pub fn tmp(&self) -> PathBuf {
        self.home.path().join("tmp")
    }

    /// The command, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_soctl"), arguments)
    }

    /// Another program in the same environment, not yet started.
    pub fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("SOCTL_CONFIG", self.home.path().join("config"))
            .env("TMPDIR", self.tmp())
            .env("TZ", "UTC")
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Runs `dtexec` to its end.
    pub fn dtexec(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command_of(env!("CARGO_BIN_EXE_dtexec"), arguments);
        Ran::from(command.output().unwrap())
    }

    /// Runs it on a terminal on which a person types each answer when its question is there and
    /// the echo is off: what is typed before is thrown away where a password is asked for. What the
    /// terminal shows is in `stderr`.
    pub fn run_on_terminal(&self, arguments: &[&str], answers: &[(&str, &str)]) -> Ran {
        let terminal = nix::pty::openpty(None, None).unwrap();
        let mut screen = std::fs::File::from(terminal.master);
        let mut command = self.command(arguments);
        command
            .env("TERM", "xterm")
            .stdin(terminal.slave.try_clone().unwrap())
            .stderr(terminal.slave)
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The last hold on the other end, so that the screen ends when the child does.
        drop(command);
        let mut shown = Vec::new();
        let mut answers = answers.iter();
        let mut next = answers.next();
        let mut part = [0; 4096];
        // Linux reports EIO, not an end, when nobody holds the terminal any more.
        while let Ok(count @ 1..) = screen.read(&mut part) {
            shown.extend_from_slice(&part[..count]);
            if let Some((question, keys)) = next
                && String::from_utf8_lossy(&shown).contains(question)
            {
                while child.try_wait().unwrap().is_none() && echoes(&screen) {
                    std::thread::yield_now();
                }
                screen.write_all(keys.as_bytes()).unwrap();
                next = answers.next();
            }
        }
        let mut output = child.wait_with_output().unwrap();
        output.stderr = shown;
        let ran = Ran::from(output);
        assert_eq!(next, None, "never asked: {}", ran.stderr);
        ran
    }

    /// Runs it, demands success, and reads stdout as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.extend(["--output", "json"]);
        self.run(&all).success().json()
    }
}

/// Whether a terminal shows what is typed on it.
fn echoes(screen: &std::fs::File) -> bool {
    let settings = nix::sys::termios::tcgetattr(screen).unwrap();
    let shown = nix::sys::termios::LocalFlags::ECHO;
    settings.local_flags.contains(shown)
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// Demands exit code 0.
    #[track_caller]
    pub fn success(self) -> Self {
        assert_eq!(
            self.code, 0,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// Demands this exit code and these words on stderr.
    #[track_caller]
    pub fn fails(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        for word in words {
            assert!(
                self.stderr.contains(word),
                "`{word}` is not in:\n{}",
                self.stderr
            );
        }
        self
    }

    /// Demands this exit code and these words on stdout, where dtexec has its report.
    #[track_caller]
    pub fn reports(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        for word in words {
            assert!(
                self.stdout.contains(word),
                "`{word}` is not in:\n{}",
                self.stdout
            );
        }
        self
    }

    /// stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in:\n{}", self.stdout))
    }
}
