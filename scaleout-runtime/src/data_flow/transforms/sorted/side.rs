//! The rows of one sorted input that have arrived and are not used yet.
//!
//! Both inputs of a component share one queue, and blocking the faster one could block what
//! both come from. So the faster side waits here: in memory while the budget lasts, then in a
//! temporary file, in the order of arrival.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};

use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::memory::{MemoryPool, Reservation, over_budget};
use crate::data_flow::row_keys::{KeyColumn, KeyEncoder, Keys, Purpose};
use crate::data_flow::schema::Schema;
use crate::data_flow::spill::{Block, RowCodec, SpillFile, SpillFolder};
use crate::data_flow::transforms::synchronous::batch_of;
use crate::events::Message;

/// What one side is told.
pub struct SideSettings {
    /// The component, for messages.
    pub component: String,
    /// The input, for messages.
    pub input: String,
    /// What rows are compared by.
    pub keys: Vec<KeyColumn>,
    /// For each column that is kept, its position in the input.
    pub positions: Vec<usize>,
    /// The columns that are kept.
    pub schema: Schema,
}

/// One input.
pub struct Side {
    settings: SideSettings,
    encoder: KeyEncoder,
    codec: RowCodec,
    pool: Arc<MemoryPool>,
    folder: SpillFolder,
    last_key: Option<Vec<u8>>,
    rows: u64,
    current: Option<(Arc<Part>, usize)>,
    waiting: VecDeque<Arc<Part>>,
    file: Option<SpillFile>,
    on_disk: VecDeque<Block>,
    has_ended: bool,
    /// Whether its only batch may go beyond the budget.
    may_exceed: bool,
}

/// Rows that arrived together; their memory is given back with the last use of them.
pub struct Part {
    keys: Keys,
    /// The columns that are kept.
    pub batch: RecordBatch,
    _memory: Reservation,
}

/// One row of a side.
#[derive(Clone)]
pub struct Row {
    /// Where it is.
    pub part: Arc<Part>,
    /// Its number there.
    pub row: usize,
}

impl Row {
    /// Its key. Whether it contains NULL is its last byte and so never decides an order.
    pub fn key(&self) -> &[u8] {
        self.part.keys.get(self.row)
    }

    /// Whether a column of its key is NULL.
    pub fn has_null(&self) -> bool {
        self.key().last() == Some(&1)
    }
}

impl Side {
    /// Without rows.
    pub fn new(settings: SideSettings, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        Ok(Self {
            encoder: KeyEncoder::new(settings.keys.clone(), Purpose::Order)?,
            codec: RowCodec::new(&settings.schema)?,
            pool: Arc::clone(cx.memory),
            folder: SpillFolder::of(&cx.services.settings),
            settings,
            last_key: None,
            rows: 0,
            current: None,
            waiting: VecDeque::new(),
            file: None,
            on_disk: VecDeque::new(),
            has_ended: false,
            may_exceed: true,
        })
    }

