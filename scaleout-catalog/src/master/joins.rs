//! Workers that join, the certificates that they show, and how they replace them.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use scaleout_core::certificates::Certificate;
use scaleout_core::model::Network;
use scaleout_core::protocol::worker::{Join, JoinReply, Register};
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::error::{CatalogError, JoinError};
use crate::hex::sha256_hex;
use crate::store::certificates::{self, Standing};
use crate::store::joins::{self, Invitation, Request, RequestState};
use crate::store::{Session, workers};

/// How long the old certificate of a worker stays good beside its new one.
const OLD_IS_GOOD: SignedDuration = SignedDuration::from_hours(24);

/// How the catalog stands to the certificate of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateStanding {
    /// The worker that it belongs to.
    pub worker: Option<Uuid>,
    /// Whether the catalog trusts it.
    pub is_trusted: bool,
}

impl Catalog {
    /// How the catalog stands to a certificate.
    ///
    /// # Errors
    /// It was revoked, or the database fails.
    pub async fn certificate_standing(
        &self,
        certificate: &Certificate,
    ) -> Result<CertificateStanding, CatalogError> {
        let find = async {
            let now = self.shared.clock.now();
            let mut session = self.shared.store.reader_of_few().await?;
            certificates::standing(&mut session, certificate, now).await
        };
        let thumbprint = certificate.thumbprint_sha256();
        let Standing {
            worker,
            is_trusted,
            revoked,
        } = self.shared.standings.ask(&thumbprint, find).await?;
        match revoked {
            Some(since) => Err(JoinError::Revoked {
                thumbprint: thumbprint.as_str().to_owned(),
                since,
            }
            .into()),
            None => Ok(CertificateStanding { worker, is_trusted }),
        }
    }

