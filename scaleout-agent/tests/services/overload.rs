//! Those who take much and give nothing: connections that say little, and workers that report nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use scaleout_agent::master::{ConnectionLimits, Master, MasterOptions};
use scaleout_core::client::{ClientError, Transport, client_config};
use scaleout_core::error::{Blame, Explain as _};
use scaleout_core::model::{Clock, OperationStatus, SystemClock};
use scaleout_core::protocol::event::{Event, EventBody, EventMessage, PackageResult};
use scaleout_core::protocol::worker::{
    AttemptKey, AttemptOutcome, Complete, CompleteReply, LeaseReply, LeaseRequest, LogBatch,
    LogReply, Registered,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::lab::{LEASE, Lab, REGISTER, certificate, lease, registration};

const LIMIT: Duration = Duration::from_secs(60);
/// Connections of each kind; the variable makes it more.
const SLOW: usize = 200;

fn slow() -> usize {
    let told = std::env::var("OVERLOAD_CONNECTIONS").ok();
    told.and_then(|text| text.parse().ok()).unwrap_or(SLOW)
}

/// A master with other bounds of its connections.
async fn bounded(change: impl FnOnce(&mut ConnectionLimits)) -> Lab {
    let mut lab = Lab::new().await;
    lab.stop_master().await;
    let mut options = lab.master_options();
    change(&mut options.limits);
    lab.master = Some(Master::start(options).await.unwrap());
    lab
}

async fn connect(lab: &Lab) -> TcpStream {
    let address = lab.master.as_ref().unwrap().address();
    TcpStream::connect(address).await.unwrap()
}

/// The beginning of a ClientHello, and no more.
async fn half_a_handshake(lab: &Lab) -> TcpStream {
    let mut stream = connect(lab).await;
    stream.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    stream
}

/// A secure connection on which that much of a request is sent.
async fn part_of_a_request(lab: &Lab, part: &str) -> impl AsyncReadUnpin {
    let config = client_config(&lab.master_trust(), None).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let name = "localhost".try_into().unwrap();
    let mut stream = connector.connect(name, connect(lab).await).await.unwrap();
    stream.write_all(part.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    stream
}

trait AsyncReadUnpin: tokio::io::AsyncRead + Unpin + Send + 'static {}
impl<T: tokio::io::AsyncRead + Unpin + Send + 'static> AsyncReadUnpin for T {}

/// Waits until the master has closed a connection.
async fn is_closed(mut stream: impl AsyncReadUnpin) {
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    // However it ends: closed without a word is an error to TLS.
    let _ended = timeout(LIMIT, read).await.expect("it stays open");
}

async fn is_served(lab: &Lab) {
    let health: Result<Value, ClientError> = lab.transport(None).get("/health", LIMIT).await;
    assert_eq!(health.unwrap()["status"], "ok");
    let named = lab.client().ensure_folder("served").await;
    named.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_too_little_are_closed_and_in_nobodys_way() {
    let lab = bounded(|limits| {
        limits.handshake = Duration::from_secs(2);
        limits.head = Duration::from_secs(2);
    })
    .await;
    let mut open = JoinSet::new();
    for number in 0..slow() {
        open.spawn(is_closed(half_a_handshake(&lab).await));
        let part = match number % 3 {
            0 => "",
            1 => "POST /catalog/v1/procedures/create_folder HTT",
            _ => {
                "POST /catalog/v1/procedures/create_folder HTTP/1.1\r\nhost: m\r\ncontent-length: 99\r\n\r\n{"
            }
        };
        open.spawn(is_closed(part_of_a_request(&lab, part).await));
        if number % 50 == 0 {
            is_served(&lab).await;
        }
    }
    is_served(&lab).await;
    while let Some(closed) = open.join_next().await {
        closed.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn handshakes_without_end_give_way_to_others() {
    let lab = bounded(|limits| {
        limits.handshakes = 20;
        // None ends for lack of time.
        limits.handshake = Duration::from_secs(3600);
    })
    .await;
    let mut waiting = Vec::new();
    for _ in 0..30 {
        waiting.push(half_a_handshake(&lab).await);
    }
    is_served(&lab).await;
    for first in waiting.drain(..10) {
        is_closed(first).await;
    }
}

/// A clock that goes ahead when it is told to.
#[derive(Debug, Default)]
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_takes_and_never_reports_goes_to_another_one() {
    let mut lab = Lab::new().await;
    lab.stop_master().await;
    let clock = Arc::new(Ahead::default());
    let mut options = MasterOptions {
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ..lab.master_options()
    };
    options.settings.deal_with_expired_tasks_interval_in_ms = 200;
    lab.master = Some(Master::start(options).await.unwrap());
    let mine = certificate(&["w"]);
    lab.trust(&mine);
    let transport = lab.transport(Some(&mine));
    let me = registration(1);
    let registered: Result<Registered, _> = transport.post(REGISTER, &me, LIMIT).await;
    registered.unwrap();
    lab.enable(me.worker_agent_id).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(lab.start("quick", &[], 0).await);
    }
    let mut taken = Vec::new();
    while taken.len() < ids.len() {
        let all = LeaseRequest {
            slots: 4,
            ..lease(30_000)
        };
        let reply: LeaseReply = transport.post(LEASE, &all, LIMIT).await.unwrap();
        taken.extend(reply.tasks);
    }
    // Its leases and the grace of a new master are over; it goes on pulling.
    clock.0.store(120, Ordering::Relaxed);
    let puller = tokio::spawn({
        let transport = lab.transport(Some(&mine));
        async move {
            loop {
                let nothing = LeaseRequest {
                    slots: 0,
                    ..lease(30_000)
                };
                let _pulled: Result<LeaseReply, _> = transport.post(LEASE, &nothing, LIMIT).await;
            }
        }
    });
    let (honest, _) = lab.worker(2).await;
    for id in &ids {
        let execution = lab.ended(*id).await;
        assert_eq!(execution.status, OperationStatus::Succeeded);
        assert_eq!(execution.worker_agent_id, Some(honest.id()));
        assert_eq!(lab.said(*id).await.unwrap(), ["one", "two", "three"]);
    }
    puller.abort();
    what_comes_late_changes_nothing(&transport, ids[0]).await;
    assert_eq!(lab.ended(ids[0]).await.status, OperationStatus::Succeeded);
}

async fn what_comes_late_changes_nothing(transport: &Transport, execution_id: i64) {
    let attempt = AttemptKey {
        execution_id,
        attempt: 1,
    };
    let complete = Complete {
        attempt,
        outcome: AttemptOutcome::Ran {
            result: PackageResult::Failure,
        },
        last_sequence: 0,
        events: Vec::new(),
        began: None,
        usage: None,
        left_out: 0,
    };
    let late: Result<CompleteReply, _> = transport
        .post("/ClusterManagement/v1/complete", &complete, LIMIT)
        .await;
    assert_eq!(late.unwrap(), CompleteReply::Stale);
    let events = vec![Event {
        sequence: 1,
        time: SystemClock.now(),
        body: EventBody::Message(EventMessage::default()),
    }];
    let log = LogBatch { attempt, events };
    let refused: Result<LogReply, ClientError> = transport
        .post("/ClusterManagement/v1/log", &log, LIMIT)
        .await;
    assert_eq!(refused.unwrap_err().blame(), Blame::Conflict);
}
