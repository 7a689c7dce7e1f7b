//! What master and workers show to Prometheus, and to whom.

use std::time::Duration;

use jiff::SignedDuration;
use scaleout_agent::worker::{MONITORING_ENDPOINTS, MonitoringAccess, Worker};
use scaleout_core::certificates::TrustStore;
use scaleout_core::client::{ClientError, Identity, MasterTrust, Secret, Transport};
use scaleout_core::error::{Blame, Explain as _};
use scaleout_core::registry::Arguments;
use serde_json::{Value, json};

use super::lab::{Lab, certificate, certificate_from, gate, open, sample, until};

const LIMIT: Duration = Duration::from_secs(60);

/// A token of a login with this role.
async fn token_with(lab: &Lab, role: &str) -> Secret {
    let client = lab.client();
    let name = format!("l-{role}");
    let password = "a long enough Passw0rd";
    let call = async |procedure: &str, arguments: Value| {
        let Value::Object(arguments) = arguments else {
            panic!("an object")
        };
        let arguments: Arguments = arguments.into_iter().collect();
        client.call(procedure, arguments).await.unwrap()
    };
    call(
        "create_login",
        json!({ "login_name": name, "password": password }),
    )
    .await;
    call(
        "add_login_role",
        json!({ "login_name": name, "role_name": role }),
    )
    .await;
    let with = scaleout_core::client::Credentials::Password {
        name,
        password: Secret::new(password),
    };
    let trust = lab.master_trust();
    let done = scaleout_core::client::log_in(&lab.endpoint(), &trust, &with, None).await;
    Secret::new(done.unwrap().token)
}

fn with_token(lab: &Lab, token: Secret) -> Transport {
    let endpoint = lab.endpoint().parse().unwrap();
    Transport::new(endpoint, &lab.master_trust(), None, Some(token)).unwrap()
}

