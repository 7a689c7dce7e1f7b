//! The sample projects of `samples/`, carried inside the binary.

use std::io;

use scaleout_core::package::dtproj;

use crate::error::CliError;
use crate::project_source::ProjectSource;

/// Name and content of a file.
type File = (&'static str, &'static [u8]);

macro_rules! sample {
    ($folder:literal, $name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../../../samples/", $folder, "/", $name)),
        )
    };
}

const PROJECT1: [File; 3] = [
    sample!("folder1/project1", "project1.dtproj"),
    sample!("folder1/project1", "package1.dtsx"),
    sample!("folder1/project1", "Project.params"),
];
const PROJECT2: [File; 3] = [
    sample!("folder2/project2", "project2.dtproj"),
    sample!("folder2/project2", "package2.dtsx"),
    sample!("folder2/project2", "Project.params"),
];

/// Both projects, built as a deployment builds them.
///
/// # Errors
/// They are part of the program and tested with it; the errors are those of any project.
pub fn read() -> Result<[ProjectSource; 2], CliError> {
    Ok([build(&PROJECT1)?, build(&PROJECT2)?])
}

fn build(files: &[File; 3]) -> Result<ProjectSource, CliError> {
    let mut load = |name: &str| {
        let found = files.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, content)| content.to_vec())
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    };
    let (name, content) = files[0];
    let built = dtproj::read(content, name, &mut load)?;
    Ok(ProjectSource {
        project: built.project,
        ispac: built.ispac,
        password: None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_samples_hold_their_package() {
        let [first, second] = super::read().unwrap();
        assert_eq!(
            (
                first.project.name.as_str(),
                first.project.packages[0].file_name.as_str()
            ),
            ("project1", "package1.dtsx")
        );
        assert_eq!(
            (
                second.project.name.as_str(),
                second.project.packages[0].file_name.as_str()
            ),
            ("project2", "package2.dtsx")
        );
    }
}
