//! Letting people and scripts in: credentials become a token, and a token a caller.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use scaleout_core::error::Explain as _;
use scaleout_core::model::{Caller, Role};

use crate::audit;
use crate::catalog::Catalog;
use crate::error::{CatalogError, PermissionError};
use crate::hex::sha256_hex;
use crate::passwords;
use crate::store::audit::AuditEntry;
use crate::store::principals::{self, LoginRow, NewLogin};
use crate::store::tokens::{self, NewToken, TokenKind};
use crate::store::{self, Session};

/// Bytes of randomness in a token.
const TOKEN_BYTES: usize = 32;
/// How long a token from logging in is good, when nothing else is asked for.
const USUAL: SignedDuration = SignedDuration::from_hours(12);
/// The longest that may be asked for.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What somebody logs in with.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Name and password.
    Password {
        /// Login name.
        name: String,
        /// Password.
        password: String,
    },
    /// A client certificate whose owner the connection has proved.
    Certificate {
        /// SHA-256 thumbprint, 64 hexadecimal digits.
        thumbprint: String,
    },
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Password { name, .. } => write!(f, "password of {name}"),
            Self::Certificate { thumbprint } => write!(f, "certificate {thumbprint}"),
        }
    }
}

/// A token that was handed out; it is shown once and kept only as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct LoggedIn {
    /// The token.
    pub token: String,
    /// The login.
    pub login: String,
    /// When the token ends.
    pub expires: Timestamp,
}

impl std::fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} until {}", self.login, self.expires)
    }
}

impl Catalog {
    /// Lets somebody in for `valid` seconds, or as long as usual, and writes it down; refusals too.
    ///
    /// # Errors
    /// The credentials are wrong, the login is disabled or has to wait, or the database fails.
    pub async fn log_in(
        &self,
        credentials: Credentials,
        valid: Option<u32>,
        address: Option<IpAddr>,
    ) -> Result<LoggedIn, CatalogError> {
        let tried_as = match &credentials {
            Credentials::Password { name, .. } => name.clone(),
            Credentials::Certificate { thumbprint } => format!("certificate {thumbprint}"),
        };
        let now = self.shared.clock.now();
        let mut caller = Caller::new(tried_as, Role::Public);
        caller.address = address;
        match self.known(credentials, now).await {
            Ok(login) => {
                caller.name = login.name.clone();
                let valid =
                    valid.map_or(USUAL, |seconds| SignedDuration::from_secs(seconds.into()));
                let expires = now.saturating_add(valid.min(LONGEST));
                let expires = expires.unwrap_or(Timestamp::MAX);
                self.let_in(&caller, &login, expires, now).await
            }
            Err(refused) => {
                // Names are what a stranger typed: perhaps a password in the wrong field.
                caller.name = caller.name.chars().take(128).collect();
                let mut entry = audit::entry(&caller, "login", now);
                entry.outcome = refused.code().to_owned();
                self.shared.write_audit(entry).await?;
                Err(refused)
            }
        }
    }

    /// The login that the credentials belong to, if it is let in.
    async fn known(
        &self,
        credentials: Credentials,
        now: Timestamp,
    ) -> Result<LoginRow, CatalogError> {
        let login = match credentials {
            Credentials::Password { name, password } => {
                self.by_password(name, password, now).await?
            }
            Credentials::Certificate { thumbprint } => {
                let thumbprint = thumbprint.to_ascii_lowercase();
                let mut session = self.shared.store.reader_of_few().await?;
                principals::find_by_certificate(&mut session, &thumbprint)
                    .await?
                    .ok_or(PermissionError::CertificateUnknown)?
            }
        };
        if !login.is_enabled {
            return Err(PermissionError::Disabled { name: login.name }.into());
        }
        Ok(login)
    }

    async fn by_password(
        &self,
        name: String,
        password: String,
        now: Timestamp,
    ) -> Result<LoginRow, CatalogError> {
        self.shared.check_patience(&name)?;
        let mut session = self.shared.store.reader().await?;
        let found = principals::find(&mut session, &name).await?;
        drop(session);
        let hash = found.as_ref().and_then(|login| login.password_hash.clone());
        let fits = self
            .shared
            .hashing(move || Ok(passwords::verify(&password, hash.as_deref())))
            .await?;
        match found {
            Some(login) if fits => {
                self.shared.failures().succeeded(&name);
                Ok(login)
            }
            _ => {
                self.shared.failures().failed(&name, now);
                Err(PermissionError::LoginFailed.into())
            }
        }
    }

