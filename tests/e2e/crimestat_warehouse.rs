//! A real project, CrimeStat, from its CSV files to its facts: the master package runs its children
//! in its order, and dimension and fact tables hold what other code finds in the same files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use scaleout_core::package::model::{Executable, Package};
use scaleout_core::package::pipeline::Component;
use scaleout_core::package::{DataType, ExecutableKind};

use crate::crimestat::{converted_inputs, project_folder, read_csv};
use crate::support::Site;
use crate::support::warehouse::Warehouse;

/// Years that the date dimension has. Some years of both sources lie outside.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2014;

/// The children of the master that load tables.
const LOADS: [&str; 10] = [
    "Staging_Load_Countries",
    "Staging_Load_UNCrime",
    "Staging_Load_WorldBank",
    "Staging_Transform_Country",
    "Staging_Transform_UNCrime",
    "Staging_Transform_WorldBank",
    "dwh_Load_DimCountry",
    "dwh_Load_DimCrimeType",
    "dwh_Load_FactCrime",
    "dwh_Load_FactPopulation",
];

#[test]
fn on_sqlite() {
    whole_project(&Warehouse::sqlite());
}

#[test]
fn on_postgresql() {
    if let Some(warehouse) = Warehouse::postgres() {
        whole_project(&warehouse);
    }
}

fn whole_project(warehouse: &Warehouse) {
    let Some(project) = project_folder() else {
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    let work = converted_inputs(&project, scratch.path());
    make_tables(&project, warehouse);

    let site = Site::start();
    site.soctl
        .json(&["deploy", project.to_str().unwrap(), "--folder", "crime"]);
    // The second run finds what the first has left: dimensions grow by nothing, facts are replaced.
    for _ in 0..2 {
        run_master(&site, warehouse, &work);
        check_countries(warehouse, &work);
        check_crime_types(warehouse, &work);
        check_population(warehouse, &work);
        check_crimes(warehouse, &work);
    }
}

/// Runs the master package. Its author left the loads disabled; procedures are there only where the
/// database can have some.
fn run_master(site: &Site, warehouse: &Warehouse, work: &Path) {
    let connection = format!(
        "CrimeStatDWH_ConnectionString={}",
        warehouse.connection_string()
    );
    let folder = format!("CrimeStatETLWorkingFolder={}", work.display());
    let mut arguments = vec!["execute", "--package", "MasterPackage.dtsx"];
    arguments.extend(["--parameter", &connection, "--parameter", &folder]);
    let mut switched = vec![("SEQC Staging", false), ("SEQC DWH", false)];
    if !warehouse.has_procedures() {
        switched.extend([
            ("Execute SQL Task", true),
            ("SQL Mark Process complete", true),
        ]);
    }
    let switched: Vec<String> = switched
        .iter()
        .map(|(path, off)| {
            let off = if *off { "True" } else { "False" };
            format!(r"\Package\{path}.Properties[Disable]={off}")
        })
        .collect();
    for set in &switched {
        arguments.extend(["--set", set]);
    }
    arguments.extend(["--output", "json"]);
    let ran = site.soctl.run(&arguments);
    if ran.code != 0 {
        let id = ran.json()[0]["execution_id"].to_string();
        let messages = site.soctl.run(&["executions", "messages", &id]);
        panic!("{}{}", messages.stdout, messages.stderr);
    }
}

/// Tables as the destinations of the packages describe them, and the date dimension, which a
/// procedure of the original fills.
fn make_tables(project: &Path, warehouse: &Warehouse) {
    for schema in ["etl", "staging", "dwh"] {
        warehouse.schema(schema);
    }
    let mut made = BTreeSet::new();
    for name in LOADS {
        let bytes = std::fs::read(project.join(format!("{name}.dtsx"))).unwrap();
        let package: Package = scaleout_core::package::dtsx::read(&bytes, name).unwrap();
        for destination in destinations(&package.root) {
            let target = destination.property("OpenRowset").unwrap();
            let (schema, table) = target
                .strip_prefix('[')
                .and_then(|name| name.strip_suffix(']'))
                .and_then(|name| name.split_once("].["))
                .unwrap();
            if !made.insert(target.to_owned()) {
                continue;
            }
            let columns: Vec<(&str, DataType)> = destination.inputs[0]
                .external_columns
                .iter()
                .map(|column| (column.name.as_str(), column.data_type.unwrap()))
                .collect();
            warehouse.table(schema, table, &columns, &format!("{table}Key"));
        }
    }
    assert_eq!(made.len(), 11, "{made:?}");

    warehouse.batch("CREATE TABLE dwh.\"DimDate\" (\"DateKey\" integer, \"FullDate\" date)");
    for year in YEARS {
        warehouse.batch(&format!(
            "INSERT INTO dwh.\"DimDate\" VALUES ({year}0101, '{year}-01-01')"
        ));
    }
    if warehouse.has_procedures() {
        warehouse.batch(
            "CREATE TABLE etl.history (id integer GENERATED BY DEFAULT AS IDENTITY, run text);
             CREATE PROCEDURE etl.\"usp_ExecutionHistory_Insert\"(run text, INOUT id integer) \
             LANGUAGE plpgsql AS $$ BEGIN \
             INSERT INTO etl.history (run) VALUES (run) RETURNING history.id INTO id; END $$;
             CREATE PROCEDURE etl.\"usp_ExecutionHistory_Update\"(run text, ended text) \
             LANGUAGE sql AS $$ UPDATE etl.history SET run = run $$;",
        );
    }
}

fn destinations(executable: &Executable) -> Vec<&Component> {
    let mut found = Vec::new();
    if let ExecutableKind::DataFlow(pipeline) = &executable.kind {
        let all = pipeline.components.iter();
        found.extend(all.filter(|it| it.component_type == "Microsoft.OLEDBDestination"));
    }
    found.extend(executable.executables.iter().flat_map(destinations));
    found
}

type Rows = Vec<Vec<Option<String>>>;

fn sorted(mut rows: Rows) -> Rows {
    rows.sort();
    rows
}

fn compare(what: &str, found: Rows, wanted: Rows) {
    let (found, wanted) = (sorted(found), sorted(wanted));
    assert!(!wanted.is_empty(), "{what}");
    assert_eq!(found.len(), wanted.len(), "rows of {what}");
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found, wanted, "a row of {what}");
    }
}

