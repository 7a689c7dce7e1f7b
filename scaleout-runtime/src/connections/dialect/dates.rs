//! T-SQL's functions of dates: `DATEADD`, `DATEDIFF`, `DATEPART`, `DATENAME`, `EOMONTH`, …, and
//! `CONVERT` of dates with a style.
//!
//! SQLite has dates as text: functions of the connection (`scaleout_date_add`, …) work on them.

use sqlparser::ast::{Expr, Value};

use super::template::fill;
use crate::connections::Dialect;

/// The parts of a date by their names in T-SQL, and by the name that is passed on.
const PARTS: [(&[&str], &str); 11] = [
    (&["year", "yy", "yyyy"], "year"),
    (&["quarter", "qq", "q"], "quarter"),
    (&["month", "mm", "m"], "month"),
    (&["dayofyear", "dy", "y"], "dayofyear"),
    (&["day", "dd", "d"], "day"),
    (&["week", "wk", "ww"], "week"),
    (&["weekday", "dw", "w"], "weekday"),
    (&["hour", "hh"], "hour"),
    (&["minute", "mi", "n"], "minute"),
    (&["second", "ss", "s"], "second"),
    (&["millisecond", "ms"], "millisecond"),
];

/// What the function comes to; `None` for a function, or a part, that is not known here.
pub(super) fn date_function(name: &str, arguments: &[Expr], dialect: Dialect) -> Option<Expr> {
    let on_sqlite = dialect == Dialect::Sqlite;
    match (name, arguments) {
        ("dateadd", [part, count, date]) => {
            let part = part_of(part)?;
            Some(match on_sqlite {
                true => called("scaleout_date_add", part, &[count, date]),
                false => fill(added(part)?, &[count.clone(), date.clone()]),
            })
        }
        ("datediff" | "datediff_big", [part, start, end]) => {
            let part = part_of(part)?;
            Some(match on_sqlite {
                true => called("scaleout_date_diff", part, &[start, end]),
                false => fill(between(part)?, &[start.clone(), end.clone()]),
            })
        }
        ("datepart", [part, date]) => part_value(part_of(part)?, date, on_sqlite),
        ("year" | "month" | "day", [date]) => part_value(name, date, on_sqlite),
        ("datename", [part, date]) if !on_sqlite => {
            let date = std::slice::from_ref(date);
            Some(match part_of(part)? {
                "month" => fill("to_char(CAST(__1 AS timestamp), 'FMMonth')", date),
                "weekday" => fill("to_char(CAST(__1 AS timestamp), 'FMDay')", date),
                other => {
                    let value = part_value(other, &date[0], false)?;
                    fill("CAST(__1 AS varchar(30))", &[value])
                }
            })
        }
        ("eomonth", [date]) => Some(match on_sqlite {
            true => fill(
                "date(__1, 'start of month', '+1 month', '-1 day')",
                std::slice::from_ref(date),
            ),
            false => fill(
                "CAST(date_trunc('month', CAST(__1 AS timestamp)) + make_interval(months => 1, days => -1) AS date)",
                std::slice::from_ref(date),
            ),
        }),
        ("datefromparts", [_, _, _]) => Some(match on_sqlite {
            true => fill("printf('%04d-%02d-%02d', __1, __2, __3)", arguments),
            false => fill("make_date(__1, __2, __3)", arguments),
        }),
        _ => None,
    }
}

/// A date as text in one of the styles of `CONVERT`; `None` for one that is not known.
pub(super) fn styled(date: &Expr, style: &Expr, dialect: Dialect) -> Option<Expr> {
    let Expr::Value(style) = style else {
        return None;
    };
    let Value::Number(style, _) = &style.value else {
        return None;
    };
    let (postgres, sqlite) = match style.as_str() {
        "23" => ("YYYY-MM-DD", "%Y-%m-%d"),
        "101" => ("MM/DD/YYYY", "%m/%d/%Y"),
        "102" => ("YYYY.MM.DD", "%Y.%m.%d"),
        "103" => ("DD/MM/YYYY", "%d/%m/%Y"),
        "104" => ("DD.MM.YYYY", "%d.%m.%Y"),
        "105" => ("DD-MM-YYYY", "%d-%m-%Y"),
        "108" => ("HH24:MI:SS", "%H:%M:%S"),
        "110" => ("MM-DD-YYYY", "%m-%d-%Y"),
        "111" => ("YYYY/MM/DD", "%Y/%m/%d"),
        "112" => ("YYYYMMDD", "%Y%m%d"),
        "20" | "120" => ("YYYY-MM-DD HH24:MI:SS", "%Y-%m-%d %H:%M:%S"),
        "21" | "25" | "121" => ("YYYY-MM-DD HH24:MI:SS.MS", "%Y-%m-%d %H:%M:%f"),
        "126" => ("YYYY-MM-DD\"T\"HH24:MI:SS.MS", "%Y-%m-%dT%H:%M:%f"),
        _ => return None,
    };
    let date = std::slice::from_ref(date);
    Some(match dialect {
        Dialect::Sqlite => fill(&format!("strftime('{sqlite}', __1)"), date),
        Dialect::Postgres | Dialect::SqlServer | Dialect::Odbc => fill(
            &format!("to_char(CAST(__1 AS timestamp), '{postgres}')"),
            date,
        ),
    })
}

