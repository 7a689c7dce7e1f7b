//! What an Execute SQL task is set to.

use std::time::Duration;

use scaleout_core::package::xml::Element;

use crate::settle::task_property::{Place, PropertyPlace};
use crate::tasks::path_source::is_true;
use crate::tasks::text_source::SourceType;

/// Properties by object-model name.
pub(super) const PROPERTIES: &[PropertyPlace] = &[
    ("Connection", Place::Attribute("Connection")),
    ("SqlStatementSource", Place::Attribute("SqlStatementSource")),
    (
        "SqlStatementSourceType",
        Place::Attribute("SqlStmtSourceType"),
    ),
    ("SqlStmtSourceType", Place::Attribute("SqlStmtSourceType")),
    ("ResultSetType", Place::Attribute("ResultType")),
    ("ResultType", Place::Attribute("ResultType")),
    ("TimeOut", Place::Attribute("TimeOut")),
    ("IsStoredProcedure", Place::Attribute("IsStoredProc")),
    ("IsStoredProc", Place::Attribute("IsStoredProc")),
    ("BypassPrepare", Place::Attribute("BypassPrepare")),
    ("CodePage", Place::Attribute("CodePage")),
    ("TypeConversionMode", Place::Attribute("TypeConversionMode")),
];

/// What becomes of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResultType {
    None,
    SingleRow,
    Rowset,
    /// The text of an XML document.
    Xml,
}

/// Which way a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Input,
    Output,
    ReturnValue,
}

/// `ParameterBinding`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ParameterBinding {
    pub(super) name: String,
    pub(super) variable: String,
    pub(super) direction: Direction,
    /// A number whose meaning depends on the kind of connection.
    pub(super) data_type: Option<i32>,
    /// `ParameterSize`, where it is one.
    pub(super) size: Option<u32>,
}

/// `ResultBinding`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ResultBinding {
    pub(super) name: String,
    pub(super) variable: String,
}

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) connection: String,
    pub(super) source: String,
    pub(super) source_type: SourceType,
    pub(super) result_type: ResultType,
    pub(super) timeout: Option<Duration>,
    pub(super) is_procedure: bool,
    pub(super) code_page: u32,
    pub(super) parameters: Vec<ParameterBinding>,
    pub(super) results: Vec<ResultBinding>,
}

impl Settings {
    /// Reads the task's own element. `BypassPrepare` and `TypeConversionMode` change nothing
    /// here: statements are prepared where they have parameters, and types are converted.
    pub(super) fn read(data: &Element) -> Result<Self, String> {
        let text = |name| data.attribute(name).unwrap_or_default().trim();
        let seconds: u64 = match text("TimeOut") {
            "" => 0,
            text => text
                .parse()
                .map_err(|_| format!("`TimeOut` is `{text}`, which is no number of seconds"))?,
        };
        let parameters = data.children_named("ParameterBinding");
        let results = data.children_named("ResultBinding");
        Ok(Self {
            connection: text("Connection").to_owned(),
            source: data
                .attribute("SqlStatementSource")
                .unwrap_or_default()
                .to_owned(),
            source_type: SourceType::from_text(text("SqlStmtSourceType")).ok_or_else(|| {
                let written = text("SqlStmtSourceType");
                format!("`SqlStmtSourceType` is `{written}`, which is unknown")
            })?,
            result_type: result_type(text("ResultType"))?,
            timeout: (0 < seconds).then(|| Duration::from_secs(seconds)),
            is_procedure: is_true(text("IsStoredProc")),
            code_page: text("CodePage").parse().unwrap_or(0),
            parameters: parameters.map(parameter).collect::<Result<_, _>>()?,
            results: results.map(result).collect(),
        })
    }
}

fn result_type(text: &str) -> Result<ResultType, String> {
    Ok(match text {
        "" | "ResultSetType_None" | "0" | "1" => ResultType::None,
        "ResultSetType_SingleRow" | "2" => ResultType::SingleRow,
        "ResultSetType_Rowset" | "3" => ResultType::Rowset,
        "ResultSetType_XML" | "4" => ResultType::Xml,
        other => return Err(format!("`ResultType` is `{other}`, which is unknown")),
    })
}

fn parameter(element: &Element) -> Result<ParameterBinding, String> {
    let text = |name| element.attribute(name).unwrap_or_default();
    let name = text("ParameterName");
    let direction = match text("ParameterDirection").trim() {
        "" | "Input" | "1" => Direction::Input,
        "Output" | "2" => Direction::Output,
        "ReturnValue" | "6" => Direction::ReturnValue,
        other => {
            return Err(format!(
                "parameter `{name}` has the direction `{other}`, which is unknown"
            ));
        }
    };
    let size: Option<u32> = text("ParameterSize").trim().parse().ok();
    Ok(ParameterBinding {
        name: name.to_owned(),
        variable: text("DtsVariableName").to_owned(),
        direction,
        data_type: text("DataType").trim().parse().ok(),
        size: size.filter(|size| 0 < *size),
    })
}

fn result(element: &Element) -> ResultBinding {
    let text = |name| element.attribute(name).unwrap_or_default().to_owned();
    ResultBinding {
        name: text("ResultName"),
        variable: text("DtsVariableName"),
    }
}