    /// A machine with a certificate asks to become a worker. The same token and certificate may ask
    /// again, and hear how it stands.
    ///
    /// # Errors
    /// The token is unknown, over or used by another, an administrator has said no, or the database
    /// fails.
    pub async fn join(
        &self,
        join: &Join,
        certificate: &Certificate,
        address: IpAddr,
    ) -> Result<JoinReply, CatalogError> {
        let (join, certificate) = (join.clone(), certificate.clone());
        let hash = sha256_hex(join.token.as_bytes());
        let now = self.shared.clock.now();
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    let invitation = usable(session, &hash, &certificate, now).await?;
                    if let Some(known) = joins::by_certificate(session, &certificate).await? {
                        return reply(known.state);
                    }
                    joins::use_up(session, &hash, certificate.thumbprint_sha256().as_str()).await?;
                    ask(session, &join, &certificate, address, now).await?;
                    let Some(request) = joins::by_certificate(session, &certificate).await? else {
                        return Err(JoinError::TokenUnknown.into());
                    };
                    if !is_approved(&invitation, address) {
                        return Ok(JoinReply::Pending);
                    }
                    let (id, state) = (request.request_id, RequestState::Approved);
                    joins::decide(session, id, state, "token", now).await?;
                    admit(session, &request, invitation.enables, "token", now).await?;
                    Ok(JoinReply::Approved)
                })
            })
            .await
    }

    /// A worker replaces its certificate; says until when the old one is good.
    ///
    /// # Errors
    /// The new one belongs to somebody else or was revoked, or the database fails.
    pub async fn renew_certificate(
        &self,
        worker: Uuid,
        certificate: &Certificate,
    ) -> Result<Timestamp, CatalogError> {
        let certificate = certificate.clone();
        let now = self.shared.clock.now();
        let until = now + OLD_IS_GOOD;
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    let sha256 = certificate.thumbprint_sha256();
                    let owner = workers::by_thumbprint(session, sha256.as_str()).await?;
                    if owner.is_some_and(|owner| owner != worker) {
                        return Err(CatalogError::ForeignCertificate {
                            worker,
                            thumbprint: sha256.as_str().to_owned(),
                        });
                    }
                    certificates::note(session, &certificate, "worker", now).await?;
                    if !certificates::trust(session, sha256.as_str(), None).await? {
                        return Err(JoinError::Revoked {
                            thumbprint: sha256.as_str().to_owned(),
                            since: now,
                        }
                        .into());
                    }
                    if owner.is_none() {
                        workers::add_certificate(session, worker, sha256.as_str()).await?;
                    }
                    certificates::set_renew(session, worker, false).await?;
                    Ok(until)
                })
            })
            .await
    }

    /// Records which certificate a worker shows. One that it showed before is good for a day more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_certificate(
        &self,
        worker: Uuid,
        certificate: &Certificate,
    ) -> Result<(), CatalogError> {
        let certificate = certificate.clone();
        let now = self.shared.clock.now();
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    certificates::note(session, &certificate, "worker", now).await?;
                    if certificates::show(session, worker, &certificate).await? {
                        let until = now + OLD_IS_GOOD;
                        certificates::retire_others(session, worker, &certificate, until).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Whether a worker is to make itself a new certificate.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_to_renew(&self, worker: Uuid) -> Result<bool, CatalogError> {
        let mut session = self.shared.store.reader().await?;
        Ok(certificates::is_to_renew(&mut session, worker).await?)
    }
}

fn reply(state: RequestState) -> Result<JoinReply, CatalogError> {
    match state {
        RequestState::Approved => Ok(JoinReply::Approved),
        RequestState::Pending => Ok(JoinReply::Pending),
        RequestState::Rejected => Err(JoinError::Rejected.into()),
    }
}

/// The invitation, if it can still be used with this certificate.
async fn usable(
    session: &mut Session,
    hash: &str,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<Invitation, CatalogError> {
    let found = joins::invitation(session, hash).await?;
    let invitation = found.ok_or(JoinError::TokenUnknown)?;
    let own = certificate.thumbprint_sha256().as_str().to_lowercase();
    match &invitation.thumbprint {
        Some(used) if *used != own => Err(JoinError::TokenUsed.into()),
        // Who has asked in time may hear the answer later.
        None if invitation.expires <= now => Err(JoinError::TokenUnknown.into()),
        _ => Ok(invitation),
    }
}

async fn ask(
    session: &mut Session,
    join: &Join,
    certificate: &Certificate,
    address: IpAddr,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let request = Request {
        request_id: 0,
        worker: join.worker_agent_id,
        display_name: join.display_name.clone(),
        machine_name: join.machine_name.clone(),
        certificate: certificate.to_pem(),
        thumbprint: certificate.thumbprint_sha256().as_str().to_lowercase(),
        state: RequestState::Pending,
    };
    Ok(joins::ask(session, &request, &address.to_string(), now).await?)
}

fn is_approved(invitation: &Invitation, address: IpAddr) -> bool {
    let mut networks = invitation
        .auto_approve
        .split(',')
        .filter_map(|text| text.parse::<Network>().ok());
    networks.any(|network| network.contains(address))
}

/// Trusts the certificate of a request, and enables its worker where that is wanted.
pub async fn admit(
    session: &mut Session,
    request: &Request,
    enable: bool,
    by: &str,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let certificate = Certificate::from_pem(&request.certificate).map_err(JoinError::from)?;
    certificates::note(session, &certificate, by, now).await?;
    if !certificates::trust(session, &request.thumbprint, None).await? {
        return Err(JoinError::Revoked {
            thumbprint: request.thumbprint.clone(),
            since: now,
        }
        .into());
    }
    if enable
        && workers::is_enabled(session, request.worker)
            .await?
            .is_none()
    {
        let known = Register {
            worker_agent_id: request.worker,
            protocol_version: 0,
            program_version: String::new(),
            machine_name: request.machine_name.clone(),
            display_name: request.display_name.clone(),
            description: String::new(),
            user_account: String::new(),
            max_task_count: 0,
            running: Vec::new(),
            number: 0,
        };
        workers::put(session, &known, now).await?;
    }
    if enable {
        workers::set_enabled(session, request.worker, true).await?;
    }
    Ok(())
}
