//! The keys of owners of secrets, wrapped under a master key.

use super::{Row, Session, StoreError, args};
use crate::secrets::Owner;

/// A key as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Encrypted under the master key.
    pub wrapped: Vec<u8>,
    /// Fingerprint of the master key.
    pub master: String,
}

/// The key of an owner, if it has one.
pub async fn find(session: &mut Session, owner: Owner) -> Result<Option<WrappedKey>, StoreError> {
    let (kind, id) = owner.parts();
    let row = session
        .row(
            "SELECT wrapped, master FROM data_key WHERE owner_kind = $1 AND owner_id = $2",
            args![i64::from(kind), id],
        )
        .await?;
    row.as_ref().map(wrapped).transpose()
}

/// Stores the key of an owner.
pub async fn put(session: &mut Session, owner: Owner, key: &WrappedKey) -> Result<(), StoreError> {
    let (kind, id) = owner.parts();
    session
        .execute(
            "INSERT INTO data_key (owner_kind, owner_id, wrapped, master) VALUES ($1, $2, $3, $4)
             ON CONFLICT (owner_kind, owner_id)
             DO UPDATE SET wrapped = excluded.wrapped, master = excluded.master",
            args![i64::from(kind), id, key.wrapped.clone(), &key.master],
        )
        .await?;
    Ok(())
}

/// Stores the first key of an owner; false when another master was first.
pub async fn put_first(
    session: &mut Session,
    owner: Owner,
    key: &WrappedKey,
) -> Result<bool, StoreError> {
    let (kind, id) = owner.parts();
    let stored = session
        .execute(
            "INSERT INTO data_key (owner_kind, owner_id, wrapped, master) VALUES ($1, $2, $3, $4)
             ON CONFLICT (owner_kind, owner_id) DO NOTHING",
            args![i64::from(kind), id, key.wrapped.clone(), &key.master],
        )
        .await?;
    Ok(stored == 1)
}

/// Deletes the key of an owner: what is encrypted under it can never be read again.
pub async fn delete(session: &mut Session, owner: Owner) -> Result<(), StoreError> {
    let (kind, id) = owner.parts();
    session
        .execute(
            "DELETE FROM data_key WHERE owner_kind = $1 AND owner_id = $2",
            args![i64::from(kind), id],
        )
        .await?;
    Ok(())
}

/// Master keys that owners' keys are wrapped under, by fingerprint.
pub async fn masters(session: &mut Session) -> Result<Vec<String>, StoreError> {
    let rows = session
        .rows(
            "SELECT DISTINCT master FROM data_key ORDER BY master",
            args![],
        )
        .await?;
    rows.iter().map(|row| row.get("master")).collect()
}

/// Some of the keys that are wrapped under another master key than this one.
pub async fn not_under(
    session: &mut Session,
    master: &str,
    most: u64,
) -> Result<Vec<(Owner, WrappedKey)>, StoreError> {
    let rows = session
        .rows(
            "SELECT owner_kind, owner_id, wrapped, master FROM data_key WHERE master <> $1 LIMIT $2",
            args![master, most],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((owner(row)?, wrapped(row)?)))
        .collect()
}

/// The next project or environment with a key, after this one.
pub async fn next_lasting(
    session: &mut Session,
    after: Option<Owner>,
) -> Result<Option<(Owner, WrappedKey)>, StoreError> {
    let (kind, id) = after.map_or((0, 0), Owner::parts);
    let row = session
        .row(
            "SELECT owner_kind, owner_id, wrapped, master FROM data_key
             WHERE owner_kind IN (20, 40)
                 AND (owner_kind > $1 OR (owner_kind = $1 AND owner_id > $2))
             ORDER BY owner_kind, owner_id LIMIT 1",
            args![i64::from(kind), id],
        )
        .await?;
    row.map(|row| Ok((owner(&row)?, wrapped(&row)?)))
        .transpose()
}

