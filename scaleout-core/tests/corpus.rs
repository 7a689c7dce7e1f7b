//! Reads every package and project file of the shared corpus, where it is present.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test stops at the first surprise")
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use scaleout_core::error::Explain as _;
use scaleout_core::package::connection_string::ConnectionString;
use scaleout_core::package::pipeline::Pipeline;
use scaleout_core::package::project::Project;
use scaleout_core::package::{
    Executable, ExecutableKind, Package, PackageError, PackagePassword, conmgr, dtproj, dtsx,
    ispac, params,
};

/// The corpus folder, or nothing (and a printed line) where it is absent.
fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("SCALEOUT_SHARED").map_or(beside, PathBuf::from);
    let corpus = shared.join("corpus");
    if corpus.is_dir() {
        return Some(corpus);
    }
    println!("skipped: no corpus at {}", corpus.display());
    None
}

/// Name and bytes of every file below a folder with this extension, in name order.
fn files_with_extension(folder: &Path, extension: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|found| found.eq_ignore_ascii_case(extension))
            {
                let bytes = std::fs::read(&path).unwrap();
                found.push((path, bytes));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no .{extension} in the corpus");
    found
}

fn read_all<T>(
    folder: &Path,
    extension: &str,
    read: impl Fn(&[u8], &str) -> Result<T, PackageError>,
) -> Vec<T> {
    let files = files_with_extension(folder, extension);
    let results = files
        .iter()
        .map(|(path, bytes)| read(bytes, &path.to_string_lossy()));
    results
        .map(|result| result.unwrap_or_else(|error| panic!("{error}")))
        .collect()
}

#[test]
fn every_package_reads_and_hangs_together() {
    let Some(corpus) = corpus() else { return };
    for package in read_all(&corpus, "dtsx", dtsx::read) {
        check_package(&package);
    }
}

/// A sample of Microsoft that its own `spec.yaml` runs with `/De testing`: written by the original
/// with AES-256, so that the derivation of its keys is what the original does.
#[test]
fn a_package_that_the_original_has_encrypted_opens_with_its_password() {
    const PLACE: &str = "microsoft__sql-server-samples/.history/samples/app-deploy/SSIS";
    let Some(corpus) = corpus() else { return };
    let bytes = std::fs::read(corpus.join(PLACE).join("back-up-db.dtsx")).unwrap();
    let read = |password: &str| {
        let password = PackagePassword::new(password);
        dtsx::read_with_password(&bytes, "back-up-db.dtsx", password.as_ref())
    };
    let opened = read("testing").unwrap();
    let manager = &opened.connection_managers[0];
    assert_eq!(manager.sensitive_missing, [""; 0]);
    assert_eq!(manager.properties["Password"].len(), 8);
    let without = read("").unwrap();
    assert_eq!(
        without.connection_managers[0].sensitive_missing,
        ["Password"]
    );
    assert_eq!(read("Testing").unwrap_err().code(), "SO2050");
}

/// Connections whose string is that of a database or of a service, not a path.
const STRING_KINDS: [&str; 6] = ["OLEDB", "ADO.NET", "ADO", "ODBC", "EXCEL", "MSOLAP"];

#[test]
fn every_connection_string_of_a_database_reads() {
    let Some(corpus) = corpus() else { return };
    let of_packages = read_all(&corpus, "dtsx", dtsx::read)
        .into_iter()
        .flat_map(|package| package.connection_managers);
    let of_projects = read_all(&corpus, "conmgr", conmgr::read);
    let mut read = 0;
    for manager in of_packages.chain(of_projects) {
        let kind = manager.creation_name.to_ascii_uppercase();
        let base = kind.split(':').next().unwrap_or_default();
        let text = manager.connection_string();
        if !STRING_KINDS.contains(&base) || text.is_empty() {
            continue;
        }
        let string = ConnectionString::parse(text)
            .unwrap_or_else(|error| panic!("connection manager `{}`: {error}", manager.name));
        assert!(
            string.get("Data Source").is_some() || string.get("Dsn").is_some(),
            "`{}` says no server: {string:?}",
            manager.name
        );
        assert_eq!(ConnectionString::parse(&string.to_string()), Ok(string));
        read += 1;
    }
    assert!(50 < read, "{read}");
    println!("corpus: {read} connection strings read");
}

#[test]
fn every_deployment_file_reads_and_packs_again() {
    let Some(corpus) = corpus() else { return };
    for (path, bytes) in files_with_extension(&corpus, "ispac") {
        let origin = path.to_string_lossy();
        let project = ispac::read(&bytes, &origin).unwrap_or_else(|error| panic!("{error}"));
        assert!(!project.packages.is_empty(), "{origin}");
        let members = ispac::unpack(&bytes, &origin).unwrap();
        let own = members
            .iter()
            .filter(|member| member.name != "[Content_Types].xml");
        let own: Vec<_> = own.cloned().collect();
        let written = ispac::write(&own).unwrap();
        assert_eq!(written, ispac::write(&own).unwrap(), "{origin}");
        let names = |bytes: &[u8]| -> Vec<String> {
            let members = ispac::unpack(bytes, &origin).unwrap();
            members.into_iter().map(|member| member.name).collect()
        };
        assert_eq!(names(&written).last(), names(&bytes).last(), "{origin}");
        let again = ispac::read(&written, &origin).unwrap();
        assert_same(&again, &project);
    }
}

#[test]
fn every_parameter_file_and_connection_manager_reads() {
    let Some(corpus) = corpus() else { return };
    for parameters in read_all(&corpus, "params", params::read) {
        assert!(
            parameters
                .iter()
                .all(|parameter| !parameter.name.is_empty())
        );
    }
    for manager in read_all(&corpus, "conmgr", conmgr::read) {
        assert!(!manager.creation_name.is_empty());
        assert!(manager.ref_id.starts_with("Project.ConnectionManagers["));
    }
}

