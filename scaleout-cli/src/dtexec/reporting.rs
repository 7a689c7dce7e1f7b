//! `/Reporting`: which events the report shows.

/// Kinds of events, and events that are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reporting {
    /// Errors.
    pub errors: bool,
    /// Warnings.
    pub warnings: bool,
    /// Information.
    pub information: bool,
    /// Custom events.
    pub custom: bool,
    /// Events of data flows: rows and phases.
    pub data_flow: bool,
    /// Progress.
    pub progress: bool,
    /// Names of events that are not shown.
    pub except: Vec<String>,
}

impl Default for Reporting {
    /// `EWP`
    fn default() -> Self {
        Self {
            errors: true,
            warnings: true,
            progress: true,
            ..Self::nothing()
        }
    }
}

impl Reporting {
    fn nothing() -> Self {
        Self {
            errors: false,
            warnings: false,
            information: false,
            custom: false,
            data_flow: false,
            progress: false,
            except: Vec::new(),
        }
    }

    /// Reads `EWP;OnProgress`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split(';').map(str::trim);
        let levels = parts.next().unwrap_or_default().to_ascii_uppercase();
        if levels.is_empty() {
            return Err("no level is given".to_owned());
        }
        if levels.len() > 1 && levels.contains(['N', 'V']) {
            return Err("N and V stand alone".to_owned());
        }
        let mut reporting = Self::nothing();
        for level in levels.chars() {
            match level {
                'N' => {}
                'E' => reporting.errors = true,
                'W' => reporting.warnings = true,
                'I' => reporting.information = true,
                'C' => reporting.custom = true,
                'D' => reporting.data_flow = true,
                'P' => reporting.progress = true,
                'V' => {
                    reporting = Self {
                        errors: true,
                        warnings: true,
                        information: true,
                        custom: true,
                        data_flow: true,
                        progress: true,
                        except: Vec::new(),
                    }
                }
                other => return Err(format!("`{other}` is no level")),
            }
        }
        let except = parts.filter(|name| !name.is_empty());
        reporting.except = except.map(str::to_owned).collect();
        Ok(reporting)
    }

    /// Whether an event of that name is left out.
    pub(super) fn leaves_out(&self, event_name: &str) -> bool {
        let mut except = self.except.iter();
        except.any(|name| name.eq_ignore_ascii_case(event_name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_add_up_and_n_and_v_stand_alone() {
        let read = Reporting::parse("ei;OnError;x").unwrap();
        assert!(read.errors && read.information && !read.warnings && !read.progress);
        assert!(read.leaves_out("onerror") && !read.leaves_out("OnWarning"));
        let nothing = Reporting::parse("N").unwrap();
        assert_eq!(nothing, Reporting::nothing());
        assert!(Reporting::parse("v").unwrap().custom);
        for wrong in ["", "NE", "VE", "X"] {
            assert!(Reporting::parse(wrong).is_err(), "{wrong}");
        }
        let default = Reporting::default();
        assert!(default.errors && default.warnings && default.progress && !default.information);
    }
}