async fn page(transport: &Transport) -> Result<String, ClientError> {
    let bytes = transport.get_bytes("/metrics", LIMIT).await?;
    Ok(String::from_utf8(bytes).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn monitors_and_administrators_read_the_metrics_of_a_master_and_others_do_not() {
    let lab = Lab::new().await;
    let other = with_token(&lab, token_with(&lab, "ssis_cluster_executor").await);
    let refused = page(&other).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.blame()),
        ("SO1208", Blame::Forbidden)
    );
    assert!(refused.hint().contains("soctl logins grant"), "{refused}");
    let monitor = with_token(&lab, token_with(&lab, "ssis_monitor").await);
    let page = page(&monitor).await.unwrap();
    assert!(page.starts_with("# HELP scaleout_build_info"), "{page}");
    for (start, _) in page
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.rsplit_once(' ').unwrap())
    {
        assert!(start.starts_with("scaleout_"), "{start}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_counts_its_queue_leases_durations_errors_and_the_catalogs_answers() {
    let mut lab = Lab::new().await;
    let admin = std::fs::read_to_string(lab.path("master").join("admin.token")).unwrap();
    let admin = with_token(&lab, Secret::new(admin));
    let waiting = lab.start("gate", &[], 0).await;
    let text = page(&admin).await.unwrap();
    let queued = text
        .lines()
        .filter(|line| line.starts_with("scaleout_queue_executions{"))
        .filter(|line| line.ends_with(" 1"));
    assert_eq!(queued.count(), 1, "one reason: {text}");

    let gate = gate(lab.folder.path());
    let (_worker, _) = lab.worker(1).await;
    lab.until_message(waiting, "before").await;
    let text = page(&admin).await.unwrap();
    assert_eq!(sample(&text, "scaleout_leases "), Some(1.0), "{text}");
    assert_eq!(sample(&text, "scaleout_worker_slots{"), Some(2.0), "{text}");
    assert_eq!(sample(&text, "scaleout_worker_leases{"), Some(1.0));
    assert_eq!(sample(&text, "scaleout_worker_online{"), Some(1.0));
    open(&gate).await;
    lab.ended(waiting).await;
    let fails = lab.start("fails", &[], 0).await;
    lab.ended(fails).await;
    let stranger = lab.transport(None);
    page(&stranger).await.unwrap_err();

    let text = page(&admin).await.unwrap();
    let ended = |result| {
        let start = format!("scaleout_execution_duration_seconds_count{{result=\"{result}\"}}");
        sample(&text, &start)
    };
    assert_eq!(ended("success"), Some(1.0), "{text}");
    assert_eq!(ended("failure"), Some(1.0), "{text}");
    let refused = "scaleout_requests_total{endpoint=\"/metrics\",status=\"401\"}";
    assert_eq!(sample(&text, refused), Some(1.0), "{text}");
    let commits = sample(&text, "scaleout_catalog_commit_seconds_count").unwrap();
    assert!(4.0 < commits, "{commits}");
    assert!(sample(&text, "scaleout_catalog_read_seconds").is_some());
    let master = "scaleout_certificate_days_left{of=\"master\"";
    let days = sample(&text, master).unwrap();
    assert!((25.0..30.0).contains(&days), "{days}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_that_a_workers_certificate_has_left_are_told_by_both() {
    let mut lab = Lab::new().await;
    // At two thirds of its life the worker would replace it.
    let short = certificate_from(&["worker"], SignedDuration::from_hours(-24 * 5), 30);
    lab.trust(&short);
    let worker = Worker::start(lab.worker_options(1, &short)).await.unwrap();
    lab.enable(worker.id()).await;
    let own = sample(&worker.metrics(), "scaleout_certificate_days_left").unwrap();
    assert!((24.0..=25.0).contains(&own), "{own}");
    let admin = std::fs::read_to_string(lab.path("master").join("admin.token")).unwrap();
    let transport = with_token(&lab, Secret::new(admin));
    // The certificate is noted by itself, a moment after the registration.
    let told = until("the master tells of the worker's certificate", async || {
        let text = page(&transport).await.unwrap();
        sample(&text, "scaleout_certificate_days_left{of=\"worker\"")
    })
    .await;
    assert!((24.0..=25.0).contains(&told), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_is_that_of_the_catalog_at_a_master() {
    let lab = Lab::new().await;
    let stranger = lab.transport(None);
    let ready: Value = stranger.get("/ready", LIMIT).await.unwrap();
    assert_eq!(ready, json!({ "status": "ready" }));
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_shows_its_metrics_to_who_has_a_certificate_of_its_root_and_to_nobody_else() {
    let mut lab = Lab::new().await;
    let (own, prometheus) = (certificate(&["127.0.0.1"]), certificate(&["prometheus"]));
    lab.trust(&own);
    let mut options = lab.worker_options(1, &own);
    let port = free_port();
    options.settings.monitoring_port = port;
    options.monitors = TrustStore::new();
    options
        .monitors
        .add(prometheus.certificate.clone())
        .unwrap();
    let worker = Worker::start(options.clone()).await.unwrap();
    let trust = MasterTrust::Certificate(Box::new(own.certificate.clone()));
    let transport = |issued: Option<&scaleout_core::certificates::IssuedCertificate>| {
        let identity = issued.map(|issued| Identity {
            certificate: issued.certificate.clone(),
            key: issued.key.clone(),
        });
        let endpoint = format!("https://127.0.0.1:{port}").parse().unwrap();
        Transport::new(endpoint, &trust, identity.as_ref(), None).unwrap()
    };
    let untrusted = certificate(&["stranger"]);
    for (stranger, code) in [(None, "SO1201"), (Some(&untrusted), "SO1008")] {
        let stranger = transport(stranger);
        for endpoint in MONITORING_ENDPOINTS {
            let answer = stranger.get_bytes(endpoint.path, LIMIT).await;
            match endpoint.access {
                // Before it is registered, `ready` says that it is not.
                MonitoringAccess::Anyone => {}
                MonitoringAccess::Certificate => {
                    let error = answer.unwrap_err();
                    assert_eq!(error.code(), code, "{}: {error}", endpoint.path);
                    assert_eq!(error.blame(), Blame::Forbidden);
                }
            }
        }
    }
    let open: Vec<&str> = MONITORING_ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.access == MonitoringAccess::Anyone)
        .map(|endpoint| endpoint.path)
        .collect();
    assert_eq!(open, ["/health", "/ready"]);
    let known = transport(Some(&prometheus));
    lab.enable(worker.id()).await;
    until("the worker is ready", async || {
        known.get::<Value>("/ready", LIMIT).await.ok()
    })
    .await;
    let id = lab.start("quick", &[], 0).await;
    lab.ended(id).await;
    let text = page(&known).await.unwrap();
    let ended = "scaleout_task_duration_seconds_count{result=\"success\"}";
    assert_eq!(sample(&text, ended), Some(1.0), "{text}");
    assert_eq!(sample(&text, "scaleout_slots "), Some(2.0));
    assert_eq!(sample(&text, "scaleout_registered "), Some(1.0));
    assert!(sample(&text, "scaleout_master_call_seconds_count").is_some());

    // The port is taken: the next worker says so instead of running without it.
    let mut second = lab.worker_options(2, &own);
    second.settings.monitoring_port = port;
    let error = Worker::start(second).await.unwrap_err();
    assert_eq!(error.code(), "SO1308");
    assert!(error.hint().contains("MonitoringPort"), "{}", error.hint());
    // A worker whose master is away is alive, and not ready.
    lab.stop_master().await;
    worker.shutdown().await;
    let again = Worker::start(options).await.unwrap();
    let unready = known.get::<Value>("/ready", LIMIT).await.unwrap_err();
    assert_eq!(unready.code(), "SO1209", "{unready}");
    let alive: Value = known.get("/health", LIMIT).await.unwrap();
    assert_eq!(alive["status"], "ok");
    until("failed calls are counted", async || {
        let failed = "scaleout_master_call_errors_total{call=\"register\"";
        sample(&again.metrics(), failed).filter(|count| 0.0 < *count)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_wrong_credentials_are_held_back_longer_and_longer_and_no_others() {
    let lab = Lab::new().await;
    let admin = std::fs::read_to_string(lab.path("master").join("admin.token")).unwrap();
    let admin = with_token(&lab, Secret::new(admin));
    let wrong = with_token(&lab, Secret::new("wrong"));
    for _ in 0..6 {
        let refused: Result<Value, ClientError> = wrong.get("/catalog/v1/whoami", LIMIT).await;
        assert_eq!(refused.unwrap_err().code(), "SO1203");
    }
    // Nothing three times, then 100, 200 and 400 ms.
    let text = page(&admin).await.unwrap();
    let refused = |text: &str| sample(text, "scaleout_refused_credentials_total");
    let delay = "scaleout_refused_credentials_delay_seconds_total";
    assert_eq!(refused(&text), Some(6.0), "{text}");
    assert_eq!(sample(&text, delay), Some(0.7), "{text}");
    // A wrong password is one more; the right token from the same address waits for nothing.
    let with = scaleout_core::client::Credentials::Password {
        name: "admin".to_owned(),
        password: Secret::new("guess"),
    };
    let trust = lab.master_trust();
    let guessed = scaleout_core::client::log_in(&lab.endpoint(), &trust, &with, None).await;
    assert_eq!(guessed.unwrap_err().code(), "SO7130");
    let text = page(&admin).await.unwrap();
    assert_eq!(refused(&text), Some(7.0), "{text}");
    assert_eq!(sample(&text, delay), Some(1.5), "{text}");
}
