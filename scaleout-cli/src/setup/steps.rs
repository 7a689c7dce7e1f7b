//! The steps of a set-up: what each one is in words, whether it is done, and doing it.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use scaleout_core::client::Identity;
use serde::Serialize;
use serde_json::Value;

use super::firewall::{Firewall, on_path};
use super::original::StartupType;
use super::service::Unit;
use crate::error::{CliError, CommandError, file_error};
use crate::output::{Cell, Report};
use crate::service_folder::{
    CertificateStore, ServiceKind, SettingsFile, adopt, new_certificate, owned_folder, replace,
};

/// What one step does.
#[derive(Clone, Debug)]
pub enum Step {
    /// Make a private folder.
    Folder(PathBuf),
    /// Make a certificate with its key, and show it.
    NewCertificate {
        /// For whom.
        names: Vec<String>,
        /// For how long.
        days: u32,
    },
    /// Show a certificate that is there already.
    OwnCertificate(Box<Identity>),
    /// Trust a certificate.
    Trust {
        /// Which.
        certificate: Box<scaleout_core::certificates::Certificate>,
        /// Whose it is, in words.
        whose: &'static str,
    },
    /// Set keys of the settings.
    Settings(Vec<(&'static str, Value)>),
    /// Make the account of the service.
    Account(String),
    /// Give the data folder to the account.
    Owner(String),
    /// Write the unit.
    Unit {
        /// What it says.
        unit: Unit,
        /// Where units are.
        folder: PathBuf,
    },
    /// Let systemd know, and start.
    Start(StartupType),
    /// Open a port.
    Open {
        /// In which firewall.
        firewall: Firewall,
        /// Which one.
        port: u16,
    },
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It would be done.
    ToDo,
    /// It was done now.
    Done,
    /// Nothing was to be done.
    Already,
    /// It cannot be done here; a person does it.
    ByHand,
}

impl State {
    fn cell(self) -> Cell {
        let (text, good) = match self {
            Self::ToDo => ("to do", None),
            Self::Done => ("done", Some(true)),
            Self::Already => ("already so", Some(true)),
            Self::ByHand => ("by hand", Some(false)),
        };
        Cell::State {
            text: text.to_owned(),
            good,
        }
    }
}

/// A step as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// What it does.
    pub action: String,
    /// To what.
    pub detail: String,
    /// How far it is.
    pub state: State,
}

/// Steps as a table.
#[must_use]
pub fn report(shown: &[Shown]) -> Report {
    let mut report = Report::table(["step", "what", "state"]);
    report.rows = shown
        .iter()
        .map(|one| {
            vec![
                Cell::Text(one.action.clone()),
                Cell::Text(one.detail.clone()),
                one.state.cell(),
            ]
        })
        .collect();
    report
}

/// One service that is set up.
#[derive(Clone, Debug)]
pub struct Site {
    /// Master or worker.
    pub kind: ServiceKind,
    /// Its data folder.
    pub data: PathBuf,
    /// Where its certificate is kept.
    pub store: CertificateStore,
    /// Which certificates it trusts.
    pub root: CertificateStore,
}

impl Site {
    /// How far each step is, with nothing done.
    ///
    /// # Errors
    /// What is there cannot be read.
    pub fn plan(&self, steps: &[Step]) -> Result<Vec<Shown>, CliError> {
        steps.iter().map(|step| self.look(step)).collect()
    }

    /// Does what is to be done.
    ///
    /// # Errors
    /// A step cannot be done; those before it are.
    pub fn apply(&self, steps: &[Step], now: Timestamp) -> Result<Vec<Shown>, CliError> {
        let mut shown = Vec::new();
        for step in steps {
            let mut one = self.look(step)?;
            if one.state == State::ToDo {
                self.act(step, now)?;
                one.state = State::Done;
            }
            shown.push(one);
        }
        Ok(shown)
    }

