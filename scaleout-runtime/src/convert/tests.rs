//! Conversions as a whole: pairs of types, text both ways, and that text comes back.

use proptest::prelude::*;

use super::{ConvertError, Converted, convert, convert_on, days_from_civil, parse_text, to_text};
use crate::value::{DataType, TICKS_PER_DAY, TICKS_PER_SECOND, Value};

const US: u32 = 1033;
const GERMAN: u32 = 1031;

/// The value in its new type as text, with `…` where it was cut; or the kind of error.
fn show(value: Value, from: DataType, to: DataType, locale: u32) -> String {
    shown(convert(&value, from, to, locale), to)
}

fn shown(result: Result<Converted, ConvertError>, to: DataType) -> String {
    match result {
        Ok(converted) => {
            let text = to_text(&converted.value, to, US).unwrap_or_else(|| "NULL".into());
            format!("{text}{}", if converted.truncated { "…" } else { "" })
        }
        Err(ConvertError::NotSupported { .. }) => "not supported".to_owned(),
        Err(ConvertError::Invalid { .. }) => "invalid".to_owned(),
        Err(ConvertError::Overflow { .. }) => "overflow".to_owned(),
        Err(other) => other.to_string(),
    }
}

fn text(text: &str, to: DataType, locale: u32) -> String {
    shown(parse_text(text, to, locale), to)
}

fn numeric(precision: u8, scale: u8) -> DataType {
    DataType::Numeric { precision, scale }
}

#[test]
fn numbers_keep_their_whole_part_or_overflow() {
    let r8 = |value, to| show(Value::R8(value), DataType::R8, to, US);
    assert_eq!(r8(4.9, DataType::I4), "4");
    assert_eq!(r8(-4.9, DataType::I4), "-4");
    assert_eq!(r8(3e9, DataType::I4), "overflow");
    assert_eq!(r8(f64::NAN, DataType::I8), "overflow");
    assert_eq!(r8(2.675, numeric(5, 2)), "2.68");
    assert_eq!(r8(1e40, DataType::R4), "overflow");
    assert_eq!(r8(0.1, DataType::Cy), "0.1");
    let i4 = |value, to| show(Value::I4(value), DataType::I4, to, US);
    assert_eq!(i4(-1, DataType::Ui1), "overflow");
    assert_eq!(i4(-1, DataType::Bool), "True");
    assert_eq!(i4(300, numeric(2, 0)), "overflow");
    assert_eq!(i4(-2, DataType::Bytes { length: 4 }), "FEFFFFFF");
    assert_eq!(i4(-2, DataType::Bytes { length: 2 }), "FEFF…");
    assert_eq!(i4(1, DataType::Guid), "not supported");
    let cut = Value::Decimal(1299);
    assert_eq!(show(cut, numeric(4, 2), numeric(4, 1), US), "12.9");
    assert_eq!(
        show(Value::Bool(true), DataType::Bool, DataType::I8, US),
        "-1"
    );
    assert_eq!(
        show(Value::R4(0.1), DataType::R4, numeric(9, 8), US),
        ".10000000"
    );
}

#[test]
fn the_locale_decides_signs() {
    assert_eq!(text("1.234,5", DataType::R8, GERMAN), "1234.5");
    assert_eq!(text("1,234.5", DataType::R8, US), "1234.5");
    assert_eq!(text("1 234,5", numeric(9, 2), 1036), "1234.50");
    assert_eq!(text("1,5", DataType::R8, US), "15");
    assert_eq!(text("1e3", DataType::R8, US), "1000");
    assert_eq!(text("1e3", numeric(9, 0), US), "1000");
    let half = to_text(&Value::R8(0.5), DataType::R8, GERMAN);
    assert_eq!(half.as_deref(), Some("0,5"));
    for wrong in [
        "", "-", "1-", "inf", "nan", "0x1", "1e", "1e5x", "1..2", "٣",
    ] {
        assert_eq!(text(wrong, DataType::R8, US), "invalid", "{wrong}");
        assert_eq!(text(wrong, DataType::I4, US), "invalid", "{wrong}");
    }
}

