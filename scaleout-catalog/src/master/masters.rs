//! The masters that work on a catalog.

use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::store::masters::{self, MasterReport};

impl Catalog {
    /// Whether other masters may work on the catalog, too.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared.store.is_shared()
    }

    /// Records that a master is there.
    ///
    /// # Errors
    /// The database fails.
    pub async fn report_master(&self, report: &MasterReport) -> Result<(), CatalogError> {
        let (report, now) = (report.clone(), self.shared.clock.now());
        let alone = !self.is_shared();
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    if alone {
                        masters::keep_only(session, &report.address).await?;
                    }
                    Ok(masters::put(session, &report, now).await?)
                })
            })
            .await
    }

    /// Records that a master stops.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_master(&self, address: &str) -> Result<(), CatalogError> {
        let address = address.to_owned();
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move { Ok(masters::remove(session, &address).await?) })
            })
            .await
    }
}
