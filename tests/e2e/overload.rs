//! A master that is asked for more than it can do at once.
//!
//! `OVERLOAD_EXECUTIONS` makes a larger flood; its throughput and the master's memory are printed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use scaleout_core::client::{
    Client, ClientError, ClientOptions, MasterTrust, NewExecution, Secret,
};
use scaleout_core::error::{Blame, Explain as _};
use scaleout_core::registry::ViewQuery;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::support::hosts::Hosts;
use crate::support::package;
use crate::support::patience::tries;
use crate::support::postgres::PostgresCluster;

/// Executions of the flood.
const FLOOD: usize = 5_000;
/// Callers at once.
const CALLERS: usize = 64;
/// What the master may hold at most, MB.
const MOST_MEMORY: u64 = 500;
/// Callers of a catalog that is slow: more than it takes in for a few commits.
const IMPATIENT: usize = 200;

fn client(hosts: &Hosts) -> Client {
    let shown = hosts
        .soctl
        .json(&["cert", "show", "m/SSISScaleOutMaster.cer"]);
    let thumbprint = shown["thumbprint_sha256"].as_str().unwrap();
    let token = std::fs::read_to_string(hosts.path("m/admin.token")).unwrap();
    Client::new(ClientOptions {
        master: format!("https://localhost:{}", hosts.port),
        trust: MasterTrust::Thumbprint(thumbprint.parse().unwrap()),
        token: Some(Secret::new(token.trim())),
    })
    .unwrap()
}

/// What a process has held at most, MB.
fn peak_memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes / 1024
}

/// A page of a view, and whether the master is alive.
async fn is_answered(client: &Client, view: &str) {
    let page = ViewQuery {
        limit: Some(50),
        ..ViewQuery::default()
    };
    client.view(view, &page).await.unwrap();
    assert_eq!(client.health().await.unwrap()["status"], "ok");
}

/// Creates and starts so many, by callers side by side; gives their ids.
async fn flood(client: &Client, count: usize) -> Vec<i64> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (client, next) = (client.clone(), Arc::clone(&next));
        callers.spawn(async move {
            let new = NewExecution::new("Flood", "hello", "hello.dtsx");
            let mut ids = Vec::new();
            while next.fetch_add(1, Ordering::Relaxed) < count {
                let id = client.create_execution(&new).await.unwrap();
                client.start_execution(id, 0).await.unwrap();
                ids.push(id);
            }
            ids
        });
    }
    callers.join_all().await.concat()
}

#[test]
fn a_flood_of_executions_is_taken_in_and_others_are_answered() {
    let hosts = Hosts::start();
    let text = package::process("hello", "true", "");
    std::fs::write(hosts.path("hello.dtsx"), text).unwrap();
    hosts
        .run(&["deploy", "hello.dtsx", "--folder", "Flood"])
        .success();
    let told = std::env::var("OVERLOAD_EXECUTIONS").ok();
    let count = told.and_then(|text| text.parse().ok()).unwrap_or(FLOOD);
    let client = client(&hosts);
    let begun = Instant::now();
    let (mut ids, pages) = Runtime::new().unwrap().block_on(async {
        let is_over = AtomicBool::new(false);
        let reading = async {
            let mut pages = 0;
            while !is_over.load(Ordering::Relaxed) {
                is_answered(&client, "executions").await;
                pages += 1;
            }
            pages
        };
        let flooding = async {
            let ids = flood(&client, count).await;
            is_over.store(true, Ordering::Relaxed);
            ids
        };
        tokio::join!(flooding, reading)
    });
    let seconds = begun.elapsed().as_secs_f64();
    let memory = peak_memory(hosts.master.as_ref().unwrap().id());
    println!(
        "{count} pending after {seconds:.1} s; {pages} pages meanwhile; the master held {memory} MB"
    );
    assert!(10 < pages, "{pages} pages were answered meanwhile");
    assert!(memory < MOST_MEMORY, "the master held {memory} MB");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert_eq!(Runtime::new().unwrap().block_on(pending(&client)), ids);
}

/// All executions that wait, in order.
async fn pending(client: &Client) -> Vec<i64> {
    let mut ids = Vec::new();
    loop {
        let after = ids.last().copied().unwrap_or(0);
        let page = ViewQuery {
            equals: vec![("status".to_owned(), "5".to_owned())],
            greater: vec![("execution_id".to_owned(), i64::to_string(&after))],
            order_by: Some("execution_id".to_owned()),
            limit: Some(5000),
            ..ViewQuery::default()
        };
        let rows = client.view("executions", &page).await.unwrap();
        if rows.rows.is_empty() {
            return ids;
        }
        ids.extend(rows.iter().filter_map(|row| row.integer("execution_id")));
    }
}

/// Each commit with a new folder takes 5 s while the switch is on.
const SLOW_COMMITS: &str = "
    CREATE TABLE public.switch (is_on boolean);
    INSERT INTO public.switch VALUES (true);
    CREATE FUNCTION public.rest() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('public.rested', true) IS DISTINCT FROM txid_current()::text
            AND (SELECT is_on FROM public.switch) THEN
            PERFORM set_config('public.rested', txid_current()::text, true);
            PERFORM pg_sleep(5);
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER rest AFTER INSERT ON internal.folder
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.rest();";

#[test]
fn a_catalog_whose_commits_take_5_s_is_said_so_and_read_from() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let hosts = Hosts::start_with(&["--catalog", &cluster.url("postgres")]);
    hosts.run(&["scaleout", "enable"]).success();
    cluster.psql("postgres", SLOW_COMMITS);
    let client = client(&hosts);
    let refused = Arc::new(AtomicBool::new(false));
    let made = Runtime::new().unwrap().block_on(async {
        let mut callers = JoinSet::new();
        for caller in 0..IMPATIENT {
            let (client, refused) = (client.clone(), Arc::clone(&refused));
            callers.spawn(async move { make_until_refused(&client, caller, &refused).await });
        }
        // While they wait, others read.
        for () in tries() {
            is_answered(&client, "folders").await;
            if refused.load(Ordering::Relaxed) {
                break;
            }
        }
        assert!(refused.load(Ordering::Relaxed), "nobody is told");
        cluster.psql("postgres", "UPDATE public.switch SET is_on = false");
        let made = callers.join_all().await.into_iter().sum::<usize>();
        // What was refused is taken when it comes again.
        client.create_folder("later").await.unwrap();
        made + 1
    });
    // Acknowledged means there, and refused means that nothing has happened.
    let stored = cluster.psql("postgres", "SELECT count(*) FROM internal.folder");
    assert_eq!(stored.trim(), made.to_string());
}

/// Makes folders until one is refused, to this caller or to another one; gives how many there are.
async fn make_until_refused(client: &Client, caller: usize, refused: &AtomicBool) -> usize {
    let mut made = 0;
    while !refused.load(Ordering::Relaxed) {
        match client.create_folder(&format!("{caller} {made}")).await {
            Ok(_) => made += 1,
            Err(error) => {
                assert_eq!(error.code(), "SO9114", "{error}");
                assert_eq!(error.blame(), Blame::Unreachable);
                assert!(matches!(error, ClientError::Api(_)), "{error:?}");
                refused.store(true, Ordering::Relaxed);
            }
        }
    }
    made
}
