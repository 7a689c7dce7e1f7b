//! Precedence constraints, resolved to the siblings they connect.

use crate::package::error::PackageError;
use crate::package::model::{ConstraintValue, EvalOp, Executable, PrecedenceConstraint};
use crate::package::node::{Node, parse_boolean};

/// A constraint between two of `siblings`.
pub(super) fn read_constraint(
    node: Node<'_>,
    siblings: &[Executable],
) -> Result<PrecedenceConstraint, PackageError> {
    let from = reference(node, "From", true)?;
    let to = reference(node, "To", false)?;
    Ok(PrecedenceConstraint {
        name: node.text("ObjectName"),
        from: resolve(node, from, siblings)?,
        to: resolve(node, to, siblings)?,
        value: node.choice(
            "Value",
            &[
                ("0", ConstraintValue::Success),
                ("1", ConstraintValue::Failure),
                ("2", ConstraintValue::Completion),
                ("3", ConstraintValue::Canceled),
            ],
        )?,
        eval_op: node.choice(
            "EvalOp",
            &[
                ("1", EvalOp::Expression),
                ("2", EvalOp::Constraint),
                ("3", EvalOp::ExpressionAndConstraint),
                ("4", EvalOp::ExpressionOrConstraint),
            ],
        )?,
        logical_and: node.boolean("LogicalAnd", false)?,
        expression: node.text("Expression"),
    })
}

/// The attribute of formats 6 and 8, or the reference child of formats 2 and 3:
/// an `Executable` element that is no executable.
fn reference<'a>(
    node: Node<'a>,
    attribute: &'static str,
    is_from: bool,
) -> Result<&'a str, PackageError> {
    if let Some(written) = node.element.attribute(attribute) {
        return Ok(written);
    }
    let mut ends = node.children("Executable");
    let end = ends.find(|end| end.get("IsFrom").and_then(parse_boolean) == Some(is_from));
    let id = end.and_then(|end| end.get("IDREF"));
    id.ok_or_else(|| node.missing(format!("`{attribute}`")))
}

fn resolve(
    node: Node<'_>,
    reference: &str,
    siblings: &[Executable],
) -> Result<String, PackageError> {
    let by_path = siblings.iter().find(|sibling| sibling.ref_id == reference);
    let by_id = || {
        let mut candidates = siblings.iter();
        candidates
            .find(|sibling| !sibling.id.is_empty() && sibling.id.eq_ignore_ascii_case(reference))
    };
    match by_path.or_else(by_id) {
        Some(sibling) => Ok(sibling.ref_id.clone()),
        None => Err(PackageError::DanglingReference {
            place: node.place(),
            reference: reference.to_owned(),
            what: "executable in the same container",
        }),
    }
}
