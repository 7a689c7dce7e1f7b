//! Checkpoints: saved, restarted from, deleted.

use std::path::{Path, PathBuf};

use scaleout_core::protocol::event::PackageResult;

use super::harness::{Dtsx, constraint, executable, fails, ok, process, sequence, set};

const RESTART_POINT: &str = r#"DTS:FailPackageOnFailure="True""#;

struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("c.xml")
    }

    fn package(&self, usage: u8) -> Dtsx {
        Dtsx::new().attributes(&format!(
            r#"DTS:SaveCheckpoints="True" DTS:CheckpointUsage="{usage}" DTS:CheckpointFileName="{}""#,
            self.file().display()
        ))
    }

    fn mark(&self) -> PathBuf {
        self.folder.path().join("mark")
    }

    /// Fails until the mark is there.
    fn waits_for_mark(&self, parent: &str, name: &str, more: &str) -> String {
        let test = format!("-f {}", self.mark().display());
        process(parent, name, "test", &test, more)
    }

    fn repair(&self) {
        std::fs::write(self.mark(), "").unwrap();
    }
}

/// Ids and precedence maps of the records of a file.
fn records(file: &Path) -> Vec<(String, String)> {
    let bytes = std::fs::read(file).unwrap();
    let root = scaleout_core::package::xml::read(&bytes, "c.xml").unwrap();
    let containers = root.children_named("Container");
    containers
        .map(|one| {
            let text = |name| one.attribute(name).unwrap().to_owned();
            (text("Result"), text("PrecedenceMap"))
        })
        .collect()
}

#[test]
fn a_package_goes_on_where_it_failed_with_the_variables_it_had() {
    let fixture = Fixture::new();
    let dtsx = fixture
        .package(1)
        .int("n", 0)
        .variable("flag", 11, "0", "")
        .with(&set("Package", "a", "@[User::n] = 5", ""))
        .with(&set("Package", "b", "@[User::flag] = TRUE", ""))
        .with(&fixture.waits_for_mark("Package", "c", RESTART_POINT))
        .with(&set(
            "Package",
            "d",
            "@[User::n] = @[User::n] + (@[User::flag] ? 1 : 0)",
            "",
        ))
        .after("a", "b", "")
        .after("b", "c", "")
        .after("c", "d", "");

    let first = dtsx.run();
    assert_eq!(first.result, PackageResult::Failure);
    assert_eq!(first.tasks(), ["a", "b", "c"]);
    let expected = [("", "0"), ("Y", "0")].map(|(map, result)| (result.to_owned(), map.to_owned()));
    assert_eq!(records(&fixture.file()), expected);

    fixture.repair();
    let second = dtsx.run();
    assert_eq!(
        second.result,
        PackageResult::Success,
        "{:?}",
        second.said("OnError")
    );
    assert_eq!(second.tasks(), ["c", "d"]);
    assert_eq!(second.value_of("d"), Some("6"));
    assert!(second.said("OnInformation")[0].contains("restarted from checkpoint file"));
    assert!(!fixture.file().exists());

    assert_eq!(dtsx.run().tasks(), ["a", "b", "c", "d"]);
}

#[test]
fn children_of_a_sequence_are_recorded_and_a_loop_is_one() {
    let fixture = Fixture::new();
    let inner = ok("Package\\S", "a") + &fixture.waits_for_mark("Package\\S", "b", RESTART_POINT);
    let body = format!(
        "<DTS:Executables>{inner}</DTS:Executables><DTS:PrecedenceConstraints>{}</DTS:PrecedenceConstraints>",
        constraint("Package\\S", "a", "b", "")
    );
    let in_sequence =
        fixture
            .package(1)
            .with(&executable("Package", "S", "STOCK:SEQUENCE", "", &body));
    in_sequence.run();
    fixture.repair();
    assert_eq!(in_sequence.run().tasks(), ["b"]);

    let fixture = Fixture::new();
    let inner = ok("Package\\L", "a") + &fixture.waits_for_mark("Package\\L", "b", RESTART_POINT);
    let body = format!(
        "<DTS:Executables>{inner}</DTS:Executables><DTS:PrecedenceConstraints>{}</DTS:PrecedenceConstraints>",
        constraint("Package\\L", "a", "b", "")
    );
    let condition =
        r#"DTS:InitExpression="@i = 0" DTS:EvalExpression="@i == 0" DTS:AssignExpression="@i = 1""#;
    let looped = fixture.package(1).int("i", 0).with(&executable(
        "Package",
        "L",
        "STOCK:FORLOOP",
        condition,
        &body,
    ));
    looped.run();
    fixture.repair();
    assert_eq!(looped.run().tasks(), ["a", "b"]);
}

#[test]
fn what_failed_and_what_hangs_on_it_runs_again() {
    let fixture = Fixture::new();
    let dtsx = fixture
        .package(1)
        .attributes(&format!(
            r#"DTS:SaveCheckpoints="True" DTS:CheckpointUsage="1" DTS:CheckpointFileName="{}""#,
            fixture.file().display()
        ))
        .with(&fails("Package", "a", ""))
        .with(&ok("Package", "cleans"))
        .with(&ok("Package", "other"))
        .after("a", "cleans", r#"DTS:Value="1""#);
    let first = dtsx.run();
    assert_eq!(first.tasks_sorted(), ["a", "cleans", "other"]);
    let warned = first.said("OnWarning");
    assert!(
        warned
            .iter()
            .any(|text| text.contains("FailPackageOnFailure is False")),
        "{warned:?}"
    );
    assert_eq!(dtsx.run().tasks_sorted(), ["a", "cleans"]);
}

#[test]
fn usage_says_whether_the_file_is_read_and_whether_it_must_be_there() {
    let fixture = Fixture::new();
    let with = |usage| {
        let dtsx = fixture.package(usage).with(&ok("Package", "a"));
        dtsx.with(&fixture.waits_for_mark("Package", "b", RESTART_POINT))
            .after("a", "b", "")
    };
    let always = with(2).run();
    assert_eq!(always.tasks(), [""; 0]);
    assert_eq!(always.error().message_code, 0xC001_604C_u32.cast_signed());

    with(0).run();
    assert!(fixture.file().exists());
    assert_eq!(with(0).run().tasks(), ["a", "b"]);
    assert_eq!(with(2).run().tasks(), ["b"]);
}

#[test]
fn the_file_of_another_package_is_refused() {
    let fixture = Fixture::new();
    let text =
        r#"<DTS:Checkpoint xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:PackageID="{0}"/>"#;
    std::fs::write(fixture.file(), text).unwrap();
    let ran = fixture.package(1).with(&ok("Package", "a")).run();
    assert_eq!(ran.tasks(), [""; 0]);
    assert_eq!(ran.error().message_code, 0xC001_6049_u32.cast_signed());
    assert_eq!(std::fs::read_to_string(fixture.file()).unwrap(), text);
}

#[test]
fn a_disabled_task_between_does_not_bring_its_followers_back() {
    let fixture = Fixture::new();
    let dtsx = fixture
        .package(1)
        .with(&sequence("Package", "S", r#"DTS:Disabled="True""#, ""))
        .with(&ok("Package", "a"))
        .with(&fixture.waits_for_mark("Package", "b", RESTART_POINT))
        .after("S", "a", "")
        .after("a", "b", "");
    dtsx.run();
    fixture.repair();
    assert_eq!(dtsx.run().tasks(), ["b"]);
}