    /// Takes the next batch.
    ///
    /// # Errors
    /// Its rows are not sorted, or have to go to a disk that does not take them.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), ComponentError> {
        let keys = self.keys(batch)?;
        self.check_order(&keys)?;
        self.rows += keys.len() as u64;
        let positions = self.settings.positions.iter();
        let arrays = positions.map(|position| batch.column(*position).clone());
        let kept = batch_of(
            &self.settings.schema,
            arrays.collect(),
            batch.num_rows(),
            None,
        )?;
        if self.on_disk.is_empty() {
            let size = size_of_rows(&keys, &kept);
            let mut memory = self.pool.reservation();
            let mut fits = memory.try_grow(size);
            if !fits && self.may_exceed && self.waiting.is_empty() && self.current.is_none() {
                memory.grow_anyway(size);
                fits = true;
            }
            if fits {
                self.waiting.push_back(Arc::new(Part {
                    keys,
                    batch: kept,
                    _memory: memory,
                }));
                return Ok(());
            }
        }
        let block = self.codec.block(&keys, &kept)?;
        if self.file.is_none() {
            self.file = Some(self.folder.file()?);
        }
        let file = self.file.as_mut().expect("it has just been made");
        self.on_disk.push_back(file.append(&block)?);
        Ok(())
    }

    /// No more rows will come.
    pub fn end(&mut self) {
        self.has_ended = true;
    }

    /// Whether no more rows will come.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// While rows of several batches are kept for one key, no further batch may exceed the budget.
    pub fn set_may_exceed(&mut self, may_exceed: bool) {
        self.may_exceed = may_exceed;
    }

    /// The next row, as long as one is here.
    ///
    /// # Errors
    /// Rows on disk do not come back, or do not fit into memory beside the rows of one key.
    pub fn current(&mut self) -> Result<Option<Row>, ComponentError> {
        loop {
            if let Some((part, row)) = &self.current
                && *row < part.keys.len()
            {
                return Ok(Some(Row {
                    part: Arc::clone(part),
                    row: *row,
                }));
            }
            self.current = None;
            if let Some(part) = self.waiting.pop_front() {
                self.current = Some((part, 0));
            } else if let Some(block) = self.on_disk.pop_front() {
                self.current = Some((self.load(block)?, 0));
            } else {
                return Ok(None);
            }
        }
    }

    /// Goes on to the row behind the current one.
    pub fn advance(&mut self) {
        if let Some((_, row)) = &mut self.current {
            *row += 1;
        }
    }

    fn load(&mut self, block: Block) -> Result<Arc<Part>, ComponentError> {
        let file = self.file.as_mut().expect("a block is in a file");
        let bytes = file.read(block)?;
        if self.on_disk.is_empty() {
            file.clear()?;
        }
        let (keys, batch) = self.codec.read_block(&bytes)?;
        let size = size_of_rows(&keys, &batch);
        let mut memory = self.pool.reservation();
        if !memory.try_grow(size) {
            if !self.may_exceed {
                let what = format!(
                    "keeps the rows of one key of its input \"{}\", and there are more of them than",
                    self.settings.input
                );
                let instead = "make the keys of one input unique, swap the inputs";
                return Err(over_budget(
                    &self.pool,
                    &self.settings.component,
                    &what,
                    instead,
                ));
            }
            memory.grow_anyway(size);
        }
        Ok(Arc::new(Part {
            keys,
            batch,
            _memory: memory,
        }))
    }

    fn keys(&self, batch: &RecordBatch) -> Result<Keys, ComponentError> {
        let plain = self.encoder.keys(batch)?;
        let columns = self.encoder.columns().iter();
        let columns: Vec<_> = columns.map(|key| batch.column(key.position)).collect();
        let mut keys = Keys::default();
        let mut bytes = Vec::new();
        for row in 0..plain.len() {
            let has_null = columns.iter().any(|column| column.is_null(row));
            bytes.clear();
            bytes.extend_from_slice(plain.get(row));
            bytes.push(u8::from(has_null));
            keys.push(&bytes);
        }
        Ok(keys)
    }

    fn check_order(&mut self, keys: &Keys) -> Result<(), ComponentError> {
        for row in 0..keys.len() {
            let before = match row.checked_sub(1) {
                Some(before) => Some(keys.get(before)),
                None => self.last_key.as_deref(),
            };
            if before.is_some_and(|before| keys.get(row) < before) {
                return Err(self.unsorted(self.rows + row as u64 + 1));
            }
        }
        if let Some(last) = keys.len().checked_sub(1) {
            self.last_key = Some(keys.get(last).to_vec());
        }
        Ok(())
    }

    fn unsorted(&self, row: u64) -> ComponentError {
        let SideSettings {
            component, input, ..
        } = &self.settings;
        let text = format!(
            "input \"{input}\" of \"{component}\" is declared as sorted, and its row {row} belongs before row {}; put a Sort before it, or let the source sort in the order that a Sort would give",
            row - 1
        );
        let message = Message::new(codes::number(codes::INPUT_NOT_SORTED), text);
        ComponentError::Failed(Box::new(Message {
            row: Some(row),
            ..message
        }))
    }
}

fn size_of_rows(keys: &Keys, batch: &RecordBatch) -> u64 {
    keys.size() + batch.get_array_memory_size() as u64
}
