//! Output files of steps, on the machine where the step runs.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs::{OpenOptions, create_dir_all};
use tokio::io::AsyncWriteExt as _;

/// Folder of output files whose name has no folder.
const FOLDER: &str = "job-output";

/// Where a file of that name is: a plain name in the folder of the service, anything else as it is.
pub(crate) fn place(data_dir: &Path, name: &str) -> PathBuf {
    data_dir.join(FOLDER).join(name)
}

/// Writes what a step has said.
pub(crate) async fn write(data_dir: &Path, name: &str, append: bool, text: &str) -> io::Result<()> {
    let path = place(data_dir, name);
    if let Some(folder) = path.parent() {
        create_dir_all(folder).await?;
    }
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .append(append)
        .truncate(!append)
        .open(&path)
        .await?;
    file.write_all(text.as_bytes()).await?;
    file.flush().await
}
