//! What a component is to the engine.
//!
//! A *kind* (one file per component type) checks settings and builds; what it builds
//! runs. Phases have SSIS's names. The engine decides about threads, buffers and
//! back-pressure: a component only takes batches and sends batches.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;

use super::memory::MemoryPool;
use super::schema::Schema;
use super::sort_order::SortOrder;
use crate::cancel::Canceled;
use crate::events::Message;
use crate::services::Services;
use crate::validation::Problem;

/// A type of component, such as `Microsoft.DerivedColumn`.
pub trait ComponentKind: Send + Sync {
    /// Canonical type, as in [`Component::component_type`].
    fn component_type(&self) -> &'static str;

    /// Checks settings without running. With `connect` false nothing outside is touched.
    fn validate(&self, component: &Component, cx: &BuildContext<'_>, connect: bool)
    -> Vec<Problem>;

    /// Resolves every setting before the first row.
    ///
    /// # Errors
    /// [`ComponentError`] naming the setting that is wrong.
    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError>;
}

/// What a kind sees while it builds.
pub struct BuildContext<'a> {
    /// Variables, connections, events, settings.
    pub services: &'a Services,
    /// Path of the data flow task, for messages: `\Package\Task`.
    pub task_path: &'a str,
    /// Buffer schema of each attached input, in the order of [`Component::inputs`];
    /// `None` for an input without a path.
    pub inputs: &'a [Option<Schema>],
    /// The order in which rows arrive at each input, as far as the file declares one.
    pub orders: &'a [Option<SortOrder>],
    /// For each output, in the order of [`Component::outputs`]: does a path start there?
    pub attached: &'a [bool],
    /// Whether a lineage id is used anywhere downstream; sources may skip the rest.
    pub is_used: &'a dyn Fn(&str) -> bool,
    /// The integer that stands for a lineage id in the `ErrorColumn` of error rows and in
    /// messages; 0 for an id that is unknown.
    pub lineage_number: &'a dyn Fn(&str) -> i32,
    /// The budget from which components that collect rows take memory.
    pub memory: &'a Arc<MemoryPool>,
    /// Rows that a source should put in one batch.
    pub batch_rows: usize,
}

/// A component ready to run.
pub struct Built {
    /// It.
    pub component: Box<dyn RunningComponent>,
    /// Buffer schema of each output, in the order of [`Component::outputs`].
    pub outputs: Vec<Schema>,
    /// Its rows count as rows of the package: it is a destination.
    pub is_destination: bool,
}

/// A component while the data flow runs. All methods of one component are called from one
/// thread at a time.
pub trait RunningComponent: Send {
    /// Acquires connections, opens files, loads caches.
    ///
    /// # Errors
    /// [`ComponentError`]
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        Ok(())
    }

    /// Sources only: sends all rows. Returns when there are no more.
    ///
    /// # Errors
    /// [`ComponentError`]
    fn prime_output(&mut self, _out: &mut dyn Outputs) -> Result<(), ComponentError> {
        Ok(())
    }

    /// Takes one batch of an input.
    ///
    /// # Errors
    /// [`ComponentError`]
    fn process_input(
        &mut self,
        input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError>;

    /// The input has no more rows. The engine ends the outputs once all inputs have ended.
    ///
    /// # Errors
    /// [`ComponentError`]
    fn end_of_input(
        &mut self,
        _input: usize,
        _out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        Ok(())
    }

    /// After all rows, only when nothing failed: last commit, variables written.
    ///
    /// # Errors
    /// [`ComponentError`]
    fn post_execute(&mut self) -> Result<(), ComponentError> {
        Ok(())
    }
}

/// Where a component sends its batches.
pub trait Outputs {
    /// Sends a batch to an output (index as in [`Component::outputs`]); an output without a
    /// path drops it. Blocks while the receiver is behind.
    ///
    /// # Errors
    /// [`ComponentError::Canceled`] when the data flow is being stopped,
    /// [`ComponentError::Downstream`] when a receiver in the same thread failed.
    fn send(&mut self, output: usize, batch: RecordBatch) -> Result<(), ComponentError>;
}

/// Why a component failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    /// The component's own error: says what, with row and column where known. Not yet raised.
    #[error("{}", .0.text)]
    Failed(Box<Message>),
    /// A component further down failed; it has said so itself.
    #[error("a component downstream failed")]
    Downstream,
    /// The data flow is being stopped.
    #[error(transparent)]
    Canceled(#[from] Canceled),
}

impl ComponentError {
    /// A failure with an SSIS code.
    pub fn failed(code: u32, text: impl Into<String>) -> Self {
        Self::Failed(Box::new(Message::new(code, text)))
    }
}
