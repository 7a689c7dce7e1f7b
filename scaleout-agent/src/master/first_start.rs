//! The first start of a master: somebody must be able to log in.

use std::path::{Path, PathBuf};

use scaleout_catalog::Catalog;
use scaleout_core::model::Role;

use super::error::MasterError;
use crate::files::{private_folder, write_private};

/// Where the first administrator's token stands.
pub(super) fn admin_token_path(data_dir: &Path) -> PathBuf {
    data_dir.join("admin.token")
}

/// Makes an administrator token and writes it down (mode 0600), unless the file is there.
pub(super) async fn ensure_admin_token(
    catalog: &Catalog,
    data_dir: &Path,
) -> Result<(), MasterError> {
    let path = admin_token_path(data_dir);
    let failed = |source| MasterError::Data {
        path: path.clone(),
        source,
    };
    private_folder(data_dir).map_err(failed)?;
    if path.try_exists().map_err(failed)? {
        return Ok(());
    }
    let token = catalog.create_token("admin", Role::SysAdmin).await?;
    write_private(&path, token.as_bytes()).map_err(failed)?;
    tracing::info!("the administrator's token stands in `{}`", path.display());
    Ok(())
}
