//! Events and statistics by name, as options of commands.

use clap::Args;
use clap::builder::PossibleValuesParser;
use scaleout_core::model::customized_level::{
    EVENT_BITS, STATISTICS_BITS, events_mask, profile_mask,
};

use crate::error::CommandError;

/// What a level logs.
#[derive(Args, Debug)]
pub struct MaskArgs {
    /// Event to log; may be repeated
    #[arg(long = "event", value_name = "EVENT", ignore_case = true,
        value_parser = PossibleValuesParser::new(EVENT_BITS), hide_possible_values = true)]
    events: Vec<String>,
    /// Event to log with its context: what variables and connections were at the time
    #[arg(long = "event-with-context", value_name = "EVENT", ignore_case = true,
        value_parser = PossibleValuesParser::new(EVENT_BITS), hide_possible_values = true)]
    with_context: Vec<String>,
    /// Statistics to keep: of executables, of rows over paths, of times of components
    #[arg(long, value_name = "KIND", ignore_case = true,
        value_parser = PossibleValuesParser::new(STATISTICS_BITS))]
    statistics: Vec<String>,
}

impl MaskArgs {
    /// The mask of the events; `None` when none is named.
    ///
    /// # Errors
    /// A name that is no event.
    pub fn events(&self) -> Result<Option<i64>, CommandError> {
        if self.events.is_empty() && self.with_context.is_empty() {
            return Ok(None);
        }
        let plain = events_mask(self.events.iter().map(String::as_str), false);
        let with_context = events_mask(self.with_context.iter().map(String::as_str), true);
        Ok(Some(
            plain.map_err(unknown)? | with_context.map_err(unknown)?,
        ))
    }

    /// The mask of the statistics; `None` when none are named.
    ///
    /// # Errors
    /// A name that is none.
    pub fn statistics(&self) -> Result<Option<i64>, CommandError> {
        if self.statistics.is_empty() {
            return Ok(None);
        }
        let mask = profile_mask(self.statistics.iter().map(String::as_str));
        Ok(Some(mask.map_err(unknown)?))
    }
}

fn unknown(name: &str) -> CommandError {
    CommandError::Argument {
        message: format!("`{name}` is neither an event nor statistics"),
        hint: format!(
            "events are {}; statistics are {}",
            EVENT_BITS.join(", "),
            STATISTICS_BITS.join(", ")
        ),
    }
}
