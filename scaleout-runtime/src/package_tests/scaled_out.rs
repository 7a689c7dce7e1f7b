//! Execute Package tasks whose children run elsewhere: when, with what, and what comes of it.

use std::sync::{Arc, Mutex};

use scaleout_core::package::VariableType;
use scaleout_core::protocol::child::{
    ChildEnd, ChildError, ChildOutcome, ChildPackage, ParentVariable,
};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::task::TaskDescription;

use super::harness::{Dtsx, Ran, Recorder, executable, host, ok, project, set};
use crate::cancel::{CancelToken, Canceled};
use crate::children::ChildRunner;
use crate::executor::{design_values, run_local};

/// Answers every child in the same way, and keeps what it was asked for.
struct Elsewhere {
    outcome: Result<ChildOutcome, Canceled>,
    asked: Mutex<Vec<ChildPackage>>,
}

impl ChildRunner for Elsewhere {
    fn run(&self, child: ChildPackage, _cancel: &CancelToken) -> Result<ChildOutcome, Canceled> {
        self.asked.lock().unwrap().push(child);
        self.outcome.clone()
    }

    fn occurrence(&self, _path: &str) -> u32 {
        1
    }
}

fn ended(result: PackageResult) -> Result<ChildOutcome, Canceled> {
    Ok(ChildOutcome::Ended(ChildEnd {
        execution_id: 43,
        result,
        worker: "w2".to_owned(),
        rows: 5,
        errors: match result {
            PackageResult::Failure => vec![ChildError {
                code: -1_073_450_974,
                message: "Load:Error: row 7".to_owned(),
            }],
            _ => Vec::new(),
        },
        more_errors: 0,
    }))
}

/// Runs a parent whose children are answered like that; says what was asked for elsewhere.
fn run(
    parent: &Dtsx,
    outcome: Result<ChildOutcome, Canceled>,
    change: impl FnOnce(&mut TaskDescription),
) -> (Ran, Vec<ChildPackage>) {
    let child = Dtsx::new()
        .string("own", "")
        .parameter("p", 8, "", "")
        .with(&set(
            "Package",
            "inside",
            "@[User::own] = @[$Package::p]",
            "",
        ));
    let packages = project(&[("p.dtsx", parent.text()), ("c.dtsx", child.text())]);
    let elsewhere = Arc::new(Elsewhere {
        outcome,
        asked: Mutex::default(),
    });
    let recorder = Arc::new(Recorder::default());
    let mut host = host(Arc::clone(&recorder) as _, CancelToken::new());
    host.children = Some(Arc::clone(&elsewhere) as _);
    let mut task = design_values("project", "p.dtsx");
    change(&mut task);
    let result = run_local(&packages, task, Default::default(), host).unwrap();
    let ran = Ran {
        result,
        events: recorder.take(),
    };
    let asked = std::mem::take(&mut *elsewhere.asked.lock().unwrap());
    (ran, asked)
}

fn call(out_of_process: &str, more: &str) -> String {
    let data = format!(
        "<DTS:ObjectData><ExecutePackageTask>{out_of_process}<UseProjectReference>True</UseProjectReference>
         <PackageName>c.dtsx</PackageName><ParameterAssignment><ParameterName>p</ParameterName>
         <BindedVariableOrParameterName>User::v</BindedVariableOrParameterName></ParameterAssignment>
         </ExecutePackageTask></DTS:ObjectData>"
    );
    executable("Package", "e", "Microsoft.ExecutePackageTask", more, &data)
}

const OUT: &str = "<ExecuteOutOfProcess>True</ExecuteOutOfProcess>";

