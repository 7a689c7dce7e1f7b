//! Rows of several tables in one statement, with one way to the server for all.

use std::ops::Range;

use sqlx::postgres::PgArguments;
use sqlx::{AssertSqlSafe, Either, Executor as _, PgConnection, SqlSafeStr as _, Statement as _};

use super::super::later::{Arrays, Late};
use super::super::value::{Args, FromSql as _};
use super::{bind_arrays, insert_text, own_rows, wrong_count};

/// Writes the rows of each part; says how many rows of its table each has written. No part sees what
/// another one writes, as the server has it with all that a `WITH` changes; that what a row refers to is
/// there is looked at afterwards.
pub async fn write(
    connection: &mut PgConnection,
    parts: Vec<(Late, Vec<Args>)>,
) -> Result<Vec<u64>, sqlx::Error> {
    let mut text = Text::default();
    let mut places = Vec::with_capacity(parts.len());
    for (late, rows) in &parts {
        let width = rows.first().map_or(0, Vec::len);
        places.push(match late {
            Late::Insert(target) => {
                let insert = insert_text(connection, target, "", rows).await?;
                text.add("", &insert, width)
            }
            Late::Put(Arrays { with, last }) => text.add(with, last, width),
            Late::Update(update) => text.add(update.many.with, update.many.last, width),
        });
    }
    let statement = connection
        .prepare(AssertSqlSafe(text.whole()).into_sql_str())
        .await?;
    let types = statement.parameters().and_then(Either::left);
    let types = types.unwrap_or_default();
    let mut bound = PgArguments::default();
    for ((_, rows), places) in parts.into_iter().zip(places) {
        let wanted = places.end;
        let types = types
            .get(places)
            .ok_or_else(|| wrong_count(wanted, types.len()))?;
        bind_arrays(&mut bound, types, rows)?;
    }
    let rows = statement.query_with(bound).fetch_all(connection).await?;
    let row = own_rows(&statement, &rows)?.pop();
    let row = row.ok_or(sqlx::Error::RowNotFound)?;
    let counts = row.into_values();
    Ok(counts.iter().filter_map(u64::from_sql).collect())
}

/// A statement that grows by parts, whose parameters are numbered through.
#[derive(Debug, Default)]
struct Text {
    with: String,
    counts: String,
    parts: usize,
    parameters: usize,
}

impl Text {
    /// Adds a statement with so many parameters; says where they are.
    fn add(&mut self, with: &str, last: &str, parameters: usize) -> Range<usize> {
        let first = self.parameters;
        self.parameters += parameters;
        let part = self.parts;
        self.parts += 1;
        if 0 < part {
            self.with.push_str(", ");
            self.counts.push_str(", ");
        }
        if !with.is_empty() {
            self.with.push_str(&renumbered(with, first));
            self.with.push_str(", ");
        }
        let last = renumbered(last, first);
        self.with
            .push_str(&format!("part_{part} AS ({last} RETURNING 1)"));
        self.counts.push_str(&format!(
            "(SELECT count(*) FROM part_{part}) AS part_{part}"
        ));
        first..self.parameters
    }

    fn whole(self) -> String {
        format!("WITH {} SELECT {}", self.with, self.counts)
    }
}

/// The text with numbers of parameters that begin behind so many.
fn renumbered(text: &str, behind: usize) -> String {
    if behind == 0 {
        return text.to_owned();
    }
    let mut parts = text.split('$');
    let mut changed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        changed.push('$');
        match number.parse::<usize>() {
            Ok(number) => changed.push_str(&(number + behind).to_string()),
            Err(_) => changed.push_str(number),
        }
        changed.push_str(rest);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_through() {
        let mut text = Text::default();
        assert_eq!(
            text.add(
                "",
                "INSERT INTO a SELECT * FROM unnest($1::text[], $2::text[])",
                2
            ),
            0..2
        );
        let with = "n AS (SELECT * FROM unnest($1::bigint[], $2::text[], $10::text[]))";
        assert_eq!(text.add(with, "UPDATE b SET c = $1 FROM n", 10), 2..12);
        assert_eq!(
            text.whole(),
            "WITH part_0 AS (INSERT INTO a SELECT * FROM unnest($1::text[], $2::text[]) RETURNING 1), \
             n AS (SELECT * FROM unnest($3::bigint[], $4::text[], $12::text[])), \
             part_1 AS (UPDATE b SET c = $3 FROM n RETURNING 1) \
             SELECT (SELECT count(*) FROM part_0) AS part_0, (SELECT count(*) FROM part_1) AS part_1"
        );
    }
}
