//! Tasks inside packages: processes and files.

use scaleout_core::model::LoggingLevel;
use scaleout_core::protocol::event::PackageResult;

use super::harness::{Dtsx, executable, expression_of, process, set};

fn file_task(name: &str, attributes: &str) -> String {
    let data = format!("<DTS:ObjectData><FileSystemData {attributes}/></DTS:ObjectData>");
    executable("Package", name, "Microsoft.FileSystemTask", "", &data)
}

#[test]
fn output_goes_to_a_variable_and_input_comes_from_one() {
    let more = r#"|StandardInputVariable="User::in" StandardOutputVariable="User::out""#;
    let ran = Dtsx::new()
        .string("in", "hello")
        .string("out", "")
        .string("seen", "")
        .with(&process("Package", "a", "tr", "a-z A-Z", more))
        .with(&set("Package", "b", "@[User::seen] = @[User::out]", ""))
        .after("a", "b", "")
        .run();
    assert_eq!(ran.value_of("b"), Some("HELLO"));
}

#[test]
fn a_wrong_exit_code_fails_and_repeats_what_the_program_said() {
    let ran = Dtsx::new()
        .with(&process(
            "Package",
            "a",
            "sh",
            "-c 'echo broken >&2; exit 4'",
            "",
        ))
        .run();
    let error = ran.error();
    assert_eq!(error.message_code, 0xC002_9151_u32.cast_signed());
    assert!(error.message.contains("broken"), "{}", error.message);
    assert_eq!(error.source_type, 40);
    assert_eq!(error.package_path, "\\Package\\a");
}

#[test]
fn exit_codes_may_be_ignored() {
    let more = r#"|FailTaskIfReturnCodeIsNotSuccessValue="False""#;
    let ran = Dtsx::new()
        .with(&process("Package", "a", "false", "", more))
        .run();
    assert_eq!(ran.result, PackageResult::Success);
    assert_eq!(ran.value_of("a"), Some("1"));
}