/// Deletes keys of executions that have ended or are gone, at most so many; says how many.
pub async fn delete_ended(session: &mut Session, most: i64) -> Result<u64, StoreError> {
    session
        .execute(
            "DELETE FROM data_key WHERE owner_kind = 50 AND owner_id IN
                 (SELECT k.owner_id FROM data_key k
                 LEFT JOIN operation o ON o.operation_id = k.owner_id
                 WHERE k.owner_kind = 50 AND (o.operation_id IS NULL OR o.end_time IS NOT NULL)
                 ORDER BY k.owner_id LIMIT $1)",
            args![most],
        )
        .await
}

/// Deletes the keys for executions of projects that are gone with all their executions, at most so
/// many; says how many.
pub async fn delete_orphaned(session: &mut Session, most: i64) -> Result<u64, StoreError> {
    session
        .execute(
            "DELETE FROM data_key WHERE owner_kind = 51 AND owner_id IN
                 (SELECT k.owner_id FROM data_key k WHERE k.owner_kind = 51
                     AND NOT EXISTS (SELECT 1 FROM project p WHERE p.project_id = k.owner_id)
                     AND NOT EXISTS (SELECT 1 FROM execution e WHERE e.project_id = k.owner_id)
                 ORDER BY k.owner_id LIMIT $1)",
            args![most],
        )
        .await
}

/// A column with secrets of an owner: table, column of the owner, column that tells rows apart.
type Place = (&'static str, &'static str, &'static str, &'static str);

const OF_PROJECTS: &[Place] = &[
    (
        "object_parameter",
        "design_secret",
        "project_id",
        "parameter_id",
    ),
    (
        "object_parameter",
        "server_secret",
        "project_id",
        "parameter_id",
    ),
    (
        "project_version",
        "package_secret",
        "project_id",
        "object_version_lsn",
    ),
];
const OF_ENVIRONMENTS: &[Place] = &[(
    "environment_variable",
    "secret",
    "environment_id",
    "variable_id",
)];
const OF_EXECUTIONS: &[Place] = &[(
    "execution_parameter",
    "secret",
    "execution_id",
    "execution_parameter_id",
)];

/// A secret and where it is.
#[derive(Clone, Debug)]
pub struct PlacedSecret {
    place: Place,
    row: i64,
    /// The secret, encrypted.
    pub secret: Vec<u8>,
}

/// The secrets that are in the rows of an owner. Those of an execution are its parameters'.
pub async fn secrets_of(
    session: &mut Session,
    owner: Owner,
) -> Result<Vec<PlacedSecret>, StoreError> {
    let (places, id) = match owner {
        Owner::Project(id) => (OF_PROJECTS, id),
        Owner::Environment(id) => (OF_ENVIRONMENTS, id),
        Owner::Execution(id) => (OF_EXECUTIONS, id),
        Owner::ExecutionsOf(_) => (&[][..], 0),
    };
    let mut found = Vec::new();
    for place in places {
        let (table, column, owner, key) = place;
        let sql = format!(
            "SELECT {key} AS id, {column} AS secret FROM {table}
             WHERE {owner} = $1 AND {column} IS NOT NULL"
        );
        for row in session.rows(sql, args![id]).await? {
            found.push(PlacedSecret {
                place: *place,
                row: row.get("id")?,
                secret: row.get("secret")?,
            });
        }
    }
    Ok(found)
}

/// Puts another form of the secret in its place.
pub async fn replace(
    session: &mut Session,
    old: &PlacedSecret,
    secret: Vec<u8>,
) -> Result<(), StoreError> {
    let (table, column, _, key) = old.place;
    let sql = format!("UPDATE {table} SET {column} = $2 WHERE {key} = $1");
    session.execute(sql, args![old.row, secret]).await?;
    Ok(())
}

fn owner(row: &Row) -> Result<Owner, StoreError> {
    let kind: i64 = row.get("owner_kind")?;
    let id = row.get("owner_id")?;
    u8::try_from(kind)
        .ok()
        .and_then(|kind| Owner::from_parts(kind, id))
        .ok_or_else(|| StoreError::Damaged {
            column: "owner_kind".into(),
        })
}

fn wrapped(row: &Row) -> Result<WrappedKey, StoreError> {
    Ok(WrappedKey {
        wrapped: row.get("wrapped")?,
        master: row.get("master")?,
    })
}