    async fn let_in(
        &self,
        caller: &Caller,
        login: &LoginRow,
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<LoggedIn, CatalogError> {
        let token = self.shared.keeper.random_hex(TOKEN_BYTES)?;
        let new = NewToken {
            hash: hash_of(&token),
            principal_id: login.principal_id,
            kind: TokenKind::Login,
            description: caller.address.map(|address| format!("from {address}")),
            now,
            expires: Some(expires),
        };
        let entry = audit::entry(caller, "login", now);
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    // A moment when tokens are written anyway.
                    tokens::delete_ended(session, now).await?;
                    tokens::insert(session, &new).await?;
                    principals::note_login(session, new.principal_id, now).await?;
                    store::audit::insert(session, &entry).await?;
                    Ok(())
                })
            })
            .await?;
        Ok(LoggedIn {
            token,
            login: login.name.clone(),
            expires,
        })
    }

    /// Revokes the token that somebody came with.
    ///
    /// # Errors
    /// The database fails.
    pub async fn log_out(&self, caller: &Caller, token: &str) -> Result<(), CatalogError> {
        let hash = hash_of(token);
        let entry = audit::entry(caller, "logout", self.shared.clock.now());
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    tokens::delete_by_hash(session, &hash).await?;
                    store::audit::insert(session, &entry).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Whose token this is; `None` when nobody's.
    ///
    /// # Errors
    /// The token has expired, its login is disabled, or the database fails.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Caller>, CatalogError> {
        let hash = hash_of(token);
        let find = async {
            let mut session = self.shared.store.reader_of_few().await?;
            tokens::find(&mut session, &hash).await
        };
        let Some(bearer) = self.shared.bearers.ask(&hash, find).await? else {
            return Ok(None);
        };
        if bearer
            .expires
            .is_some_and(|end| end <= self.shared.clock.now())
        {
            return Err(PermissionError::TokenExpired.into());
        }
        if !bearer.is_enabled {
            let name = bearer.caller.name;
            return Err(PermissionError::Disabled { name }.into());
        }
        Ok(Some(bearer.caller))
    }

    /// Makes a token without an end for a login, which is made with that role where it is missing:
    /// what the master keeps in its own folder.
    ///
    /// # Errors
    /// No randomness, or the database fails.
    pub async fn create_token(&self, name: &str, role: Role) -> Result<String, CatalogError> {
        let token = self.shared.keeper.random_hex(TOKEN_BYTES)?;
        let (hash, now) = (hash_of(&token), self.shared.clock.now());
        let name = name.to_owned();
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    let principal_id = ensure_login(session, &name, role, None, now).await?;
                    let new = NewToken {
                        hash,
                        principal_id,
                        kind: TokenKind::Local,
                        description: None,
                        now,
                        expires: None,
                    };
                    tokens::insert(session, &new).await?;
                    Ok(())
                })
            })
            .await?;
        Ok(token)
    }

    /// A password for the first administrator; `None` when the login of that name has one. It
    /// counts once [`Catalog::set_first_password`] was called with it.
    ///
    /// # Errors
    /// No randomness, or the database fails.
    pub async fn first_password(&self, name: &str) -> Result<Option<String>, CatalogError> {
        let mut session = self.shared.store.reader().await?;
        let found = principals::find(&mut session, name).await?;
        if found.is_some_and(|login| login.password_hash.is_some()) {
            return Ok(None);
        }
        // 96 bits.
        Ok(Some(self.shared.keeper.random_hex(12)?))
    }

    /// Makes the first administrator, or gives it its first password.
    ///
    /// # Errors
    /// No randomness, or the database fails.
    pub async fn set_first_password(&self, name: &str, password: &str) -> Result<(), CatalogError> {
        let hash = self.shared.hashed(password.to_owned()).await?;
        let (name, now) = (name.to_owned(), self.shared.clock.now());
        let caller = Caller::new("master", Role::SysAdmin);
        let entry = AuditEntry {
            object: format!("login_name={name}"),
            ..audit::entry(&caller, "create_login", now)
        };
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    ensure_login(session, &name, Role::SysAdmin, Some(hash), now).await?;
                    store::audit::insert(session, &entry).await?;
                    Ok(())
                })
            })
            .await
    }
}

impl crate::shared::Shared {
    /// A password as it is stored.
    pub async fn hashed(&self, password: String) -> Result<String, CatalogError> {
        let salt = self.keeper.random::<{ passwords::SALT_BYTES }>()?;
        self.hashing(move || Ok(passwords::hash(&password, &salt)?))
            .await
    }

    /// Refuses another guess at a password too soon after too many.
    pub fn check_patience(&self, name: &str) -> Result<(), PermissionError> {
        let Some(wait) = self.failures().wait(name, self.clock.now()) else {
            return Ok(());
        };
        // Rounded up: who comes too early would only be told to wait again.
        let milliseconds = u64::try_from(wait.as_millis()).unwrap_or_default();
        Err(PermissionError::TooManyFailures {
            name: name.to_owned(),
            seconds: milliseconds.div_ceil(1000),
        })
    }

    /// A new token and its hash.
    pub fn new_token(&self) -> Result<(String, String), CatalogError> {
        let token = self.keeper.random_hex(TOKEN_BYTES)?;
        let hash = hash_of(&token);
        Ok((token, hash))
    }
}

/// The login of that name with that role, made where it is missing.
async fn ensure_login(
    session: &mut Session,
    name: &str,
    role: Role,
    password_hash: Option<String>,
    now: Timestamp,
) -> Result<i64, CatalogError> {
    let principal_id = match principals::find(session, name).await? {
        Some(login) => {
            if let Some(hash) = password_hash {
                principals::set_password(session, login.principal_id, &hash).await?;
            }
            login.principal_id
        }
        None => {
            let new = NewLogin {
                name: name.to_owned(),
                password_hash,
                certificate: None,
                creator: "master".to_owned(),
                now,
            };
            let made = principals::insert(session, &new).await?;
            made.ok_or_else(|| PermissionError::LoginExists {
                name: name.to_owned(),
            })?
        }
    };
    if role != Role::Public {
        principals::add_role(session, principal_id, role).await?;
    }
    Ok(principal_id)
}

/// A token is 256 random bits: a fast hash is as good as a slow one, and looking it up by its hash
/// tells nobody how close a guess was.
fn hash_of(token: &str) -> String {
    sha256_hex(token.as_bytes())
}
