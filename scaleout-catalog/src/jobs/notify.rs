//! Who is told of the end of a run. What is to be sent is stored with the end itself, and sent
//! by a master until it is received.

use jiff::{SignedDuration, Timestamp};
use scaleout_core::jobs::run::Outcome;
use serde_json::json;

use super::finish::reached;
use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::store::Session;
use crate::store::jobs::job::JobRow;
use crate::store::jobs::notification::{self, Notification};
use crate::store::jobs::operator;
use crate::store::jobs::run::RunRow;

/// How long a master has for one try.
const CLAIM: SignedDuration = SignedDuration::from_secs(120);
/// Tries before a notification is given up: the pauses between them make about a day.
const TRIES: u32 = 12;

/// Who is told, for the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// By mail.
    pub emailed: Option<String>,
    /// By pager.
    pub paged: Option<String>,
}

/// Stores what is to be sent.
pub async fn notify(
    session: &mut Session,
    run: &RunRow,
    job: &JobRow,
    outcome: Outcome,
    message: &str,
    now: Timestamp,
) -> Result<Told, CatalogError> {
    let levels = job.levels;
    let mut told = Told::default();
    for (level, name, kind) in [
        (levels.email, &job.email_operator, Kind::Mail),
        (levels.page, &job.page_operator, Kind::Pager),
        (levels.webhook, &job.webhook_operator, Kind::Webhook),
    ] {
        let Some(name) = name.as_deref().filter(|_| reached(level, outcome)) else {
            continue;
        };
        let found = operator::find(session, name).await?;
        let Some(found) = found.filter(|operator| operator.enabled) else {
            continue;
        };
        let (method, address, place) = match kind {
            Kind::Mail => ("email", found.email_address, Some(&mut told.emailed)),
            Kind::Pager => ("email", found.pager_address, Some(&mut told.paged)),
            Kind::Webhook => ("webhook", found.webhook_url, None),
        };
        let Some(address) = address else {
            continue;
        };
        let how = word(outcome);
        let body = match kind {
            Kind::Mail | Kind::Pager => message.to_owned(),
            Kind::Webhook => json!({
                "job_id": job.job_id,
                "job": job.name,
                "run_id": run.run_id,
                "outcome": how,
                "message": message,
                "started": run.started,
                "ended": now,
            })
            .to_string(),
        };
        let new = Notification {
            notification_id: 0,
            run_id: run.run_id,
            method: method.to_owned(),
            address,
            subject: format!("Job {} {how}", job.name),
            body,
            tries: 0,
        };
        notification::insert(session, &new, now).await?;
        if let Some(place) = place {
            *place = Some(found.name);
        }
    }
    Ok(told)
}

#[derive(Clone, Copy)]
enum Kind {
    Mail,
    Pager,
    Webhook,
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Failed => "failed",
        Outcome::Canceled => "canceled",
    }
}

/// The pause before the next try, after so many: 10 s, 20 s, … at most 3 hours.
fn pause(tries: u32) -> SignedDuration {
    let seconds = 10_i64 << tries.min(11);
    SignedDuration::from_secs(seconds.min(3 * 3600))
}

impl Catalog {
    /// Notifications whose time has come.
    ///
    /// # Errors
    /// The database fails.
    pub async fn job_notifications_due(&self) -> Result<Vec<Notification>, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        Ok(notification::due(&mut session, self.shared.clock.now()).await?)
    }

    /// When the next one is to be sent.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_job_notification(&self) -> Result<Option<Timestamp>, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        Ok(notification::next(&mut session).await?)
    }

    /// Takes one for a try; false when another master has. What a master took and did not send,
    /// since it ended, comes again after two minutes.
    ///
    /// # Errors
    /// The database fails.
    pub async fn claim_job_notification(
        &self,
        notification: &Notification,
    ) -> Result<bool, CatalogError> {
        let (id, now) = (notification.notification_id, self.shared.clock.now());
        self.shared
            .store
            .write(move |session| {
                Box::pin(
                    async move { Ok(notification::claim(session, id, now, now + CLAIM).await?) },
                )
            })
            .await
    }

    /// Records a try to send one; one that failed comes again later, until it is given up.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_job_notification(
        &self,
        sent: &Notification,
        outcome: Result<(), String>,
    ) -> Result<(), CatalogError> {
        let now = self.shared.clock.now();
        let (id, tries) = (sent.notification_id, sent.tries);
        let outcome = outcome.map_err(|error| {
            let again = (tries + 1 < TRIES).then(|| now + pause(tries));
            (error, again)
        });
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move { Ok(notification::tried(session, id, outcome).await?) })
            })
            .await
    }
}
