//! `dtexec`: its options, its report, its exit codes.

use crate::support::package::{self, FlatFile};
use crate::support::tasks::TaskPackage;
use crate::support::{Ran, Soctl};

const EXPRESSION: &str = "Microsoft.ExpressionTask";

/// Divides 10 by `User::By` (1), and keeps nothing.
fn division() -> TaskPackage {
    TaskPackage::new("division")
        .variable("By", 3, "1")
        .variable("Result", 3, "0")
        .parameter("Label", "design")
        .task(
            "Divide",
            EXPRESSION,
            r#"<ExpressionTask Expression="@[User::Result] = 10 / @[User::By]"/>"#,
        )
}

fn with(package: &TaskPackage) -> Soctl {
    let soctl = Soctl::new();
    std::fs::write(soctl.home().join("p.dtsx"), package.text()).unwrap();
    soctl
}

#[test]
fn a_package_runs_with_the_report_that_scripts_look_for() {
    let soctl = with(&division());
    let ran = soctl.dtexec(&["/F", "p.dtsx"]).reports(0, &[]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "Scale Out Execute Package Utility");
    // The heading, then when it began, as the logs of SQL Server Agent have it.
    assert!(lines[3].starts_with("Started:  "), "{lines:?}");
    let result = "DTExec: The package execution returned DTSER_SUCCESS (0).";
    let at = lines.iter().position(|line| *line == result).unwrap();
    for (line, start) in lines[at + 1..]
        .iter()
        .zip(["Started:  ", "Finished: ", "Elapsed:  "])
    {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(lines[at + 3].ends_with(" seconds"), "{}", lines[at + 3]);
    // The other way in is the same.
    soctl
        .run(&["dtexec", "-file", "p.dtsx", "-rep", "N"])
        .reports(0, &[result]);
}

#[test]
fn values_of_the_command_line_reach_the_package() {
    let soctl = with(&division());
    let zero = r"\package.variables[User::By].Value;0";
    soctl.dtexec(&["/F", "p.dtsx", "/SET", zero]).reports(
        1,
        &[
            "Error: ",
            "   Source: Divide",
            "   Description: ",
            "End Error",
            "DTSER_FAILURE (1)",
        ],
    );
    // The last one counts, and a command file is read where it stands.
    std::fs::write(
        soctl.home().join("more"),
        "/Set \"\\Package.Variables[User::By].Value\";5",
    )
    .unwrap();
    soctl
        .dtexec(&["/F", "p.dtsx", "/SET", zero, "/Com", "more"])
        .reports(0, &[]);
    // Nothing of an error is reported when nobody asks.
    let silent = soctl.dtexec(&["/F", "p.dtsx", "/SET", zero, "/Rep", "N"]);
    let silent = silent.reports(1, &["DTSER_FAILURE (1)"]);
    assert!(!silent.stdout.contains("Error: "), "{}", silent.stdout);
    soctl
        .dtexec(&[
            "/F",
            "p.dtsx",
            "/SET",
            zero,
            "/Rep",
            "N",
            "/Cons",
            "NS;I;OnError",
        ])
        .reports(
            1,
            &["Log:\n     Name: OnError\n     Source Name: Divide\nEnd Log"],
        );
}

#[test]
fn exit_codes_are_those_of_the_original() {
    let soctl = with(&division());
    std::fs::write(soctl.home().join("broken.dtsx"), "<DTS:Executable").unwrap();
    let code = |arguments: &[&str], code: i32, words: &[&str]| -> Ran {
        soctl.dtexec(arguments).reports(code, words)
    };
    code(
        &["/F", "gone.dtsx"],
        4,
        &["Could not load package \"gone.dtsx\""],
    );
    code(
        &["/F", "broken.dtsx"],
        5,
        &["Could not load package", "broken.dtsx"],
    );
    code(
        &["/Proj", "p.dtsx", "/Pack", "q.dtsx"],
        4,
        &["no package `q.dtsx`"],
    );
    code(
        &[],
        6,
        &[
            "No package is given",
            "The command line parameters are invalid",
        ],
    );
    code(
        &["/F", "p.dtsx", "/Fool"],
        6,
        &["Option \"/Fool\" is not valid."],
    );
    code(&["/SQ", "x"], 6, &["no engine for that"]);
    let gone = r"\Package.Variables[User::Gone].Value;1";
    code(&["/F", "p.dtsx", "/Set", gone], 6, &["DTExec: ", "Gone"]);
    code(
        &["/F", "p.dtsx", "/Conn", "gone;x"],
        6,
        &["connection manager \"gone\""],
    );
    code(&["/?"], 0, &["Usage: dtexec"]);
}

#[test]
fn a_package_is_validated_and_verified_before_it_runs() {
    let soctl = with(&division());
    let run = |options: &[&str]| {
        let mut all = vec!["/F", "p.dtsx"];
        all.extend(options);
        soctl.dtexec(&all)
    };
    run(&["/Va"]).reports(0, &["The package validation returned DTSER_SUCCESS (0)."]);
    run(&[
        "/VerifyB",
        "1;0;7",
        "/VerifyV",
        "{00000000-0000-4000-8000-00000000000a}",
    ])
    .reports(0, &["DTSER_SUCCESS"]);
    for (options, reason) in [
        (["/VerifyB", "2"], "the package has version 1.0.7"),
        (
            ["/VerifyP", "{1}"],
            "the package has the package id {00000000-0000",
        ),
        (["/VerifyV", "{1}"], "the package has the version id"),
    ] {
        let ran = run(&options).reports(1, &["did not verify", reason]);
        assert!(!ran.stdout.contains("execution returned"), "{}", ran.stdout);
    }
    run(&["/VerifyS"]).reports(1, &["signatures"]);

    let script = division().task("Script", "Microsoft.ScriptTask", "<ScriptProject/>");
    let soctl = with(&script);
    soctl.dtexec(&["/F", "p.dtsx", "/Va"]).reports(
        1,
        &["is a Script task", "validation returned DTSER_FAILURE (1)."],
    );
}

#[test]
fn a_warning_counts_as_an_error_when_asked() {
    let mail = r#"<SendMailTask:SendMailTaskData xmlns:SendMailTask="www.microsoft.com/sqlserver/dts/tasks/sendmailtask" SendMailTask:SMTPServer="Mail" SendMailTask:From="nobody" SendMailTask:To="a@example.com" SendMailTask:Subject="s"/>"#;
    let package = TaskPackage::new("warned")
        .manager(
            "Mail",
            "SMTP",
            r#"<SmtpConnectionManager ConnectionString="SmtpServer=localhost"/>"#,
        )
        .task("Tell", "Microsoft.SendMailTask", mail);
    let soctl = with(&package);
    soctl
        .dtexec(&["/F", "p.dtsx", "/Va"])
        .reports(0, &["Warning: ", "0x800291C8"]);
    let ran = soctl.dtexec(&["/F", "p.dtsx", "/W"]);
    let ran = ran.reports(1, &["validation returned DTSER_FAILURE (1)."]);
    assert!(!ran.stdout.contains("execution returned"), "{}", ran.stdout);
}

#[test]
fn a_child_package_in_a_file_gets_its_parameters() {
    let child = TaskPackage::new("child")
        .parameter("By", "0")
        .variable("Result", 3, "0")
        .task(
            "Divide",
            EXPRESSION,
            r#"<ExpressionTask Expression="@[User::Result] = 10 / (DT_I4)@[$Package::By]"/>"#,
        );
    let parent = |parameter: &str| {
        let data = format!(
            r#"<ExecutePackageTask><UseProjectReference>False</UseProjectReference><Connection>Child</Connection>{parameter}</ExecutePackageTask>"#
        );
        TaskPackage::new("parent")
            .connection("Child", "FILE", "child.dtsx")
            .variable("Five", 8, "5")
            .task("Run", "Microsoft.ExecutePackageTask", &data)
    };
    let given = "<ParameterAssignment><ParameterName>By</ParameterName><BindedVariableOrParameterName>User::Five</BindedVariableOrParameterName></ParameterAssignment>";
    let soctl = with(&parent(given));
    std::fs::write(soctl.home().join("child.dtsx"), child.text()).unwrap();
    soctl.dtexec(&["/F", "p.dtsx"]).reports(0, &[]);

    let soctl = with(&parent(""));
    std::fs::write(soctl.home().join("child.dtsx"), child.text()).unwrap();
    soctl
        .dtexec(&["/F", "p.dtsx"])
        .reports(1, &["Source: Divide", "package `child.dtsx` failed"]);
    std::fs::remove_file(soctl.home().join("child.dtsx")).unwrap();
    soctl
        .dtexec(&["/F", "p.dtsx"])
        .reports(1, &["0xC00220DE", "loading package file `child.dtsx`"]);
    // A package that runs itself ends.
    std::fs::copy(soctl.home().join("p.dtsx"), soctl.home().join("child.dtsx")).unwrap();
    soctl
        .dtexec(&["/F", "p.dtsx"])
        .reports(1, &["packages run inside each other more than"]);
}

/// `p.dtsx` copies numbers from a file with this text to another.
fn write_copy(soctl: &Soctl, text: &str) {
    let file = |name: &'static str| FlatFile {
        name,
        path: soctl.home().join(name).display().to_string(),
        code_page: 65001,
        columns: vec![("id", "i4", 0)],
    };
    std::fs::write(soctl.home().join("In"), text).unwrap();
    let package = package::copy("p", &file("In"), &file("Out"));
    std::fs::write(soctl.home().join("p.dtsx"), package).unwrap();
}

