//! The worker's side of adding it, over the system's `ssh`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;
use scaleout_core::certificates::Certificate;
use serde_json::Value;

use crate::error::{CliError, CommandError};

/// How the worker is reached.
#[derive(Args, Debug)]
pub struct Remote {
    /// Do the worker's side too, over ssh
    #[arg(long, value_name = "USER@HOST")]
    ssh: Option<String>,
    /// Configuration file of ssh, instead of the usual ones
    #[arg(long, value_name = "FILE", requires = "ssh")]
    ssh_config: Option<PathBuf>,
    /// Data folder on the worker; its usual place if absent
    #[arg(long, value_name = "DIR", requires = "ssh")]
    remote_data: Option<String>,
    /// `soctl` on the worker
    #[arg(
        long,
        value_name = "PROGRAM",
        default_value = "soctl",
        requires = "ssh"
    )]
    remote_soctl: String,
    /// What starts the service on the worker again
    #[arg(
        long,
        value_name = "COMMAND",
        default_value = "sudo systemctl restart scaleout-worker",
        requires = "ssh"
    )]
    restart_command: String,
}

/// What a worker was set up with.
#[derive(Debug)]
pub struct Made {
    /// `AgentId`
    pub worker_agent_id: String,
    /// Its certificate.
    pub certificate: Certificate,
}

impl Remote {
    /// Where to, if over ssh at all.
    #[must_use]
    pub fn destination(&self) -> Option<&str> {
        self.ssh.as_deref()
    }

    /// What starts the service again.
    #[must_use]
    pub fn restart_command(&self) -> &str {
        &self.restart_command
    }

    /// Whether the machine can be reached and has `soctl`; its version.
    ///
    /// # Errors
    /// It cannot, or has not.
    pub fn validate(&self) -> Result<String, CliError> {
        let said = self.run(&format!("{} --version", quoted(&self.remote_soctl)), "")?;
        Ok(said.trim().trim_start_matches("soctl ").to_owned())
    }

    /// Sets the worker up and reads its certificate.
    ///
    /// # Errors
    /// A step on the worker fails.
    pub fn init(&self, name: &str, endpoint: &str, master: &Certificate) -> Result<Made, CliError> {
        let data = self.remote_data.as_ref();
        let data = data.map_or_else(String::new, |data| format!(" --data {}", quoted(data)));
        let file = format!("/tmp/scaleout-master-{}.cer", master.thumbprint());
        self.run(&format!("cat > {file}"), &master.to_pem())?;
        let soctl = quoted(&self.remote_soctl);
        let said = self.run(
            &format!(
                "{soctl} worker init --yes --output json{data} --name {} --master-endpoint {} \
                 --master-cert {file} && rm -f {file}",
                quoted(name),
                quoted(endpoint)
            ),
            "",
        )?;
        let odd = |reason: String| CommandError::Program {
            line: "ssh … soctl worker init".to_owned(),
            said: reason,
        };
        let made: Value = serde_json::from_str(&said).map_err(|error| odd(error.to_string()))?;
        let text = |key: &str| made[key].as_str().unwrap_or_default().to_owned();
        let pem = self.run(&format!("cat {}", quoted(&text("certificate_file"))), "")?;
        Ok(Made {
            worker_agent_id: text("worker_agent_id"),
            certificate: Certificate::from_pem(&pem)?,
        })
    }

    /// Starts the service on the worker again.
    ///
    /// # Errors
    /// The command fails.
    pub fn restart(&self) -> Result<(), CliError> {
        self.run(&self.restart_command, "").map(|_| ())
    }

    /// Runs a line on the worker with a text on its stdin; gives its stdout.
    fn run(&self, line: &str, input: &str) -> Result<String, CliError> {
        let destination = self.ssh.as_deref().unwrap_or_default();
        let mut command = Command::new("ssh");
        command.args(["-o", "BatchMode=yes", "-o", "ConnectTimeout=15"]);
        if let Some(file) = &self.ssh_config {
            command.arg("-F").arg(file);
        }
        command.args(["--", destination, line]);
        let shown = format!("ssh {destination} {line}");
        let failed = |said: String| CommandError::Program {
            line: shown.clone(),
            said,
        };
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|error| failed(error.to_string()))?;
        if let Some(mut stdin) = child.stdin.take() {
            // Who ends without reading says why on stderr.
            let _unread = stdin.write_all(input.as_bytes());
        }
        let output = child
            .wait_with_output()
            .map_err(|error| failed(error.to_string()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(failed(said).into())
    }
}

/// A word for the shell on the other side.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word_in_a_shell() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's; rm -rf"), r"'it'\''s; rm -rf'");
    }
}
