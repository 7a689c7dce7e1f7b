//! Tiny sources, transforms and sinks whose behaviour is a closure's.

use std::sync::{Arc, Mutex};

use arrow::array::{ArrayRef, Int32Array};
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;

use crate::data_flow::columns;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::schema::Schema;
use crate::data_flow::static_schema::output_schema;
use crate::validation::Problem;

type Prime = dyn Fn(&mut dyn Outputs, &[Schema]) -> Result<(), ComponentError> + Send + Sync;
type Process = dyn Fn(usize, RecordBatch, &mut dyn Outputs, &[Schema]) -> Result<(), ComponentError>
    + Send
    + Sync;
type Step = dyn Fn() -> Result<(), ComponentError> + Send + Sync;

/// A kind made of closures.
pub struct TestKind {
    name: &'static str,
    is_destination: bool,
    prime: Arc<Prime>,
    process: Arc<Process>,
    /// Called after all rows.
    pub post: Arc<Step>,
    /// Called before the first row.
    pub pre: Arc<Step>,
}

impl TestKind {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            is_destination: false,
            prime: Arc::new(|_, _| Ok(())),
            process: Arc::new(|_, _, _, _| Ok(())),
            post: Arc::new(|| Ok(())),
            pre: Arc::new(|| Ok(())),
        }
    }

    /// A source that does what the closure does.
    pub fn source(
        name: &'static str,
        prime: impl Fn(&mut dyn Outputs, &[Schema]) -> Result<(), ComponentError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            prime: Arc::new(prime),
            ..Self::new(name)
        }
    }

    /// A component that does what the closure does with each batch.
    pub fn transform(
        name: &'static str,
        process: impl Fn(usize, RecordBatch, &mut dyn Outputs, &[Schema]) -> Result<(), ComponentError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            process: Arc::new(process),
            ..Self::new(name)
        }
    }

    /// A destination that does what the closure does with each batch.
    pub fn sink(
        name: &'static str,
        process: impl Fn(RecordBatch) -> Result<(), ComponentError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            is_destination: true,
            ..Self::transform(name, move |_, batch, _, _| process(batch))
        }
    }

    /// The same source, which waits for something before its first row.
    pub fn before_rows(self, wait: impl Fn() + Send + Sync + 'static) -> Self {
        let prime = Arc::clone(&self.prime);
        Self {
            prime: Arc::new(move |out, schemas| {
                wait();
                prime(out, schemas)
            }),
            ..self
        }
    }

    /// The same source, which says when it has sent its last row, or could not.
    pub fn after_rows(self, say: impl Fn() + Send + Sync + 'static) -> Self {
        let prime = Arc::clone(&self.prime);
        Self {
            prime: Arc::new(move |out, schemas| {
                let sent = prime(out, schemas);
                say();
                sent
            }),
            ..self
        }
    }

    /// Tests are few and short: their kinds may live as long as the process.
    pub fn leak(self) -> &'static dyn ComponentKind {
        Box::leak(Box::new(self))
    }
}

/// A source of the numbers `0..rows` in one `DT_I4` column, in batches of `batch`.
pub fn counting(name: &'static str, rows: i32, batch: usize) -> TestKind {
    TestKind::source(name, move |out, schemas| {
        let all: Vec<i32> = (0..rows).collect();
        for part in all.chunks(batch) {
            let column: ArrayRef = Arc::new(Int32Array::from(part.to_vec()));
            out.send(
                0,
                columns::batch(schemas[0].to_arrow(), vec![column], part.len()).unwrap(),
            )?;
        }
        Ok(())
    })
}

/// Batches that arrive somewhere.
pub type Collected = Arc<Mutex<Vec<RecordBatch>>>;

/// A destination that keeps what it gets.
pub fn collecting(name: &'static str) -> (TestKind, Collected) {
    let collected = Collected::default();
    let keep = Arc::clone(&collected);
    let kind = TestKind::sink(name, move |batch| {
        keep.lock().unwrap().push(batch);
        Ok(())
    });
    (kind, collected)
}

/// The numbers of the first column of all batches.
pub fn numbers(collected: &Collected) -> Vec<i32> {
    let batches = collected.lock().unwrap();
    let columns = batches.iter().map(|batch| batch.column(0).clone());
    columns
        .flat_map(|column| {
            let column = column
                .as_any()
                .downcast_ref::<Int32Array>()
                .unwrap()
                .clone();
            column.iter().map(Option::unwrap).collect::<Vec<_>>()
        })
        .collect()
}

/// A lookup over these kinds, and the real ones behind them.
pub fn finder(kinds: Vec<TestKind>) -> impl Fn(&str) -> Option<&'static dyn ComponentKind> {
    let kinds: Vec<_> = kinds.into_iter().map(TestKind::leak).collect();
    move |component_type| {
        let own = kinds
            .iter()
            .find(|kind| kind.component_type() == component_type);
        own.copied()
            .or_else(|| crate::data_flow::kinds::kind(component_type))
    }
}

impl ComponentKind for TestKind {
    fn component_type(&self) -> &'static str {
        self.name
    }

    fn validate(&self, _: &Component, _: &BuildContext<'_>, _: bool) -> Vec<Problem> {
        Vec::new()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let outputs: Vec<Schema> = component
            .outputs
            .iter()
            .map(|output| output_schema(component, output, cx.inputs))
            .collect();
        let running = Running {
            schemas: outputs.clone(),
            prime: Arc::clone(&self.prime),
            process: Arc::clone(&self.process),
            pre: Arc::clone(&self.pre),
            post: Arc::clone(&self.post),
        };
        Ok(Built {
            component: Box::new(running),
            outputs,
            is_destination: self.is_destination,
        })
    }
}

struct Running {
    schemas: Vec<Schema>,
    prime: Arc<Prime>,
    process: Arc<Process>,
    pre: Arc<Step>,
    post: Arc<Step>,
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        (self.pre)()
    }

    fn prime_output(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        (self.prime)(out, &self.schemas)
    }

    fn process_input(
        &mut self,
        input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        (self.process)(input, batch, out, &self.schemas)
    }

    fn post_execute(&mut self) -> Result<(), ComponentError> {
        (self.post)()
    }
}
