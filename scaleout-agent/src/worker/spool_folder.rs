//! The folder of the spools, and files there that are used again.
//!
//! A worker of short packages makes and removes hundreds of files in a second, and file systems take
//! longer to find a place for a new one when many have just been removed. So the file of a spool that
//! is no longer needed is emptied and waits, under another name, for the next one.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use scaleout_core::settings::WorkerSettings;

/// Ending of the name of a file that waits.
const ENDING: &str = "free";
/// Most files that wait: more than a worker has slots.
const MOST: usize = 64;

/// Where the spools of a worker are.
#[must_use]
pub fn spool_path(data: &Path, settings: &WorkerSettings) -> PathBuf {
    if settings.execution_log_cache_folder.is_empty() {
        data.join("spool")
    } else {
        PathBuf::from(&settings.execution_log_cache_folder)
    }
}

/// The folder.
#[derive(Debug)]
pub(super) struct SpoolFolder {
    path: PathBuf,
    free: Mutex<Vec<(PathBuf, File)>>,
    made: AtomicU64,
}

impl SpoolFolder {
    /// That folder, which is there. What waited when an earlier worker ended is removed.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn open(path: PathBuf) -> io::Result<Arc<Self>> {
        for entry in fs::read_dir(&path)? {
            let entry = entry?.path();
            if entry.extension().is_some_and(|ending| ending == ENDING) {
                fs::remove_file(entry)?;
            }
        }
        Ok(Arc::new(Self {
            path,
            free: Mutex::default(),
            made: AtomicU64::new(0),
        }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An empty file of that name.
    pub fn create(self: &Arc<Self>, name: &str) -> io::Result<SpoolFile> {
        let path = self.path.join(name);
        let waiting = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        // One that somebody has removed meanwhile has no name to be changed.
        let named = waiting.filter(|(waiting, _)| fs::rename(waiting, &path).is_ok());
        let file = match named {
            Some((_, file)) => file,
            None => {
                let file = open(OpenOptions::new().create(true), &path)?;
                // The name may have been there.
                file.set_len(0)?;
                file
            }
        };
        Ok(self.over(path, file))
    }

    /// A file that is there.
    pub fn existing(self: &Arc<Self>, name: &str) -> io::Result<SpoolFile> {
        let path = self.path.join(name);
        let file = open(&mut OpenOptions::new(), &path)?;
        Ok(self.over(path, file))
    }

    fn over(self: &Arc<Self>, path: PathBuf, file: File) -> SpoolFile {
        SpoolFile {
            folder: Arc::clone(self),
            file: Some(file),
            place: Mutex::new(Place::Named(path)),
        }
    }

    fn free_name(&self) -> PathBuf {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        self.path.join(format!("{process}-{number}.{ENDING}"))
    }

    /// Keeps a file for the next spool, unless enough wait.
    fn keep(&self, path: PathBuf, file: File) {
        let is_empty = file.set_len(0).is_ok();
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if is_empty && free.len() < MOST {
            free.push((path, file));
        } else {
            drop(free);
            // The next start removes what stays.
            let _ = fs::remove_file(path);
        }
    }
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.read(true).append(true).mode(0o600).open(path)
}

#[derive(Debug)]
enum Place {
    /// The file of a spool.
    Named(PathBuf),
    /// No longer that: to be used again once nobody holds it.
    Free(PathBuf),
}

/// The file of a spool. Dropped, it stays where it is, unless it was released.
#[derive(Debug)]
pub(super) struct SpoolFile {
    folder: Arc<SpoolFolder>,
    /// Is there until it is dropped.
    file: Option<File>,
    place: Mutex<Place>,
}

impl SpoolFile {
    /// For reading at any place and writing at the end.
    pub fn file(&self) -> &File {
        self.file
            .as_ref()
            .expect("the file is taken out when the spool is dropped, not before")
    }

    /// Brings what is written to the disk, and that it is there.
    pub fn sync(&self) -> io::Result<()> {
        self.file().sync_data()?;
        File::open(&self.folder.path)?.sync_all()
    }

    /// The spool is no longer needed: its name is gone. Whoever still holds it reads and writes what
    /// nobody else sees.
    pub fn release(&self) -> io::Result<()> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Place::Named(path) = &*place {
            let free = self.folder.free_name();
            fs::rename(path, &free)?;
            *place = Place::Free(free);
        }
        Ok(())
    }
}

impl Drop for SpoolFile {
    fn drop(&mut self) {
        let place = self.place.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let (Place::Free(path), Some(file)) = (place, self.file.take()) {
            self.folder.keep(std::mem::take(path), file);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::{Read as _, Write as _};

    use super::*;

    fn names(folder: &Path) -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
        names.map(ToOwned::to_owned).into()
    }

    fn free(number: u32) -> String {
        format!("{}-{number}.free", std::process::id())
    }

    #[test]
    fn a_released_file_is_used_again_empty() {
        let at = tempfile::tempdir().unwrap();
        let folder = SpoolFolder::open(at.path().to_owned()).unwrap();
        let first = folder.create("1-1.spool").unwrap();
        first.file().write_all(b"what was said").unwrap();
        first.release().unwrap();
        first.release().unwrap();
        assert_eq!(names(at.path()), set([&free(0)]));
        drop(first);
        let second = folder.create("2-1.spool").unwrap();
        assert_eq!(names(at.path()), set(["2-1.spool"]));
        second.file().write_all(b"other").unwrap();
        assert_eq!(fs::read(at.path().join("2-1.spool")).unwrap(), b"other");
    }

    #[test]
    fn a_file_that_somebody_holds_is_not_used_again() {
        let at = tempfile::tempdir().unwrap();
        let folder = SpoolFolder::open(at.path().to_owned()).unwrap();
        let held = folder.create("1-1.spool").unwrap();
        held.release().unwrap();
        let other = folder.create("2-1.spool").unwrap();
        held.file().write_all(b"late").unwrap();
        let mut text = String::new();
        other.file().read_to_string(&mut text).unwrap();
        assert_eq!(text, "");
        assert_eq!(names(at.path()), set([&free(0), "2-1.spool"]));
    }

    #[test]
    fn what_was_not_released_stays_and_what_waited_goes_at_the_next_start() {
        let at = tempfile::tempdir().unwrap();
        let folder = SpoolFolder::open(at.path().to_owned()).unwrap();
        drop(folder.create("1-1.spool").unwrap());
        folder.create("2-1.spool").unwrap().release().unwrap();
        assert_eq!(names(at.path()), set([&free(0), "1-1.spool"]));
        SpoolFolder::open(at.path().to_owned()).unwrap();
        assert_eq!(names(at.path()), set(["1-1.spool"]));
    }

    #[test]
    fn only_so_many_files_wait() {
        let at = tempfile::tempdir().unwrap();
        let folder = SpoolFolder::open(at.path().to_owned()).unwrap();
        let many = (0..MOST + 3).map(|number| folder.create(&format!("{number}-1.spool")).unwrap());
        let many: Vec<SpoolFile> = many.collect();
        for file in &many {
            file.release().unwrap();
        }
        drop(many);
        assert_eq!(names(at.path()).len(), MOST);
    }
}
