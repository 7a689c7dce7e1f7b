//! Log providers and logging options.

use crate::package::error::PackageError;
use crate::package::model::{ColumnFilter, LogProvider, LoggingOptions};
use crate::package::node::{Node, parse_boolean};
use crate::package::xml::Element;

/// A log provider of a package.
pub(super) fn read_log_provider(node: Node<'_>) -> LogProvider {
    LogProvider {
        id: node.text("DTSID"),
        name: node.text("ObjectName"),
        creation_name: node.text("CreationName"),
        config_string: node.text("ConfigString"),
    }
}

/// `LoggingOptions` of an executable.
pub(super) fn read_logging_options(node: Node<'_>) -> Result<LoggingOptions, PackageError> {
    let providers = node.items("SelectedLogProviders", "SelectedLogProvider");
    Ok(LoggingOptions {
        mode: node.number("LoggingMode", 0)?,
        // Files that have the element always write it; the object model starts with 1.
        filter_kind: node.number("FilterKind", 1)?,
        events: node
            .get("EventFilter")
            .map(filter_events)
            .unwrap_or_default(),
        columns: column_filters(node.element),
        providers: providers
            .map(|provider| provider.text("InstanceID"))
            .collect(),
    })
}

/// One `Property` for each event, with one inside for each column.
fn column_filters(options: &Element) -> Vec<ColumnFilter> {
    let filters = options.children_named("Property");
    let filters = filters.filter(|one| one.attribute("Name") == Some("ColumnFilter"));
    filters
        .map(|filter| ColumnFilter {
            event: filter.attribute("EventName").unwrap_or_default().to_owned(),
            columns: filter
                .children_named("Property")
                .filter(|column| parse_boolean(&column.text) == Some(true))
                .filter_map(|column| column.attribute("Name").map(str::to_owned))
                .collect(),
        })
        .collect()
}

/// `2,7,OnError,12,OnTaskFailed`: a count, then length and name in turn.
fn filter_events(filter: &str) -> Vec<String> {
    let mut parts = filter.split(',').skip(1);
    let mut events = Vec::new();
    while let (Some(_length), Some(name)) = (parts.next(), parts.next()) {
        events.push(name.to_owned());
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::xml;

    #[test]
    fn a_column_filter_lists_what_is_written() {
        let text = r#"<a><Property Name="ColumnFilter" EventName="OnError"><Property Name="Computer">-1</Property>
            <Property Name="Operator">0</Property><Property Name="MessageText">True</Property></Property></a>"#;
        let read = column_filters(&xml::read(text.as_bytes(), "x").unwrap());
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].event, "OnError");
        assert_eq!(read[0].columns, ["Computer", "MessageText"]);
    }

    #[test]
    fn an_event_filter_lists_names_behind_their_lengths() {
        assert_eq!(
            filter_events("2,7,OnError,12,OnTaskFailed"),
            ["OnError", "OnTaskFailed"]
        );
        assert_eq!(filter_events("0"), Vec::<String>::new());
        assert_eq!(filter_events(""), Vec::<String>::new());
        assert_eq!(filter_events("2,7,OnError,12"), ["OnError"]);
    }
}
