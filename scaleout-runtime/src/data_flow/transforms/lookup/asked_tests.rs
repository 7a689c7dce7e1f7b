//! Lookups that ask a real database, and over a cache.

use std::collections::BTreeMap;
use std::sync::Arc;

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::{Component, ComponentConnection, Disposition, Pipeline};
use scaleout_core::package::xml::Element;

use crate::connections::test_manager::manager;
use crate::data_flow::testing::kinds::{TestKind, collecting};
use crate::data_flow::testing::pipelines::{
    column, middle, named_output, of_type, path, pipeline, property, reads, sink,
};
use crate::data_flow::testing::run::{
    Ran, Row, printed, rows_kind, rows_of, run_flow_with, source_of,
};
use crate::data_flow::testing::sqlite::SqliteFile;
use crate::value::{DataType, Value};

const TEXT: DataType = DataType::Wstr { length: 10 };
const PEOPLE: &str = "CREATE TABLE T (K nvarchar(10), G int, N nvarchar(10));
    INSERT INTO T VALUES ('Ann', 1, 'one'), ('Bob', 1, 'two'), ('Bob', 1, 'three'), (NULL, 1, 'none')";

fn connection(name: &str, manager_id: &str) -> ComponentConnection {
    ComponentConnection {
        name: name.to_owned(),
        manager_id: manager_id.to_owned(),
        manager_ref_id: String::new(),
    }
}

/// `source(k)` into a Lookup by `K`, which gives `N`; rows without a match into `none`.
fn lookup(properties: &[(&str, &str)], connected: ComponentConnection) -> Pipeline {
    let mut lookup = of_type("Microsoft.Lookup", middle("lookup"));
    lookup.properties = properties
        .iter()
        .map(|(name, value)| property(name, value))
        .collect();
    lookup.properties.push(property("NoMatchBehavior", "1"));
    lookup.connections.push(connected);
    let mut key = reads("source.k");
    key.properties.push(property("JoinToReferenceColumn", "K"));
    lookup.inputs[0].columns.push(key);
    let mut name = column("lookup.n", TEXT);
    name.properties
        .push(property("CopyFromReferenceColumn", "N"));
    lookup.outputs[0].columns.push(name);
    lookup.outputs[0].error_row_disposition = Disposition::NotUsed;
    lookup
        .outputs
        .push(named_output("lookup", "none", "lookup.in"));
    pipeline(
        vec![
            source_of("source", vec![column("source.k", TEXT)]),
            lookup,
            sink("sink", &["source.k", "lookup.n"]),
            sink("none", &["source.k"]),
        ],
        vec![
            path("source.out", "lookup.in"),
            path("lookup.out", "sink.in"),
            path("lookup.none", "none.in"),
        ],
    )
}

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

struct Looked {
    ran: Ran,
    matched: Vec<Vec<String>>,
    none: Vec<Vec<String>>,
}

fn run(flow: &Pipeline, keys: &[Option<&str>], database: &Arc<SqliteFile>) -> Looked {
    let rows: Vec<Row> = keys
        .iter()
        .map(|key| vec![key.map_or(Value::Null, text)])
        .collect();
    let (sink, in_sink) = collecting("sink");
    let (none, in_none) = collecting("none");
    let kinds: Vec<TestKind> = vec![rows_kind("source", vec![TEXT], rows, 2), sink, none];
    let ran = run_flow_with(flow, kinds, &[], |services| {
        services.connections = Arc::clone(database) as Arc<_>;
    });
    Looked {
        ran,
        matched: rows_of(&in_sink, &[TEXT, TEXT]),
        none: rows_of(&in_none, &[TEXT]),
    }
}

const KEYS: [Option<&str>; 7] = [
    Some("Ann"),
    Some("Bob"),
    Some("ann"),
    None,
    Some("Ann"),
    Some("Eve"),
    Some("Eve"),
];

fn asked_times(looked: &Looked) -> String {
    let messages = looked.ran.recorder.messages.lock().unwrap();
    let mut texts = messages.iter().map(|(_, message)| message.text.clone());
    texts
        .find(|text| text.contains("asked its reference query"))
        .unwrap()
}

