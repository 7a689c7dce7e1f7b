//! Logins: letting in, keeping out, tokens, and the record of it all.

use std::net::{IpAddr, Ipv4Addr};

use scaleout_catalog::CatalogError;
use scaleout_catalog::{Caller, Credentials, LoggedIn, PermissionError, Role};
use scaleout_core::error::Explain as _;
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{Bench, admin, package};

contract![
    a_token_names_its_caller_and_is_kept_as_a_hash,
    a_password_becomes_a_token_that_ends,
    guessing_is_slowed_down_for_that_login_only,
    a_certificate_logs_in_as_its_login,
    a_disabled_login_is_kept_out_with_all_its_tokens,
    nobody_hands_out_more_than_they_have,
    what_is_ones_own_can_be_changed_by_oneself_only,
    the_last_sysadmin_and_who_has_granted_something_stay,
    it_is_written_down_who_did_what_and_no_secret_is,
    the_first_administrator_gets_a_password_once,
];

const PASSWORD: &str = "correct horse battery";
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn root() -> Caller {
    Caller::new("root", Role::SysAdmin)
}

async fn with_password(bench: &Bench, name: &str) {
    let new = json!({"login_name": name, "password": PASSWORD});
    bench.call("create_login", new).await.unwrap();
}

async fn log_in(bench: &Bench, name: &str, password: &str) -> Result<LoggedIn, CatalogError> {
    let credentials = Credentials::Password {
        name: name.to_owned(),
        password: password.to_owned(),
    };
    bench.catalog.log_in(credentials, None, Some(HERE)).await
}

fn code<T: std::fmt::Debug>(result: Result<T, CatalogError>) -> String {
    result.unwrap_err().code().to_owned()
}

async fn a_token_names_its_caller_and_is_kept_as_a_hash(on: Database) {
    let bench = Bench::open(on).await;
    let token = bench
        .catalog
        .create_token("ci", Role::ClusterExecutor)
        .await
        .unwrap();
    let caller = bench.catalog.authenticate(&token).await.unwrap().unwrap();
    assert_eq!(caller, Caller::new("ci", Role::ClusterExecutor));
    assert!(bench.catalog.authenticate("guess").await.unwrap().is_none());
    let bench = bench.reopen().await;
    assert!(bench.catalog.authenticate(&token).await.unwrap().is_some());
    assert!(!bench.holds(&token).await);
}

