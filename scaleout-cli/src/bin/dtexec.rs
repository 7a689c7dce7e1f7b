//! The program `dtexec`.

use std::process::ExitCode;

fn main() -> ExitCode {
    scaleout_cli::dtexec()
}
