//! The checkpoint file: what has ended, and what the variables were then.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::{Flock, FlockArg};
use scaleout_core::package::xml;

/// Everything in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// Id of the package.
    pub(super) package_id: String,
    pub(super) variables: Vec<SavedVariable>,
    pub(super) containers: Vec<Record>,
}

/// A variable as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SavedVariable {
    /// Id of the container that declares it.
    pub(super) container: String,
    pub(super) namespace: String,
    pub(super) name: String,
    /// VARTYPE number.
    pub(super) data_type: u16,
    pub(super) text: String,
}

/// An executable that has ended and need not run again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) id: String,
    /// `execution_result`
    pub(super) result: i16,
    /// A letter for each incoming constraint: `Y` was met.
    pub(super) precedence_map: String,
}

/// A file of this run, locked while the handle lives.
pub(super) type Locked = Flock<File>;

/// Why there is no file.
#[derive(Debug)]
pub(super) enum FileProblem {
    /// Another process has it.
    Locked,
    /// It cannot be opened or written.
    Io(std::io::Error),
    /// It is no checkpoint file.
    Broken(String),
}

impl From<std::io::Error> for FileProblem {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a file and holds it.
pub(super) fn read(path: &Path) -> Result<(Contents, Locked), FileProblem> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let held = lock(file)?;
    let bytes = std::fs::read(path)?;
    let root = xml::read(&bytes, &path.display().to_string())
        .map_err(|error| FileProblem::Broken(error.to_string()))?;
    if root.name != "Checkpoint" {
        return Err(FileProblem::Broken(format!("its root is `{}`", root.name)));
    }
    Ok((contents(&root), held))
}

/// Whether another process holds a file at this path.
pub(super) fn is_held(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| lock(file).is_err())
}

/// Writes a file in the place of the one that is there, whole or not at all, and holds it.
pub(super) fn write(path: &Path, contents: &Contents) -> Result<Locked, FileProblem> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let beside = path.with_file_name(name);
    // Variables may hold what is nobody's business.
    let file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&beside)?;
    let mut held = lock(file)?;
    held.write_all(text(contents).as_bytes())?;
    held.sync_all()?;
    std::fs::rename(&beside, path)?;
    Ok(held)
}

fn lock(file: File) -> Result<Locked, FileProblem> {
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| FileProblem::Locked)
}

fn contents(root: &xml::Element) -> Contents {
    let text =
        |element: &xml::Element, name: &str| element.attribute(name).unwrap_or_default().to_owned();
    let mut read = Contents {
        package_id: text(root, "PackageID"),
        ..Contents::default()
    };
    for scope in root.children_named("Variables") {
        for variable in scope.children_named("Variable") {
            let value = variable.child("VariableValue");
            let written = value.and_then(|value| value.attribute("DataType"));
            read.variables.push(SavedVariable {
                container: text(scope, "ContID"),
                namespace: text(variable, "Namespace"),
                name: text(variable, "ObjectName"),
                data_type: written.and_then(|text| text.parse().ok()).unwrap_or(8),
                text: value.map_or_else(String::new, |value| value.text.clone()),
            });
        }
    }
    for container in root.children_named("Container") {
        read.containers.push(Record {
            id: text(container, "ContID"),
            result: text(container, "Result").parse().unwrap_or(0),
            precedence_map: text(container, "PrecedenceMap"),
        });
    }
    read
}

fn text(contents: &Contents) -> String {
    let mut out = format!(
        "<DTS:Checkpoint xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:PackageID=\"{}\">\n",
        escaped(&contents.package_id)
    );
    for variables in contents
        .variables
        .chunk_by(|one, next| one.container == next.container)
    {
        let container = variables.first().map_or("", |one| one.container.as_str());
        out += &format!("<DTS:Variables DTS:ContID=\"{}\">", escaped(container));
        for variable in variables {
            out += &format!(
                "<DTS:Variable DTS:Namespace=\"{}\" DTS:ObjectName=\"{}\"><DTS:VariableValue \
                 DTS:DataType=\"{}\">{}</DTS:VariableValue></DTS:Variable>",
                escaped(&variable.namespace),
                escaped(&variable.name),
                variable.data_type,
                escaped(&variable.text)
            );
        }
        out += "</DTS:Variables>\n";
    }
    for record in &contents.containers {
        out += &format!(
            "<DTS:Container DTS:ContID=\"{}\" DTS:Result=\"{}\" DTS:PrecedenceMap=\"{}\"/>\n",
            escaped(&record.id),
            record.result,
            escaped(&record.precedence_map)
        );
    }
    out + "</DTS:Checkpoint>\n"
}

/// Text as XML has it. Characters that XML cannot hold become U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\t' | '\n' | '\r' => out += &format!("&#{};", u32::from(letter)),
            control if control < ' ' => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Contents {
        let variable = |name: &str, text: &str| SavedVariable {
            container: "{P}".to_owned(),
            namespace: "User".to_owned(),
            name: name.to_owned(),
            data_type: 8,
            text: text.to_owned(),
        };
        Contents {
            package_id: "{P}".to_owned(),
            variables: vec![variable("a", "x < \"y\"\r\n"), variable("b", "")],
            containers: vec![Record {
                id: "{T}".to_owned(),
                result: 0,
                precedence_map: "YN".to_owned(),
            }],
        }
    }

    #[test]
    fn a_file_reads_back_and_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.xml");
        drop(write(&path, &sample()).unwrap());
        assert_eq!(read(&path).unwrap().0, sample());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_of_a_run_is_held_through_every_save() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.xml");
        let held = write(&path, &sample()).unwrap();
        let held = (write(&path, &sample()).unwrap(), held).0;
        assert!(matches!(read(&path), Err(FileProblem::Locked)));
        assert!(is_held(&path));
        drop(held);
        assert!(read(&path).is_ok());
    }

    #[test]
    fn another_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.xml");
        std::fs::write(&path, "<a/>").unwrap();
        assert!(matches!(read(&path), Err(FileProblem::Broken(_))));
    }
}
