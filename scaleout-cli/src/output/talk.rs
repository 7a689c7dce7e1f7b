//! Talk: everything said to the person at the keyboard, on stderr.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use dialoguer::console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::error::CommandError;

/// Where a command speaks while it works. Progress bars on a terminal, plain lines in a pipe.
#[derive(Clone, Debug)]
pub struct Talk {
    quiet: bool,
    bars: Option<MultiProgress>,
}

impl Talk {
    /// Speaks on stderr; says nothing but errors when `quiet`.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let bars = (!quiet && io::stderr().is_terminal()).then(MultiProgress::new);
        Self { quiet, bars }
    }

    /// One line.
    pub fn say(&self, line: &str) {
        if self.quiet {
            return;
        }
        match &self.bars {
            Some(bars) => bars.suspend(|| write_line(line)),
            None => write_line(line),
        }
    }

    /// Asks before what cannot be undone. Without a terminal there is nobody to ask: then yes.
    #[must_use]
    pub fn confirm(&self, question: &str) -> bool {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return true;
        }
        let answer = dialoguer::Confirm::new()
            .with_prompt(question)
            .default(false)
            .interact();
        // A terminal that is gone in the middle, or Ctrl-C, has not said yes.
        answer.unwrap_or_else(|_| {
            // The prompt hides the cursor, and leaves the line where it was broken off.
            let _gone = Term::stderr().show_cursor();
            write_line("");
            false
        })
    }

    /// Asks before what cannot be undone, unless `yes` has answered already. `action` is what
    /// would happen: `delete folder `Old``.
    ///
    /// # Errors
    /// The answer is no, or there is nobody to ask.
    pub fn confirm_final(&self, action: &str, yes: bool) -> Result<(), CommandError> {
        if yes {
            return Ok(());
        }
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return Err(CommandError::Unconfirmed {
                action: action.to_owned(),
            });
        }
        if self.confirm(&format!("{action}? This cannot be undone.")) {
            Ok(())
        } else {
            Err(CommandError::Interrupted)
        }
    }

    /// Asks for a password, which the terminal does not show; `None` when there is nobody to ask, or
    /// nothing was typed.
    #[must_use]
    pub fn ask_password(&self, prompt: &str) -> Option<String> {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return None;
        }
        let typed = dialoguer::Password::new()
            .with_prompt(prompt)
            .allow_empty_password(true)
            .interact();
        typed.ok().filter(|text| !text.is_empty())
    }

    /// A line that moves on a terminal; `None` where only plain lines make sense.
    #[must_use]
    pub fn spinner(&self, text: &str) -> Option<ProgressBar> {
        let bars = self.bars.as_ref()?;
        let bar = bars.add(ProgressBar::new_spinner());
        bar.set_style(
            ProgressStyle::with_template("{spinner} {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.set_message(text.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Some(bar)
    }
}

fn write_line(line: &str) {
    // A closed stderr is no reason to stop working.
    let _closed = writeln!(io::stderr().lock(), "{line}");
}
