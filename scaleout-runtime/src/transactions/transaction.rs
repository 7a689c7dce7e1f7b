//! One transaction: the connection that all tasks inside share.

use std::sync::{Arc, Mutex, PoisonError};

use scaleout_core::package::ConnectionManager;
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::cancel::CancelToken;
use crate::connections::target::{Target, target};
use crate::connections::{self, Connection, ConnectionError, Dialect};
use crate::run::is_retained;
use crate::services::ConnectionLease;

/// `IsolationLevel` and its words in SQL. Others leave the level to the database.
const LEVELS: [(i32, &str, &str); 5] = [
    (256, "READ UNCOMMITTED", "READ UNCOMMITTED"),
    (4096, "READ COMMITTED", "READ COMMITTED"),
    (65_536, "REPEATABLE READ", "REPEATABLE READ"),
    (1_048_576, "SERIALIZABLE", "SERIALIZABLE"),
    // The closest that PostgreSQL has.
    (16_777_216, "SNAPSHOT", "REPEATABLE READ"),
];

/// A transaction that a container began.
#[derive(Debug)]
pub struct Transaction {
    /// Name of the container.
    container: String,
    /// `IsolationLevel` of the container.
    isolation: i32,
    /// The database that is written inside, as far as the package tells in advance.
    home: Option<Target>,
    joined: Mutex<Option<Joined>>,
}

struct Joined {
    target: Target,
    manager: String,
    lease: ConnectionLease,
}

impl std::fmt::Debug for Joined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Joined({})", self.manager)
    }
}

impl Transaction {
    /// A transaction without a connection: it begins on the database with its first use.
    #[must_use]
    pub fn new(container: &str, isolation: i32, home: Option<Target>) -> Self {
        Self {
            container: container.to_owned(),
            isolation,
            home,
            joined: Mutex::default(),
        }
    }

    /// The connection of the transaction for a task that may write; the first one begins it.
    ///
    /// # Errors
    /// It cannot be opened, is a retained one, or is another database than the one that the
    /// transaction is in already.
    pub fn join(
        &self,
        manager: &ConnectionManager,
        settings: &RuntimeSettings,
        cancel: &CancelToken,
    ) -> Result<ConnectionLease, ConnectionError> {
        if is_retained(manager) {
            return Err(self.retained(manager));
        }
        let wanted = target(manager, settings)?;
        // Held while opening: two tasks that start together share one connection.
        let mut joined = self.joined.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(joined) = &*joined {
            return match joined.target == wanted {
                true => Ok(Arc::clone(&joined.lease)),
                false => Err(self.second(manager, &joined.manager)),
            };
        }
        let mut connection = connections::open(manager, settings, cancel)?;
        begin(&mut *connection, self.isolation)?;
        let lease: ConnectionLease = Arc::new(Mutex::new(connection));
        *joined = Some(Joined {
            target: wanted,
            manager: manager.name.clone(),
            lease: Arc::clone(&lease),
        });
        Ok(lease)
    }

    /// Whether a database that is only read belongs into the transaction: the one that is written.
    #[must_use]
    pub fn is_home(&self, manager: &ConnectionManager, settings: &RuntimeSettings) -> bool {
        let Ok(wanted) = target(manager, settings) else {
            return false;
        };
        let joined = self.joined.lock().unwrap_or_else(PoisonError::into_inner);
        let own = joined.as_ref().map(|joined| &joined.target);
        own.or(self.home.as_ref()) == Some(&wanted)
    }

    /// Ends it. Nothing was done where no task has used a database.
    ///
    /// # Errors
    /// The database does not commit, or not roll back.
    pub fn end(&self, commits: bool) -> Result<(), ConnectionError> {
        let joined = self
            .joined
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(joined) = joined else { return Ok(()) };
        let mut connection = joined.lease.lock().unwrap_or_else(PoisonError::into_inner);
        match commits {
            true => connection.commit(),
            // A statement may have ended it already, as a deadlock does.
            false if !connection.in_transaction() => Ok(()),
            false => match connection.rollback() {
                // The package is being stopped: the end of the connection undoes everything.
                Err(ConnectionError::Canceled(_)) => Ok(()),
                ended => ended,
            },
        }
    }

