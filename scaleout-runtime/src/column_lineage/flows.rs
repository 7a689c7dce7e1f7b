//! Values on their way from sources to destinations.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::{
    Component, InputColumn, Output, OutputColumn, Pipeline, Property,
};

use super::model::{ColumnLineage, Place, Step};
use super::places::place;
use super::steps::{expression_of, step_of};
use crate::data_flow::lineage::references;
use crate::data_flow::plan::Plan;
use crate::data_flow::static_schema::synchronous_input;

/// Where a value comes from, and what has become of it.
#[derive(Clone, Debug, Default)]
struct Flow {
    sources: BTreeSet<Place>,
    through: Vec<Step>,
    possibly_fewer: bool,
}

impl Flow {
    /// A value made of others.
    fn of(parts: &[Rc<Flow>]) -> Self {
        let mut flow = Self::default();
        for part in parts {
            flow.sources.extend(part.sources.iter().cloned());
            for step in &part.through {
                if !flow.through.contains(step) {
                    flow.through.push(step.clone());
                }
            }
            flow.possibly_fewer |= part.possibly_fewer;
        }
        flow
    }

    fn then(mut self, component: &Component, expression: Option<String>) -> Self {
        self.through.extend(expression.map(|expression| Step {
            component: component.name.clone(),
            expression,
        }));
        self
    }
}

/// The values that flow over a path, by lineage id.
type Values = HashMap<String, Rc<Flow>>;

/// The columns that the destinations of a data flow write.
pub(super) fn columns_of(
    pipeline: &Pipeline,
    task_path: &str,
    managers: &[&ConnectionManager],
) -> Vec<ColumnLineage> {
    let (plan, _) = Plan::of(pipeline, task_path);
    let mut leaving: HashMap<(usize, usize), Values> = HashMap::new();
    let mut written = Vec::new();
    for &index in &plan.order {
        let component = &pipeline.components[index];
        let arriving = plan.graph.incoming[index].iter().map(|edge| {
            let from = edge.map(|edge| plan.graph.edges[edge].from);
            let values = from.and_then(|from| leaving.get(&(from.component, from.index)));
            values.cloned().unwrap_or_default()
        });
        let at = Station {
            component,
            arriving: arriving.collect(),
            managers,
        };
        written.extend(at.written());
        for (number, output) in component.outputs.iter().enumerate() {
            leaving.insert((index, number), at.leaving(output));
        }
    }
    written
}

/// A component with the values that arrive at its inputs.
struct Station<'s> {
    component: &'s Component,
    arriving: Vec<Values>,
    managers: &'s [&'s ConnectionManager],
}

