//! Random schemas, rows and chains of transforms, with and without room in memory, against the
//! same steps done row by row on a list.

use std::cmp::Ordering;
use std::sync::Arc;

use proptest::prelude::*;
use scaleout_core::package::pipeline::{Component, ComponentConnection, Path, Pipeline};
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::data_flow::testing::database::OneTable;
use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, component, middle, named_output, of_type, output, path, pipeline, property, reads,
    sink, with_input,
};
use crate::data_flow::testing::run::{Row, printed, rows_kind, rows_of, run_flow_with, source_of};
use crate::value::{DataType, TypedValue, Value};

const TEXT: DataType = DataType::Wstr { length: 6 };
const MONEY: DataType = DataType::Numeric {
    precision: 9,
    scale: 2,
};
const TASK: &str = "System::TaskName";

/// A step; numbers choose among the columns that it can work on.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Copy Column.
    Copy(usize),
    /// Sort by a column, and by another one where that is equal.
    Sort(usize, usize, bool),
    /// Sort that leaves one row of each key.
    Distinct(usize),
    /// Aggregate: group by a column and count.
    Count(usize),
    /// Lookup of an integer; rows without a match are dropped.
    Find(usize),
    /// Character Map to capital letters, into a new column.
    Upper(usize),
    /// Audit.
    Audit,
    /// Unpivot of two integers; the first column goes along.
    Unpivot(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let at = || 0..6usize;
    prop_oneof![
        at().prop_map(Step::Copy),
        (at(), at(), any::<bool>()).prop_map(|(a, b, down)| Step::Sort(a, b, down)),
        at().prop_map(Step::Distinct),
        at().prop_map(Step::Count),
        at().prop_map(Step::Find),
        at().prop_map(Step::Upper),
        Just(Step::Audit),
        (at(), at()).prop_map(|(a, b)| Step::Unpivot(a, b)),
    ]
}

fn cell(data_type: DataType) -> BoxedStrategy<Value> {
    let some = match data_type {
        DataType::I4 => (-3..9i32).prop_map(Value::I4).boxed(),
        DataType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        DataType::DbDate => (0..5i32).prop_map(Value::DbDate).boxed(),
        MONEY => (-300..300i128).prop_map(Value::Decimal).boxed(),
        _ => "[ab]{0,3}".prop_map(|text| Value::Str(text.into())).boxed(),
    };
    prop_oneof![1 => Just(Value::Null), 5 => some].boxed()
}

fn table() -> impl Strategy<Value = (Vec<DataType>, Vec<Row>)> {
    let types = vec![DataType::I4, TEXT, MONEY, DataType::Bool, DataType::DbDate];
    let more = proptest::collection::vec(proptest::sample::select(types), 0..4);
    more.prop_flat_map(|more| {
        let mut types = vec![DataType::I4, TEXT, DataType::I4];
        types.extend(more);
        let cells: Vec<_> = types.iter().map(|data_type| cell(*data_type)).collect();
        (Just(types), proptest::collection::vec(cells, 0..60))
    })
}

/// The reference of lookups: even numbers, with ten times as much.
fn reference() -> OneTable {
    let rows: Vec<Row> = (0..5)
        .map(|number| vec![Value::I4(number * 2), Value::I4(number * 20)])
        .collect();
    OneTable::new(&[("k", DataType::I4), ("n", DataType::I4)], &rows)
}

/// A chain under construction, and what its rows are there.
struct Chain {
    components: Vec<Component>,
    paths: Vec<Path>,
    end: String,
    columns: Vec<(String, DataType)>,
    rows: Vec<Row>,
}

impl Chain {
    fn attach(&mut self, component: Component, end: &str) {
        self.paths.push(path(&self.end, &component.inputs[0].id));
        self.end = format!("{}.{end}", component.name);
        self.components.push(component);
    }

