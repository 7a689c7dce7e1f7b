//! Random chains of transforms against the same steps on a plain list of numbers.

use proptest::prelude::*;
use scaleout_core::package::DataType;
use scaleout_core::package::pipeline::{Component, Path, Pipeline};

use crate::data_flow::testing::kinds::{collecting, counting, numbers};
use crate::data_flow::testing::pipelines::{
    column, component, middle, named_output, of_type, output, path, pipeline, property, reads,
    sink, source, with_input,
};
use crate::data_flow::testing::run::run_flow;

/// One step of a chain: a transform, or one that forks and the union behind it.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Derived Column: the number grows.
    Add(i32),
    /// Conditional Split: smaller numbers and the others, both into a union.
    Split(i32),
    /// Conditional Split of which only the smaller numbers go on.
    Keep(i32),
    /// Multicast, both branches into a union.
    Double,
}

impl Step {
    fn apply(self, numbers: Vec<i32>) -> Vec<i32> {
        match self {
            Self::Add(more) => numbers.into_iter().map(|number| number + more).collect(),
            Self::Split(_) => numbers,
            Self::Keep(limit) => numbers
                .into_iter()
                .filter(|number| *number < limit)
                .collect(),
            Self::Double => numbers
                .into_iter()
                .flat_map(|number| [number, number])
                .collect(),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (-50..50i32).prop_map(Step::Add),
        (0..200i32).prop_map(Step::Split),
        (0..200i32).prop_map(Step::Keep),
        Just(Step::Double),
    ]
}

/// A chain under construction: where it ends, and which column has the number.
struct Chain {
    components: Vec<Component>,
    paths: Vec<Path>,
    end: String,
    lineage: String,
}

impl Chain {
    fn add(&mut self, number: usize, step: Step) {
        let name = format!("step{number}");
        match step {
            Step::Add(more) => self.add_derived(&name, more),
            Step::Split(limit) | Step::Keep(limit) => self.add_split(&name, limit),
            Step::Double => {
                let outputs = ["1", "2"].map(|end| named_output(&name, end, &format!("{name}.in")));
                self.attach(of_type(
                    "Microsoft.Multicast",
                    with_input(component(&name, outputs.into())),
                ));
            }
        }
        match step {
            Step::Split(_) | Step::Double => self.add_union(&name),
            Step::Keep(_) => self.end = format!("{name}.1"),
            Step::Add(_) => {}
        }
    }

    fn attach(&mut self, component: Component) {
        self.paths.push(path(&self.end, &component.inputs[0].id));
        self.components.push(component);
    }

    fn add_derived(&mut self, name: &str, more: i32) {
        let mut derived = of_type("Microsoft.DerivedColumn", middle(name));
        let mut replaced = reads(&self.lineage);
        replaced.read_write = true;
        let expression = format!("#{{{}}} + ({more})", self.lineage);
        replaced
            .properties
            .push(property("Expression", &expression));
        derived.inputs[0].columns.push(replaced);
        self.attach(derived);
        self.end = format!("{name}.out");
    }

    fn add_split(&mut self, name: &str, limit: i32) {
        let mut smaller = named_output(name, "1", &format!("{name}.in"));
        let condition = format!("#{{{}}} < {limit}", self.lineage);
        smaller.properties = vec![
            property("EvaluationOrder", "0"),
            property("Expression", &condition),
        ];
        smaller.exclusion_group = 1;
        let mut rest = named_output(name, "2", &format!("{name}.in"));
        rest.properties.push(property("IsDefaultOut", "true"));
        rest.exclusion_group = 1;
        let split = component(name, vec![smaller, rest]);
        let mut split = with_input(of_type("Microsoft.ConditionalSplit", split));
        split.inputs[0].columns.push(reads(&self.lineage));
        self.attach(split);
    }

    fn add_union(&mut self, fork: &str) {
        let name = format!("{fork}u");
        let union = of_type(
            "Microsoft.UnionAll",
            component(&name, vec![output(&name, "")]),
        );
        let mut union = with_input(with_input(union));
        let made = format!("{name}.c");
        union.outputs[0].columns.push(column(&made, DataType::I4));
        for input in &mut union.inputs {
            let mut mapped = reads(&self.lineage);
            mapped
                .properties
                .push(property("OutputColumnLineageID", &format!("#{{{made}}}")));
            input.columns.push(mapped);
        }
        self.paths
            .push(path(&format!("{fork}.1"), &format!("{name}.in")));
        self.paths
            .push(path(&format!("{fork}.2"), &format!("{name}.in2")));
        self.components.push(union);
        self.end = format!("{name}.out");
        self.lineage = made;
    }

    fn finish(mut self) -> Pipeline {
        let sink = sink("sink", &[&self.lineage]);
        self.attach(sink);
        pipeline(self.components, self.paths)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_chain_does_what_its_steps_do(
        steps in proptest::collection::vec(step(), 0..6),
        rows in 0..200i32,
        batch in 1usize..64,
        threads in 1..12u32,
    ) {
        let mut chain = Chain {
            components: vec![source("source")],
            paths: Vec::new(),
            end: "source.out".to_owned(),
            lineage: "source.c".to_owned(),
        };
        let mut expected: Vec<i32> = (0..rows).collect();
        for (number, step) in steps.iter().enumerate() {
            chain.add(number, *step);
            expected = step.apply(expected);
        }
        let mut flow = chain.finish();
        flow.engine_threads = threads;
        let (sink, collected) = collecting("sink");
        let ran = run_flow(&flow, vec![counting("source", rows, batch), sink], &[]);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        let mut found = numbers(&collected);
        found.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(ran.outcome.map(|it| it.total_rows()), Ok(expected.len() as u64));
        prop_assert_eq!(found, expected);
    }
}
