//! Packages that mean no good: each ends, and says why.

use scaleout_core::error::Explain;
use scaleout_core::protocol::event::PackageResult;

use super::harness::{Dtsx, executable, ok, process, project, run_project, run_stopped_at, set};

#[test]
fn a_loop_that_never_ends_is_stopped() {
    let body = format!(
        "<DTS:Executables>{}</DTS:Executables>",
        ok("Package\\L", "t")
    );
    let forever = r#"DTS:EvalExpression="TRUE""#;
    let dtsx = Dtsx::new()
        .with(&executable("Package", "L", "STOCK:FORLOOP", forever, &body))
        .with(&ok("Package", "after"))
        .after("L", "after", "");
    let ran = run_stopped_at(&dtsx, "OnPostExecute");
    assert_eq!(ran.result, PackageResult::Canceled);
    assert_eq!(ran.result_of("L"), Some(3));
    assert_eq!(ran.tasks(), ["t"]);
}

#[test]
fn a_thousand_nested_brackets_are_refused_before_anything_runs() {
    let expression = format!("@[User::n] = {}1{}", "(".repeat(1000), ")".repeat(1000));
    let ran = Dtsx::new()
        .int("n", 0)
        .with(&ok("Package", "a"))
        .with(&set("Package", "b", &expression, ""))
        .run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert_eq!(ran.tasks(), [""; 0]);
    assert!(
        ran.said("OnError")[0].starts_with("b:Error: "),
        "{:?}",
        ran.said("OnError")
    );
}

#[test]
fn a_package_that_executes_itself_ends_with_an_error_that_says_so() {
    let data = r#"<DTS:ObjectData><ExecutePackageTask><UseProjectReference>True</UseProjectReference>
        <PackageName>p.dtsx</PackageName></ExecutePackageTask></DTS:ObjectData>"#;
    let itself = executable("Package", "again", "Microsoft.ExecutePackageTask", "", data);
    let project = project(&[("p.dtsx", Dtsx::new().with(&itself).text())]);
    let ran = run_project(&project, Default::default(), |_| {}).unwrap();
    assert_eq!(ran.result, PackageResult::Failure);
    let said = ran.said("OnError");
    assert!(said[0].contains("more than 16 deep"), "{said:?}");
}

#[test]
fn a_process_that_ignores_its_signal_is_killed_with_the_package() {
    let ignores = "-c 'trap : TERM; while :; do sleep 0.1; done'";
    let dtsx = Dtsx::new().with(&process("Package", "stubborn", "sh", ignores, ""));
    let ran = run_stopped_at(&dtsx, "ExecuteProcessExecutingProcess");
    assert_eq!(ran.result, PackageResult::Canceled);
    assert_eq!(ran.result_of("stubborn"), Some(3));
}

#[test]
fn a_variable_of_the_wrong_type_is_named_at_the_start_or_where_it_is_set() {
    let declared = Dtsx::new().variable("n", 3, "many", "");
    let error = declared.try_run(|_| {}).err().unwrap();
    assert_eq!(error.code(), "SO4012");

    let assigned = Dtsx::new().int("n", 0).string("s", "many").with(&set(
        "Package",
        "a",
        "@[User::n] = @[User::s]",
        "",
    ));
    let ran = assigned.run();
    assert_eq!(ran.result, PackageResult::Failure);
    let said = ran.said("OnError");
    assert!(said[0].contains("User::n"), "{said:?}");
}

#[test]
fn the_row_of_a_loop_that_does_not_fit_its_variable_names_both() {
    let data =
        r#"<FEIEItems><FEIEItem><FEIEItemValue Type="8" Value="many"/></FEIEItem></FEIEItems>"#;
    let inner = format!(
        r#"<DTS:ForEachEnumerator DTS:CreationName="Microsoft.ForEachItemEnumerator"><DTS:ObjectData>{data}</DTS:ObjectData></DTS:ForEachEnumerator>
           <DTS:ForEachVariableMappings><DTS:ForEachVariableMapping DTS:VariableName="User::n" DTS:ValueIndex="0"/></DTS:ForEachVariableMappings>"#
    );
    let ran = Dtsx::new()
        .int("n", 0)
        .with(&executable("Package", "F", "STOCK:FOREACHLOOP", "", &inner))
        .run();
    assert_eq!(ran.error().message_code, 0xC001_C012_u32.cast_signed());
    assert!(
        ran.error().message.contains("User::n"),
        "{}",
        ran.error().message
    );
}

#[test]
fn a_package_that_could_never_run_anything_at_once_is_refused() {
    for setting in ["0", "-2"] {
        let attribute = format!(r#"DTS:MaxConcurrentExecutables="{setting}""#);
        let dtsx = Dtsx::new().attributes(&attribute).with(&ok("Package", "a"));
        let ran = dtsx.run();
        assert_eq!(ran.result, PackageResult::Failure, "{setting}");
        assert_eq!(ran.tasks(), [""; 0], "{setting}");
        let said = ran.said("OnError");
        assert!(said[0].contains("`MaxConcurrentExecutables`"), "{said:?}");
    }
    let dtsx = Dtsx::new().attributes(r#"DTS:MaxConcurrentExecutables="-1""#);
    assert_eq!(
        dtsx.with(&ok("Package", "a")).run().result,
        PackageResult::Success
    );
}
