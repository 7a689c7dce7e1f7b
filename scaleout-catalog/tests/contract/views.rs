//! Views: every column of each can be shown, ordered by and filtered on.

use std::cmp::Ordering;

use scaleout_catalog::{Caller, CatalogError, CatalogLocation, MasterReport, Role};
use scaleout_core::protocol::child::{ChildPackage, StartChild};
use scaleout_core::protocol::event::{ContextEntry, EventBody, OutputNote};
use scaleout_core::registry::views::VIEWS;
use scaleout_core::registry::{Rows, SqlType, View, ViewColumn, ViewQuery};
use serde_json::{Value, json};

use crate::databases::{Database, contract, scalar};
use crate::events::{batch, ended, phase, rows_sent, running};
use crate::support::{ANNA, BERT, Bench, admin, key, messages, package, parameter};

contract![
    every_view_has_its_declared_columns_in_their_order,
    every_column_orders_its_view_with_null_first,
    every_column_filters_its_view,
    pages_of_a_status_begin_at_either_end,
    text_compares_by_its_letters_without_case,
];

/// A catalog with something in every view.
async fn filled(on: Database) -> Bench {
    let (bench, id) = running(on, 3).await;
    let text =
        parameter("Text", 18, "", Some("from design")) + &parameter("Count", 9, "", Some("1"));
    let packages = [package("a.dtsx"), package("B.dtsx")];
    bench.deploy("p", &packages, &text).await.unwrap();
    bench.worker(BERT).await;
    for environment in ["B", "a"] {
        let named = json!({"folder_name": "f", "environment_name": environment});
        bench.call("create_environment", named).await.unwrap();
        let reference = json!({"folder_name": "f", "project_name": "p", "environment_name": environment, "reference_location": "R"});
        let made = bench.call("create_environment_reference", reference);
        made.await.unwrap();
        let variable = json!({"folder_name": "f", "environment_name": environment, "variable_name": environment,
            "data_type": "String", "sensitive": 0, "value": environment, "description": ""});
        let made = bench.call("create_environment_variable", variable);
        made.await.unwrap();
    }
    let second = bench.create(json!({"useanyworker": false})).await.unwrap();
    let worker = json!({"execution_id": second, "workeragent_id": BERT});
    bench.call("add_execution_worker", worker).await.unwrap();
    for path in [r"\Package.B", r"\Package.a"] {
        let arguments = json!({"execution_id": second, "property_path": path, "property_value": "b", "sensitive": 0});
        let set = bench.call("set_execution_property_override_value", arguments);
        set.await.unwrap();
    }
    let output = EventBody::Output(OutputNote {
        component: "out".into(),
        target: "/tmp/b.csv".into(),
    });
    let bodies = vec![ended(r"\a"), phase(), rows_sent(10, true, "x"), output];
    let mut batch = batch(id, bodies);
    batch.events.extend(messages(key(id, 1), 5, 6).events);
    bench.catalog.append_events(ANNA, &batch).await.unwrap();
    look_closer(&bench, id, second).await;
    for (occurrence, package_name) in [(1, "a.dtsx"), (2, "a.dtsx")] {
        let child = ChildPackage {
            path: format!(r"\Package\{occurrence}"),
            occurrence,
            package_name: package_name.to_owned(),
            parameters: Vec::new(),
            variables: Vec::new(),
        };
        let attempt = key(id, 1);
        let start = StartChild { attempt, child };
        bench.catalog.start_child(ANNA, &start).await.unwrap();
    }
    bench.wait(60);
    bench
        .call("stop_operation", json!({"operation_id": second}))
        .await
        .unwrap();
    for (name, digit) in [("b", "1"), ("A", "2")] {
        let new = json!({"login_name": name, "certificate_thumbprint": digit.repeat(64)});
        let made = bench.call("create_login", new).await.unwrap();
        let role = json!({"login_name": name, "role_name": "ssis_logreader"});
        bench.call("add_login_role", role).await.unwrap();
        let grant = json!({"object_type": 1, "object_id": 1, "permission_type": 101,
            "principal_id": made.outputs["@principal_id"]});
        bench.call("deny_permission", grant).await.unwrap();
        bench
            .catalog
            .create_token(name, Role::Public)
            .await
            .unwrap();
        let owner = Caller::new(name, Role::Public);
        let new = json!({"description": name});
        bench.call_as(&owner, "create_token", new).await.unwrap();
    }
    join_two(&bench).await;
    a_master(&bench).await;
    let properties = [("MACHINE_NAME", "host".to_owned())];
    bench
        .catalog
        .set_master_properties(&properties)
        .await
        .unwrap();
    bench
}

/// A master that has said that it is there.
async fn a_master(bench: &Bench) {
    let master = MasterReport {
        address: "https://host:8391".to_owned(),
        machine_name: "host".to_owned(),
        process_id: 1,
        program_version: "1".to_owned(),
        thumbprint: "aa".to_owned(),
        started: bench.in_seconds(0),
    };
    bench.catalog.report_master(&master).await.unwrap();
}

