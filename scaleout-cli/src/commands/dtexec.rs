//! `soctl dtexec`.

use clap::Args;

use crate::dtexec;
use crate::output::Outcome;

/// Run a package as dtexec does: its options, its report, its exit codes
///
/// The program `dtexec` beside `soctl` is the same. `soctl dtexec '/?'` shows the options. Runs
/// packages of files and projects in this process, without any master; with /ISServer the workers of
/// a master run them. Exit codes: 0 succeeded, 1 failed, 3 canceled, 4 no such package, 5 package
/// cannot be loaded, 6 wrong command line.
///
/// Examples:
///   soctl dtexec /F clean.dtsx /Rep EW
///   soctl dtexec /Proj bin/Nightly.ispac /Pack load.dtsx /Va
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DtexecArgs {
    /// Options of dtexec
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "OPTIONS"
    )]
    words: Vec<String>,
}

/// Runs it. The report is on stdout already when it returns.
pub fn run(args: &DtexecArgs) -> Outcome {
    let code = dtexec::run(&args.words);
    Outcome::silent().exit_code(code)
}
