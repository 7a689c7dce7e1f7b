//! A real project, CrimeStat, deployed as it is: three of its staging loads run in Scale Out on
//! two workers, and what is in the tables afterwards equals what the CSV files hold, read here by
//! other code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use scaleout_core::package::ExecutableKind;
use scaleout_core::package::model::{Executable, Package};
use scaleout_core::package::pipeline::{Component, ExternalColumn};
use serde_json::Value;

use crate::support::postgres::{self, PostgresCluster};
use crate::support::{Site, corpus};

const PACKAGES: [&str; 3] = [
    "Staging_Load_Countries.dtsx",
    "Staging_Load_UNCrime.dtsx",
    "Staging_Load_WorldBank.dtsx",
];

/// A staging table: its name, its columns, and the columns that the load fills, in CSV order.
struct Expected {
    table: &'static str,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[test]
fn staging_loads_fill_sqlite_with_what_the_files_hold() {
    let Some(project) = project_folder() else {
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    let work = converted_inputs(&project, scratch.path());
    let databases = scratch.path().join("dwh");
    std::fs::create_dir(&databases).unwrap();
    let staging = rusqlite::Connection::open(databases.join("staging.db")).unwrap();
    for (table, columns) in staging_tables(&project) {
        let list: Vec<String> = columns
            .iter()
            .map(|name| format!("\"{name}\" nvarchar(255)"))
            .collect();
        staging
            .execute_batch(&format!("CREATE TABLE \"{table}\" ({})", list.join(", ")))
            .unwrap();
    }

    run_loads(
        &project,
        &work,
        &format!("Provider=SQLite;Data Source={};", databases.display()),
    );

    for expected in expectations(&work) {
        let list: Vec<String> = expected
            .columns
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect();
        let mut statement = staging
            .prepare(&format!(
                "SELECT {} FROM \"{}\"",
                list.join(", "),
                expected.table
            ))
            .unwrap();
        let width = expected.columns.len();
        let found = statement
            .query_map([], |row| {
                (0..width).map(|at| row.get::<_, String>(at)).collect()
            })
            .unwrap();
        compare(&expected, found.map(Result::unwrap).collect());
    }
}

#[test]
fn staging_loads_fill_postgresql_with_what_the_files_hold() {
    let Some(project) = project_folder() else {
        return;
    };
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    let work = converted_inputs(&project, scratch.path());
    let mut server = postgres::connect(&cluster);
    server.batch_execute("CREATE SCHEMA staging").unwrap();
    for (table, columns) in staging_tables(&project) {
        let list: Vec<String> = columns
            .iter()
            .map(|name| format!("\"{name}\" varchar(255)"))
            .collect();
        server
            .batch_execute(&format!(
                "CREATE TABLE staging.\"{table}\" ({})",
                list.join(", ")
            ))
            .unwrap();
    }

    run_loads(&project, &work, &cluster.connection_string("postgres"));

    for expected in expectations(&work) {
        let list: Vec<String> = expected
            .columns
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect();
        let sql = format!(
            "SELECT {} FROM staging.\"{}\"",
            list.join(", "),
            expected.table
        );
        let found = server.query(&sql, &[]).unwrap();
        let width = expected.columns.len();
        compare(
            &expected,
            found
                .iter()
                .map(|row| (0..width).map(|at| row.get(at)).collect())
                .collect(),
        );
    }
}

pub(crate) fn project_folder() -> Option<PathBuf> {
    corpus::folder().map(|corpus| corpus.join("AndreyQC__CrimeStat.SSIS"))
}

/// Deploys the project folder as it is and runs the three loads, one of them on a named worker.
fn run_loads(project: &Path, work: &Path, connection_string: &str) {
    let site = Site::start();
    let deployed = site
        .soctl
        .json(&["deploy", project.to_str().unwrap(), "--folder", "crime"]);
    assert_eq!(deployed["project_name"], "CrimeStat.SSIS");
    let workers = site.soctl.json(&["workers", "list"]);
    let named = workers[1]["worker_agent_id"].as_str().unwrap().to_owned();

    let connection = format!("CrimeStatDWH_ConnectionString={connection_string}");
    let folder = format!("CrimeStatETLWorkingFolder={}", work.display());
    let parameters = ["--parameter", &connection, "--parameter", &folder];
    let mut on_any = vec![
        "execute",
        "--package",
        PACKAGES[0],
        "--package",
        PACKAGES[1],
    ];
    on_any.extend(parameters);
    let mut on_one = vec!["execute", "--package", PACKAGES[2], "--worker", &named];
    on_one.extend(parameters);

    let first = site.soctl.json(&on_any);
    let second = site.soctl.json(&on_one);
    let lines: Vec<&Value> = first
        .as_array()
        .unwrap()
        .iter()
        .chain(second.as_array().unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert_eq!(line["status"], "succeeded", "{line:#}");
    }
    assert_eq!(second[0]["worker_agent_id"], named.as_str());
    let used: BTreeSet<&str> = lines
        .iter()
        .filter_map(|line| line["worker_agent_id"].as_str())
        .collect();
    assert_eq!(used.len(), 2, "both workers take part: {lines:#?}");
}

/// The corpus went through a version control that made LF of CR LF; the packages declare CR LF.
pub(crate) fn converted_inputs(project: &Path, scratch: &Path) -> PathBuf {
    let work = scratch.join("work");
    copy_with_crlf(&project.join("CrimeStat.Sources"), &work);
    work
}

pub(crate) fn copy_with_crlf(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_with_crlf(&entry.path(), &target);
        } else {
            let text = std::fs::read(entry.path()).unwrap();
            let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
            std::fs::write(target, lines.join(&b"\r\n"[..])).unwrap();
        }
    }
}

