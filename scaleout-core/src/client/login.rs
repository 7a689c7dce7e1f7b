//! Logging in to a master.

use std::time::Duration;

use serde_json::{Value, json};

use super::endpoint::Endpoint;
use super::error::ClientError;
use super::sdk::Client;
use super::secret::Secret;
use super::tls::{Identity, MasterTrust};
use super::transport::Transport;
use crate::protocol::login::{LoginReply, LoginRequest, WhoAmI};

/// How long logging in may take: a password is hashed, and answers to wrong ones are held back.
const LIMIT: Duration = Duration::from_secs(60);

/// What somebody logs in with.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Name and password.
    Password {
        /// Login name.
        name: String,
        /// Password.
        password: Secret,
    },
    /// A client certificate with its key.
    Certificate(Box<Identity>),
}

/// Logs in and gives a token, for [`super::ClientOptions`]. It is good for `valid_seconds`, or as
/// long as usual.
///
/// # Errors
/// The master refuses, or cannot be reached.
pub async fn log_in(
    master: &str,
    trust: &MasterTrust,
    credentials: &Credentials,
    valid_seconds: Option<u32>,
) -> Result<LoginReply, ClientError> {
    let endpoint: Endpoint = master.parse()?;
    let (identity, mut request) = match credentials {
        Credentials::Certificate(identity) => (Some(identity.as_ref()), LoginRequest::default()),
        Credentials::Password { name, password } => {
            let request = LoginRequest {
                name: Some(name.clone()),
                password: Some(password.reveal().to_owned()),
                valid_seconds: None,
            };
            (None, request)
        }
    };
    request.valid_seconds = valid_seconds;
    let transport = Transport::new(endpoint, trust, identity, None)?;
    transport.post("/catalog/v1/login", &request, LIMIT).await
}

impl Client {
    /// Revokes the token of this client.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn log_out(&self) -> Result<(), ClientError> {
        let transport = self.transport();
        let _nothing: Value = transport
            .post("/catalog/v1/logout", &json!({}), LIMIT)
            .await?;
        Ok(())
    }

    /// Whom the master takes this client for.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn who_am_i(&self) -> Result<WhoAmI, ClientError> {
        self.transport().get("/catalog/v1/whoami", LIMIT).await
    }
}
