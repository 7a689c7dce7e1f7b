//! An executable as messages and error counts know it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use scaleout_core::package::{Executable, ExecutableKind, LoggingOptions};

use crate::transactions::{Link, Transaction};

/// Identity of an executable, and the errors counted against it in its present run.
#[derive(Debug)]
pub struct Frame {
    /// Name.
    pub name: String,
    /// Braced GUID.
    pub id: String,
    /// Description.
    pub description: String,
    /// Path inside the package: `\Package\Sequence\Task`.
    pub package_path: String,
    /// `message_source_type` of its messages.
    pub source_type: i16,
    /// The container it sits in.
    pub outer: Option<Arc<Frame>>,
    /// What it writes to log providers; without options its container's count.
    pub logging: Option<LoggingOptions>,
    errors: AtomicU32,
}

impl Frame {
    /// The frame of an executable inside `outer`.
    #[must_use]
    pub fn new(executable: &Executable, outer: Option<Arc<Frame>>) -> Self {
        let source_type = match executable.kind {
            ExecutableKind::Package => 30,
            ExecutableKind::Task(_) => 40,
            ExecutableKind::DataFlow(_) => 60,
            _ => 50,
        };
        Self {
            name: executable.name.clone(),
            id: executable.id.clone(),
            description: executable.description.clone(),
            package_path: format!("\\{}", executable.ref_id),
            source_type,
            outer,
            logging: executable.logging.clone(),
            errors: AtomicU32::new(0),
        }
    }

    /// Errors raised here or below since the run began.
    #[must_use]
    pub fn errors(&self) -> u32 {
        self.errors.load(Ordering::Acquire)
    }

    /// One more error.
    pub fn count_error(&self) {
        self.errors.fetch_add(1, Ordering::AcqRel);
    }

    /// A new run begins.
    pub fn begin(&self) {
        self.errors.store(0, Ordering::Release);
    }
}

/// Where in a run something happens, iterations and event handlers included.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// `\Package\Loop[2]\Task`
    pub execution_path: String,
    /// The event handlers that this happens inside of.
    pub inside: Option<Arc<Inside>>,
    /// Transactions begun and left on the way here.
    pub transactions: Option<Arc<Link>>,
    /// It is inside a loop or a transaction, which checkpoints see as one.
    pub is_unit: bool,
}

/// One event handler under way, and the ones around it.
#[derive(Debug)]
pub struct Inside {
    /// Package path of the handler.
    pub handler: String,
    /// The handler that this one runs in.
    pub outer: Option<Arc<Inside>>,
}

impl Place {
    /// The place of a child.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        Self {
            execution_path: format!("{}\\{name}", self.execution_path),
            ..self.clone()
        }
    }

    /// The place of one iteration of this loop, from 1.
    #[must_use]
    pub fn iteration(&self, number: u64) -> Self {
        Self {
            execution_path: format!("{}[{number}]", self.execution_path),
            is_unit: true,
            ..self.clone()
        }
    }

    /// The place inside an event handler that was raised from here.
    #[must_use]
    pub fn handler(&self, handler: &str, execution_path: String) -> Self {
        let inside = Inside {
            handler: handler.to_owned(),
            outer: self.inside.clone(),
        };
        Self {
            execution_path,
            inside: Some(Arc::new(inside)),
            ..self.clone()
        }
    }

    /// The same place inside a container that began a transaction, or stays out of one.
    #[must_use]
    pub fn with(&self, link: Arc<Link>) -> Self {
        Self {
            is_unit: self.is_unit || link.transaction.is_some(),
            transactions: Some(link),
            ..self.clone()
        }
    }

    /// The transaction that counts here.
    #[must_use]
    pub fn transaction(&self) -> Option<&Arc<Transaction>> {
        self.transactions.as_ref()?.transaction.as_ref()
    }

    /// Whether this happens inside that handler: a handler never runs inside itself.
    #[must_use]
    pub fn is_inside(&self, handler: &str) -> bool {
        let mut at = self.inside.as_deref();
        while let Some(inside) = at {
            if inside.handler == handler {
                return true;
            }
            at = inside.outer.as_deref();
        }
        false
    }
}
