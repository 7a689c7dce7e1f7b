//! The first start of a master: somebody must be able to log in.

use std::path::{Path, PathBuf};

use scaleout_catalog::Catalog;
use scaleout_core::model::Role;

use super::error::MasterError;
use crate::files::{private_folder, write_private};

/// The first administrator.
const ADMIN: &str = "admin";

/// Where the first administrator's token stands.
pub(super) fn admin_token_path(data_dir: &Path) -> PathBuf {
    data_dir.join("admin.token")
}

/// Gives the first administrator a password and writes it down (mode 0600), unless it has one. The
/// file comes first: a password that nobody could read would be of no use.
pub(super) async fn ensure_admin_password(
    catalog: &Catalog,
    data_dir: &Path,
) -> Result<Option<PathBuf>, MasterError> {
    let Some(password) = catalog.first_password(ADMIN).await? else {
        return Ok(None);
    };
    let path = data_dir.join("admin.password");
    write(data_dir, &path, &password)?;
    catalog.set_first_password(ADMIN, &password).await?;
    tracing::info!(
        "the first password of `{ADMIN}` stands in `{}`: change it and remove the file",
        path.display()
    );
    Ok(Some(path))
}

/// Makes an administrator token and writes it down (mode 0600), unless there is one that this
/// catalog knows.
pub(super) async fn ensure_admin_token(
    catalog: &Catalog,
    data_dir: &Path,
) -> Result<(), MasterError> {
    let path = admin_token_path(data_dir);
    match std::fs::read_to_string(&path) {
        // One that is known and refused was refused by a person: that stays.
        Ok(token) => match catalog.authenticate(token.trim()).await {
            Ok(None) => tracing::warn!("`{}` is of another catalog: made anew", path.display()),
            Ok(Some(_)) | Err(_) => return Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(source) => return Err(MasterError::Data { path, source }),
    }
    let token = catalog.create_token(ADMIN, Role::SysAdmin).await?;
    write(data_dir, &path, &token)?;
    tracing::info!("the administrator's token stands in `{}`", path.display());
    Ok(())
}

fn write(folder: &Path, path: &Path, content: &str) -> Result<(), MasterError> {
    private_folder(folder)
        .and_then(|()| write_private(path, content.as_bytes()))
        .map_err(|source| MasterError::Data {
            path: path.to_owned(),
            source,
        })
}
