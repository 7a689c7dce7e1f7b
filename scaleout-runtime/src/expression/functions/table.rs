//! The table of functions. Overloads stand next to each other.

use super::call::{Body, Function, Parameter};
use super::{date, math, null, string, text};
use Parameter::{Any, Blob, DatePart, Integer, NotBlob, Numeric, Temporal, Text};

const fn function(
    name: &'static str,
    parameters: &'static [Parameter],
    result: fn(
        &[super::super::plan::Node],
    ) -> Result<crate::value::DataType, super::super::mistake::Mistake>,
    body: Body,
) -> Function {
    Function {
        name,
        parameters,
        result,
        body,
        volatile: false,
        refuses_date_literals: false,
        converts_second: false,
    }
}

const fn volatile(function: Function) -> Function {
    Function {
        volatile: true,
        ..function
    }
}

const fn part_of_date(function: Function) -> Function {
    Function {
        refuses_date_literals: true,
        ..function
    }
}

static FUNCTIONS: &[Function] = &[
    // Math.
    function("ABS", &[Numeric], math::same, Body::Strict(math::abs)),
    function(
        "CEILING",
        &[Numeric],
        math::same,
        Body::Strict(math::ceiling),
    ),
    function("EXP", &[Numeric], math::double, Body::Float(math::exp)),
    function("FLOOR", &[Numeric], math::same, Body::Strict(math::floor)),
    function("LN", &[Numeric], math::double, Body::Float(math::ln)),
    function("LOG", &[Numeric], math::double, Body::Float(math::log)),
    function(
        "POWER",
        &[Numeric, Numeric],
        math::double,
        Body::Strict(math::power),
    ),
    function(
        "ROUND",
        &[Numeric, Integer],
        math::same,
        Body::Strict(math::round),
    ),
    function("SIGN", &[Numeric], math::int, Body::Strict(math::sign)),
    function(
        "SQUARE",
        &[Numeric],
        math::double,
        Body::Float(math::square),
    ),
    function("SQRT", &[Numeric], math::double, Body::Float(math::sqrt)),
    // Text.
    function(
        "CODEPOINT",
        &[Text],
        string::code_point_type,
        Body::Measure(text::code_point),
    ),
    function(
        "FINDSTRING",
        &[Text, Text, Integer],
        math::int,
        Body::Find(text::find_string),
    ),
    function(
        "HEX",
        &[Integer],
        string::hex_type,
        Body::Strict(string::hex),
    ),
    function(
        "LEFT",
        &[Text, Integer],
        string::counted,
        Body::TextCount(text::left),
    ),
    function("LEN", &[Text], math::int, Body::Measure(text::length)),
    function("LEN", &[Blob], math::int, Body::Strict(string::blob_length)),
    function(
        "LOWER",
        &[Text],
        string::same_length,
        Body::Text(text::lower),
    ),
    function(
        "LTRIM",
        &[Text],
        string::same_length,
        Body::Text(text::trim_start),
    ),
    function(
        "REPLACE",
        &[Text, Text, Text],
        string::any_length,
        Body::Text3(text::replace),
    ),
    function(
        "REPLICATE",
        &[Text, Integer],
        string::replicated,
        Body::TextCount(text::replicate),
    ),
    function(
        "REVERSE",
        &[Text],
        string::same_length,
        Body::Text(text::reverse),
    ),
    function(
        "RIGHT",
        &[Text, Integer],
        string::counted,
        Body::TextCount(text::right),
    ),
    function(
        "RTRIM",
        &[Text],
        string::same_length,
        Body::Text(text::trim_end),
    ),
    function(
        "SUBSTRING",
        &[Text, Integer, Integer],
        string::ranged,
        Body::TextRange(text::substring),
    ),
    function(
        "TOKEN",
        &[Text, Text, Integer],
        string::same_length,
        Body::Strict(string::token),
    ),
    function(
        "TOKENCOUNT",
        &[Text, Text],
        math::int,
        Body::Any(string::token_count),
    ),
    function("TRIM", &[Text], string::same_length, Body::Text(text::trim)),
    function(
        "UPPER",
        &[Text],
        string::same_length,
        Body::Text(text::upper),
    ),
    // Dates.
    function(
        "DATEADD",
        &[DatePart, Integer, Temporal],
        date::timestamp,
        Body::Strict(date::date_add),
    ),
    function(
        "DATEDIFF",
        &[DatePart, Temporal, Temporal],
        math::int,
        Body::Strict(date::date_diff),
    ),
    function(
        "DATEPART",
        &[DatePart, Temporal],
        math::int,
        Body::Strict(date::date_part),
    ),
    part_of_date(function(
        "DAY",
        &[Temporal],
        math::int,
        Body::Strict(date::day),
    )),
    part_of_date(function(
        "MONTH",
        &[Temporal],
        math::int,
        Body::Strict(date::month),
    )),
    part_of_date(function(
        "YEAR",
        &[Temporal],
        math::int,
        Body::Strict(date::year),
    )),
    volatile(function(
        "GETDATE",
        &[],
        date::timestamp,
        Body::Strict(date::get_date),
    )),
    volatile(function(
        "GETUTCDATE",
        &[],
        date::timestamp,
        Body::Strict(date::get_utc_date),
    )),
    // Nulls. NULL(type) is syntax.
    function("ISNULL", &[Any], null::boolean, Body::Any(null::is_null)),
    Function {
        converts_second: true,
        ..function(
            "REPLACENULL",
            &[NotBlob, NotBlob],
            null::first,
            Body::Any(null::replace_null),
        )
    },
];

/// The overloads of a name, whatever its case; none when there is no such function.
pub(in super::super) fn find(name: &str) -> &'static [Function] {
    let matches = |function: &Function| function.name.eq_ignore_ascii_case(name);
    let Some(start) = FUNCTIONS.iter().position(matches) else {
        return &[];
    };
    let count = FUNCTIONS[start..].iter().take_while(|f| matches(f)).count();
    &FUNCTIONS[start..start + count]
}
