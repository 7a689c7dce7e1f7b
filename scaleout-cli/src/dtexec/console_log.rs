//! `/ConsoleLog`: log entries on the console, with chosen columns and chosen events.

/// What log entries are shown, and with what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsoleLog {
    /// Letters of the columns; all when empty.
    columns: String,
    /// Only these events or sources, if there are any.
    include: Vec<String>,
    /// Never these.
    exclude: Vec<String>,
    /// An option without columns shows them all.
    all_columns: bool,
}

/// One log entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'e> {
    /// Event.
    pub name: &'e str,
    /// Machine.
    pub computer: &'e str,
    /// User.
    pub operator: &'e str,
    /// Task or container.
    pub source: &'e str,
    /// Its id.
    pub source_id: &'e str,
    /// Id of the run.
    pub execution_id: &'e str,
    /// Text.
    pub message: &'e str,
    /// Start, and end: the same here.
    pub time: &'e str,
}

impl ConsoleLog {
    /// Adds what one option says; the order of several does not matter.
    pub(super) fn add(&mut self, text: Option<&str>) -> Result<(), String> {
        let mut parts = text.unwrap_or_default().split(';').map(str::trim);
        let mut first = parts.next().unwrap_or_default();
        let is_list = |word: &str| word.eq_ignore_ascii_case("I") || word.eq_ignore_ascii_case("E");
        let mut kind = String::new();
        if is_list(first) {
            first.clone_into(&mut kind);
            first = "";
        } else {
            parts.next().unwrap_or_default().clone_into(&mut kind);
        }
        let letters = first.to_ascii_uppercase();
        if let Some(wrong) = letters.chars().find(|letter| !"NCOSGXMT".contains(*letter)) {
            return Err(format!("`{wrong}` is no column"));
        }
        self.all_columns |= letters.is_empty();
        self.columns.push_str(&letters);
        let names: Vec<String> = parts
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        match kind.to_ascii_uppercase().as_str() {
            "" if names.is_empty() => {}
            "I" if !names.is_empty() => self.include.extend(names),
            "E" if !names.is_empty() => self.exclude.extend(names),
            _ => return Err("a list begins with I or E and has names".to_owned()),
        }
        Ok(())
    }

    /// The entry as it is shown; `None` when it is not.
    pub(super) fn shown(&self, entry: &Entry<'_>) -> Option<String> {
        let is_one_of = |list: &[String]| {
            let own = [entry.name, entry.source, entry.source_id];
            list.iter()
                .any(|name| own.iter().any(|own| own.eq_ignore_ascii_case(name)))
        };
        let included = self.include.is_empty() || is_one_of(&self.include);
        if !included || is_one_of(&self.exclude) {
            return None;
        }
        let lines = [
            ('N', "Name", entry.name),
            ('C', "Computer", entry.computer),
            ('O', "Operator", entry.operator),
            ('S', "Source Name", entry.source),
            ('G', "Source GUID", entry.source_id),
            ('X', "Execution GUID", entry.execution_id),
            ('M', "Message", entry.message),
            ('T', "Start Time", entry.time),
            ('T', "End Time", entry.time),
        ];
        let all = self.all_columns || self.columns.is_empty();
        let lines = lines
            .into_iter()
            .filter(|(letter, ..)| all || self.columns.contains(*letter))
            .map(|(_, title, value)| format!("     {title}: {value}\n"));
        Some(format!("Log:\n{}End Log\n", lines.collect::<String>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: Entry<'static> = Entry {
        name: "OnError",
        computer: "c",
        operator: "o",
        source: "Load",
        source_id: "{G}",
        execution_id: "{X}",
        message: "m",
        time: "t",
    };

    fn shown(options: &[Option<&str>]) -> Option<String> {
        let mut log = ConsoleLog::default();
        for option in options {
            log.add(*option).unwrap();
        }
        log.shown(&ENTRY)
    }

    #[test]
    fn columns_are_chosen_by_letters() {
        let two = shown(&[Some("NM")]);
        let expected = "Log:\n     Name: OnError\n     Message: m\nEnd Log\n";
        assert_eq!(two.as_deref(), Some(expected));
        assert_eq!(shown(&[None]).unwrap().lines().count(), 11);
        assert_eq!(shown(&[Some("NM"), None]).unwrap().lines().count(), 11);
    }

    #[test]
    fn exclusion_beats_inclusion() {
        assert!(shown(&[Some("I;OnError")]).is_some());
        assert!(shown(&[Some("NM;I;load")]).is_some());
        assert!(shown(&[Some("I;OnWarning")]).is_none());
        assert!(shown(&[Some("E;OnError"), None]).is_none());
        assert!(shown(&[Some("E;OnError"), Some("I;OnError")]).is_none());
        for wrong in ["Q", "NM;Z;a", "I"] {
            assert!(ConsoleLog::default().add(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