#[test]
fn a_process_whose_time_is_over_is_ended() {
    // The clock of these tests goes a second with every look.
    let ran = Dtsx::new()
        .with(&process("Package", "a", "sleep", "600", r#"|TimeOut="5""#))
        .run();
    assert_eq!(ran.error().message_code, 0xC002_914C_u32.cast_signed());
}

#[test]
fn files_are_created_copied_renamed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("a.txt"), "a").unwrap();
    let variable = |side: &str, name: &str| {
        format!(r#"Task{side}Path="User::{name}" TaskIs{side}Variable="True" "#)
            .replace("TaskDestinationPath", "TaskDestinationPath")
    };
    let both = |operation: &str, source: &str, destination: &str| {
        format!(
            r#"TaskOperationType="{operation}" {} {}"#,
            variable("Source", source),
            variable("Destination", destination)
        )
    };
    let ran = Dtsx::new()
        .string("a", &format!("{root}/a.txt"))
        .string("sub", &format!("{root}/x/sub"))
        .string("copied", &format!("{root}/x/sub/a.txt"))
        .string("renamed", &format!("{root}/x/sub/b.txt"))
        .with(&file_task(
            "create",
            &format!(
                r#"TaskOperationType="CreateDirectory" {}"#,
                variable("Source", "sub")
            ),
        ))
        .with(&file_task("copy", &both("CopyFile", "a", "sub")))
        .with(&file_task(
            "rename",
            &both("RenameFile", "copied", "renamed"),
        ))
        .with(&file_task(
            "delete",
            &format!(
                r#"TaskOperationType="DeleteFile" {}"#,
                variable("Source", "a")
            ),
        ))
        .after("create", "copy", "")
        .after("copy", "rename", "")
        .after("rename", "delete", "")
        .run();
    assert_eq!(
        ran.result,
        PackageResult::Success,
        "{:?}",
        ran.said("OnError")
    );
    assert!(folder.path().join("x/sub/b.txt").is_file());
    assert!(!folder.path().join("a.txt").exists());
    assert!(!folder.path().join("x/sub/a.txt").exists());
}

#[test]
fn deleting_a_file_that_is_not_there_is_an_error_that_names_it() {
    let attributes =
        r#"TaskOperationType="DeleteFile" TaskSourcePath="User::a" TaskIsSourceVariable="True""#;
    let ran = Dtsx::new()
        .string("a", "/nowhere/x.txt")
        .with(&file_task("delete", attributes))
        .run();
    let error = ran.error();
    assert_eq!(error.message_code, 0xC002_9163_u32.cast_signed());
    assert!(
        error.message.contains("/nowhere/x.txt"),
        "{}",
        error.message
    );
}

#[test]
fn a_file_on_an_unmapped_drive_names_connection_and_mapping() {
    let manager = r#"<DTS:ConnectionManagers><DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[Orders]" DTS:CreationName="FILE" DTS:ObjectName="Orders" DTS:DTSID="{00000000-0000-4000-8000-000000000077}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="E:\in.csv"/></DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>"#;
    let attributes =
        r#"TaskOperationType="DeleteFile" TaskSourcePath="{00000000-0000-4000-8000-000000000077}""#;
    let ran = Dtsx::new()
        .collections(manager)
        .with(&file_task("delete", attributes))
        .run();
    let said = &ran.error().message;
    for part in [
        "source `Orders`",
        r"`E:\in.csv`",
        "`PathMappings` entry for `E:`",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn arguments_may_come_from_an_expression() {
    let data =
        r#"<DTS:ObjectData><ExecuteProcessData Executable="sh" Arguments=""/></DTS:ObjectData>"#;
    let inner = expression_of(
        "Arguments",
        "'-c \\'exit ' + (DT_WSTR, 9)@[User::n] + '\\''",
    ) + data;
    let task = executable("Package", "a", "Microsoft.ExecuteProcess", "", &inner);
    let ran = Dtsx::new().int("n", 5).with(&task).run();
    assert_eq!(ran.value_of("a"), None);
    assert!(
        ran.error().message.contains("exit code was 5"),
        "{}",
        ran.error().message
    );
}

#[test]
fn a_wrong_exit_code_is_said_without_what_is_empty_and_with_the_last_words() {
    let text = |program: &str, arguments: &str| {
        let task = process("Package", "a", program, arguments, "");
        Dtsx::new().with(&task).run().error().message.clone()
    };
    assert_eq!(
        text("false", ""),
        "a:Error: running `false`: the exit code was 1, and 0 was expected"
    );
    assert_eq!(
        text("sh", "-c 'echo out; echo one >&2; echo two >&2; exit 3'"),
        "a:Error: running `sh` `-c \"echo out; echo one >&2; echo two >&2; exit 3\"`: the exit code \
         was 3, and 0 was expected; it wrote: one | two"
    );
}

#[test]
fn tasks_write_the_entries_of_the_documentation() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made").display().to_string();
    let made = r#"TaskOperationType="CreateDirectory" TaskSourcePath="User::made" TaskIsSourceVariable="True""#;
    let made = file_task("a", made);
    let routed = r#"|StandardOutputVariable="User::out""#;
    let ran = Dtsx::new()
        .string("out", "")
        .string("made", &file)
        .with(&made)
        .with(&process("Package", "b", "echo", "x", routed))
        .after("a", "b", "")
        .run_with(|task| task.logging_level = LoggingLevel::Verbose);
    assert_eq!(ran.result, PackageResult::Success);
    let said = ran.said("FileSystemOperation");
    assert_eq!(said, [format!("a:CreateDirectory: {file}")]);
    let said = ran.said("ExecuteProcessExecutingProcess");
    assert_eq!(said[0], "b:Executing `echo` `x`");
    assert_eq!(said[1], "b:`echo` `x` has ended: exit status: 0");
    let said = ran.said("ExecuteProcessVariableRouting");
    let routed = "b:Routing stdout of `echo` `x` and the variable \"User::out\".";
    assert_eq!(said, [routed]);
}
