//! Results that reach stdout one by one, while a command goes on.

use std::io;

use serde::Serialize;

use super::cell::Cell;
use super::print::{OutputFormat, csv_records, write_out};

/// Prints results as they come: a line each, a JSON object a line, or CSV.
#[derive(Debug)]
pub struct Stream<const N: usize> {
    format: OutputFormat,
    /// CSV titles that are still to be printed.
    titles: Option<[&'static str; N]>,
}

impl<const N: usize> Stream<N> {
    /// Results with these CSV columns.
    #[must_use]
    pub fn new(format: OutputFormat, titles: [&'static str; N]) -> Self {
        Self {
            format,
            titles: Some(titles),
        }
    }

    /// Prints a result at once; false when nobody reads any more.
    ///
    /// # Errors
    /// It has no form in JSON, or writing failed for another reason than a closed pipe.
    pub fn put(
        &mut self,
        data: &impl Serialize,
        cells: &[Cell; N],
        line: &str,
    ) -> io::Result<bool> {
        write_out(&self.text(data, cells, line)?)
    }

    fn text(&mut self, data: &impl Serialize, cells: &[Cell; N], line: &str) -> io::Result<String> {
        match self.format {
            OutputFormat::Table => Ok(format!("{line}\n")),
            OutputFormat::Json => Ok(format!("{}\n", serde_json::to_string(data)?)),
            OutputFormat::Csv => {
                let titles = self.titles.take();
                let titles = titles.map(|titles| titles.map(Into::into).to_vec());
                let machine = cells.iter().map(Cell::machine).collect();
                csv_records(&titles.into_iter().chain([machine]).collect::<Vec<_>>())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(format: OutputFormat) -> Vec<String> {
        let mut stream = Stream::new(format, ["name"]);
        let mut text = |name: &str| {
            let cells = [Cell::Text(name.to_owned())];
            stream.text(&[name], &cells, &format!("{name}!")).unwrap()
        };
        vec![text("a"), text("b")]
    }

    #[test]
    fn each_format_can_be_read_line_by_line() {
        assert_eq!(texts(OutputFormat::Table), ["a!\n", "b!\n"]);
        assert_eq!(texts(OutputFormat::Json), ["[\"a\"]\n", "[\"b\"]\n"]);
        assert_eq!(texts(OutputFormat::Csv), ["name\na\n", "b\n"]);
    }
}