impl Station<'_> {
    /// What the component writes to the outside: the columns that are mapped.
    fn written(&self) -> Vec<ColumnLineage> {
        // A Lookup has a connection, too, but nothing mapped.
        if self.component.connections.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (input, values) in self.component.inputs.iter().zip(&self.arriving) {
            for column in input.columns.iter().filter(|it| !it.external_id.is_empty()) {
                let external = input.external_columns.iter();
                let name = external
                    .filter(|it| it.id == column.external_id)
                    .map(|it| &it.name)
                    .next();
                let flow = values.get(&column.lineage_id).cloned().unwrap_or_default();
                found.push(ColumnLineage {
                    destination: self.place(name.unwrap_or(&column.name)),
                    sources: flow.sources.iter().cloned().collect(),
                    through: flow.through.clone(),
                    possibly_fewer: flow.possibly_fewer,
                });
            }
        }
        found
    }

    /// What flows on over an output.
    fn leaving(&self, output: &Output) -> Values {
        let mut values = match synchronous_input(self.component, output) {
            Some(input) => self.arriving.get(input).cloned().unwrap_or_default(),
            None => Values::new(),
        };
        for (input, arriving) in self.component.inputs.iter().zip(&self.arriving) {
            for column in input.columns.iter().filter(|column| column.read_write) {
                let Some(flow) = self.changed(column, arriving) else {
                    continue;
                };
                values.insert(column.lineage_id.clone(), Rc::new(flow));
            }
        }
        for column in &output.columns {
            let flow = self.made(output, column);
            values.insert(column.lineage_id.clone(), Rc::new(flow));
        }
        values
    }

    /// A column that is changed in place.
    fn changed(&self, column: &InputColumn, arriving: &Values) -> Option<Flow> {
        let parts = self.referenced(&column.properties);
        let parts = match parts.is_empty() {
            true => arriving
                .get(&column.lineage_id)
                .into_iter()
                .cloned()
                .collect(),
            false => parts,
        };
        let expression = expression_of(&column.properties);
        expression
            .is_some()
            .then(|| Flow::of(&parts).then(self.component, expression))
    }

    /// A column that the component makes.
    fn made(&self, output: &Output, column: &OutputColumn) -> Flow {
        let step = step_of(self.component, column);
        if self.component.inputs.is_empty() {
            return match column.special_flags {
                0 => self.read(output, column),
                _ => Flow::default(),
            };
        }
        if self.component.component_type == "Microsoft.Lookup" && column.special_flags == 0 {
            return self.looked_up(column).then(self.component, step);
        }
        let mut parts = self.referenced(&column.properties);
        parts.extend(self.pointing_at(column));
        let has_expression = expression_of(&column.properties).is_some();
        let names_nothing = parts.is_empty() && !has_expression && column.special_flags == 0;
        if !names_nothing || makes_its_own(self.component) {
            return Flow::of(&parts).then(self.component, step);
        }
        let all: Vec<Rc<Flow>> = self.used_values().collect();
        Flow {
            possibly_fewer: 1 < all.len() || self.component.inputs.len() > 1,
            ..Flow::of(&all).then(self.component, step)
        }
    }

    /// A column of the outside.
    fn read(&self, output: &Output, column: &OutputColumn) -> Flow {
        let mut externals = output.external_columns.iter();
        let external = externals.find(|it| it.id == column.external_id);
        let name = external.map_or(&column.name, |it| &it.name);
        Flow {
            sources: BTreeSet::from([self.place(name)]),
            ..Flow::default()
        }
    }

    /// A column of the reference of a Lookup.
    fn looked_up(&self, column: &OutputColumn) -> Flow {
        let mut properties = column.properties.iter();
        let reference = properties.find(|it| it.name == "CopyFromReferenceColumn");
        let name = reference.map_or(column.name.as_str(), |it| it.value.as_str());
        Flow {
            sources: BTreeSet::from([self.place(name)]),
            ..Flow::default()
        }
    }

    fn place(&self, column: &str) -> Place {
        place(self.component, self.managers, column)
    }

    /// The values that properties refer to, by lineage id or by the id of an input column.
    fn referenced(&self, properties: &[Property]) -> Vec<Rc<Flow>> {
        let ids = properties.iter().flat_map(|property| {
            // Old files do not mark the properties that hold an id.
            let marked = Property {
                contains_id: property.contains_id || holds_id(&property.name),
                ..property.clone()
            };
            references(&marked)
        });
        let mut seen = BTreeSet::new();
        ids.filter(|id| seen.insert(id.clone()))
            .filter_map(|id| self.value(&id))
            .collect()
    }

    fn value(&self, id: &str) -> Option<Rc<Flow>> {
        let inputs = self.component.inputs.iter().zip(&self.arriving);
        inputs.into_iter().find_map(|(input, values)| {
            let by_column = input.columns.iter().find(|column| column.id == id);
            let lineage = by_column.map_or(id, |column| &column.lineage_id);
            values.get(lineage).cloned()
        })
    }

    /// The input columns whose properties refer to an output column, as those of a Union All.
    fn pointing_at(&self, column: &OutputColumn) -> Vec<Rc<Flow>> {
        let inputs = self.component.inputs.iter().zip(&self.arriving);
        let mut found = Vec::new();
        for (input, values) in inputs {
            for own in &input.columns {
                let refers = own.properties.iter().any(|property| {
                    let marked = Property {
                        contains_id: true,
                        ..property.clone()
                    };
                    references(&marked)
                        .iter()
                        .any(|id| *id == column.id || *id == column.lineage_id)
                });
                if refers {
                    found.extend(values.get(&own.lineage_id).cloned());
                }
            }
        }
        found
    }

    /// The values of the columns that the component uses.
    fn used_values(&self) -> impl Iterator<Item = Rc<Flow>> + '_ {
        let inputs = self.component.inputs.iter().zip(&self.arriving);
        inputs.flat_map(|(input, values)| {
            let columns = input.columns.iter();
            columns.filter_map(|column| values.get(&column.lineage_id).cloned())
        })
    }
}

/// Components whose columns without a reference are made of nothing: numbers of rows, names, times.
fn makes_its_own(component: &Component) -> bool {
    matches!(
        component.component_type.as_str(),
        "Microsoft.Audit" | "Microsoft.Lineage" | "Microsoft.RowCount" | "Microsoft.Aggregate"
    )
}

fn holds_id(property: &str) -> bool {
    const NAMES: [&str; 7] = [
        "Expression",
        "SourceInputColumnLineageID",
        "AggregationColumnId",
        "InputColumnID",
        "SortColumnId",
        "copyColumnId",
        "SourceColumn",
    ];
    NAMES.iter().any(|name| name.eq_ignore_ascii_case(property))
}
