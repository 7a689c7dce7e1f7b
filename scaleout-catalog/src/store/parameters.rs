//! Parameters of projects and packages, and the values that executions have.

use std::collections::HashMap;

use scaleout_core::model::ParameterScope;
use scaleout_core::model::identifier::name_key;

use super::executions::array_of;
use super::session::Dialect;
use super::settled::PARAMETER;
use super::{Row, Session, SqlValue, StoreError, args};
use crate::secrets::Keeper;

/// A value as stored: plain, or encrypted when it is a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredValue {
    /// Plain text.
    pub plain: Option<String>,
    /// Encrypted.
    pub secret: Option<Vec<u8>>,
}

impl StoredValue {
    /// The plain text, decrypted where it is a secret.
    pub async fn reveal(
        &self,
        session: &mut Session,
        keeper: &Keeper,
    ) -> Result<Option<String>, StoreError> {
        match (&self.plain, &self.secret) {
            (_, Some(secret)) => keeper.open_sealed(session, secret).await.map(Some),
            (plain, None) => Ok(plain.clone()),
        }
    }
}

/// A parameter to store with a project version.
#[derive(Clone, Debug)]
pub struct NewParameter {
    /// Project or package.
    pub scope: ParameterScope,
    /// Name of the project or package.
    pub object_name: String,
    /// Name.
    pub name: String,
    /// Name of its type.
    pub data_type: &'static str,
    /// Must have a value to start.
    pub required: bool,
    /// Is a secret.
    pub sensitive: bool,
    /// Description.
    pub description: String,
    /// Design default.
    pub design: StoredValue,
}

/// Stores the parameters of a version.
pub async fn insert(
    session: &mut Session,
    project_id: i64,
    version: i64,
    parameters: Vec<NewParameter>,
) -> Result<(), StoreError> {
    let rows = parameters
        .into_iter()
        .map(|parameter| {
            args![
                version,
                project_id,
                parameter.scope.number(),
                &parameter.object_name,
                name_key(&parameter.object_name),
                &parameter.name,
                name_key(&parameter.name),
                parameter.data_type,
                parameter.required,
                parameter.sensitive,
                parameter.description,
                parameter.design.plain,
                parameter.design.secret
            ]
        })
        .collect();
    session
        .insert_many(
            "object_parameter (object_version_lsn, project_id, object_type, object_name, object_key,
                 parameter_name, parameter_key, data_type, required, sensitive, description,
                 design_value, design_secret)",
            "",
            rows,
        )
        .await
}

/// Gives a version the server values of another one, for the parameters that both have with the
/// same type, and what refers to a variable in any case: to the next version at a deployment, to an
/// earlier one when it is restored. There a parameter that the other version lacks keeps the value
/// that it had.
pub async fn carry_over(session: &mut Session, from: i64, to: i64) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE object_parameter AS new
             SET server_value = old.server_value, server_secret = old.server_secret,
                 value_set = old.value_set,
                 referenced_variable_name = old.referenced_variable_name
             FROM object_parameter AS old
             WHERE old.object_version_lsn = $1
                 AND new.object_version_lsn = $2
                 AND new.object_type = old.object_type
                 AND (new.object_type = 20 OR new.object_key = old.object_key)
                 AND new.parameter_key = old.parameter_key
                 AND (old.referenced_variable_name IS NOT NULL
                     OR (new.data_type = old.data_type AND new.sensitive = old.sensitive))",
            args![from, to],
        )
        .await?;
    Ok(())
}

/// Type and sensitivity of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Row of the parameter.
    pub id: i64,
    /// Name of its type.
    pub data_type: String,
    /// Is a secret.
    pub sensitive: bool,
}

impl Declared {
    /// Whether it is an option that the execution has no row for yet.
    pub fn is_unset_option(&self) -> bool {
        FIRST_UNSET <= self.id
    }
}

/// From here on the view `execution_value` counts options that have no row.
const FIRST_UNSET: i64 = 1 << 50;

/// A parameter of a project version.
pub async fn find(
    session: &mut Session,
    version: i64,
    scope: ParameterScope,
    object_name: &str,
    name: &str,
) -> Result<Option<Declared>, StoreError> {
    let row = session
        .row(
            "SELECT parameter_id AS id, data_type, sensitive FROM object_parameter
             WHERE object_version_lsn = $1 AND object_type = $2
                 AND (object_type = 20 OR object_key = $3) AND parameter_key = $4",
            args![
                version,
                scope.number(),
                name_key(object_name),
                name_key(name)
            ],
        )
        .await?;
    row.as_ref().map(declared).transpose()
}