#[test]
fn a_component_is_named_with_its_number() {
    let soctl = Soctl::new();
    write_copy(&soctl, "id\r\n1\r\ntwo\r\n");
    let parts = [
        "   Source: Load Read [2]\n",
        "   Source: Load SSIS.Pipeline\n",
    ];
    soctl.dtexec(&["/F", "p.dtsx"]).reports(1, &parts);
}

#[test]
fn logs_follow_a_data_flow_component_by_component() {
    let soctl = Soctl::new();
    write_copy(&soctl, "id\r\n1\r\n2\r\n");
    let list = "NM;I;PipelineInitialization;PipelineExecutionTrees;PipelineExecutionPlan;\
        OnPipelinePrePrimeOutput;OnPipelinePostPrimeOutput;OnPipelineRowsSent;\
        OnPipelinePreEndOfRowset;OnPipelinePostEndOfRowset;PipelineComponentTime";
    let ran = soctl.dtexec(&["/F", "p.dtsx", "/Rep", "N", "/Cons", list]);
    let ran = ran.reports(0, &[]);
    let entries = ran.stdout.split("Log:\n").skip(1);
    let entries: Vec<String> = entries
        .map(|entry| {
            entry
                .split("End Log")
                .next()
                .unwrap()
                .replace("\n     ", " ")
        })
        .map(|entry| entry.trim().to_owned())
        .collect();
    let found = |start: &str| -> Vec<&str> {
        let found = entries.iter().filter(|entry| entry.contains(start));
        found.map(String::as_str).collect()
    };
    for (name, text) in [
        (
            "PipelineInitialization",
            "The default buffer size is 10485760 bytes.",
        ),
        ("PipelineExecutionTrees", "component \"Read\""),
        ("PipelineExecutionPlan", "SourceThread0 runs path"),
        ("OnPipelinePrePrimeOutput", "on a component. : 2 : Read"),
        ("OnPipelinePostPrimeOutput", "call. : 2 : Read"),
        (
            "OnPipelineRowsSent",
            " :  : 3 : Flat File Source Output : 6 : Write : 7 : ",
        ),
        ("OnPipelineRowsSent", " : 2"),
        ("OnPipelinePreEndOfRowset", "signal. : 6 : Write : 7 : "),
        ("OnPipelinePostEndOfRowset", "signal. : 6 : Write : 7 : "),
        (
            "PipelineComponentTime",
            "The component \"Write\" (6) spent ",
        ),
    ] {
        let of = found(name);
        assert!(
            of.iter().any(|entry| entry.contains(text)),
            "{text}: {entries:#?}"
        );
    }
}
