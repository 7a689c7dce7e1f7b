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
    referenced_variable_name,
    CASE WHEN referenced_variable_name IS NOT NULL THEN 'R' WHEN value_set THEN 'S' ELSE 'D' END
        AS value_source";
/// The parameters of a project version `$1` and its package `$2`.
const OF_PACKAGE: &str = "FROM object_parameter
    WHERE object_version_lsn = $1 AND (object_type = 20 OR (object_type = 30 AND object_key = $2))
    ORDER BY object_type, parameter_id";

/// A parameter that a new execution gets.
#[derive(Clone, Debug)]
pub struct NewSettled<'a> {
    /// What it is.
    pub parameter: &'a Effective,
    /// Its value, under the key of the execution where it is a secret.
    pub value: StoredValue,
    /// Has a value.
    pub value_set: bool,
}

/// The columns of a row of `execution_parameter`.
pub(super) const PARAMETER: &str =
    "execution_parameter (execution_id, object_type, parameter_name, parameter_key, data_type,
         sensitive, required, value, secret, value_source, value_set, referenced_variable_name)";

/// Gives a new execution a parameter of its project or package.
pub async fn insert(
    session: &mut Session,
    execution_id: i64,
    new: NewSettled<'_>,
) -> Result<(), StoreError> {
    let parameter = new.parameter;
    session
        .insert_later(
            PARAMETER,
            args![
                execution_id,
                parameter.scope.number(),
                &parameter.name,
                name_key(&parameter.name),
                &parameter.data_type,
                parameter.sensitive,
                parameter.required,
                new.value.plain,
                new.value.secret,
                &parameter.source,
                new.value_set,
                parameter.variable.clone()
            ],
        )
        .await
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
    /// Where the value comes from: `D` design, `S` server, `R` an environment.
    pub source: String,
}

/// The parameters of a package and its project, in the order of their declaration: the server value
/// where one is set, else the design default, which does not satisfy a required parameter. What
/// refers to a variable has no value.
pub async fn effective(
    session: &mut Session,
    version: i64,
    package_name: &str,
) -> Result<Vec<Effective>, StoreError> {
    let rows = session
        .remembered(
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
                source: row.get("value_source")?,
            })
        })
        .collect()
}

/// A parameter that refers to an environment variable.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Name.
    pub name: String,
    /// Name of its type.
    pub data_type: String,
    /// Is a secret.
    pub sensitive: bool,
    /// The variable.
    pub variable: String,
}

impl Effective {
    /// The parameter as one that refers to a variable, if it does.
    pub fn bound(&self) -> Option<Bound> {
        Some(Bound {
            name: self.name.clone(),
            data_type: self.data_type.clone(),
            sensitive: self.sensitive,
            variable: self.variable.clone()?,
        })
    }
}