/// The names of the parameters of a project version, in the order of their declaration.
pub async fn names(
    session: &mut Session,
    version: i64,
    scope: ParameterScope,
    object_name: &str,
) -> Result<Vec<String>, StoreError> {
    let rows = session
        .rows(
            "SELECT parameter_name FROM object_parameter
             WHERE object_version_lsn = $1 AND object_type = $2
                 AND (object_type = 20 OR object_key = $3)
             ORDER BY parameter_id",
            args![version, scope.number(), name_key(object_name)],
        )
        .await?;
    rows.iter().map(|row| row.get("parameter_name")).collect()
}

/// Sets or, with `None`, clears the server value of a parameter.
pub async fn set_server_value(
    session: &mut Session,
    parameter_id: i64,
    value: Option<StoredValue>,
) -> Result<(), StoreError> {
    let set = value.is_some();
    let value = value.unwrap_or_default();
    session
        .execute(
            "UPDATE object_parameter SET server_value = $2, server_secret = $3, value_set = $4,
                 referenced_variable_name = NULL
             WHERE parameter_id = $1",
            args![parameter_id, value.plain, value.secret, set],
        )
        .await?;
    Ok(())
}

/// Clears the server values of a version and says how many there were.
pub async fn clear_server_values(session: &mut Session, version: i64) -> Result<u64, StoreError> {
    session
        .execute(
            "UPDATE object_parameter SET server_value = NULL, server_secret = NULL,
                 value_set = FALSE, referenced_variable_name = NULL
             WHERE object_version_lsn = $1 AND value_set",
            args![version],
        )
        .await
}

/// Gives an execution an option that it has only once it is set: name, type, value.
pub async fn settle_option(
    session: &mut Session,
    execution_id: i64,
    (name, data_type, value): (&'static str, &'static str, Option<String>),
) -> Result<(), StoreError> {
    let is_set = value.is_some();
    let row = args![
        execution_id,
        ParameterScope::Execution.number(),
        name,
        name_key(name),
        data_type,
        false,
        false,
        value,
        SqlValue::Null,
        "S",
        is_set,
        SqlValue::Null
    ];
    session.insert_many(PARAMETER, "", vec![row]).await
}

/// A parameter or option of an execution.
pub async fn find_of_execution(
    session: &mut Session,
    execution_id: i64,
    scope: ParameterScope,
    name: &str,
) -> Result<Option<Declared>, StoreError> {
    let row = session
        .row(
            "SELECT execution_parameter_id AS id, data_type, sensitive FROM execution_value
             WHERE execution_id = $1 AND object_type = $2 AND parameter_key = $3",
            args![execution_id, scope.number(), name_key(name)],
        )
        .await?;
    row.as_ref().map(declared).transpose()
}

/// Gives an execution a row of its own for an option that is worth what the catalog says, so that it
/// can be set; changes nothing where it has one.
pub async fn keep_default(
    session: &mut Session,
    execution_id: i64,
    option: &str,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO execution_parameter (execution_id, object_type, parameter_name,
                 parameter_key, data_type, sensitive, required, value, value_source, value_set)
             SELECT execution_id, object_type, parameter_name, parameter_key, data_type, sensitive,
                 required, value, value_source, value_set
             FROM execution_value
             WHERE execution_id = $1 AND object_type = $2 AND parameter_key = $3
                 AND execution_parameter_id >= $4
             ON CONFLICT (execution_id, object_type, parameter_key) DO NOTHING",
            args![
                execution_id,
                ParameterScope::Execution.number(),
                name_key(option),
                FIRST_UNSET
            ],
        )
        .await?;
    Ok(())
}

/// The names of the parameters or options of an execution, in the order of their declaration.
pub async fn names_of_execution(
    session: &mut Session,
    execution_id: i64,
    scope: ParameterScope,
) -> Result<Vec<String>, StoreError> {
    let rows = session
        .rows(
            "SELECT parameter_name FROM execution_value
             WHERE execution_id = $1 AND object_type = $2
             ORDER BY execution_parameter_id",
            args![execution_id, scope.number()],
        )
        .await?;
    rows.iter().map(|row| row.get("parameter_name")).collect()
}

/// Sets the value of a parameter for one execution.
pub async fn set_execution_value(
    session: &mut Session,
    execution_parameter_id: i64,
    value: StoredValue,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE execution_parameter SET value = $2, secret = $3, value_source = 'E', value_set = TRUE
             WHERE execution_parameter_id = $1",
            args![execution_parameter_id, value.plain, value.secret],
        )
        .await?;
    Ok(())
}

