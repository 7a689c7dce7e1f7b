//! The order in which the rows of an input arrive, as the file declares it.

use scaleout_core::package::pipeline::Pipeline;

use super::graph::Graph;
use super::static_schema::synchronous_input;

/// One column of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// Lineage id of the column.
    pub lineage_id: String,
    /// Name of the column.
    pub name: String,
    /// `SortKeyPosition` without its sign, from 1.
    pub position: u32,
    /// Largest first.
    pub descending: bool,
    /// `ComparisonFlags`
    pub comparison_flags: u32,
}

/// The columns by which rows are sorted, the first decides first. Empty where the output says
/// that it is sorted and not by what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SortOrder {
    /// Columns.
    pub keys: Vec<SortKey>,
}

/// The order of each input of a component; `None` where nobody declares one.
///
/// A synchronous component keeps the order, whatever its own output says.
#[must_use]
pub fn input_orders(
    pipeline: &Pipeline,
    graph: &Graph,
    component: usize,
) -> Vec<Option<SortOrder>> {
    let inputs = graph.incoming[component].iter();
    inputs
        .map(|edge| output_order(pipeline, graph, (*edge)?))
        .collect()
}

fn output_order(pipeline: &Pipeline, graph: &Graph, edge: usize) -> Option<SortOrder> {
    let mut from = graph.edges[edge].from;
    // In a layout with a circle, which is refused elsewhere, the way up would have no end.
    for _ in &pipeline.components {
        let component = &pipeline.components[from.component];
        let output = component.outputs.get(from.index)?;
        let Some(input) = synchronous_input(component, output) else {
            return output.is_sorted.then(|| {
                let columns = output.columns.iter();
                let mut keys: Vec<SortKey> = columns
                    .filter(|column| column.sort_key_position != 0)
                    .map(|column| SortKey {
                        lineage_id: column.lineage_id.clone(),
                        name: column.name.clone(),
                        position: column.sort_key_position.unsigned_abs(),
                        descending: column.sort_key_position < 0,
                        comparison_flags: column.comparison_flags,
                    })
                    .collect();
                keys.sort_by_key(|key| key.position);
                SortOrder { keys }
            });
        };
        let above = graph.incoming[from.component].get(input).copied()??;
        from = graph.edges[above].from;
    }
    None
}

#[cfg(test)]
mod tests {
    use scaleout_core::package::DataType;

    use super::super::testing::pipelines::{
        column, component, middle, output, path, pipeline, sink, source, with_input,
    };
    use super::*;

    #[test]
    fn synchronous_components_keep_the_order_and_others_do_not() {
        let mut sorted = source("a");
        sorted.outputs[0].is_sorted = true;
        let mut second = column("a.d", DataType::I4);
        second.sort_key_position = -1;
        sorted.outputs[0].columns[0].sort_key_position = 2;
        sorted.outputs[0].columns[0].comparison_flags = 1;
        sorted.outputs[0].columns.push(second);
        let union = with_input(component("u", vec![output("u", "")]));
        let flow = pipeline(
            vec![sorted, middle("m"), union, sink("s", &[])],
            vec![
                path("a.out", "m.in"),
                path("m.out", "u.in"),
                path("u.out", "s.in"),
            ],
        );
        let (graph, _) = Graph::of(&flow, "\\P\\D");
        let orders = input_orders(&flow, &graph, 2);
        let keys = &orders[0].as_ref().unwrap().keys;
        let found: Vec<_> = keys
            .iter()
            .map(|key| {
                (
                    key.lineage_id.as_str(),
                    key.position,
                    key.descending,
                    key.comparison_flags,
                )
            })
            .collect();
        assert_eq!(found, [("a.d", 1, true, 0), ("a.c", 2, false, 1)]);
        assert_eq!(input_orders(&flow, &graph, 3), [None]);
        assert_eq!(input_orders(&flow, &graph, 0), []);
    }
}
