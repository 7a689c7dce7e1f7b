//! What masters on one server tell each other: that something was committed which others wait for.
//!
//! A note is sent after the commit and on a connection of its own, since the server lets only one
//! transaction with a note commit at a time. It may be lost with the master that was to send it;
//! masters look for work from time to time without one.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::writer::{Bells, Rung};

/// Name of the channel.
const CHANNEL: &str = "scaleout_master";
/// Shortest time between two notes of one master.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a master waits after it could not listen.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// The tasks that tell and listen.
#[derive(Debug)]
pub struct Neighbours {
    told: mpsc::UnboundedSender<Rung>,
    pool: PgPool,
    tasks: [AbortHandle; 2],
}

impl Neighbours {
    /// Starts to tell and to listen.
    pub fn start(pool: PgPool, bells: Bells) -> Self {
        let (told, tell) = mpsc::unbounded_channel();
        let own: Arc<str> = uuid::Uuid::new_v4().simple().to_string().into();
        let telling = tokio::spawn(tell_others(pool.clone(), Arc::clone(&own), tell));
        let listening = tokio::spawn(listen(pool.clone(), own, bells));
        Self {
            told,
            pool,
            tasks: [telling.abort_handle(), listening.abort_handle()],
        }
    }

    /// Takes what others are to hear.
    pub fn told(&self) -> mpsc::UnboundedSender<Rung> {
        self.told.clone()
    }

    /// Stops both.
    pub async fn close(&self) {
        for task in &self.tasks {
            task.abort();
        }
        self.pool.close().await;
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// `who:flags`: `s` for the scheduler, `e` for an ending, `x` for a stop.
fn note(own: &str, rung: Rung) -> String {
    let flags = [
        (rung.scheduler, 's'),
        (rung.endings, 'e'),
        (rung.stops, 'x'),
    ];
    let flags = flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag);
    format!("{own}:{}", flags.collect::<String>())
}

/// What another master says; `None` for one's own words.
fn heard(own: &str, note: &str) -> Option<Rung> {
    let (who, flags) = note.split_once(':')?;
    (who != own).then(|| Rung {
        scheduler: flags.contains('s'),
        endings: flags.contains('e'),
        stops: flags.contains('x'),
    })
}

async fn tell_others(pool: PgPool, own: Arc<str>, mut tell: mpsc::UnboundedReceiver<Rung>) {
    // Kept: the pool asks the server at each use whether it is still there, and after it.
    let mut kept = None;
    while let Some(mut rung) = tell.recv().await {
        let next = Instant::now() + PAUSE;
        while let Ok(more) = tell.try_recv() {
            rung = rung.with(more);
        }
        let (note, before) = (note(&own, rung), kept.take());
        let was_kept = before.is_some();
        let mut sent = send(&pool, before, &note).await;
        if sent.is_err() && was_kept {
            sent = send(&pool, None, &note).await;
        }
        match sent {
            Ok(connection) => kept = Some(connection),
            Err(error) => tracing::debug!("failed to tell other masters of a commit: {error}"),
        }
        sleep_until(next).await;
    }
}

/// Sends a note; gives the connection for the next one.
async fn send(
    pool: &PgPool,
    kept: Option<PoolConnection<Postgres>>,
    note: &str,
) -> Result<PoolConnection<Postgres>, sqlx::Error> {
    let mut connection = match kept {
        Some(connection) => connection,
        None => pool.acquire().await?,
    };
    sqlx::query("SELECT pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(note)
        .execute(&mut *connection)
        .await?;
    Ok(connection)
}

async fn listen(pool: PgPool, own: Arc<str>, bells: Bells) {
    loop {
        if let Err(error) = listen_once(&pool, &own, &bells).await {
            tracing::debug!("failed to listen to other masters: {error}");
        }
        sleep_until(Instant::now() + AFTER_FAILURE).await;
        // What was said meanwhile was not heard.
        ring(&bells, Rung::default());
    }
}

async fn listen_once(pool: &PgPool, own: &str, bells: &Bells) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    while let Some(said) = listener.try_recv().await? {
        if let Some(rung) = heard(own, said.payload()) {
            ring(bells, rung);
        }
    }
    Ok(())
}

fn ring(bells: &Bells, rung: Rung) {
    bells.ring(rung);
    bells.elsewhere.send_modify(|count| *count += 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_hear_what_was_said_and_oneself_does_not() {
        for (scheduler, endings, stops) in [(true, false, false), (false, true, true)] {
            let rung = Rung {
                scheduler,
                endings,
                stops,
            };
            let said = note("a", rung);
            assert_eq!(heard("b", &said), Some(rung));
            assert_eq!(heard("a", &said), None);
        }
        assert_eq!(heard("a", "nonsense"), None);
    }
}
