//! How commands name a job, and what they share.

use scaleout_core::registry::Arguments;
use serde_json::{Value, json};
use uuid::Uuid;

/// The job by its id, where it reads as one, else by its name.
#[must_use]
pub fn job(name: &str) -> Arguments {
    let key = match Uuid::parse_str(name) {
        Ok(_) => "job_id",
        Err(_) => "job_name",
    };
    [(key.to_owned(), json!(name))].into()
}

/// The same with more arguments; those without a value are left out.
#[must_use]
pub fn job_with<const N: usize>(name: &str, more: [(&str, Value); N]) -> Arguments {
    let mut all = job(name);
    all.extend(given(more));
    all
}

/// Arguments that have a value.
pub fn given<const N: usize>(more: [(&str, Value); N]) -> impl Iterator<Item = (String, Value)> {
    more.into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
}

/// `run_status` in a word.
#[must_use]
pub fn outcome(status: Option<i64>) -> &'static str {
    match status {
        Some(0) => "failed",
        Some(1) => "succeeded",
        Some(2) => "retry",
        Some(3) => "canceled",
        _ => "",
    }
}

/// A day and a time of msdb as people write them: `2026-01-31 22:00:00`; empty for none.
#[must_use]
pub fn moment(date: Option<i64>, time: Option<i64>) -> String {
    let (Some(date), time) = (date.filter(|date| *date != 0), time.unwrap_or_default()) else {
        return String::new();
    };
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        date / 10_000,
        date / 100 % 100,
        date % 100,
        time / 10_000,
        time / 100 % 100,
        time % 100
    )
}

/// A duration of msdb, HHMMSS: `00:01:30`.
#[must_use]
pub fn duration(number: Option<i64>) -> String {
    let number = number.unwrap_or_default();
    format!(
        "{:02}:{:02}:{:02}",
        number / 10_000,
        number / 100 % 100,
        number % 100
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_msdb_are_read_as_times() {
        assert_eq!(
            moment(Some(20_260_131), Some(90_500)),
            "2026-01-31 09:05:00"
        );
        assert_eq!(moment(Some(0), Some(0)), "");
        assert_eq!(duration(Some(10_130)), "01:01:30");
    }

    #[test]
    fn a_job_is_named_by_its_id_or_its_name() {
        assert!(job("nightly").contains_key("job_name"));
        assert!(job("6583054a-e915-4c2c-80e4-c765e79ef61d").contains_key("job_id"));
    }
}
