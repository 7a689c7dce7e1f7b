//! The Windows event log provider: messages to syslog or journald, which share a socket.

use std::os::unix::net::UnixDatagram;
use std::path::Path;

use jiff::tz::TimeZone;

use super::entry::{Entry, us_time};
use super::logs::Writer;

/// Event ids of the original for each event; others are generic.
const IDS: [(&str, u32); 11] = [
    ("OnPostExecute", 12546),
    ("OnPreValidate", 12547),
    ("OnPostValidate", 12548),
    ("OnProgress", 12552),
    ("PackageStart", 12556),
    ("PackageEnd", 12557),
    ("OnWarning", 12249),
    ("OnError", 12250),
    ("OnTaskFailed", 12251),
    ("OnInformation", 12258),
    ("OnQueryCancel", 12544),
];
const GENERIC: u32 = 12544;
/// Facility `user` of syslog.
const USER: u8 = 1 << 3;

/// The socket of the machine's log.
pub(super) struct EventLog(UnixDatagram);

impl EventLog {
    pub(super) fn open(socket: &Path) -> std::io::Result<Self> {
        let own = UnixDatagram::unbound()?;
        own.connect(socket)?;
        Ok(Self(own))
    }
}

impl Writer for EventLog {
    fn write(&mut self, entry: &Entry) -> Result<(), String> {
        let sent = self.0.send(line(entry).as_bytes());
        sent.map(|_| ()).map_err(|error| error.to_string())
    }
}

/// `<PRI>time SQLISPackage[pid]: text`, the text being the one of the original's events.
fn line(entry: &Entry) -> String {
    let severity = match entry.event.as_str() {
        "OnError" | "OnTaskFailed" => 3,
        "OnWarning" => 4,
        _ => 6,
    };
    let known = IDS.iter().find(|(event, _)| *event == entry.event);
    let id = known.map_or(GENERIC, |(_, id)| *id);
    let time = entry.start.to_zoned(TimeZone::system());
    let message = entry
        .message
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    format!(
        "<{}>{} SQLISPackage[{}]: Event ID: {id} Event Name: {} Message: {message} Operator: {} \
         Source Name: {} Source ID: {} Execution ID: {} Start Time: {} End Time: {} Data Code: {}",
        USER | severity,
        time.strftime("%b %e %H:%M:%S"),
        std::process::id(),
        entry.event,
        entry.operator,
        entry.source,
        entry.source_id,
        entry.execution_id,
        us_time(entry.start),
        us_time(entry.end),
        entry.code,
    )
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;

    #[test]
    fn an_error_goes_to_the_socket_in_one_line_with_its_severity() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let journal = UnixDatagram::bind(&path).unwrap();

        let mut log = EventLog::open(&path).unwrap();
        log.write(&entry("OnError", "two\r\nlines")).unwrap();

        let mut bytes = [0; 4096];
        let length = journal.recv(&mut bytes).unwrap();
        let heard = String::from_utf8_lossy(&bytes[..length]);
        assert!(heard.starts_with("<11>"), "{heard}");
        let part = "Event ID: 12250 Event Name: OnError Message: two lines Operator: user";
        assert!(heard.contains(part), "{heard}");
    }

    #[test]
    fn without_a_log_on_the_machine_it_cannot_be_opened() {
        assert!(EventLog::open(Path::new("/nowhere/log")).is_err());
    }
}