#[test]
fn dates_drop_what_their_new_type_lacks() {
    let offset = DataType::DbTimestampOffset { scale: 3 };
    let moment = parse_text("1999-10-11 20:34:52.123 -3:30", offset, US)
        .unwrap()
        .value;
    let to = |to| show(moment.clone(), offset, to, US);
    assert_eq!(to(offset), "1999-10-11 20:34:52.123 -03:30");
    assert_eq!(to(DataType::DbDate), "1999-10-12");
    assert_eq!(to(DataType::DbTime), "00:04:52…");
    assert_eq!(
        to(DataType::DbTimestamp2 { scale: 1 }),
        "1999-10-12 00:04:52.1…"
    );
    assert_eq!(to(DataType::FileTime), "1999-10-12 00:04:52:123");
    assert_eq!(to(DataType::Date), "10/12/1999 12:04:52 AM");
    let old = parse_text("1600-01-01", DataType::DbTimestamp2 { scale: 0 }, US)
        .unwrap()
        .value;
    let from = DataType::DbTimestamp2 { scale: 0 };
    assert_eq!(
        show(old.clone(), from, DataType::DbTimestamp, US),
        "overflow"
    );
    assert_eq!(show(old, from, DataType::FileTime, US), "overflow");
    let noon = Value::Time(TICKS_PER_DAY / 2);
    let today = days_from_civil(2024, 2, 29).unwrap();
    let dated = convert_on(&noon, DataType::DbTime, DataType::DbTimestamp, US, today);
    assert_eq!(shown(dated, DataType::DbTimestamp), "2024-02-29 12:00:00");
    assert_eq!(
        show(Value::R8(-1.25), DataType::R8, DataType::DbTimestamp, US),
        "1899-12-29 06:00:00"
    );
    assert_eq!(
        show(Value::I4(4_000_000), DataType::I4, DataType::Date, US),
        "overflow"
    );
}

#[test]
fn text_is_cut_to_its_length_in_its_own_unit() {
    let wide = |length| DataType::Wstr { length };
    let narrow = |length, code_page| DataType::Str { length, code_page };
    assert_eq!(text("naïve", wide(3), US), "naï…");
    assert_eq!(text("😀a", wide(2), US), "😀…");
    assert_eq!(text("😀a", wide(1), US), "…");
    assert_eq!(text("naïve", narrow(3, 1252), US), "naï…");
    assert_eq!(text("naïve", narrow(3, 65001), US), "na…");
    assert_eq!(text("日本", narrow(3, 932), US), "日…");
    assert_eq!(text("日本", narrow(5, 1252), US), "??…");
    assert_eq!(text("a\0b", wide(9), US), "a");
    assert_eq!(text("abc", wide(0), US), "abc");
    let unknown = parse_text("é", narrow(3, 7), US);
    assert!(matches!(unknown, Err(ConvertError::CodePage(_))));
}

#[test]
fn bytes_are_hexadecimal_and_images_are_characters() {
    let bytes = DataType::Bytes { length: 4 };
    assert_eq!(text("0xAB01", bytes, US), "AB01");
    assert_eq!(text("ABC", bytes, US), "invalid");
    assert_eq!(text("AB", DataType::Image, US), "41004200");
    let image = Value::Bytes([0x41, 0x80].as_slice().into());
    let code_page = 1252;
    assert_eq!(
        show(image, DataType::Image, DataType::Text { code_page }, US),
        "A€"
    );
    let four = Value::Bytes([0, 0, 0xC0, 0x3F].as_slice().into());
    assert_eq!(show(four.clone(), bytes, DataType::R4, US), "1.5");
    assert_eq!(show(four.clone(), bytes, DataType::I8, US), "invalid");
    assert_eq!(show(four, bytes, DataType::Ui4, US), "1069547520");
    let guid = "{00112233-4455-6677-8899-AABBCCDDEEFF}";
    let parsed = parse_text(guid, DataType::Guid, US).unwrap().value;
    let raw = DataType::Bytes { length: 16 };
    assert_eq!(
        show(parsed, DataType::Guid, raw, US),
        "33221100554477668899AABBCCDDEEFF"
    );
    assert_eq!(text(&guid.replace('-', ""), DataType::Guid, US), "invalid");
}

#[test]
fn floats_have_as_many_digits_as_the_original_writes() {
    let r8 = |value| {
        to_text(&Value::R8(value), DataType::R8, US)
            .unwrap()
            .into_owned()
    };
    assert_eq!(r8(0.1 + 0.2), "0.3");
    assert_eq!(r8(-0.0), "0");
    assert_eq!(r8(1e15), "1E+15");
    assert_eq!(r8(123_456_789_012_345.0), "123456789012345");
    assert_eq!(r8(0.000_001_5), "1.5E-06");
    assert_eq!(r8(100.0), "100");
    let r4 = to_text(&Value::R4(0.1), DataType::R4, US);
    assert_eq!(r4.as_deref(), Some("0.1"));
}

