//! Any text is an expression or a mistake, and what compiles has a value or an error. More cases:
//! `PROPTEST_CASES=200000 cargo test -p scaleout-runtime --lib expression::robustness`.

use jiff::Timestamp;
use proptest::prelude::*;

use super::{Evaluation, Scope, compile};

/// Pieces of expressions, in an order that makes sense now and then.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,3}(\\.[0-9]{1,2})?(E[-+]?[0-9]{1,3})?[LUFlu]{0,2}",
        "\"[a-z\\\\\"ntx0-9 é]{0,5}\"",
        prop::sample::select(vec![
            "+", "-", "*", "/", "%", "(", ")", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "!",
            "?", ":", ",", "&", "|", "^", "~", "=", "@", "[", "]", "#", ".", " ", "\n",
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec![
            "(DT_I4)",
            "(DT_WSTR,3)",
            "(DT_STR,3,1252)",
            "(DT_NUMERIC,9,2)",
            "(DT_DBTIMESTAMP2,7)",
            "(DT_BOOL)",
            "(DT_GUID)",
            "NULL(DT_I4)",
            "TRUE",
            "GETDATE()",
            "ISNULL(",
            "SUBSTRING(",
            "REPLACE(",
            "ROUND(",
            "POWER(",
            "DATEADD(",
            "DATEDIFF(",
            "DATEPART(",
            "TOKEN(",
            "REPLICATE(",
            "HEX(",
            "CODEPOINT(",
            "FINDSTRING(",
            "LEFT(",
            "RIGHT(",
            "ABS(",
            "LN(",
            "@[User::X]",
            "@X",
            "[Col]",
            "Col",
            "\"dd\"",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_an_expression_or_a_mistake(text in text()) {
        let scope = Scope { variables: None, columns: &[], locale_id: 1033 };
        match compile(&text, &scope) {
            Ok(compiled) => {
                let _value = compiled.evaluate(&Evaluation::at(Timestamp::UNIX_EPOCH));
            }
            Err(mistake) => prop_assert!(mistake.position <= text.chars().count(), "{mistake:?}"),
        }
    }
}