fn row<const N: usize>(values: [&str; N]) -> Vec<Option<String>> {
    values.iter().map(|text| Some((*text).to_owned())).collect()
}

/// Name, ISO code, region and subregion of each country.
fn countries(work: &Path) -> Vec<[String; 4]> {
    let (header, rows) = read_csv(&work.join("CrimeStat.Source.Countries/ISOcountries.csv"));
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let places = [at("name"), at("alpha-3"), at("region"), at("sub-region")];
    let country = |row: &Vec<String>| places.map(|place| row[place].clone());
    rows.iter().map(country).collect()
}

fn check_countries(warehouse: &Warehouse, work: &Path) {
    let mut wanted: Rows = countries(work)
        .iter()
        .map(|[name, code, region, subregion]| row([name, code, region, subregion]))
        .collect();
    wanted.push(row(["Unknown"; 4]));
    let found = warehouse.rows(
        "SELECT \"Country\", \"CountryISOCode\", \"Region\", \"SubRegion\" FROM dwh.\"DimCountry\"",
    );
    compare("DimCountry", found, wanted);
    let unknown =
        warehouse.rows("SELECT \"Country\" FROM dwh.\"DimCountry\" WHERE \"DimCountryKey\" = -1");
    assert_eq!(unknown, [row(["Unknown"])]);
}

/// The crime type of each file, and the rows below its header, by position: the package maps columns
/// so, although one file has two of them swapped.
fn crimes(work: &Path) -> Vec<(String, Vec<Vec<String>>)> {
    let folder = work.join("CrimeStat.Source.UNCrime/ConvertedToCSV");
    let entries = std::fs::read_dir(folder).unwrap();
    let crime_type = |path: &Path| {
        path.file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .replace('_', " ")
    };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (crime_type(&path), read_csv(&path).1))
        .collect()
}

fn check_crime_types(warehouse: &Warehouse, work: &Path) {
    let mut wanted: Rows = crimes(work).iter().map(|(name, _)| row([name])).collect();
    wanted.push(row(["Unknown"]));
    let found = warehouse.rows("SELECT \"CrimeTypeName\" FROM dwh.\"DimCrimeType\"");
    compare("DimCrimeType", found, wanted);
}

/// The first of January as the date dimension knows it, or the key of what it does not.
fn date_key(year: &str) -> String {
    match year.parse() {
        Ok(year) if YEARS.contains(&year) => format!("{year}0101"),
        _ => "-1".to_owned(),
    }
}

/// Each known country in each year of the file. A year without a number is empty text in staging,
/// which is 0 in a column of numbers.
fn check_population(warehouse: &Warehouse, work: &Path) {
    let known: BTreeSet<String> = countries(work)
        .into_iter()
        .map(|[_, code, ..]| code)
        .collect();
    let (header, rows) = read_csv(&work.join("CrimeStat.Source.WorldBank/WorldBankPopulation.csv"));
    let mut wanted = Rows::new();
    for line in rows.iter().filter(|line| known.contains(&line[1])) {
        // The last column has no name and no values.
        for at in 4..header.len() - 1 {
            let population = if line[at].is_empty() { "0" } else { &line[at] };
            wanted.push(row([&line[1], &date_key(&header[at]), population]));
        }
    }
    let found = warehouse.rows(
        "SELECT c.\"CountryISOCode\", f.\"DimDateKey\", f.\"Population\" \
         FROM dwh.\"FactPopulation\" f \
         JOIN dwh.\"DimCountry\" c ON c.\"DimCountryKey\" = f.\"DimCountryKey\"",
    );
    compare("FactPopulation", found, wanted);
}

/// Each row whose number of crimes is one, with the country that has the same name but for case.
fn check_crimes(warehouse: &Warehouse, work: &Path) {
    let known: BTreeMap<String, String> = countries(work)
        .into_iter()
        .map(|[name, code, ..]| (name.to_uppercase(), code))
        .collect();
    let mut wanted = Rows::new();
    for (crime_type, rows) in crimes(work) {
        for line in rows {
            let number = line[3].trim();
            // As in T-SQL: text without a character is 0, and a thousands separator is none.
            let number = if number.is_empty() { "0" } else { number };
            if number.parse::<i32>().is_err() {
                continue;
            }
            let country = known.get(&line[2].to_uppercase());
            let country = country.map_or("Unknown", String::as_str);
            wanted.push(row([&crime_type, country, &date_key(&line[5]), number]));
        }
    }
    let found = warehouse.rows(
        "SELECT t.\"CrimeTypeName\", c.\"CountryISOCode\", f.\"DimDateKey\", f.\"NumOfCrime\" \
         FROM dwh.\"FactCrime\" f \
         JOIN dwh.\"DimCountry\" c ON c.\"DimCountryKey\" = f.\"DimCountryKey\" \
         JOIN dwh.\"DimCrimeType\" t ON t.\"DimCrimeTypeKey\" = f.\"DimCrimeTypeKey\"",
    );
    compare("FactCrime", found, wanted);
}
