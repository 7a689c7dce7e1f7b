//! Environments: the same package, run with the values of one and of the other.

use std::path::Path;

use serde_json::Value;

use crate::support::package;
use crate::support::service::Pair;

/// A project `P` whose package writes its project parameters `Text` and `Secret` to `result.txt`.
fn write_project(folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    let script = folder.join("write.sh");
    let result = folder.join("result.txt");
    std::fs::write(&script, format!("echo \"$1 $2\" > {}\n", result.display())).unwrap();
    let arguments = format!(
        r#""{} " + @[$Project::Text] + " " + @[$Project::Secret]"#,
        script.display()
    );
    let expression = format!(
        r#"<DTS:PropertyExpression DTS:Name="Arguments">{arguments}</DTS:PropertyExpression><DTS:ObjectData>"#
    );
    let text = package::process("p", "sh", "").replacen("<DTS:ObjectData>", &expression, 1);
    std::fs::write(folder.join("p.dtsx"), text).unwrap();
    let parameter = |name: &str, sensitive: u8| {
        format!(
            r#"<SSIS:Parameter SSIS:Name="{name}"><SSIS:Properties><SSIS:Property SSIS:Name="Required">0</SSIS:Property><SSIS:Property SSIS:Name="Sensitive">{sensitive}</SSIS:Property><SSIS:Property SSIS:Name="DataType">18</SSIS:Property><SSIS:Property SSIS:Name="Value">design</SSIS:Property></SSIS:Properties></SSIS:Parameter>"#
        )
    };
    let parameters = format!(
        r#"<SSIS:Parameters xmlns:SSIS="www.microsoft.com/SqlServer/SSIS">{}{}</SSIS:Parameters>"#,
        parameter("Text", 0),
        parameter("Secret", 1)
    );
    std::fs::write(folder.join("Project.params"), parameters).unwrap();
    let project = r#"<?xml version="1.0"?><Project><DeploymentModel>Project</DeploymentModel><DeploymentModelSpecificContent><Manifest><SSIS:Project xmlns:SSIS="www.microsoft.com/SqlServer/SSIS" SSIS:ProtectionLevel="DontSaveSensitive"><SSIS:Properties><SSIS:Property SSIS:Name="Name">P</SSIS:Property></SSIS:Properties><SSIS:Packages><SSIS:Package SSIS:Name="p.dtsx" SSIS:EntryPoint="1"/></SSIS:Packages></SSIS:Project></Manifest></DeploymentModelSpecificContent></Project>"#;
    std::fs::write(folder.join("P.dtproj"), project).unwrap();
}

/// A master and a worker with the project in folder `F`, and two environments that it refers to.
fn two_environments() -> Pair {
    let pair = Pair::start();
    let folder = pair.soctl.home().join("project");
    write_project(&folder);
    run(&pair, &format!("deploy {} --folder F", folder.display()));
    for name in ["dev", "prod"] {
        let secret = folder.join(name);
        std::fs::write(&secret, format!("Zaunkoenig-{name}\n")).unwrap();
        for line in [
            format!("environments create {name} --folder F"),
            format!("variables set {name} Greeting --folder F --value hello-{name}"),
            format!(
                "variables set {name} Password --folder F --sensitive --value-file {}",
                secret.display()
            ),
            format!("references create P --environment {name}"),
        ] {
            run(&pair, &line);
        }
    }
    run(&pair, "parameters set P Text --variable Greeting");
    run(&pair, "parameters set P Secret --variable Password");
    pair
}

/// Runs a line of words.
fn run(pair: &Pair, line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    pair.run(&words).success().stdout
}

fn json(pair: &Pair, line: &str) -> Value {
    serde_json::from_str(&run(pair, &format!("{line} --output json"))).unwrap()
}

fn refused(pair: &Pair, line: &str, code: i32, words: &[&str]) {
    let line: Vec<&str> = line.split(' ').collect();
    pair.run(&line).fails(code, words);
}

fn explained(found: &Value, parameter: &str) -> Value {
    let all = found.as_array().unwrap().iter();
    let mut named = all.filter(|row| row["parameter_name"] == parameter);
    named.next().unwrap().clone()
}

