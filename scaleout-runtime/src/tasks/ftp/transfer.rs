//! The operations themselves.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use scaleout_core::error::with_sources;
use suppaftp::{FtpError, FtpStream};

use super::remote::{RemotePath, name_of, names_in};
use super::server::Server;
use super::settings::Operation;
use crate::cancel::CancelToken;

/// `DTS_E_FTPTASK_NOFILESFOUND`
const NO_FILES: u32 = 0xC002_9185;
/// `DTS_E_ERROROCCURREDWITHFOLLOWINGMESSAGE`
pub(super) const FAILED: u32 = 0xC002_F304;
/// `DTS_E_LOGINFAILURE` and other failures to connect
const NOT_CONNECTED: u32 = 0xC001_6005;

/// What to do, with everything looked up.
pub(super) struct Job {
    pub(super) operation: Operation,
    /// Not looked at by operations on this machine.
    pub(super) server: Option<Server>,
    /// The local files or folder, each as the package writes it and where it is.
    pub(super) local: Vec<(String, PathBuf)>,
    /// As the package writes it.
    pub(super) local_text: String,
    pub(super) remote: Option<RemotePath>,
    pub(super) overwrite: bool,
    pub(super) ascii: bool,
    pub(super) stop_on_failure: bool,
}

/// What happened.
#[derive(Default)]
pub(super) struct Report {
    pub(super) done: Vec<String>,
    pub(super) failures: Vec<Failure>,
}

/// One thing that did not work.
pub(super) struct Failure {
    pub(super) code: u32,
    pub(super) text: String,
}

/// Does the job. With `stop_on_failure` nothing is tried after a failure.
pub(super) fn run(job: &Job, cancel: &CancelToken) -> Report {
    let mut report = Report::default();
    let mut work = Work {
        job,
        cancel,
        report: &mut report,
    };
    if let Err(failure) = work.run() {
        report.failures.push(failure);
    }
    report
}

struct Work<'w> {
    job: &'w Job,
    cancel: &'w CancelToken,
    report: &'w mut Report,
}

fn failed(text: String) -> Failure {
    Failure { code: FAILED, text }
}

/// What the server says, in one line.
fn said(error: &FtpError) -> String {
    match error {
        FtpError::UnexpectedResponse(response) => {
            String::from_utf8_lossy(&response.body).trim().to_owned()
        }
        other => other.to_string(),
    }
}

