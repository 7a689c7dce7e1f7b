//! A real package, Telecom-ETL, with its 13 files in three batches: facts, rows that are no rows, rows
//! that the table does not take, and an audit row for each file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use scaleout_core::package::DataType;

use crate::support::warehouse::Warehouse;
use crate::support::{Site, corpus};

const BATCHES: [&str; 3] = ["batch 0", "batch 1", "batch 2"];

/// A field of a file that is one of its type, or none.
type Field = Option<String>;

/// What the source makes of a file: rows, and how many lines are none.
#[derive(Default)]
struct Extracted {
    /// id, imsi, imei, cell, lac, event type, time
    rows: Vec<[Field; 7]>,
    errors: usize,
}

#[test]
fn on_sqlite() {
    loads_its_batches(&Warehouse::sqlite());
}

#[test]
fn on_postgresql() {
    if let Some(warehouse) = Warehouse::postgres() {
        loads_its_batches(&warehouse);
    }
}

#[test]
fn rows_that_the_table_does_not_take_are_kept_apart_and_counted() {
    let Some(package) = package() else { return };
    let warehouse = Warehouse::sqlite();
    let scratch = tempfile::tempdir().unwrap();
    make_tables(&warehouse);
    warehouse.batch(
        "DROP TABLE fact_transaction;
         CREATE TABLE fact_transaction (id integer PRIMARY KEY, transaction_id int, imsi varchar(15) NOT NULL, \
         subscriber_id int, tac varchar(8), snr varchar(8), imei varchar(14), cell int, lac int, \
         event_type varchar(2), event_ts datetime, audit_id int)",
    );
    let sources = sources(&package, scratch.path());
    run(
        &Site::start(),
        &package,
        &warehouse,
        scratch.path(),
        "batch 1",
    );

    let files = extracted(&sources.join("batch 1"));
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for (file, found) in &files {
        // Fast load takes all the rows that it gets at once, or none of them.
        let all_fit = found.rows.iter().all(|row| row[1].is_some());
        let ids = found.rows.iter().map(|row| row[0].clone());
        match all_fit {
            true => kept.extend(ids),
            false => refused.extend(ids),
        }
        let audit = warehouse.rows(&format!(
            "SELECT rows_extracted, rows_inserted, rows_rejected FROM dim_audit WHERE file_name = '{file}'"
        ));
        let rows = found.rows.len();
        let inserted = if all_fit { rows } else { 0 };
        let rejected = rows - inserted + found.errors;
        let expected =
            [rows + found.errors, inserted, rejected].map(|count| Some(count.to_string()));
        assert_eq!(audit, [expected.to_vec()], "{file}");
    }
    assert!(!refused.is_empty());
    assert_eq!(
        column(&warehouse, "SELECT transaction_id FROM fact_transaction"),
        in_order(kept)
    );
    assert_eq!(
        column(&warehouse, "SELECT id FROM err_destination_output"),
        in_order(refused)
    );
    let coded = "SELECT count(*) FROM err_destination_output WHERE \"ErrorCode\" IS NULL OR \"ErrorColumn\" IS NULL";
    assert_eq!(warehouse.rows(coded), [vec![Some("0".to_owned())]]);
}

fn package() -> Option<PathBuf> {
    let corpus = corpus::folder()?;
    Some(corpus.join("OmarAhmedWahby__Telecom-ETL-SSIS"))
}

