//! Memory and disk against a search through a list.

use std::collections::HashMap;

use proptest::prelude::*;
use scaleout_core::protocol::executor::RuntimeSettings;

use super::*;
use crate::cancel::CancelToken;
use crate::convert::{array_of, value_at};
use crate::data_flow::columns;
use crate::data_flow::memory::MemoryPool;
use crate::data_flow::row_keys::{KeyColumn, KeyEncoder, Purpose};
use crate::data_flow::schema::Column;
use crate::data_flow::spill::SpillFolder;
use crate::value::{DataType, Value};

const TEXT: DataType = DataType::Wstr { length: 20 };

fn schema() -> Schema {
    Schema::new(
        [("k", TEXT), ("n", DataType::I4)].map(|(name, data_type)| Column {
            lineage_id: String::new(),
            name: name.to_owned(),
            data_type,
        }),
    )
}

fn batch(rows: &[(Option<String>, i32)]) -> arrow::record_batch::RecordBatch {
    let keys = rows.iter().map(|(key, _)| {
        let key = key.as_deref();
        key.map_or(Value::Null, |key| Value::Str(key.into()))
    });
    let numbers = rows.iter().map(|(_, number)| Value::I4(*number));
    let arrays = vec![
        array_of(&keys.collect::<Vec<_>>(), TEXT).unwrap(),
        array_of(&numbers.collect::<Vec<_>>(), DataType::I4).unwrap(),
    ];
    columns::batch(schema().to_arrow(), arrays, rows.len()).unwrap()
}

fn encoder() -> KeyEncoder {
    KeyEncoder::new(vec![KeyColumn::exact(0, TEXT)], Purpose::Equality).unwrap()
}

fn collect(rows: &[(Option<String>, i32)], part: usize, budget: u64) -> KeyedRows {
    let settings = RuntimeSettings {
        data_flow_memory_budget: budget,
        ..RuntimeSettings::default()
    };
    let mut builder = KeyedRowsBuilder::new(KeyedRowsSettings {
        schema: schema(),
        distinct: false,
        batch_rows: 7,
        memory: MemoryPool::of(&settings),
        folder: SpillFolder::of(&settings),
        cancel: CancelToken::new(),
    });
    for part in rows.chunks(part) {
        let batch = batch(part);
        let keys = encoder().keys(&batch).unwrap();
        // Numbers divisible by seven stand for keys that no row can have.
        let possible: Vec<bool> = part.iter().map(|(_, number)| number % 7 != 0).collect();
        builder.push(keys, batch, &possible).unwrap();
    }
    builder.finish().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_first_row_with_a_key_is_found_in_memory_and_on_disk(
        rows in proptest::collection::vec(
            (proptest::option::of("[ab]{0,3}"), 1..100i32), 0..120,
        ),
        asked in proptest::collection::vec(proptest::option::of("[ab]{0,3}"), 1..40),
        part in 1usize..20,
    ) {
        let mut expected: HashMap<Option<String>, i32> = HashMap::new();
        let mut has_duplicates = false;
        for (key, number) in rows.iter().filter(|(_, number)| number % 7 != 0) {
            has_duplicates |= expected.contains_key(key);
            expected.entry(key.clone()).or_insert(*number);
        }
        let questions: Vec<(Option<String>, i32)> =
            asked.iter().map(|key| (key.clone(), 0)).collect();
        let keys = encoder().keys(&batch(&questions)).unwrap();
        let possible = vec![true; asked.len()];
        for budget in [1 << 30, 600] {
            let keyed = collect(&rows, part, budget);
            prop_assert_eq!(keyed.count(), rows.len() as u64);
            prop_assert_eq!(keyed.has_duplicates(), has_duplicates);
            if 30 < rows.len() {
                prop_assert_eq!(keyed.is_on_disk(), budget == 600);
            }
            let found = keyed.find(&keys, &possible, &[1]).unwrap();
            for (row, key) in asked.iter().enumerate() {
                let value = value_at(found.columns[0].as_ref(), row, DataType::I4);
                let wanted = expected.get(key).map_or(Value::Null, |it| Value::I4(*it));
                prop_assert_eq!(format!("{value:?}"), format!("{wanted:?}"));
                prop_assert_eq!(found.matched.value(row), expected.contains_key(key));
            }
        }
    }
}

#[test]
fn many_blocks_on_disk_are_all_found_and_handed_out() {
    let rows: Vec<(Option<String>, i32)> = (1..=5000)
        .map(|number| (Some(format!("key {:08}", number * 3)), number * 7 + 1))
        .collect();
    let keyed = collect(&rows, 500, 50_000);
    assert!(keyed.is_on_disk());
    let keys = encoder().keys(&batch(&rows)).unwrap();
    let found = keyed.find(&keys, &vec![true; rows.len()], &[1, 0]).unwrap();
    for (row, (_, number)) in rows.iter().enumerate() {
        let value = value_at(found.columns[0].as_ref(), row, DataType::I4);
        assert_eq!(format!("{value:?}"), format!("I4({number})"));
    }
    let mut count = 0;
    keyed
        .each_batch(|batch| {
            count += batch.num_rows();
            Ok(())
        })
        .unwrap();
    assert_eq!(count, rows.len());
}

#[test]
fn a_key_that_is_said_to_be_impossible_is_not_found() {
    let keyed = collect(&[(Some("a".to_owned()), 1)], 1, 1 << 30);
    let keys = encoder()
        .keys(&batch(&[(Some("a".to_owned()), 0)]))
        .unwrap();
    assert!(!keyed.find(&keys, &[false], &[1]).unwrap().matched.value(0));
    assert!(keyed.find(&keys, &[true], &[1]).unwrap().matched.value(0));
}

#[test]
fn no_rows_at_all_find_nothing_of_the_right_type() {
    let keyed = collect(&[], 1, 1 << 30);
    let keys = encoder().keys(&batch(&[(None, 0)])).unwrap();
    let found = keyed.find(&keys, &[true], &[1]).unwrap();
    assert!(!found.matched.value(0));
    assert_eq!(
        found.columns[0].data_type(),
        &arrow::datatypes::DataType::Int32
    );
}