async fn a_password_becomes_a_token_that_ends(on: Database) {
    let bench = Bench::open(on).await;
    with_password(&bench, "Anna").await;
    assert!(!bench.holds(PASSWORD).await);
    let done = log_in(&bench, "ANNA", PASSWORD).await.unwrap();
    assert_eq!(done.login, "Anna");
    assert_eq!(done.expires, bench.in_seconds(12 * 3600));
    let caller = bench
        .catalog
        .authenticate(&done.token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((caller.name.as_str(), caller.roles.len()), ("Anna", 0));
    assert!(!bench.holds(&done.token).await);
    // Roles count from the next call on.
    let role = json!({"login_name": "anna", "role_name": "ssis_logreader"});
    bench.call("add_login_role", role).await.unwrap();
    let caller = bench
        .catalog
        .authenticate(&done.token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(caller.roles, [Role::LogReader]);
    bench.wait(12 * 3600 - 1);
    assert!(
        bench
            .catalog
            .authenticate(&done.token)
            .await
            .unwrap()
            .is_some()
    );
    bench.wait(1);
    assert_eq!(
        code(bench.catalog.authenticate(&done.token).await),
        "SO7134"
    );
    let again = log_in(&bench, "anna", PASSWORD).await.unwrap();
    bench.catalog.log_out(&caller, &again.token).await.unwrap();
    assert!(
        bench
            .catalog
            .authenticate(&again.token)
            .await
            .unwrap()
            .is_none()
    );
    for (name, password) in [
        ("anna", "wrong horse battery"),
        ("nobody", PASSWORD),
        ("ssis_admin", PASSWORD),
    ] {
        assert_eq!(
            code(log_in(&bench, name, password).await),
            "SO7130",
            "{name}"
        );
    }
    // The tokens of before end with the password.
    let token = log_in(&bench, "anna", PASSWORD).await.unwrap().token;
    let new = json!({"login_name": "anna", "password": "another horse battery"});
    bench.call("set_login_password", new).await.unwrap();
    assert!(bench.catalog.authenticate(&token).await.unwrap().is_none());
    assert_eq!(code(log_in(&bench, "anna", PASSWORD).await), "SO7130");
    log_in(&bench, "anna", "another horse battery")
        .await
        .unwrap();
    for weak in ["short", "anna-anna", ""] {
        let arguments = json!({"login_name": "anna", "password": weak});
        assert_eq!(
            bench.refusal("set_login_password", arguments).await,
            "SO7113",
            "{weak}"
        );
    }
}

async fn guessing_is_slowed_down_for_that_login_only(on: Database) {
    let bench = Bench::open(on).await;
    with_password(&bench, "anna").await;
    with_password(&bench, "bert").await;
    for _ in 0..5 {
        assert_eq!(code(log_in(&bench, "anna", "guess").await), "SO7130");
    }
    // Not even the right one counts now.
    let refused = log_in(&bench, "Anna", PASSWORD).await.unwrap_err();
    let wait = match refused {
        CatalogError::Permission(PermissionError::TooManyFailures { seconds, .. }) => seconds,
        other => panic!("{other}"),
    };
    assert_eq!(wait, 1);
    log_in(&bench, "bert", PASSWORD).await.unwrap();
    bench.wait(1);
    log_in(&bench, "anna", PASSWORD).await.unwrap();
}

async fn a_certificate_logs_in_as_its_login(on: Database) {
    let bench = Bench::open(on).await;
    let thumbprint = "ab".repeat(32);
    let new = json!({"login_name": "anna", "certificate_thumbprint": thumbprint.to_uppercase()});
    bench.call("create_login", new).await.unwrap();
    let with = async |thumbprint: &str| {
        let thumbprint = thumbprint.to_owned();
        let credentials = Credentials::Certificate { thumbprint };
        bench
            .catalog
            .log_in(credentials, Some(60), Some(HERE))
            .await
    };
    let done = with(&thumbprint).await.unwrap();
    assert_eq!(
        (done.login.as_str(), done.expires),
        ("anna", bench.in_seconds(60))
    );
    assert_eq!(code(with(&"cd".repeat(32)).await), "SO7131");
    // One certificate, one login; and a login needs some way in.
    let taken = json!({"login_name": "bert", "certificate_thumbprint": thumbprint});
    assert_eq!(bench.refusal("create_login", taken).await, "SO7119");
    let short = json!({"login_name": "bert", "certificate_thumbprint": "abcd"});
    assert_eq!(bench.refusal("create_login", short).await, "SO7119");
    assert_eq!(
        bench
            .refusal("create_login", json!({"login_name": "bert"}))
            .await,
        "SO7112"
    );
    let none = json!({"login_name": "anna"});
    assert_eq!(bench.refusal("set_login_certificate", none).await, "SO7112");
    assert_eq!(
        code(log_in(&bench, "anna", PASSWORD).await),
        "SO7130",
        "no password at all"
    );
}

async fn a_disabled_login_is_kept_out_with_all_its_tokens(on: Database) {
    let bench = Bench::open(on).await;
    with_password(&bench, "anna").await;
    let token = log_in(&bench, "anna", PASSWORD).await.unwrap().token;
    let change = async |is_enabled: bool| {
        let arguments = json!({"login_name": "anna", "is_enabled": is_enabled});
        bench.call("set_login_enabled", arguments).await.unwrap();
    };
    change(false).await;
    assert_eq!(code(bench.catalog.authenticate(&token).await), "SO7132");
    assert_eq!(code(log_in(&bench, "anna", PASSWORD).await), "SO7132");
    // Who does not know the password is not told.
    assert_eq!(code(log_in(&bench, "anna", "guess").await), "SO7130");
    change(true).await;
    assert!(bench.catalog.authenticate(&token).await.unwrap().is_some());
}

async fn nobody_hands_out_more_than_they_have(on: Database) {
    let bench = Bench::open(on).await;
    bench.login("root", Role::SysAdmin).await;
    with_password(&bench, "anna").await;
    let sysadmin = json!({"login_name": "anna", "role_name": "sysadmin"});
    assert_eq!(
        bench.refusal("add_login_role", sysadmin.clone()).await,
        "SO7117"
    );
    bench
        .call_as(&root(), "add_login_role", sysadmin.clone())
        .await
        .unwrap();
    let of_anna = [
        (
            "set_login_password",
            json!({"login_name": "anna", "password": "another horse battery"}),
        ),
        (
            "set_login_enabled",
            json!({"login_name": "anna", "is_enabled": 0}),
        ),
        (
            "set_login_certificate",
            json!({"login_name": "anna", "certificate_thumbprint": "ab".repeat(32)}),
        ),
        ("remove_login_role", sysadmin),
        ("delete_login", json!({"login_name": "anna"})),
    ];
    for (procedure, arguments) in of_anna.clone() {
        let refused = bench.refusal(procedure, arguments).await;
        assert_eq!(refused, "SO7117", "{procedure}");
    }
    for (procedure, arguments) in of_anna {
        let done = bench.call_as(&root(), procedure, arguments).await;
        done.unwrap();
    }
    for role in ["public", "db_owner", ""] {
        with_role(&bench, role).await;
    }
}

async fn with_role(bench: &Bench, role: &str) {
    let arguments = json!({"login_name": "root", "role_name": role});
    assert_eq!(
        bench.refusal("add_login_role", arguments).await,
        "SO7116",
        "{role}"
    );
}

async fn what_is_ones_own_can_be_changed_by_oneself_only(on: Database) {
    let bench = Bench::open(on).await;
    with_password(&bench, "anna").await;
    with_password(&bench, "bert").await;
    let anna = Caller::new("anna", Role::Public);
    let mine = bench
        .call_as(&anna, "create_token", json!({"description": "x"}))
        .await
        .unwrap();
    let token = mine.outputs["@token"].as_str().unwrap().to_owned();
    let caller = bench.catalog.authenticate(&token).await.unwrap().unwrap();
    assert_eq!(caller.name, "anna");
    assert!(!bench.holds(&token).await);
    assert_eq!(bench.view_as(&anna, "tokens", &[]).await.len(), 1);
    let bert = Caller::new("bert", Role::Public);
    assert!(bench.view_as(&bert, "tokens", &[]).await.is_empty());
    assert_eq!(bench.view_as(&bert, "logins", &[]).await.len(), 1);
    let revoke = json!({"token_id": mine.outputs["@token_id"]});
    let others = bench.call_as(&bert, "revoke_token", revoke.clone()).await;
    assert_eq!(code(others), "SO7120");
    bench.call_as(&anna, "revoke_token", revoke).await.unwrap();
    assert!(bench.catalog.authenticate(&token).await.unwrap().is_none());
    let ghost = Caller::new("ghost", Role::Public);
    assert_eq!(
        code(bench.call_as(&ghost, "create_token", json!({})).await),
        "SO7121"
    );
    for days in [0, 367, -1] {
        let asked = bench
            .call_as(&anna, "create_token", json!({"valid_days": days}))
            .await;
        assert_eq!(code(asked), "SO7026", "{days}");
    }
    let change = |old: Value| json!({"login_name": "anna", "password": "another horse battery", "old_password": old});
    for old in [Value::Null, json!("guess")] {
        let refused = bench
            .call_as(&anna, "set_login_password", change(old))
            .await;
        assert_eq!(code(refused), "SO7114");
    }
    let others = bench
        .call_as(&bert, "set_login_password", change(json!(PASSWORD)))
        .await;
    assert_eq!(code(others), "SO7010");
    bench
        .call_as(&anna, "set_login_password", change(json!(PASSWORD)))
        .await
        .unwrap();
    log_in(&bench, "anna", "another horse battery")
        .await
        .unwrap();
}

async fn the_last_sysadmin_and_who_has_granted_something_stay(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.login("root", Role::SysAdmin).await;
    let last = [
        ("delete_login", json!({"login_name": "root"})),
        (
            "set_login_enabled",
            json!({"login_name": "root", "is_enabled": 0}),
        ),
        (
            "remove_login_role",
            json!({"login_name": "root", "role_name": "sysadmin"}),
        ),
    ];
    for (procedure, arguments) in last {
        assert_eq!(
            code(bench.call_as(&root(), procedure, arguments).await),
            "SO7115",
            "{procedure}"
        );
    }
    let chief = bench.login("chief", Role::SysAdmin).await;
    bench.login("anna", Role::Public).await;
    let anna = bench.principal("anna").await;
    let grant =
        json!({"object_type": 1, "object_id": 1, "principal_id": anna, "permission_type": 1});
    bench
        .call_as(&chief, "grant_permission", grant.clone())
        .await
        .unwrap();
    let gone = json!({"login_name": "chief"});
    assert_eq!(
        code(bench.call_as(&root(), "delete_login", gone.clone()).await),
        "SO7118"
    );
    bench.call("revoke_permission", grant).await.unwrap();
    bench.call_as(&root(), "delete_login", gone).await.unwrap();
    assert_eq!(
        bench
            .refusal("delete_login", json!({"login_name": "chief"}))
            .await,
        "SO7111"
    );
    let again = json!({"login_name": "ROOT", "password": PASSWORD});
    assert_eq!(bench.refusal("create_login", again).await, "SO7110");
}

async fn it_is_written_down_who_did_what_and_no_secret_is(on: Database) {
    let bench = Bench::open(on).await;
    with_password(&bench, "anna").await;
    let mut caller = admin();
    caller.address = Some(HERE);
    for (procedure, arguments) in [
        ("create_folder", json!({"folder_name": "f"})),
        (
            "create_environment",
            json!({"folder_name": "f", "environment_name": "e"}),
        ),
        (
            "create_environment_variable",
            json!({"folder_name": "f", "environment_name": "e", "variable_name": "V", "data_type": "String",
                "sensitive": 1, "value": "opensesame-4711", "description": "d"}),
        ),
        ("startup", json!({})),
    ] {
        bench.call_as(&caller, procedure, arguments).await.unwrap();
    }
    log_in(&bench, "anna", PASSWORD).await.unwrap();
    let _wrong = log_in(&bench, "anna", "guess-0815-guess").await;
    let anna = Caller::new("anna", Role::Public);
    let _refused = bench
        .call_as(&anna, "create_folder", json!({"folder_name": "g"}))
        .await;
    // What was wrong or only read leaves nothing.
    let _missing = bench
        .call_as(&caller, "delete_folder", json!({"folder_name": "x"}))
        .await;
    let _read = bench
        .call_as(&caller, "check_schema_version", json!({}))
        .await;
    let log = bench.view("audit_log", &[]).await;
    let lines: Vec<String> = log
        .iter()
        .map(|row| {
            let text = |column: &str| row[column].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {} [{}] {}",
                text("login_name"),
                text("address"),
                text("action"),
                text("object"),
                text("outcome")
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "admin - create_login [login_name=anna] done",
            "admin 127.0.0.1 create_folder [folder_name=f] done",
            "admin 127.0.0.1 create_environment [folder_name=f, environment_name=e] done",
            "admin 127.0.0.1 create_environment_variable [folder_name=f, environment_name=e, variable_name=V, data_type=String, sensitive=1] done",
            "admin 127.0.0.1 startup [] done",
            "anna 127.0.0.1 login [] done",
            "anna 127.0.0.1 login [] SO7130",
            "anna - create_folder [folder_name=g] SO7010",
        ]
    );
    for secret in [PASSWORD, "opensesame-4711", "guess-0815"] {
        assert!(!bench.holds(secret).await, "{secret}");
    }
    assert!(bench.view_as(&anna, "audit_log", &[]).await.is_empty());
    // It goes when logs of that age go, and no sooner.
    bench.wait(364 * 86_400);
    bench.catalog.clean_up("master").await.unwrap();
    assert_eq!(bench.view("audit_log", &[]).await.len(), lines.len());
    bench.wait(2 * 86_400);
    bench.catalog.clean_up("master").await.unwrap();
    assert!(bench.view("audit_log", &[]).await.is_empty());
}

async fn the_first_administrator_gets_a_password_once(on: Database) {
    let bench = Bench::open(on).await;
    let password = bench
        .catalog
        .first_password("admin")
        .await
        .unwrap()
        .unwrap();
    // Nothing counts before it was written down.
    assert_eq!(code(log_in(&bench, "admin", &password).await), "SO7130");
    bench
        .catalog
        .set_first_password("admin", &password)
        .await
        .unwrap();
    let token = log_in(&bench, "admin", &password).await.unwrap().token;
    let caller = bench.catalog.authenticate(&token).await.unwrap().unwrap();
    assert!(caller.has(Role::SysAdmin));
    assert_eq!(bench.catalog.first_password("admin").await.unwrap(), None);
}
