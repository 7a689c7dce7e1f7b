//! Any text is a command line of dtexec or a mistake.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    scaleout_cli::fuzzing::dtexec_command_line(text);
});
