//! Environments and their variables.

use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::Bench;

contract![
    an_environment_is_created_shown_described_and_deleted,
    an_environment_is_renamed_and_moved,
    each_refusal_about_environments,
    each_refusal_about_moving,
    a_variable_is_created_set_described_and_deleted,
    each_refusal_about_variables,
    every_type_of_variable_takes_its_values_and_no_other,
    a_sensitive_variable_is_nowhere_in_clear,
    protection_can_be_given_and_taken_away,
    a_folder_with_an_environment_stays,
];

/// Folders `f` and `g`, environment `f/dev`.
async fn bench(on: Database) -> Bench {
    let bench = Bench::open(on).await;
    for folder in ["f", "g"] {
        let name = json!({"folder_name": folder});
        bench.call("create_folder", name).await.unwrap();
    }
    bench.make(json!({"environment_name": "Dev"})).await;
    bench
}

impl Bench {
    async fn make(&self, extra: Value) {
        let arguments = with(json!({"folder_name": "f"}), extra);
        self.call("create_environment", arguments).await.unwrap();
    }

    /// Creates variable `Count`, an Int32 of 7 that is no secret, or as told.
    async fn variable(&self, extra: Value) -> Result<(), String> {
        let arguments = with(
            json!({"folder_name": "f", "environment_name": "dev", "variable_name": "Count",
                "data_type": "Int32", "sensitive": 0, "value": 7, "description": "how many"}),
            extra,
        );
        match self.call("create_environment_variable", arguments).await {
            Ok(_) => Ok(()),
            Err(error) => Err(scaleout_core::error::Explain::code(&error).to_owned()),
        }
    }

    /// Calls a procedure about variable `Count` of `f/dev`, or as told.
    async fn on_variable(&self, procedure: &str, extra: Value) -> Result<(), String> {
        let named =
            json!({"folder_name": "f", "environment_name": "dev", "variable_name": "count"});
        match self.call(procedure, with(named, extra)).await {
            Ok(_) => Ok(()),
            Err(error) => Err(scaleout_core::error::Explain::code(&error).to_owned()),
        }
    }
}

fn with(mut arguments: Value, extra: Value) -> Value {
    for (name, value) in extra.as_object().unwrap() {
        arguments[name] = value.clone();
    }
    arguments
}

async fn an_environment_is_created_shown_described_and_deleted(on: Database) {
    let bench = bench(on).await;
    bench
        .make(json!({"environment_name": "prod", "environment_description": "the real one"}))
        .await;
    let rows = bench.view("environments", &[("name", "PROD")]).await;
    assert_eq!(rows[0]["description"], "the real one");
    assert_eq!(rows[0]["created_by_name"], "admin");
    assert_eq!(rows[0]["created_time"], "2027-01-15T08:00:00.000000Z");
    let folder = bench.view("folders", &[("name", "f")]).await;
    assert_eq!(rows[0]["folder_id"], folder[0]["id"]);
    bench.variable(json!({})).await.unwrap();

    let property = json!({"folder_name": "f", "environment_name": "DEV", "property_name": "description", "property_value": "to try"});
    let set = bench.call("set_environment_property", property).await;
    set.unwrap();
    let rows = bench.view("environments", &[("name", "dev")]).await;
    assert_eq!(rows[0]["description"], "to try");

    let dev = json!({"folder_name": "f", "environment_name": "dev"});
    bench.call("delete_environment", dev).await.unwrap();
    assert_eq!(bench.view("environments", &[]).await.len(), 1);
    assert!(bench.view("environment_variables", &[]).await.is_empty());
}

async fn an_environment_is_renamed_and_moved(on: Database) {
    let bench = bench(on).await;
    bench.variable(json!({})).await.unwrap();
    let rename = |from: &str, to: &str| json!({"folder_name": "f", "environment_name": from, "new_environment_name": to});
    // The same name in other letters is no clash with itself.
    for (from, to) in [("dev", "DEV"), ("dev", "test")] {
        let renamed = bench.call("rename_environment", rename(from, to)).await;
        renamed.unwrap();
        assert_eq!(bench.view("environments", &[]).await[0]["name"], to);
    }
    let place =
        json!({"source_folder": "f", "environment_name": "TEST", "destination_folder": "g"});
    bench.call("move_environment", place).await.unwrap();
    let row = bench.view("environments", &[]).await.remove(0);
    assert_eq!(row["name"], "test");
    let folder = bench.view("folders", &[("name", "g")]).await;
    assert_eq!(row["folder_id"], folder[0]["id"]);
    let variables = bench.view("environment_variables", &[]).await;
    assert_eq!(variables[0]["environment_id"], row["environment_id"]);
}

