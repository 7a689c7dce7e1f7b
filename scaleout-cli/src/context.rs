//! Which masters are known here, and how to reach them: `contexts.json`.
//!
//! The file holds tokens, so it is written with mode 0600 and never printed.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use scaleout_core::client::{Client, ClientOptions, MasterTrust, Secret};
use serde::{Deserialize, Serialize};

use crate::args::GlobalArgs;
use crate::error::{CliError, CommandError, file_error};

/// All known masters.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Contexts {
    /// The one that commands talk to unless told otherwise.
    pub current: Option<String>,
    /// By name.
    pub contexts: BTreeMap<String, Context>,
}

/// One master and how to be let in.
#[derive(Clone, Serialize, Deserialize)]
pub struct Context {
    /// `https://host:port`
    pub master: String,
    /// SHA-256 thumbprint of the master's certificate.
    pub thumbprint: String,
    /// Token of the person; empty after logging out.
    pub token: String,
    /// The login that the token belongs to, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// When the token ends, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.master, self.thumbprint)
    }
}

/// `$SOCTL_CONFIG`, else `$XDG_CONFIG_HOME/scaleout`, else `~/.config/scaleout`.
fn config_folder() -> PathBuf {
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("SOCTL_CONFIG")
        .or_else(|| variable("XDG_CONFIG_HOME").map(|folder| folder.join("scaleout")))
        .or_else(|| variable("HOME").map(|home| home.join(".config/scaleout")))
        .unwrap_or_else(|| PathBuf::from(".scaleout"))
}

impl Contexts {
    /// Reads the file; no file means no contexts.
    ///
    /// # Errors
    /// The file is there but cannot be read or is damaged.
    pub fn load() -> Result<Self, CommandError> {
        let path = config_folder().join("contexts.json");
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|source| CommandError::Malformed { path, source }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(file_error("read", path)(error)),
        }
    }

    /// Adds or replaces a context, makes it the current one, and writes the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remember(name: &str, context: Context) -> Result<PathBuf, CommandError> {
        let mut contexts = Self::load()?;
        contexts.contexts.insert(name.to_owned(), context);
        contexts.current = Some(name.to_owned());
        contexts.save()
    }

    /// Forgets a context if it still points at that master.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn forget(name: &str, master: &str) -> Result<(), CommandError> {
        let mut contexts = Self::load()?;
        if contexts
            .contexts
            .get(name)
            .is_some_and(|context| context.master == master)
        {
            contexts.contexts.remove(name);
            if contexts.current.as_deref() == Some(name) {
                contexts.current = None;
            }
            contexts.save()?;
        }
        Ok(())
    }

    /// The context of that name.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, name: &str) -> Result<&Context, CommandError> {
        self.contexts
            .get(name)
            .ok_or_else(|| unknown_context(name, self))
    }

    /// Makes a context the current one.
    ///
    /// # Errors
    /// There is none of that name, or the file cannot be written.
    pub fn use_from_now_on(mut self, name: &str) -> Result<(), CommandError> {
        self.get(name)?;
        self.current = Some(name.to_owned());
        self.save()?;
        Ok(())
    }

    /// Deletes a context; commands then talk to none until another is chosen.
    ///
    /// # Errors
    /// There is none of that name, or the file cannot be written.
    pub fn delete(mut self, name: &str) -> Result<(), CommandError> {
        self.get(name)?;
        self.contexts.remove(name);
        if self.current.as_deref() == Some(name) {
            self.current = None;
        }
        self.save()?;
        Ok(())
    }

    /// Forgets the token of a context, which keeps its master.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn log_out(mut self, name: &str) -> Result<(), CommandError> {
        if let Some(context) = self.contexts.get_mut(name) {
            context.token.clear();
            context.expires = None;
            self.save()?;
        }
        Ok(())
    }

    /// The name of the context that the options mean.
    #[must_use]
    pub fn chosen<'c>(&'c self, global: &'c GlobalArgs) -> Option<&'c str> {
        if let Some(name) = &global.context {
            return Some(name);
        }
        match &global.master {
            Some(master) => self
                .contexts
                .iter()
                .find(|(_, context)| same_address(&context.master, master))
                .map(|(name, _)| name.as_str()),
            None => self.current.as_deref(),
        }
    }

    fn save(&self) -> Result<PathBuf, CommandError> {
        let folder = config_folder();
        let path = folder.join("contexts.json");
        std::fs::create_dir_all(&folder).map_err(file_error("create", &folder))?;
        let text = serde_json::to_vec_pretty(self).map_err(|source| CommandError::Malformed {
            path: path.clone(),
            source,
        })?;
        replace_privately(&path, &text).map_err(file_error("write", &path))?;
        Ok(path)
    }
}

/// Writes a file of mode 0600 beside its place and moves it there, so that a reader never sees half of it.
fn replace_privately(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

/// The client of the master that the options, the environment or the contexts name.
///
/// # Errors
/// No master is known, or the known one has no token.
pub fn connect(global: &GlobalArgs) -> Result<Client, CliError> {
    let context = choose(global, &Contexts::load()?)?;
    if context.token.is_empty() {
        return Err(CommandError::NotLoggedIn {
            master: context.master,
        }
        .into());
    }
    let options = ClientOptions {
        master: context.master,
        trust: MasterTrust::Thumbprint(context.thumbprint.parse()?),
        token: Some(Secret::new(context.token)),
    };
    Ok(Client::new(options)?)
}

fn choose(global: &GlobalArgs, known: &Contexts) -> Result<Context, CommandError> {
    let named = match (&global.context, known.chosen(global)) {
        (Some(name), _) => Some(known.get(name)?),
        (None, Some(name)) => known.contexts.get(name),
        (None, None) => None,
    };
    let from_environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (token, thumbprint) = (
        from_environment("SOCTL_TOKEN"),
        from_environment("SOCTL_THUMBPRINT"),
    );
    match (named, &global.master) {
        (Some(context), _) => Ok(Context { token: token.unwrap_or_else(|| context.token.clone()), ..context.clone() }),
        (None, Some(master)) => match (thumbprint, token) {
            (Some(thumbprint), Some(token)) => Ok(Context { master: master.clone(), thumbprint, token, login: None, expires: None }),
            _ => Err(CommandError::Argument {
                message: format!("nothing is known about the master `{master}`: its certificate and a token are missing"),
                hint: "log in with `soctl login`, or set `SOCTL_THUMBPRINT` (SHA-256 of the master's certificate) and `SOCTL_TOKEN`".to_owned(),
            }),
        },
        (None, None) => Err(CommandError::NoMaster),
    }
}

/// Whether two addresses name the same master.
pub fn same_address(left: &str, right: &str) -> bool {
    left.trim_end_matches('/')
        .eq_ignore_ascii_case(right.trim_end_matches('/'))
}

fn unknown_context(name: &str, known: &Contexts) -> CommandError {
    let names: Vec<&str> = known.contexts.keys().map(String::as_str).collect();
    let hint = if names.is_empty() {
        "no context exists yet; `soctl up` and `soctl login` make one".to_owned()
    } else {
        format!("known are: {}", names.join(", "))
    };
    CommandError::NotFound {
        kind: "context",
        name: name.to_owned(),
        place: String::new(),
        hint,
    }
}
