//! The program `soctl`.

use std::process::ExitCode;

fn main() -> ExitCode {
    scaleout_cli::soctl()
}
