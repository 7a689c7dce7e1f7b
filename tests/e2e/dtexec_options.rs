//! `dtexec`: what its less common options do.

use std::path::Path;

use crate::support::interrupt::interrupted_once_reported;
use crate::support::tasks::TaskPackage;
use crate::support::{Site, Soctl};

const BY_ZERO: &str = r"\Package.Variables[User::By].Value;0";

/// Divides 10 by `User::By` (1).
fn division() -> TaskPackage {
    TaskPackage::new("division")
        .variable("By", 3, "1")
        .variable("Result", 3, "0")
        .task(
            "Divide",
            "Microsoft.ExpressionTask",
            r#"<ExpressionTask Expression="@[User::Result] = 10 / @[User::By]"/>"#,
        )
}

fn with(package: &TaskPackage) -> Soctl {
    let soctl = Soctl::new();
    write(&soctl, package);
    soctl
}

fn write(soctl: &Soctl, package: &TaskPackage) {
    std::fs::write(soctl.home().join("p.dtsx"), package.text()).unwrap();
}

fn process(program: &str, arguments: &str) -> String {
    format!(
        r#"<ExecuteProcessData Executable="{program}" Arguments="{arguments}" RequireFullFileName="False"/>"#
    )
}

/// The archives in a folder of dumps.
fn dumps(folder: &Path) -> usize {
    let found = std::fs::read_dir(folder).map(|entries| {
        let names = entries.map(|entry| entry.unwrap().path());
        names
            .filter(|path| path.extension().is_some_and(|it| it == "zip"))
            .count()
    });
    found.unwrap_or(0)
}

#[test]
fn a_dump_is_written_when_it_is_asked_for() {
    let soctl = with(&division());
    let folder = soctl.home().join("ErrorDumps");
    soctl
        .dtexec(&["/F", "p.dtsx", "/Set", BY_ZERO])
        .reports(1, &[]);
    assert_eq!(dumps(&folder), 0);
    soctl
        .dtexec(&["/F", "p.dtsx", "/Set", BY_ZERO, "/DumpOnError"])
        .reports(1, &["DTExec: A dump of the package is in ErrorDumps/"]);
    assert_eq!(dumps(&folder), 1);
    // One with a code that nothing raises writes none; a code that is no number is none.
    soctl
        .dtexec(&["/F", "p.dtsx", "/Set", BY_ZERO, "/Dump", "0xC0209029;-1"])
        .reports(1, &[]);
    assert_eq!(dumps(&folder), 1);
    soctl
        .dtexec(&["/F", "p.dtsx", "/Dump", "all"])
        .reports(6, &["`all` is no code of a message"]);
}

#[test]
fn a_run_that_is_interrupted_is_canceled() {
    let sleeps = TaskPackage::new("sleeps").task(
        "Sleep",
        "Microsoft.ExecuteProcess",
        &process("sleep", "600"),
    );
    let soctl = with(&sleeps);
    let command = soctl.command_of(env!("CARGO_BIN_EXE_dtexec"), &["/F", "p.dtsx", "/Rep", "V"]);
    let ran = interrupted_once_reported(command, "ExecuteProcessExecutingProcess");
    ran.reports(3, &["The package execution returned DTSER_CANCELED (3)."]);
}

#[test]
fn a_configuration_file_gives_values() {
    let soctl = with(&division());
    let configuration = |value: &str| {
        format!(
            r#"<?xml version="1.0"?><DTSConfiguration><Configuration ConfiguredType="Property" Path="\Package.Variables[User::By].Properties[Value]" ValueType="Int32"><ConfiguredValue>{value}</ConfiguredValue></Configuration></DTSConfiguration>"#
        )
    };
    let run = || soctl.dtexec(&["/F", "p.dtsx", "/Conf", "p.dtsConfig"]);
    std::fs::write(soctl.home().join("p.dtsConfig"), configuration("0")).unwrap();
    run().reports(1, &["Source: Divide"]);
    std::fs::write(soctl.home().join("p.dtsConfig"), configuration("5")).unwrap();
    run().reports(0, &["DTSER_SUCCESS (0)"]);
}

