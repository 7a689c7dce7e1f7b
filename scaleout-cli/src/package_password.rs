//! The password of an encrypted project: from a file or a pipe, or typed on a terminal, never from
//! the command line.

use std::sync::OnceLock;

use clap::Args;
use scaleout_core::package::PackagePassword;

use crate::error::{CliError, CommandError};
use crate::given_value::read_without_line_end;
use crate::output::Talk;
use crate::project_source::ProjectSource;

/// Code of the note on a value that a password would open.
const LEFT_OUT: &str = "SO2052";
/// Code of the error of a file that is encrypted as a whole.
const WHOLE: &str = "SO2006";

/// The option of commands that read projects.
#[derive(Args, Debug, Default)]
pub struct PasswordOption {
    /// File with the password that the project is encrypted with; `-` reads stdin
    #[arg(long, value_name = "FILE")]
    package_password_file: Option<String>,
    /// What was read: stdin gives it once, several packages may need it.
    #[arg(skip)]
    read: OnceLock<Option<PackagePassword>>,
}

impl PasswordOption {
    /// Reads the password; `None` without the option.
    ///
    /// # Errors
    /// The file cannot be read, or is empty.
    pub fn read(&self) -> Result<Option<&PackagePassword>, CommandError> {
        if let Some(read) = self.read.get() {
            return Ok(read.as_ref());
        }
        let read = self.read_file()?;
        Ok(self.read.get_or_init(|| read).as_ref())
    }

    fn read_file(&self) -> Result<Option<PackagePassword>, CommandError> {
        let Some(file) = &self.package_password_file else {
            return Ok(None);
        };
        let password = PackagePassword::new(read_without_line_end(file)?);
        let password = password.ok_or_else(|| CommandError::Argument {
            message: format!("the package password in `{file}` is empty"),
            hint: "write the password on the only line of the file".to_owned(),
        })?;
        Ok(Some(password))
    }

    /// Reads a project with the password that was given. Where none was given, the project has
    /// something that a password would open and somebody is there, asks for it.
    ///
    /// # Errors
    /// The project cannot be read, or the password does not open it.
    pub fn read_project(
        &self,
        talk: &Talk,
        read: impl Fn(Option<&PackagePassword>) -> Result<ProjectSource, CliError>,
    ) -> Result<ProjectSource, CliError> {
        let given = self.read()?;
        let first = read(given);
        if given.is_some() || !asks_for_password(&first) {
            return first;
        }
        let typed = talk.ask_password("Password of the package (none to go on without)");
        match typed.and_then(PackagePassword::new) {
            Some(password) => read(Some(&password)),
            None => first,
        }
    }
}

fn asks_for_password(read: &Result<ProjectSource, CliError>) -> bool {
    match read {
        Ok(source) => source.notes().iter().any(|note| note.code == LEFT_OUT),
        Err(error) => error.body.code == WHOLE && hints_at_option(error),
    }
}

/// Only a password is worth asking for; a user key is nothing that could be typed.
fn hints_at_option(error: &CliError) -> bool {
    let hint = error.body.hint.as_deref().unwrap_or_default();
    hint.contains("--package-password-file")
}
