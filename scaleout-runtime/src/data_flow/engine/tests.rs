//! The engine with components made for the purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scaleout_core::package::DataType;
use scaleout_core::package::pipeline::Pipeline;

use super::run::{DataFlowOutcome, run_with};
use crate::data_flow::component::ComponentError;
use crate::data_flow::testing::kinds::{TestKind, collecting, counting, finder, numbers};
use crate::data_flow::testing::pipelines::{
    chain, column, component, middle, named_output, output, path, pipeline, sink, source,
    with_input,
};
use crate::data_flow::testing::services::{Recorder, services};
use crate::events::Severity;
use crate::services::Services;
use crate::tasks::TaskFailure;

struct Run {
    recorder: Arc<Recorder>,
    services: Services,
}

impl Run {
    fn new() -> Self {
        let recorder = Arc::new(Recorder::default());
        let services = services(&recorder, &Arc::default());
        Self { recorder, services }
    }

    fn go(
        &self,
        pipeline: &Pipeline,
        kinds: Vec<TestKind>,
    ) -> Result<DataFlowOutcome, TaskFailure> {
        run_with(pipeline, "\\P\\D", &self.services, &finder(kinds))
    }

    fn errors(&self) -> Vec<u32> {
        self.recorder.codes(Severity::Error)
    }
}

fn passing(name: &'static str) -> TestKind {
    TestKind::transform(name, |_, batch, out, _| out.send(0, batch))
}

fn failing(name: &'static str) -> TestKind {
    TestKind::transform(name, |_, _, _, _| {
        Err(ComponentError::failed(0xC020_9029, "no good"))
    })
}

#[test]
fn an_empty_data_flow_succeeds_with_a_warning() {
    let run = Run::new();
    let outcome = run.go(&pipeline(Vec::new(), Vec::new()), Vec::new());
    assert_eq!(outcome, Ok(DataFlowOutcome::default()));
    assert_eq!(run.recorder.codes(Severity::Warning), [0x8004_7034]);
}

#[test]
fn rows_pass_a_chain_in_order_and_are_counted_on_every_path() {
    for threads in [1, 10] {
        let run = Run::new();
        let mut flow = chain(&["source", "a", "sink"]);
        flow.engine_threads = threads;
        let (sink, collected) = collecting("sink");
        let outcome = run.go(&flow, vec![counting("source", 1000, 7), passing("a"), sink]);

        assert_eq!(outcome.map(|it| it.total_rows()), Ok(1000));
        assert_eq!(numbers(&collected), (0..1000).collect::<Vec<_>>());
        assert_eq!(run.recorder.rows_over("source.out>a.in"), Some(1000));
        let statistics = run.recorder.statistics.lock().unwrap();
        let into: Vec<_> = statistics.iter().map(|it| it.into_destination).collect();
        assert_eq!(into, [false, true]);
    }
}

#[test]
fn phases_are_reported_in_their_order() {
    let run = Run::new();
    let (sink, _) = collecting("sink");
    run.go(
        &chain(&["source", "sink"]),
        vec![counting("source", 1, 1), sink],
    )
    .unwrap();
    assert_eq!(
        run.recorder.codes(Severity::Information),
        [
            0x4004_300A,
            0x4004_3006,
            0x4004_3007,
            0x4004_300C,
            0x4004_3008,
            0x4004_300B,
            0x4004_3009
        ]
    );
    assert_eq!(
        run.recorder.find(0x4004_300B).text,
        "\"sink\" wrote 1 rows."
    );
    let phases = run.recorder.phases.lock().unwrap();
    let of_source = phases
        .iter()
        .filter(|phase| phase.subcomponent_name == "source");
    let names: Vec<_> = of_source.map(|phase| phase.phase.as_str()).collect();
    assert_eq!(
        names,
        ["Validate", "PreExecute", "PrimeOutput", "PostExecute"]
    );
}

/// source -> fork -> (x, y) -> union -> sink
fn diamond() -> Pipeline {
    let fork = with_input(component(
        "fork",
        vec![
            named_output("fork", "1", "fork.in"),
            named_output("fork", "2", "fork.in"),
        ],
    ));
    let mut union = with_input(with_input(component("union", vec![output("union", "")])));
    union.outputs[0]
        .columns
        .push(column("union.c", DataType::I4));
    pipeline(
        vec![
            source("source"),
            fork,
            middle("x"),
            middle("y"),
            union,
            sink("sink", &["union.c"]),
        ],
        vec![
            path("source.out", "fork.in"),
            path("fork.1", "x.in"),
            path("fork.2", "y.in"),
            path("x.out", "union.in"),
            path("y.out", "union.in2"),
            path("union.out", "sink.in"),
        ],
    )
}

