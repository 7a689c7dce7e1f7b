//! New keys for the catalog's secrets, while it is at work.
//!
//! A master key is replaced in three moves, and whoever opens the catalog after a crash between any
//! two of them finds a key file that opens every secret:
//!
//! 1. the file gets the new key beside the old one;
//! 2. one write puts the new one in force: what is wrapped from then on is wrapped under it;
//! 3. the keys of owners are wrapped anew, part by part; when none is left under another key, the
//!    file loses all but the new one. An opened catalog goes on with this where it ended.
//!
//! The key of a project or environment is replaced together with the form of all its values, in one
//! write.

use std::path::Path;
use std::sync::Arc;

use crate::error::CatalogError;
use crate::secrets::{Keeper, Owner};
use crate::store::{Session, Store, StoreError, keys, migrate, properties};

/// Keys in one write: some milliseconds.
const KEYS_PER_WRITE: u64 = 200;
/// The first schema with keys of owners.
const SCHEMA_WITH_KEYS: i64 = 8;

/// What a rotation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Keys of projects, environments and executions that were wrapped under the new master key.
    pub wrapped: u64,
    /// Projects and environments that have a new key.
    pub renewed: u64,
    /// Values that were encrypted anew.
    pub values: u64,
}

/// The master keys that a database needs, by fingerprint; none for a new one.
pub async fn needed_keys(session: &mut Session) -> Result<Vec<String>, StoreError> {
    let mut needed: Vec<String> = properties::key_fingerprint(session)
        .await?
        .into_iter()
        .collect();
    if migrate::version(session).await? >= SCHEMA_WITH_KEYS {
        needed.extend(keys::masters(session).await?);
    }
    Ok(needed)
}

/// The keeper of this very catalog: a key made anew cannot open old secrets. Ends a rotation that
/// broke off.
pub async fn open_keeper(store: &Store, path: &Path) -> Result<Arc<Keeper>, CatalogError> {
    let needed = needed_keys(&mut store.reader().await?).await?;
    let keeper = Arc::new(Keeper::open(path, needed.is_empty())?);
    keeper.check(&needed)?;
    let mut known = keeper.fingerprints();
    if needed.is_empty() {
        put_in_force(store, known.swap_remove(0)).await?;
    } else if known.len() > 1 {
        tracing::warn!("the rotation of the master key broke off, and is brought to its end");
        finish(store, &keeper).await?;
    }
    Ok(keeper)
}

/// Replaces the master key, and with `data_keys` those of all projects and environments too.
pub async fn rotate(
    store: &Store,
    keeper: &Arc<Keeper>,
    data_keys: bool,
) -> Result<Rotated, CatalogError> {
    let mut rotated = Rotated::default();
    if data_keys {
        renew_all(store, keeper, &mut rotated).await?;
    }
    let new = keeper.add_master()?;
    // Where this fails, the file has a key too many, which the next opening takes out.
    put_in_force(store, new).await?;
    rotated.wrapped = finish(store, keeper).await?;
    Ok(rotated)
}

async fn put_in_force(store: &Store, fingerprint: String) -> Result<(), CatalogError> {
    store
        .write(move |session| {
            Box::pin(
                async move { Ok(properties::set_key_fingerprint(session, &fingerprint).await?) },
            )
        })
        .await
}

/// Wraps anew what is not under the master key in force, and leaves only that one in the file.
async fn finish(store: &Store, keeper: &Arc<Keeper>) -> Result<u64, CatalogError> {
    let mut all = 0;
    loop {
        let part = Arc::clone(keeper);
        let wrapped = store
            .write(move |session| Box::pin(async move { Ok(wrap_some(session, &part).await?) }))
            .await?;
        if wrapped == 0 {
            break;
        }
        all += wrapped;
    }
    let in_force = properties::key_fingerprint(&mut store.reader().await?).await?;
    keeper.keep_only(&in_force.ok_or(StoreError::Secret)?)?;
    Ok(all)
}

async fn wrap_some(session: &mut Session, keeper: &Keeper) -> Result<u64, StoreError> {
    let in_force = properties::key_fingerprint(session).await?;
    let in_force = in_force.ok_or(StoreError::Secret)?;
    let mut wrapped = 0;
    for (owner, key) in keys::not_under(session, &in_force, KEYS_PER_WRITE).await? {
        keeper.wrap_anew(session, owner, &key).await?;
        wrapped += 1;
    }
    Ok(wrapped)
}

async fn renew_all(
    store: &Store,
    keeper: &Arc<Keeper>,
    rotated: &mut Rotated,
) -> Result<(), CatalogError> {
    let mut after = None;
    loop {
        let keeper = Arc::clone(keeper);
        let renewed = store
            .write(move |session| {
                Box::pin(async move { Ok(renew_next(session, &keeper, after).await?) })
            })
            .await?;
        let Some((owner, values)) = renewed else {
            return Ok(());
        };
        after = Some(owner);
        rotated.renewed += 1;
        rotated.values += values;
    }
}

/// A new key for the next owner, and its values under it; says how many.
async fn renew_next(
    session: &mut Session,
    keeper: &Keeper,
    after: Option<Owner>,
) -> Result<Option<(Owner, u64)>, StoreError> {
    let Some((owner, key)) = keys::next_lasting(session, after).await? else {
        return Ok(None);
    };
    let old = keeper.renew_key(session, owner, &key).await?;
    let mut values = 0;
    for secret in keys::secrets_of(session, owner).await? {
        let plain = old.open_sealed(owner, &secret.secret)?;
        let sealed = keeper.seal(session, owner, &plain).await?;
        keys::replace(session, &secret, sealed).await?;
        values += 1;
    }
    Ok(Some((owner, values)))
}