fn part_of(expr: &Expr) -> Option<&'static str> {
    let Expr::Identifier(ident) = expr else {
        return None;
    };
    let name = ident.value.to_ascii_lowercase();
    let mut parts = PARTS.iter();
    parts
        .find(|(names, _)| names.contains(&name.as_str()))
        .map(|(_, part)| *part)
}

/// A function of the connection to SQLite.
fn called(name: &str, part: &str, arguments: &[&Expr]) -> Expr {
    let places: Vec<String> = (1..=arguments.len())
        .map(|number| format!("__{number}"))
        .collect();
    let text = format!("{name}('{part}', {})", places.join(", "));
    let arguments: Vec<Expr> = arguments.iter().map(|expr| (*expr).clone()).collect();
    fill(&text, &arguments)
}

fn part_value(part: &str, date: &Expr, on_sqlite: bool) -> Option<Expr> {
    if on_sqlite {
        return Some(called("scaleout_date_part", part, &[date]));
    }
    let text = match part {
        "year" | "quarter" | "month" | "day" | "hour" | "minute" | "second" => {
            format!("CAST(floor(extract({part} FROM CAST(__1 AS timestamp))) AS int)")
        }
        "dayofyear" => "CAST(extract(doy FROM CAST(__1 AS timestamp)) AS int)".to_owned(),
        "weekday" => "CAST(extract(dow FROM CAST(__1 AS timestamp)) + 1 AS int)".to_owned(),
        "week" => "CAST(floor((extract(doy FROM CAST(__1 AS timestamp)) - 1 + extract(dow FROM date_trunc('year', CAST(__1 AS timestamp)))) / 7) + 1 AS int)".to_owned(),
        "millisecond" => {
            "CAST(floor(extract(milliseconds FROM CAST(__1 AS timestamp))) AS int) % 1000".to_owned()
        }
        _ => return None,
    };
    Some(fill(&text, std::slice::from_ref(date)))
}

/// `DATEADD` of PostgreSQL.
fn added(part: &str) -> Option<&'static str> {
    Some(match part {
        "year" => "CAST(__2 AS timestamp) + make_interval(years => CAST(__1 AS int))",
        "quarter" => "CAST(__2 AS timestamp) + make_interval(months => 3 * CAST(__1 AS int))",
        "month" => "CAST(__2 AS timestamp) + make_interval(months => CAST(__1 AS int))",
        "week" => "CAST(__2 AS timestamp) + make_interval(weeks => CAST(__1 AS int))",
        "day" | "dayofyear" | "weekday" => {
            "CAST(__2 AS timestamp) + make_interval(days => CAST(__1 AS int))"
        }
        "hour" => "CAST(__2 AS timestamp) + make_interval(hours => CAST(__1 AS int))",
        "minute" => "CAST(__2 AS timestamp) + make_interval(mins => CAST(__1 AS int))",
        "second" => "CAST(__2 AS timestamp) + make_interval(secs => CAST(__1 AS int))",
        "millisecond" => {
            "CAST(__2 AS timestamp) + make_interval(secs => CAST(__1 AS int) / 1000.0)"
        }
        _ => return None,
    })
}

/// `DATEDIFF` of PostgreSQL: boundaries that are crossed, not time that passes.
fn between(part: &str) -> Option<&'static str> {
    Some(match part {
        "year" => {
            "CAST(extract(year FROM CAST(__2 AS timestamp)) - extract(year FROM CAST(__1 AS timestamp)) AS int)"
        }
        "quarter" => {
            "CAST((extract(year FROM CAST(__2 AS timestamp)) - extract(year FROM CAST(__1 AS timestamp))) * 4 + extract(quarter FROM CAST(__2 AS timestamp)) - extract(quarter FROM CAST(__1 AS timestamp)) AS int)"
        }
        "month" => {
            "CAST((extract(year FROM CAST(__2 AS timestamp)) - extract(year FROM CAST(__1 AS timestamp))) * 12 + extract(month FROM CAST(__2 AS timestamp)) - extract(month FROM CAST(__1 AS timestamp)) AS int)"
        }
        // Weeks begin on Sunday, which 7 January 1900 was.
        "week" => {
            "CAST(floor((CAST(__2 AS date) - CAST('1900-01-07' AS date)) / 7.0) - floor((CAST(__1 AS date) - CAST('1900-01-07' AS date)) / 7.0) AS int)"
        }
        "day" | "dayofyear" | "weekday" => "CAST(__2 AS date) - CAST(__1 AS date)",
        "hour" => {
            "CAST(extract(epoch FROM date_trunc('hour', CAST(__2 AS timestamp)) - date_trunc('hour', CAST(__1 AS timestamp))) / 3600 AS int)"
        }
        "minute" => {
            "CAST(extract(epoch FROM date_trunc('minute', CAST(__2 AS timestamp)) - date_trunc('minute', CAST(__1 AS timestamp))) / 60 AS int)"
        }
        "second" => {
            "CAST(extract(epoch FROM date_trunc('second', CAST(__2 AS timestamp)) - date_trunc('second', CAST(__1 AS timestamp))) AS int)"
        }
        _ => return None,
    })
}
