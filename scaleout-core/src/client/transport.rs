//! One master, one connection pool, JSON both ways.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::endpoint::Endpoint;
use super::error::ClientError;
use super::secret::Secret;
use super::tls::{Identity, MasterTrust, client_config, explain};
use crate::certificates::Certificate;
use crate::error::ErrorBody;

/// How long connecting may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept: less than the 30 s after which a master closes it, so
/// that no request meets a connection that is just going away.
const IDLE_LIMIT: Duration = Duration::from_secs(15);

/// Calls to one master.
#[derive(Clone, Debug)]
pub struct Transport {
    http: reqwest::Client,
    endpoint: Endpoint,
    token: Option<Secret>,
}

impl Transport {
    /// Prepares calls; nothing is sent yet.
    ///
    /// # Errors
    /// The identity cannot be used.
    pub fn new(
        endpoint: Endpoint,
        trust: &MasterTrust,
        identity: Option<&Identity>,
        token: Option<Secret>,
    ) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(client_config(trust, identity)?)
            .connect_timeout(CONNECT_LIMIT)
            .pool_idle_timeout(IDLE_LIMIT)
            .tls_info(true)
            .tcp_nodelay(true)
            .tcp_keepalive(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(ClientError::Request)?;
        Ok(Self {
            http,
            endpoint,
            token,
        })
    }

    /// Where calls go.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Posts JSON and reads JSON.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn post<Q, A>(&self, path: &str, body: &Q, limit: Duration) -> Result<A, ClientError>
    where
        Q: Serialize + ?Sized,
        A: DeserializeOwned,
    {
        let request = self.http.post(self.url(path)).json(body);
        self.read_json(self.send(request, limit).await?, limit)
            .await
    }

    /// Gets JSON.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn get<A: DeserializeOwned>(
        &self,
        path: &str,
        limit: Duration,
    ) -> Result<A, ClientError> {
        let request = self.http.get(self.url(path));
        self.read_json(self.send(request, limit).await?, limit)
            .await
    }

    /// The certificate that the master shows, on a connection on which it was trusted.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn master_certificate(&self, limit: Duration) -> Result<Certificate, ClientError> {
        let request = self.http.get(self.url("/health"));
        let answer = self.send(request, limit).await?;
        let info = answer.extensions().get::<reqwest::tls::TlsInfo>();
        let shown = info.and_then(reqwest::tls::TlsInfo::peer_certificate);
        let shown =
            shown.ok_or_else(|| self.not_a_master("it showed no certificate".to_owned()))?;
        Certificate::from_der(shown).map_err(|error| self.not_a_master(error.to_string()))
    }

    /// Gets bytes.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn get_bytes(&self, path: &str, limit: Duration) -> Result<Vec<u8>, ClientError> {
        let request = self.http.get(self.url(path));
        let answer = self.send(request, limit).await?;
        let bytes = answer.bytes().await;
        bytes
            .map(|bytes| bytes.to_vec())
            .map_err(|error| self.failed(limit, error))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.endpoint)
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        limit: Duration,
    ) -> Result<reqwest::Response, ClientError> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token.reveal()),
            None => request,
        };
        let answer = request
            .timeout(limit)
            .send()
            .await
            .map_err(|error| self.failed(limit, error))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        let body = answer
            .bytes()
            .await
            .map_err(|error| self.failed(limit, error))?;
        match serde_json::from_slice::<ErrorBody>(&body) {
            Ok(body) => Err(ClientError::Api(body)),
            Err(_) => {
                Err(self.not_a_master(format!("HTTP status {status} without our error body")))
            }
        }
    }

    async fn read_json<A: DeserializeOwned>(
        &self,
        answer: reqwest::Response,
        limit: Duration,
    ) -> Result<A, ClientError> {
        let body = answer
            .bytes()
            .await
            .map_err(|error| self.failed(limit, error))?;
        serde_json::from_slice(&body).map_err(|error| self.not_a_master(error.to_string()))
    }

    fn failed(&self, limit: Duration, error: reqwest::Error) -> ClientError {
        explain(&self.endpoint.to_string(), limit.as_secs(), error)
    }

    fn not_a_master(&self, reason: String) -> ClientError {
        ClientError::NotAMaster {
            endpoint: self.endpoint.to_string(),
            reason,
        }
    }
}