    fn retained(&self, manager: &ConnectionManager) -> ConnectionError {
        ConnectionError::Invalid {
            name: manager.name.clone(),
            reason: format!(
                "RetainSameConnection is True, and a retained connection cannot take part in the \
                 transaction of `{}` (0xC001A003); set it to False, or set TransactionOption of \
                 the task to NotSupported",
                self.container
            ),
        }
    }

    fn second(&self, manager: &ConnectionManager, first: &str) -> ConnectionError {
        ConnectionError::Invalid {
            name: manager.name.clone(),
            reason: second_database(&self.container, first, &manager.name),
        }
    }
}

/// The refusal of a distributed transaction.
pub(super) fn second_database(container: &str, first: &str, second: &str) -> String {
    format!(
        "`{container}` requires a transaction (TransactionOption), which is in the database of \
         connection manager `{first}`; `{second}` is another database, and both together would \
         need a distributed transaction, which does not exist here (SO4042); set TransactionOption \
         of the tasks that use `{second}` to NotSupported, or give each database a container of \
         its own"
    )
}

fn begin(connection: &mut dyn Connection, isolation: i32) -> Result<(), ConnectionError> {
    let level = LEVELS.iter().find(|(number, ..)| *number == isolation);
    let set = |words: &str| format!("SET TRANSACTION ISOLATION LEVEL {words}");
    match (connection.dialect(), level) {
        (Dialect::SqlServer, Some((_, words, _))) => {
            connection.execute(&set(words), &[])?;
            connection.begin()
        }
        (Dialect::Postgres, Some((.., words))) => {
            connection.begin()?;
            connection.execute(&set(words), &[]).map(|_| ())
        }
        // SQLite has one level, which is serializable.
        _ => connection.begin(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::test_manager::manager;

    fn at(folder: &std::path::Path, name: &str) -> ConnectionManager {
        let path = folder.join(name);
        let string = format!(
            "Provider=SQLite;Data Source={};Mode=ReadWriteCreate",
            path.display()
        );
        manager("OLEDB", &string)
    }

    fn count(folder: &std::path::Path) -> i64 {
        let database = rusqlite::Connection::open(folder.join("x.db")).unwrap();
        let sql = "SELECT count(*) FROM T";
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn insert(transaction: &Transaction, manager: &ConnectionManager) {
        let lease = transaction.join(manager, &Default::default(), &Default::default());
        let lease = lease.unwrap();
        let inserted = lease
            .lock()
            .unwrap()
            .execute("INSERT INTO T VALUES (1)", &[]);
        inserted.unwrap();
    }

    #[test]
    fn all_that_join_share_one_transaction_which_ends_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let database = rusqlite::Connection::open(folder.path().join("x.db")).unwrap();
        database.execute_batch("CREATE TABLE T (a int)").unwrap();
        let manager = at(folder.path(), "x.db");
        for (commits, rows) in [(false, 0), (true, 2)] {
            let transaction = Transaction::new("S", 1_048_576, None);
            insert(&transaction, &manager);
            insert(&transaction, &manager);
            assert_eq!(count(folder.path()), 0);
            transaction.end(commits).unwrap();
            assert_eq!(count(folder.path()), rows);
        }
    }

    #[test]
    fn a_second_database_and_a_retained_connection_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let (first, mut second) = (at(folder.path(), "x.db"), at(folder.path(), "y.db"));
        second.name = "other".to_owned();
        let transaction = Transaction::new("S", -1, None);
        let join = |manager: &ConnectionManager| {
            transaction.join(manager, &Default::default(), &Default::default())
        };
        join(&first).unwrap();
        let refused = join(&second).err().unwrap().explained();
        for part in ["`S`", "`db`", "`other`", "SO4042"] {
            assert!(refused.contains(part), "{part}: {refused}");
        }
        let retain = ("Retain".to_owned(), "True".to_owned());
        second.properties.extend([retain]);
        let refused = join(&second).err().unwrap().explained();
        assert!(refused.contains("0xC001A003"), "{refused}");
    }

    #[test]
    fn without_use_there_is_nothing_to_end() {
        Transaction::new("S", -1, None).end(true).unwrap();
    }
}