/// Staging tables with all their columns, as the destinations' external metadata columns say.
fn staging_tables(project: &Path) -> Vec<(String, Vec<String>)> {
    let table = |name: &&str| {
        let bytes = std::fs::read(project.join(name)).unwrap();
        let package: Package = scaleout_core::package::dtsx::read(&bytes, name).unwrap();
        let destination = ole_db_destination(&package.root).unwrap();
        let table = destination.property("OpenRowset").unwrap();
        let table = table
            .strip_prefix("[staging].[")
            .unwrap()
            .strip_suffix(']')
            .unwrap()
            .to_owned();
        let columns = &destination.inputs[0].external_columns;
        (
            table,
            columns
                .iter()
                .map(|column: &ExternalColumn| column.name.clone())
                .collect(),
        )
    };
    PACKAGES.iter().map(table).collect()
}

fn ole_db_destination(executable: &Executable) -> Option<&Component> {
    let own = match &executable.kind {
        ExecutableKind::DataFlow(pipeline) => pipeline
            .components
            .iter()
            .find(|component| component.component_type == "Microsoft.OLEDBDestination"),
        _ => None,
    };
    own.or_else(|| executable.executables.iter().find_map(ole_db_destination))
}

/// What each table must hold, read from the CSV files by the `csv` crate.
fn expectations(work: &Path) -> Vec<Expected> {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let countries = read_csv(&work.join("CrimeStat.Source.Countries/ISOcountries.csv"));
    let mut world = read_csv(&work.join("CrimeStat.Source.WorldBank/WorldBankPopulation.csv"));
    // Each line ends with a comma: the file has a 64th, nameless column that the load leaves out.
    world.0.pop();
    world.1.iter_mut().for_each(|row| drop(row.pop()));
    let crime_folder = work.join("CrimeStat.Source.UNCrime/ConvertedToCSV");
    let mut crimes = Vec::new();
    for entry in std::fs::read_dir(&crime_folder)
        .unwrap()
        .map(Result::unwrap)
    {
        let path = entry.path();
        // By position: the package maps columns so, although one file has two of them swapped.
        for mut row in read_csv(&path).1 {
            row.push(path.to_str().unwrap().to_owned());
            crimes.push(row);
        }
    }
    let crime_columns = names(&[
        "Region",
        "SubRegion",
        "Country",
        "Count",
        "Rate",
        "Year",
        "FileName",
    ]);
    vec![
        Expected {
            table: "Country_untyped",
            columns: countries.0,
            rows: countries.1,
        },
        Expected {
            table: "UNCrime_untyped",
            columns: crime_columns,
            rows: crimes,
        },
        Expected {
            table: "WorldBankPopulation_untyped",
            columns: world.0,
            rows: world.1,
        },
    ]
}

pub(crate) fn read_csv(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let bytes = std::fs::read(path).unwrap();
    let content = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut reader = csv::Reader::from_reader(content);
    let owned = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = owned(reader.headers().unwrap());
    (
        header,
        reader
            .records()
            .map(|record| owned(&record.unwrap()))
            .collect(),
    )
}

fn compare(expected: &Expected, mut found: Vec<Vec<String>>) {
    let mut wanted = expected.rows.clone();
    // `User::currentUNCrimeFileName` holds the path as the enumerator joins it, with a backslash.
    let normal = |text: &String| text.replace('\\', "/");
    wanted
        .iter_mut()
        .chain(found.iter_mut())
        .flatten()
        .for_each(|text| *text = normal(text));
    wanted.sort();
    found.sort();
    assert!(!wanted.is_empty(), "{} has rows", expected.table);
    assert_eq!(found.len(), wanted.len(), "rows of {}", expected.table);
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found, wanted, "a row of {}", expected.table);
    }
}
