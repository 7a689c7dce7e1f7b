//! Ctrl-C on a command that waits.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Ran;

/// Starts the command, sends SIGINT once each of `words` stood in some line of its stderr, and
/// waits for its end.
#[track_caller]
pub fn interrupted_after(mut command: Command, words: &[&str]) -> Ran {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !words.iter().all(|word| said.contains(word)) {
        let read = stderr.read_line(&mut said).unwrap();
        assert_ne!(read, 0, "it ended before it said {words:?}:\n{said}");
    }
    let id = i32::try_from(child.id()).unwrap();
    kill(Pid::from_raw(id), Signal::SIGINT).unwrap();
    stderr.read_to_string(&mut said).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        stderr: said,
        ..Ran::from(output)
    }
}

/// The same for a program whose report is on stdout: SIGINT once a line of it has the word.
#[track_caller]
pub fn interrupted_once_reported(mut command: Command, word: &str) -> Ran {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains(word) {
        let read = stdout.read_line(&mut said).unwrap();
        assert_ne!(read, 0, "it ended before it said {word}:\n{said}");
    }
    let id = i32::try_from(child.id()).unwrap();
    kill(Pid::from_raw(id), Signal::SIGINT).unwrap();
    stdout.read_to_string(&mut said).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        stdout: said,
        ..Ran::from(output)
    }
}
