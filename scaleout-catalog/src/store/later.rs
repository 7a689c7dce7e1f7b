//! Rows that wait for the commit, so that those of many changes go in few statements.

use super::value::Args;

/// Rows by table, tables in the order in which they were first needed: what a row refers to is
/// added before it.
#[derive(Debug, Default)]
pub struct Later {
    rows: Vec<(&'static str, Args)>,
}

impl Later {
    /// Adds a row; `target` is `table (column, …)`.
    pub fn add(&mut self, target: &'static str, row: Args) {
        self.rows.push((target, row));
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
    pub fn take_from(&mut self, length: usize) -> Vec<(&'static str, Vec<Args>)> {
        let mut tables: Vec<(&'static str, Vec<Args>)> = Vec::new();
        for (target, row) in self.rows.drain(length.min(self.rows.len())..) {
            match tables.iter_mut().find(|(known, _)| *known == target) {
                Some((_, rows)) => rows.push(row),
                None => tables.push((target, vec![row])),
            }
        }
        tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::args;

    #[test]
    fn rows_come_together_in_the_order_of_their_tables() {
        let mut later = Later::default();
        for number in 1_i64..=2 {
            later.add("execution (a)", args![number]);
            later.add("audit (a)", args![number]);
        }
        let before = later.len();
        later.add("refused (a)", args![3_i64]);
        later.shorten(before);
        let both = vec![args![1_i64], args![2_i64]];
        later.add("message (a)", args![4_i64]);
        assert_eq!(
            later.take_from(before),
            [("message (a)", vec![args![4_i64]])]
        );
        assert_eq!(
            later.take_from(0),
            [("execution (a)", both.clone()), ("audit (a)", both)]
        );
        assert_eq!(later.len(), 0);
    }
}
