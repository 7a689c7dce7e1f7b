//! Projects whose files are encrypted with a password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scaleout_core::error::Explain as _;
use scaleout_core::package::PackagePassword;
use scaleout_core::protocol::event::PackageResult;
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{ANNA, Bench, key, package, project_file};

contract![
    a_password_opens_the_values_and_is_kept_as_a_secret,
    a_wrong_password_deploys_nothing,
    without_the_password_values_are_left_out,
    packages_deployed_later_have_the_same_password,
];

const PASSWORD: &str = "Drosselweg 7";
const SECRET: &str = "Amselnest-1234";

/// `Project.params` with a sensitive parameter that is encrypted under the password (AES-256).
const PARAMETERS: &str = "<SSIS:Parameter SSIS:Name=\"Token\"><SSIS:Properties>
    <SSIS:Property SSIS:Name=\"Sensitive\">1</SSIS:Property>
    <SSIS:Property SSIS:Name=\"DataType\">18</SSIS:Property>
    <SSIS:Property SSIS:Name=\"Value\" SSIS:Sensitive=\"1\" SSIS:Salt=\"c2FsdHNhbHQ=\"
        SSIS:IV=\"BwcHBwcHBwcHBwcHBwcHBw==\">/ayi1ia9nyCn8Axph+xMpLCp1fPhTCgMwKOeO/ifXXU6UpTSEr9Q3TbeMCwCwPH8Kb56CKeuilBvTMykVu5KldE8uLfjn8XUpuSC4uvQWJAjHqySGFYtXpRbv+v8PqrUbH7k/0bU6MSDufWWYtEeCq4GLl8WkRQ/+kC3ecjsC5q4s904rfJi88YaK2796Xnl</SSIS:Property>
    </SSIS:Properties></SSIS:Parameter>";

fn file() -> Vec<u8> {
    project_file("p", &[package("a.dtsx")], PARAMETERS)
}

async fn deploy(bench: &Bench, password: Option<&str>) -> Result<Value, String> {
    let mut arguments = json!({"folder_name": "f", "project_name": "p",
        "project_stream": STANDARD.encode(file())});
    if let Some(password) = password {
        arguments["package_password"] = json!(password);
    }
    match bench.call("deploy_project", arguments).await {
        Ok(result) => Ok(json!(result.outputs)),
        Err(error) => {
            let shown = format!("{error} {error:?} {}", error.hint());
            assert!(
                !shown.contains(PASSWORD) && !shown.contains(SECRET),
                "{shown}"
            );
            Err(error.code().to_owned())
        }
    }
}

/// The password that a worker gets with an execution.
async fn sent(bench: &Bench) -> Option<PackagePassword> {
    let id = bench.pending(0).await;
    let task = bench.lease(id, ANNA).await.unwrap();
    bench
        .finish(ANNA, key(id, task.attempt), PackageResult::Success)
        .await;
    assert!(!format!("{task:?}").contains(PASSWORD));
    task.package_password
}

async fn a_password_opens_the_values_and_is_kept_as_a_secret(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    assert_eq!(sent(&bench).await, None);
    deploy(&bench, Some(PASSWORD)).await.unwrap();
    for secret in [PASSWORD, SECRET] {
        assert!(!bench.holds(secret).await, "{secret}");
    }
    let password = PackagePassword::new(PASSWORD);
    assert_eq!(sent(&bench).await, password);
    // The parameter has its design default, which nobody sees.
    let id = bench.create(json!({})).await.unwrap().to_string();
    let rows = bench
        .view(
            "execution_parameter_values",
            &[("execution_id", &id), ("parameter_name", "Token")],
        )
        .await;
    assert_eq!(
        (&rows[0]["value_set"], &rows[0]["parameter_value"]),
        (&json!(true), &Value::Null)
    );
    // What was deployed comes back byte for byte, still encrypted.
    let name = json!({"folder_name": "f", "project_name": "p"});
    let result = bench.call("get_project", name).await.unwrap();
    let stream = result.rows.unwrap().rows[0][0].as_str().unwrap().to_owned();
    assert_eq!(STANDARD.decode(stream).unwrap(), file());
    let keys = json!({"data_keys": true});
    bench.call("rotate_keys", keys).await.unwrap();
    assert_eq!(sent(&bench).await, password);
    // The next version is not encrypted.
    bench.deploy("p", &[package("a.dtsx")], "").await.unwrap();
    assert_eq!(sent(&bench).await, None);
}

async fn a_wrong_password_deploys_nothing(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let refused = deploy(&bench, Some("Drosselweg 8")).await;
    assert_eq!(refused, Err("SO2050".to_owned()));
    assert_eq!(bench.view("object_versions", &[]).await.len(), 1);
}

async fn without_the_password_values_are_left_out(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    deploy(&bench, None).await.unwrap();
    let id = bench.create(json!({})).await.unwrap().to_string();
    let rows = bench
        .view(
            "execution_parameter_values",
            &[("execution_id", &id), ("parameter_name", "Token")],
        )
        .await;
    assert_eq!(rows[0]["value_set"], false);
}

async fn packages_deployed_later_have_the_same_password(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    deploy(&bench, Some(PASSWORD)).await.unwrap();
    let sealed = include_bytes!("../../../tests/e2e/files/sealed.dtsx");
    let row = json!([{"name": "sealed.dtsx", "package_data": STANDARD.encode(sealed)}]);
    let mut packages = json!({"folder_name": "f", "project_name": "p", "packages_table": row});
    packages["package_password"] = json!("another one");
    assert_eq!(
        bench.refusal("deploy_packages", packages.clone()).await,
        "SO2050"
    );
    packages.as_object_mut().unwrap().remove("package_password");
    bench
        .call("deploy_packages", packages.clone())
        .await
        .unwrap();
    let found = bench.view("packages", &[("name", "sealed.dtsx")]).await;
    assert_eq!(found.len(), 1);
    assert_eq!(sent(&bench).await, PackagePassword::new(PASSWORD));
    // Where no password is known, a package that is encrypted as a whole cannot be read.
    packages["project_name"] = json!("new");
    assert_eq!(bench.refusal("deploy_packages", packages).await, "SO2006");
}
