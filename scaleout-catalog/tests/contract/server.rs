//! What only a catalog on a server must do: a server that goes and comes back.

use scaleout_catalog::{Catalog, CatalogLocation};
use scaleout_core::error::Explain as _;
use serde_json::json;

use crate::databases::{Database, PostgresCluster, fresh_postgres, run_sql, scalar};
use crate::durability::end_connections;
use crate::support::{ANNA, Bench, package};

/// Why a location cannot be opened: its code, and everything that is told.
async fn refused(location: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let location: CatalogLocation = location.parse().unwrap();
    let clock = std::sync::Arc::new(scaleout_core::model::SystemClock);
    let error = Catalog::open(&location, folder.path(), clock)
        .await
        .unwrap_err();
    let told = format!(
        "{} {}",
        scaleout_core::error::with_sources(&error),
        error.hint()
    );
    (error.code().to_owned(), told)
}

async fn on_a_server_of_its_own() -> Option<(PostgresCluster, Bench)> {
    let cluster = PostgresCluster::start_or_skip()?;
    let folder = tempfile::tempdir().unwrap();
    let location = fresh_postgres(&cluster).await;
    let bench = Bench::open_at(location, folder).await;
    Some((cluster, bench.and_project(&[package("a.dtsx")]).await))
}

#[tokio::test]
async fn what_arrives_while_the_server_is_away_is_refused_and_what_comes_after_is_made() {
    let Some((cluster, bench)) = on_a_server_of_its_own().await else {
        return;
    };
    bench.worker(ANNA).await;
    let id = bench.pending(0).await;
    cluster.stop();
    let folder = |name: &str| json!({"folder_name": name});
    let error = bench.call("create_folder", folder("x")).await.unwrap_err();
    assert_eq!(error.code(), "SO9105");
    assert_eq!(error.blame(), scaleout_core::error::Blame::Unreachable);
    let told = scaleout_core::error::with_sources(&error);
    assert!(told.contains("nothing was changed"), "{told}");
    assert!(told.contains("cannot be reached"), "{told}");
    let read = bench.catalog.next_deadline().await.unwrap_err();
    assert_eq!(read.code(), "SO9109");
    cluster.start();
    bench.call("create_folder", folder("y")).await.unwrap();
    assert!(bench.view("folders", &[("name", "x")]).await.is_empty());
    assert!(bench.lease(id, ANNA).await.is_some());
}

#[tokio::test]
async fn a_connection_that_breaks_while_nobody_uses_it_costs_nothing() {
    let Some((_cluster, bench)) = on_a_server_of_its_own().await else {
        return;
    };
    // Two connections that read, and those that write.
    let read = || bench.view("folders", &[("name", "x")]);
    let read_both = async || assert_eq!(tokio::join!(read(), read()), (vec![], vec![]));
    read_both().await;
    end_connections(&bench.location.to_string()).await;
    read_both().await;
    let arguments = json!({"folder_name": "x"});
    bench.call("create_folder", arguments).await.unwrap();
    assert_eq!(bench.view("folders", &[("name", "x")]).await.len(), 1);
}

/// Breaks the connection of the writer at the commit: the server has done all it was told by then.
const BREAK_AT_COMMIT: &str = "
    CREATE FUNCTION internal.break() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_terminate_backend(pg_backend_pid());
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER break AFTER INSERT ON internal.folder
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.name = 'unlucky')
        EXECUTE FUNCTION internal.break();";

#[tokio::test]
async fn an_acknowledged_change_is_on_disk_whatever_the_database_says() {
    let Some(on) = Database::postgres_or_skip() else {
        return;
    };
    let bench = Bench::open(on).await;
    let url = bench.location.to_string();
    run_sql(
        &url,
        "DO $$ BEGIN
             EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database());
         END $$;
         CREATE TABLE public.seen (setting text);
         CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             INSERT INTO public.seen VALUES (current_setting('synchronous_commit'));
             RETURN NULL;
         END $$;
         CREATE TRIGGER see AFTER INSERT ON internal.folder EXECUTE FUNCTION public.see();",
    )
    .await;
    let bench = bench.reopen().await;
    let arguments = json!({"folder_name": "x"});
    bench.call("create_folder", arguments).await.unwrap();
    assert_eq!(scalar(&url, "SHOW synchronous_commit").await, "off");
    assert_eq!(scalar(&url, "SELECT setting FROM public.seen").await, "on");
}

