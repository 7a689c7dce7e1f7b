//! What a package says that could not be started: one OnError in its name.

use scaleout_core::error::{Explain, with_sources};
use scaleout_core::protocol::event::{EventBody, EventMessage};
use scaleout_core::protocol::task::TaskDescription;

/// `message_source_type` of a package.
const PACKAGE: i16 = 30;
/// SSIS's codes for what has a twin there: a path that leads nowhere, a value of another type, a
/// package that cannot be opened.
const TWINS: [(&str, u32); 5] = [
    ("SO4005", 0xC001_F009),
    ("SO4006", 0xC001_F02F),
    ("SO4007", 0xC001_F02F),
    ("SO4011", 0xC001_1002),
    ("SO4012", 0xC001_F009),
];

/// The event of a package whose values or whose file keep it from starting. The fault is the
/// package's or its caller's; what befalls the executor is no event of the package.
pub fn refused(task: &TaskDescription, error: &(impl Explain + 'static)) -> EventBody {
    let file_name = task.package_name.as_str();
    let name = file_name.strip_suffix(".dtsx").unwrap_or(file_name);
    let code = error.code();
    let twin = TWINS.iter().find(|(own, _)| *own == code);
    EventBody::Message(EventMessage {
        event_name: "OnError".to_owned(),
        message_type: 120,
        source_type: PACKAGE,
        message: format!(
            "{name}:Error: {} ({code}); {}",
            with_sources(error),
            error.hint()
        ),
        package_name: file_name.to_owned(),
        source_name: name.to_owned(),
        source_id: String::new(),
        subcomponent_name: None,
        package_path: "\\Package".to_owned(),
        execution_path: "\\Package".to_owned(),
        message_code: twin.map_or(0, |(_, code)| code.cast_signed()),
        row: None,
        column: None,
        part: None,
        context: Vec::new(),
    })
}
