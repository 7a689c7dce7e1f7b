//! Runs packages of `.ispac` files, which stay loaded between runs.

use std::io::{self, BufRead, Write};
use std::sync::Arc;

use scaleout_core::error::{Blame, ErrorBody};
use scaleout_core::model::SystemClock;
use scaleout_core::package::ispac;
use scaleout_core::package::project::Project;
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::executor::RunPackage;

use super::serve::{Runner, serve_with};
use crate::cancel::CancelToken;
use crate::events::EventSink;
use crate::run::{Host, run_package};

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

/// Loaded projects, the one used last at the end.
#[derive(Default)]
struct Projects(Vec<(String, Arc<Project>)>);

impl Projects {
    fn load(&mut self, request: &RunPackage) -> Result<Arc<Project>, Box<ErrorBody>> {
        let hash = &request.task.project_hash;
        let found = self
            .0
            .iter()
            .position(|(of, _)| of == hash && !hash.is_empty());
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
        self.0.push((hash.clone(), Arc::clone(&project)));
        Ok(project)
    }
}

fn read(request: &RunPackage) -> Result<Project, Box<ErrorBody>> {
    let path = &request.project_file;
    let bytes = std::fs::read(path).map_err(|error| {
        Box::new(ErrorBody {
            code: "SO4014".to_owned(),
            message: format!("project file `{}` cannot be read: {error}", path.display()),
            hint: Some("the worker's cache may have been cleaned up: run it again".to_owned()),
            blame: Blame::Server,
            number: None,
        })
    })?;
    ispac::read(&bytes, &path.display().to_string())
        .map_err(|error| Box::new(ErrorBody::from_error(&error)))
}

impl Runner for Projects {
    fn run(
        &mut self,
        request: &RunPackage,
        sink: Arc<dyn EventSink>,
        cancel: CancelToken,
    ) -> Result<PackageResult, Box<ErrorBody>> {
        let project = self.load(request)?;
        let host = Host::of_process(sink, cancel);
        run_package(request, &project, host)
            .map_err(|error| Box::new(ErrorBody::from_error(&error)))
    }
}
