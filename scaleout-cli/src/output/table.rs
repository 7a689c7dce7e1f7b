//! Rows as people read them: a table, or one block per row where a table does not fit.

use std::fmt::Write;

use comfy_table::{
    Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, TableStyle,
    Width, presets,
};

use super::cell::Cell;
use super::layout::{Layout, layout, needs};
use super::outcome::Report;
use super::wrap::{drawable, width_of, wrapped};

/// What the output goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// A pipe or file: neither coloured nor folded, so that `grep` finds whole lines.
    Pipe,
    /// A terminal.
    Terminal {
        /// Columns of characters.
        width: usize,
        /// Whether it may be coloured.
        colours: bool,
    },
}

/// Indent of what a line does not hold.
const INDENT: usize = 2;

/// A value beside its name needs at least this much room; with less it goes below.
const BESIDE: usize = 20;

/// A report as text.
#[must_use]
pub fn text(report: &Report, screen: Screen) -> String {
    let mut text = lines(&report.before, screen);
    if !report.columns.is_empty() {
        text.push_str(&rows(report, screen));
    }
    text.push_str(&lines(&report.after, screen));
    for further in &report.further {
        text.push('\n');
        text.push_str(&self::text(further, screen));
    }
    text
}

fn lines(lines: &[String], screen: Screen) -> String {
    let mut text = String::new();
    for line in lines.iter().map(|line| drawable(line)) {
        match screen {
            Screen::Pipe => text.push_str(&line),
            Screen::Terminal { width, .. } => {
                text.push_str(&wrapped(&line, width, INDENT).join("\n"));
            }
        }
        text.push('\n');
    }
    text
}

fn rows(report: &Report, screen: Screen) -> String {
    match screen {
        Screen::Pipe => framed(report, &[], screen),
        Screen::Terminal { width, .. } => match layout(&needs(report), width) {
            Layout::Roomy(widths) => framed(report, &widths, screen),
            Layout::Tight(widths) => tight(report, &widths, screen),
            Layout::Records => records(report, width, screen),
        },
    }
}

/// A table in a frame; its columns have these widths, or what their content needs.
fn framed(report: &Report, widths: &[usize], screen: Screen) -> String {
    let mut table = filled(presets::UTF8_BORDERS_ONLY, report, widths, screen);
    fix(&mut table, widths.iter().map(|width| width + 2));
    format!("{table}\n")
}

/// A table with a line between columns and no blanks around them.
fn tight(report: &Report, widths: &[usize], screen: Screen) -> String {
    let mut table = filled(presets::UTF8_FULL_CONDENSED, report, widths, screen);
    fix(&mut table, widths.iter().copied());
    for column in table.column_iter_mut() {
        column.set_padding((0, 0));
    }
    format!("{table}\n")
}

fn filled(style: TableStyle, report: &Report, widths: &[usize], screen: Screen) -> Table {
    let mut table = empty_table(style, screen);
    let width = |column: usize| widths.get(column).copied();
    let title = |(column, title): (usize, &String)| {
        let title = comfy_table::Cell::new(broken(title, width(column)));
        title.add_attribute(Attribute::Bold)
    };
    table.set_header(report.columns.iter().enumerate().map(title));
    let numbers: Vec<bool> = (0..report.columns.len())
        .map(|column| holds_numbers(report, column))
        .collect();
    for row in &report.rows {
        table.add_row(row.iter().enumerate().map(|(column, cell)| {
            let drawn = drawn(cell, width(column), screen);
            match numbers.get(column) {
                Some(true) => drawn.set_alignment(CellAlignment::Right),
                _ => drawn,
            }
        }));
    }
    table
}

/// A text in lines of this width, as it is where there is none.
fn broken(text: &str, width: Option<usize>) -> String {
    match width {
        Some(width) => wrapped(text, width, 0).join("\n"),
        None => text.to_owned(),
    }
}

