//! Any text is a command line of dtexec or a mistake.
//!
//! What reads command lines is taken in file by file: it needs little, and the crate around it much.
#![no_main]
#![expect(dead_code, reason = "nothing is run")]

use libfuzzer_sys::fuzz_target;

#[path = "../../scaleout-cli/src/dtexec/command_file.rs"]
mod command_file;
#[path = "../../scaleout-cli/src/dtexec/command_line.rs"]
mod command_line;
#[path = "../../scaleout-cli/src/dtexec/console_log.rs"]
mod console_log;
#[path = "../../scaleout-cli/src/dtexec/option.rs"]
mod option;
#[path = "../../scaleout-cli/src/dtexec/read.rs"]
mod read;
#[path = "../../scaleout-cli/src/dtexec/reporting.rs"]
mod reporting;
#[path = "../../scaleout-cli/src/dtexec/setting.rs"]
mod setting;

fuzz_target!(|text: &str| {
    let words = command_file::words(text);
    let nothing = |_: &str| Err("there are no files".to_owned());
    let _read = read::read(&words, &nothing);
});
