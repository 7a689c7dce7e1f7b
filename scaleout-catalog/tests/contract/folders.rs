//! Folders.

use serde_json::json;

use crate::databases::{Database, contract};
use crate::support::Bench;

contract![
    a_folder_is_created_shown_and_its_id_returned,
    names_are_unique_whatever_their_case,
    of_two_callers_at_once_one_wins,
    names_that_break_the_rules_are_refused,
    a_folder_is_renamed_described_and_deleted,
    a_folder_with_a_project_stays,
];

async fn a_folder_is_created_shown_and_its_id_returned(on: Database) {
    let bench = Bench::open(on).await;
    let made = bench
        .call("create_folder", json!({"folder_name": "Sales"}))
        .await
        .unwrap();
    let rows = bench.view("folders", &[("name", "sales")]).await;
    assert_eq!(rows[0]["id"], made.outputs["@folder_id"]);
    assert_eq!(made.outputs["@folder_id"], made.return_value);
    assert_eq!(rows[0]["created_by_name"], "admin");
    assert_eq!(rows[0]["created_time"], "2027-01-15T08:00:00.000000Z");
}

async fn names_are_unique_whatever_their_case(on: Database) {
    let bench = Bench::open(on).await;
    bench
        .call("create_folder", json!({"folder_name": "ÄRGER"}))
        .await
        .unwrap();
    assert_eq!(
        bench
            .refusal("create_folder", json!({"folder_name": "ärger"}))
            .await,
        "SO7012"
    );
    assert_eq!(bench.view("folders", &[]).await.len(), 1);
}

async fn of_two_callers_at_once_one_wins(on: Database) {
    let bench = Bench::open(on).await;
    let make = || bench.call("create_folder", json!({"folder_name": "f"}));
    let (first, second) = tokio::join!(make(), make());
    assert_ne!(first.is_ok(), second.is_ok());
    assert_eq!(bench.view("folders", &[]).await.len(), 1);
}

async fn names_that_break_the_rules_are_refused(on: Database) {
    let bench = Bench::open(on).await;
    for name in ["", " a", "a ", "@a", "a|b", "a\u{1}"] {
        assert_eq!(
            bench
                .refusal("create_folder", json!({"folder_name": name}))
                .await,
            "SO7011"
        );
    }
    let odd = "'; DROP TABLE folder; --";
    bench
        .call("create_folder", json!({"folder_name": odd}))
        .await
        .unwrap();
    assert_eq!(bench.view("folders", &[("name", odd)]).await.len(), 1);
}

async fn a_folder_is_renamed_described_and_deleted(on: Database) {
    let bench = Bench::open(on).await;
    for name in ["a", "b"] {
        bench
            .call("create_folder", json!({"folder_name": name}))
            .await
            .unwrap();
    }
    let rename = |old: &str, new: &str| json!({"old_name": old, "new_name": new});
    assert_eq!(
        bench.refusal("rename_folder", rename("a", "B")).await,
        "SO7012"
    );
    assert_eq!(
        bench.refusal("rename_folder", rename("x", "y")).await,
        "SO7013"
    );
    bench.call("rename_folder", rename("a", "A")).await.unwrap();
    let text = json!({"folder_name": "a", "folder_description": "first"});
    bench.call("set_folder_description", text).await.unwrap();
    let rows = bench.view("folders", &[("name", "a")]).await;
    assert_eq!(
        (&rows[0]["name"], &rows[0]["description"]),
        (&json!("A"), &json!("first"))
    );
    bench
        .call("delete_folder", json!({"folder_name": "A"}))
        .await
        .unwrap();
    assert_eq!(
        bench
            .refusal("delete_folder", json!({"folder_name": "A"}))
            .await,
        "SO7013"
    );
}

async fn a_folder_with_a_project_stays(on: Database) {
    let bench = Bench::with_project(on, &[crate::support::package("a.dtsx")]).await;
    assert_eq!(
        bench
            .refusal("delete_folder", json!({"folder_name": "f"}))
            .await,
        "SO7014"
    );
    let project = json!({"folder_name": "f", "project_name": "p"});
    bench.call("delete_project", project).await.unwrap();
    bench
        .call("delete_folder", json!({"folder_name": "f"}))
        .await
        .unwrap();
}
