//! The mail itself: addresses, headers, text, attachments.

use std::path::Path;
use std::time::SystemTime;

use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};

use super::settings::{Priority, Settings};

/// The addresses of a line: parted by `;` or `,`, which a name in quotes may hold.
///
/// # Errors
/// The first that is none.
pub(super) fn addresses(line: &str) -> Result<Vec<Mailbox>, String> {
    let mut found = Vec::new();
    let (mut quoted, mut start) = (false, 0);
    let mut parts = Vec::new();
    for (at, letter) in line.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            ';' | ',' if !quoted => {
                parts.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&line[start..]);
    for part in parts.into_iter().map(str::trim) {
        if part.is_empty() {
            continue;
        }
        let mailbox = part.parse();
        found.push(mailbox.map_err(|_| format!("`{part}` is no mail address"))?);
    }
    Ok(found)
}

/// A file that goes along.
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl File {
    /// Reads it.
    pub(super) fn read(path: &Path) -> std::io::Result<Self> {
        Ok(Self {
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            bytes: std::fs::read(path)?,
        })
    }
}

/// Puts the mail together.
///
/// # Errors
/// An address is none, or there is no recipient.
pub(super) fn message(
    settings: &Settings,
    body: String,
    files: Vec<File>,
    now: SystemTime,
) -> Result<Message, String> {
    let from = addresses(&settings.from).map_err(|error| format!("From: {error}"))?;
    let [from] = from.as_slice() else {
        return Err(format!(
            "From has {} addresses, and a mail has one sender",
            from.len()
        ));
    };
    let mut builder = Message::builder()
        .from(from.clone())
        .subject(settings.subject.clone())
        .date(now)
        .message_id(None);
    let mut recipients = 0;
    for (line, text) in [
        ("To", &settings.to),
        ("CC", &settings.cc),
        ("BCC", &settings.bcc),
    ] {
        let found = addresses(text).map_err(|error| format!("{line}: {error}"))?;
        recipients += found.len();
        for mailbox in found {
            builder = match line {
                "To" => builder.to(mailbox),
                "CC" => builder.cc(mailbox),
                _ => builder.bcc(mailbox),
            };
        }
    }
    if recipients == 0 {
        return Err("no recipient is given".to_owned());
    }
    for (name, value) in priority(settings.priority) {
        let name = HeaderName::new_from_ascii_str(name);
        builder = builder.raw_header(HeaderValue::new(name, (*value).to_owned()));
    }
    let text = SinglePart::plain(body);
    let built = match files.is_empty() {
        true => builder.singlepart(text),
        false => {
            let mut parts = MultiPart::mixed().singlepart(text);
            for file in files {
                let part = Attachment::new(file.name).body(file.bytes, octets());
                parts = parts.singlepart(part);
            }
            builder.multipart(parts)
        }
    };
    built.map_err(|error| error.to_string())
}

fn octets() -> ContentType {
    ContentType::parse("application/octet-stream").expect("this type is well-formed")
}

/// The three headers that mail programs look at.
fn priority(priority: Priority) -> &'static [(&'static str, &'static str)] {
    match priority {
        Priority::Normal => &[],
        Priority::High => &[
            ("X-Priority", "1"),
            ("Priority", "urgent"),
            ("Importance", "high"),
        ],
        Priority::Low => &[
            ("X-Priority", "5"),
            ("Priority", "non-urgent"),
            ("Importance", "low"),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::text_source::SourceType;

    fn settings() -> Settings {
        Settings {
            connection: String::new(),
            from: "Load <load@example.com>".to_owned(),
            to: "a@example.com; \"B; b\" <b@example.com>".to_owned(),
            cc: "c@example.com".to_owned(),
            bcc: "hidden@example.com".to_owned(),
            subject: "Geladen – fertig".to_owned(),
            priority: Priority::High,
            source_type: SourceType::Direct,
            source: String::new(),
            attachments: Vec::new(),
        }
    }

    fn built(settings: &Settings) -> Result<Message, String> {
        let file = File {
            name: "rows.csv".to_owned(),
            bytes: b"1,2".to_vec(),
        };
        let now = SystemTime::UNIX_EPOCH;
        message(settings, "All done.".to_owned(), vec![file], now)
    }

    #[test]
    fn hidden_recipients_get_the_mail_and_are_not_in_it() {
        let mail = built(&settings()).unwrap();
        assert_eq!(mail.envelope().to().len(), 4);
        let text = String::from_utf8(mail.formatted()).unwrap();
        for part in [
            "From: Load <load@example.com>",
            "Cc: c@example.com",
            "X-Priority: 1",
            "Importance: high",
            "Date: Thu, 01 Jan 1970",
            "All done.",
            "filename=\"rows.csv\"",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("hidden@"), "{text}");
    }

    #[test]
    fn a_mail_that_cannot_be_says_which_line() {
        let wrong = |change: fn(&mut Settings)| {
            let mut settings = settings();
            change(&mut settings);
            built(&settings).err().unwrap()
        };
        let to = wrong(|it| it.to = "nobody".to_owned());
        assert_eq!(to, "To: `nobody` is no mail address");
        let from = wrong(|it| it.from = String::new());
        assert!(from.contains("From has 0 addresses"), "{from}");
        let none = wrong(|it| {
            (it.to, it.cc, it.bcc) = Default::default();
        });
        assert_eq!(none, "no recipient is given");
    }
}
