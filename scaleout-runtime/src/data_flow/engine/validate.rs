//! Checks a data flow without running it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use scaleout_core::package::pipeline::{Component, Pipeline};

use super::report;
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentKind};
use crate::data_flow::graph::component_path;
use crate::data_flow::kinds;
use crate::data_flow::memory::MemoryPool;
use crate::data_flow::plan::Plan;
use crate::data_flow::schema::Schema;
use crate::data_flow::static_schema::{input_schemas, output_schemas};
use crate::refusal::{not_run_here, with_article};
use crate::services::Services;
use crate::validation::Problem;

/// How kinds are found: tests bring their own.
pub type FindKind<'k> = &'k dyn Fn(&str) -> Option<&'static dyn ComponentKind>;

/// Everything that is wrong with a data flow, component by component.
///
/// With `connect` false nothing outside is touched and nothing is reported as an event.
#[must_use]
pub fn validate(
    pipeline: &Pipeline,
    task_path: &str,
    services: &Services,
    connect: bool,
) -> Vec<Problem> {
    if connect {
        report::phase(
            services.events.as_ref(),
            codes::phase::VALIDATE,
            "Validation",
        );
    }
    plan_and_check(pipeline, task_path, services, connect, &kinds::kind).1
}

/// Plans a data flow and checks every component of it.
pub fn plan_and_check(
    pipeline: &Pipeline,
    task_path: &str,
    services: &Services,
    connect: bool,
    find: FindKind<'_>,
) -> (Plan, Vec<Problem>) {
    if pipeline.components.is_empty() {
        let text = "the data flow has no components";
        let empty = Problem::warning(
            codes::EMPTY_DATA_FLOW,
            task_path,
            "Microsoft.Pipeline",
            text,
        );
        return (Plan::default(), vec![empty]);
    }
    let (plan, mut problems) = Plan::of(pipeline, task_path);
    let memory = MemoryPool::of(&services.settings);
    let schemas = output_schemas(pipeline, &plan.graph);
    for (index, component) in pipeline.components.iter().enumerate() {
        let Some(kind) = find(&component.component_type) else {
            problems.push(unsupported(component, task_path));
            continue;
        };
        let start = services.clock.now();
        let inputs = input_schemas(&plan.graph, &schemas, index);
        let attached = plan.attached(index);
        with_context(
            &plan,
            services,
            &memory,
            task_path,
            (index, &inputs, &attached),
            |cx| {
                // Files are full of surprises; a defect in one kind must not hide the other problems.
                let checked =
                    catch_unwind(AssertUnwindSafe(|| kind.validate(component, cx, connect)));
                problems.extend(checked.unwrap_or_else(|_| vec![broken(component, task_path)]));
            },
        );
        if connect {
            report::validated(services, &component.name, start);
        }
    }
    (plan, problems)
}

/// Calls `use_it` with what a kind may see of one component.
pub fn with_context<T>(
    plan: &Plan,
    services: &Services,
    memory: &Arc<MemoryPool>,
    task_path: &str,
    (index, inputs, attached): (usize, &[Option<Schema>], &[bool]),
    use_it: impl FnOnce(&BuildContext<'_>) -> T,
) -> T {
    use_it(&BuildContext {
        services,
        task_path,
        inputs,
        orders: &plan.orders[index],
        attached,
        memory,
        is_used: &|lineage_id| plan.is_used(lineage_id),
        lineage_number: &|lineage_id| plan.numbers.number(lineage_id),
        batch_rows: plan.batch_rows[index],
    })
}

fn unsupported(component: &Component, task_path: &str) -> Problem {
    let kind = &component.component_type;
    let display = scaleout_core::package::component_types::component_display_name(kind);
    let what = display.map_or_else(
        || format!("of type `{kind}`"),
        |name| format!("{} (`{kind}`)", with_article(name)),
    );
    let text = not_run_here(
        &format!("component `{}` is {what}", component.name),
        "replace it by components that run here, or disable its data flow",
    );
    Problem::error("SO5001", &component_path(task_path, component), kind, text)
}

fn broken(component: &Component, task_path: &str) -> Problem {
    let text = format!(
        "checking component `{}` broke down; this is a defect, please report it with the package",
        component.name
    );
    let path = component_path(task_path, component);
    Problem::error(
        codes::VALIDATION_STATUS_FAILED,
        &path,
        &component.component_type,
        text,
    )
}