    /// Positions of the columns of a type.
    fn of_type(&self, wanted: DataType) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns
            .filter(|(_, (_, data_type))| *data_type == wanted)
            .map(|(at, _)| at)
            .collect()
    }

    fn add(&mut self, number: usize, step: Step) {
        let name = format!("s{number}");
        let any = |at: usize| at % self.columns.len();
        match step {
            Step::Copy(at) => self.copy(&name, any(at)),
            Step::Sort(first, second, down) => self.sort(&name, &[any(first), any(second)], down),
            Step::Distinct(at) => self.distinct(&name, any(at)),
            Step::Count(at) => self.count(&name, any(at)),
            Step::Audit => self.audit(&name),
            Step::Find(at) => {
                let integers = self.of_type(DataType::I4);
                if !integers.is_empty() {
                    self.find(&name, integers[at % integers.len()]);
                }
            }
            Step::Upper(at) => {
                let texts = self.of_type(TEXT);
                if !texts.is_empty() {
                    self.upper(&name, texts[at % texts.len()]);
                }
            }
            Step::Unpivot(first, second) => {
                let integers = self.of_type(DataType::I4);
                if !integers.is_empty() {
                    let pick = |at: usize| integers[at % integers.len()];
                    self.unpivot(&name, pick(first), pick(second));
                }
            }
        }
    }

    fn copy(&mut self, name: &str, at: usize) {
        let (lineage, data_type) = self.columns[at].clone();
        let mut copy = of_type("Microsoft.CopyMap", middle(name));
        let mut made = column(&format!("{name}.c"), data_type);
        made.properties
            .push(property("CopyColumnId", &format!("#{{{lineage}}}")));
        copy.outputs[0].columns.push(made);
        copy.inputs[0].columns.push(reads(&lineage));
        self.attach(copy, "out");
        self.columns.push((format!("{name}.c"), data_type));
        self.rows
            .iter_mut()
            .for_each(|row| row.push(row[at].clone()));
    }

    /// A Sort whose output has all columns again.
    fn sorted(&mut self, name: &str, keys: &[(usize, i32)], distinct: bool) {
        let sort = component(name, vec![output(name, "")]);
        let mut sort = with_input(of_type("Microsoft.Sort", sort));
        sort.properties
            .push(property("EliminateDuplicates", &distinct.to_string()));
        for (at, (lineage, data_type)) in self.columns.iter_mut().enumerate() {
            let mut read = reads(lineage);
            let key = keys.iter().find(|(key, _)| *key == at);
            let rank = key.map_or(0, |(_, rank)| *rank);
            read.properties
                .push(property("NewSortKeyPosition", &rank.to_string()));
            sort.inputs[0].columns.push(read);
            let made_id = format!("{name}.c{at}");
            let mut made = column(&made_id, *data_type);
            made.properties
                .push(property("SortColumnId", &format!("#{{{lineage}}}")));
            sort.outputs[0].columns.push(made);
            *lineage = made_id;
        }
        self.attach(sort, "out");
    }

    fn sort(&mut self, name: &str, by: &[usize; 2], down: bool) {
        let second = (by[0] != by[1]).then_some((by[1], 2));
        let first = (by[0], if down { -1 } else { 1 });
        let keys: Vec<(usize, i32)> = std::iter::once(first).chain(second).collect();
        self.sorted(name, &keys, false);
        self.rows.sort_by(|left, right| {
            let first = compared(&left[by[0]], &right[by[0]]);
            let first = if down { first.reverse() } else { first };
            first.then_with(|| compared(&left[by[1]], &right[by[1]]))
        });
    }

    fn distinct(&mut self, name: &str, at: usize) {
        self.sorted(name, &[(at, 1)], true);
        self.rows
            .sort_by(|left, right| compared(&left[at], &right[at]));
        self.rows
            .dedup_by(|next, kept| compared(&next[at], &kept[at]) == Ordering::Equal);
    }

    fn count(&mut self, name: &str, at: usize) {
        let (lineage, data_type) = self.columns[at].clone();
        let aggregate = component(name, vec![output(name, "")]);
        let mut aggregate = with_input(of_type("Microsoft.Aggregate", aggregate));
        aggregate.inputs[0].columns.push(reads(&lineage));
        for (made, function, data_type) in [("g", "0", data_type), ("n", "2", DataType::I4)] {
            let mut made = column(&format!("{name}.{made}"), data_type);
            made.properties = vec![
                property("AggregationColumnId", &format!("#{{{lineage}}}")),
                property("AggregationType", function),
            ];
            aggregate.outputs[0].columns.push(made);
        }
        self.attach(aggregate, "out");
        self.columns = vec![
            (format!("{name}.g"), data_type),
            (format!("{name}.n"), DataType::I4),
        ];
        let mut groups: Vec<(Value, i32)> = Vec::new();
        for row in &self.rows {
            let same = |group: &&mut (Value, i32)| compared(&group.0, &row[at]) == Ordering::Equal;
            match groups.iter_mut().find(same) {
                Some(group) => group.1 += 1,
                None => groups.push((row[at].clone(), 1)),
            }
        }
        let groups = groups.into_iter();
        self.rows = groups
            .map(|(key, count)| vec![key, Value::I4(count)])
            .collect();
    }

    fn find(&mut self, name: &str, at: usize) {
        let mut lookup = of_type("Microsoft.Lookup", middle(name));
        lookup.properties = vec![
            property("SqlCommand", "select k, n from T"),
            property("NoMatchBehavior", "1"),
        ];
        lookup.connections.push(ComponentConnection {
            name: "OleDbConnection".to_owned(),
            manager_id: "db".to_owned(),
            manager_ref_id: String::new(),
        });
        let mut key = reads(&self.columns[at].0);
        key.properties.push(property("JoinToReferenceColumn", "k"));
        lookup.inputs[0].columns.push(key);
        let mut made = column(&format!("{name}.n"), DataType::I4);
        made.properties
            .push(property("CopyFromReferenceColumn", "n"));
        lookup.outputs[0].columns.push(made);
        lookup
            .outputs
            .push(named_output(name, "none", &format!("{name}.in")));
        self.attach(lookup, "out");
        self.columns.push((format!("{name}.n"), DataType::I4));
        self.rows.retain_mut(|row| match row[at] {
            Value::I4(key) if (0..10).contains(&key) && key % 2 == 0 => {
                row.push(Value::I4(key * 10));
                true
            }
            _ => false,
        });
    }

    fn upper(&mut self, name: &str, at: usize) {
        let mut map = of_type("Microsoft.CharacterMap", middle(name));
        let lineage = &self.columns[at].0;
        map.inputs[0].columns.push(reads(lineage));
        let mut made = column(&format!("{name}.u"), TEXT);
        made.properties = vec![
            property("MapFlags", "512"),
            property("InputColumnLineageID", &format!("#{{{lineage}}}")),
        ];
        map.outputs[0].columns.push(made);
        self.attach(map, "out");
        self.columns.push((format!("{name}.u"), TEXT));
        for row in &mut self.rows {
            row.push(match &row[at] {
                Value::Str(text) => Value::Str(text.to_uppercase().into()),
                _ => Value::Null,
            });
        }
    }

    fn audit(&mut self, name: &str) {
        let mut audit = of_type("Microsoft.Lineage", middle(name));
        let mut made = column(&format!("{name}.t"), TEXT);
        made.properties.push(property("LineageItemSelected", "7"));
        audit.outputs[0].columns.push(made);
        self.attach(audit, "out");
        self.columns.push((format!("{name}.t"), TEXT));
        let value = Value::Str("load".into());
        self.rows.iter_mut().for_each(|row| row.push(value.clone()));
    }

    fn unpivot(&mut self, name: &str, first: usize, second: usize) {
        let unpivot = component(name, vec![output(name, "")]);
        let mut unpivot = with_input(of_type("Microsoft.UnPivot", unpivot));
        let mut made = vec![
            column(&format!("{name}.k"), TEXT),
            column(&format!("{name}.v"), DataType::I4),
        ];
        made[0].properties.push(property("PivotKey", "true"));
        unpivot.outputs[0].columns = made;
        let mut from = vec![(first, "first")];
        if first != second {
            from.push((second, "second"));
        }
        for (at, key) in &from {
            let mut read = reads(&self.columns[*at].0);
            read.properties = vec![
                property("PivotKeyValue", key),
                property("DestinationColumn", &format!("#{{{name}.v}}")),
            ];
            unpivot.inputs[0].columns.push(read);
        }
        self.attach(unpivot, "out");
        self.columns = vec![
            (format!("{name}.k"), TEXT),
            (format!("{name}.v"), DataType::I4),
        ];
        let mut rows: Vec<Row> = Vec::new();
        for row in &self.rows {
            let before = rows.len();
            for (at, key) in &from {
                if !matches!(row[*at], Value::Null) {
                    rows.push(vec![Value::Str((*key).into()), row[*at].clone()]);
                }
            }
            if rows.len() == before {
                rows.push(vec![Value::Str("first".into()), Value::Null]);
            }
        }
        self.rows = rows;
    }

    fn finish(mut self) -> (Pipeline, Vec<DataType>, Vec<Row>) {
        let lineages: Vec<&str> = self.columns.iter().map(|(id, _)| id.as_str()).collect();
        let sink = sink("sink", &lineages);
        self.attach(sink, "");
        let types = self.columns.iter().map(|(_, data_type)| *data_type);
        let types = types.collect();
        (pipeline(self.components, self.paths), types, self.rows)
    }
}