/// A parameter of an execution with its value.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Project, package or option.
    pub scope: ParameterScope,
    /// Name.
    pub name: String,
    /// Name of its type.
    pub data_type: String,
    /// Is a secret.
    pub sensitive: bool,
    /// The value differs from the design default, which the package has itself.
    pub overrides_design: bool,
    /// The value.
    pub value: StoredValue,
}

/// Everything that was settled for these executions.
pub async fn settled(
    session: &mut Session,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<Settled>>, StoreError> {
    let query = |condition| {
        format!(
            "SELECT execution_id, object_type, parameter_name, data_type, sensitive, value, secret,
                 value_source
             FROM execution_value WHERE execution_id {condition} ORDER BY execution_parameter_id"
        )
    };
    let mut settled: HashMap<i64, Vec<Settled>> = HashMap::with_capacity(ids.len());
    let mut keep = |rows: Vec<Row>| {
        for row in rows {
            let of_execution = settled.entry(row.get("execution_id")?).or_default();
            of_execution.push(settled_row(&row)?);
        }
        Ok::<_, StoreError>(())
    };
    match session.dialect() {
        Dialect::Sqlite => {
            for id in ids {
                keep(session.rows(query("= $1"), args![*id]).await?)?;
            }
        }
        Dialect::Postgres => {
            let some = query("= ANY (CAST($1::text AS bigint[]))");
            keep(session.rows(some, args![array_of(ids)]).await?)?;
        }
    }
    Ok(settled)
}

fn settled_row(row: &Row) -> Result<Settled, StoreError> {
    Ok(Settled {
        scope: scope(row)?,
        name: row.get("parameter_name")?,
        data_type: row.get("data_type")?,
        sensitive: row.get("sensitive")?,
        overrides_design: row.get::<String>("value_source")? != "D",
        value: StoredValue {
            plain: row.get("value")?,
            secret: row.get("secret")?,
        },
    })
}

/// The plain value of one parameter or option of an execution.
pub async fn option(
    session: &mut Session,
    execution_id: i64,
    scope: ParameterScope,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let row = session
        .row(
            "SELECT value FROM execution_value
             WHERE execution_id = $1 AND object_type = $2 AND parameter_key = $3",
            args![execution_id, scope.number(), name_key(name)],
        )
        .await?;
    match row {
        Some(row) => row.get("value"),
        None => Ok(None),
    }
}

/// Adds or replaces a property override.
pub async fn set_override(
    session: &mut Session,
    execution_id: i64,
    path: &str,
    value: StoredValue,
    sensitive: bool,
) -> Result<(), StoreError> {
    let changed = session
        .execute(
            "UPDATE execution_override SET value = $3, secret = $4, sensitive = $5
             WHERE execution_id = $1 AND property_path = $2",
            args![
                execution_id,
                path,
                value.plain.clone(),
                value.secret.clone(),
                sensitive
            ],
        )
        .await?;
    if changed == 0 {
        session
            .execute(
                "INSERT INTO execution_override (execution_id, property_path, value, secret, sensitive)
                 VALUES ($1, $2, $3, $4, $5)",
                args![execution_id, path, value.plain, value.secret, sensitive],
            )
            .await?;
    }
    Ok(())
}

/// Property overrides of an execution, in the order they were set: path, value, sensitive.
pub async fn overrides(
    session: &mut Session,
    execution_id: i64,
) -> Result<Vec<(String, StoredValue, bool)>, StoreError> {
    let rows = session
        .rows(
            "SELECT property_path, value, secret, sensitive FROM execution_override
             WHERE execution_id = $1 ORDER BY property_id",
            args![execution_id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let value = StoredValue {
                plain: row.get("value")?,
                secret: row.get("secret")?,
            };
            Ok((row.get("property_path")?, value, row.get("sensitive")?))
        })
        .collect()
}

pub(super) fn scope(row: &Row) -> Result<ParameterScope, StoreError> {
    ParameterScope::from_number(row.get("object_type")?).ok_or_else(|| StoreError::Damaged {
        column: "object_type".into(),
    })
}

fn declared(row: &Row) -> Result<Declared, StoreError> {
    Ok(Declared {
        id: row.get("id")?,
        data_type: row.get("data_type")?,
        sensitive: row.get("sensitive")?,
    })
}
