//! The table that is changed among those that are joined to it.

use sqlparser::ast::{
    BinaryOperator, Expr, Join, JoinConstraint, JoinOperator, ObjectName, Query, SetExpr,
    TableFactor, TableWithJoins,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::names::name_of;

/// Where the target of an `UPDATE` or `DELETE` is in the tables of its `FROM`.
pub(super) enum Target {
    /// All others meet it by inner joins.
    Inner {
        /// The target with its alias.
        target: TableFactor,
        /// The other tables.
        others: Vec<TableWithJoins>,
        /// What the joins ask for.
        conditions: Vec<Expr>,
    },
    /// There are outer joins.
    Outer {
        /// The target with its alias.
        target: TableFactor,
        /// What is joined to the target, seen from one of its rows; `None` where that cannot be said.
        joined: Option<Box<TableWithJoins>>,
    },
}

/// Finds the target that a statement names by alias or by name.
pub(super) fn target_of(from: &[TableWithJoins], target: &ObjectName) -> Option<Target> {
    let by = |is_it: &dyn Fn(&TableFactor) -> bool| place_of(from, is_it);
    let (table, place) = by(&|factor| has_alias(factor, target))
        .or_else(|| by(&|factor| is_named(factor, target) && alias_of(factor).is_none()))
        .or_else(|| by(&|factor| is_named(factor, target)))?;
    let joined = &from[table];
    let found = match place {
        None => &joined.relation,
        Some(at) => &joined.joins[at].relation,
    };
    let mut target = found.clone();
    // SQLite takes the alias of what is changed with `AS` only.
    if let TableFactor::Table {
        alias: Some(alias), ..
    } = &mut target
    {
        alias.explicit = true;
    }
    if !joined.joins.iter().all(is_inner) {
        let seen_from_a_row = place.is_none() && from.len() == 1;
        let joined = seen_from_a_row
            .then(|| joins_of_one_row(&joined.joins))
            .flatten()
            .map(Box::new);
        return Some(Target::Outer { target, joined });
    }
    let mut others: Vec<TableWithJoins> = Vec::new();
    for (at, table_with_joins) in from.iter().enumerate() {
        if at != table {
            others.push(table_with_joins.clone());
        }
    }
    let single = |relation: &TableFactor| TableWithJoins {
        relation: relation.clone(),
        joins: Vec::new(),
    };
    if place.is_some() {
        others.push(single(&joined.relation));
    }
    for (at, join) in joined.joins.iter().enumerate() {
        if place != Some(at) {
            others.push(single(&join.relation));
        }
    }
    let conditions = joined.joins.iter().filter_map(condition).collect();
    Some(Target::Inner {
        target,
        others,
        conditions,
    })
}

/// All of them together: `(a) AND (b)`.
pub(super) fn conjunction(conditions: Vec<Expr>, more: Option<Expr>) -> Option<Expr> {
    let all = conditions.into_iter().chain(more);
    let nested = all.map(|expr| match expr {
        nested @ Expr::Nested(_) => nested,
        other => Expr::Nested(Box::new(other)),
    });
    nested.reduce(|left, right| Expr::BinaryOp {
        left: Box::new(left),
        op: BinaryOperator::And,
        right: Box::new(right),
    })
}

/// `EXISTS (SELECT 1 FROM … WHERE …)`
pub(super) fn exists(from: Vec<TableWithJoins>, selection: Option<Expr>) -> Expr {
    let mut subquery = parsed("SELECT 1");
    if let SetExpr::Select(select) = subquery.body.as_mut() {
        select.from = from;
        select.selection = selection;
    }
    Expr::Exists {
        subquery: Box::new(subquery),
        negated: false,
    }
}

type Place = (usize, Option<usize>);

fn place_of(from: &[TableWithJoins], is_it: &dyn Fn(&TableFactor) -> bool) -> Option<Place> {
    from.iter().enumerate().find_map(|(table, joined)| {
        if is_it(&joined.relation) {
            return Some((table, None));
        }
        let at = joined.joins.iter().position(|join| is_it(&join.relation))?;
        Some((table, Some(at)))
    })
}

fn alias_of(factor: &TableFactor) -> Option<&str> {
    match factor {
        TableFactor::Table { alias, .. } => alias.as_ref().map(|alias| alias.name.value.as_str()),
        _ => None,
    }
}

fn has_alias(factor: &TableFactor, target: &ObjectName) -> bool {
    let [only] = target.0.as_slice() else {
        return false;
    };
    let name = only.as_ident().map(|ident| ident.value.as_str());
    let alias = alias_of(factor);
    alias
        .zip(name)
        .is_some_and(|(alias, name)| alias.eq_ignore_ascii_case(name))
}

fn is_named(factor: &TableFactor, target: &ObjectName) -> bool {
    let TableFactor::Table { name, .. } = factor else {
        return false;
    };
    let (Some(one), Some(other)) = (name_of(name), name_of(target)) else {
        return false;
    };
    let own = |schema: Option<&str>| schema.map(str::to_lowercase);
    one.table.eq_ignore_ascii_case(&other.table) && own(one.own_schema()) == own(other.own_schema())
}

fn is_inner(join: &Join) -> bool {
    let with_condition = |constraint: &JoinConstraint| {
        matches!(constraint, JoinConstraint::On(_) | JoinConstraint::None)
    };
    match &join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::CrossJoin(constraint) => with_condition(constraint),
        _ => false,
    }
}

fn condition(join: &Join) -> Option<Expr> {
    match &join.join_operator {
        JoinOperator::Join(JoinConstraint::On(expr))
        | JoinOperator::Inner(JoinConstraint::On(expr))
        | JoinOperator::CrossJoin(JoinConstraint::On(expr)) => Some(expr.clone()),
        _ => None,
    }
}

/// The joins, with one row without columns in place of the target.
fn joins_of_one_row(joins: &[Join]) -> Option<TableWithJoins> {
    let keeps_the_row = |join: &Join| {
        is_inner(join)
            || matches!(
                join.join_operator,
                JoinOperator::Left(_) | JoinOperator::LeftOuter(_)
            )
    };
    if !joins.iter().all(keeps_the_row) {
        return None;
    }
    let query = parsed("SELECT 1 FROM (SELECT 1 AS one) AS scaleout_row");
    let SetExpr::Select(mut select) = *query.body else {
        return None;
    };
    let mut one = select.from.pop()?;
    one.joins = joins.to_vec();
    Some(one)
}

fn parsed(sql: &str) -> Query {
    let parser = Parser::new(&GenericDialect {}).try_with_sql(sql);
    let query = parser.and_then(|mut parser| parser.parse_query());
    *query.expect("the text is ours and parses")
}