fn forking(name: &'static str) -> TestKind {
    TestKind::transform(name, |_, batch, out, _| {
        out.send(0, batch.clone())?;
        out.send(1, batch)
    })
}

#[test]
fn a_diamond_brings_every_row_twice() {
    for threads in [1, 4, 10] {
        let run = Run::new();
        let mut flow = diamond();
        flow.engine_threads = threads;
        let (sink, collected) = collecting("sink");
        let kinds = vec![
            counting("source", 500, 3),
            forking("fork"),
            passing("x"),
            passing("y"),
            passing("union"),
            sink,
        ];
        assert_eq!(run.go(&flow, kinds).map(|it| it.total_rows()), Ok(1000));
        let mut found = numbers(&collected);
        found.sort_unstable();
        let twice: Vec<i32> = (0..500).flat_map(|number| [number, number]).collect();
        assert_eq!(found, twice);
    }
}

#[test]
fn a_failing_transform_stops_a_source_that_would_never_end() {
    let run = Run::new();
    let endless = TestKind::source("source", |out, schemas| {
        loop {
            let column = Arc::new(arrow::array::Int32Array::from(vec![1]));
            let batch = crate::data_flow::columns::batch(schemas[0].to_arrow(), vec![column], 1);
            out.send(0, batch.unwrap())?;
        }
    });
    let (sink, _) = collecting("sink");
    let outcome = run.go(
        &chain(&["source", "a", "sink"]),
        vec![endless, failing("a"), sink],
    );

    assert_eq!(outcome, Err(TaskFailure::Failed));
    let mut errors = run.errors();
    assert_eq!(errors[..2], [0xC020_9029, 0xC004_7022]);
    errors.sort_unstable();
    // The threads of the source and of the destination were told to stop.
    assert_eq!(
        errors,
        [
            0xC004_7021,
            0xC004_7022,
            0xC004_7039,
            0xC004_7039,
            0xC020_9029
        ]
    );
    let own = run.recorder.find(0xC020_9029);
    assert_eq!(own.subcomponent.as_deref(), Some("a"));
    let information = run.recorder.codes(Severity::Information);
    assert_eq!(information.last(), Some(&0x4004_3009), "cleanup always");
    assert!(!information.contains(&0x4004_3008), "no post-execute");
}

#[test]
fn a_failing_source_is_a_prime_output_failure() {
    let run = Run::new();
    let broken = TestKind::source("source", |_, _| {
        Err(ComponentError::failed(0xC020_200E, "no file"))
    });
    let (sink, _) = collecting("sink");
    let outcome = run.go(&chain(&["source", "sink"]), vec![broken, sink]);
    assert_eq!(outcome, Err(TaskFailure::Failed));
    assert_eq!(run.errors()[..2], [0xC020_200E, 0xC004_7038]);
}

#[test]
fn a_panic_is_an_error_of_its_component() {
    for threads in [1, 10] {
        let run = Run::new();
        let mut flow = chain(&["source", "a", "sink"]);
        flow.engine_threads = threads;
        let panicking = TestKind::transform("a", |_, _, _, _| panic!("index 7"));
        let (sink, _) = collecting("sink");
        let outcome = run.go(&flow, vec![counting("source", 10, 1), panicking, sink]);
        assert_eq!(outcome, Err(TaskFailure::Failed));
        let message = run.recorder.find(0xC004_7062);
        assert_eq!(message.subcomponent.as_deref(), Some("a"));
        assert!(message.text.contains("index 7"), "{}", message.text);
    }
}

#[test]
fn a_stop_reaches_threads_that_wait_for_each_other() {
    let run = Run::new();
    // The sink asks for the stop and then waits for it, so the source is blocked on its queue.
    let user = run.services.cancel.clone();
    let cancel = run.services.cancel.child();
    let slow = TestKind::sink("sink", move |_| {
        user.cancel();
        while !cancel.is_canceled() {
            std::thread::yield_now();
        }
        cancel.check().map_err(ComponentError::from)
    });
    let outcome = run.go(
        &chain(&["source", "sink"]),
        vec![counting("source", 1_000, 1), slow],
    );
    assert_eq!(outcome, Err(TaskFailure::Canceled));
    assert!(run.errors().iter().all(|code| *code == 0xC004_7039));
}