fn loads_its_batches(warehouse: &Warehouse) {
    let Some(package) = package() else { return };
    let scratch = tempfile::tempdir().unwrap();
    make_tables(warehouse);
    let sources = sources(&package, scratch.path());
    let site = Site::start();
    let mut facts = Vec::new();
    let mut audits = vec![vec![Some("0".to_owned()), None, None, None, None, None]];
    let mut errors = Vec::new();
    for (number, batch) in BATCHES.iter().enumerate() {
        run(&site, &package, warehouse, scratch.path(), batch);
        for (file, found) in extracted(&sources.join(batch)) {
            let counts = [
                found.rows.len() + found.errors,
                found.rows.len(),
                found.errors,
            ];
            let mut audit = vec![Some((number + 1).to_string()), Some(file.clone())];
            audit.extend(counts.map(|count| Some(count.to_string())));
            audit.push(Some("Y".to_owned()));
            audits.push(audit);
            facts.extend(found.rows.iter().map(fact));
            if found.errors != 0 {
                errors.push(vec![Some(file), Some(found.errors.to_string())]);
            }
        }
    }

    let found = warehouse.rows(
        "SELECT batch_id, file_name, rows_extracted, rows_inserted, rows_rejected, \"SuccessfulProcessingInd\" FROM dim_audit",
    );
    assert_eq!(in_order(found), in_order(audits));
    let found = warehouse.rows(
        "SELECT transaction_id, imsi, subscriber_id, tac, snr, imei, cell, lac, event_type, substr(CAST(event_ts AS varchar(30)), 1, 16) FROM fact_transaction",
    );
    let (found, facts) = (in_order(found), in_order(facts));
    assert!(2 * errors.len() < facts.len(), "{errors:?}");
    assert_eq!(found.len(), facts.len());
    for (found, wanted) in found.iter().zip(&facts) {
        assert_eq!(found, wanted);
    }
    let found = warehouse.rows(
        "SELECT a.file_name, count(*) FROM err_source_output e JOIN dim_audit a ON a.id = e.audit_id \
         WHERE e.\"ErrorCode\" IS NOT NULL GROUP BY a.file_name",
    );
    assert!(!errors.is_empty());
    assert_eq!(in_order(found), in_order(errors));
    assert_eq!(
        column(warehouse, "SELECT id FROM err_destination_output"),
        []
    );
    // Every file was archived.
    let archived = std::fs::read_dir(scratch.path().join("processed"))
        .unwrap()
        .count();
    assert_eq!(archived, 13);
}

fn run(site: &Site, package: &Path, warehouse: &Warehouse, scratch: &Path, batch: &str) {
    let file = package.join("SSIS/Package.dtsx");
    let source = format!(
        r"\Package.Variables[User::ff_src_folder_path].Value={}/sources/{batch}/",
        scratch.display()
    );
    let archive = format!(
        r"\Package.Variables[User::ff_dest_archive].Value={}/processed/",
        scratch.display()
    );
    let connection = format!(
        r"\Package.Connections[OLEDB DEST CM EO_Telecom].Properties[ConnectionString]={}",
        warehouse.connection_string()
    );
    let arguments = [
        "execute",
        "--package",
        file.to_str().unwrap(),
        "--set",
        &source,
        "--set",
        &archive,
        "--set",
        &connection,
        "--output",
        "json",
    ];
    let ran = site.soctl.run(&arguments);
    if ran.code != 0 {
        let id = ran.json()[0]["execution_id"].to_string();
        let messages = site.soctl.run(&["executions", "messages", &id]);
        panic!("{}{}", messages.stdout, messages.stderr);
    }
}

/// The files as they were: version control has made line feeds of the carriage returns of some.
fn sources(package: &Path, scratch: &Path) -> PathBuf {
    let to = scratch.join("sources");
    for batch in BATCHES {
        std::fs::create_dir_all(to.join(batch)).unwrap();
        for entry in std::fs::read_dir(package.join("source_files").join(batch)).unwrap() {
            let from = entry.unwrap().path();
            let text = std::fs::read_to_string(&from).unwrap().replace('\n', "\r");
            std::fs::write(to.join(batch).join(from.file_name().unwrap()), text).unwrap();
        }
    }
    std::fs::create_dir(scratch.join("processed")).unwrap();
    to
}

/// Files by their names without extension.
fn extracted(folder: &Path) -> BTreeMap<String, Extracted> {
    let entries = std::fs::read_dir(folder).unwrap();
    let file = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut found = Extracted::default();
        for line in text.trim_end_matches('\r').split('\r').skip(1) {
            match fields(line) {
                Some(row) => found.rows.push(row),
                None => found.errors += 1,
            }
        }
        (name, found)
    };
    entries.map(|entry| file(entry.unwrap().path())).collect()
}