/// Two workers that have asked to join, one of them let in.
async fn join_two(bench: &Bench) {
    for (number, name) in [(1_u128, "b"), (2, "A")] {
        let made = bench.call("create_worker_token", json!({})).await.unwrap();
        let join = scaleout_core::protocol::worker::Join {
            token: made.outputs["@token"].as_str().unwrap().to_owned(),
            worker_agent_id: uuid::Uuid::from_u128(number),
            machine_name: name.to_owned(),
            display_name: name.to_owned(),
        };
        let certificate = scaleout_core::certificates::create_self_signed(
            &scaleout_core::certificates::CertificateRequest {
                names: vec![name.to_owned()],
                not_before: jiff::Timestamp::UNIX_EPOCH,
                valid_days: 36_500,
            },
        )
        .unwrap()
        .certificate;
        let address = "10.0.0.5".parse().unwrap();
        bench
            .catalog
            .join(&join, &certificate, address)
            .await
            .unwrap();
        bench
            .catalog
            .note_certificate(ANNA, &certificate)
            .await
            .unwrap();
    }
    bench
        .call("approve_worker", json!({"request_id": 1}))
        .await
        .unwrap();
    bench
        .call("revoke_certificate", json!({"thumbprint": "1".repeat(64)}))
        .await
        .unwrap();
}

/// Something in the views of what looks closer at executions.
async fn look_closer(bench: &Bench, running: i64, created: i64) {
    for name in ["b", "A"] {
        let level = json!({"level_name": name, "level_description": "", "profile_value": 1, "events_value": 1});
        let made = bench.call("create_customized_logging_level", level);
        made.await.unwrap();
        let tap = json!({"execution_id": created, "task_package_path": r"\Package\Load", "dataflow_path_id_string": name,
            "data_filename": format!("{name}.csv"), "max_rows": 1});
        bench.call("add_data_tap", tap).await.unwrap();
        let package = json!({"folder_name": "f", "project_name": "p", "package_name": format!("{name}.dtsx")});
        bench.call("validate_package", package).await.unwrap();
    }
    let mut batch = messages(key(running, 1), 7, 7);
    if let EventBody::Message(message) = &mut batch.events[0].body {
        message.context = vec![ContextEntry {
            depth: 1,
            package_path: r"\Package".into(),
            context_type: 70,
            source_name: "User::A".into(),
            source_id: "{7}".into(),
            property_name: "Value".into(),
            property_value: "5".into(),
        }];
    }
    bench.catalog.append_events(ANNA, &batch).await.unwrap();
}

async fn read(bench: &Bench, view: &View, query: ViewQuery) -> Result<Rows, CatalogError> {
    bench.catalog.view(&admin(), view.name, &query).await
}

async fn every_view_has_its_declared_columns_in_their_order(on: Database) {
    let bench = filled(on).await;
    for view in VIEWS {
        let rows = read(&bench, view, ViewQuery::default()).await.unwrap();
        let declared: Vec<&str> = view.columns.iter().map(|column| column.name).collect();
        assert_eq!(rows.columns, declared, "{}", view.name);
        assert!(!rows.rows.is_empty(), "{}", view.name);
        let stored = columns_in_database(&bench, view).await;
        let same = |(stored, declared): (&String, &&str)| stored.eq_ignore_ascii_case(declared);
        assert!(
            stored.len() == declared.len() && stored.iter().zip(&declared).all(same),
            "{}: {stored:?}",
            view.name
        );
    }
}

/// What someone sees who reads the view with other tools.
pub async fn columns_in_database(bench: &Bench, view: &View) -> Vec<String> {
    let names = match &bench.location {
        CatalogLocation::Sqlite(path) => {
            let sql = format!(
                "SELECT group_concat(name, ',') FROM pragma_table_info('{}')",
                view.name
            );
            let raw = rusqlite::Connection::open(path).unwrap();
            let names: String = raw.query_row(&sql, [], |row| row.get(0)).unwrap();
            names
        }
        CatalogLocation::Postgres(location) => {
            let sql = format!(
                "SELECT string_agg(column_name, ',' ORDER BY ordinal_position)
                 FROM information_schema.columns
                 WHERE table_schema IN ('catalog', 'msdb') AND table_name = '{}'",
                view.name
            );
            scalar(&location.to_string(), &sql).await
        }
    };
    names.split(',').map(str::to_owned).collect()
}

/// Values of a column as the database orders them: NULL, then false and true, numbers, bytes of texts.
fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => left.as_i64().cmp(&right.as_i64()),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        // `sql_variant`: stored as text.
        (left, right) => as_text(left).cmp(&as_text(right)),
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn column_of(rows: &Rows, index: usize) -> Vec<Value> {
    rows.rows.iter().map(|row| row[index].clone()).collect()
}

