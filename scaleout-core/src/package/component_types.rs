//! The stock data flow components: every class id a file may give them, and the one we use.
//!
//! Names mislead: `Microsoft.DataReaderSourceAdapter` is the ADO NET source,
//! `Microsoft.Extractor` is Export Column, `Microsoft.Lineage` is Audit.

mod table;

use super::task_types::bare_name;
use table::{COMPONENTS, ComponentType};

/// Class ids of the host of managed components, one per format and a ProgID.
const MANAGED_HOSTS: [&str; 5] = [
    "Microsoft.ManagedComponentHost",
    "{874F7595-FB5F-40FF-96AF-FBFF8250E3EF}",
    "{2E42D45B-F83C-400F-8D77-61DDE6A7DF29}",
    "{BF01D463-7089-41EE-8F05-0A6DC17CE633}",
    "DTS.ManagedComponentWrapper",
];

/// The canonical type of a component: the name of format 8 where it is a stock
/// one, else its own type name up to the first comma, else its class id.
#[must_use]
pub fn component_type(class_id: &str, user_component_type_name: Option<&str>) -> String {
    let hosted =
        user_component_type_name.filter(|name| is_managed_host(class_id) && !name.is_empty());
    let written = hosted.unwrap_or(class_id);
    match find(written) {
        Some(known) => known.canonical.to_owned(),
        None if hosted.is_some() => written
            .split(',')
            .next()
            .unwrap_or(written)
            .trim()
            .to_owned(),
        None => written.to_owned(),
    }
}

/// Whether a class id is the host of managed components.
#[must_use]
pub fn is_managed_host(class_id: &str) -> bool {
    let name = bare_name(class_id);
    MANAGED_HOSTS
        .iter()
        .any(|host| host.eq_ignore_ascii_case(name))
}

/// What people call a component: `Flat File Source`.
#[must_use]
pub fn component_display_name(component_type: &str) -> Option<&'static str> {
    find(component_type).map(|component| component.display)
}

fn find(name: &str) -> Option<&'static ComponentType> {
    let name = bare_name(name);
    let same =
        |other: &str| other == name || (name.starts_with('{') && other.eq_ignore_ascii_case(name));
    COMPONENTS
        .iter()
        .find(|entry| same(entry.canonical) || entry.other_names.iter().any(|other| same(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "{874F7595-FB5F-40FF-96AF-FBFF8250E3EF}";

    #[test]
    fn every_format_has_its_own_class_id_for_a_component() {
        for class_id in [
            "Microsoft.OLEDBSource",
            "DTSAdapter.OLEDBSource.3",
            "DTSAdapter.OLEDBSource.5",
            "{165A526D-D5DE-47FF-96A6-F8274C19826B}",
            "{bcefe59b-6819-47f7-a125-63753b33abb7}",
        ] {
            assert_eq!(component_type(class_id, None), "Microsoft.OLEDBSource");
        }
    }

    #[test]
    fn a_hosted_component_is_what_its_type_name_says() {
        let cases = [
            (
                "Microsoft.DataReaderSourceAdapter",
                "Microsoft.DataReaderSourceAdapter",
            ),
            (
                "Microsoft.SqlServer.Dts.Pipeline.DataReaderSourceAdapter, Microsoft.SqlServer.ADONETSrc, Version=10.0.0.0",
                "Microsoft.DataReaderSourceAdapter",
            ),
            (
                "Microsoft.SqlServer.Dts.Pipeline.ADONETDestination, x",
                "Microsoft.ADONETDestination",
            ),
            (
                "Microsoft.SqlServer.Dts.Pipeline.ScriptComponentHost, x",
                "Microsoft.ScriptComponentHost",
            ),
            ("Contoso.Trash, Contoso, Version=2.0.0.0", "Contoso.Trash"),
        ];
        for (written, canonical) in cases {
            assert_eq!(component_type(HOST, Some(written)), canonical);
        }
        assert_eq!(component_type(HOST, None), HOST);
        assert!(is_managed_host("DTS.ManagedComponentWrapper.3"));
    }

    #[test]
    fn unknown_class_ids_stay_as_written() {
        assert_eq!(
            component_type("Contoso.Component.3", None),
            "Contoso.Component.3"
        );
        // A type name counts in a host only.
        assert_eq!(
            component_type("Microsoft.Sort", Some("Contoso.X")),
            "Microsoft.Sort"
        );
    }

    #[test]
    fn people_have_names_for_components() {
        assert_eq!(
            component_display_name("Microsoft.DataReaderSourceAdapter"),
            Some("ADO NET Source")
        );
        assert_eq!(
            component_display_name("Microsoft.Extractor"),
            Some("Export Column")
        );
        assert_eq!(component_display_name("Contoso.X"), None);
    }

    #[test]
    fn no_class_id_belongs_to_two_components() {
        let names = COMPONENTS
            .iter()
            .flat_map(|one| one.other_names.iter().chain([&one.canonical]));
        let mut names: Vec<&str> = names.copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
