//! Sends notifications, until they are received or given up.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport as _};
use scaleout_catalog::CatalogError;
use scaleout_catalog::jobs::Notification;
use scaleout_core::error::with_sources;
use scaleout_core::settings::MasterSettings;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::super::state::Shared;

/// How long a server may take.
const LIMIT: Duration = Duration::from_secs(20);
/// Longest rest between two looks.
const LONGEST: Duration = Duration::from_secs(30);
/// Shortest rest.
const SHORTEST: Duration = Duration::from_millis(500);
/// The port of mail servers.
const PORT: u16 = 25;

/// The mail server of the settings.
#[derive(Clone, Debug)]
struct MailServer {
    server: String,
    sender: String,
}

impl MailServer {
    /// Of a master with these settings.
    fn of(settings: &MasterSettings) -> Self {
        Self {
            server: settings.job_mail_server.trim().to_owned(),
            sender: settings.job_mail_sender.trim().to_owned(),
        }
    }
}

/// Sends what is to be sent until the master stops.
pub(in super::super) async fn send_notifications(shared: Shared) {
    let mut bell = shared.catalog().endings();
    loop {
        bell.mark_unchanged();
        let rest = match send_due(&shared).await {
            Ok(rest) => rest,
            Err(error) => {
                tracing::error!("failed to send notifications of jobs: {error}");
                LONGEST
            }
        };
        tokio::select! {
            () = sleep(rest) => {}
            changed = bell.changed() => {
                if changed.is_err() {
                    return;
                }
                sleep(SHORTEST).await;
            }
            () = shared.closed() => return,
        }
    }
}

/// Sends what is due; says how long there is nothing to send.
async fn send_due(shared: &Shared) -> Result<Duration, CatalogError> {
    for one in shared.catalog().job_notifications_due().await? {
        if !shared.catalog().claim_job_notification(&one).await? {
            continue;
        }
        let mail = MailServer::of(&shared.settings());
        let sent = tokio::select! {
            sent = send(&one, &mail) => sent,
            // It is sent by the next start: better twice than never.
            () = shared.closed() => return Ok(LONGEST),
        };
        if let Err(reason) = &sent {
            tracing::warn!(run_id = one.run_id, method = %one.method, "a notification of a job could not be sent: {reason}");
        }
        shared.catalog().note_job_notification(&one, sent).await?;
    }
    let next = shared.catalog().next_job_notification().await?;
    Ok(next.map_or(LONGEST, |next| {
        let until = next.duration_since(shared.now());
        let until = Duration::try_from(until).unwrap_or(SHORTEST);
        until.clamp(SHORTEST, LONGEST)
    }))
}

async fn send(one: &Notification, mail: &MailServer) -> Result<(), String> {
    if one.method == "webhook" {
        return call(one).await;
    }
    let (one, mail) = (one.clone(), mail.clone());
    match spawn_blocking(move || post(&one, &mail)).await {
        Ok(sent) => sent,
        Err(stopped) => Err(stopped.to_string()),
    }
}

/// Posts the JSON document; redirections are not followed, since only administrators choose where
/// a notification goes.
async fn call(one: &Notification) -> Result<(), String> {
    // Another part of the program may have chosen it already, and it is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(LIMIT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| with_sources(&error.without_url()))?;
    let reply = client
        .post(&one.address)
        .header("content-type", "application/json")
        .body(one.body.clone())
        .send()
        .await
        .map_err(|error| with_sources(&error.without_url()))?;
    match reply.status() {
        good if good.is_success() => Ok(()),
        other => Err(format!("the address answered {other}")),
    }
}

fn post(one: &Notification, mail: &MailServer) -> Result<(), String> {
    if mail.server.is_empty() || mail.sender.is_empty() {
        return Err(
            "the settings JobMailServer and JobMailSender of the master are empty".to_owned(),
        );
    }
    let text = |error: &dyn std::error::Error| with_sources(error);
    let message = Message::builder()
        .from(mail.sender.parse().map_err(|error| text(&error))?)
        .to(one.address.parse().map_err(|error| text(&error))?)
        .subject(&one.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(one.body.clone())
        .map_err(|error| text(&error))?;
    let (host, port) = match mail.server.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|error| text(&error))?),
        None => (mail.server.as_str(), PORT),
    };
    let tls = TlsParameters::new(host.to_owned()).map_err(|error| text(&error))?;
    let transport = SmtpTransport::builder_dangerous(host)
        .port(port)
        .tls(Tls::Opportunistic(tls))
        .timeout(Some(LIMIT))
        .build();
    match transport.send(&message) {
        Ok(_) => Ok(()),
        Err(error) => Err(text(&error)),
    }
}