#[tokio::test]
async fn changes_whose_commit_broke_are_all_told_that_nothing_was_changed() {
    let Some((_cluster, bench)) = on_a_server_of_its_own().await else {
        return;
    };
    run_sql(&bench.location.to_string(), BREAK_AT_COMMIT).await;
    let make = |name| bench.call("create_folder", json!({"folder_name": name}));
    let results = futures_util::future::join_all(["a", "unlucky", "b"].map(make)).await;
    for result in results {
        assert_eq!(result.unwrap_err().code(), "SO9105");
    }
    let names = bench.view("folders", &[]).await;
    assert_eq!(names.len(), 1, "only the one of the project: {names:?}");
    make("b").await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_opened_says_what_to_do() {
    let Some((cluster, _)) = on_a_server_of_its_own().await else {
        return;
    };
    let (code, told) = refused(&cluster.url("nowhere")).await;
    assert_eq!(code, "SO9112");
    assert!(told.contains("createdb"), "{told}");
    let stranger = cluster
        .url("postgres")
        .replace("user=scaleout", "user=stranger");
    assert_eq!(refused(&stranger).await.0, "SO9112");
    run_sql(&cluster.url("postgres"), "CREATE ROLE poor LOGIN").await;
    let poor = cluster
        .url("postgres")
        .replace("user=scaleout", "user=poor");
    let (code, told) = refused(&poor).await;
    assert_eq!(code, "SO9101");
    assert!(told.contains("GRANT CREATE"), "{told}");
    cluster.stop();
    let (code, told) = refused(&cluster.url("postgres")).await;
    assert_eq!(code, "SO9109");
    assert!(told.contains("start the server"), "{told}");
}

#[tokio::test]
async fn readers_of_the_views_see_natural_types_and_nothing_else() {
    let Some(on) = Database::postgres_or_skip() else {
        return;
    };
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.create(json!({})).await.unwrap();
    let url = bench.location.to_string();
    let role = format!("reader{}", std::process::id());
    run_sql(
        &url,
        &format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA catalog TO {role};
             GRANT SELECT ON ALL TABLES IN SCHEMA catalog TO {role}"
        ),
    )
    .await;
    let reader = url.replace("user=scaleout", &format!("user={role}"));
    let seen = "SELECT concat_ws(' ', Package_Name, use32bitruntime,
         created_time = timestamptz '2027-01-15 08:00:00Z') FROM catalog.executions";
    assert_eq!(scalar(&reader, seen).await, "a.dtsx f t");
    let table = "SELECT has_schema_privilege(current_user, 'internal', 'USAGE')::text";
    assert_eq!(scalar(&reader, table).await, "false");
}

#[tokio::test]
async fn a_text_that_postgresql_cannot_keep_is_refused_as_a_whole() {
    let Some(on) = Database::postgres_or_skip() else {
        return;
    };
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let id = bench.create(json!({})).await.unwrap();
    let property = json!({"execution_id": id, "property_path": r"\Package.A", "property_value": "a\0b", "sensitive": 0});
    let refusal = bench.refusal("set_execution_property_override_value", property);
    assert_eq!(refusal.await, "SO9113");
    assert!(
        bench
            .view("execution_property_override_values", &[])
            .await
            .is_empty()
    );
}

/// A certificate for `localhost` as the files of a server and the authority of a client.
async fn with_tls() -> Option<(PostgresCluster, u16, tempfile::TempDir)> {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use scaleout_core::certificates::{CertificateRequest, create_self_signed};

    let files = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(files.path(), open).unwrap();
    let request = CertificateRequest {
        names: vec!["localhost".to_owned()],
        not_before: jiff::Timestamp::now(),
        valid_days: 1,
    };
    let issued = create_self_signed(&request).unwrap();
    let (certificate, key) = (files.path().join("cert"), files.path().join("key"));
    std::fs::write(&certificate, issued.certificate.to_pem()).unwrap();
    std::fs::write(&key, issued.key.to_pem()).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    if let Some(account) = PostgresCluster::account() {
        chown(&key, Some(account), None).unwrap();
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let cluster = PostgresCluster::start_with(&[
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", certificate.display()),
        format!("ssl_key_file={}", key.display()),
        "listen_addresses=localhost".to_owned(),
        format!("port={port}"),
    ])?;
    Some((cluster, port, files))
}

#[tokio::test]
async fn each_sslmode_has_its_effect() {
    let Some((_cluster, port, files)) = with_tls().await else {
        return;
    };
    let authority = files.path().join("cert");
    let url = |mode: &str| format!("postgres://scaleout@localhost:{port}/postgres?sslmode={mode}");
    let trusting = |mode: &str| format!("{}&sslrootcert={}", url(mode), authority.display());
    let encrypted = "SELECT ssl::text FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
         WHERE a.application_name LIKE 'soctl%'";
    for (location, with_tls) in [
        (url("disable"), "false"),
        (url("prefer"), "true"),
        (url("require"), "true"),
        (trusting("verify-full"), "true"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let clock = std::sync::Arc::new(scaleout_core::model::SystemClock);
        let opened = Catalog::open(&location.parse().unwrap(), folder.path(), clock).await;
        match opened {
            Ok(catalog) => {
                assert_eq!(
                    scalar(&url("disable"), encrypted).await,
                    with_tls,
                    "{location}"
                );
                run_sql(&url("disable"), "DELETE FROM internal.secret_key").await;
                catalog.close().await;
            }
            Err(error) => panic!("{location}: {}", scaleout_core::error::with_sources(&error)),
        }
    }
    // Nobody vouches for the certificate; it is for another name.
    assert_eq!(refused(&url("verify-full")).await.0, "SO9109");
    let other = trusting("verify-full").replace("localhost", "127.0.0.1");
    let (code, told) = refused(&other).await;
    assert_eq!(code, "SO9109", "{told}");
    assert!(told.contains("sslmode"), "{told}");
}
