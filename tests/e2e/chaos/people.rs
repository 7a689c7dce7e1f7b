//! Who starts executions and looks at them, through the SDK, whichever master answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use scaleout_core::client::{
    Client, ClientError, ClientOptions, ExecutionParameter, MasterTrust, NewExecution, Secret,
};
use scaleout_core::model::ParameterScope;
use scaleout_core::registry::{Rows, ViewQuery};
use serde_json::json;
use tokio::runtime::Runtime;

use super::site::Site;

/// Callers at once.
const CALLERS: usize = 8;
/// A master that is stopped does not answer; the next one is asked then.
const ANSWER: Duration = Duration::from_secs(5);
/// More than any history has failures.
const RETRIES: u32 = 50;

/// An execution whose start was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ordered {
    pub id: i64,
    pub at_most_once: bool,
}

/// Callers at work.
pub struct Work(Vec<std::thread::JoinHandle<Vec<Ordered>>>);

impl Work {
    /// Whether everything was started.
    pub fn is_finished(&self) -> bool {
        self.0.iter().all(std::thread::JoinHandle::is_finished)
    }

    /// What was started.
    pub fn ordered(self) -> Vec<Ordered> {
        let all = self.0.into_iter().map(|caller| caller.join().unwrap());
        all.flatten().collect()
    }
}

#[derive(Clone)]
struct Masters {
    clients: Arc<[Client]>,
    turn: Arc<AtomicUsize>,
}

impl Masters {
    /// Asks one master; `None` when it does not answer, and another has its turn next.
    async fn ask<T>(
        &self,
        call: impl AsyncFn(&Client) -> Result<T, ClientError>,
    ) -> Option<Result<T, ClientError>> {
        let turn = self.turn.load(Ordering::Relaxed);
        let client = &self.clients[turn % self.clients.len()];
        match tokio::time::timeout(ANSWER, call(client)).await {
            Ok(Ok(answer)) => Some(Ok(answer)),
            // What the master has decided is an answer; that it cannot decide now is none.
            Ok(Err(error)) if is_decided(&error) => Some(Err(error)),
            Ok(Err(_)) | Err(_) => {
                self.turn.store(turn + 1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                None
            }
        }
    }

    /// Asks until one answers.
    async fn insist<T>(
        &self,
        call: impl AsyncFn(&Client) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        loop {
            if let Some(answer) = self.ask(&call).await {
                return answer;
            }
        }
    }
}

fn is_decided(error: &ClientError) -> bool {
    use scaleout_core::error::Blame;
    match error {
        ClientError::Api(body) => !matches!(body.blame, Blame::Server | Blame::Unreachable),
        _ => false,
    }
}

pub struct People {
    runtime: Runtime,
    masters: Masters,
}

impl People {
    pub fn new(site: &Site) -> Self {
        let clients = site.endpoints.iter().map(|master| {
            Client::new(ClientOptions {
                master: master.clone(),
                trust: MasterTrust::Thumbprint(site.thumbprint.parse().unwrap()),
                token: Some(Secret::new(site.token())),
            })
            .unwrap()
        });
        Self {
            runtime: Runtime::new().unwrap(),
            masters: Masters {
                clients: clients.collect(),
                turn: Arc::default(),
            },
        }
    }

    /// One execution while nothing is wrong, to compare the others with.
    pub fn run_one_in_peace(&self) -> i64 {
        self.runtime.block_on(async {
            let ordered = order(&self.masters, false).await;
            self.masters.clients[0]
                .wait(ordered.id)
                .await
                .unwrap()
                .execution_id
        })
    }

    /// Starts so many, every fifth of which must not run twice, while the site goes through
    /// whatever it does.
    pub fn start(&self, count: usize) -> Work {
        let next = Arc::new(AtomicUsize::new(0));
        let callers = (0..CALLERS).map(|_| {
            let (masters, next) = (self.masters.clone(), Arc::clone(&next));
            let handle = self.runtime.handle().clone();
            std::thread::spawn(move || {
                let mut ordered = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if count <= number {
                        return ordered;
                    }
                    ordered.push(handle.block_on(order(&masters, number % 5 == 0)));
                }
            })
        });
        Work(callers.collect())
    }

    /// A moment between two looks at something that must come.
    pub fn look_again(&self) {
        self.runtime.block_on(async {
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            tick.tick().await;
            tick.tick().await;
        });
    }

    /// Whether something was started and has not ended, if a master says so.
    pub fn has_open(&self) -> Option<bool> {
        for status in ["5", "2", "8"] {
            let query = ViewQuery {
                equals: vec![("status".to_owned(), status.to_owned())],
                limit: Some(1),
                ..ViewQuery::default()
            };
            let asked = self
                .masters
                .ask(async |client: &Client| client.view("executions", &query).await);
            if !self.runtime.block_on(asked)?.unwrap().rows.is_empty() {
                return Some(true);
            }
        }
        Some(false)
    }

    /// All rows of a view in the order of a column that grows.
    pub fn all(&self, view: &str, key: &str, after: i64) -> Vec<Rows> {
        let mut pages = Vec::new();
        let mut after = after;
        loop {
            let query = ViewQuery {
                greater: vec![(key.to_owned(), after.to_string())],
                order_by: Some(key.to_owned()),
                limit: Some(5000),
                ..ViewQuery::default()
            };
            let asked = self
                .masters
                .insist(async |client: &Client| client.view(view, &query).await);
            let rows = self.runtime.block_on(asked).unwrap();
            let last = rows.iter().filter_map(|row| row.integer(key)).max();
            let Some(last) = last else { return pages };
            after = last;
            pages.push(rows);
        }
    }
}

/// Creates and starts one, however often masters fail meanwhile.
async fn order(masters: &Masters, at_most_once: bool) -> Ordered {
    let mut new = NewExecution::new("Chaos", "note", "note.dtsx");
    if at_most_once {
        new.parameters.push(ExecutionParameter {
            scope: ParameterScope::Execution,
            name: "AT_MOST_ONCE".to_owned(),
            value: json!(true),
        });
    }
    // One whose answer was lost is never started, and stays as it was created.
    let create = masters.insist(async |client: &Client| client.create_execution(&new).await);
    let id = create.await.unwrap();
    let retries = if at_most_once { 0 } else { RETRIES };
    let mut asked_before = false;
    loop {
        let start = async |client: &Client| client.start_execution(id, retries).await;
        match masters.ask(start).await {
            Some(Ok(())) => break,
            // The answer to an earlier try was lost.
            Some(Err(_)) if asked_before => break,
            Some(Err(error)) => panic!("execution {id} cannot be started: {error}"),
            None => asked_before = true,
        }
    }
    Ordered { id, at_most_once }
}
