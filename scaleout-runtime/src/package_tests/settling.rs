//! Values: parameters, overrides, property expressions, expression variables.

use scaleout_core::error::Explain;
use scaleout_core::package::VariableType;
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::task::{ParameterValue, PropertyOverride, TaskDescription};

use super::harness::{
    Dtsx, Ran, executable, expression_of, ok, project, run_project, sequence, set, variable,
};

pub(super) fn parameter(name: &str, value: &str) -> ParameterValue {
    ParameterValue {
        name: name.to_owned(),
        data_type: VariableType::String,
        value: Some(value.to_owned()),
        sensitive: false,
    }
}

pub(super) fn overriding(path: &str, value: &str) -> impl FnOnce(&mut TaskDescription) {
    let one = PropertyOverride {
        path: path.to_owned(),
        value: value.to_owned(),
        sensitive: false,
    };
    |task| task.property_overrides.push(one)
}

/// Shows the value of an expression as the execution value of `t`.
fn shows(dtsx: Dtsx, expression: &str) -> Dtsx {
    dtsx.string("shown", "").with(&set(
        "Package",
        "t",
        &format!("@[User::shown] = {expression}"),
        "",
    ))
}

#[test]
fn a_parameter_has_its_design_value_until_one_is_given() {
    let dtsx = shows(
        Dtsx::new().parameter("p", 8, "design", ""),
        "@[$Package::p]",
    );
    assert_eq!(dtsx.run().value_of("t"), Some("design"));
    let ran = dtsx.run_with(|task| task.package_parameters.push(parameter("p", "given")));
    assert_eq!(ran.value_of("t"), Some("given"));
}

