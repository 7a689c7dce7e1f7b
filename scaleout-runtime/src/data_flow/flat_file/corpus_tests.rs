//! Real packages: their flat file sources read the files that come with them.

use std::path::{Path, PathBuf};

use scaleout_core::package::pipeline::{Component, Pipeline};
use scaleout_core::package::{ConnectionManager, Executable, ExecutableKind};

use super::testing::{bench_of, with};
use crate::events::Severity;

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("SCALEOUT_SHARED").map_or(beside, PathBuf::from);
    let project = shared.join("corpus/AndreyQC__CrimeStat.SSIS");
    if !project.is_dir() {
        println!("skipped: {} is not there", project.display());
        return None;
    }
    Some(project)
}

fn pipelines(executable: &Executable) -> Vec<&Pipeline> {
    let own = match &executable.kind {
        ExecutableKind::DataFlow(pipeline) => Some(pipeline),
        _ => None,
    };
    let inner = executable.executables.iter().flat_map(pipelines);
    own.into_iter().chain(inner).collect()
}

/// The flat file source of a package, and its connection manager.
fn source_of(project: &Path, package: &str) -> (Component, ConnectionManager) {
    let bytes = std::fs::read(project.join(package)).unwrap();
    let package = scaleout_core::package::dtsx::read(&bytes, package).unwrap();
    let components = pipelines(&package.root)
        .into_iter()
        .flat_map(|it| &it.components);
    let is_source = |it: &&Component| it.component_type == "Microsoft.FlatFileSource";
    let source = components.into_iter().find(is_source).unwrap().clone();
    let managers = &package.connection_managers;
    let manager = managers
        .iter()
        .find(|it| it.creation_name == "FLATFILE")
        .unwrap();
    (source, manager.clone())
}

/// Fields of a CSV file by the simplest reading there is: one character at a time.
fn by_hand(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    for character in text
        .trim_start_matches('\u{FEFF}')
        .trim_end_matches('\n')
        .chars()
    {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    row.push(field);
    rows.push(row);
    rows
}

#[test]
fn the_crime_statistics_are_read_whole() {
    let Some(project) = corpus() else { return };
    let crime = [
        "burglary",
        "kidnapping",
        "robbery",
        "serious_assault",
        "theft",
        "theft_private_cars",
    ];
    let mut files = vec![
        (
            "Staging_Load_Countries.dtsx",
            "Countries/ISOcountries.csv".to_owned(),
        ),
        (
            "Staging_Load_WorldBank.dtsx",
            "WorldBank/WorldBankPopulation.csv".to_owned(),
        ),
    ];
    for name in crime {
        let file = format!("UNCrime/ConvertedToCSV/{name}.csv");
        files.push(("Staging_Load_UNCrime.dtsx", file));
    }
    for (package, file) in files {
        let (component, manager) = source_of(&project, package);
        let path = project.join(format!("CrimeStat.Sources/CrimeStat.Source.{file}"));
        let expected = by_hand(&std::fs::read_to_string(&path).unwrap());
        let manager = with(manager, "ConnectionString", &path.display().to_string());
        let bench = bench_of(component, manager);
        let read = bench.read_what_is_there();
        assert_eq!(
            read.failure,
            None,
            "{file}: {:?}",
            bench.said(Severity::Error)
        );
        assert_eq!(read.rows.len(), expected.len() - 1, "{file}");
        for (row, wanted) in read.rows.iter().zip(&expected[1..]) {
            let columns = row.len().min(wanted.len());
            assert_eq!(row[..columns], wanted[..columns], "{file}");
        }
    }
}
