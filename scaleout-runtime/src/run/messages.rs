//! The texts of events, in the shapes that `catalog.event_messages` shows.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// An event of the control flow itself: name, `message_type` and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// `OnPreExecute`, ….
    pub event_name: &'static str,
    /// `message_type` of `catalog.operation_messages`.
    pub message_type: i16,
    /// What the event is about, without the source's name.
    pub text: String,
}

impl Said {
    /// What a log provider writes of it: the frame of a package alone has a text there.
    #[must_use]
    pub fn log_text(&self) -> &str {
        match self.event_name {
            "PackageStart" | "PackageEnd" => &self.text,
            _ => "",
        }
    }
}

fn said(event_name: &'static str, message_type: i16, text: impl Into<String>) -> Said {
    Said {
        event_name,
        message_type,
        text: text.into(),
    }
}

/// Validation begins.
pub fn pre_validate() -> Said {
    said("OnPreValidate", 10, "Validation has started.")
}

/// Validation ended.
pub fn post_validate() -> Said {
    said("OnPostValidate", 20, "Validation is complete.")
}

/// An executable starts.
pub fn pre_execute(now: Timestamp) -> Said {
    said("OnPreExecute", 30, format!("Start, {}.", clock_time(now)))
}

/// An executable ended.
pub fn post_execute(start: Timestamp, now: Timestamp) -> Said {
    let text = format!(
        "Finished, {}, Elapsed time: {}.",
        clock_time(now),
        elapsed(now.duration_since(start))
    );
    said("OnPostExecute", 40, text)
}

/// A task failed.
pub fn task_failed() -> Said {
    said("OnTaskFailed", 130, "Task failed.")
}

/// The package starts: written by every level that writes at all.
pub fn package_start() -> Said {
    said("PackageStart", 200, "Beginning of package execution.")
}

/// The package ended.
pub fn package_end() -> Said {
    said("PackageEnd", 200, "End of package execution.")
}

/// A variable with RaiseChangedEvent has another value. The value may be a secret.
pub fn variable_changed(name: &str) -> Said {
    let text = format!("The value of variable `{name}` has changed.");
    said("OnVariableValueChanged", 80, text)
}

/// A step of a long operation.
pub fn progress(percent: u8, description: &str) -> Said {
    said(
        "OnProgress",
        60,
        format!("{description}: {percent}% complete"),
    )
}

/// `9:05:07 AM`, local time.
fn clock_time(at: Timestamp) -> String {
    let local = at.to_zoned(TimeZone::system());
    let half = if local.hour() < 12 { "AM" } else { "PM" };
    let hour = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    format!("{hour}:{:02}:{:02} {half}", local.minute(), local.second())
}

/// `00:00:01.234`
fn elapsed(duration: SignedDuration) -> String {
    let milliseconds = duration.as_millis().max(0);
    let seconds = milliseconds / 1000;
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        milliseconds % 1000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_time_has_hours_and_milliseconds() {
        assert_eq!(
            elapsed(SignedDuration::from_millis(3_723_045)),
            "01:02:03.045"
        );
        assert_eq!(elapsed(SignedDuration::from_millis(-5)), "00:00:00.000");
    }
}