#[test]
fn a_required_parameter_without_a_value_stops_the_start() {
    let dtsx = Dtsx::new().parameter("p", 8, "", r#"DTS:Required="True""#);
    let error = dtsx.try_run(|_| {}).err().unwrap();
    assert_eq!(error.code(), "SO4003");
    let ran = dtsx.try_run(|task| task.package_parameters.push(parameter("p", "x")));
    assert_eq!(ran.unwrap().result, PackageResult::Success);
}

#[test]
fn an_unknown_parameter_is_refused() {
    let error = Dtsx::new().try_run(|task| task.package_parameters.push(parameter("q", "x")));
    assert_eq!(error.err().unwrap().code(), "SO4004");
}

#[test]
fn parameters_are_read_only() {
    let dtsx = Dtsx::new().parameter("p", 8, "design", "").with(&set(
        "Package",
        "t",
        "@[$Package::p] = 'x'",
        "",
    ));
    let ran = dtsx.run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert!(
        ran.said("OnError")
            .iter()
            .any(|text| text.contains("read-only")),
        "{:?}",
        ran.said("OnError")
    );
}

#[test]
fn overrides_reach_variables_tasks_and_constraints() {
    let dtsx = shows(Dtsx::new().int("n", 1), "(DT_WSTR, 9)@[User::n]");
    let ran = dtsx.run_with(overriding(r"\Package.Variables[User::n].Value", "42"));
    assert_eq!(ran.value_of("t"), Some("42"));
    let ran = dtsx.run_with(overriding(r"\Package\t.Properties[Disable]", "True"));
    assert_eq!(ran.tasks(), [""; 0]);
}

#[test]
fn an_override_that_leads_nowhere_names_the_path_and_what_is_missing() {
    let path = r"\Package\S\nope.Properties[Disable]";
    let dtsx = Dtsx::new().with(&sequence("Package", "S", "", ""));
    let error = dtsx.try_run(overriding(path, "True")).err().unwrap();
    assert_eq!(error.code(), "SO4007");
    let text = scaleout_core::error::with_sources(&error);
    assert!(
        text.contains(path) && text.contains("`S` has no executable `nope`"),
        "{text}"
    );
}

#[test]
fn an_override_is_overwritten_by_the_property_expression() {
    let task = |inner: &str| {
        let data = r#"<DTS:ObjectData><ExpressionTask Expression="1 == 1"/></DTS:ObjectData>"#;
        executable(
            "Package",
            "t",
            "Microsoft.ExpressionTask",
            "",
            &format!("{inner}{data}"),
        )
    };
    let dtsx = Dtsx::new().with(&task(&expression_of("Disable", "1 == 2")));
    let ran = dtsx.run_with(overriding(r"\Package\t.Properties[Disable]", "True"));
    assert_eq!(ran.tasks(), ["t"]);
}

#[test]
fn an_expression_variable_is_evaluated_at_every_read() {
    let more = r#"DTS:EvaluateAsExpression="True" DTS:Expression="@[User::n] * 2""#;
    let ran = Dtsx::new()
        .int("n", 1)
        .variable("twice", 3, "0", more)
        .int("seen", 0)
        .with(&set("Package", "a", "@[User::n] = 5", ""))
        .with(&set("Package", "b", "@[User::seen] = @[User::twice]", ""))
        .after("a", "b", "")
        .run();
    assert_eq!(ran.value_of("b"), Some("10"));
}

fn chain(length: usize) -> Dtsx {
    let mut dtsx = Dtsx::new().int("v0", 1);
    for number in 1..=length {
        let before = number - 1;
        let more =
            format!(r#"DTS:EvaluateAsExpression="True" DTS:Expression="@[User::v{before}] + 1""#);
        dtsx = dtsx.variable(&format!("v{number}"), 3, "0", &more);
    }
    shows(dtsx, &format!("(DT_WSTR, 9)@[User::v{length}]"))
}

#[test]
fn a_long_chain_of_variables_costs_one_evaluation_each() {
    // Were each read twice by the one before it, this would not end.
    assert_eq!(chain(60).run().value_of("t"), Some("61"));
}

#[test]
fn an_endless_chain_of_variables_is_an_error_and_no_overflow() {
    let ran = chain(5000).run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert!(
        ran.said("OnError")[0].contains("in a row"),
        "{:?}",
        ran.said("OnError")
    );
}

#[test]
fn variables_that_depend_on_each_other_in_a_circle_are_an_error() {
    let more = |other: &str| {
        format!(r#"DTS:EvaluateAsExpression="True" DTS:Expression="@[User::{other}]""#)
    };
    let ran = shows(
        Dtsx::new()
            .variable("x", 8, "", &more("y"))
            .variable("y", 8, "", &more("x")),
        "@[User::x]",
    )
    .run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert!(
        ran.said("OnError")[0].contains("depends on itself"),
        "{:?}",
        ran.said("OnError")
    );
}

#[test]
fn inner_variables_hide_outer_ones_and_short_names_work() {
    let inner = format!(
        "<DTS:Variables>{}</DTS:Variables><DTS:Executables>{}</DTS:Executables>",
        variable("v", 8, "inner", ""),
        set("Package\\S", "t", "@shown = @v + @TaskName", "")
    );
    let ran = Dtsx::new()
        .string("v", "outer")
        .string("shown", "")
        .with(&executable("Package", "S", "STOCK:SEQUENCE", "", &inner))
        .run();
    assert_eq!(ran.value_of("t"), Some("innert"));
}

#[test]
fn another_case_is_found_with_one_warning() {
    let ran = shows(
        Dtsx::new().string("Name", "x"),
        "@[User::NAME] + @[User::NAME]",
    )
    .run();
    assert_eq!(ran.value_of("t"), Some("xx"));
    assert_eq!(ran.said("OnWarning").len(), 1);
}

#[test]
fn a_child_package_gets_parameters_and_its_events_bubble() {
    let data = r#"<DTS:ObjectData><ExecutePackageTask><UseProjectReference>True</UseProjectReference>
        <PackageName>c.dtsx</PackageName><ParameterAssignment><ParameterName>p</ParameterName>
        <BindedVariableOrParameterName>User::v</BindedVariableOrParameterName></ParameterAssignment>
        </ExecutePackageTask></DTS:ObjectData>"#;
    let parent = Dtsx::new()
        .string("v", "from parent")
        .with(&executable(
            "Package",
            "e",
            "Microsoft.ExecutePackageTask",
            "",
            data,
        ))
        .with(&ok("Package", "last"))
        .after("e", "last", "");
    let child = shows(Dtsx::new().parameter("p", 8, "", ""), "@[$Package::p]");
    let project = project(&[("p.dtsx", parent.text()), ("c.dtsx", child.text())]);
    let ran = run_project(&project, Default::default(), |_| {}).unwrap();
    assert_eq!(
        ran.result,
        PackageResult::Success,
        "{:?}",
        ran.said("OnError")
    );
    assert_eq!(ran.value_of("t"), Some("from parent"));
    assert_eq!(ran.execution_paths("t"), ["\\Package\\e\\Package\\t"]);
    assert_eq!(ran.tasks(), ["t", "e", "last"]);
}

/// Runs `c.dtsx`, whose parameter `p` is declared like that, from a package with a sensitive `s`.
fn run_child_bound_to_a_secret(more: &str) -> Ran {
    let data = r#"<DTS:PropertyExpression DTS:Name="PackageName">&quot;c.dtsx&quot;</DTS:PropertyExpression>
        <DTS:ObjectData><ExecutePackageTask><UseProjectReference>True</UseProjectReference>
        <ParameterAssignment><ParameterName>p</ParameterName>
        <BindedVariableOrParameterName>$Package::s</BindedVariableOrParameterName></ParameterAssignment>
        </ExecutePackageTask></DTS:ObjectData>"#;
    let kind = "Microsoft.ExecutePackageTask";
    let parent = Dtsx::new()
        .parameter("s", 8, "secret", r#"DTS:Sensitive="True""#)
        .with(&executable("Package", "e", kind, "", data));
    let child = Dtsx::new()
        .parameter("p", 8, "", more)
        .with(&ok("Package", "t"));
    let project = project(&[("p.dtsx", parent.text()), ("c.dtsx", child.text())]);
    run_project(&project, Default::default(), |_| {}).unwrap()
}

#[test]
fn a_sensitive_parameter_goes_only_into_another_one() {
    let ran = run_child_bound_to_a_secret(r#"DTS:Sensitive="True""#);
    assert_eq!(
        ran.result,
        PackageResult::Success,
        "{:?}",
        ran.said("OnError")
    );
    assert_eq!(ran.tasks(), ["t", "e"]);
    let ran = run_child_bound_to_a_secret("");
    assert_eq!(ran.result, PackageResult::Failure);
    assert!(ran.error().message.contains("`$Package::s` is sensitive"));
}