async fn each_refusal_about_environments(on: Database) {
    let bench = bench(on).await;
    bench.make(json!({"environment_name": "prod"})).await;
    let dev = json!({"folder_name": "f", "environment_name": "dev"});
    let described = with(
        dev.clone(),
        json!({"property_name": "Description", "property_value": "x"}),
    );
    let renamed = with(dev.clone(), json!({"new_environment_name": "x"}));
    let (create, delete) = ("create_environment", "delete_environment");
    let (describe, rename) = ("set_environment_property", "rename_environment");
    let (folder, name, new) = ("folder_name", "environment_name", "new_environment_name");
    for (procedure, base, argument, value, code) in [
        (create, &dev, folder, "x", "SO7013"),
        (create, &dev, name, "DEV", "SO7051"),
        (create, &dev, name, "@x", "SO7011"),
        (delete, &dev, folder, "x", "SO7013"),
        (delete, &dev, name, "x", "SO7050"),
        (describe, &described, folder, "x", "SO7013"),
        (describe, &described, name, "x", "SO7050"),
        (describe, &described, "property_name", "Name", "SO7026"),
        (rename, &renamed, name, "x", "SO7050"),
        (rename, &renamed, new, "PROD", "SO7051"),
        (rename, &renamed, new, "a|b", "SO7011"),
    ] {
        let arguments = with(base.clone(), json!({argument: value}));
        let refused = bench.refusal(procedure, arguments).await;
        assert_eq!(refused, code, "{procedure} {argument}={value}");
    }
    assert_eq!(bench.view("environments", &[]).await.len(), 2);
}

async fn each_refusal_about_moving(on: Database) {
    let bench = bench(on).await;
    let same = json!({"folder_name": "g", "environment_name": "dev"});
    bench.make(same).await;
    let place = json!({"source_folder": "f", "environment_name": "dev", "destination_folder": "g"});
    for (extra, code) in [
        (json!({}), "SO7051"),
        (json!({"environment_name": "x"}), "SO7050"),
        (json!({"source_folder": "x"}), "SO7013"),
        (json!({"destination_folder": "x"}), "SO7013"),
    ] {
        let arguments = with(place.clone(), extra.clone());
        let refused = bench.refusal("move_environment", arguments).await;
        assert_eq!(refused, code, "{extra}");
    }
}

async fn a_variable_is_created_set_described_and_deleted(on: Database) {
    let bench = bench(on).await;
    bench
        .variable(json!({"data_type": "int32", "value": "7"}))
        .await
        .unwrap();
    let row = bench.view("environment_variables", &[]).await.remove(0);
    assert_eq!(row["name"], "Count");
    assert_eq!(row["type"], "Int32");
    assert_eq!(row["value"], 7);
    assert_eq!(row["sensitive"], false);
    assert_eq!(row["description"], "how many");
    let environment = bench.view("environments", &[]).await;
    assert_eq!(row["environment_id"], environment[0]["environment_id"]);

    let set = "set_environment_variable_value";
    bench.on_variable(set, json!({"value": 8})).await.unwrap();
    let describe = json!({"property_name": "DESCRIPTION", "property_value": "less"});
    let described = bench.on_variable("set_environment_variable_property", describe);
    described.await.unwrap();
    let row = bench.view("environment_variables", &[]).await.remove(0);
    assert_eq!(
        (&row["value"], &row["description"]),
        (&json!(8), &json!("less"))
    );

    let deleted = bench.on_variable("delete_environment_variable", json!({}));
    deleted.await.unwrap();
    assert!(bench.view("environment_variables", &[]).await.is_empty());
}