/// The fields of a line; `None` where one does not fit its type.
fn fields(line: &str) -> Option<[Field; 7]> {
    let fields: Vec<&str> = line.split('|').collect();
    let fields: [&str; 7] = fields.try_into().ok()?;
    let given = fields.map(|text| (!text.is_empty()).then(|| text.to_owned()));
    let is_number = |at: usize| {
        given[at]
            .as_ref()
            .is_none_or(|text| text.trim().parse::<i32>().is_ok())
    };
    let is_short =
        |at: usize, most: usize| given[at].as_ref().is_none_or(|text| text.len() <= most);
    let fits =
        [0, 3, 4].into_iter().all(is_number) && is_short(1, 9) && is_short(2, 14) && is_short(5, 1);
    let mut row = given;
    if let Some(time) = row[6].take() {
        row[6] = Some(moment(&time)?);
    }
    // Nought is nothing to this package.
    for at in [3, 4] {
        row[at] = row[at].take().filter(|text| text != "0");
    }
    fits.then_some(row)
}

/// `20/12/2020 01:25` or `6/15/2020 7:45:43`: the month first, as the locale has it, unless there is no
/// such month.
fn moment(text: &str) -> Option<String> {
    let (date, time) = text.split_once(' ')?;
    let numbers: Vec<u32> = date
        .split('/')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let [one, other, year] = numbers[..] else {
        return None;
    };
    let (month, day) = if one <= 12 {
        (one, other)
    } else {
        (other, one)
    };
    let clock: Vec<u32> = time
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    (month <= 12 && day <= 31)
        .then(|| format!("{year}-{month:02}-{day:02} {:02}:{:02}", clock[0], clock[1]))
}

/// What becomes of a row.
fn fact(row: &[Field; 7]) -> Vec<Field> {
    let [id, imsi, imei, cell, lac, event_type, time] = row.clone();
    let subscriber = match imsi.as_deref() {
        Some("310120265") => "1",
        Some("865268815") => "2",
        _ => "-99999",
    };
    let whole = imei.as_ref().filter(|imei| imei.len() == 14);
    let part = |range| Some(whole.map_or("-99999", |imei| &imei[range]).to_owned());
    let (tac, snr) = (part(0..8), part(8..14));
    let subscriber = Some(subscriber.to_owned());
    vec![
        id, imsi, subscriber, tac, snr, imei, cell, lac, event_type, time,
    ]
}

fn make_tables(warehouse: &Warehouse) {
    let dbo = warehouse.dbo();
    let text = |length| DataType::Wstr { length };
    warehouse.table(
        dbo,
        "dim_audit",
        &[
            ("id", DataType::I4),
            ("batch_id", DataType::I4),
            ("package_name", text(255)),
            ("file_name", text(255)),
            ("rows_extracted", DataType::I4),
            ("rows_inserted", DataType::I4),
            ("rows_rejected", DataType::I4),
            ("SuccessfulProcessingInd", text(1)),
            ("updated_at", DataType::DbTimestamp),
        ],
        "id",
    );
    let number = DataType::I4;
    let row = [
        ("subscriber_id", number),
        ("tac", text(8)),
        ("snr", text(8)),
        ("imei", text(14)),
        ("cell", number),
        ("lac", number),
        ("event_type", text(2)),
        ("event_ts", DataType::DbTimestamp),
        ("audit_id", number),
    ];
    let mut facts = vec![
        ("id", number),
        ("transaction_id", number),
        ("imsi", text(15)),
    ];
    facts.extend(row);
    warehouse.table(dbo, "fact_transaction", &facts, "id");
    let codes = [("ErrorCode", number), ("ErrorColumn", number)];
    let mut refused = vec![("id", number), ("imsi", text(15))];
    refused.extend(row);
    refused.extend(codes);
    warehouse.table(dbo, "err_destination_output", &refused, "");
    let mut lost = vec![("id", number), ("audit_id", number)];
    lost.extend(codes);
    warehouse.table(dbo, "err_source_output", &lost, "id");
    warehouse.batch(&format!(
        "CREATE TABLE {dbo}.dim_imsi_reference (imsi varchar(9), subscriber_id integer);
         INSERT INTO {dbo}.dim_imsi_reference VALUES ('310120265', 1), ('865268815', 2);
         INSERT INTO {dbo}.dim_audit (batch_id) VALUES (0);"
    ));
}

fn column(warehouse: &Warehouse, sql: &str) -> Vec<Field> {
    let rows = warehouse.rows(sql).into_iter();
    in_order(rows.map(|mut row| row.remove(0)).collect())
}

fn in_order<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort();
    values
}
