//! Numbers of components, as messages show them behind the name: `Flat File Source [2]`.

use std::collections::HashMap;
use std::sync::Arc;

use scaleout_core::package::pipeline::{Component, Pipeline};
use scaleout_core::protocol::event::{ComponentPhase, DataStatistics, OutputNote};

use crate::events::{Events, Message, Severity};
use crate::watch::DataFlowWatch;

/// Names of components with their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComponentNumbers(HashMap<String, String>);

impl ComponentNumbers {
    /// The numbers that formats 2 and 3 give; later formats have none, and are numbered from 2
    /// in the order of the file, with a number for every port and column too.
    #[must_use]
    pub fn of(pipeline: &Pipeline) -> Self {
        let components = pipeline.components.iter().zip(numbers(pipeline));
        let numbered = components.map(|(component, numbers)| {
            let shown = format!("{} [{}]", component.name, numbers.component);
            (component.name.clone(), shown)
        });
        Self(numbered.collect())
    }

    /// The name with its number; a name that is none of a component stays as it is.
    #[must_use]
    pub fn named(&self, name: String) -> String {
        self.0.get(&name).cloned().unwrap_or(name)
    }
}

/// The numbers of a component and of its ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Of the component.
    pub component: usize,
    /// Of its inputs.
    pub inputs: Vec<usize>,
    /// Of its outputs.
    pub outputs: Vec<usize>,
}

/// The numbers of all components, in file order.
#[must_use]
pub fn numbers(pipeline: &Pipeline) -> Vec<Numbers> {
    let mut next = 2;
    let components = pipeline.components.iter();
    components
        .map(|component| count(component, &mut next))
        .collect()
}

/// Counts the component itself, its ports and all columns.
fn count(component: &Component, next: &mut usize) -> Numbers {
    let mut take = |id: &str, columns: usize| {
        let number = id.parse().unwrap_or(*next);
        *next += 1 + columns;
        number
    };
    let inputs = component.inputs.iter();
    let outputs = component.outputs.iter();
    Numbers {
        component: take(&component.id, 0),
        inputs: inputs
            .map(|it| take(&it.id, it.columns.len() + it.external_columns.len()))
            .collect(),
        outputs: outputs
            .map(|it| take(&it.id, it.columns.len() + it.external_columns.len()))
            .collect(),
    }
}

/// Events whose components have their numbers.
pub struct NumberedEvents {
    events: Arc<dyn Events>,
    numbers: ComponentNumbers,
}

impl NumberedEvents {
    /// Of the components of a data flow.
    #[must_use]
    pub fn of(pipeline: &Pipeline, events: &Arc<dyn Events>) -> Self {
        Self {
            events: Arc::clone(events),
            numbers: ComponentNumbers::of(pipeline),
        }
    }
}

impl Events for NumberedEvents {
    fn raise(&self, severity: Severity, mut message: Message) {
        let name = message.subcomponent.take();
        message.subcomponent = name.map(|name| self.numbers.named(name));
        self.events.raise(severity, message);
    }

    fn progress(&self, percent: u8, description: &str, subcomponent: Option<&str>) {
        let name = subcomponent.map(|name| self.numbers.named(name.to_owned()));
        self.events.progress(percent, description, name.as_deref());
    }

    fn data_statistics(&self, statistics: DataStatistics) {
        self.events.data_statistics(statistics);
    }

    fn component_phase(&self, phase: ComponentPhase) {
        self.events.component_phase(phase);
    }

    fn data_flow_watch(&self) -> DataFlowWatch {
        self.events.data_flow_watch()
    }

    fn output(&self, note: OutputNote) {
        self.events.output(note);
    }

    fn custom(&self, event_name: &str, text: &str) {
        self.events.custom(event_name, text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::pipelines::chain;
    use super::*;

    #[test]
    fn components_are_numbered_in_the_order_of_the_file() {
        let mut flow = chain(&["source", "middle", "sink"]);
        let all = |flow: &Pipeline| {
            let numbers = ComponentNumbers::of(flow);
            ["source", "middle", "sink", "SSIS.Pipeline"].map(|name| numbers.named(name.to_owned()))
        };
        let expected = ["source [2]", "middle [5]", "sink [8]", "SSIS.Pipeline"];
        assert_eq!(all(&flow), expected);
        let middle = &numbers(&flow)[1];
        assert_eq!(
            (&middle.inputs[..], &middle.outputs[..]),
            (&[6][..], &[7][..])
        );
        // The older formats have numbers.
        flow.components[1].id = "617".to_owned();
        assert_eq!(all(&flow)[1], "middle [617]");
    }
}
