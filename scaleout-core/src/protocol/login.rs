//! Logging in, and who one is then.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Asks for a token: with name and password, or with neither, as whom the client certificate of
/// the connection says.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRequest {
    /// Login name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// For how many seconds the token is to be good; as usual if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_seconds: Option<u32>,
}

impl std::fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "login as {:?}", self.name)
    }
}

/// A token. Whoever has it is the login.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginReply {
    /// The token.
    pub token: String,
    /// The login.
    pub login: String,
    /// When the token ends.
    pub expires: Timestamp,
}

impl std::fmt::Debug for LoginReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} until {}", self.login, self.expires)
    }
}

/// Who a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoAmI {
    /// The login.
    pub login: String,
    /// Its roles, without `public`.
    pub roles: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_password_nor_token() {
        let request = LoginRequest {
            name: Some("anna".to_owned()),
            password: Some("opensesame".to_owned()),
            valid_seconds: None,
        };
        assert_eq!(format!("{request:?}"), "login as Some(\"anna\")");
        let reply = LoginReply {
            token: "abc123".to_owned(),
            login: "anna".to_owned(),
            expires: Timestamp::UNIX_EPOCH,
        };
        assert!(!format!("{reply:?}").contains("abc123"));
    }
}
