//! What a start reads: the execution, its parameters and its options.

use std::collections::HashMap;

use scaleout_core::model::ParameterScope;

use super::executions::{self, ExecutionRow};
use super::parameters::scope;
use super::session::Ahead;
use super::{Row, Session, StoreError, args};

/// What a start needs to know of a parameter or option.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Project, package or option.
    pub scope: ParameterScope,
    /// Name.
    pub name: String,
    /// Must have a value.
    pub required: bool,
    /// Has one.
    pub value_set: bool,
    /// Refers to an environment variable.
    pub is_bound: bool,
    /// The value of an option.
    pub option: Option<String>,
}

/// Reads what several starts of a transaction will ask for [`to_start`], all at once, so that they take
/// no statement each. Their rows are locked until its end.
pub async fn read_ahead(session: &mut Session, ids: Vec<i64>) -> Result<(), StoreError> {
    executions::lock(session, &ids).await?;
    let sql = query("e.execution_id = ANY (CAST($1::text AS bigint[]))");
    let rows = session.rows(sql, args![executions::array_of(&ids)]).await?;
    let none = ids.into_iter().map(|id| (Ahead::Start(id), Vec::new()));
    let mut found: HashMap<Ahead, Vec<Row>> = none.collect();
    for row in rows {
        let id = row.get("execution_id")?;
        found.entry(Ahead::Start(id)).or_default().push(row);
    }
    session.keep_ahead(found);
    Ok(())
}

fn query(condition: &str) -> String {
    format!(
        "SELECT {}, e.default_level, e.default_customized_level, p.object_type, p.parameter_name,
             p.required, p.value_set, p.referenced_variable_name IS NOT NULL AS is_bound,
             CASE WHEN p.object_type = 50 THEN p.value END AS option_value
         FROM execution e JOIN operation o ON o.operation_id = e.execution_id
         LEFT JOIN execution_parameter p ON p.execution_id = e.execution_id
         WHERE {condition} ORDER BY p.object_type, p.execution_parameter_id",
        executions::COLUMNS
    )
}

/// An execution together with how its parameters and options stand, in the order of their
/// declaration: one query, because everything that is started asks it. Of the options that it does not
/// set, those are there that a start goes by. On a server its row is locked until the end of the
/// transaction.
pub async fn to_start(
    session: &mut Session,
    execution_id: i64,
) -> Result<Option<(ExecutionRow, Vec<Standing>)>, StoreError> {
    session.catch_up(execution_id).await?;
    let rows = match session.take_ahead(Ahead::Start(execution_id)) {
        Some(rows) => rows,
        None => {
            executions::lock(session, &[execution_id]).await?;
            let sql = query("e.execution_id = $1");
            session.rows(sql, args![execution_id]).await?
        }
    };
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let execution = executions::execution_row(first)?;
    let mut standing = Vec::new();
    for row in &rows {
        // Null where it has no parameter and sets no option.
        if row.get::<Option<i64>>("object_type")?.is_some() {
            standing.push(Standing {
                scope: scope(row)?,
                name: row.get("parameter_name")?,
                required: row.get("required")?,
                value_set: row.get("value_set")?,
                is_bound: row.get("is_bound")?,
                option: row.get("option_value")?,
            });
        }
    }
    for (name, column) in [
        ("LOGGING_LEVEL", "default_level"),
        ("CUSTOMIZED_LOGGING_LEVEL", "default_customized_level"),
    ] {
        let option: Option<String> = first.get(column)?;
        let is_option = |one: &Standing| one.scope == ParameterScope::Execution;
        if option.is_some()
            && !standing
                .iter()
                .any(|one| is_option(one) && one.name == name)
        {
            standing.push(Standing {
                scope: ParameterScope::Execution,
                name: name.to_owned(),
                required: false,
                value_set: true,
                is_bound: false,
                option,
            });
        }
    }
    Ok(Some((execution, standing)))
}
