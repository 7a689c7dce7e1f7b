//! What to do about each mistake.

use super::Mistake;

impl Mistake {
    /// What to do next.
    pub(in crate::expression) fn hint(&self) -> String {
        let hint = match self {
            Self::Empty => "write an expression, such as `@[User::Name] + \".csv\"`",
            Self::Character(_) => "remove it, or put it into a text: `\"…\"`",
            Self::SingleQuote => "write `\"text\"`",
            Self::SingleEqual => "write `==` to compare",
            Self::Unclosed(_) => "write the closing character: `\"` for a text, `]` for a name",
            Self::Escape(_) => "write `\\\\` for one backslash",
            Self::HexEscape => "write four digits, such as `\\x0041` for `A`",
            Self::Number(_) => "write it like `12`, `12L`, `12.5`, `1.5E3` or `0x1F`",
            Self::LiteralOverflow { .. } => "add the suffix L for a DT_I8",
            Self::Unexpected { .. } => "look at the character at the position given",
            Self::TooDeep(_) => "put inner parts into variables or a Derived Column of their own",
            Self::Function(_) => {
                "look its name up: functions are not those of T-SQL (`+` joins text, `(DT_WSTR,10)x` \
                 converts, `c ? a : b` chooses)"
            }
            Self::ArgumentCount { .. } => "give it as many parameters as it takes",
            Self::TypeName(_) => "write a type of SSIS, such as `DT_I4`, `DT_WSTR` or `DT_DBDATE`",
            Self::TypeParameters { .. }
            | Self::TypeParameterNotStatic { .. }
            | Self::TypeParameter { .. } => {
                "write it like `(DT_WSTR,50)`, `(DT_STR,50,1252)`, `(DT_NUMERIC,18,2)` or `(DT_DECIMAL,2)`"
            }
            Self::BinaryTypes { .. } | Self::Branches { .. } => {
                "cast one side so that both have the same type"
            }
            Self::UnsupportedBinary { .. } | Self::Unary { .. } => {
                "cast the operand to a type that the operator takes"
            }
            Self::SignMismatch(_) => "cast one side, for example both to DT_I8",
            Self::NumericOverflow { .. } => "cast an operand to a smaller DT_NUMERIC or to DT_R8",
            Self::StrOperand { .. } => "use NULL(DT_WSTR, n) inside an expression",
            Self::Condition(_) => "compare with something, such as `x != 0 ? a : b`",
            Self::BranchCodePages => "cast one branch so that both have the same code page",
            Self::Cast { .. } => "cast in two steps, for example by way of DT_WSTR",
            Self::ParameterType { .. } => "cast the parameter to a type that the function takes",
            Self::DatePartNotStatic(_) | Self::DatePart(_) => {
                "write one such as `\"yyyy\"`, `\"mm\"`, `\"dd\"`, `\"hh\"`, `\"mi\"` or `\"ss\"`"
            }
            Self::DateLiteral { .. } => "cast the literal to DT_DBTIMESTAMP",
            Self::Variable(error) => return error.hint(),
            Self::VariableType(_) => {
                "use a variable of another type; an Object is read by a loop or a task, not by an expression"
            }
            Self::NoColumns(name) if !name.starts_with('#') => {
                return format!("for a variable write `@[{name}]`");
            }
            Self::NoColumns(_) | Self::Lineage(_) => {
                "write the name of the column, in a data flow that has it"
            }
            Self::Column(name) => {
                return format!(
                    "use a column that comes into the component; for a variable write `@[{name}]`"
                );
            }
            Self::DottedColumn { .. } => "use a column that comes into the component",
            Self::AmbiguousColumn(name) => {
                return format!("write `[Component].[{name}]`");
            }
            Self::Constant(fault) => return fault.hint(),
            Self::NotAnAssignment => "write `@Name = ` before the expression",
        };
        hint.to_owned()
    }
}
