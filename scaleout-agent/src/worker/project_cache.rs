//! Project files by content hash: fetched once, checked before they are used.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use scaleout_core::kill_points::{KillPoint, pass};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::error::WorkerError;
use super::link::Link;
use crate::files::write_private;

/// A folder of `.ispac` files named by their SHA-256.
#[derive(Debug)]
pub(super) struct ProjectCache {
    folder: PathBuf,
    /// Checked since this worker started, as the files were then. The lock is held over a
    /// download, so that ten executions of a new project fetch it once.
    checked: Mutex<BTreeMap<String, Stamp>>,
}

/// What tells cheaply that a file has changed: its length and when it was written.
type Stamp = (u64, Option<SystemTime>);

impl ProjectCache {
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            checked: Mutex::new(BTreeMap::new()),
        }
    }

    /// The file with that content, from the folder or from the master.
    pub async fn file(&self, hash: &str, link: &Link) -> Result<PathBuf, WorkerError> {
        if !is_hash(hash) {
            let hash = hash.to_owned();
            return Err(WorkerError::WrongProject { hash });
        }
        let path = self.folder.join(format!("{hash}.ispac"));
        let mut checked = self.checked.lock().await;
        if let Some(stamp) = checked.get(hash)
            && stamp_of(&path).as_ref() == Some(stamp)
        {
            return Ok(path);
        }
        if !has_content(&path, hash).await {
            let content = link.project(hash).await?;
            store(path.clone(), content, hash).await?;
            pass(KillPoint::WorkerProjectCached);
        }
        if let Some(stamp) = stamp_of(&path) {
            checked.insert(hash.to_owned(), stamp);
        }
        Ok(path)
    }
}

/// The hash becomes a file name, so it is nothing but a hash.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Asked for on this thread: the way to another one takes longer than the answer.
fn stamp_of(path: &Path) -> Option<Stamp> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.len(), file.modified().ok()))
}

async fn has_content(path: &Path, hash: &str) -> bool {
    let (path, hash) = (path.to_owned(), hash.to_owned());
    let checked =
        spawn_blocking(move || std::fs::read(path).is_ok_and(|content| hash_of(&content) == hash));
    checked.await.unwrap_or(false)
}

async fn store(path: PathBuf, content: Vec<u8>, hash: &str) -> Result<(), WorkerError> {
    let hash = hash.to_owned();
    let stored = spawn_blocking(move || {
        if hash_of(&content) != hash {
            return Err(WorkerError::WrongProject { hash });
        }
        write_private(&path, &content).map_err(|source| WorkerError::Data { path, source })
    });
    stored
        .await
        .expect("storing a file neither panics nor is aborted")
}

fn hash_of(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_content_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let hash = hash_of(b"content");
        let path = folder.path().join("x.ispac");
        let wrong = store(path.clone(), b"other".to_vec(), &hash).await;
        assert!(matches!(wrong, Err(WorkerError::WrongProject { .. })));
        assert!(!path.exists());
        store(path.clone(), b"content".to_vec(), &hash)
            .await
            .unwrap();
        assert!(has_content(&path, &hash).await);
        std::fs::write(&path, b"damaged").unwrap();
        assert!(!has_content(&path, &hash).await);
    }

    #[test]
    fn a_hash_cannot_lead_out_of_the_folder() {
        assert!(is_hash(&hash_of(b"")));
        assert!(!is_hash("../../etc/passwd"));
        assert!(!is_hash(&format!("../{}", &hash_of(b"")[3..])));
    }
}
