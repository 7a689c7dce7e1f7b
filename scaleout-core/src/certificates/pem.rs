//! PEM text to bytes and back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One block between `-----BEGIN x-----` and `-----END x-----`.
pub(super) struct Block {
    pub label: String,
    pub bytes: Vec<u8>,
}

/// All blocks of a text; `None` for a block that is not closed or not base64.
pub(super) fn blocks(text: &str) -> Option<Vec<Block>> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines().map(str::trim) {
        if let Some(label) = marker(line, "BEGIN") {
            open = Some((label.to_owned(), String::new()));
        } else if let Some(label) = marker(line, "END") {
            let (opened, body) = open.take()?;
            if opened != label {
                return None;
            }
            let bytes = STANDARD.decode(body).ok()?;
            found.push(Block {
                label: opened,
                bytes,
            });
        } else if let Some((_, body)) = &mut open {
            body.push_str(line);
        }
    }
    open.is_none().then_some(found)
}

/// The text of one block.
pub(super) fn write(label: &str, bytes: &[u8]) -> String {
    let body = STANDARD.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

fn marker<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.strip_prefix("-----")?
        .strip_suffix("-----")?
        .strip_prefix(word)?
        .strip_prefix(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for length in [0, 1, 47, 48, 49, 1000] {
            let bytes: Vec<u8> = (0..length).map(|number| (number % 251) as u8).collect();
            let read = blocks(&write("CERTIFICATE", &bytes)).unwrap();
            assert_eq!(read.len(), 1);
            assert_eq!(read[0].label, "CERTIFICATE");
            assert_eq!(read[0].bytes, bytes);
        }
    }

    #[test]
    fn a_block_without_its_end_is_no_block() {
        assert!(blocks("-----BEGIN CERTIFICATE-----\nAAAA\n").is_none());
        assert!(blocks("-----BEGIN A-----\nAAAA\n-----END B-----\n").is_none());
        assert!(blocks("-----BEGIN A-----\n!!!!\n-----END A-----\n").is_none());
        assert!(blocks("no block at all").unwrap().is_empty());
    }
}