async fn each_refusal_about_variables(on: Database) {
    let bench = bench(on).await;
    bench.variable(json!({})).await.unwrap();
    for (extra, code) in [
        (json!({"folder_name": "x"}), "SO7013"),
        (json!({"environment_name": "x"}), "SO7050"),
        (json!({"variable_name": "2x"}), "SO7011"),
        (json!({"variable_name": "a b"}), "SO7011"),
        (json!({"variable_name": "COUNT"}), "SO7053"),
        (
            json!({"variable_name": "x", "data_type": "SByte"}),
            "SO7026",
        ),
        (
            json!({"variable_name": "x", "data_type": "Object"}),
            "SO7026",
        ),
        (json!({"variable_name": "x", "value": "seven"}), "SO7026"),
    ] {
        let refused = bench.variable(extra.clone()).await;
        assert_eq!(refused, Err(code.to_owned()), "{extra}");
    }
    let about = [
        ("delete_environment_variable", json!({})),
        ("set_environment_variable_value", json!({"value": 1})),
        (
            "set_environment_variable_property",
            json!({"property_name": "Description", "property_value": "x"}),
        ),
        (
            "set_environment_variable_protection",
            json!({"sensitive": 1}),
        ),
    ];
    for (procedure, arguments) in about {
        for (extra, code) in [
            (json!({"folder_name": "x"}), "SO7013"),
            (json!({"environment_name": "x"}), "SO7050"),
            (json!({"variable_name": "x"}), "SO7052"),
        ] {
            let arguments = with(arguments.clone(), extra.clone());
            let refused = bench.on_variable(procedure, arguments).await;
            assert_eq!(refused, Err(code.to_owned()), "{procedure} {extra}");
        }
    }
    let typed = bench.on_variable("set_environment_variable_value", json!({"value": "x"}));
    assert_eq!(typed.await, Err("SO7026".to_owned()));
    let property = json!({"property_name": "Type", "property_value": "String"});
    let other = bench.on_variable("set_environment_variable_property", property);
    assert_eq!(other.await, Err("SO7026".to_owned()));
    let row = bench.view("environment_variables", &[]).await.remove(0);
    assert_eq!(
        (&row["value"], &row["description"]),
        (&json!(7), &json!("how many"))
    );
}

async fn every_type_of_variable_takes_its_values_and_no_other(on: Database) {
    let bench = bench(on).await;
    for (data_type, value, shown, other) in [
        ("Boolean", json!(1), json!(true), json!("maybe")),
        ("Byte", json!("255"), json!(255), json!(256)),
        (
            "DateTime",
            json!("2026-01-31"),
            json!("2026-01-31"),
            json!("soon"),
        ),
        ("Decimal", json!("1.50"), json!("1.50"), json!("1,5")),
        ("Double", json!("1.5"), json!(1.5), json!("x")),
        ("Int16", json!(-7), json!(-7), json!(40_000)),
        ("Int32", json!(7), json!(7), json!("4.5")),
        (
            "Int64",
            json!(9_000_000_000_i64),
            json!(9_000_000_000_i64),
            json!(true),
        ),
        ("Single", json!(0.5), json!(0.5), json!("x")),
        ("String", json!("x"), json!("x"), json!(7)),
        ("UInt32", json!(7), json!(7), json!(-7)),
        ("UInt64", json!(u64::MAX), json!(u64::MAX), json!(-1)),
    ] {
        let named = json!({"variable_name": data_type, "data_type": data_type});
        let refused = bench.variable(with(named.clone(), json!({"value": other})));
        assert_eq!(refused.await, Err("SO7026".to_owned()), "{data_type}");
        let made = bench.variable(with(named, json!({"value": value})));
        made.await.unwrap();
        let filter = [("name", data_type)];
        let row = bench.view("environment_variables", &filter).await;
        assert_eq!(row[0]["value"], shown, "{data_type}");
    }
}

async fn a_sensitive_variable_is_nowhere_in_clear(on: Database) {
    let bench = bench(on).await;
    let secret = json!({"data_type": "String", "sensitive": 1, "value": "correct horse battery"});
    bench.variable(secret).await.unwrap();
    let set = json!({"value": "staple in the barn"});
    bench
        .on_variable("set_environment_variable_value", set)
        .await
        .unwrap();
    let row = bench.view("environment_variables", &[]).await.remove(0);
    assert_eq!(
        (&row["value"], &row["sensitive"]),
        (&Value::Null, &json!(true))
    );
    assert!(!bench.holds("correct horse").await);
    assert!(!bench.holds("staple in").await);
    assert!(bench.holds("how many").await);
}

async fn protection_can_be_given_and_taken_away(on: Database) {
    let bench = bench(on).await;
    bench.variable(json!({})).await.unwrap();
    for (sensitive, shown) in [(1, Value::Null), (1, Value::Null), (0, json!(7))] {
        let arguments = json!({"is_sensitive": sensitive});
        let set = bench.on_variable("set_environment_variable_protection", arguments);
        set.await.unwrap();
        let row = bench.view("environment_variables", &[]).await.remove(0);
        assert_eq!(row["sensitive"], json!(sensitive == 1));
        assert_eq!(row["value"], shown);
    }
}

async fn a_folder_with_an_environment_stays(on: Database) {
    let bench = bench(on).await;
    let folder = json!({"folder_name": "f"});
    assert_eq!(
        bench.refusal("delete_folder", folder.clone()).await,
        "SO7014"
    );
    let dev = json!({"folder_name": "f", "environment_name": "dev"});
    bench.call("delete_environment", dev).await.unwrap();
    bench.call("delete_folder", folder).await.unwrap();
}
