//! A value on the command line, or kept off it because it is a secret.

use std::io::Read as _;

use clap::Args;

use crate::error::{CommandError, file_error};

/// The options of which one gives the value.
#[derive(Args, Debug, Default)]
#[group(multiple = false)]
pub struct ValueOptions {
    /// The value; not for secrets, as others can read a command line
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    value: Option<String>,
    /// File with the value; `-` reads stdin. One line break at its end does not count
    #[arg(long, value_name = "FILE")]
    value_file: Option<String>,
    /// Variable of the environment of this command that has the value
    #[arg(long, value_name = "NAME")]
    value_env: Option<String>,
}

/// A value and how it came here. It may be a secret, so it is never shown.
pub struct GivenValue {
    /// The value.
    pub text: String,
    in_the_open: bool,
}

impl ValueOptions {
    /// Reads the value; `None` without any of the options.
    ///
    /// # Errors
    /// The file cannot be read, or there is no such variable.
    pub fn read(&self) -> Result<Option<GivenValue>, CommandError> {
        if let Some(value) = &self.value {
            return Ok(Some(GivenValue {
                text: value.clone(),
                in_the_open: true,
            }));
        }
        let text = match (&self.value_file, &self.value_env) {
            (Some(file), _) => Some(read_without_line_end(file)?),
            (None, Some(name)) => Some(variable(name)?),
            (None, None) => None,
        };
        Ok(text.map(|text| GivenValue {
            text,
            in_the_open: false,
        }))
    }
}

impl GivenValue {
    /// Refuses a secret that stood on the command line. `what` is `variable `X``.
    ///
    /// # Errors
    /// It did.
    pub fn check_hidden(&self, what: &str) -> Result<(), CommandError> {
        if !self.in_the_open {
            return Ok(());
        }
        Err(CommandError::Argument {
            message: format!("{what} is sensitive, and a command line can be read by others"),
            hint: "write the value into a file that only you can read and give it with \
                   `--value-file FILE`, pipe it into `--value-file -`, or name a variable of the \
                   environment with `--value-env NAME`"
                .to_owned(),
        })
    }
}

/// The text of a file, or of stdin for `-`, without one line break at its end.
///
/// # Errors
/// It cannot be read.
pub fn read_without_line_end(source: &str) -> Result<String, CommandError> {
    Ok(without_line_end(text_of(source)?))
}

fn text_of(source: &str) -> Result<String, CommandError> {
    let mut text = String::new();
    let read = match source {
        "-" => std::io::stdin().read_to_string(&mut text).map(|_| ()),
        path => std::fs::read_to_string(path).map(|all| text = all),
    };
    read.map_err(file_error("read", source))?;
    Ok(text)
}

fn without_line_end(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

fn variable(name: &str) -> Result<String, CommandError> {
    std::env::var(name).map_err(|fault| CommandError::Argument {
        message: match fault {
            std::env::VarError::NotPresent => format!("there is no environment variable `{name}`"),
            std::env::VarError::NotUnicode(_) => {
                format!("the environment variable `{name}` is not text")
            }
        },
        hint: "set it for this command, or give the value with `--value-file`".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_of_a_file_does_not_count() {
        for (text, value) in [("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), ("x ", "x ")] {
            assert_eq!(without_line_end(text.to_owned()), value);
        }
    }

    #[test]
    fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
        let options = ValueOptions {
            value: Some("hunter2".into()),
            ..ValueOptions::default()
        };
        let given = options.read().unwrap().unwrap();
        let refused = given.check_hidden("variable `Password`").unwrap_err();
        assert!(
            refused
                .to_string()
                .starts_with("variable `Password` is sensitive")
        );
        assert!(!format!("{refused:?}").contains("hunter2"));
        assert!(ValueOptions::default().read().unwrap().is_none());
    }
}
