//! Why somebody may not do something, or is not let in.

use scaleout_core::error::{Blame, Explain};
use scaleout_core::model::{PermissionType, Securable};

/// Why somebody may not do something, or is not let in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PermissionError {
    /// A permission on an object is missing.
    #[error("`{caller}` may not do this: it takes {permission} on the {} `{name}`", kind.as_str())]
    Lacking {
        /// Who.
        caller: String,
        /// The permission that is missing, or a role.
        permission: &'static str,
        /// Kind of the object.
        kind: Securable,
        /// The object.
        name: String,
    },
    /// No such kind of object.
    #[error("{number} is none of the types of objects that permissions are given on")]
    ObjectTypeUnknown {
        /// As given.
        number: i64,
    },
    /// No such object.
    #[error("the {} with the id {id} does not exist or is not visible to you", kind.as_str())]
    ObjectMissing {
        /// Kind of the object.
        kind: Securable,
        /// As given.
        id: i64,
    },
    /// No such login or role.
    #[error("there is no login or role with the id {id}")]
    PrincipalMissing {
        /// As given.
        id: i64,
    },
    /// A permission that does not exist, or not on objects of that kind.
    #[error("{number} is no permission that can be given on a {}", kind.as_str())]
    PermissionUnknown {
        /// As given.
        number: i64,
        /// Kind of the object.
        kind: Securable,
    },
    /// The name is taken.
    #[error("there is a login or role `{name}` already")]
    LoginExists {
        /// As given.
        name: String,
    },
    /// No such login.
    #[error("there is no login `{name}`")]
    LoginMissing {
        /// As given.
        name: String,
    },
    /// Neither password nor certificate.
    #[error("the login `{name}` could never log in: it has neither a password nor a certificate")]
    NoWayIn {
        /// The login.
        name: String,
    },
    /// A password that is too easy.
    #[error("the password is not good enough: {reason}")]
    PasswordWeak {
        /// Why.
        reason: &'static str,
    },
    /// The old password is wrong or missing.
    #[error("the old password of `{name}` is not right")]
    OldPasswordWrong {
        /// The login.
        name: String,
    },
    /// Nobody would be left.
    #[error("`{name}` is the last login with the role sysadmin that is let in")]
    LastAdministrator {
        /// The login.
        name: String,
    },
    /// No such role, or one that cannot be given.
    #[error("there is no role `{name}` that a login can be given")]
    RoleUnknown {
        /// As given.
        name: String,
    },
    /// Nobody hands out more than they have.
    #[error(
        "only a sysadmin may change a login with the role sysadmin or give that role, and `{caller}` is none"
    )]
    SysadminNeeded {
        /// Who.
        caller: String,
    },
    /// It has granted something.
    #[error("the login `{name}` has granted or denied {count} permissions to others")]
    StillGrantor {
        /// The login.
        name: String,
        /// How many.
        count: i64,
    },
    /// A certificate of another login, or no thumbprint at all.
    #[error("the certificate cannot be the one of `{name}`: {reason}")]
    CertificateNotValid {
        /// The login.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// No such token, or somebody else's.
    #[error("there is no token {id} of yours")]
    TokenMissing {
        /// As given.
        id: i64,
    },
    /// Whoever calls is no login of the catalog.
    #[error("`{name}` is no login of the catalog")]
    NoLogin {
        /// Who.
        name: String,
    },
    /// Wrong name or wrong password: which of them is not told.
    #[error("the name or the password is wrong")]
    LoginFailed,
    /// A client certificate that belongs to no login.
    #[error("the client certificate belongs to no login")]
    CertificateUnknown,
    /// Kept out.
    #[error("the login `{name}` is disabled")]
    Disabled {
        /// The login.
        name: String,
    },
    /// Too many wrong passwords.
    #[error("too many failed logins as `{name}`: the next one counts in {seconds} s")]
    TooManyFailures {
        /// As given.
        name: String,
        /// How long.
        seconds: u64,
    },
    /// A token whose time is over.
    #[error("the token has expired")]
    TokenExpired,
}

impl PermissionError {
    /// The documented return code of the procedures that grant, deny and revoke.
    pub fn return_code(&self) -> Option<i64> {
        match self {
            Self::ObjectTypeUnknown { .. } => Some(1),
            Self::ObjectMissing { .. } => Some(2),
            Self::PrincipalMissing { .. } => Some(3),
            Self::PermissionUnknown { .. } => Some(4),
            Self::Lacking { .. } => Some(5),
            _ => None,
        }
    }
}

