//! Decides how rows are laid out on a terminal: a table that fits it, or one block per row.

use super::cell::Cell;
use super::outcome::Report;
use super::wrap::{parts, width_of};

/// Long text may be broken over lines; down to this it is read with ease.
const LONG: usize = 24;

/// Long text is not broken narrower than this: the report of the demo fits 80 columns with it.
const LONG_LEAST: usize = 20;

/// Short text, such as a name, may be broken where it has parts, but not narrower than this.
const SHORT: usize = 12;

/// A time or a duration may be broken at its blanks, but not narrower than this.
const TIME: usize = 8;

/// A word up to this length is never broken anywhere: ids must be copied as they are.
const WORD: usize = 36;

/// How rows are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A table whose columns have these widths, with blanks around them.
    Roomy(Vec<usize>),
    /// A table whose columns have these widths, with nothing but a line between them.
    Tight(Vec<usize>),
    /// One block per row, one line per column.
    Records,
}

/// What a column needs, in characters of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// With every line on one line.
    pub whole: usize,
    /// To be read with ease: only long text is broken, between words.
    pub easy: usize,
    /// To be readable: times are broken at blanks and names at their parts.
    pub least: usize,
}

impl Need {
    fn max(self, other: Self) -> Self {
        Self {
            whole: self.whole.max(other.whole),
            easy: self.easy.max(other.easy),
            least: self.least.max(other.least),
        }
    }
}

/// What the columns of a report need.
#[must_use]
pub fn needs(report: &Report) -> Vec<Need> {
    let need = |(column, title): (usize, &String)| {
        let title = Need {
            whole: width_of(title),
            easy: width_of(title),
            least: longest_part(title),
        };
        let cells = report.rows.iter().filter_map(|row| row.get(column));
        cells.map(need_of).fold(title, Need::max)
    };
    report.columns.iter().enumerate().map(need).collect()
}

fn need_of(cell: &Cell) -> Need {
    let shown = cell.shown();
    let whole = shown.lines().map(width_of).max().unwrap_or_default();
    let part = longest_part(&shown);
    if cell.stays_whole() {
        let least = whole.min(TIME).max(part);
        return Need {
            whole,
            easy: whole,
            least,
        };
    }
    let word = shown.split_whitespace().map(width_of).max();
    let narrow = if whole <= LONG { SHORT } else { LONG_LEAST };
    Need {
        whole,
        easy: whole.min(LONG).max(word.unwrap_or_default().min(WORD)),
        least: whole.min(narrow).max(part.min(WORD)),
    }
}

/// The longest part that is not broken.
fn longest_part(text: &str) -> usize {
    let words = text.split_whitespace();
    let parts = words.flat_map(|word| parts(word).into_iter().map(width_of));
    parts.max().unwrap_or_default()
}

/// The layout of columns with these needs on a terminal of this width: a table as wide as it has
/// to be, its widest columns narrowed first, as long as every column stays readable.
#[must_use]
pub fn layout(needs: &[Need], terminal: usize) -> Layout {
    // Two borders and a line between columns; in a roomy table two blanks for each column more.
    let lines = needs.len() + 1;
    let roomy = terminal.saturating_sub(lines + 2 * needs.len());
    let tight = terminal.saturating_sub(lines);
    let (easy, least) = (|need: &Need| need.easy, |need: &Need| need.least);
    let widths = narrowed(needs, roomy, easy).map(Layout::Roomy);
    let widths = widths.or_else(|| narrowed(needs, tight, easy).map(Layout::Tight));
    let widths = widths.or_else(|| narrowed(needs, tight, least).map(Layout::Tight));
    widths.unwrap_or(Layout::Records)
}

/// Widths that take no more than this room, none below its floor.
fn narrowed(needs: &[Need], room: usize, floor: impl Fn(&Need) -> usize) -> Option<Vec<usize>> {
    let widths = |limit: usize| -> Vec<usize> {
        let width = |need: &Need| need.whole.min(limit).max(floor(need));
        needs.iter().map(width).collect()
    };
    let widest = needs.iter().map(|need| need.whole).max();
    (1..=widest.unwrap_or_default().min(room))
        .rev()
        .map(widths)
        .find(|widths| widths.iter().sum::<usize>() <= room)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(whole: usize, easy: usize, least: usize) -> Need {
        Need { whole, easy, least }
    }

    #[test]
    fn a_table_that_fits_is_as_wide_as_its_content() {
        // 3 lines and 4 blanks beside the content.
        let needs = [need(10, 5, 5), need(20, 5, 5)];
        assert_eq!(layout(&needs, 37), Layout::Roomy(vec![10, 20]));
        assert_eq!(layout(&needs, 200), Layout::Roomy(vec![10, 20]));
    }

    #[test]
    fn the_widest_column_gives_way_first() {
        let needs = [need(10, 10, 10), need(90, 24, 24), need(30, 24, 24)];
        assert_eq!(layout(&needs, 90), Layout::Roomy(vec![10, 40, 30]));
        assert_eq!(layout(&needs, 74), Layout::Roomy(vec![10, 27, 27]));
    }

    #[test]
    fn blanks_give_way_before_times_and_names_are_broken() {
        let needs = [need(19, 19, 10), need(14, 14, 12)];
        assert_eq!(layout(&needs, 40), Layout::Roomy(vec![19, 14]));
        assert_eq!(layout(&needs, 39), Layout::Tight(vec![19, 14]));
        assert_eq!(layout(&needs, 36), Layout::Tight(vec![19, 14]));
        assert_eq!(layout(&needs, 35), Layout::Tight(vec![18, 14]));
        assert_eq!(layout(&needs, 25), Layout::Tight(vec![10, 12]));
        assert_eq!(layout(&needs, 24), Layout::Records);
    }

    #[test]
    fn columns_that_cannot_all_be_readable_become_records() {
        assert_eq!(layout(&vec![need(8, 8, 8); 34], 200), Layout::Records);
        assert_eq!(layout(&[need(8, 8, 8)], 0), Layout::Records);
    }

    #[test]
    fn numbers_and_ids_are_never_broken_but_text_is() {
        let mut report = Report::table(["id", "worker", "text", "long path", "name"]);
        let guid = "b087c011-4063-4607-8d9e-233153f34a82";
        report.rows.push(vec![
            Cell::Number("1234567890123456789012345678901234567890".into()),
            Cell::Text(guid.into()),
            Cell::Text("word ".repeat(40).trim().into()),
            Cell::Text("/folder".repeat(10)),
            Cell::Text("customers.dtsx".into()),
        ]);
        assert_eq!(
            needs(&report),
            [
                need(40, 40, 40),
                need(36, 36, 36),
                need(199, 24, 20),
                need(70, 36, 20),
                need(14, 14, 12)
            ]
        );
    }

    #[test]
    fn a_time_is_broken_between_date_and_hour_if_need_be() {
        let mut report = Report::table(["t"]);
        report
            .rows
            .push(vec![Cell::Moment(jiff::Timestamp::UNIX_EPOCH)]);
        assert_eq!(needs(&report), [need(19, 19, 10)]);
    }
}