#[test]
fn without_a_cache_the_database_is_asked_for_every_row_and_compares() {
    let database = Arc::new(SqliteFile::new(PEOPLE));
    let sql = ("SqlCommand", "SELECT K, N FROM [T];");
    let flow = lookup(
        &[sql, ("CacheType", "2")],
        connection("OleDbConnection", "db"),
    );
    let looked = run(&flow, &KEYS, &database);
    assert_eq!(looked.ran.errors(), Vec::<u32>::new());
    let matched = [
        vec![text("Ann"), text("one")],
        vec![text("Bob"), text("two")],
        vec![text("Ann"), text("one")],
    ];
    assert_eq!(looked.matched, printed(&matched));
    // NULL equals nothing in a database, unlike in a full cache.
    let none = [
        vec![text("ann")],
        vec![Value::Null],
        vec![text("Eve")],
        vec![text("Eve")],
    ];
    assert_eq!(looked.none, printed(&none));
    assert!(
        asked_times(&looked).contains("7 times"),
        "{}",
        asked_times(&looked)
    );
}

#[test]
fn a_partial_cache_asks_once_for_what_it_keeps() {
    let database = Arc::new(SqliteFile::new(PEOPLE));
    let own =
        "select * from (SELECT K, N FROM [T]) [refTable] where upper([refTable].[K]) = upper(?)";
    for (percentage, times) in [("0", "6 times"), ("50", "5 times")] {
        let flow = lookup(
            &[
                ("SqlCommandParam", own),
                ("ParameterMap", "#{source.k};"),
                ("CacheType", "1"),
                ("NoMatchCachePercentage", percentage),
            ],
            connection("OleDbConnection", "db"),
        );
        let looked = run(&flow, &KEYS, &database);
        assert_eq!(looked.ran.errors(), Vec::<u32>::new());
        // The package's own statement decides: here case does not count.
        assert_eq!(looked.matched.len(), 4);
        assert_eq!(looked.none.len(), 3);
        assert!(
            asked_times(&looked).contains(times),
            "{}",
            asked_times(&looked)
        );
    }
}

#[test]
fn a_statement_that_fails_is_named_with_the_component() {
    let database = Arc::new(SqliteFile::new(PEOPLE));
    let flow = lookup(
        &[("SqlCommand", "SELECT K FROM [T]"), ("CacheType", "2")],
        connection("OleDbConnection", "db"),
    );
    let looked = run(&flow, &[Some("Ann")], &database);
    assert_eq!(looked.ran.errors()[..2], [0xC020_2005, 0xC004_7022]);
    let flow = lookup(
        &[
            ("SqlCommandParam", "SELECT K, N FROM gone WHERE K = ?"),
            ("CacheType", "1"),
        ],
        connection("OleDbConnection", "db"),
    );
    let looked = run(&flow, &[Some("Ann")], &database);
    assert_eq!(looked.ran.errors()[0], 0xC020_2009);
    let text = looked.ran.recorder.find(0xC020_2009).text;
    assert!(text.contains("gone"), "{text}");
}

/// A cache of `K` (found by), and `N`.
fn cache_manager(properties: &[(&str, &str)]) -> ConnectionManager {
    let column = |attributes: &[(&str, &str)]| Element {
        name: "CacheColumn".to_owned(),
        attributes: attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Element::default()
    };
    let columns = Element {
        name: "CacheColumns".to_owned(),
        children: vec![
            column(&[
                ("ObjectName", "K"),
                ("DataType", "130"),
                ("Length", "10"),
                ("IndexPosition", "1"),
            ]),
            column(&[("ObjectName", "N"), ("DataType", "130"), ("Length", "10")]),
        ],
        ..Element::default()
    };
    let mut properties: BTreeMap<String, String> = properties
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let string = properties.remove("ConnectionString").unwrap_or_default();
    let mut manager = manager("CACHE", &string);
    manager.properties.extend(properties);
    manager.data.children.push(columns);
    manager
}

/// `people(k, n)` into a Cache Transform called `name`.
fn fill(name: &str, duplicates_fail: bool) -> Pipeline {
    let mut cache = of_type("Microsoft.Cache", middle(name));
    cache
        .connections
        .push(connection("CacheConnection", "cache"));
    cache.inputs[0].has_side_effects = true;
    cache.properties.push(property(
        "TreatDuplicateKeysAsError",
        &duplicates_fail.to_string(),
    ));
    for (from, to) in [("people.k", "K"), ("people.n", "N")] {
        let mut read = reads(from);
        read.properties.push(property("CacheColumnName", to));
        cache.inputs[0].columns.push(read);
    }
    let columns = vec![column("people.k", TEXT), column("people.n", TEXT)];
    pipeline(
        vec![source_of("people", columns), cache],
        vec![path("people.out", &format!("{name}.in"))],
    )
}

