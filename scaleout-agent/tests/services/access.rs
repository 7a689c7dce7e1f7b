//! Who may do what: strangers nothing, workers what is theirs, people by their tokens.

use std::time::Duration;

use jiff::SignedDuration;
use scaleout_agent::master::{Access, ENDPOINTS, Master};
use scaleout_agent::worker::{MONITORING_ENDPOINTS, MonitoringAccess};
use scaleout_catalog::CatalogLocation;
use scaleout_core::client::{
    ClientError, Credentials, Identity, MasterTrust, Secret, Transport, log_in,
};
use scaleout_core::error::{Blame, Explain as _, with_sources};
use scaleout_core::protocol::worker::{LeaseReply, Registered};
use serde_json::{Value, json};
use uuid::Uuid;

use super::lab::{LEASE, Lab, REGISTER, certificate, certificate_from, lease, registration};

const LIMIT: Duration = Duration::from_secs(60);

async fn call(transport: &Transport, method: &str, path: &str) -> Result<Value, ClientError> {
    if method == "GET" {
        transport.get(path, LIMIT).await
    } else {
        transport.post(path, &json!({}), LIMIT).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_refused_everywhere_but_at_health() {
    let lab = Lab::new().await;
    let untrusted = certificate(&["stranger"]);
    for transport in [lab.transport(None), lab.transport(Some(&untrusted))] {
        for endpoint in ENDPOINTS {
            let path = endpoint
                .path
                .replace("{name}", "executions")
                .replace("{hash}", "00");
            let answer = call(&transport, endpoint.method, &path).await;
            match endpoint.access {
                Access::Anyone => assert!(answer.unwrap()["status"].is_string()),
                Access::Person | Access::Login => {
                    let error = answer.unwrap_err();
                    assert_eq!(error.blame(), Blame::Stranger, "{path}: {error}");
                }
                Access::Certificate | Access::Worker => {
                    let error = answer.unwrap_err();
                    assert_eq!(error.blame(), Blame::Forbidden, "{path}: {error}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_readiness_are_the_only_endpoints_for_anyone() {
    let open: Vec<&str> = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.access == Access::Anyone)
        .map(|endpoint| endpoint.path)
        .collect();
    assert_eq!(open, ["/health", "/ready"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_worker_is_told_why() {
    let mut lab = Lab::new().await;
    let refusal = async |transport: Transport| -> String {
        let answer: Result<Value, ClientError> =
            transport.post(REGISTER, &registration(1), LIMIT).await;
        let error = answer.unwrap_err();
        format!("{}: {error}", error.code())
    };
    let none = refusal(lab.transport(None)).await;
    assert!(none.starts_with("SO1201"), "{none}");

    let unknown = certificate(&["w"]);
    let untrusted = refusal(lab.transport(Some(&unknown))).await;
    assert!(untrusted.starts_with("SO1008"), "{untrusted}");
    let thumbprint = unknown.certificate.thumbprint().to_string();
    assert!(untrusted.contains(&thumbprint), "{untrusted}");

    let old = certificate_from(&["w"], SignedDuration::from_hours(-24 * 10), 5);
    lab.trust(&old);
    let expired = refusal(lab.transport(Some(&old))).await;
    assert!(expired.starts_with("SO1006"), "{expired}");
    assert!(expired.contains("expired on"), "{expired}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_who_its_certificate_says() {
    let mut lab = Lab::new().await;
    let (mine, other) = (certificate(&["a"]), certificate(&["b"]));
    lab.trust(&mine);
    lab.trust(&other);
    let transport = lab.transport(Some(&mine));
    let before: Result<LeaseReply, _> = transport.post(LEASE, &lease(0), LIMIT).await;
    assert_eq!(before.unwrap_err().code(), "SO1202");
    let registered: Registered = transport
        .post(REGISTER, &registration(1), LIMIT)
        .await
        .unwrap();
    assert!(!registered.enabled);
    // The id belongs to the first certificate now.
    let stolen: Result<Registered, _> = lab
        .transport(Some(&other))
        .post(REGISTER, &registration(1), LIMIT)
        .await;
    assert!(stolen.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_worker_gets_nothing_until_it_is_enabled() {
    let mut lab = Lab::new().await;
    let issued = certificate(&["w"]);
    lab.trust(&issued);
    let transport = lab.transport(Some(&issued));
    let _: Registered = transport
        .post(REGISTER, &registration(1), LIMIT)
        .await
        .unwrap();
    let id = lab.start("quick", &[], 0).await;
    let nothing: LeaseReply = transport.post(LEASE, &lease(200), LIMIT).await.unwrap();
    assert_eq!(nothing, LeaseReply::default());

    // A request that waits already is answered as soon as the worker is enabled.
    let request = lease(60_000);
    let waiting = transport.post(LEASE, &request, LIMIT);
    let (granted, ()) = tokio::join!(waiting, lab.enable(Uuid::from_u128(1)));
    let granted: LeaseReply = granted.unwrap();
    assert_eq!(granted.tasks.len(), 1);
    assert_eq!(granted.tasks[0].task.execution_id, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_open_the_catalog_and_wrong_ones_do_not() {
    let lab = Lab::new().await;
    lab.client().registry().await.unwrap();
    let wrong = lab.client_with(Some(Secret::new("wrong")));
    let error = wrong.registry().await.unwrap_err();
    assert_eq!(error.code(), "SO1203");
    assert_eq!(error.blame().exit_code(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_gives_a_token_until_it_logs_out() {
    let lab = Lab::new().await;
    let password = std::fs::read_to_string(lab.path("master").join("admin.password")).unwrap();
    let with = |password: &str| Credentials::Password {
        name: "admin".to_owned(),
        password: Secret::new(password),
    };
    let trust = lab.master_trust();
    let wrong = log_in(&lab.endpoint(), &trust, &with("guess"), None).await;
    assert_eq!(wrong.unwrap_err().code(), "SO7130");
    let done = log_in(&lab.endpoint(), &trust, &with(&password), Some(600))
        .await
        .unwrap();
    let client = lab.client_with(Some(Secret::new(done.token)));
    let me = client.who_am_i().await.unwrap();
    assert_eq!(
        (me.login.as_str(), me.roles),
        ("admin", vec!["sysadmin".to_owned()])
    );
    client.log_out().await.unwrap();
    assert_eq!(client.who_am_i().await.unwrap_err().code(), "SO1203");
    // A worker's certificate is nobody's login.
    let worker = certificate(&["w"]);
    let identity = Box::new(Identity {
        certificate: worker.certificate,
        key: worker.key,
    });
    let stranger = Credentials::Certificate(identity);
    let refused = log_in(&lab.endpoint(), &trust, &stranger, None).await;
    assert_eq!(refused.unwrap_err().code(), "SO7131");
    let old = certificate_from(&["w"], SignedDuration::from_hours(-24 * 10), 5);
    let identity = Box::new(Identity {
        certificate: old.certificate,
        key: old.key,
    });
    let expired = Credentials::Certificate(identity);
    let refused = log_in(&lab.endpoint(), &trust, &expired, None).await;
    assert_eq!(refused.unwrap_err().code(), "SO1006");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_accepts_only_the_master_it_was_told() {
    let lab = Lab::new().await;
    let another = certificate(&["localhost", "127.0.0.1"]);
    let calls = [
        (
            MasterTrust::Certificate(Box::new(another.certificate.clone())),
            lab.endpoint(),
            "SO1009",
        ),
        (
            MasterTrust::Thumbprint(another.certificate.thumbprint_sha256()),
            lab.endpoint(),
            "SO1009",
        ),
        (
            lab.master_trust(),
            lab.endpoint().replace("127.0.0.1", "127.0.0.2"),
            "SO1102",
        ),
    ];
    for (trust, endpoint, code) in calls {
        let transport = Transport::new(endpoint.parse().unwrap(), &trust, None, None).unwrap();
        let error = transport.get::<Value>("/health", LIMIT).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    let right = MasterTrust::Thumbprint(lab.certificate.certificate.thumbprint());
    let transport = Transport::new(lab.endpoint().parse().unwrap(), &right, None, None).unwrap();
    transport.get::<Value>("/health", LIMIT).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_must_have_the_name_by_which_it_is_called() {
    let lab = Lab::new().await;
    let named = certificate(&["elsewhere"]);
    let mut options = lab.master_options();
    options.listen.set_port(0);
    options.data_dir = lab.path("named");
    options.catalog = CatalogLocation::Sqlite(lab.path("named.db"));
    options.certificate = named.certificate.clone();
    options.key = named.key;
    let master = Master::start(options).await.unwrap();
    let endpoint = format!("https://127.0.0.1:{}", master.address().port());
    let trust = MasterTrust::Certificate(Box::new(named.certificate));
    let transport = Transport::new(endpoint.parse().unwrap(), &trust, None, None).unwrap();
    let error = transport.get::<Value>("/health", LIMIT).await.unwrap_err();
    assert_eq!(error.code(), "SO1010", "{error}");
    let text = with_sources(&error);
    assert!(text.contains("its names are elsewhere"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_no_json_or_too_long_is_refused() {
    let lab = Lab::new().await;
    let long = "x".repeat(5 << 20);
    let arguments =
        scaleout_core::registry::Arguments::from([("folder_name".to_owned(), json!(long))]);
    let error = lab
        .client()
        .call("create_folder", arguments)
        .await
        .unwrap_err();
    assert_eq!(error.blame().exit_code(), 6, "{error}");
    let mut garbage = lab.client().view("no_such_view", &Default::default()).await;
    assert_eq!(garbage.as_mut().unwrap_err().blame(), Blame::Missing);
}

/// The page with this table between its marks.
fn with_table(page: &str, mark: &str, table: &str) -> String {
    let (start, end) = (
        format!("<!-- {mark} -->\n"),
        format!("<!-- end of {mark} -->"),
    );
    let (before, rest) = page.split_once(&start).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{start}{table}{end}{after}")
}

/// `docs/security.md` has every endpoint, who may call it, and the test that a stranger may not.
#[test]
fn the_page_of_endpoints_is_current() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut table =
        String::from("| endpoint | who may call it | a stranger is refused in |\n|---|---|---|\n");
    for endpoint in ENDPOINTS {
        let who = match endpoint.access {
            Access::Anyone => "anyone",
            Access::Certificate => "whoever shows a certificate that the master trusts",
            Access::Worker => "a registered worker, by its certificate",
            Access::Login => "whoever shows credentials in the request itself",
            Access::Person => "a login, by its token; what it may do the catalog decides",
        };
        let test = match endpoint.access {
            Access::Anyone => "-",
            _ => "`a_stranger_is_refused_everywhere_but_at_health`",
        };
        table.push_str(&format!(
            "| `{} {}` | {who} | {test} |\n",
            endpoint.method, endpoint.path
        ));
    }
    let mut of_worker =
        String::from("| endpoint | who may call it | a stranger is refused in |\n|---|---|---|\n");
    for endpoint in MONITORING_ENDPOINTS {
        let (who, test) = match endpoint.access {
            MonitoringAccess::Anyone => ("anyone", "-"),
            MonitoringAccess::Certificate => (
                "whoever shows a certificate of the worker's store `Root`",
                "`a_worker_shows_its_metrics_to_who_has_a_certificate_of_its_root_and_to_nobody_else`",
            ),
        };
        of_worker.push_str(&format!("| `GET {}` | {who} | {test} |\n", endpoint.path));
    }
    let expected = with_table(&page, "endpoints", &table);
    let expected = with_table(&expected, "endpoints of a worker", &of_worker);
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    assert!(
        page == expected || std::env::var_os("UPDATE_PAGES").is_some(),
        "docs/security.md is not current: UPDATE_PAGES=1 cargo test -p scaleout-agent --test services the_page"
    );
}
