//! Project connection managers: `.conmgr` files.

use super::dtsx::{hide_encrypted, read_connection_manager};
use super::error::PackageError;
use super::model::{ConnectionManager, ReadNote};
use super::node::Node;
use super::{PackagePassword, protected, xml};

/// Reads a `.conmgr` file; `origin` names it in errors. The name is the one
/// inside the file: the file name may differ.
///
/// # Errors
///
/// When the file is not well-formed or is another kind of file.
pub fn read(bytes: &[u8], origin: &str) -> Result<ConnectionManager, PackageError> {
    read_with_notes(bytes, origin, None).map(|(manager, _)| manager)
}

/// The same, with a note for each value that could not be decrypted.
pub(crate) fn read_with_notes(
    bytes: &[u8],
    origin: &str,
    password: Option<&PackagePassword>,
) -> Result<(ConnectionManager, Vec<ReadNote>), PackageError> {
    let mut root = xml::read(bytes, origin)?;
    if let Some(password) = password {
        protected::open(&mut root, origin, password)?;
    }
    if root.name != "ConnectionManager" {
        return Err(PackageError::WrongKind {
            place: Node::new(origin, &root).place(),
            expected: "a project connection manager (root element `DTS:ConnectionManager`)",
        });
    }
    let name = Node::new(origin, &root).text("ObjectName");
    if name.is_empty() {
        return Err(Node::new(origin, &root).missing("`ObjectName`"));
    }
    let notes = hide_encrypted(&mut root, &format!("\\Project.Connections[{name}]"));
    let mut manager = read_connection_manager(Node::new(origin, &root))?;
    manager.ref_id = format!("Project.ConnectionManagers[{name}]");
    Ok((manager, notes))
}