async fn every_column_orders_its_view_with_null_first(on: Database) {
    let bench = filled(on).await;
    for view in VIEWS {
        for (index, column) in view.columns.iter().enumerate() {
            if column.sql_type == SqlType::SqlVariant {
                continue;
            }
            for descending in [false, true] {
                let query = ViewQuery {
                    order_by: Some(column.name.to_lowercase()),
                    descending,
                    ..ViewQuery::default()
                };
                let rows = read(&bench, view, query).await.unwrap();
                let mut values = column_of(&rows, index);
                if descending {
                    values.reverse();
                }
                assert!(
                    values.is_sorted_by(|left, right| compare(left, right).is_le()),
                    "{}.{} {values:?}",
                    view.name,
                    column.name
                );
            }
        }
    }
}

async fn pages_of_a_status_begin_at_either_end(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let mut ids = Vec::new();
    for started in [true, false, true, true, false] {
        let id = bench.create(json!({})).await.unwrap();
        if started {
            bench.start(id).await.unwrap();
            ids.push(Value::from(id));
        }
    }
    for (view_name, key) in [
        ("executions", "execution_id"),
        ("operations", "operation_id"),
    ] {
        let view = VIEWS.iter().find(|view| view.name == view_name).unwrap();
        for descending in [false, true] {
            for order_by in [None, Some(key.to_owned())] {
                let query = ViewQuery {
                    equals: vec![("Status".to_owned(), "5".to_owned())],
                    order_by,
                    descending,
                    limit: Some(2),
                    ..ViewQuery::default()
                };
                let rows = read(&bench, view, query).await.unwrap();
                let index = view.columns.iter().position(|column| column.name == key);
                let mut wanted = ids.clone();
                if descending {
                    wanted.reverse();
                }
                wanted.truncate(2);
                assert_eq!(column_of(&rows, index.unwrap()), wanted, "{view_name}");
            }
        }
    }
}

/// A value of the type of a column that no row has.
fn absent(column: &ViewColumn) -> &'static str {
    match column.sql_type {
        SqlType::Bigint | SqlType::Int | SqlType::Smallint | SqlType::Tinyint => "-7",
        SqlType::Bit => "true",
        SqlType::Varbinary(_) => "AAEC",
        SqlType::UniqueIdentifier => "00000000-0000-0000-0000-0000000000ff",
        SqlType::DatetimeOffset { .. } | SqlType::Datetime => "1900-01-01T00:00:00Z",
        SqlType::Nvarchar(_)
        | SqlType::NvarcharUnstated
        | SqlType::Sysname
        | SqlType::Char(_)
        | SqlType::SqlVariant
        | SqlType::PackageTable => "no such text",
    }
}

async fn every_column_filters_its_view(on: Database) {
    let bench = filled(on).await;
    for view in VIEWS {
        let all = read(&bench, view, ViewQuery::default()).await.unwrap();
        for (index, column) in view.columns.iter().enumerate() {
            let name = format!("{}.{}", view.name, column.name);
            let values = column_of(&all, index);
            let some = values.iter().find(|value| !value.is_null());
            let wanted = some.map_or(absent(column).to_owned(), as_text);
            let equal = values
                .iter()
                .filter(|value| !value.is_null() && as_text(value).eq_ignore_ascii_case(&wanted));
            let query = ViewQuery {
                equals: vec![(column.name.to_uppercase(), wanted.clone())],
                ..ViewQuery::default()
            };
            let found = read(&bench, view, query).await.unwrap();
            if column.sql_type != SqlType::SqlVariant {
                assert_eq!(found.rows.len(), equal.count(), "{name} = {wanted}");
            }
            let query = ViewQuery {
                greater: vec![(column.name.to_owned(), absent(column).to_owned())],
                ..ViewQuery::default()
            };
            let found = read(&bench, view, query).await.unwrap();
            if matches!(
                column.sql_type,
                SqlType::Bigint | SqlType::DatetimeOffset { .. }
            ) {
                let known = values.iter().filter(|value| !value.is_null());
                assert_eq!(
                    found.rows.len(),
                    known.count(),
                    "{name} > {}",
                    absent(column)
                );
            }
        }
    }
}

async fn text_compares_by_its_letters_without_case(on: Database) {
    let bench = Bench::open(on).await;
    for name in ["b", "A", "Übung", "C"] {
        let arguments = json!({"folder_name": name});
        bench.call("create_folder", arguments).await.unwrap();
    }
    let names = async |query| {
        let rows = bench
            .catalog
            .view(&admin(), "folders", &query)
            .await
            .unwrap();
        column_of(&rows, 1)
    };
    let ordered = ViewQuery {
        order_by: Some("name".into()),
        ..ViewQuery::default()
    };
    assert_eq!(names(ordered).await, ["A", "C", "b", "Übung"]);
    let after = ViewQuery {
        greater: vec![("name".into(), "B".into())],
        ..ViewQuery::default()
    };
    assert_eq!(names(after).await, ["Übung", "C"]);
    assert_eq!(bench.view("folders", &[("name", "a")]).await.len(), 1);
    assert_eq!(bench.view("folders", &[("name", "Übung")]).await.len(), 1);
}