impl Explain for PermissionError {
    fn code(&self) -> &'static str {
        match self {
            Self::Lacking { .. } => "SO7100",
            Self::ObjectTypeUnknown { .. } => "SO7101",
            Self::ObjectMissing { .. } => "SO7102",
            Self::PrincipalMissing { .. } => "SO7103",
            Self::PermissionUnknown { .. } => "SO7104",
            Self::LoginExists { .. } => "SO7110",
            Self::LoginMissing { .. } => "SO7111",
            Self::NoWayIn { .. } => "SO7112",
            Self::PasswordWeak { .. } => "SO7113",
            Self::OldPasswordWrong { .. } => "SO7114",
            Self::LastAdministrator { .. } => "SO7115",
            Self::RoleUnknown { .. } => "SO7116",
            Self::SysadminNeeded { .. } => "SO7117",
            Self::StillGrantor { .. } => "SO7118",
            Self::CertificateNotValid { .. } => "SO7119",
            Self::TokenMissing { .. } => "SO7120",
            Self::NoLogin { .. } => "SO7121",
            Self::LoginFailed => "SO7130",
            Self::CertificateUnknown => "SO7131",
            Self::Disabled { .. } => "SO7132",
            Self::TooManyFailures { .. } => "SO7133",
            Self::TokenExpired => "SO7134",
        }
    }

    fn number(&self) -> Option<i64> {
        match self {
            Self::ObjectTypeUnknown { .. } | Self::PrincipalMissing { .. } => Some(27101),
            Self::PermissionUnknown { .. } => Some(27191),
            Self::ObjectMissing { kind, .. } => Some(match kind {
                Securable::Folder => 27104,
                Securable::Project => 27109,
                Securable::Environment => 27182,
                Securable::Operation => 27105,
            }),
            _ => None,
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Lacking { .. } | Self::SysadminNeeded { .. } => Blame::Forbidden,
            Self::ObjectMissing { .. }
            | Self::PrincipalMissing { .. }
            | Self::LoginMissing { .. }
            | Self::TokenMissing { .. } => Blame::Missing,
            Self::LoginExists { .. }
            | Self::LastAdministrator { .. }
            | Self::StillGrantor { .. } => Blame::Conflict,
            Self::ObjectTypeUnknown { .. }
            | Self::PermissionUnknown { .. }
            | Self::NoWayIn { .. }
            | Self::PasswordWeak { .. }
            | Self::OldPasswordWrong { .. }
            | Self::RoleUnknown { .. }
            | Self::CertificateNotValid { .. }
            | Self::NoLogin { .. } => Blame::Caller,
            Self::LoginFailed
            | Self::CertificateUnknown
            | Self::Disabled { .. }
            | Self::TooManyFailures { .. }
            | Self::TokenExpired => Blame::Stranger,
        }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::Lacking {
                permission, kind, ..
            } => {
                return format!(
                    "ask whoever manages permissions on it, or an administrator, for {permission}; \
                     `soctl permissions list` shows what you have{}",
                    if kind.is_in_folder() {
                        ", and its folder may give it too"
                    } else {
                        ""
                    }
                );
            }
            Self::ObjectTypeUnknown { .. } => {
                "write 1 folder, 2 project, 3 environment or 4 operation"
            }
            Self::ObjectMissing { .. } => {
                "compare the id with the view of folders, projects, environments or operations"
            }
            Self::PrincipalMissing { .. } => "`soctl view principals` shows them",
            Self::PermissionUnknown { kind, .. } => {
                let all = PermissionType::ALL.into_iter();
                let known: Vec<String> = all
                    .filter(|one| one.applies_to(*kind))
                    .map(|one| format!("{} {}", one.number(), one.as_str()))
                    .collect();
                return format!("write one of {}", known.join(", "));
            }
            Self::LoginExists { .. } => "choose another name",
            Self::LoginMissing { .. } => "`soctl logins list` shows them",
            Self::NoWayIn { .. } => "give it a password or the thumbprint of a certificate",
            Self::PasswordWeak { .. } => "choose one of 12 to 1024 characters that is not the name",
            Self::OldPasswordWrong { .. } => {
                "write it again, or ask an administrator to set a new one"
            }
            Self::LastAdministrator { .. } => "give another login the role sysadmin first",
            Self::RoleUnknown { .. } => {
                "write sysadmin, ssis_admin, ssis_cluster_executor, ssis_cluster_worker, ssis_logreader \
                 or ssis_monitor; every login has public"
            }
            Self::SysadminNeeded { .. } => "ask a sysadmin; `soctl logins list` shows them",
            Self::StillGrantor { .. } => {
                "revoke them first, or disable the login instead: `soctl logins disable`"
            }
            Self::CertificateNotValid { .. } => {
                "give the SHA-256 thumbprint of the certificate, 64 hexadecimal digits"
            }
            Self::TokenMissing { .. } => "`soctl tokens list` shows them",
            Self::NoLogin { .. } => "log in with `soctl login` first",
            Self::LoginFailed => {
                "write both again; an administrator sets a new password with `soctl logins password`"
            }
            Self::CertificateUnknown => {
                "an administrator sets it with `soctl logins certificate`, by its SHA-256 thumbprint"
            }
            Self::Disabled { .. } => "ask an administrator: `soctl logins enable` lets it in again",
            Self::TooManyFailures { .. } => "wait, then write the password with care",
            Self::TokenExpired => "log in again with `soctl login`",
        };
        hint.to_owned()
    }
}
