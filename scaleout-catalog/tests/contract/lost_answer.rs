//! A commit whose answer is lost: the server did it, and nobody was told.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scaleout_core::error::Explain as _;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use crate::databases::{PostgresCluster, fresh_postgres, scalar};
use crate::support::Bench;

/// The name of the socket of the default port.
const SOCKET: &str = ".s.PGSQL.5432";

/// A way to a server that breaks between a commit and its answer.
struct Wire {
    folder: tempfile::TempDir,
    breaks: Arc<AtomicBool>,
    accepting: JoinHandle<()>,
}

impl Wire {
    fn to(server: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let breaks = Arc::new(AtomicBool::new(false));
        let armed = Arc::clone(&breaks);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), Arc::clone(&armed)));
            }
        });
        Self {
            folder,
            breaks,
            accepting,
        }
    }

    /// The next commit gets no answer.
    fn break_at_commit(&self) {
        self.breaks.store(true, Ordering::SeqCst);
    }

    /// Nobody gets through any more.
    async fn cut(&mut self) {
        self.accepting.abort();
        assert!((&mut self.accepting).await.unwrap_err().is_cancelled());
        std::fs::remove_file(self.folder.path().join(SOCKET)).unwrap();
    }
}

/// Carries bytes both ways until one side ends, or swallows the answer to a commit and ends.
async fn carry(mut client: UnixStream, server: PathBuf, breaks: Arc<AtomicBool>) {
    let mut server = UnixStream::connect(server).await.unwrap();
    let (mut asked, mut answered) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(1..) = read else { return };
                let bytes = &asked[..read.unwrap()];
                let is_commit = bytes.windows(6).any(|part| part == b"COMMIT");
                server.write_all(bytes).await.unwrap();
                if is_commit && breaks.swap(false, Ordering::SeqCst) {
                    // The answer has come: the server has done it.
                    assert_ne!(server.read(&mut answered).await.unwrap(), 0);
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(1..) = read else { return };
                if client.write_all(&answered[..read.unwrap()]).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn through(wire: &Wire, url: &str, server: &Path) -> String {
    let (from, to) = (
        server.display().to_string(),
        wire.folder.path().display().to_string(),
    );
    url.replace(&format!("host={from}"), &format!("host={to}"))
}

/// A catalog that reaches its server through a wire; and the way around it.
async fn on_a_wire() -> Option<(PostgresCluster, Wire, Bench, String)> {
    let cluster = PostgresCluster::start_or_skip()?;
    let direct = fresh_postgres(&cluster).await.to_string();
    let wire = Wire::to(cluster.folder().join(SOCKET));
    let location = through(&wire, &direct, cluster.folder()).parse().unwrap();
    let bench = Bench::open_at(location, tempfile::tempdir().unwrap()).await;
    Some((cluster, wire, bench, direct))
}

const FOLDERS: &str = "SELECT count(*)::text FROM catalog.folders";

#[tokio::test]
async fn a_commit_that_the_server_made_is_acknowledged_though_its_answer_was_lost() {
    let Some((_cluster, wire, bench, direct)) = on_a_wire().await else {
        return;
    };
    let before = bench.catalog.commit_counts();
    wire.break_at_commit();
    let made = bench
        .call("create_folder", json!({"folder_name": "a"}))
        .await;
    assert!(made.is_ok(), "{made:?}");
    assert!(!wire.breaks.load(Ordering::SeqCst), "it broke");
    assert_eq!(bench.catalog.commit_counts().changes, before.changes + 1);
    assert_eq!(scalar(&direct, FOLDERS).await, "1");
    let again = bench.refusal("create_folder", json!({"folder_name": "a"}));
    assert_eq!(again.await, "SO7012");
}

#[tokio::test]
async fn a_commit_that_nobody_can_be_asked_about_is_not_known() {
    let Some((_cluster, mut wire, bench, direct)) = on_a_wire().await else {
        return;
    };
    wire.break_at_commit();
    wire.cut().await;
    let made = bench
        .call("create_folder", json!({"folder_name": "a"}))
        .await;
    let error = made.unwrap_err();
    assert_eq!(error.code(), "SO9111");
    assert!(error.to_string().contains("is not known"), "{error}");
    assert_eq!(scalar(&direct, FOLDERS).await, "1", "it was made after all");
}
