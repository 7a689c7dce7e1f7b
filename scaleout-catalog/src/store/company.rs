//! What may be written at the same time, by one master or by several.
//!
//! A SQLite file has one writer. On a server, what people administer is written alone, over all
//! masters; what executions are made of goes on side by side, since no two of them write the same
//! rows: a new execution is nobody's yet, one that is leased is its worker's, and one that waits is
//! the scheduler's. The server's advisory locks keep them apart; they end with the transaction, so a
//! master that dies holds up nobody.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use scaleout_core::protocol::worker::AttemptKey;
use uuid::Uuid;

/// What may be written at the same time as a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// Nothing, by no master.
    Alone,
    /// What is beside, but no other change of leases that wait to be granted.
    Grants,
    /// What is beside, but no other housekeeping.
    Chores,
    /// What is beside. What the same worker says stays in its order.
    Worker(Uuid),
    /// What is beside: it writes only what it has made itself or what is no other's.
    Beside,
    /// What is beside, and reads of what is not administered only the execution that it starts, on
    /// which it has a lock: what others leave for the commit may stay there.
    Start(Option<i64>),
    /// What is beside, and reads of what is not administered only the execution and the attempt that it
    /// ends: what others leave for the commit may stay there.
    End(AttemptKey),
}

/// Connections for what goes on side by side.
pub const BESIDE: usize = 2;
/// Connections that write to a server.
pub const WRITERS: usize = 3 + BESIDE;

/// The kinds of connections, one after the other.
const KINDS: [Company; WRITERS] = [
    Company::Alone,
    Company::Grants,
    Company::Chores,
    Company::Beside,
    Company::Beside,
];

/// Begins a transaction with its locks. The locks are "ssis" and a letter as numbers: first what
/// tells alone from beside, then the one of a kind. What is read afterwards sees what earlier
/// holders have committed. `seen` moves the count of what was done alone, or only reads it: while it
/// stands, what was read of what is administered still holds. With it comes what the server calls the
/// transaction.
macro_rules! begin {
    ($seen:literal; $($lock:literal),+) => {
        concat!(
            "BEGIN; ",
            $("SELECT ", $lock, "; ",)+
            $seen,
            "; SAVEPOINT change"
        )
    };
    ($($lock:literal),+) => {
        begin!(
            "SELECT last_value::text, txid_current()::text FROM alone";
            $($lock),+
        )
    };
}

impl Company {
    /// Which kind of connection the number of one stands for.
    pub fn of_connection(number: usize) -> Self {
        KINDS.get(number).copied().unwrap_or(Self::Beside)
    }

    /// The number of the connection that a change goes to; `turn` moves with each.
    pub fn connection(self, turn: usize) -> usize {
        let beside = |number: usize| 3 + number % BESIDE;
        match self {
            Self::Alone => 0,
            Self::Grants => 1,
            Self::Chores => 2,
            Self::Worker(worker) => {
                let mut hasher = DefaultHasher::new();
                worker.hash(&mut hasher);
                beside(usize::try_from(hasher.finish() % 1024).unwrap_or(0))
            }
            // Those of a kind share their statements.
            Self::Start(_) => beside(0),
            Self::End(_) => beside(1),
            Self::Beside => beside(turn),
        }
    }

    /// Whether it may change what others remember.
    pub fn is_alone(self) -> bool {
        self == Self::Alone
    }

    /// Whether it reads nothing that others may have left for the commit but what it asks for first.
    pub fn keeps_to_itself(self) -> bool {
        matches!(self, Self::Start(_) | Self::End(_))
    }

    /// Whether it is about to create an execution.
    pub fn creates(self) -> bool {
        self == Self::Start(None)
    }

    /// The statements that begin a transaction of this kind on PostgreSQL.
    pub fn begin(self) -> &'static str {
        match self {
            Self::Alone => begin!(
                "SELECT nextval('alone')::text, txid_current()::text";
                "pg_advisory_xact_lock(1936943475, 65)::text"
            ),
            Self::Grants => begin!(
                "pg_advisory_xact_lock_shared(1936943475, 65)::text",
                "pg_advisory_xact_lock(1936943475, 71)::text"
            ),
            Self::Chores => begin!(
                "pg_advisory_xact_lock_shared(1936943475, 65)::text",
                "pg_advisory_xact_lock(1936943475, 67)::text"
            ),
            Self::Worker(_) | Self::Beside | Self::Start(_) | Self::End(_) => {
                begin!("pg_advisory_xact_lock_shared(1936943475, 65)::text")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: AttemptKey = AttemptKey {
        execution_id: 7,
        attempt: 1,
    };

    #[test]
    fn each_kind_has_connections_of_its_own() {
        let worker = Company::Worker(Uuid::from_u128(7));
        assert_eq!(worker.connection(0), worker.connection(5));
        for turn in 0..20 {
            for company in [
                Company::Alone,
                Company::Grants,
                Company::Chores,
                Company::Beside,
            ] {
                let number = company.connection(turn);
                assert!(number < WRITERS);
                assert_eq!(Company::of_connection(number), company);
            }
            let number = Company::Worker(Uuid::from_u128(turn as u128)).connection(turn);
            assert_eq!(Company::of_connection(number), Company::Beside);
            for company in [Company::Start(Some(7)), Company::End(END)] {
                let number = company.connection(turn);
                assert_eq!(Company::of_connection(number), Company::Beside);
            }
        }
    }

    #[test]
    fn only_what_is_alone_excludes_all() {
        assert!(Company::Alone.begin().contains("pg_advisory_xact_lock("));
        for beside in [
            Company::Grants,
            Company::Chores,
            Company::Beside,
            Company::Start(None),
            Company::End(END),
        ] {
            let text = beside.begin();
            assert!(
                text.contains("pg_advisory_xact_lock_shared(1936943475, 65)"),
                "{text}"
            );
        }
    }
}
