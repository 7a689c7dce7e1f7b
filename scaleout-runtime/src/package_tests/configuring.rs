//! Package configurations of packages that run.

use scaleout_core::protocol::event::PackageResult;

use super::harness::{Dtsx, executable, project, run_project, set};
use super::settling::overriding;

const S: &str = r"\Package.Variables[User::s].Properties[Value]";

pub(super) fn configurations(entries: &[(&str, u8, &str, &str)]) -> String {
    let entries: String = entries
        .iter()
        .map(|(name, kind, string, variable)| {
            format!(
                r#"<DTS:Configuration DTS:ObjectName="{name}" DTS:ConfigurationType="{kind}"
                   DTS:ConfigurationString="{string}" DTS:ConfigurationVariable="{variable}"/>"#
            )
        })
        .collect();
    format!("<DTS:Configurations>{entries}</DTS:Configurations>")
}

fn configured(entries: &[(&str, u8, &str, &str)]) -> Dtsx {
    Dtsx::new()
        .attributes(r#"DTS:EnableConfig="True""#)
        .collections(&configurations(entries))
        .string("s", "design")
        .string("shown", "")
        .with(&set(
            "Package",
            "t",
            "@[User::shown] = @[User::s] + '/' + @[System::FailedConfigurations]",
            "",
        ))
}

fn file(folder: &std::path::Path, value: &str) -> String {
    let path = folder.join("x.dtsConfig");
    std::fs::write(&path, format!(r#"<DTSConfiguration><Configuration ConfiguredType="Property" Path="{S}" ValueType="String"><ConfiguredValue>{value}</ConfiguredValue></Configuration></DTSConfiguration>"#)).unwrap();
    path.display().to_string()
}

#[test]
fn a_file_configures_the_package_and_is_told_in_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "configured");
    let ran = configured(&[("own", 1, &path, "")]).run();
    assert_eq!(ran.value_of("t"), Some("configured/"));
    let told = ran.said("OnInformation");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("Pack:Information: configuration `own`"),
        "{told:?}"
    );
    assert_eq!(
        ran.stream()[..2],
        ["PackageStart \\Package", "OnInformation \\Package"]
    );
}

#[test]
fn a_missing_file_is_two_words_of_warning_and_the_design_value_runs() {
    let ran = configured(&[("gone", 1, "/nowhere/x.dtsConfig", "")]).run();
    assert_eq!(ran.result, PackageResult::Success);
    assert_eq!(ran.value_of("t"), Some("design/gone"));
    let said = ran.said("OnWarning");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("/nowhere/x.dtsConfig"), "{said:?}");
}

#[test]
fn an_override_wins_over_a_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "configured");
    let dtsx = configured(&[("own", 1, &path, "")]);
    let ran = dtsx.run_with(overriding(r"\Package.Variables[User::s].Value", "override"));
    assert_eq!(ran.value_of("t"), Some("override/"));
}

#[test]
fn the_registry_is_refused_by_name_and_nothing_runs() {
    let dtsx = configured(&[("from registry", 3, r"HKCU\x", S)]);
    let ran = dtsx.run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert_eq!(ran.tasks(), [""; 0]);
    let said = ran.said("OnError");
    assert!(
        said[0].contains("`from registry`") && said[0].contains("(SO4040)"),
        "{said:?}"
    );
}

#[test]
fn a_child_takes_the_variable_of_its_parent_after_all_other_configurations() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "configured");
    let child = configured(&[("parent", 0, "User::given", S), ("own", 1, &path, "")]);
    let data = r#"<DTS:ObjectData><ExecutePackageTask><UseProjectReference>True</UseProjectReference>
        <PackageName>c.dtsx</PackageName></ExecutePackageTask></DTS:ObjectData>"#;
    let call = executable("Package", "e", "Microsoft.ExecutePackageTask", "", data);
    let parent = |name: &str| Dtsx::new().string(name, "from parent").with(&call);
    let run = |parent: Dtsx| {
        let packages = project(&[("p.dtsx", parent.text()), ("c.dtsx", child.text())]);
        run_project(&packages, Default::default(), |_| {}).unwrap()
    };
    let ran = run(parent("given"));
    assert_eq!(ran.value_of("t"), Some("from parent/"));
    let ran = run(parent("other"));
    assert_eq!(ran.value_of("t"), Some("configured/parent"));
    assert!(
        ran.said("OnWarning")[0].contains("given"),
        "{:?}",
        ran.said("OnWarning")
    );
}