/// Values whose text says everything about them.
fn exact_value() -> BoxedStrategy<(DataType, Value)> {
    let first = -719_162_i64 * TICKS_PER_DAY;
    let last = 2_932_897_i64 * TICKS_PER_DAY;
    let digits = 0..=7_u8;
    prop_oneof![
        any::<bool>().prop_map(|value| (DataType::Bool, Value::Bool(value))),
        any::<i64>().prop_map(|value| (DataType::I8, Value::I8(value))),
        any::<u64>().prop_map(|value| (DataType::Ui8, Value::Ui8(value))),
        any::<i64>().prop_map(|value| (DataType::Cy, Value::Cy(value))),
        (any::<i64>(), 0..=28_u8)
            .prop_map(|(value, scale)| (DataType::Decimal { scale }, Value::Decimal(value.into()))),
        (any::<i64>(), 0..=38_u8).prop_map(|(value, scale)| {
            let precision = 38;
            (
                DataType::Numeric { precision, scale },
                Value::Decimal(value.into()),
            )
        }),
        any::<[u8; 16]>().prop_map(|value| (DataType::Guid, Value::Guid(value))),
        prop::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| { (DataType::Bytes { length: 20 }, Value::Bytes(bytes.into())) }),
        (-719_162..2_932_897).prop_map(|days| (DataType::DbDate, Value::DbDate(days))),
        (0..86_400_i64).prop_map(|s| (DataType::DbTime, Value::Time(s * TICKS_PER_SECOND))),
        (0..TICKS_PER_DAY, digits.clone()).prop_map(|(ticks, scale)| {
            (DataType::DbTime2 { scale }, Value::Time(kept(ticks, scale)))
        }),
        (first..last, digits.clone()).prop_map(|(ticks, scale)| {
            (
                DataType::DbTimestamp2 { scale },
                Value::Timestamp(kept(ticks, scale)),
            )
        }),
        (first..last).prop_map(|ticks| (DataType::DbTimestamp, Value::Timestamp(kept(ticks, 3)))),
        (
            first + TICKS_PER_DAY..last - TICKS_PER_DAY,
            digits,
            -840..=840_i16
        )
            .prop_map(|(ticks, scale, offset)| {
                let utc = kept(ticks, scale);
                (
                    DataType::DbTimestampOffset { scale },
                    Value::TimestampOffset { utc, offset },
                )
            }),
    ]
    .boxed()
}

fn kept(ticks: i64, digits: u8) -> i64 {
    let unit = 10_i64.pow(u32::from(7 - digits));
    ticks.div_euclid(unit) * unit
}

proptest! {
    #[test]
    fn text_comes_back_as_the_value((data_type, value) in exact_value(), locale in prop_oneof![Just(US), Just(GERMAN), Just(1036), Just(2057)]) {
        let text = to_text(&value, data_type, locale).unwrap();
        let back = parse_text(&text, data_type, locale).unwrap();
        prop_assert_eq!(format!("{:?}", back.value), format!("{value:?}"), "{}", text);
        prop_assert!(!back.truncated);
    }

    #[test]
    fn doubles_come_back_from_flat_files(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
        let text = super::flat_file_text(&Value::R8(value), DataType::R8, US).into_owned();
        let back = parse_text(&text, DataType::R8, US).unwrap().value;
        prop_assert_eq!(format!("{back:?}"), format!("{:?}", Value::R8(value)));
    }

    #[test]
    fn no_text_breaks_the_parsers(text in any::<String>(), near in "[-+0-9:./ TZAPMapmeE,]{0,30}") {
        for data_type in [DataType::I4, DataType::R8, numeric(38, 10), DataType::DbTimestamp,
            DataType::DbTimestampOffset { scale: 7 }, DataType::Bool, DataType::Guid,
            DataType::Bytes { length: 3 }, DataType::Str { length: 3, code_page: 932 }] {
            let _ = parse_text(&text, data_type, US);
            let _ = parse_text(&near, data_type, GERMAN);
        }
    }
}