/// NULL first; all texts are small letters.
fn compared(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::I4(left), Value::I4(right)) => left.cmp(right),
        (Value::DbDate(left), Value::DbDate(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Decimal(left), Value::Decimal(right)) => left.cmp(right),
        (Value::Str(left), Value::Str(right)) => left.cmp(right),
        _ => unreachable!("columns have one type"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_chain_of_transforms_gives_what_its_steps_give_row_by_row(
        (types, rows) in table(),
        steps in proptest::collection::vec(step(), 1..6),
        batch in 1usize..20,
        batch_out in 1u32..20,
        threads in 1..8u32,
        budget in proptest::sample::select(vec![0, 1500]),
    ) {
        let columns = types.iter().enumerate();
        let columns: Vec<(String, DataType)> = columns
            .map(|(at, data_type)| (format!("source.c{at}"), *data_type))
            .collect();
        let made = columns.iter().map(|(id, data_type)| column(id, *data_type));
        let mut chain = Chain {
            components: vec![source_of("source", made.collect())],
            paths: Vec::new(),
            end: "source.out".to_owned(),
            columns,
            rows: rows.clone(),
        };
        for (number, step) in steps.iter().enumerate() {
            chain.add(number, *step);
        }
        let (mut flow, out_types, expected) = chain.finish();
        flow.engine_threads = threads;
        flow.default_buffer_max_rows = batch_out;
        let (sink, collected) = collecting("sink");
        let task = TypedValue { data_type: TEXT, value: Value::Str("load".into()) };
        let kinds = vec![rows_kind("source", types, rows, batch), sink];
        let ran = run_flow_with(&flow, kinds, &[(TASK, task)], |services| {
            services.connections = Arc::new(reference());
            services.settings = Arc::new(RuntimeSettings {
                data_flow_memory_budget: budget,
                ..RuntimeSettings::default()
            });
        });
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        prop_assert_eq!(rows_of(&collected, &out_types), printed(&expected));
    }
}