#[test]
fn a_package_runs_once_with_each_of_two_environments() {
    let pair = two_environments();
    let result = pair.soctl.home().join("project/result.txt");
    for name in ["dev", "prod"] {
        let line = format!("parameters explain p --environment {name}");
        let text = explained(&json(&pair, &line), "Text");
        assert_eq!(text["source"], "environment variable");
        assert_eq!(text["value"], format!("hello-{name}"));

        let ended = json(&pair, &format!("execute -p p.dtsx --environment {name}"));
        let written = std::fs::read_to_string(&result).unwrap();
        assert_eq!(written, format!("hello-{name} Zaunkoenig-{name}\n"));

        let id = ended[0]["execution_id"].to_string();
        let row = &json(&pair, &format!("view executions --where execution_id={id}"))[0];
        assert_eq!(row["environment_name"], name);
        assert_eq!(row["environment_folder_name"], "F");
        assert_eq!(row["reference_type"], "R");
        let found = json(&pair, &format!("parameters explain --execution {id}"));
        let why = explained(&found, "Text")["why"].to_string();
        let environment =
            format!("variable `Greeting` of environment `F/{name}`, through reference");
        assert!(why.contains(&environment), "{why}");
        let secret = explained(&found, "Secret");
        assert_eq!(
            (&secret["value"], &secret["sensitive"]),
            (&Value::Null, &true.into())
        );
        let said = run(&pair, &format!("executions messages {id}"));
        assert!(!said.contains("Zaunkoenig"), "{said}");
    }

    // A value of the execution itself counts before the variable.
    let own = [
        "execute",
        "-p",
        "p.dtsx",
        "--environment",
        "dev",
        "--parameter",
        "Text=own",
    ];
    let own = pair
        .run(&[&own[..], &["--output", "json"]].concat())
        .success();
    let id = own.json()[0]["execution_id"].to_string();
    let written = std::fs::read_to_string(&result).unwrap();
    assert_eq!(written, "own Zaunkoenig-dev\n");
    let found = json(&pair, &format!("parameters explain --execution {id}"));
    assert_eq!(explained(&found, "Text")["source"], "execution");
}

#[test]
fn a_mistake_about_environments_changes_nothing_and_is_said_with_the_next_step() {
    let pair = two_environments();
    for (line, code, words) in [
        (
            "execute -p p.dtsx",
            6,
            ["Text, Secret", "refers to F/dev, F/prod"],
        ),
        (
            "execute -p p.dtsx --environment test",
            4,
            [
                "SO8003",
                "soctl references create P --folder F --environment test",
            ],
        ),
        (
            "variables set dev New --sensitive --value hunter2",
            6,
            ["SO8005", "--value-file"],
        ),
        (
            "variables set dev Password --value hunter2",
            6,
            ["SO8005", "--value-file"],
        ),
        (
            "variables set dev Greeting --type Int32 --value 1",
            6,
            ["SO8005", "soctl variables delete"],
        ),
        ("variables delete dev Greeting", 6, ["SO8020", "--yes"]),
        ("environments delete dev", 6, ["SO8020", "--yes"]),
        (
            "environments show test",
            4,
            ["SO8003", "soctl environments list"],
        ),
        ("references delete 1", 6, ["SO8020", "--yes"]),
        (
            "references delete 99 --yes",
            4,
            ["SO7028", "soctl references list"],
        ),
        (
            "references create P --environment dev",
            6,
            ["SO7054", "soctl references list"],
        ),
    ] {
        refused(&pair, line, code, &words);
    }
    let kept = json(&pair, "variables list dev");
    assert_eq!(kept[0]["value"], "hello-dev");
}

#[test]
fn what_leads_nowhere_refuses_executions_until_it_is_mended() {
    let pair = two_environments();
    let refused = |line: &str, code: i32, words: &[&str]| refused(&pair, line, code, words);
    run(&pair, "variables delete dev Greeting --yes");
    let found = json(&pair, "parameters explain p --environment dev");
    assert_eq!(explained(&found, "Text")["source"], "nothing");
    refused(
        "execute -p p.dtsx --environment dev",
        6,
        &["SO7055", "`Text`", "`Greeting`", "soctl parameters set"],
    );
    run(&pair, "variables set dev Greeting --type Int32 --value 1");
    refused(
        "execute -p p.dtsx --environment dev",
        6,
        &["SO7056", "Int32"],
    );

    run(&pair, "environments rename dev test");
    let references = json(&pair, "references list P");
    assert_eq!(references[0]["environment"], "F/dev");
    assert_eq!(references[0]["leads_somewhere"], false);
    assert_eq!(references[1]["leads_somewhere"], true);
    refused(
        "execute -p p.dtsx --environment dev",
        4,
        &["SO7050", "soctl environments list"],
    );
    run(&pair, "environments delete test --yes");
    run(&pair, "references delete 1 --yes");
    assert_eq!(json(&pair, "references list").as_array().unwrap().len(), 1);
    run(&pair, "parameters clear P Text --yes");
    let listed = json(&pair, "parameters list P");
    assert_eq!(
        explained(&listed, "Text")["referenced_variable_name"],
        Value::Null
    );
}
