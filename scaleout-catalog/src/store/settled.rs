//! What the parameters of a package are worth: server value, environment variable or design default.

use scaleout_core::model::ParameterScope;
use scaleout_core::model::identifier::name_key;

use super::parameters::{StoredValue, scope};
use super::{Session, StoreError, args};

/// Lets a parameter take its value from an environment variable.
pub async fn set_referenced_variable(
    session: &mut Session,
    parameter_id: i64,
    variable: &str,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE object_parameter SET server_value = NULL, server_secret = NULL, value_set = TRUE,
                 referenced_variable_name = $2
             WHERE parameter_id = $1",
            args![parameter_id, variable],
        )
        .await?;
    Ok(())
}

/// What a parameter is worth without an environment. One that refers to a variable is worth nothing
/// then: its design default may be right in development and wrong everywhere else.
const EFFECTIVE: &str = "object_type, parameter_name, data_type, sensitive, required,
    CASE WHEN referenced_variable_name IS NOT NULL THEN NULL WHEN value_set THEN server_value
        WHEN required THEN NULL ELSE design_value END AS value,
    CASE WHEN referenced_variable_name IS NOT NULL THEN NULL WHEN value_set THEN server_secret
        WHEN required THEN NULL ELSE design_secret END AS secret,
    referenced_variable_name IS NULL AND (value_set
        OR (NOT required AND (design_value IS NOT NULL OR design_secret IS NOT NULL))) AS value_set,
    referenced_variable_name";
/// The parameters of a project version `$1` and its package `$2`.
const OF_PACKAGE: &str = "FROM object_parameter
    WHERE object_version_lsn = $1 AND (object_type = 20 OR (object_type = 30 AND object_key = $2))
    ORDER BY object_type, parameter_id";

/// Gives a new execution the parameters of its project and package: the server value where one is
/// set, else the design default, which does not satisfy a required parameter. What refers to a
/// variable has no value until [`set_bound_value`].
pub async fn settle(
    session: &mut Session,
    execution_id: i64,
    version: i64,
    package_name: &str,
) -> Result<(), StoreError> {
    session
        .execute(
            format!(
                "INSERT INTO execution_parameter (execution_id, object_type, parameter_name,
                     data_type, sensitive, required, value, secret, value_set,
                     referenced_variable_name, parameter_key, value_source)
                 SELECT $3, {EFFECTIVE}, parameter_key, 
                     CASE WHEN referenced_variable_name IS NOT NULL THEN 'R'
                         WHEN value_set THEN 'S' ELSE 'D' END
                 {OF_PACKAGE}"
            ),
            args![version, name_key(package_name), execution_id],
        )
        .await?;
    Ok(())
}

/// A parameter of a package with the value it has without an environment.
#[derive(Clone, Debug)]
pub struct Effective {
    /// Project or package.
    pub scope: ParameterScope,
    /// Name.
    pub name: String,
    /// Name of its type.
    pub data_type: String,
    /// Is a secret.
    pub sensitive: bool,
    /// Must have a value to start.
    pub required: bool,
    /// The value.
    pub value: StoredValue,
    /// Has a value.
    pub value_set: bool,
    /// The environment variable that it refers to.
    pub variable: Option<String>,
}

/// The parameters of a package and its project, as [`settle`] gives them to an execution.
pub async fn effective(
    session: &mut Session,
    version: i64,
    package_name: &str,
) -> Result<Vec<Effective>, StoreError> {
    let rows = session
        .rows(
            format!("SELECT {EFFECTIVE} {OF_PACKAGE}"),
            args![version, name_key(package_name)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Effective {
                scope: scope(row)?,
                name: row.get("parameter_name")?,
                data_type: row.get("data_type")?,
                sensitive: row.get("sensitive")?,
                required: row.get("required")?,
                value: StoredValue {
                    plain: row.get("value")?,
                    secret: row.get("secret")?,
                },
                value_set: row.get("value_set")?,
                variable: row.get("referenced_variable_name")?,
            })
        })
        .collect()
}

/// A parameter that refers to an environment variable.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Row of the parameter.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Name of its type.
    pub data_type: String,
    /// Is a secret.
    pub sensitive: bool,
    /// The variable.
    pub variable: String,
    /// Has a value: from the variable, or one set for this execution.
    pub value_set: bool,
}

/// The parameters of an execution that refer to environment variables.
pub async fn bound(session: &mut Session, execution_id: i64) -> Result<Vec<Bound>, StoreError> {
    let rows = session
        .rows(
            "SELECT execution_parameter_id, parameter_name, data_type, sensitive,
                 referenced_variable_name, value_set
             FROM execution_parameter
             WHERE execution_id = $1 AND referenced_variable_name IS NOT NULL
             ORDER BY execution_parameter_id",
            args![execution_id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Bound {
                id: row.get("execution_parameter_id")?,
                name: row.get("parameter_name")?,
                data_type: row.get("data_type")?,
                sensitive: row.get("sensitive")?,
                variable: row.get("referenced_variable_name")?,
                value_set: row.get("value_set")?,
            })
        })
        .collect()
}

/// Gives a parameter of an execution the value of its variable.
pub async fn set_bound_value(
    session: &mut Session,
    execution_parameter_id: i64,
    value: StoredValue,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE execution_parameter SET value = $2, secret = $3, value_set = TRUE
             WHERE execution_parameter_id = $1",
            args![execution_parameter_id, value.plain, value.secret],
        )
        .await?;
    Ok(())
}

/// The parameters of an execution that refer to an environment variable and have no value.
pub async fn unbound(session: &mut Session, execution_id: i64) -> Result<Vec<Bound>, StoreError> {
    let all = bound(session, execution_id).await?;
    Ok(all.into_iter().filter(|one| !one.value_set).collect())
}
