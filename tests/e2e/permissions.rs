//! Permissions, from granting them to a package that somebody else may run.

use serde_json::json;

use crate::support::{Site, package};

/// A site with the project P in folder F, and the login anna with the role that runs in Scale Out.
fn site() -> Site {
    let site = Site::start_with(&["--workers", "1"]);
    let soctl = &site.soctl;
    let project = soctl.home().join("P");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("p.dtsx"), package::with_body("p", "", "")).unwrap();
    let manifest = r#"<?xml version="1.0"?><Project><DeploymentModel>Project</DeploymentModel><DeploymentModelSpecificContent><Manifest><SSIS:Project xmlns:SSIS="www.microsoft.com/SqlServer/SSIS" SSIS:ProtectionLevel="DontSaveSensitive"><SSIS:Properties><SSIS:Property SSIS:Name="Name">P</SSIS:Property></SSIS:Properties><SSIS:Packages><SSIS:Package SSIS:Name="p.dtsx" SSIS:EntryPoint="1"/></SSIS:Packages></SSIS:Project></Manifest></DeploymentModelSpecificContent></Project>"#;
    std::fs::write(project.join("P.dtproj"), manifest).unwrap();
    soctl.run(&["deploy", "P", "--folder", "F"]).success();
    std::fs::write(soctl.home().join("anna"), "Zaunkoenig-4711").unwrap();
    let role = "ssis_cluster_executor";
    soctl
        .run(&[
            "logins",
            "create",
            "anna",
            "--password-file",
            "anna",
            "--role",
            role,
        ])
        .success();
    soctl
        .run(&[
            "login",
            "--login",
            "anna",
            "--password-file",
            "anna",
            "--context",
            "anna",
            "--master",
            &master(&site),
        ])
        .fails(6, &["certificate of the master"]);
    let thumbprint = soctl.json(&["context", "show", "local"]);
    let thumbprint = thumbprint["thumbprint"].as_str().unwrap();
    soctl
        .run(&[
            "login",
            "--login",
            "anna",
            "--password-file",
            "anna",
            "--context",
            "anna",
            "--master",
            &master(&site),
            "--thumbprint",
            thumbprint,
        ])
        .success();
    soctl.run(&["context", "use", "local"]).success();
    site
}

fn master(site: &Site) -> String {
    let local = site.soctl.json(&["context", "show", "local"]);
    local["master"].as_str().unwrap().to_owned()
}

#[test]
fn somebody_runs_what_was_granted_and_sees_nothing_else() {
    let site = site();
    let soctl = &site.soctl;
    let anna = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(["--context", "anna"]);
        soctl.run(&all)
    };
    let execute = [
        "execute",
        "--package",
        "p.dtsx",
        "--folder",
        "F",
        "--project",
        "P",
    ];
    assert_eq!(
        anna(&["folders", "list", "--output", "json"])
            .success()
            .json(),
        json!([])
    );
    anna(&execute).fails(4, &["SO8003"]);
    let run = "READ,READ_OBJECTS,EXECUTE_OBJECTS";
    let grant = ["permissions", "grant", run, "--to", "anna", "--folder", "F"];
    anna(&grant).fails(4, &["SO8003"]);
    soctl.run(&grant).success();
    anna(&execute).success();
    anna(&grant).fails(6, &["SO7100", "MANAGE_PERMISSIONS"]);
    let own = anna(&["executions", "list", "--output", "json"])
        .success()
        .json();
    assert_eq!(own.as_array().unwrap().len(), 1);
    anna(&["projects", "delete", "P", "--yes"]).fails(6, &["SO7100", "MODIFY on the project"]);
    soctl
        .run(&[
            "permissions",
            "deny",
            "EXECUTE",
            "--to",
            "anna",
            "--folder",
            "F",
            "--project",
            "P",
        ])
        .success();
    anna(&execute).fails(6, &["SO7100", "EXECUTE on the project"]);
    let listed = anna(&[
        "permissions",
        "list",
        "--folder",
        "F",
        "--project",
        "P",
        "--output",
        "json",
    ]);
    let listed = listed.success().json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["permission"], "READ");
    let granted = soctl.json(&["permissions", "list", "--folder", "F", "--granted"]);
    let of_anna = granted
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["principal"] == "anna");
    assert_eq!(of_anna.count(), 3, "{granted}");
    soctl
        .run(&["permissions", "revoke", "--from", "anna", "--folder", "F"])
        .success();
    anna(&execute).fails(4, &["SO8003"]);
    // What was run stays its own.
    let own = anna(&["executions", "list", "--output", "json"])
        .success()
        .json();
    assert_eq!(own.as_array().unwrap().len(), 1);
}

#[test]
fn the_procedures_answer_with_the_return_codes_of_the_original() {
    let site = Site::start_with(&["--workers", "1"]);
    let call = |object_type: &str, principal: &str, permission: &str| {
        let (kind, principal) = (
            format!("object_type={object_type}"),
            format!("principal_id={principal}"),
        );
        let permission = format!("permission_type={permission}");
        site.soctl.run(&[
            "proc",
            "grant_permission",
            "-p",
            &kind,
            "-p",
            "object_id=1",
            "-p",
            &principal,
            "-p",
            &permission,
            "--output",
            "json",
        ])
    };
    site.soctl.run(&["folders", "create", "F"]).success();
    for (object_type, principal, permission, code, ours, exit) in [
        ("1", "1", "1", 0, "", 0),
        ("9", "1", "1", 1, "SO7101", 6),
        ("2", "1", "1", 2, "SO7102", 4),
        ("1", "99", "1", 3, "SO7103", 4),
        ("1", "1", "3", 4, "SO7104", 6),
    ] {
        let ran = call(object_type, principal, permission);
        assert_eq!(ran.code, exit, "{ran:?}");
        let answer = ran.json();
        assert_eq!(answer["return_value"], code);
        assert_eq!(answer["refusal"]["code"].as_str().unwrap_or_default(), ours);
    }
}