fn run_fill(flow: &Pipeline, people: &[(&str, &str)], database: &Arc<SqliteFile>) -> Ran {
    let rows: Vec<Row> = people.iter().map(|(k, n)| vec![text(k), text(n)]).collect();
    let kinds = vec![rows_kind("people", vec![TEXT, TEXT], rows, 2)];
    run_flow_with(flow, kinds, &[], |services| {
        services.connections = Arc::clone(database) as Arc<_>;
    })
}

fn over_cache() -> Pipeline {
    lookup(
        &[("ConnectionType", "1"), ("CacheType", "0")],
        connection("CacheConnection", "cache"),
    )
}

const FILLED: [(&str, &str); 3] = [("Ann", "one"), ("Bob", "two"), ("Bob", "three")];

#[test]
fn one_data_flow_fills_a_cache_and_another_looks_things_up() {
    let database = Arc::new(SqliteFile::new("").with_cache(cache_manager(&[])));
    let filled = run_fill(&fill("cache", false), &FILLED, &database);
    assert_eq!(filled.errors(), Vec::<u32>::new());
    let duplicates = filled.recorder.codes(crate::events::Severity::Warning);
    assert!(duplicates.contains(&0x8020_90E4), "{duplicates:x?}");
    let looked = run(&over_cache(), &[Some("Bob"), Some("ann")], &database);
    assert_eq!(looked.ran.errors(), Vec::<u32>::new());
    assert_eq!(looked.matched, printed(&[vec![text("Bob"), text("two")]]));
    assert_eq!(looked.none, printed(&[vec![text("ann")]]));
    // A loop fills it again: the new rows take the place of the old ones.
    run_fill(&fill("cache", false), &[("ann", "new")], &database);
    let looked = run(&over_cache(), &[Some("Bob"), Some("ann")], &database);
    assert_eq!(looked.matched, printed(&[vec![text("ann"), text("new")]]));
}

#[test]
fn only_one_cache_transform_may_fill_a_cache() {
    let database = Arc::new(SqliteFile::new("").with_cache(cache_manager(&[])));
    run_fill(&fill("first", false), &FILLED, &database);
    let second = run_fill(&fill("second", false), &FILLED, &database);
    assert_eq!(second.errors(), [0xC020_801C, 0xC004_701A]);
    let text = second.recorder.find(0xC020_801C).text;
    assert!(text.contains("first") && text.contains("second"), "{text}");
}

#[test]
fn duplicate_keys_fail_a_cache_that_says_so() {
    let database = Arc::new(SqliteFile::new("").with_cache(cache_manager(&[])));
    let filled = run_fill(&fill("cache", true), &FILLED, &database);
    assert_eq!(filled.errors().last(), Some(&0xC004_7018));
}

#[test]
fn an_empty_cache_says_what_is_missing() {
    let database = Arc::new(SqliteFile::new("").with_cache(cache_manager(&[])));
    let looked = run(&over_cache(), &[Some("Bob")], &database);
    assert_eq!(looked.ran.errors(), [0xC020_801C, 0xC004_701A]);
    let text = looked.ran.recorder.find(0xC020_801C).text;
    assert!(text.contains("Cache Transform"), "{text}");
}

#[test]
fn a_cache_with_a_file_is_there_for_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.caw").display().to_string();
    let kept = || {
        let manager = cache_manager(&[("UseFile", "True"), ("ConnectionString", &file)]);
        Arc::new(SqliteFile::new("").with_cache(manager))
    };
    let filled = run_fill(&fill("cache", false), &FILLED, &kept());
    assert_eq!(filled.errors(), Vec::<u32>::new());
    let looked = run(&over_cache(), &[Some("Bob")], &kept());
    assert_eq!(looked.ran.errors(), Vec::<u32>::new());
    assert_eq!(looked.matched, printed(&[vec![text("Bob"), text("two")]]));
}

#[test]
fn what_is_joined_has_to_be_what_the_cache_is_found_by() {
    let database = Arc::new(SqliteFile::new("").with_cache(cache_manager(&[])));
    let mut flow = over_cache();
    let joined = &mut flow.components[1].inputs[0].columns[0];
    joined.properties[0].value = "N".to_owned();
    let looked = run(&flow, &[], &database);
    assert_eq!(looked.ran.errors(), [0xC020_903F, 0xC004_700C]);
    let mut flow: Pipeline = over_cache();
    let not_there: &mut Component = &mut flow.components[1];
    not_there.connections[0].manager_id = "gone".to_owned();
    assert_eq!(
        run(&flow, &[], &database).ran.errors().last(),
        Some(&0xC004_700C)
    );
}
