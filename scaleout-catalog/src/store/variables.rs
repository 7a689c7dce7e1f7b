//! Variables of environments.

use scaleout_core::model::identifier::name_key;

use super::parameters::StoredValue;
use super::{Row, Session, StoreError, args};

/// A variable with its value.
#[derive(Clone, Debug)]
pub struct VariableRow {
    /// Id.
    pub variable_id: i64,
    /// Name as created.
    pub name: String,
    /// Name of its type.
    pub data_type: String,
    /// Is a secret.
    pub sensitive: bool,
    /// The value.
    pub value: StoredValue,
}

/// A variable to create.
#[derive(Clone, Debug)]
pub struct NewVariable {
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Name of its type.
    pub data_type: &'static str,
    /// Is a secret.
    pub sensitive: bool,
    /// The value.
    pub value: StoredValue,
}

/// Inserts a variable; false when the environment has one of that name.
pub async fn insert(
    session: &mut Session,
    environment_id: i64,
    new: &NewVariable,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "INSERT INTO environment_variable (environment_id, name, name_key, description, data_type,
                 sensitive, value, secret)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (environment_id, name_key) DO NOTHING",
            args![
                environment_id,
                &new.name,
                name_key(&new.name),
                &new.description,
                new.data_type,
                new.sensitive,
                new.value.plain.clone(),
                new.value.secret.clone()
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// The variables of an environment, in the order of their creation.
pub async fn all(
    session: &mut Session,
    environment_id: i64,
) -> Result<Vec<VariableRow>, StoreError> {
    let rows = session
        .rows(
            "SELECT variable_id, name, data_type, sensitive, value, secret
             FROM environment_variable WHERE environment_id = $1 ORDER BY variable_id",
            args![environment_id],
        )
        .await?;
    rows.iter().map(variable_row).collect()
}

/// Sets value and protection of a variable.
pub async fn set_value(
    session: &mut Session,
    variable_id: i64,
    value: StoredValue,
    sensitive: bool,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE environment_variable SET value = $2, secret = $3, sensitive = $4
             WHERE variable_id = $1",
            args![variable_id, value.plain, value.secret, sensitive],
        )
        .await?;
    Ok(())
}

/// Sets the description.
pub async fn describe(
    session: &mut Session,
    variable_id: i64,
    description: &str,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE environment_variable SET description = $2 WHERE variable_id = $1",
            args![variable_id, description],
        )
        .await?;
    Ok(())
}

/// Deletes a variable.
pub async fn delete(session: &mut Session, variable_id: i64) -> Result<(), StoreError> {
    session
        .execute(
            "DELETE FROM environment_variable WHERE variable_id = $1",
            args![variable_id],
        )
        .await?;
    Ok(())
}

fn variable_row(row: &Row) -> Result<VariableRow, StoreError> {
    Ok(VariableRow {
        variable_id: row.get("variable_id")?,
        name: row.get("name")?,
        data_type: row.get("data_type")?,
        sensitive: row.get("sensitive")?,
        value: StoredValue {
            plain: row.get("value")?,
            secret: row.get("secret")?,
        },
    })
}