    fn look(&self, step: &Step) -> Result<Shown, CliError> {
        let (action, detail, state) = match step {
            Step::Folder(path) => ("folder", path.display().to_string(), to_do(!path.is_dir())),
            Step::NewCertificate { names, days } => {
                // Names that no certificate can have stop the plan, not the third step of it.
                new_certificate(names, *days, Timestamp::UNIX_EPOCH)?;
                (
                    "certificate",
                    format!(
                        "new, P-256, for {}, valid for {days} days, in {}",
                        names.join(", "),
                        self.store.folder().display()
                    ),
                    to_do(self.shown_thumbprint()?.is_empty()),
                )
            }
            Step::OwnCertificate(identity) => {
                let certificate = &identity.certificate;
                let is_there = self.store.find(&certificate.thumbprint_sha256())?;
                let is_there = is_there.is_some_and(|one| one.key_file.is_some());
                (
                    "certificate",
                    format!(
                        "{} ({}) in {}",
                        certificate.facts().subject,
                        certificate.thumbprint(),
                        self.store.folder().display()
                    ),
                    to_do(!is_there),
                )
            }
            Step::Trust { certificate, whose } => (
                "trust",
                format!(
                    "{whose} {} in {}",
                    certificate.thumbprint(),
                    self.root.folder().display()
                ),
                to_do(self.root.find(&certificate.thumbprint_sha256())?.is_none()),
            ),
            Step::Settings(changes) => self.look_at_settings(changes)?,
            Step::Account(name) => (
                "account",
                format!("system account `{name}`"),
                to_do(account(name).is_none()),
            ),
            Step::Owner(name) => (
                "owner",
                format!("{} belongs to `{name}`", self.data.display()),
                to_do(!self.belongs_to(name)),
            ),
            Step::Unit { unit, folder } => {
                let file = folder.join(Unit::name(self.kind));
                let text = std::fs::read_to_string(&file).unwrap_or_default();
                (
                    "unit",
                    file.display().to_string(),
                    to_do(text != unit.text()),
                )
            }
            Step::Start(how) => (
                "service",
                start_lines(self.kind, *how).join("; "),
                start_state(self.kind, *how),
            ),
            Step::Open { firewall, port } => look_at_port(*firewall, *port),
        };
        Ok(Shown {
            action: action.to_owned(),
            detail,
            state,
        })
    }

    fn look_at_settings(
        &self,
        changes: &[(&'static str, Value)],
    ) -> Result<(&'static str, String, State), CliError> {
        let mut file = SettingsFile::read(&self.data, self.kind)?;
        let mut changed = Vec::new();
        for (key, value) in changes {
            if file.set(key, value.clone())? {
                changed.push(format!("{key} = {}", plain(value)));
            }
        }
        let is_new = !file.is_there;
        let what = match (is_new, changed.is_empty()) {
            (_, true) => file.path.display().to_string(),
            _ => format!("{}: {}", file.path.display(), changed.join(", ")),
        };
        Ok(("settings", what, to_do(is_new || !changed.is_empty())))
    }

    /// The thumbprint of the certificate that the settings name.
    fn shown_thumbprint(&self) -> Result<String, CliError> {
        let file = SettingsFile::read(&self.data, self.kind)?;
        Ok(file.text(self.kind.thumbprint_key()).to_owned())
    }

    fn belongs_to(&self, name: &str) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let owner = self.data.metadata().map(|data| data.uid()).ok();
        let all = || entries(&self.data);
        owner.is_some()
            && owner == account(name).map(|(user, _)| user)
            && all().iter().all(|path| {
                let found = path.symlink_metadata().map(|data| data.uid()).ok();
                found == owner
            })
    }

    fn act(&self, step: &Step, now: Timestamp) -> Result<(), CliError> {
        match step {
            Step::Folder(path) => owned_folder(path),
            Step::NewCertificate { names, days } => {
                let issued = new_certificate(names, *days, now)?;
                self.show(&Identity {
                    certificate: issued.certificate,
                    key: issued.key,
                })
            }
            Step::OwnCertificate(identity) => self.show(identity),
            Step::Trust { certificate, .. } => self.root.install(certificate, None).map(|_| ()),
            Step::Settings(changes) => {
                let mut file = SettingsFile::read(&self.data, self.kind)?;
                for (key, value) in changes {
                    file.set(key, value.clone())?;
                }
                file.write()
            }
            Step::Account(name) => run(&[
                "useradd",
                "--system",
                "--user-group",
                "--no-create-home",
                "--home-dir",
                &self.data.display().to_string(),
                "--shell",
                "/usr/sbin/nologin",
                name,
            ]),
            Step::Owner(name) => self.give_to(name),
            Step::Unit { unit, folder } => {
                let file = folder.join(Unit::name(self.kind));
                replace(&file, 0o644, unit.text().as_bytes())?;
                verify(&file)
            }
            Step::Start(how) => {
                for line in start_lines(self.kind, *how) {
                    run(&line.split(' ').collect::<Vec<&str>>())?;
                }
                Ok(())
            }
            Step::Open { firewall, port } => {
                for words in firewall.open(*port) {
                    run(&words.iter().map(String::as_str).collect::<Vec<&str>>())?;
                }
                Ok(())
            }
        }
    }

    /// Keeps a certificate with its key, and names it in the settings.
    fn show(&self, identity: &Identity) -> Result<(), CliError> {
        adopt(&self.data, self.kind, &self.store, identity)?;
        let mut file = SettingsFile::read(&self.data, self.kind)?;
        let thumbprint = identity.certificate.thumbprint();
        file.set(self.kind.thumbprint_key(), thumbprint.as_str().into())?;
        file.write()
    }

    fn give_to(&self, name: &str) -> Result<(), CliError> {
        let (user, group) = account(name).unzip();
        let mut all = entries(&self.data);
        all.push(self.data.clone());
        for path in all {
            std::os::unix::fs::lchown(&path, user, group)
                .map_err(file_error("change the owner of", path))?;
        }
        Ok(())
    }
}

/// Everything below a folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(inside) = std::fs::read_dir(folder) else {
        return found;
    };
    for path in inside.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.is_dir() && !path.is_symlink() {
            found.extend(entries(&path));
        }
        found.push(path);
    }
    found
}