/// The original applies them before the command line and once more after it.
#[test]
fn configurations_of_the_package_win_over_the_command_line() {
    let file = |name: &str, by: &str| {
        format!(
            r#"<?xml version="1.0"?><DTSConfiguration><Configuration ConfiguredType="Property" Path="\Package.Variables[User::{name}].Properties[Value]" ValueType="Int32"><ConfiguredValue>{by}</ConfiguredValue></Configuration></DTSConfiguration>"#
        )
    };
    let own = r#"<DTS:Configurations><DTS:Configuration DTS:ConfigurationString="own.dtsConfig" DTS:ConfigurationType="1" DTS:ConfigurationVariable="" DTS:CreationName="" DTS:DTSID="{00000000-0000-4000-8000-0000000000c1}" DTS:ObjectName="Own"/></DTS:Configurations>"#;
    let text = division().text();
    let text = text.replacen("<DTS:Variables>", &format!("{own}<DTS:Variables>"), 1);
    let text = text.replacen(
        "DTS:ObjectName=",
        r#"DTS:EnableConfig="True" DTS:ObjectName="#,
        1,
    );
    let soctl = Soctl::new();
    let write = |name: &str, text: &str| std::fs::write(soctl.home().join(name), text).unwrap();
    write("p.dtsx", &text);
    write("own.dtsConfig", &file("By", "5"));
    write("other.dtsConfig", &file("By", "0"));
    let run = |more: &[&str], code: i32| {
        let mut words = vec!["/F", "p.dtsx"];
        words.extend(more);
        soctl.dtexec(&words).reports(code, &[]);
    };
    run(&["/Set", BY_ZERO], 0);
    run(&["/Conf", "other.dtsConfig"], 0);
    // The command line gives what no configuration of the package does, /Set before /ConfigFile.
    write("own.dtsConfig", &file("Result", "5"));
    run(&["/Set", BY_ZERO], 1);
    run(&["/Conf", "other.dtsConfig"], 1);
    let by_two = r"\Package.Variables[User::By].Value;2";
    run(&["/Set", by_two, "/Conf", "other.dtsConfig"], 0);
}

#[test]
fn a_package_restarts_at_its_checkpoint_when_the_command_line_says_so() {
    let soctl = Soctl::new();
    let (count, mark) = (soctl.home().join("count"), soctl.home().join("mark"));
    let script = soctl.home().join("count.sh");
    std::fs::write(&script, format!("echo x >> '{}'\n", count.display())).unwrap();
    let package = TaskPackage::new("restarts")
        .task(
            "Count",
            "Microsoft.ExecuteProcess",
            &process("sh", &script.display().to_string()),
        )
        .task(
            "Check",
            "Microsoft.ExecuteProcess",
            &process("test", &format!("-f {}", mark.display())),
        );
    write(&soctl, &package);
    let run = |restart: &str| {
        soctl.dtexec(&[
            "/F",
            "p.dtsx",
            "/CheckF",
            "checkpoint.xml",
            "/CheckP",
            "on",
            "/Rest",
            restart,
            "/Set",
            r"\Package\Check.Properties[FailPackageOnFailure];True",
        ])
    };
    let counted = || std::fs::read_to_string(&count).unwrap().lines().count();
    run("ifPossible").reports(1, &[]);
    assert!(soctl.home().join("checkpoint.xml").exists());
    run("ifPossible").reports(1, &[]);
    assert_eq!(counted(), 1, "it went on behind what had succeeded");
    run("deny").reports(1, &[]);
    assert_eq!(counted(), 2, "it began anew");
    std::fs::write(&mark, "").unwrap();
    run("force").reports(0, &[]);
    assert_eq!(counted(), 2);
    // What has ended well leaves nothing to go on from.
    run("force").reports(1, &["checkpoint"]);
}

#[test]
fn logs_go_where_the_command_line_says() {
    let soctl = with(&division());
    // The provider writes UTF-16, as the original does.
    let log = |name: &str| {
        let mut bytes = std::fs::read(soctl.home().join(name)).unwrap();
        bytes.retain(|byte| *byte != 0);
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let provider = "DTS.LogProviderTextFile;events.log";
    soctl
        .dtexec(&["/F", "p.dtsx", "/L", provider])
        .reports(0, &[]);
    let events = log("events.log");
    assert!(
        events.contains("PackageStart") && events.contains("PackageEnd"),
        "{events}"
    );
    soctl
        .dtexec(&["/F", "p.dtsx", "/Set", BY_ZERO, "/VLog", "all.log"])
        .reports(1, &[]);
    let all = log("all.log");
    assert!(all.contains("OnError") && all.contains("Divide"), "{all}");
}

#[test]
fn a_deployed_package_runs_through_its_master() {
    let site = Site::start();
    let soctl = &site.soctl;
    write(soctl, &division());
    soctl.json(&[
        "deploy",
        "p.dtsx",
        "--folder",
        "Finance",
        "--project",
        "Daily",
    ]);
    let run = |more: &[&str]| {
        let mut all = vec!["/ISServer", r"\SSISDB\Finance\Daily\p.dtsx"];
        all.extend(more);
        soctl.dtexec(&all)
    };
    let waits = ["/Par", "$ServerOption::SYNCHRONIZED(Boolean);True"];
    run(&waits).reports(
        0,
        &[
            "Execution ID: ",
            "Package execution on IS Server succeeded.",
        ],
    );
    run(&[waits[0], waits[1], "/Set", BY_ZERO]).reports(1, &["failed, Execution Status: 4"]);
    // Without waiting it is only started.
    run(&[]).reports(0, &["Package execution on IS Server started."]);
    soctl
        .dtexec(&["/ISServer", r"\SSISDB\Finance\Daily\gone.dtsx"])
        .reports(4, &["gone.dtsx"]);
}
