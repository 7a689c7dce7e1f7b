//! From the words to the exit code.

use std::io::Write;

use jiff::tz::TimeZone;
use scaleout_core::model::SystemClock;
use scaleout_runtime::cancel::CancelToken;

use super::command_line::{CommandLine, Mistake, Source};
use super::exit::Exit;
use super::report::{Report, Shape};
use super::{help, local, read, server};
use crate::error::{CliError, CommandError};
use crate::interrupt::interrupted;

/// Runs dtexec: prints its report to stdout, gives its exit code.
pub fn run(words: &[String]) -> u8 {
    let file = |path: &str| std::fs::read_to_string(path).map_err(|error| error.to_string());
    let stdout = || Box::new(std::io::stdout()) as Box<dyn Write + Send>;
    say(&mut *stdout(), &heading());
    let line = match read::read(words, &file) {
        Ok(line) => line,
        Err(mistake) => {
            refuse(&mut *stdout(), &mistake);
            return Exit::CommandLine.code();
        }
    };
    if line.help {
        say(&mut *stdout(), help::TEXT);
        return Exit::Success.code();
    }
    for note in &line.notes {
        say(&mut std::io::stderr(), &format!("note: {note}\n"));
    }
    let exit = match &line.source {
        Some(Source::Server { .. }) => on_server(&line, stdout()),
        _ => here(&line, stdout()),
    };
    exit.code()
}

fn heading() -> String {
    format!(
        "Scale Out Execute Package Utility\nVersion {} for {}-bit\n\n",
        env!("CARGO_PKG_VERSION"),
        usize::BITS
    )
}

fn say(to: &mut dyn Write, text: &str) {
    // Nobody reads it any more: the exit code still counts.
    let _gone = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

fn refuse(to: &mut dyn Write, mistake: &Mistake) {
    let text =
        format!("{mistake}\nThe command line parameters are invalid. Use \"/?\" for help.\n");
    say(to, &text);
}

/// A signal stops the package at its next safe point.
fn here(line: &CommandLine, to: Box<dyn Write + Send>) -> Exit {
    let cancel = CancelToken::new();
    if let Err(error) = stop_by_signal(cancel.clone()) {
        // A signal ends the process by itself then.
        say(
            &mut std::io::stderr(),
            &format!("note: Ctrl-C ends the process at once: {error}\n"),
        );
    }
    local::run(line, to, &cancel)
}

/// Signals count from the return of this on, and not only when the thread comes to wait for them.
fn stop_by_signal(cancel: CancelToken) -> std::io::Result<()> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build()?;
    let asked = {
        let _inside = runtime.enter();
        interrupted()
    };
    let thread = std::thread::Builder::new().name("signals".to_owned());
    thread.spawn(move || {
        runtime.block_on(asked);
        cancel.cancel();
    })?;
    Ok(())
}

fn on_server(line: &CommandLine, to: Box<dyn Write + Send>) -> Exit {
    let shape = Shape::default();
    let report = Report::new(to, Box::new(SystemClock), TimeZone::system(), shape);
    let began = report.begin();
    let ran = runtime().and_then(|runtime| runtime.block_on(server::run(line)));
    let exit = match ran {
        Ok(ran) => {
            report.say(&ran.text);
            ran.exit
        }
        Err(error) => {
            let body = &error.body;
            let hint = body.hint.as_deref().unwrap_or_default();
            report.say(&format!(
                "DTExec: {}; {hint} ({})\n",
                body.message, body.code
            ));
            Exit::of(body.blame)
        }
    };
    report.end(began);
    exit
}

fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    Ok(built.map_err(|source| CommandError::Service {
        what: "the asynchronous runtime",
        source: Box::new(source),
    })?)
}
