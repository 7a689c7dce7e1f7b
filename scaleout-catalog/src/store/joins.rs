//! Workers that ask to join, and the tokens that invite them.

use jiff::Timestamp;
use scaleout_core::certificates::Certificate;
use uuid::Uuid;

use super::{Row, Session, StoreError, args};

/// An invitation.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// When it ends.
    pub expires: Timestamp,
    /// Networks from which a worker is let in at once, with commas between.
    pub auto_approve: String,
    /// Whether a worker that is let in may take executions at once.
    pub enables: bool,
    /// The certificate that it was used with.
    pub thumbprint: Option<String>,
}

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Nobody has decided.
    Pending,
    /// Let in.
    Approved,
    /// Refused.
    Rejected,
}

impl RequestState {
    /// The word in the view.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    fn of(word: &str) -> Result<Self, StoreError> {
        let all = [Self::Pending, Self::Approved, Self::Rejected];
        let mut found = all.into_iter().filter(|state| state.as_str() == word);
        found.next().ok_or_else(|| StoreError::Damaged {
            column: "state".into(),
        })
    }
}

/// A worker that has asked to join.
#[derive(Clone, Debug)]
pub struct Request {
    /// Number.
    pub request_id: i64,
    /// `AgentId`
    pub worker: Uuid,
    /// `DisplayName`
    pub display_name: String,
    /// Host name.
    pub machine_name: String,
    /// Its certificate, as PEM.
    pub certificate: String,
    /// SHA-256 thumbprint of it.
    pub thumbprint: String,
    /// How it stands.
    pub state: RequestState,
}

/// Stores an invitation.
pub async fn invite(
    session: &mut Session,
    hash: &str,
    new: &Invitation,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO join_token (token_hash, created_by_name, created_time, expires_time,
                 auto_approve, enables) VALUES ($1, $2, $3, $4, $5, $6)",
            args![hash, by, now, new.expires, &new.auto_approve, new.enables],
        )
        .await?;
    Ok(())
}

/// The invitation whose token has that hash.
pub async fn invitation(
    session: &mut Session,
    hash: &str,
) -> Result<Option<Invitation>, StoreError> {
    let row = session
        .row(
            "SELECT expires_time, auto_approve, enables, thumbprint FROM join_token
             WHERE token_hash = $1",
            args![hash],
        )
        .await?;
    row.map(|row| {
        Ok(Invitation {
            expires: row.get("expires_time")?,
            auto_approve: row.get("auto_approve")?,
            enables: row.get("enables")?,
            thumbprint: row.get("thumbprint")?,
        })
    })
    .transpose()
}

/// Uses an invitation up; false when somebody else was first.
pub async fn use_up(
    session: &mut Session,
    hash: &str,
    thumbprint: &str,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE join_token SET thumbprint = $2 WHERE token_hash = $1 AND thumbprint IS NULL",
            args![hash, thumbprint.to_lowercase()],
        )
        .await?;
    Ok(changed == 1)
}

/// Forgets invitations that have ended.
pub async fn forget_ended(session: &mut Session, now: Timestamp) -> Result<(), StoreError> {
    session
        .execute(
            "DELETE FROM join_token WHERE expires_time <= $1",
            args![now],
        )
        .await?;
    Ok(())
}

/// Stores a request.
pub async fn ask(
    session: &mut Session,
    new: &Request,
    address: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO join_request (worker_id, display_name, machine_name, address, thumbprint,
                 certificate, state, requested_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![
                new.worker,
                &new.display_name,
                &new.machine_name,
                address,
                &new.thumbprint,
                &new.certificate,
                new.state.as_str(),
                now
            ],
        )
        .await?;
    Ok(())
}

const COLUMNS: &str =
    "request_id, worker_id, display_name, machine_name, certificate, thumbprint, state";

/// The request with a certificate.
pub async fn by_certificate(
    session: &mut Session,
    certificate: &Certificate,
) -> Result<Option<Request>, StoreError> {
    let thumbprint = certificate.thumbprint_sha256().as_str().to_lowercase();
    let sql = format!("SELECT {COLUMNS} FROM join_request WHERE thumbprint = $1");
    let row = session.row(sql, args![thumbprint]).await?;
    row.as_ref().map(request).transpose()
}

/// The request with a number.
pub async fn by_id(session: &mut Session, id: i64) -> Result<Option<Request>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM join_request WHERE request_id = $1");
    let row = session.row(sql, args![id]).await?;
    row.as_ref().map(request).transpose()
}

fn request(row: &Row) -> Result<Request, StoreError> {
    let state: String = row.get("state")?;
    Ok(Request {
        request_id: row.get("request_id")?,
        worker: row.get("worker_id")?,
        display_name: row.get("display_name")?,
        machine_name: row.get("machine_name")?,
        certificate: row.get("certificate")?,
        thumbprint: row.get("thumbprint")?,
        state: RequestState::of(&state)?,
    })
}

/// Decides about a request that nobody has decided about; false when somebody was first.
pub async fn decide(
    session: &mut Session,
    id: i64,
    state: RequestState,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE join_request SET state = $2, decided_by_name = $3, decided_time = $4
             WHERE request_id = $1 AND state = 'pending'",
            args![id, state.as_str(), by, now],
        )
        .await?;
    Ok(changed == 1)
}
