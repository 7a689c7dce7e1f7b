//! What an Execute Process task is set to.

use scaleout_core::package::xml::Element;

use crate::settle::task_property::{Place, PropertyPlace};

/// Properties by object-model name.
pub(super) const PROPERTIES: &[PropertyPlace] = &[
    ("Executable", Place::Attribute("Executable")),
    ("Arguments", Place::Attribute("Arguments")),
    ("WorkingDirectory", Place::Attribute("WorkingDirectory")),
    (
        "RequireFullFileName",
        Place::Attribute("RequireFullFileName"),
    ),
    (
        "FailTaskIfReturnCodeIsNotSuccessValue",
        Place::Attribute("FailTaskIfReturnCodeIsNotSuccessValue"),
    ),
    ("SuccessValue", Place::Attribute("SuccessValue")),
    ("TimeOut", Place::Attribute("TimeOut")),
    (
        "TerminateProcessAfterTimeOut",
        Place::Attribute("TerminateAfterTimeout"),
    ),
    (
        "StandardInputVariable",
        Place::Attribute("StandardInputVariable"),
    ),
    (
        "StandardOutputVariable",
        Place::Attribute("StandardOutputVariable"),
    ),
    (
        "StandardErrorVariable",
        Place::Attribute("StandardErrorVariable"),
    ),
    ("WindowStyle", Place::Attribute("WindowStyle")),
];

/// The settings of one task. Variables are empty where there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings<'x> {
    pub(super) executable: &'x str,
    pub(super) arguments: &'x str,
    pub(super) working_directory: &'x str,
    pub(super) require_full_file_name: bool,
    pub(super) fail_on_code: bool,
    pub(super) success_value: i32,
    /// Seconds; 0 waits for ever.
    pub(super) time_out: u32,
    pub(super) terminate_after_time_out: bool,
    pub(super) input_variable: &'x str,
    pub(super) output_variable: &'x str,
    pub(super) error_variable: &'x str,
}

impl<'x> Settings<'x> {
    /// Reads them.
    ///
    /// # Errors
    /// A number or a Boolean that is none, by the name of its property.
    pub(super) fn read(data: &'x Element) -> Result<Self, String> {
        let text = |name: &str| data.attribute(name).unwrap_or_default();
        Ok(Self {
            executable: text("Executable").trim(),
            arguments: text("Arguments"),
            working_directory: text("WorkingDirectory").trim(),
            require_full_file_name: flag(data, "RequireFullFileName", true)?,
            fail_on_code: flag(data, "FailTaskIfReturnCodeIsNotSuccessValue", true)?,
            success_value: number(data, "SuccessValue", 0)?,
            time_out: number(data, "TimeOut", 0)?,
            terminate_after_time_out: flag(data, "TerminateAfterTimeout", true)?,
            input_variable: text("StandardInputVariable").trim(),
            output_variable: text("StandardOutputVariable").trim(),
            error_variable: text("StandardErrorVariable").trim(),
        })
    }

    /// The variables that it uses.
    pub(super) fn variables(&self) -> impl Iterator<Item = &'x str> {
        [
            self.input_variable,
            self.output_variable,
            self.error_variable,
        ]
        .into_iter()
        .filter(|name| !name.is_empty())
    }
}

fn flag(data: &Element, name: &str, absent: bool) -> Result<bool, String> {
    match data.attribute(name).map(str::trim) {
        None | Some("") => Ok(absent),
        Some(text) if text.eq_ignore_ascii_case("true") || text == "1" || text == "-1" => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") || text == "0" => Ok(false),
        Some(text) => Err(format!("`{name}` is `{text}`, which is not True or False")),
    }
}

fn number<N: std::str::FromStr>(data: &Element, name: &str, absent: N) -> Result<N, String> {
    match data.attribute(name).map(str::trim) {
        None | Some("") => Ok(absent),
        Some(text) => text
            .parse()
            .map_err(|_| format!("`{name}` is `{text}`, which is not a whole number of its range")),
    }
}
