//! What `fuzz/` needs of this crate, and nothing else uses.

use crate::dtexec;

/// Reads a text as a command line of dtexec; what comes of it does not matter.
pub fn dtexec_command_line(text: &str) {
    dtexec::read_only(text);
}