fn to_do(needed: bool) -> State {
    if needed { State::ToDo } else { State::Already }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The numbers of an account and its group.
fn account(name: &str) -> Option<(u32, u32)> {
    let user = nix::unistd::User::from_name(name).ok().flatten()?;
    Some((user.uid.as_raw(), user.gid.as_raw()))
}

/// Whether systemd runs this machine.
fn has_systemd() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

fn start_lines(kind: ServiceKind, how: StartupType) -> Vec<String> {
    let unit = Unit::name(kind);
    let mut lines = vec!["systemctl daemon-reload".to_owned()];
    match how {
        StartupType::Automatic => lines.push(format!("systemctl enable --now {unit}")),
        StartupType::Manual => {}
        StartupType::Disabled => lines.push(format!("systemctl mask {unit}")),
    }
    lines
}

fn start_state(kind: ServiceKind, how: StartupType) -> State {
    if !has_systemd() {
        return State::ByHand;
    }
    let unit = Unit::name(kind);
    let answer = |question: &str| says(&["systemctl", question, &unit]);
    match how {
        StartupType::Automatic => to_do(
            answer("is-active").trim() != "active" || answer("is-enabled").trim() != "enabled",
        ),
        StartupType::Manual | StartupType::Disabled => State::ToDo,
    }
}

fn look_at_port(firewall: Firewall, port: u16) -> (&'static str, String, State) {
    let Some(found) = firewall.found() else {
        let detail =
            format!("no ufw, firewalld or nftables is here: let TCP port {port} in by hand");
        return ("firewall", detail, State::ByHand);
    };
    let lines: Vec<String> = found
        .open(port)
        .iter()
        .map(|words| words.join(" "))
        .collect();
    let mut detail = lines.join("; ");
    if let Some(left) = found.left() {
        detail = format!("{detail} ({left})");
    }
    let program = lines[0].split(' ').next().unwrap_or_default();
    if on_path(program).is_none() {
        return ("firewall", detail, State::ByHand);
    }
    let is_open = found.is_open(port).is_some_and(|(question, answer)| {
        let words: Vec<&str> = question.iter().map(String::as_str).collect();
        says(&words).contains(&answer)
    });
    ("firewall", detail, to_do(!is_open))
}

/// What a command says on stdout; nothing if it cannot be run.
fn says(words: &[&str]) -> String {
    let output = Command::new(words[0]).args(&words[1..]).output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

fn run(words: &[&str]) -> Result<(), CliError> {
    let line = words.join(" ");
    let output = Command::new(words[0])
        .args(&words[1..])
        .output()
        .map_err(|source| CommandError::Program {
            line: line.clone(),
            said: source.to_string(),
        })?;
    if output.status.success() {
        return Ok(());
    }
    Err(CommandError::Program {
        line,
        said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    }
    .into())
}

/// Asks systemd whether it understands a unit, where it can be asked.
fn verify(file: &Path) -> Result<(), CliError> {
    if on_path("systemd-analyze").is_none() {
        return Ok(());
    }
    run(&["systemd-analyze", "verify", &file.display().to_string()])
}
