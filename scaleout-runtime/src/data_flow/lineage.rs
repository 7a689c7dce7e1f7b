//! Lineage ids: which are used, and the integer that stands for each while a data flow runs.

use std::collections::{HashMap, HashSet};

use scaleout_core::package::pipeline::{Component, Pipeline, Property};

/// The run-time integers of lineage ids.
///
/// Formats 2 and 3 have integers already and keep them; the path strings of later
/// formats are numbered in file order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineageNumbers(HashMap<String, i32>);

impl LineageNumbers {
    /// Numbers every output column of a pipeline.
    #[must_use]
    pub fn of(pipeline: &Pipeline) -> Self {
        let ids = lineage_ids(pipeline);
        let taken: HashSet<i32> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let mut free = (1..=i32::MAX).filter(|number| !taken.contains(number));
        let mut numbers = HashMap::new();
        for id in ids {
            if numbers.contains_key(id) {
                continue;
            }
            let number = id.parse().ok().or_else(|| free.next()).unwrap_or(0);
            numbers.insert(id.to_owned(), number);
        }
        Self(numbers)
    }

    /// The number of a lineage id; 0 when it is unknown.
    #[must_use]
    pub fn number(&self, lineage_id: &str) -> i32 {
        self.0.get(lineage_id).copied().unwrap_or(0)
    }

    /// The highest number; 0 when there is none.
    #[must_use]
    pub fn highest(&self) -> i32 {
        self.0.values().copied().max().unwrap_or(0)
    }
}

/// The lineage ids that a component reads: its input columns and the references in its properties.
pub fn used_by(component: &Component) -> impl Iterator<Item = String> + '_ {
    let columns = component.inputs.iter().flat_map(|input| &input.columns);
    let read = columns.clone().map(|column| column.lineage_id.clone());
    let inputs = component.inputs.iter().map(|input| &input.properties);
    let outputs = component.outputs.iter().map(|output| &output.properties);
    let output_columns = component.outputs.iter().flat_map(|output| &output.columns);
    let properties = std::iter::once(&component.properties)
        .chain(inputs)
        .chain(outputs)
        .chain(columns.map(|column| &column.properties))
        .chain(output_columns.map(|column| &column.properties));
    read.chain(properties.flatten().flat_map(references))
}

/// The lineage ids in a property: `#{id}` and `#12` in its text, or the text itself.
#[must_use]
pub fn references(property: &Property) -> Vec<String> {
    if !property.contains_id {
        return Vec::new();
    }
    let mut found = vec![property.value.clone()];
    let mut pieces = property.value.split('#');
    pieces.next();
    for piece in pieces {
        if let Some(braced) = piece.strip_prefix('{') {
            found.extend(braced.split('}').next().map(str::to_owned));
        } else {
            let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
            found.push(digits);
        }
    }
    found
}

fn lineage_ids(pipeline: &Pipeline) -> Vec<&str> {
    let outputs = pipeline
        .components
        .iter()
        .flat_map(|component| &component.outputs);
    let columns = outputs.flat_map(|output| &output.columns);
    columns.map(|column| column.lineage_id.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::pipelines::chain;
    use super::*;

    #[test]
    fn integers_stay_and_strings_get_free_numbers() {
        let mut flow = chain(&["source", "middle", "sink"]);
        flow.components[0].outputs[0].columns[0].lineage_id = "1".to_owned();
        let mut second = flow.components[0].outputs[0].columns[0].clone();
        second.lineage_id = "Package\\D\\x.Outputs[o].Columns[c]".to_owned();
        flow.components[0].outputs[0].columns.push(second);

        let numbers = LineageNumbers::of(&flow);
        assert_eq!(numbers.number("1"), 1);
        assert_eq!(numbers.number("Package\\D\\x.Outputs[o].Columns[c]"), 2);
        assert_eq!(numbers.number("unknown"), 0);
    }

    #[test]
    fn references_in_expressions_count_as_use() {
        let property = |value: &str| Property {
            value: value.to_owned(),
            contains_id: true,
            ..Property::default()
        };
        let found = references(&property("[ISNULL](#{P\\a.Columns[b]}) || #12 > 1"));
        assert!(found.contains(&"P\\a.Columns[b]".to_owned()) && found.contains(&"12".to_owned()));
    }
}
