//! Reading a rowset from its database.

use std::cmp::Ordering;

use super::declared::said_of;
use super::rowset::{Restriction, Rowset};
use super::sqlite_checks::{Check, checks};
use crate::connections::{Connection, ConnectionError, Dialect};
use crate::convert::value_at;
use crate::value::TypedValue;
use crate::variables::typed;

/// Rows that are asked for at a time.
const BATCH_ROWS: usize = 1000;

/// A column of queries: the type as it is declared, which other columns follow from.
const DECLARED_TYPE: &str = "DECLARED_TYPE";
/// A column of queries: the text of a table, which gives a row for each check constraint in it.
const CHECKS_OF: &str = "CHECKS_OF";

/// What a query gives for one row: names of columns with their texts.
type Found = Vec<(String, String)>;

/// The rows that are wanted, in their order; what the database does not know is empty.
pub(super) fn rows(
    connection: &mut dyn Connection,
    rowset: &Rowset,
    restrictions: &[Restriction],
) -> Result<Vec<Vec<String>>, ConnectionError> {
    if connection.dialect() == Dialect::Odbc {
        return Err(ConnectionError::in_statement(
            rowset.name,
            "schema rowsets are known of SQL Server, PostgreSQL and SQLite, and not through ODBC",
        ));
    }
    let Some(sql) = rowset.query(connection.dialect()) else {
        return Ok(Vec::new());
    };
    let found = ask(connection, sql)?.into_iter();
    let found = found.flat_map(with_checks).map(with_type);
    let placed = found.map(|found| place(rowset, &found));
    let mut wanted: Vec<_> = placed
        .filter(|row| restrictions.iter().all(|one| one.holds(row)))
        .collect();
    wanted.sort_by(|one, other| compare(rowset, one, other));
    Ok(wanted)
}

fn ask(connection: &mut dyn Connection, sql: &str) -> Result<Vec<Found>, ConnectionError> {
    let mut reader = connection.query(sql, &[], BATCH_ROWS)?;
    let columns = reader.schema().columns.clone();
    let mut found = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        for row in 0..batch.num_rows() {
            let cells = columns.iter().enumerate().map(|(at, column)| {
                let value = TypedValue {
                    data_type: column.data_type,
                    value: value_at(batch.column(at).as_ref(), row, column.data_type),
                };
                let text = typed::shown(&value).unwrap_or_default();
                (column.name.clone(), text)
            });
            found.push(cells.collect());
        }
    }
    Ok(found)
}

fn text<'f>(found: &'f Found, name: &str) -> Option<&'f str> {
    let mut columns = found.iter();
    let (_, text) = columns.find(|(column, _)| column.eq_ignore_ascii_case(name))?;
    Some(text)
}

/// One row for each check constraint, where the row holds the text of a table.
fn with_checks(found: Found) -> Vec<Found> {
    let Some(table) = text(&found, CHECKS_OF).filter(|text| !text.is_empty()) else {
        return vec![found];
    };
    let with = |check: Check| {
        let mut row = found.clone();
        row.retain(|(name, _)| !name.eq_ignore_ascii_case("CONSTRAINT_NAME"));
        row.push(("CONSTRAINT_NAME".to_owned(), check.name));
        row.push(("CHECK_CLAUSE".to_owned(), check.clause));
        row
    };
    checks(table).into_iter().map(with).collect()
}

/// Adds what follows from the declared type.
fn with_type(mut found: Found) -> Found {
    let Some(declared) = text(&found, DECLARED_TYPE) else {
        return found;
    };
    let nullable = text(&found, "IS_NULLABLE").unwrap_or("True") == "True";
    let said = said_of(declared, nullable).into_iter();
    let said: Vec<_> = said.map(|(name, text)| (name.to_owned(), text)).collect();
    found.extend(said);
    if text(&found, "IS_NULLABLE").is_none() {
        found.push(("IS_NULLABLE".to_owned(), "True".to_owned()));
    }
    found
}

fn place(rowset: &Rowset, found: &Found) -> Vec<String> {
    let columns = rowset.columns.iter();
    let placed = columns.map(|column| text(found, column).unwrap_or_default().to_owned());
    placed.collect()
}

/// Databases list in no order: one order makes a loop the same every time.
fn compare(rowset: &Rowset, one: &[String], other: &[String]) -> Ordering {
    let named = rowset.order.iter().filter_map(|name| rowset.column(name));
    let of = |at: usize| compare_texts(&one[at], &other[at]);
    let by_name = named.map(of).find(|found| found.is_ne());
    by_name.unwrap_or_else(|| one.cmp(other))
}

fn compare_texts(one: &str, other: &str) -> Ordering {
    match (one.parse::<i64>(), other.parse::<i64>()) {
        (Ok(one), Ok(other)) => one.cmp(&other),
        _ => one.cmp(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rowsets;
    use super::*;
    use crate::connections::open;
    use crate::connections::test_manager::manager;

    #[test]
    fn every_rowset_of_sqlite_gives_columns_that_it_has() {
        let string = "Provider=SQLite;Data Source=:memory:;Mode=ReadWriteCreate";
        let manager = manager("OLEDB", string);
        let mut connection = open(&manager, &Default::default(), &Default::default()).unwrap();
        let tables = "CREATE TABLE a (k int PRIMARY KEY, n int UNIQUE CHECK (n > 0));
            CREATE TABLE b (k int REFERENCES a (k)); CREATE VIEW v AS SELECT 1 AS x";
        for statement in tables.split(';') {
            connection.execute(statement, &[]).unwrap();
        }
        for rowset in rowsets::all() {
            let Some(sql) = rowset.sqlite else {
                assert_eq!(
                    rows(&mut *connection, rowset, &[]).unwrap(),
                    Vec::<Vec<String>>::new()
                );
                continue;
            };
            let found = ask(&mut *connection, sql).unwrap();
            assert!(!found.is_empty(), "{}", rowset.name);
            for (name, _) in &found[0] {
                let is_known = rowset.column(name).is_some()
                    || [DECLARED_TYPE, CHECKS_OF].contains(&name.as_str());
                assert!(is_known, "{}: {name}", rowset.name);
            }
            assert!(
                !rows(&mut *connection, rowset, &[]).unwrap().is_empty(),
                "{}",
                rowset.name
            );
        }
    }
}