impl Work<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        match self.job.operation {
            Operation::DeleteLocal => self.each(&self.job.local, |_, (written, path)| {
                delete(path)
                    .map(|()| format!("`{written}` was deleted"))
                    .map_err(|error| format!("`{written}` cannot be deleted: {error}"))
            }),
            Operation::MakeDirLocal => self.local_folder("created", |path| {
                if path.is_dir() && self.job.overwrite {
                    return Ok(());
                }
                fs::create_dir(path)
            }),
            Operation::RemoveDirLocal => self.local_folder("removed", |path| fs::remove_dir(path)),
            _ => self.with_server(),
        }
    }

    fn local_folder(
        &mut self,
        done: &str,
        act: impl Fn(&Path) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let (written, job) = (&self.job.local_text, self.job);
        for (_, path) in &job.local {
            act(path).map_err(|error| failed(format!("folder `{written}`: {error}")))?;
        }
        self.report
            .done
            .push(format!("folder `{written}` was {done}"));
        Ok(())
    }

    fn with_server(&mut self) -> Result<(), Failure> {
        let job = self.job;
        let (Some(server), Some(remote)) = (&job.server, &job.remote) else {
            unreachable!("operations on the server have both");
        };
        let mut ftp = server
            .connect(job.ascii, self.cancel)
            .map_err(|error| Failure {
                code: NOT_CONNECTED,
                text: with_sources(&error),
            })?;
        let worked = self.on_server(&mut ftp, remote);
        // The work is done or has failed; how the server says good-bye changes neither.
        let _said = ftp.quit();
        worked
    }

    fn on_server(&mut self, ftp: &mut FtpStream, remote: &RemotePath) -> Result<(), Failure> {
        let folder = |error: FtpError| failed(format!("`{}`: {}", remote.as_str(), said(&error)));
        match self.job.operation {
            Operation::MakeDirRemote => {
                ftp.mkdir(remote.as_str()).map_err(folder)?;
                let text = format!("folder `{}` was created on the server", remote.as_str());
                self.report.done.push(text);
                Ok(())
            }
            Operation::RemoveDirRemote => {
                ftp.rmdir(remote.as_str()).map_err(folder)?;
                let text = format!("folder `{}` was removed from the server", remote.as_str());
                self.report.done.push(text);
                Ok(())
            }
            Operation::Send => self.send(ftp, remote),
            Operation::Receive => {
                let files = self.remote_files(ftp, remote)?;
                self.each(&files, |work, file| work.receive(ftp, file))
            }
            _ => {
                let files = self.remote_files(ftp, remote)?;
                self.each(&files, |_, file| match ftp.rm(file) {
                    Ok(()) => Ok(format!("`{file}` was deleted from the server")),
                    Err(error) => Err(format!("`{file}` cannot be deleted: {}", said(&error))),
                })
            }
        }
    }

    fn remote_files(
        &self,
        ftp: &mut FtpStream,
        remote: &RemotePath,
    ) -> Result<Vec<String>, Failure> {
        let files = remote.files(ftp);
        files.map_err(|error| failed(format!("`{}`: {}", remote.as_str(), said(&error))))
    }

    fn send(&mut self, ftp: &mut FtpStream, folder: &RemotePath) -> Result<(), Failure> {
        let present = match self.job.overwrite {
            true => Vec::new(),
            false => names_in(ftp, folder)
                .map_err(|error| failed(format!("`{}`: {}", folder.as_str(), said(&error))))?,
        };
        let local = &self.job.local;
        self.each(local, |work, (written, path)| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let target = folder.child(&name);
            if present
                .iter()
                .any(|known| known.eq_ignore_ascii_case(&name))
            {
                return Err(exists(&target));
            }
            let file = File::open(path);
            let file = file.map_err(|error| format!("`{written}` cannot be read: {error}"))?;
            let mut file = Stoppable {
                from: file,
                cancel: work.cancel,
            };
            let sent = ftp.put_file(&target, &mut file);
            sent.map(|bytes| format!("`{written}` was sent to `{target}` ({bytes} bytes)"))
                .map_err(|error| {
                    format!("sending `{written}` to `{target}` failed: {}", said(&error))
                })
        })
    }

    /// Into a file beside, which takes its name when it is whole.
    fn receive(&self, ftp: &mut FtpStream, file: &str) -> Result<String, String> {
        let folder = self.job.local.first().map(|(_, path)| path.as_path());
        let folder = folder.unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(format!("folder `{}` does not exist", self.job.local_text));
        }
        let name = name_of(file);
        let target = folder.join(name);
        if target.exists() && !self.job.overwrite {
            return Err(exists(&target.display().to_string()));
        }
        let part = folder.join(format!(".{name}.part"));
        let received = self.fetch(ftp, file, &part).and_then(|bytes| {
            fs::rename(&part, &target).map_err(|error| error.to_string())?;
            Ok(bytes)
        });
        match received {
            Ok(bytes) => Ok(format!("`{file}` was received ({bytes} bytes)")),
            Err(reason) => {
                // What is left of it has no use; that it is gone already is no news.
                let _gone = fs::remove_file(&part);
                Err(format!("receiving `{file}` failed: {reason}"))
            }
        }
    }

    fn fetch(&self, ftp: &mut FtpStream, file: &str, part: &Path) -> Result<u64, String> {
        let mut to = File::create(part).map_err(|error| error.to_string())?;
        let fetched = ftp.retr(file, |from| {
            let mut from = Stoppable {
                from,
                cancel: self.cancel,
            };
            io::copy(&mut from, &mut to).map_err(FtpError::ConnectionError)
        });
        fetched.map_err(|error| said(&error))
    }

    /// Acts on each; none at all is a failure.
    fn each<T>(
        &mut self,
        items: &[T],
        mut act: impl FnMut(&Self, &T) -> Result<String, String>,
    ) -> Result<(), Failure> {
        if items.is_empty() {
            let place = match (self.job.operation.is_remote(), &self.job.remote) {
                (true, Some(remote)) if self.job.operation != Operation::Send => remote.as_str(),
                _ => self.job.local_text.as_str(),
            };
            return Err(Failure {
                code: NO_FILES,
                text: format!("no files found at `{place}`"),
            });
        }
        for item in items {
            if self.cancel.is_canceled() {
                return Ok(());
            }
            match act(self, item) {
                Ok(text) => self.report.done.push(text),
                Err(text) if self.job.stop_on_failure => return Err(failed(text)),
                Err(text) => self.report.failures.push(failed(text)),
            }
        }
        Ok(())
    }
}

fn delete(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

fn exists(target: &str) -> String {
    format!("`{target}` exists already; set OverwriteFileAtDestination to replace it")
}

/// Ends a transfer when the package is stopped.
struct Stoppable<'s, R> {
    from: R,
    cancel: &'s CancelToken,
}

impl<R: Read> Read for Stoppable<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.cancel.check().map_err(io::Error::other)?;
        self.from.read(into)
    }
}
