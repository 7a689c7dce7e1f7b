//! Expressions written as text, with places for others: `CAST(__1 AS date) - __2`.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, VisitMut, VisitorMut};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

/// The expression of the text, with `arguments` in the places `__1`, `__2`, ….
pub(super) fn fill(text: &str, arguments: &[Expr]) -> Expr {
    let parser = Parser::new(&PostgreSqlDialect {}).try_with_sql(text);
    let expr = parser.and_then(|mut parser| parser.parse_expr());
    let mut expr = expr.expect("the text is ours and parses");
    // It never breaks off.
    let _: ControlFlow<()> = expr.visit(&mut Filler(arguments));
    expr
}

struct Filler<'a>(&'a [Expr]);

impl VisitorMut for Filler<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Identifier(ident) = expr
            && let Some(number) = ident.value.strip_prefix("__")
            && let Ok(number) = number.parse::<usize>()
            && let Some(argument) = number.checked_sub(1).and_then(|at| self.0.get(at))
        {
            *expr = match argument {
                plain @ (Expr::Identifier(_)
                | Expr::CompoundIdentifier(_)
                | Expr::Value(_)
                | Expr::Function(_)
                | Expr::Cast { .. }
                | Expr::Nested(_)) => plain.clone(),
                other => Expr::Nested(Box::new(other.clone())),
            };
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_go_where_the_text_says_and_keep_together() {
        let argument = fill("a + 1", &[]);
        let filled = fill("__2 * CAST(__1 AS int)", &[argument.clone(), argument]);
        assert_eq!(filled.to_string(), "(a + 1) * CAST((a + 1) AS INT)");
    }
}
