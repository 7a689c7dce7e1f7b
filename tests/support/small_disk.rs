//! A small disk that can be full: a file system in memory, where this account may mount one. The
//! suites of several crates include this file.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Name of the file that fills it.
const FILLER: &str = "filler";

/// The disk, which ends with this.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one over a folder that is there, or says why not.
    pub fn mount_or_skip(folder: &Path, size: &str) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder)
            .output();
        if !mounted.is_ok_and(|ran| ran.status.success()) {
            println!("skipped: only root can mount a small disk");
            return None;
        }
        Some(Self(folder.to_owned()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes until nothing fits any more.
    pub fn fill(&self) {
        let mut options = fs::OpenOptions::new();
        let filler = options.create(true).append(true).open(self.0.join(FILLER));
        let mut filler = filler.unwrap();
        let block = [0; 4096];
        while filler.write_all(&block).is_ok() {}
    }

    /// Removes what has filled it, if something has.
    pub fn free(&self) {
        // It may not be there.
        let _gone = fs::remove_file(self.0.join(FILLER));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ended = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
