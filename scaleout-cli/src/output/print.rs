//! Writes an outcome to stdout: table, JSON, CSV.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use dialoguer::console::Term;

use super::cell::Cell;
use super::outcome::{Outcome, Report};
use super::table::{self, Screen};

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    #[default]
    Table,
    /// For scripts: times are ISO 8601
    Json,
    /// For spreadsheets: times are ISO 8601, durations seconds
    Csv,
}

/// Width of a terminal that does not tell it.
const USUAL_WIDTH: usize = 80;

/// Writes an outcome to stdout. A closed pipe is not an error.
///
/// # Errors
/// The result cannot be put into the format, or writing failed for another reason.
pub fn print(outcome: &Outcome, format: OutputFormat) -> io::Result<()> {
    let text = match (&outcome.raw, format) {
        (Some(raw), _) => raw.clone(),
        (None, OutputFormat::Json) => json_text(outcome)?,
        (None, OutputFormat::Csv) => csv_text(&outcome.report)?,
        (None, OutputFormat::Table) => table::text(&outcome.report, screen()),
    };
    write_out(&text).map(|_reader_is_there| ())
}

/// Writes text to stdout at once; false when nobody reads it any more.
///
/// # Errors
/// Writing failed for another reason than a closed pipe.
pub(super) fn write_out(text: &str) -> io::Result<bool> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes());
    match written.and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}

fn screen() -> Screen {
    if !io::stdout().is_terminal() {
        return Screen::Pipe;
    }
    let size = Term::stdout().size_checked();
    Screen::Terminal {
        width: size.map_or(USUAL_WIDTH, |(_, columns)| columns.into()),
        colours: colours_wanted(true, std::env::var_os("NO_COLOR").as_deref()),
    }
}

/// Whether output may be coloured: on a terminal, unless `NO_COLOR` holds anything
/// (<https://no-color.org>).
#[must_use]
pub fn colours_wanted(on_terminal: bool, no_color: Option<&std::ffi::OsStr>) -> bool {
    on_terminal && no_color.is_none_or(std::ffi::OsStr::is_empty)
}

fn json_text(outcome: &Outcome) -> io::Result<String> {
    let json = outcome.json.as_ref();
    // The outcome keeps its error; its words go on.
    let json = json.map_err(|error| io::Error::other(error.to_string()))?;
    let mut text = serde_json::to_string_pretty(json)?;
    text.push('\n');
    Ok(text)
}

fn csv_text(report: &Report) -> io::Result<String> {
    let mut records = Vec::with_capacity(report.rows.len() + 1);
    if !report.columns.is_empty() {
        records.push(report.columns.iter().map(|title| title.into()).collect());
    }
    for row in &report.rows {
        records.push(row.iter().map(Cell::machine).collect());
    }
    csv_records(&records)
}

/// Records as CSV.
///
/// # Errors
/// They have different numbers of fields.
pub(super) fn csv_records(records: &[Vec<std::borrow::Cow<'_, str>>]) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        writer.write_record(record.iter().map(|field| field.as_bytes()))?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use jiff::{SignedDuration, Timestamp};

    use super::*;

    #[test]
    fn csv_quotes_what_needs_it_and_holds_what_programs_read() {
        let mut report = Report::table(["name", "last seen", "duration"]);
        report.rows.push(vec![
            Cell::Text("a, \"b\"".into()),
            Cell::age(Some(Timestamp::UNIX_EPOCH), Timestamp::MAX),
            Cell::Duration(SignedDuration::from_millis(1500)),
        ]);
        assert_eq!(
            csv_text(&report).unwrap(),
            "name,last seen,duration\n\"a, \"\"b\"\"\",1970-01-01T00:00:00Z,1.500\n"
        );
    }

    #[test]
    fn a_result_that_is_no_json_is_an_error_and_not_nothing() {
        // A map whose keys are lists has no form in JSON.
        let data = std::collections::BTreeMap::from([(vec![1], 2)]);
        let outcome = Outcome::new(&data, Report::default());
        let error = json_text(&outcome).unwrap_err();
        assert!(error.to_string().contains("key"), "{error}");
        let outcome = Outcome::new(&[1], Report::default());
        assert_eq!(json_text(&outcome).unwrap(), "[\n  1\n]\n");
    }

    #[test]
    fn colours_are_for_terminals_without_no_color() {
        assert!(colours_wanted(true, None));
        assert!(colours_wanted(true, Some(OsStr::new(""))));
        assert!(!colours_wanted(true, Some(OsStr::new("1"))));
        assert!(!colours_wanted(false, None));
    }
}
