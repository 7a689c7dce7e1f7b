//! Options that both set-ups have.

use std::path::PathBuf;

use clap::Args;

use super::ask;
use super::original::StartupType;
use super::service::Unit;
use super::steps::{Site, Step};
use crate::error::{CliError, CommandError, file_error};
use crate::service_folder::ServiceKind;

/// Where the service has its data.
#[derive(Args, Clone, Debug)]
pub struct DataFolder {
    /// Data folder of the service; `/var/lib/scaleout/master` or `/var/lib/scaleout/worker` for root,
    /// `~/.local/share/scaleout/…` for others if absent
    #[arg(long, value_name = "DIR", env = "SOCTL_DATA")]
    data: Option<PathBuf>,
}

impl DataFolder {
    /// The folder, absolute.
    ///
    /// # Errors
    /// The current folder is gone.
    pub fn of(&self, kind: ServiceKind) -> Result<PathBuf, CliError> {
        let data = match &self.data {
            Some(data) => data.clone(),
            None => default_folder(kind),
        };
        Ok(std::path::absolute(&data).map_err(file_error("find", data))?)
    }

    /// Whether a folder is named.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.data.is_some()
    }

    /// The folder of whichever service is there: the one that is named, or else the usual ones.
    ///
    /// # Errors
    /// There is none.
    pub fn found(&self) -> Result<(PathBuf, ServiceKind), CliError> {
        if self.data.is_some() {
            let data = self.of(ServiceKind::Master)?;
            let kind = ServiceKind::of_folder(&data)?;
            return Ok((data, kind));
        }
        let usual = [ServiceKind::Master, ServiceKind::Worker];
        let there = usual.into_iter().find_map(|kind| {
            let data = default_folder(kind);
            data.join(kind.settings_file())
                .is_file()
                .then_some((data, kind))
        });
        match there {
            Some(found) => Ok(found),
            None => Err(ServiceKind::of_folder(&default_folder(ServiceKind::Master))
                .err()
                .unwrap_or(CommandError::NoMaster)
                .into()),
        }
    }
}

/// `/var/lib/scaleout/…` for root; the account's own place for others.
fn default_folder(kind: ServiceKind) -> PathBuf {
    let above = if nix::unistd::geteuid().is_root() {
        PathBuf::from("/var/lib")
    } else {
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
        variable("XDG_DATA_HOME")
            .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
            .unwrap_or_default()
    };
    above.join("scaleout").join(kind.as_str())
}

/// Installing as a service.
#[derive(Args, Clone, Debug)]
pub struct ServiceOptions {
    /// Install it as a service of systemd, under an account of its own
    #[arg(long)]
    pub service: bool,
    /// Account of the service; it is made if it is not there
    #[arg(
        long,
        value_name = "ACCOUNT",
        default_value = "scaleout",
        alias = "ISMASTERSVCACCOUNT",
        alias = "ISWORKERSVCACCOUNT"
    )]
    account: String,
    /// Whether the service is started now and with the machine
    #[arg(
        long,
        value_enum,
        value_name = "TYPE",
        default_value_t,
        ignore_case = true,
        alias = "ISMASTERSVCSTARTUPTYPE",
        alias = "ISWORKERSVCSTARTUPTYPE"
    )]
    startup_type: StartupType,
    /// Folder of systemd's units
    #[arg(long, value_name = "DIR", default_value = "/etc/systemd/system")]
    unit_folder: PathBuf,
}

impl ServiceOptions {
    /// Adds the steps of a service, if one is wanted.
    ///
    /// # Errors
    /// The program cannot tell where it is, or the account is no name.
    pub fn add_to(&self, steps: &mut Vec<Step>, site: &Site) -> Result<(), CliError> {
        if !self.service {
            return Ok(());
        }
        // `NT Service\SSISScaleOutMaster140` and `.\etl` are accounts of Windows.
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        if self.account.is_empty() || !self.account.chars().all(is_name) {
            return Err(CommandError::Argument {
                message: format!("`{}` is not an account of this machine", self.account),
                hint: "name one with letters, digits, `-` and `_`, such as `scaleout`".to_owned(),
            }
            .into());
        }
        let program = std::env::current_exe().map_err(|source| CommandError::Service {
            what: "finding the program itself",
            source: Box::new(source),
        })?;
        steps.push(Step::Account(self.account.clone()));
        steps.push(Step::Owner(self.account.clone()));
        steps.push(Step::Unit {
            unit: Unit {
                kind: site.kind,
                program,
                data: site.data.clone(),
                account: self.account.clone(),
            },
            folder: self.unit_folder.clone(),
        });
        steps.push(Step::Start(self.startup_type));
        Ok(())
    }
}

/// Looking first, and saying yes.
#[derive(Args, Clone, Debug)]
pub struct Confirm {
    /// Show the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Ask nothing
    #[arg(short, long)]
    pub yes: bool,
}

impl Confirm {
    /// Whether a person is to be asked for what is not given.
    #[must_use]
    pub fn asks(&self) -> bool {
        !self.dry_run && !self.yes && ask::somebody()
    }
}
