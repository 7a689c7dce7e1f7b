//! What a Windows locale says about numbers and dates, for the locales that packages name.
//!
//! Only what text conversions need: the decimal and thousands signs, the order of a short
//! date and how it is written. A locale that is not listed follows US English.

/// Order of the parts of a short date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateOrder {
    MonthDayYear,
    DayMonthYear,
    YearMonthDay,
}

/// Conventions of one locale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Locale {
    /// Decimal sign.
    pub decimal: char,
    /// Thousands sign.
    pub group: char,
    /// Order of a short date.
    pub order: DateOrder,
    /// Sign between the parts of a short date.
    pub separator: char,
    /// Day and month always have two digits.
    pub padded: bool,
    /// Hours run from 1 to 12, with AM or PM.
    pub half_days: bool,
}

const US: Locale = Locale {
    decimal: '.',
    group: ',',
    order: DateOrder::MonthDayYear,
    separator: '/',
    padded: false,
    half_days: true,
};

/// Conventions of an LCID.
#[must_use]
pub(crate) fn locale(id: u32) -> Locale {
    use DateOrder::{DayMonthYear, YearMonthDay};
    let point = |order, separator| Locale {
        order,
        separator,
        padded: true,
        half_days: false,
        ..US
    };
    let comma = |group, order, separator| Locale {
        decimal: ',',
        group,
        ..point(order, separator)
    };
    match id {
        // English: United Kingdom, Ireland, New Zealand; Australia; Canada; South Africa; India.
        2057 | 6153 | 5129 => point(DayMonthYear, '/'),
        3081 => Locale {
            half_days: true,
            padded: false,
            ..point(DayMonthYear, '/')
        },
        4105 => Locale {
            half_days: true,
            ..point(YearMonthDay, '-')
        },
        7177 => comma('\u{A0}', YearMonthDay, '/'),
        16393 => point(DayMonthYear, '-'),
        // German: Germany, Austria; Switzerland.
        1031 | 3079 => comma('.', DayMonthYear, '.'),
        2055 => Locale {
            group: '’',
            ..point(DayMonthYear, '.')
        },
        // French: France, Belgium; Canada.
        1036 | 2060 => comma('\u{A0}', DayMonthYear, '/'),
        3084 => comma('\u{A0}', YearMonthDay, '-'),
        // Italian, Spanish, Portuguese (both), Greek, Indonesian, Vietnamese.
        1040 | 1034 | 3082 | 1046 | 2070 | 1032 | 1057 | 1066 => comma('.', DayMonthYear, '/'),
        // Spanish of Mexico, Hebrew, Thai.
        2058 | 1037 | 1054 => point(DayMonthYear, '/'),
        // Dutch, Danish.
        1043 | 1030 => comma('.', DayMonthYear, '-'),
        // Norwegian, Finnish, Polish, Czech, Slovak, Russian, Ukrainian, Bulgarian, Romanian,
        // Turkish, Croatian, Slovenian, Estonian, Latvian.
        1044 | 1035 | 1045 | 1029 | 1051 | 1049 | 1058 | 1026 | 1061 | 1062 => {
            comma('\u{A0}', DayMonthYear, '.')
        }
        1048 | 1055 | 1050 | 1060 => comma('.', DayMonthYear, '.'),
        // Swedish, Lithuanian, Hungarian.
        1053 | 1063 => comma('\u{A0}', YearMonthDay, '-'),
        1038 => comma('\u{A0}', YearMonthDay, '.'),
        // Japanese, Chinese (mainland, Taiwan), Korean.
        1041 | 2052 | 1028 => point(YearMonthDay, '/'),
        1042 => point(YearMonthDay, '-'),
        _ => US,
    }
}