/// Whether a column holds numbers and nothing else: then they stand below each other.
fn holds_numbers(report: &Report, column: usize) -> bool {
    let mut cells = report.rows.iter().filter_map(|row| row.get(column));
    cells.all(|cell| matches!(cell, Cell::Number(_) | Cell::Duration(_) | Cell::Empty))
}

/// One block per row: a line with its number, then a line per column.
fn records(report: &Report, width: usize, screen: Screen) -> String {
    let names = report.columns.iter().map(|title| width_of(title)).max();
    let names = names.unwrap_or_default();
    let room = width.saturating_sub(names + INDENT);
    let mut text = String::new();
    if report.rows.is_empty() {
        text.push_str("no rows\n");
    }
    for (number, row) in report.rows.iter().enumerate() {
        // Writing into a string cannot fail.
        let _infallible = writeln!(text, "── record {} ──", number + 1);
        if room < BESIDE {
            below(&mut text, report, row, width);
        } else {
            text.push_str(&beside(report, row, names, room, screen));
        }
    }
    text
}

/// Values beside their names, their further lines below their first.
fn beside(report: &Report, row: &[Cell], names: usize, room: usize, screen: Screen) -> String {
    let mut table = empty_table(presets::NOTHING, screen);
    for (title, cell) in report.columns.iter().zip(row) {
        let name = comfy_table::Cell::new(title).add_attribute(Attribute::Bold);
        table.add_row([name, drawn(cell, Some(room), screen)]);
    }
    fix(&mut table, [names + INDENT, room]);
    for (column, right) in table.column_iter_mut().zip([INDENT, 0]) {
        column.set_padding((0, u16::try_from(right).unwrap_or_default()));
    }
    let lines = table.lines().map(|line| format!("{}\n", line.trim_end()));
    lines.collect()
}

/// Values below their names, for terminals that are hardly wider than the names.
fn below(text: &mut String, report: &Report, row: &[Cell], width: usize) {
    for (title, cell) in report.columns.iter().zip(row) {
        let shown = drawable(&cell.shown());
        for line in std::iter::once(title.clone()).chain(
            wrapped(&shown, width.saturating_sub(INDENT), 0)
                .into_iter()
                .map(|line| format!("{:INDENT$}{line}", "")),
        ) {
            text.push_str(&line);
            text.push('\n');
        }
    }
}

fn empty_table(style: TableStyle, screen: Screen) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    // The screen was looked at once already; the table must not look for itself.
    table.force_no_tty();
    match screen {
        Screen::Pipe => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        Screen::Terminal { width, colours } => {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
            if colours {
                table.enforce_styling();
            }
        }
    }
    table
}

