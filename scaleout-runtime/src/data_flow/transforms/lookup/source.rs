//! Where a Lookup finds its reference.

use scaleout_core::package::pipeline::Component;

use super::settings::{JoinColumn, wrong_setting};
use crate::connections::ConnectionError;
use crate::data_flow::cache::{CacheLayout, layout_of};
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::column_ref::lineage_of;
use crate::data_flow::transforms::settings::{number_in, refused};
use crate::value::DataType;

/// Megabytes of a partial cache when the package says none.
const DEFAULT_MEGABYTES: u64 = 25;

/// See [`super`].
#[derive(Clone, Debug)]
pub enum Source {
    /// All rows of a query, loaded before the first row.
    Loaded {
        /// The query.
        sql: String,
    },
    /// A query that is asked for the key of a row.
    Asked(Question),
    /// The rows of a Cache connection manager.
    Cache {
        /// Its reference.
        reference: String,
        /// What it says.
        layout: CacheLayout,
    },
}

/// A query with parameters.
#[derive(Clone, Debug)]
pub struct Question {
    /// The query.
    pub sql: String,
    /// For each parameter, the position in the input and the type there.
    pub parameters: Vec<(usize, DataType)>,
    /// What is kept of the answers; nothing without a cache.
    pub kept: Option<KeptAnswers>,
}

/// How much a partial cache keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptAnswers {
    /// Bytes of rows that were found.
    pub bytes: u64,
    /// Bytes of keys without a row; they are asked for again when this is 0.
    pub bytes_without_match: u64,
}

impl Source {
    /// Reads and checks the properties.
    pub fn read(
        component: &Component,
        joins: &[JoinColumn],
        arriving: &Schema,
        cx: &BuildContext<'_>,
    ) -> Result<Self, ComponentError> {
        let number = |name| number_in(component, &component.properties, name);
        if number("ConnectionType")? == Some(1) {
            return over_cache(component, joins, cx);
        }
        let sql = component.property("SqlCommand").unwrap_or_default().trim();
        let wrong = |what: &str| wrong_setting(component, what);
        let mode = number("CacheType")?.unwrap_or(0);
        match mode {
            0 if sql.is_empty() => Err(wrong("property `SqlCommand` is empty")),
            0 => Ok(Self::Loaded {
                sql: sql.to_owned(),
            }),
            1 | 2 => Ok(Self::Asked(Question {
                sql: question(component, sql, joins)?,
                parameters: parameters(component, joins, arriving)?,
                kept: (mode == 1).then(|| kept(component)).transpose()?,
            })),
            other => Err(wrong(&format!("it has the unknown CacheType {other}"))),
        }
    }
}

/// The query with parameters that the package has, or one made of the reference query.
fn question(
    component: &Component,
    sql: &str,
    joins: &[JoinColumn],
) -> Result<String, ComponentError> {
    let own = component.property("SqlCommandParam").unwrap_or_default();
    if !own.trim().is_empty() {
        return Ok(own.to_owned());
    }
    if sql.is_empty() {
        let what = "properties `SqlCommand` and `SqlCommandParam` are empty";
        return Err(wrong_setting(component, what));
    }
    let conditions: Vec<String> = joins
        .iter()
        .map(|join| format!("[refTable].[{}] = ?", join.reference.replace(']', "]]")))
        .collect();
    let sql = sql.trim_end_matches([';', ' ', '\r', '\n', '\t']);
    Ok(format!(
        "select * from ({sql}) [refTable] where {}",
        conditions.join(" and ")
    ))
}

/// `ParameterMap`, a list of columns for the marks of the query; without it the join columns.
fn parameters(
    component: &Component,
    joins: &[JoinColumn],
    arriving: &Schema,
) -> Result<Vec<(usize, DataType)>, ComponentError> {
    let map = component.property("ParameterMap").unwrap_or_default();
    let listed = map
        .split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    let mapped = listed.map(|item| {
        let position = arriving.index_of(lineage_of(item)).ok_or_else(|| {
            let what =
                format!("its `ParameterMap` names the column `{item}`, which does not arrive");
            wrong_setting(component, &what)
        })?;
        Ok((position, arriving.columns[position].data_type))
    });
    let mapped: Vec<_> = mapped.collect::<Result<_, ComponentError>>()?;
    if mapped.is_empty() {
        let joins = joins.iter();
        return Ok(joins.map(|join| (join.position, join.data_type)).collect());
    }
    Ok(mapped)
}

/// `MaxMemoryUsage64` in megabytes, and the part of it for keys without a row.
fn kept(component: &Component) -> Result<KeptAnswers, ComponentError> {
    let number = |name| number_in(component, &component.properties, name);
    let megabytes = match number("MaxMemoryUsage64")? {
        Some(megabytes) => u64::try_from(megabytes).unwrap_or(0),
        None => DEFAULT_MEGABYTES,
    };
    let percentage = number("NoMatchCachePercentage")?.unwrap_or(0);
    let percentage = u64::try_from(percentage.clamp(0, 100)).unwrap_or(0);
    let bytes = megabytes << 20;
    let bytes_without_match = bytes / 100 * percentage;
    Ok(KeptAnswers {
        bytes: bytes - bytes_without_match,
        bytes_without_match,
    })
}

fn over_cache(
    component: &Component,
    joins: &[JoinColumn],
    cx: &BuildContext<'_>,
) -> Result<Source, ComponentError> {
    let (reference, layout) = cache_manager(component, cx)
        .map_err(|error| ComponentError::failed(codes::NO_CONNECTION, error.explained()))?;
    let is_joined = |position: usize| {
        let name = &layout.schema.columns[position].name;
        joins
            .iter()
            .any(|join| join.reference.eq_ignore_ascii_case(name))
    };
    let all = layout.index.iter().all(|position| is_joined(*position));
    if !all || joins.len() != layout.index.len() {
        let names = layout.index.iter().map(|position| {
            let column = &layout.schema.columns[*position];
            column.name.as_str()
        });
        let what = format!(
            "joins {} columns with cache `{}`, whose rows are found by all of {}; join exactly these",
            joins.len(),
            layout.name,
            names.collect::<Vec<_>>().join(", ")
        );
        return Err(refused(component, codes::INDEX_COLUMNS_MISMATCH, &what));
    }
    Ok(Source::Cache { reference, layout })
}

fn cache_manager(
    component: &Component,
    cx: &BuildContext<'_>,
) -> Result<(String, CacheLayout), ConnectionError> {
    let mut failed = ConnectionError::Unknown {
        reference: String::new(),
    };
    let connections = component.connections.iter();
    for connection in connections.filter(|connection| connection.name != "OleDbConnection") {
        for reference in [&connection.manager_id, &connection.manager_ref_id] {
            if reference.is_empty() {
                continue;
            }
            match cx.services.connections.resolve(reference) {
                Ok(manager) => {
                    let layout = layout_of(&manager, &cx.services.settings)?;
                    return Ok((reference.clone(), layout));
                }
                Err(error) => failed = error,
            }
        }
    }
    Err(failed)
}