#[test]
fn a_stop_wakes_a_sender_whose_receiver_never_returns() {
    let run = Run::new();
    let gave_up = Arc::new(AtomicBool::new(false));
    let (woken, seen) = (Arc::clone(&gave_up), Arc::clone(&gave_up));
    let source = TestKind::source("source", move |out, schemas| {
        loop {
            let column = Arc::new(arrow::array::Int32Array::from(vec![1]));
            let batch = crate::data_flow::columns::batch(schemas[0].to_arrow(), vec![column], 1);
            let sent = out.send(0, batch.unwrap());
            if sent.is_err() {
                woken.store(true, Ordering::SeqCst);
                return sent;
            }
        }
    });
    let user = run.services.cancel.clone();
    let sink = TestKind::sink("sink", move |_| {
        user.cancel();
        while !seen.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        Ok(())
    });
    let outcome = run.go(&chain(&["source", "sink"]), vec![source, sink]);
    assert_eq!(outcome, Err(TaskFailure::Canceled));
    assert_eq!(run.errors(), [0xC004_7039, 0xC004_7039]);
}

#[test]
fn rows_that_nobody_takes_do_not_pile_up() {
    let run = Run::new();
    let sent = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let (counter, seen) = (Arc::clone(&sent), Arc::clone(&sent));
    let source = TestKind::source("source", move |out, schemas| {
        for _ in 0..1_000 {
            let column = Arc::new(arrow::array::Int32Array::from(vec![1]));
            let batch = crate::data_flow::columns::batch(schemas[0].to_arrow(), vec![column], 1);
            out.send(0, batch.unwrap())?;
            counter.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    });
    // At the first batch the source can be ahead by the queue and the one in its hands only.
    let ahead = Arc::new(AtomicBool::new(false));
    let too_far = Arc::clone(&ahead);
    let taken = std::sync::atomic::AtomicUsize::new(0);
    let sink = TestKind::sink("sink", move |_| {
        let taken = taken.fetch_add(1, Ordering::SeqCst) + 1;
        if taken + 5 < seen.load(Ordering::SeqCst) {
            too_far.store(true, Ordering::SeqCst);
        }
        Ok(())
    });
    run.go(&chain(&["source", "sink"]), vec![source, sink])
        .unwrap();
    assert!(!ahead.load(Ordering::SeqCst));
    assert_eq!(sent.load(Ordering::SeqCst), 1_000);
}

#[test]
fn a_failure_after_the_last_row_fails_the_task() {
    let run = Run::new();
    let (mut sink, _) = collecting("sink");
    sink.post = Arc::new(|| Err(ComponentError::failed(0xC020_2009, "commit refused")));
    let outcome = run.go(
        &chain(&["source", "sink"]),
        vec![counting("source", 5, 5), sink],
    );
    assert_eq!(outcome, Err(TaskFailure::Failed));
    assert_eq!(run.errors(), [0xC020_2009, 0xC004_7018]);
}

#[test]
fn a_failure_before_the_first_row_starts_nothing() {
    let run = Run::new();
    let (mut sink, collected) = collecting("sink");
    sink.pre = Arc::new(|| Err(ComponentError::failed(0xC020_200E, "no such folder")));
    let outcome = run.go(
        &chain(&["source", "sink"]),
        vec![counting("source", 5, 5), sink],
    );
    assert_eq!(outcome, Err(TaskFailure::Failed));
    assert_eq!(run.errors(), [0xC020_200E, 0xC004_701A]);
    assert!(numbers(&collected).is_empty());
}

#[test]
fn a_type_without_a_kind_is_refused_by_name() {
    let run = Run::new();
    let problems = super::validate(&chain(&["source", "sink"]), "\\P\\D", &run.services, false);
    let codes: Vec<_> = problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect();
    assert_eq!(codes, ["SO5001", "SO5001"]);
    assert_eq!(problems[0].kind, "source");
    assert_eq!(problems[1].path, "\\P\\D\\sink");
    assert!(run.recorder.messages.lock().unwrap().is_empty());

    assert_eq!(
        run.go(&chain(&["source", "sink"]), Vec::new()),
        Err(TaskFailure::Failed)
    );
    assert_eq!(run.errors(), [0, 0, 0xC004_700C]);
}
