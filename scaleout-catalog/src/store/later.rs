//! Rows that wait for the commit, so that those of many changes go in few statements.

use std::borrow::Cow;

use super::value::{Args, SqlValue};

/// What is done with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// They are inserted into `table (column, …)`.
    Insert(&'static str),
    /// They are what this statement of a server writes: one row of its last table for each.
    Put(Arrays),
    /// They change rows, one each, which the first argument finds.
    Update(Update),
}

impl Late {
    /// What it is called in errors.
    pub fn name(self) -> &'static str {
        match self {
            Self::Insert(target) => target,
            Self::Put(statement) => statement.last,
            Self::Update(update) => update.one,
        }
    }

    /// The table that its last statement writes.
    pub fn table(self) -> &'static str {
        let (text, words) = match self {
            Self::Insert(target) => (target, 0),
            Self::Put(statement) => (statement.last, 2),
            Self::Update(update) => (update.many.last, 1),
        };
        text.split_whitespace().nth(words).unwrap_or(text)
    }
}

/// A statement that changes one row, in both its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    /// For one row, with its arguments.
    pub one: &'static str,
    /// For many on a server.
    pub many: Arrays,
}

/// A statement of a server with an array in the place of each argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrays {
    /// What comes before it in a `WITH`, possibly nothing. Statements of one transaction have different
    /// names there.
    pub with: &'static str,
    /// What writes, without `RETURNING`.
    pub last: &'static str,
}

impl Arrays {
    /// The whole statement.
    pub fn text(&self) -> Cow<'static, str> {
        match self.with {
            "" => self.last.into(),
            with => format!("WITH {with} {}", self.last).into(),
        }
    }
}

/// Rows by table, tables in the order in which they were first needed: what a row refers to is
/// added before it.
#[derive(Debug, Default)]
pub struct Later {
    rows: Vec<(Late, Args)>,
}

impl Later {
    /// Adds a row.
    pub fn add(&mut self, late: Late, row: Args) {
        self.rows.push((late, row));
    }

    /// Whether some row is to be changed.
    pub fn has_updates(&self) -> bool {
        self.has_updates_before(self.rows.len())
    }

    /// The same of what was added while there were fewer than so many.
    pub fn has_updates_before(&self, length: usize) -> bool {
        let mut rows = self.rows.iter().take(length);
        rows.any(|(late, _)| matches!(late, Late::Update(_)))
    }

    /// Whether the row with this key is to be changed.
    pub fn updates(&self, key: &SqlValue) -> bool {
        self.rows
            .iter()
            .any(|(late, row)| matches!(late, Late::Update(_)) && row.first() == Some(key))
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Takes back what was added after there were so many.
    pub fn shorten(&mut self, length: usize) {
        self.rows.truncate(length);
    }

    /// What was added after there were so many, together by table.
    pub fn take_from(&mut self, length: usize) -> Vec<(Late, Vec<Args>)> {
        let mut tables: Vec<(Late, Vec<Args>)> = Vec::new();
        for (late, row) in self.rows.drain(length.min(self.rows.len())..) {
            match tables.iter_mut().find(|(known, _)| *known == late) {
                Some((_, rows)) => rows.push(row),
                None => tables.push((late, vec![row])),
            }
        }
        tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::args;

    const EXECUTION: Late = Late::Insert("execution (a)");
    const AUDIT: Late = Late::Insert("audit (a)");
    const START: Late = Late::Update(Update {
        one: "UPDATE a SET b = $2 WHERE a = $1",
        many: Arrays {
            with: "",
            last: "UPDATE a SET b = n.b FROM unnest($1, $2) n (a, b) WHERE a.a = n.a",
        },
    });

    #[test]
    fn rows_come_together_in_the_order_of_their_tables() {
        let mut later = Later::default();
        for number in 1_i64..=2 {
            later.add(EXECUTION, args![number]);
            later.add(AUDIT, args![number]);
        }
        let before = later.len();
        later.add(Late::Insert("refused (a)"), args![3_i64]);
        later.shorten(before);
        let both = vec![args![1_i64], args![2_i64]];
        later.add(Late::Insert("message (a)"), args![4_i64]);
        assert_eq!(
            later.take_from(before),
            [(Late::Insert("message (a)"), vec![args![4_i64]])]
        );
        assert_eq!(
            later.take_from(0),
            [(EXECUTION, both.clone()), (AUDIT, both)]
        );
        assert_eq!(later.len(), 0);
    }

    #[test]
    fn each_says_which_table_it_writes() {
        let put = Late::Put(Arrays {
            with: "",
            last: "INSERT INTO statistic (a) SELECT 1",
        });
        assert_eq!(
            [EXECUTION, START, put].map(Late::table),
            ["execution", "a", "statistic"]
        );
    }

    #[test]
    fn a_row_that_is_to_be_changed_is_known_by_its_key() {
        let mut later = Later::default();
        later.add(EXECUTION, args![7_i64]);
        assert!(!later.has_updates());
        later.add(START, args![8_i64, 1_i64]);
        assert!(later.has_updates());
        assert!(!later.has_updates_before(1));
        assert!(later.updates(&8_i64.into()));
        assert!(!later.updates(&7_i64.into()), "that one is inserted");
        assert!(!later.updates(&1_i64.into()), "that is no key");
    }
}
