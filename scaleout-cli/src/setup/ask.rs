//! Questions of a set-up, on a terminal only.

use std::io::{self, IsTerminal};

use crate::error::CommandError;

/// Whether there is somebody to ask.
#[must_use]
pub fn somebody() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a text; what is there already is the answer of who only presses Enter.
///
/// # Errors
/// Ctrl-C, or the terminal is gone.
pub fn text(question: &str, usual: &str) -> Result<String, CommandError> {
    let asked = dialoguer::Input::<String>::new()
        .with_prompt(question)
        .default(usual.to_owned())
        .allow_empty(true)
        .interact_text();
    asked.map_err(|_| CommandError::Interrupted)
}

/// Asks for yes or no.
///
/// # Errors
/// Ctrl-C, or the terminal is gone.
pub fn yes(question: &str, usual: bool) -> Result<bool, CommandError> {
    let asked = dialoguer::Confirm::new()
        .with_prompt(question)
        .default(usual)
        .interact();
    asked.map_err(|_| CommandError::Interrupted)
}
