//! Tests of [`super`].

use scaleout_core::package::DataType;

use super::super::testing::pipelines::{
    chain, column, component, middle, named_output, output, path, pipeline, sink, source,
    with_input,
};
use super::*;

/// Two sources into a union, a multicast behind it, two destinations.
fn union_and_multicast() -> Pipeline {
    let mut union = with_input(with_input(component("union", vec![output("union", "")])));
    union.outputs[0]
        .columns
        .push(column("union.c", DataType::I4));
    let fork = with_input(component(
        "fork",
        vec![
            named_output("fork", "1", "fork.in"),
            named_output("fork", "2", "fork.in"),
        ],
    ));
    let components = vec![
        source("a"),
        source("b"),
        union,
        fork,
        sink("x", &["union.c"]),
        sink("y", &["union.c"]),
    ];
    let paths = vec![
        path("a.out", "union.in"),
        path("b.out", "union.in2"),
        path("union.out", "fork.in"),
        path("fork.1", "x.in"),
        path("fork.2", "y.in"),
    ];
    pipeline(components, paths)
}

fn codes_of(problems: &[Problem]) -> Vec<&str> {
    problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect()
}

#[test]
fn a_chain_reads_works_and_writes_on_a_thread_each() {
    let (plan, problems) = Plan::of(&chain(&["source", "a", "b", "sink"]), "\\P\\D");
    assert_eq!(problems, []);
    assert_eq!(plan.thread_of, [0, 1, 1, 2]);
    assert_eq!(plan.queued, [true, false, true]);
}

#[test]
fn with_one_engine_thread_a_chain_stays_together() {
    let mut flow = chain(&["source", "a", "sink"]);
    flow.engine_threads = 1;
    let (plan, _) = Plan::of(&flow, "\\P\\D");
    assert_eq!(plan.threads, 1);
    assert_eq!(plan.queued, [false, false]);
}

#[test]
fn trees_start_at_sources_and_asynchronous_outputs_and_branches_get_spare_threads() {
    let mut flow = union_and_multicast();
    let (plan, _) = Plan::of(&flow, "\\P\\D");
    assert_eq!(plan.thread_of, [0, 1, 2, 2, 3, 4]);

    flow.engine_threads = 3;
    let (plan, _) = Plan::of(&flow, "\\P\\D");
    assert_eq!(plan.thread_of, [0, 1, 2, 2, 2, 2]);
}

#[test]
fn what_reaches_nothing_is_removed_with_a_warning() {
    let mut flow = chain(&["source", "a", "sink"]);
    flow.components.push(source("idle"));
    flow.components.push(middle("useless"));
    flow.paths.push(path("idle.out", "useless.in"));

    let (plan, problems) = Plan::of(&flow, "\\P\\D");
    assert_eq!(plan.order, [0, 1, 2]);
    assert_eq!(codes_of(&problems), ["0x8004706F", "0x800470AE"]);

    flow.run_in_optimized_mode = false;
    let (plan, problems) = Plan::of(&flow, "\\P\\D");
    assert_eq!(plan.order.len(), 5);
    assert_eq!(codes_of(&problems), ["0x80047076"]);
}

#[test]
fn side_effects_keep_a_component_without_an_output_path() {
    let mut flow = chain(&["source", "count"]);
    flow.components[1].outputs.push(output("count", "count.in"));
    let (plan, _) = Plan::of(&flow, "\\P\\D");
    assert_eq!(plan.order, Vec::<usize>::new());

    flow.components[1].inputs[0].has_side_effects = true;
    let (plan, _) = Plan::of(&flow, "\\P\\D");
    assert_eq!(plan.order, [0, 1]);
}

#[test]
fn an_unused_column_is_named() {
    let mut flow = chain(&["source", "sink"]);
    let extra = column("source.extra", DataType::I4);
    flow.components[0].outputs[0].columns.push(extra);
    let (_, problems) = Plan::of(&flow, "\\P\\D");
    assert_eq!(codes_of(&problems), ["0x80047076"]);
    assert!(
        problems[0].message.contains("column `extra`"),
        "{problems:?}"
    );
    assert_eq!(problems[0].column.as_deref(), Some("extra"));
}

#[test]
fn an_unused_column_has_values_where_the_data_flow_is_not_optimised() {
    let mut flow = chain(&["source", "sink"]);
    let extra = column("source.extra", DataType::I4);
    flow.components[0].outputs[0].columns.push(extra);
    let used = |flow: &Pipeline| {
        let (plan, _) = Plan::of(flow, "\\P\\D");
        plan.is_used("source.extra")
    };
    assert!(!used(&flow));
    flow.run_in_optimized_mode = false;
    assert!(used(&flow));
}

#[test]
fn batches_fit_the_buffer_with_the_columns_made_downstream() {
    let mut flow = chain(&["source", "a", "sink"]);
    let wide = DataType::Str {
        length: 96,
        code_page: 1252,
    };
    flow.components[1].outputs[0]
        .columns
        .push(column("a.wide", wide));
    flow.components[2].inputs[0]
        .columns
        .push(super::super::testing::pipelines::reads("a.wide"));
    flow.default_buffer_size = 1_000;
    let (plan, _) = Plan::of(&flow, "\\P\\D");
    assert_eq!(plan.batch_rows, [10, 10, 10]);

    flow.auto_adjust_buffer_size = true;
    let (plan, _) = Plan::of(&flow, "\\P\\D");
    assert_eq!(plan.batch_rows[0], 10_000);
}