fn parent(out_of_process: &str) -> Dtsx {
    Dtsx::new()
        .string("v", "bound")
        .int("n", 7)
        .with(&call(out_of_process, ""))
        .with(&ok("Package", "good"))
        .with(&ok("Package", "bad"))
        .after("e", "good", "")
        .after("e", "bad", r#"DTS:Value="1""#)
}

#[test]
fn a_child_gets_what_its_task_binds_and_sees() {
    let (ran, asked) = run(&parent(OUT), ended(PackageResult::Success), |_| {});
    assert_eq!(
        ran.result,
        PackageResult::Success,
        "{:?}",
        ran.said("OnError")
    );
    assert_eq!(ran.tasks(), ["e", "good"]);
    let [child] = &asked[..] else {
        panic!("{asked:?}");
    };
    assert_eq!(child.path, r"\Package\e");
    assert_eq!(child.package_name, "c.dtsx");
    assert_eq!(child.parameters[0].value.as_deref(), Some("bound"));
    let variable = |name: &str| {
        let mut all = child.variables.iter();
        let found = all.find(|one| one.name == name).unwrap();
        (found.data_type, found.value.as_deref())
    };
    assert_eq!(variable("v"), (VariableType::String, Some("bound")));
    assert_eq!(variable("n"), (VariableType::Int32, Some("7")));
    let system = child.variables.iter().find(|one| one.namespace == "System");
    assert_eq!(system, None);
    let said = ran.said("OnInformation").join("\n");
    assert!(
        said.contains("execution 43") && said.contains("`w2`"),
        "{said}"
    );
}

#[test]
fn a_failure_elsewhere_reaches_the_failure_constraint_with_its_errors() {
    let (ran, _) = run(&parent(OUT), ended(PackageResult::Failure), |_| {});
    assert_eq!(ran.result, PackageResult::Failure);
    assert_eq!(ran.tasks(), ["e", "bad"]);
    let errors = ran.said("OnError");
    assert!(
        errors[0].contains("(execution 43 on worker `w2`): Load:Error: row 7"),
        "{errors:?}"
    );
    assert!(errors[1].contains("soctl executions show 43"), "{errors:?}");
    // So do a child that somebody stopped, and one that was never started.
    let refused = Ok(ChildOutcome::Refused {
        reason: "SO7191: too many".to_owned(),
    });
    for outcome in [ended(PackageResult::Canceled), refused] {
        let (ran, _) = run(&parent(OUT), outcome, |_| {});
        assert_eq!(ran.tasks(), ["e", "bad"], "{:?}", ran.said("OnError"));
    }
}

#[test]
fn a_stop_of_the_parent_is_no_failure_of_the_child() {
    let (ran, _) = run(&parent(OUT), Err(Canceled), |_| {});
    assert_eq!(ran.said("OnError"), [] as [&str; 0]);
    assert_eq!(ran.result_of("e"), Some(3));
}

#[test]
fn a_child_runs_here_unless_task_or_execution_say_otherwise() {
    let (ran, asked) = run(&parent(""), ended(PackageResult::Failure), |_| {});
    assert_eq!(asked, []);
    assert_eq!(ran.tasks(), ["inside", "e", "good"]);
    let all = |task: &mut TaskDescription| task.scale_out_children = true;
    let (_, asked) = run(&parent(""), ended(PackageResult::Success), all);
    assert_eq!(asked.len(), 1);
    // No transaction goes over several machines.
    let inside = Dtsx::new()
        .attributes(r#"DTS:TransactionOption="2""#)
        .string("v", "bound")
        .with(&call(OUT, ""));
    let (ran, asked) = run(&inside, ended(PackageResult::Failure), |_| {});
    assert_eq!(asked, []);
    assert_eq!(ran.tasks(), ["inside", "e"], "{:?}", ran.said("OnError"));
}

#[test]
fn the_execution_of_a_child_reads_variables_of_its_parent() {
    let child = Dtsx::new().string("shown", "").with(&set(
        "Package",
        "t",
        "@[User::shown] = @[User::given]",
        "",
    ));
    let given = |task: &mut TaskDescription| {
        task.parent_variables = vec![ParentVariable {
            namespace: "User".to_owned(),
            name: "given".to_owned(),
            data_type: VariableType::String,
            value: Some("from elsewhere".to_owned()),
        }];
    };
    let ran = child.run_with(given);
    assert_eq!(
        ran.value_of("t"),
        Some("from elsewhere"),
        "{:?}",
        ran.said("OnError")
    );
    assert_eq!(child.run().result, PackageResult::Failure);
}
