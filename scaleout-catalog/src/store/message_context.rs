//! Messages with their context: what was around their source.

use scaleout_core::protocol::event::{Event, EventMessage};
use scaleout_core::protocol::worker::AttemptKey;
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use super::events::{MESSAGE, message_row, without_nul};
use super::projects::returned;
use super::{Session, StoreError, args};

/// Inserts a message and its context.
pub async fn insert(
    session: &mut Session,
    key: AttemptKey,
    event: &Event,
    message: &EventMessage,
) -> Result<(), StoreError> {
    let guid = guid_of(key, event.sequence);
    let row = message_row(key, event, message, Some(guid));
    let places: Vec<String> = (1..=row.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "INSERT INTO {MESSAGE} VALUES ({}) RETURNING message_id",
        places.join(", ")
    );
    let message_id = returned(session.row(sql, row).await?, "message_id")?;
    let rows = message.context.iter().map(|entry| {
        without_nul(args![
            key.execution_id,
            message_id,
            guid,
            entry.depth,
            &entry.package_path,
            entry.context_type,
            &entry.source_name,
            &entry.source_id,
            &entry.property_name,
            &entry.property_value
        ])
    });
    session
        .insert_many(
            "message_context (operation_id, message_id, event_guid, depth, package_path, context_type,
                 source_name, source_id, property_name, property_value)",
            "",
            rows.collect(),
        )
        .await
}

/// The same for the same event, whenever it is stored.
fn guid_of(key: AttemptKey, sequence: u64) -> Uuid {
    let digest = Sha256::new()
        .chain_update(key.execution_id.to_le_bytes())
        .chain_update(key.attempt.to_le_bytes())
        .chain_update(sequence.to_le_bytes())
        .finalize();
    let mut bytes = [0; 16];
    for (byte, source) in bytes.iter_mut().zip(digest) {
        *byte = source;
    }
    Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_a_guid_of_its_own() {
        let key = |execution_id, attempt| AttemptKey {
            execution_id,
            attempt,
        };
        let all = [
            guid_of(key(1, 1), 1),
            guid_of(key(1, 1), 2),
            guid_of(key(1, 2), 1),
            guid_of(key(2, 1), 1),
        ];
        for (at, guid) in all.iter().enumerate() {
            assert!(!all[..at].contains(guid));
        }
        assert_eq!(guid_of(key(1, 1), 1), all[0]);
    }
}
