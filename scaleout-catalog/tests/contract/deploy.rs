//! Projects.

use base64::Engine as _;
use serde_json::json;

use crate::databases::{Database, contract};
use crate::support::{Bench, Pkg, package, parameter, project_file};

contract![
    a_deployed_project_shows_its_packages_and_parameters,
    the_file_comes_back_byte_for_byte,
    a_redeployment_is_a_new_version_that_keeps_server_values,
    what_cannot_be_deployed_is_refused_and_leaves_nothing,
];

async fn a_deployed_project_shows_its_packages_and_parameters(on: Database) {
    let secret = parameter("Password", 18, "sensitive", Some("hunter2"));
    let bench = Bench::with_project(
        on,
        &[Pkg {
            parameters: parameter("CM.src.ConnectionString", 18, "", Some("x=1")) + &secret,
            ..package("a.dtsx")
        }],
    )
    .await;
    let project = &bench.view("projects", &[]).await[0];
    assert_eq!(project["name"], "p");
    assert_eq!(project["deployed_by_name"], "admin");
    let packages = bench.view("packages", &[("name", "a.dtsx")]).await;
    assert_eq!(packages[0]["entry_point"], true);
    assert_eq!(
        packages[0]["package_guid"],
        "6583054a-e915-4c2c-80e4-c765e79ef61d"
    );
    let connection = bench
        .view(
            "object_parameters",
            &[("parameter_name", "cm.src.connectionstring")],
        )
        .await;
    assert_eq!(connection[0]["object_type"], 30);
    assert_eq!(connection[0]["design_default_value"], "x=1");
    let secret = bench
        .view("object_parameters", &[("parameter_name", "Password")])
        .await;
    assert_eq!(secret[0]["sensitive"], true);
    assert!(secret[0]["design_default_value"].is_null());
    let operations = bench.view("operations", &[("operation_type", "101")]).await;
    assert_eq!(
        (&operations[0]["status"], &operations[0]["object_name"]),
        (&json!(7), &json!("p"))
    );
}

async fn the_file_comes_back_byte_for_byte(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let result = bench
        .call(
            "get_project",
            json!({"folder_name": "F", "project_name": "P"}),
        )
        .await
        .unwrap();
    let text = result.rows.unwrap().rows[0][0].as_str().unwrap().to_owned();
    let file = base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap();
    assert_eq!(file, project_file("p", &[package("a.dtsx")], ""));
    let missing = json!({"folder_name": "f", "project_name": "q"});
    assert_eq!(bench.refusal("get_project", missing).await, "SO7015");
}

async fn a_redeployment_is_a_new_version_that_keeps_server_values(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let kept = parameter("Kept", 9, "", Some("1"));
    let retyped = parameter("Retyped", 9, "", Some("1"));
    bench
        .deploy("p", &[package("a.dtsx")], &(kept.clone() + &retyped))
        .await
        .unwrap();
    let before = bench.view("projects", &[]).await[0].clone();
    for name in ["Kept", "Retyped"] {
        let value = json!({"object_type": 20, "folder_name": "f", "project_name": "p",
            "parameter_name": name, "parameter_value": 5});
        bench
            .call("set_object_parameter_value", value)
            .await
            .unwrap();
    }
    let retyped = parameter("Retyped", 18, "", Some("x"));
    bench
        .deploy("p", &[package("b.dtsx")], &(kept + &retyped))
        .await
        .unwrap();
    let after = bench.view("projects", &[]).await[0].clone();
    assert_eq!(before["project_id"], after["project_id"]);
    assert_ne!(before["object_version_lsn"], after["object_version_lsn"]);
    let packages = bench.view("packages", &[]).await;
    assert_eq!(packages.len(), 1);
    assert_eq!(packages[0]["name"], "b.dtsx");
    let kept = bench
        .view("object_parameters", &[("parameter_name", "Kept")])
        .await;
    assert_eq!(
        (&kept[0]["default_value"], &kept[0]["value_set"]),
        (&json!(5), &json!(true))
    );
    let retyped = bench
        .view("object_parameters", &[("parameter_name", "Retyped")])
        .await;
    assert_eq!(retyped[0]["value_set"], false);
}

async fn what_cannot_be_deployed_is_refused_and_leaves_nothing(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let good = project_file("q", &[package("a.dtsx")], "");
    let double = project_file("q", &[package("a.dtsx"), package("A.dtsx")], "");
    let code = |result: Result<_, scaleout_catalog::CatalogError>| match result {
        Ok(_) => "none".to_owned(),
        Err(error) => scaleout_core::error::Explain::code(&error).to_owned(),
    };
    assert_eq!(code(bench.deploy_bytes("other", &good).await), "SO7018");
    let twice = parameter("N", 9, "", None) + &parameter("n", 9, "", None);
    assert_eq!(
        code(bench.deploy("q", &[package("a.dtsx")], &twice).await),
        "SO7019"
    );
    for broken in [&double, &good[..good.len() / 2], b"not a zip", b""] {
        let code = code(bench.deploy_bytes("q", broken).await);
        assert!(code.starts_with("SO2"), "{code}");
    }
    let nowhere = json!({"folder_name": "x", "project_name": "q",
        "project_stream": base64::engine::general_purpose::STANDARD.encode(&good)});
    assert_eq!(bench.refusal("deploy_project", nowhere).await, "SO7013");
    assert_eq!(bench.view("projects", &[]).await.len(), 1);
    assert_eq!(bench.view("operations", &[]).await.len(), 1);
}
