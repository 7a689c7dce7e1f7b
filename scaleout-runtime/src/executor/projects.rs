//! Runs packages of `.ispac` files, which stay loaded between runs.

use std::io::{self, BufRead, Write};
use std::sync::Arc;

use scaleout_core::error::{Blame, ErrorBody, Explain};
use scaleout_core::model::SystemClock;
use scaleout_core::package::project::Project;
use scaleout_core::package::{PackageError, PackagePassword, ispac};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::executor::RunPackage;

use super::redacted::Redacted;
use super::serve::{Control, Runner, serve_with};
use crate::events::EventSink;
use crate::run::{Host, refused, run_package, validate_parts};

/// Projects that stay loaded. A worker sends few different ones to one process.
const KEPT: usize = 8;

/// Serves a worker as an executor of this process: runs one package after another until the
/// input ends or the worker says so.
///
/// # Errors
/// The output cannot be written, or the input holds a line that is no command.
pub fn serve(
    input: impl BufRead + Send + 'static,
    output: impl Write + Send + 'static,
) -> io::Result<()> {
    serve_with(Projects::default(), Arc::new(SystemClock), input, output)
}

/// What a project was loaded with: the hash of its file, and the password that it was opened with.
type Key = (String, Option<PackagePassword>);

/// Loaded projects, the one used last at the end.
#[derive(Default)]
struct Projects(Vec<(Key, Arc<Project>)>);

impl Projects {
    fn load(&mut self, request: &RunPackage) -> Result<Arc<Project>, NotLoaded> {
        let task = &request.task;
        let key = (task.project_hash.clone(), task.package_password.clone());
        let found = self
            .0
            .iter()
            .position(|(of, _)| *of == key && !key.0.is_empty());
        if let Some(position) = found {
            let kept = self.0.remove(position);
            let project = Arc::clone(&kept.1);
            self.0.push(kept);
            return Ok(project);
        }
        let project = Arc::new(read(request)?);
        if self.0.len() == KEPT {
            self.0.remove(0);
        }
        self.0.push((key, Arc::clone(&project)));
        Ok(project)
    }
}

/// Why there is no project.
enum NotLoaded {
    /// This machine does not give its file.
    Unread(Box<ErrorBody>),
    /// The file is no project.
    Broken(PackageError),
}

fn read(request: &RunPackage) -> Result<Project, NotLoaded> {
    let path = &request.project_file;
    let bytes = std::fs::read(path).map_err(|error| {
        NotLoaded::Unread(Box::new(ErrorBody {
            code: "SO4014".to_owned(),
            message: format!("project file `{}` cannot be read: {error}", path.display()),
            hint: Some("the worker's cache may have been cleaned up: run it again".to_owned()),
            blame: Blame::Server,
            number: None,
        }))
    })?;
    let password = request.task.package_password.as_ref();
    let read = ispac::read_with_password(&bytes, &path.display().to_string(), password);
    read.map_err(NotLoaded::Broken)
}

impl Runner for Projects {
    fn run(
        &mut self,
        request: &RunPackage,
        sink: Arc<dyn EventSink>,
        control: Control,
    ) -> Result<PackageResult, Box<ErrorBody>> {
        let project = match self.load(request) {
            Ok(project) => project,
            Err(NotLoaded::Unread(error)) => return Err(error),
            Err(NotLoaded::Broken(error)) => return Ok(refuse(request, &*sink, &error)),
        };
        let sink: Arc<dyn EventSink> = Arc::new(Redacted::new(
            sink,
            &request.task,
            &project,
            &request.settings,
        ));
        control.observer.begin(request, &sink);
        let host = Host {
            observer: control.observer,
            children: control.children,
            jobs: control.jobs,
            ..Host::of_process(Arc::clone(&sink), control.cancel)
        };
        if let Some(validation) = &request.task.validation {
            return Ok(validate_parts(request, validation, &project, &host));
        }
        let ran = run_package(request, &project, host);
        Ok(ran.unwrap_or_else(|error| refuse(request, &*sink, &error)))
    }
}

/// The package fails, and says why at every logging level: it will say nothing else.
fn refuse(
    request: &RunPackage,
    sink: &dyn EventSink,
    error: &(impl Explain + 'static),
) -> PackageResult {
    sink.emit(refused(&request.task, error));
    PackageResult::Failure
}