/// Project files that name packages which their folders in the corpus lack.
const INCOMPLETE: [(&str, &str); 6] = [
    ("TAAD_ProjetoETL/TAAD_ProjetoETL.dtproj", "ETL.dtsx"),
    (
        "Chapter06/Solution/AdventureWorksETL/AdventureWorksETL.dtproj",
        "ExecutionTrees.dtsx",
    ),
    (
        "Chapter06/Solution/SSISCookbook/SSISCookbook.dtproj",
        "Package.dtsx",
    ),
    (
        "Chapter06/Starter/AdventureWorksETL/AdventureWorksETL.dtproj",
        "ExecutionTrees.dtsx",
    ),
    (
        "Chapter06/Starter/SSISCookbook/SSISCookbook.dtproj",
        "Package.dtsx",
    ),
    (
        "Chapter07/Solution/AdventureWorksETL/AdventureWorksETL.dtproj",
        "FileSizes.dtsx",
    ),
];

#[test]
fn every_project_folder_builds() {
    let Some(corpus) = corpus() else { return };
    for (path, bytes) in files_with_extension(&corpus, "dtproj") {
        let origin = path.to_string_lossy();
        let folder = path.parent().unwrap();
        let built = dtproj::read(&bytes, &origin, &mut |name| {
            std::fs::read(folder.join(name))
        });
        if let Some((_, absent)) = INCOMPLETE.iter().find(|(known, _)| origin.ends_with(known)) {
            let first = match &built {
                Err(PackageError::Neighbour { neighbour, .. }) => neighbour,
                Err(PackageError::NeighboursAbsent { absent, .. }) => &absent[0],
                other => panic!("{origin} lacks {absent}: {other:?}"),
            };
            assert_eq!(first, absent, "{origin}");
            continue;
        }
        let built = built.unwrap_or_else(|error| panic!("{error}"));
        let again = ispac::read(&built.ispac, &origin).unwrap_or_else(|error| panic!("{error}"));
        assert_same(&again, &built.project);
    }
}

fn assert_same(one: &Project, other: &Project) {
    assert_eq!(
        (&one.name, &one.id, one.version),
        (&other.name, &other.id, other.version)
    );
    assert_eq!(one.parameters, other.parameters);
    assert_eq!(one.connection_managers, other.connection_managers);
    assert_eq!(one.connection_parameters, other.connection_parameters);
    assert_eq!(one.packages.len(), other.packages.len());
    for (one, other) in one.packages.iter().zip(&other.packages) {
        assert_eq!(
            (&one.file_name, one.entry_point),
            (&other.file_name, other.entry_point)
        );
        assert_eq!(one.manifest_parameters, other.manifest_parameters);
        assert!(one.package == other.package, "{}", one.file_name);
    }
}

/// Every reference inside a package leads somewhere, or is one that the designer marked as dead.
fn check_package(package: &Package) {
    let columns = package
        .connection_managers
        .iter()
        .flat_map(|manager| &manager.flat_file_columns);
    for column in columns {
        assert!(!column.name.is_empty());
    }
    check_executable(&package.root);
}

fn check_executable(executable: &Executable) {
    let children: BTreeSet<&str> = executable
        .executables
        .iter()
        .map(|child| child.ref_id.as_str())
        .collect();
    assert_eq!(
        children.len(),
        executable.executables.len(),
        "{}",
        executable.ref_id
    );
    for constraint in &executable.precedence_constraints {
        assert!(
            children.contains(constraint.from.as_str()),
            "{constraint:?}"
        );
        assert!(children.contains(constraint.to.as_str()), "{constraint:?}");
    }
    if let ExecutableKind::DataFlow(pipeline) = &executable.kind {
        check_pipeline(pipeline, &executable.ref_id);
    }
    for child in &executable.executables {
        check_executable(child);
    }
    for handler in &executable.event_handlers {
        check_executable(&handler.body);
    }
}

fn check_pipeline(pipeline: &Pipeline, task: &str) {
    let components = &pipeline.components;
    let inputs: BTreeSet<&str> = components
        .iter()
        .flat_map(|one| &one.inputs)
        .map(|input| input.id.as_str())
        .collect();
    let outputs = || components.iter().flat_map(|one| &one.outputs);
    let output_ids: BTreeSet<&str> = outputs().map(|output| output.id.as_str()).collect();
    let lineage: BTreeSet<&str> = outputs()
        .flat_map(|output| &output.columns)
        .map(|column| column.lineage_id.as_str())
        .collect();
    for path in &pipeline.paths {
        assert!(output_ids.contains(path.start.as_str()), "{task}: {path:?}");
        assert!(inputs.contains(path.end.as_str()), "{task}: {path:?}");
    }
    for output in outputs() {
        let input = output.synchronous_input_id.as_str();
        assert!(
            input.is_empty() || inputs.contains(input),
            "{task}: {input}"
        );
    }
    for component in components {
        for input in &component.inputs {
            for column in &input.columns {
                let id = column.lineage_id.as_str();
                let known = lineage.contains(id) || id.ends_with(":invalid");
                assert!(known, "{task}: {} uses {id}", component.name);
                let external = column.external_id.as_str();
                let mapped = input.external_columns.iter().any(|own| own.id == external);
                assert!(
                    external.is_empty()
                        || mapped
                        || external == "0"
                        || external.ends_with(":invalid"),
                    "{task}: {external}"
                );
            }
        }
    }
}
