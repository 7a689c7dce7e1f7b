//! Type names with their parameters, as casts and `NULL()` write them.

use super::mistake::Mistake;
use super::parser::Parser;
use super::token::{Located, Placed, Token};
use crate::convert::CodePage;
use crate::value::{DataType, Value};

const MAX_STR: i64 = 8000;
const MAX_WSTR: i64 = 4000;

/// Does the name start like that of a type?
pub(super) fn looks_like_type(name: &str) -> bool {
    name.get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("DT_"))
}

/// Reads a type and its parameters; `of_null` for the messages of `NULL()`.
pub(super) fn read(parser: &mut Parser, of_null: bool) -> Located<DataType> {
    let Placed { token, span } = parser.next();
    let Token::Name { name, .. } = token else {
        let mistake = Mistake::Unexpected {
            found: token.describe(),
            expected: "a data type",
        };
        return Err((mistake, span.start).into());
    };
    let mut parameters = Vec::new();
    while parser.eat(",") {
        parameters.push(parameter(parser, of_null)?);
    }
    let upper = name.to_ascii_uppercase();
    build(&upper, &parameters, of_null)
        .unwrap_or(Err(Mistake::TypeName(name)))
        .map_err(|mistake| (mistake, span.start).into())
}

fn parameter(parser: &mut Parser, of_null: bool) -> Located<i64> {
    let negative = parser.eat("-");
    let Placed { token, span } = parser.next();
    let value = match token {
        Token::Literal(Value::I4(value), _) => i64::from(value),
        Token::Literal(Value::I8(value), _) => value,
        Token::Literal(Value::Ui4(value), _) => i64::from(value),
        _ => return Err((Mistake::TypeParameterNotStatic { of_null }, span.start).into()),
    };
    let follows = &parser.peek().token;
    if !matches!(follows, Token::Sign("," | ")")) {
        return Err((Mistake::TypeParameterNotStatic { of_null }, span.start).into());
    }
    Ok(if negative { -value } else { value })
}

/// `None` when there is no such type.
fn build(name: &str, parameters: &[i64], of_null: bool) -> Option<Result<DataType, Mistake>> {
    let Some(plain) = DataType::from_plain_name(name) else {
        return with_parameters(name, parameters, of_null);
    };
    Some(if parameters.is_empty() {
        Ok(plain)
    } else {
        Err(Mistake::TypeParameters {
            name: plain.name(),
            expected: "no parameters",
        })
    })
}

fn with_parameters(
    name: &str,
    parameters: &[i64],
    of_null: bool,
) -> Option<Result<DataType, Mistake>> {
    let (name, expected) = match name {
        "DT_STR" => ("DT_STR", "a length and a code page"),
        "DT_WSTR" => ("DT_WSTR", "a length"),
        "DT_BYTES" => ("DT_BYTES", "a length"),
        "DT_TEXT" => ("DT_TEXT", "a code page"),
        "DT_DECIMAL" => ("DT_DECIMAL", "a scale"),
        "DT_NUMERIC" => ("DT_NUMERIC", "a precision and a scale"),
        "DT_DBTIME2" => ("DT_DBTIME2", "a scale"),
        "DT_DBTIMESTAMP2" => ("DT_DBTIMESTAMP2", "a scale"),
        "DT_DBTIMESTAMPOFFSET" => ("DT_DBTIMESTAMPOFFSET", "a scale"),
        _ => return None,
    };
    let facets = Facets { name, of_null };
    Some(match (name, parameters) {
        ("DT_STR", &[length, page]) => facets.string(length, page),
        ("DT_WSTR", &[length]) => facets
            .small("length", length, 0, MAX_WSTR)
            .map(|length| DataType::Wstr { length }),
        ("DT_BYTES", &[length]) => facets
            .small("length", length, 0, MAX_STR)
            .map(|length| DataType::Bytes { length }),
        ("DT_TEXT", &[page]) => facets
            .code_page(page)
            .map(|code_page| DataType::Text { code_page }),
        ("DT_DECIMAL", &[scale]) => facets
            .digits("scale", scale, 0, 28)
            .map(|scale| DataType::Decimal { scale }),
        ("DT_NUMERIC", &[precision, scale]) => facets.numeric(precision, scale),
        ("DT_DBTIME2", &[scale]) => facets
            .digits("scale", scale, 0, 7)
            .map(|scale| DataType::DbTime2 { scale }),
        ("DT_DBTIMESTAMP2", &[scale]) => facets
            .digits("scale", scale, 0, 7)
            .map(|scale| DataType::DbTimestamp2 { scale }),
        ("DT_DBTIMESTAMPOFFSET", &[scale]) => facets
            .digits("scale", scale, 0, 7)
            .map(|scale| DataType::DbTimestampOffset { scale }),
        _ => Err(Mistake::TypeParameters { name, expected }),
    })
}

struct Facets {
    name: &'static str,
    of_null: bool,
}

impl Facets {
    fn string(&self, length: i64, page: i64) -> Result<DataType, Mistake> {
        let length = self.small("length", length, 0, MAX_STR)?;
        let code_page = self.code_page(page)?;
        Ok(DataType::Str { length, code_page })
    }

    fn numeric(&self, precision: i64, scale: i64) -> Result<DataType, Mistake> {
        let precision = self.digits("precision", precision, 1, 38)?;
        let scale = self.digits("scale", scale, 0, i64::from(precision))?;
        Ok(DataType::Numeric { precision, scale })
    }

    fn code_page(&self, value: i64) -> Result<u32, Mistake> {
        let number = self.small("code page", value, 1, i64::from(u32::MAX))?;
        match CodePage::from_number(number) {
            Ok(_) => Ok(number),
            Err(_) => Err(self.wrong("code page", value)),
        }
    }

    fn digits(&self, facet: &'static str, value: i64, low: i64, high: i64) -> Result<u8, Mistake> {
        let value = self.small(facet, value, low, high)?;
        u8::try_from(value).map_err(|_| self.wrong(facet, i64::from(value)))
    }

    fn small(&self, facet: &'static str, value: i64, low: i64, high: i64) -> Result<u32, Mistake> {
        match u32::try_from(value) {
            Ok(small) if (low..=high).contains(&value) => Ok(small),
            _ => Err(self.wrong(facet, value)),
        }
    }

    fn wrong(&self, facet: &'static str, value: i64) -> Mistake {
        Mistake::TypeParameter {
            name: self.name,
            facet,
            value,
            of_null: self.of_null,
        }
    }
}
