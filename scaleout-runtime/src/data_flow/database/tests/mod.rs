//! Sources, destinations and the command on SQLite, in whole data flows.

mod command;
mod destination;
mod families;
mod source;

use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::Connection as Database;
use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::{Component, ComponentConnection, Pipeline};

use self::destination::{FAST, TABLE, destination};
use self::source::source;
use crate::connections::test_manager::manager;
use crate::connections::{ConnectionError, open};
use crate::data_flow::engine::run_with;
use crate::data_flow::testing::kinds::{TestKind, finder};
use crate::data_flow::testing::pipelines::{path, pipeline};
use crate::data_flow::testing::services::{Recorder, VariableMap, services};
use crate::events::Severity;
use crate::services::{ConnectionLease, Connections, Services};
use crate::value::{DataType, TypedValue, Value};

const WSTR: DataType = DataType::Wstr { length: 20 };

/// One database behind every reference.
struct OneDatabase {
    manager: Arc<ConnectionManager>,
    retained: Option<ConnectionLease>,
}

impl Connections for OneDatabase {
    fn resolve(&self, _: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        Ok(Arc::clone(&self.manager))
    }
    fn open(&self, _: &str) -> Result<ConnectionLease, ConnectionError> {
        if let Some(retained) = &self.retained {
            return Ok(Arc::clone(retained));
        }
        let opened = open(&self.manager, &Default::default(), &Default::default())?;
        Ok(Arc::new(Mutex::new(opened)))
    }
}

/// A database file with a script run in it.
struct Fixture {
    _folder: tempfile::TempDir,
    file: PathBuf,
    recorder: Arc<Recorder>,
    variables: Arc<VariableMap>,
    retains: bool,
    /// Type of the connection manager.
    connection_type: &'static str,
}

impl Fixture {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.db");
        Database::open(&file)
            .unwrap()
            .execute_batch(script)
            .unwrap();
        Self {
            _folder: folder,
            file,
            recorder: Arc::default(),
            variables: Arc::default(),
            retains: false,
            connection_type: "OLEDB",
        }
    }

    fn with_variable(self, name: &str, data_type: DataType, value: Value) -> Self {
        let value = TypedValue { data_type, value };
        self.variables
            .0
            .lock()
            .unwrap()
            .insert(name.to_owned(), value);
        self
    }

    fn services(&self) -> Services {
        let string = format!("Provider=SQLite;Data Source={};", self.file.display());
        let manager = Arc::new(manager(self.connection_type, &string));
        let retained = self.retains.then(|| {
            let opened = open(&manager, &Default::default(), &Default::default()).unwrap();
            Arc::new(Mutex::new(opened))
        });
        Services {
            connections: Arc::new(OneDatabase { manager, retained }),
            ..services(&self.recorder, &self.variables)
        }
    }

    fn run(&self, pipeline: &Pipeline, kinds: Vec<TestKind>) -> bool {
        let services = self.services();
        run_with(pipeline, "\\P\\D", &services, &finder(kinds)).is_ok()
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        all_rows(&self.file, sql)
    }

    fn errors(&self) -> Vec<u32> {
        self.recorder.codes(Severity::Error)
    }
}

fn all_rows(file: &FilePath, sql: &str) -> Vec<String> {
    let database = Database::open(file).unwrap();
    let mut statement = database.prepare(sql).unwrap();
    let count = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..count).map(|at| format!("{:?}", row.get_ref(at).unwrap()));
        Ok(cells.collect::<Vec<_>>().join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn connected(mut it: Component) -> Component {
    it.connections.push(ComponentConnection {
        name: "OleDbConnection".to_owned(),
        manager_id: "{1}".to_owned(),
        manager_ref_id: String::new(),
    });
    it
}

/// A source and a destination on the same table space, alone and on one retained connection.
#[test]
fn reading_and_writing_the_same_file_does_not_lock_up() {
    for retains in [false, true] {
        let mut fixture = Fixture::new(TABLE);
        fixture.retains = retains;
        Database::open(&fixture.file)
            .unwrap()
            .execute_batch("CREATE TABLE S (id int, name nvarchar(3)); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000) INSERT INTO S SELECT i, 'x' FROM n")
            .unwrap();
        let settings = [("AccessMode", "0"), ("OpenRowset", "S")];
        let components = vec![source(&settings), destination(&FAST)];
        let mut flow = pipeline(components, vec![path("src.out", "dst.in")]);
        // More batches than may wait between the two.
        flow.default_buffer_max_rows = 100;
        assert!(
            fixture.run(&flow, Vec::new()),
            "{:?}",
            fixture.recorder.messages
        );
        assert_eq!(
            fixture.rows("SELECT count(*), sum(id) FROM T"),
            ["Integer(25000)|Integer(312512500)"]
        );
    }
}
