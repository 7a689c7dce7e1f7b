//! Running a command on a terminal of its own.

use std::fs::File;
use std::io::Read;
use std::process::Command;

use nix::pty::{Winsize, openpty};

/// Runs the command with stdout on a terminal of this width, and gives what the terminal got.
#[track_caller]
pub fn on_terminal(mut command: Command, width: u16) -> String {
    let size = Winsize {
        ws_row: 50,
        ws_col: width,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let terminal = openpty(&size, None).unwrap();
    let mut child = command.stdout(terminal.slave).spawn().unwrap();
    // Our own copy of the other end: with it open the terminal would never be at its end.
    drop(command);
    let mut shown = Vec::new();
    // Linux says EIO instead of end of file when the other end is closed.
    let _end = File::from(terminal.master).read_to_end(&mut shown);
    let status = child.wait().unwrap();
    let shown = String::from_utf8(shown).unwrap().replace("\r\n", "\n");
    assert!(status.success(), "{shown}");
    shown
}
