//! `soctl executor`: what a worker starts to run packages. Speaks JSON lines on stdin and stdout.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use clap::Args;
use scaleout_agent::processes::end_all_below;
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{CliError, CommandError};
use crate::output::Outcome;

/// How long a package has to stop by itself when its worker is gone.
const STOP_GRACE: Duration = Duration::from_millis(1500);

/// Run packages for a worker (started by the worker itself)
#[derive(Args, Debug)]
pub struct ExecutorArgs {}

/// Serves until stdin ends, and ends what its packages have started and left.
///
/// # Errors
/// The line protocol broke.
pub fn run(_args: &ExecutorArgs) -> Result<Outcome, CliError> {
    let failed = |source: io::Error| CommandError::Service {
        what: "the executor",
        source: Box::new(source),
    };
    outlive_termination().map_err(failed)?;
    let (told, over) = sync_channel(1);
    std::thread::Builder::new()
        .name("worker-watch".to_owned())
        .spawn(move || leave_after(&over))
        .map_err(failed)?;
    let input = Watched {
        inner: io::BufReader::new(io::stdin()),
        told,
    };
    let served = scaleout_runtime::executor::serve(input, io::stdout());
    // The worker may be gone, and then nobody else does it.
    end_all_below();
    served.map_err(failed)?;
    Ok(Outcome::silent())
}

/// Takes away the meaning of SIGTERM: a service manager that stops a worker may send it to every
/// process of the service, and the worker decides what becomes of its packages. Programs that
/// packages start have it again. The handler stays for the life of the process.
fn outlive_termination() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let _entered = runtime.enter();
    signal(SignalKind::terminate()).map(drop)
}

/// Ends this process some time after its input has ended, if it is still there: a package that
/// does not stop must not outlive its worker.
fn leave_after(over: &Receiver<()>) {
    if over.recv().is_ok() {
        std::thread::sleep(STOP_GRACE);
        end_all_below();
        std::process::exit(1);
    }
}

/// An input that tells when it has ended.
struct Watched<R> {
    inner: R,
    told: SyncSender<()>,
}

impl<R: BufRead> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut ready = self.fill_buf()?;
        let count = ready.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Watched<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let ready = self.inner.fill_buf()?;
        if ready.is_empty() {
            // Told once; whoever reads on hears the same end again.
            let _told_already = self.told.try_send(());
        }
        Ok(ready)
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
    }
}
