//! Kinds of log providers by their creation names.

/// What a log provider writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text file.
    Text,
    /// An XML file.
    Xml,
    /// The table `sysssislog`.
    Database,
    /// The log of the machine.
    EventLog,
    /// Traces of SQL Server Profiler, which exist on Windows only.
    Profiler,
}

/// Names without prefix and version, and the class ids of both generations.
const KINDS: [(&str, &[&str], Kind); 5] = [
    (
        "LogProviderTextFile",
        &[
            "{0A039101-ACC1-4E06-943F-279948323883}",
            "{59B2C6A5-663F-4C20-8863-C83F9B72E2EB}",
        ],
        Kind::Text,
    ),
    (
        "LogProviderXMLFile",
        &[
            "{440945A4-2A22-4F19-B577-EAF5FDDC5F7A}",
            "{AFED6884-619C-484F-9A09-F42D56E1A7EA}",
        ],
        Kind::Xml,
    ),
    (
        "LogProviderSQLServer",
        &[
            "{94150B25-6AEB-4C0D-996D-D37D1C4FDEDA}",
            "{6AA833A1-E4B2-4431-831B-DE695049DC61}",
        ],
        Kind::Database,
    ),
    (
        "LogProviderEventLog",
        &[
            "{071CC8EB-C343-4CFF-8D58-564B92FCA3CF}",
            "{97634F75-1DC7-4F1F-8A4C-DAF0E13AAA22}",
        ],
        Kind::EventLog,
    ),
    (
        "LogProviderSQLProfiler",
        &[
            "{E93F6300-AE0C-4916-A7BF-A8D0CE12C77A}",
            "{5C0B8D21-E9AA-462E-BA34-30FF5F7A42A1}",
        ],
        Kind::Profiler,
    ),
];

/// The kind behind a creation name: `DTS.LogProviderTextFile.3`, `Microsoft.LogProviderTextFile`.
pub(super) fn kind(creation_name: &str) -> Option<Kind> {
    let written = creation_name.trim();
    let found = KINDS.iter().find(|(name, class_ids, _)| {
        written.split('.').any(|part| part == *name)
            || class_ids.iter().any(|id| id.eq_ignore_ascii_case(written))
    });
    found.map(|(_, _, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_kind_is_known() {
        assert_eq!(kind("DTS.LogProviderTextFile.3"), Some(Kind::Text));
        assert_eq!(kind("Microsoft.LogProviderXMLFile"), Some(Kind::Xml));
        let class_id = "{6aa833a1-e4b2-4431-831b-de695049dc61}";
        assert_eq!(kind(class_id), Some(Kind::Database));
        assert_eq!(kind("Contoso.Logger"), None);
    }
}
