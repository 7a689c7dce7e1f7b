//! The `BULK INSERT` statement.

use super::settings::{Format, Settings};

/// Writes it. `file` and `format_file` are paths on the database server.
pub(super) fn statement(settings: &Settings<'_>, file: &str, format_file: &str) -> String {
    let mut options: Vec<String> = settings
        .switches
        .iter()
        .map(|it| (*it).to_owned())
        .collect();
    options.push(format!("DATAFILETYPE = {}", quoted(settings.file_type)));
    options.push(format!("CODEPAGE = {}", quoted(settings.code_page)));
    match settings.format {
        Format::Terminators { field, row } => {
            options.push(format!("FIELDTERMINATOR = {}", quoted(&terminator(field))));
            options.push(format!("ROWTERMINATOR = {}", quoted(&terminator(row))));
        }
        Format::File(_) => options.push(format!("FORMATFILE = {}", quoted(format_file))),
    }
    let numbers = settings.numbers.iter();
    options.extend(numbers.map(|(name, value)| format!("{name} = {value}")));
    if !settings.sorted.is_empty() {
        options.push(format!("ORDER ({})", settings.sorted));
    }
    format!(
        "BULK INSERT {} FROM {} WITH ({})",
        settings.table,
        quoted(file),
        options.join(", ")
    )
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A terminator from its display form, as the statement writes it: a line feed alone must be in
/// hexadecimal, or the server takes it for both.
fn terminator(display: &str) -> String {
    let text = decoded(display);
    match text.as_str() {
        "\r\n" => r"\r\n".to_owned(),
        "\t" => r"\t".to_owned(),
        plain if plain.chars().all(|letter| !letter.is_control()) => plain.to_owned(),
        other => {
            let bytes = other.bytes().map(|byte| format!("{byte:02x}"));
            format!("0x{}", bytes.collect::<String>())
        }
    }
}

/// `Comma {,}`, `Tab`, `{CR}{LF}`, or the characters themselves.
fn decoded(display: &str) -> String {
    if display.trim().eq_ignore_ascii_case("tab") {
        return "\t".to_owned();
    }
    let Some(open) = display.find('{').filter(|_| display.ends_with('}')) else {
        return display.to_owned();
    };
    let mut text = String::new();
    let mut rest = &display[open..];
    while let Some(inner) = rest.strip_prefix('{') {
        // A closing brace may be the terminator itself.
        let from = inner.chars().next().map_or(0, char::len_utf8);
        let Some(end) = inner[from..].find('}').map(|at| at + from) else {
            return display.to_owned();
        };
        match inner[..end].to_ascii_uppercase().as_str() {
            "CR" => text.push('\r'),
            "LF" => text.push('\n'),
            "T" | "TAB" => text.push('\t'),
            _ => text.push_str(&inner[..end]),
        }
        rest = &inner[end + 1..];
    }
    text
}

#[cfg(test)]
mod tests {
    use scaleout_core::package::xml::Element;

    use super::*;

    fn element(attributes: &[(&str, &str)]) -> Element {
        let base = [
            ("SourceConnectionName", "file"),
            ("DestinationConnectionName", "db"),
            ("DestinationTableName", "[s].[dbo].[T]"),
        ];
        let all = base.iter().chain(attributes);
        Element {
            attributes: all
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            ..Element::default()
        }
    }

    fn written(attributes: &[(&str, &str)]) -> String {
        let data = element(attributes);
        let settings = Settings::read(&data).unwrap();
        statement(&settings, r"C:\it's.txt", r"C:\f.fmt")
    }

    #[test]
    fn defaults_are_those_of_the_task() {
        assert_eq!(
            written(&[]),
            r"BULK INSERT [s].[dbo].[T] FROM 'C:\it''s.txt' WITH (CHECK_CONSTRAINTS, DATAFILETYPE = 'char', CODEPAGE = 'RAW', FIELDTERMINATOR = '\t', ROWTERMINATOR = '\r\n')"
        );
    }

    #[test]
    fn every_setting_has_its_option() {
        let all = written(&[
            ("UseFormatFile", "True"),
            ("FormatFile", "fmt"),
            ("DataFileType", "DTSBulkInsert_DataFileType_WideNative"),
            ("FirstRow", "2"),
            ("LastRow", "9"),
            ("BatchSize", "1000"),
            ("MaximumErrors", "3"),
            ("CodePage", "65001"),
            ("CheckConstraints", "False"),
            ("TableLock", "True"),
            ("KeepIdentity", "-1"),
            ("KeepNulls", "True"),
            ("FireTriggers", "True"),
            ("SortedData", "id ASC"),
        ]);
        assert_eq!(
            all,
            r"BULK INSERT [s].[dbo].[T] FROM 'C:\it''s.txt' WITH (TABLOCK, KEEPIDENTITY, KEEPNULLS, FIRE_TRIGGERS, DATAFILETYPE = 'widenative', CODEPAGE = '65001', FORMATFILE = 'C:\f.fmt', FIRSTROW = 2, LASTROW = 9, BATCHSIZE = 1000, MAXERRORS = 3, ORDER (id ASC))"
        );
    }

    #[test]
    fn terminators_are_decoded_from_what_the_designer_shows() {
        for (display, expected) in [
            ("Comma {,}", ","),
            ("Tab", r"\t"),
            ("{CR}{LF}", r"\r\n"),
            ("{LF}", "0x0a"),
            ("{CR}", "0x0d"),
            ("Vertical Bar {|}", "|"),
            ("~|~", "~|~"),
            ("{}}", "}"),
            (" ", " "),
        ] {
            assert_eq!(terminator(display), expected, "{display}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let data = Element::default();
        let refused = Settings::read(&data).unwrap_err();
        assert_eq!(refused, "no source file is set");
        let data = element(&[("FirstRow", "x")]);
        assert!(Settings::read(&data).unwrap_err().contains("`FirstRow`"));
    }
}