/// Gives the columns these widths, padding included.
fn fix(table: &mut Table, widths: impl IntoIterator<Item = usize>) {
    for (column, width) in table.column_iter_mut().zip(widths) {
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
}

fn drawn(cell: &Cell, width: Option<usize>, screen: Screen) -> comfy_table::Cell {
    let mut text = broken(&drawable(&cell.shown()), width);
    if screen == Screen::Pipe {
        text = text.replace('\n', " ");
    }
    let drawn = comfy_table::Cell::new(text);
    match cell {
        Cell::State {
            good: Some(true), ..
        } => drawn.fg(Color::Green),
        Cell::State {
            good: Some(false), ..
        } => drawn.fg(Color::Red),
        _ => drawn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Screen = Screen::Terminal {
        width: 60,
        colours: false,
    };

    fn wide() -> Report {
        let mut report = Report::table(["id", "name", "first text", "second text"]);
        let long = "some words that go on ".repeat(10);
        report.rows.push(vec![
            Cell::Number("1".into()),
            Cell::Text("b087c011-4063-4607-8d9e-233153f34a82".into()),
            Cell::Text(long.clone()),
            Cell::Text(long),
        ]);
        report
    }

    #[track_caller]
    fn assert_fits(text: &str, width: usize) {
        for line in text.lines() {
            assert!(width_of(line) <= width, "{} in:\n{text}", width_of(line));
        }
    }

    #[test]
    fn a_table_in_a_pipe_keeps_a_row_on_one_line() {
        let mut report = wide();
        report.rows[0][1] = Cell::Text("two\nlines".into());
        let text = text(&report, Screen::Pipe);
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(text.contains("two lines"));
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn what_does_not_fit_becomes_records_with_indented_values() {
        let shown = text(&wide(), NARROW);
        assert_fits(&shown, 60);
        let mut lines = shown.lines();
        assert_eq!(lines.next(), Some("── record 1 ──"));
        assert_eq!(lines.next(), Some("id           1"));
        assert_eq!(
            lines.next(),
            Some("name         b087c011-4063-4607-8d9e-233153f34a82")
        );
        assert!(lines.next().unwrap().starts_with("first text   some words"));
        assert!(
            lines.next().unwrap().starts_with("             "),
            "{shown}"
        );
    }

    #[test]
    fn what_fits_stays_a_table_within_the_width() {
        let mut report = wide();
        report.columns.pop();
        report.rows[0].pop();
        let screen = Screen::Terminal {
            width: 79,
            colours: false,
        };
        let shown = text(&report, screen);
        assert_fits(&shown, 79);
        assert!(shown.starts_with('┌') && shown.contains("b087c011-4063-4607-8d9e-233153f34a82"));
    }

    #[test]
    fn a_little_too_wide_a_table_loses_its_blanks_first() {
        let mut report = Report::table(["folder", "package", "created"]);
        report.rows.push(vec![
            Cell::Text("Finance".into()),
            Cell::Text("customers.dtsx".into()),
            Cell::Text("2026-01-31 10:00:00".into()),
        ]);
        let at = |width| Screen::Terminal {
            width,
            colours: false,
        };
        assert!(text(&report, at(50)).contains("│ Finance   customers.dtsx   2026"));
        assert!(text(&report, at(49)).contains("│Finance┆customers.dtsx┆2026-01-31 10:00:00│"));
        let narrow = text(&report, at(36));
        assert_fits(&narrow, 36);
        assert!(
            narrow.contains("┆customers   ┆") && narrow.contains("┆.dtsx       ┆"),
            "{narrow}"
        );
    }

    #[test]
    fn a_terminal_narrower_than_the_names_gets_values_below_them() {
        let screen = Screen::Terminal {
            width: 20,
            colours: false,
        };
        let shown = text(&wide(), screen);
        assert_fits(&shown, 20);
        assert!(shown.contains("id\n  1\nname\n  b087"), "{shown}");
    }

    #[test]
    fn a_column_of_numbers_alone_is_aligned_to_the_right() {
        let mut report = Report::table(["rows", "mixed"]);
        for (rows, mixed) in [
            ("200", Cell::Text("word".into())),
            ("3", Cell::Number("1".into())),
        ] {
            report.rows.push(vec![Cell::Number(rows.into()), mixed]);
        }
        let shown = text(&report, NARROW);
        assert!(shown.contains("│    3   1     │"), "{shown}");
    }

    #[test]
    fn lines_around_the_table_fit_too() {
        let report = Report::lines(["word ".repeat(30)]);
        assert_fits(&text(&report, NARROW), 60);
        assert_eq!(text(&report, Screen::Pipe).lines().count(), 1);
    }

    #[test]
    fn further_tables_follow_with_their_lines_after_a_blank_line() {
        let mut report = Report::lines(["first".to_owned()]);
        let mut second = Report::table(["id"]);
        second.before.push("second".to_owned());
        report.further.push(second);
        let shown = text(&report, Screen::Pipe);
        assert!(shown.starts_with("first\n\nsecond\n┌"), "{shown}");
    }

    #[test]
    fn colours_only_where_they_are_wanted() {
        let mut report = Report::table(["status"]);
        report.rows.push(vec![Cell::State {
            text: "failed".into(),
            good: Some(false),
        }]);
        let coloured = Screen::Terminal {
            width: 60,
            colours: true,
        };
        assert!(text(&report, coloured).contains('\u{1b}'));
        assert!(!text(&report, NARROW).contains('\u{1b}'));
    }
}
