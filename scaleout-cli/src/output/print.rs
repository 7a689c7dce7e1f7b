//! Renderings of an outcome: table, JSON, CSV.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, Table, presets};

use super::outcome::{Cell, Outcome, Report};

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    #[default]
    Table,
    /// For scripts
    Json,
    /// For spreadsheets
    Csv,
}

/// Writes an outcome to stdout. A closed pipe is not an error.
///
/// # Errors
/// Writing failed for another reason.
pub fn print(outcome: &Outcome, format: OutputFormat) -> io::Result<()> {
    let stdout = io::stdout();
    let on_terminal = stdout.is_terminal();
    let text = match (&outcome.raw, format) {
        (Some(raw), _) => raw.clone(),
        (None, OutputFormat::Json) => json_text(outcome),
        (None, OutputFormat::Csv) => csv_text(&outcome.report)?,
        (None, OutputFormat::Table) => table_text(&outcome.report, on_terminal),
    };
    let mut stdout = stdout.lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn json_text(outcome: &Outcome) -> String {
    let mut text = serde_json::to_string_pretty(&outcome.json).unwrap_or_default();
    text.push('\n');
    text
}

fn csv_text(report: &Report) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if !report.columns.is_empty() {
        writer.write_record(&report.columns)?;
    }
    for row in &report.rows {
        writer.write_record(row.iter().map(Cell::text))?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The table as text. In a pipe it is neither coloured nor folded, so that `grep` finds whole lines.
fn table_text(report: &Report, on_terminal: bool) -> String {
    let mut text = String::new();
    for line in &report.before {
        text.push_str(line);
        text.push('\n');
    }
    if !report.columns.is_empty() {
        text.push_str(&drawn_table(report, on_terminal));
        text.push('\n');
    }
    for line in &report.after {
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn drawn_table(report: &Report, on_terminal: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    if on_terminal {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        table.force_no_tty();
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    table.set_header(
        report
            .columns
            .iter()
            .map(|title| comfy_table::Cell::new(title).add_attribute(Attribute::Bold)),
    );
    for row in &report.rows {
        table.add_row(row.iter().map(drawn_cell));
    }
    table.to_string()
}

fn drawn_cell(cell: &Cell) -> comfy_table::Cell {
    let drawn = comfy_table::Cell::new(cell.text());
    match cell {
        Cell::Number(_) => drawn.set_alignment(CellAlignment::Right),
        Cell::State {
            good: Some(true), ..
        } => drawn.fg(Color::Green),
        Cell::State {
            good: Some(false), ..
        } => drawn.fg(Color::Red),
        Cell::Text(_) | Cell::State { good: None, .. } | Cell::Empty => drawn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report::table(["id", "name"]);
        report.rows.push(vec![
            Cell::Number("1".into()),
            Cell::Text("a, \"b\"".into()),
        ]);
        report
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        assert_eq!(
            csv_text(&report()).unwrap(),
            "id,name\n1,\"a, \"\"b\"\"\"\n"
        );
    }

    #[test]
    fn a_table_in_a_pipe_keeps_a_row_on_one_line() {
        let mut wide = report();
        wide.rows[0][1] = Cell::Text("x".repeat(500));
        let text = table_text(&wide, false);
        assert!(text.lines().any(|line| line.contains(&"x".repeat(500))));
        assert!(!text.contains('\u{1b}'));
    }
}
