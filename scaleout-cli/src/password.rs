//! A password: asked for on a terminal, or read from a file or stdin; never on the command line.

use std::io::{self, IsTerminal as _};

use clap::Args;
use scaleout_core::client::Secret;

use crate::error::CommandError;
use crate::given_value::read_without_line_end;

/// Where a password comes from.
#[derive(Args, Debug, Default)]
pub struct PasswordOptions {
    /// File with the password; `-` reads stdin. Asked for on a terminal if absent
    #[arg(long, value_name = "FILE")]
    password_file: Option<String>,
}

impl PasswordOptions {
    /// The password for `what`: `login `anna``.
    ///
    /// # Errors
    /// The file cannot be read, or there is nobody to ask.
    pub fn read(&self, what: &str) -> Result<Secret, CommandError> {
        match &self.password_file {
            Some(file) => Ok(Secret::new(read_without_line_end(file)?)),
            None => ask(&format!("Password of {what}"), None, what),
        }
    }

    /// A new password for `what`, typed twice where it is typed.
    ///
    /// # Errors
    /// The file cannot be read, or there is nobody to ask.
    pub fn read_new(&self, what: &str) -> Result<Secret, CommandError> {
        match &self.password_file {
            Some(file) => Ok(Secret::new(read_without_line_end(file)?)),
            None => ask(&format!("New password of {what}"), Some("Once more"), what),
        }
    }
}

/// Asks without showing what is typed.
///
/// # Errors
/// There is no terminal, or it is gone in the middle.
pub fn ask(prompt: &str, again: Option<&str>, what: &str) -> Result<Secret, CommandError> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(CommandError::PasswordNeeded {
            what: what.to_owned(),
        });
    }
    let mut asking = dialoguer::Password::new().with_prompt(prompt);
    if let Some(again) = again {
        asking = asking.with_confirmation(again, "The two differ; once again");
    }
    asking
        .interact()
        .map(Secret::new)
        .map_err(|_| CommandError::Interrupted)
}
