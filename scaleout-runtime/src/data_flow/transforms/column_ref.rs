//! References from a property to a column.

/// The lineage id in a property: `#{path}` (formats 6 and 8), `#12` or `12` (2 and 3).
pub fn lineage_of(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix('#').unwrap_or(text);
    let braced = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    braced.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_the_id() {
        assert_eq!(
            lineage_of("#{P\\D\\s.Outputs[o].Columns[{x}]}"),
            "P\\D\\s.Outputs[o].Columns[{x}]"
        );
        assert_eq!(lineage_of("#12"), "12");
        assert_eq!(lineage_of("12"), "12");
    }
}
