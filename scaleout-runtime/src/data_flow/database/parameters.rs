//! `ParameterMapping` of the OLE DB Source: `"Parameter0:Input",{GUID};"@p:Input",{GUID};`.

use crate::connections::dialect::name_marks;
use crate::services::Variables;
use crate::value::TypedValue;

/// One parameter of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    /// `Parameter0`, `@p`, `0`.
    pub(super) name: String,
    /// `Input`, `Output`, `InputOutput`.
    direction: String,
    /// Id or name of the variable.
    variable: String,
}

/// Reads the property.
pub(super) fn parse(text: &str) -> Result<Vec<Mapping>, String> {
    let mut mappings = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let wrong = || format!("property `ParameterMapping` cannot be read at `{rest}`");
        let quoted = rest.strip_prefix('"').ok_or_else(wrong)?;
        let (name, after) = quoted.split_once('"').ok_or_else(wrong)?;
        let after = after.strip_prefix(',').ok_or_else(wrong)?;
        let (variable, after) = after.split_once(';').unwrap_or((after, ""));
        // The last colon: a name may hold `::`.
        let (name, direction) = match name.rsplit_once(':') {
            Some((name, direction)) if !name.ends_with(':') => (name, direction),
            _ => (name, "Input"),
        };
        mappings.push(Mapping {
            name: name.to_owned(),
            direction: direction.to_owned(),
            variable: variable.trim().to_owned(),
        });
        rest = after.trim();
    }
    if let Some(other) = mappings
        .iter()
        .find(|mapping| !mapping.direction.eq_ignore_ascii_case("input"))
    {
        return Err(format!(
            "parameter `{}` of `ParameterMapping` is an output of the query, which is not \
             supported; return it as a column",
            other.name
        ));
    }
    mappings.sort_by_key(|mapping| ordinal(&mapping.name));
    Ok(mappings)
}

/// The query with `?` for each named mark. What repeats or is out of order stays named: the
/// values would not stand where the marks do.
pub(super) fn positional(sql: &str, mappings: &[Mapping]) -> String {
    let names: Vec<String> = mappings
        .iter()
        .map(|mapping| mapping.name.clone())
        .collect();
    if !names.iter().all(|name| name.starts_with('@')) {
        return sql.to_owned();
    }
    let (replaced, order) = name_marks(sql, &names);
    if order.iter().copied().eq(0..names.len()) {
        replaced
    } else {
        sql.to_owned()
    }
}

/// `Parameter3` and `3` have places; names keep the order of the property.
fn ordinal(name: &str) -> u32 {
    let digits = name.trim_start_matches(|character: char| !character.is_ascii_digit());
    digits.parse().unwrap_or(u32::MAX)
}

/// The values, in the order of the marks in the query.
pub(super) fn values(
    mappings: &[Mapping],
    variables: &dyn Variables,
) -> Result<Vec<TypedValue>, String> {
    let values = mappings.iter().map(|mapping| {
        variables
            .get(&mapping.variable)
            .map_err(|error| format!("parameter `{}`: {error}", mapping.name))
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, String)> {
        let mappings = parse(text).unwrap();
        let pairs = mappings.into_iter();
        pairs
            .map(|mapping| (mapping.name, mapping.variable))
            .collect()
    }

    #[test]
    fn parameters_stand_in_the_order_of_their_numbers() {
        let pair = |name: &str, variable: &str| (name.to_owned(), variable.to_owned());
        assert_eq!(
            names("\"Parameter10:Input\",{C};\"Parameter1:Input\",{B};\"Parameter0\",{A};"),
            [
                pair("Parameter0", "{A}"),
                pair("Parameter1", "{B}"),
                pair("Parameter10", "{C}"),
            ]
        );
        assert_eq!(
            names("\"@b:Input\",User::B;\"@a\",{A}"),
            [pair("@b", "User::B"), pair("@a", "{A}")]
        );
        assert_eq!(names(""), []);
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        assert!(
            parse("Parameter0,{A}")
                .unwrap_err()
                .contains("cannot be read")
        );
        assert!(parse("\"@o:Output\",{A};").unwrap_err().contains("`@o`"));
    }
}
