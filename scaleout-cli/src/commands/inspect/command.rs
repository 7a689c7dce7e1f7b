//! Arguments, and which package is meant.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use scaleout_core::package::project::{Project, ProjectPackage};

use super::contents::Contents;
use super::{mermaid, tree};
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report};
use crate::package_password::PasswordOption;
use crate::project_source;

/// Show what is in a package: what runs, in which order, with which data flows and connections
///
/// PATH is a bare .dtsx, an .ispac, or a folder that holds a .dtproj; with several packages say
/// which one. Nothing is connected to and nothing is run. What does not run here is marked.
/// --format mermaid draws the control flow for a page that renders Mermaid; --output json has
/// everything. Secrets are left out of connection strings.
///
/// Examples:
///   soctl inspect clean.dtsx
///   soctl inspect bin/Nightly.ispac --package load
///   soctl inspect clean.dtsx --format mermaid > clean.mmd
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct InspectArgs {
    /// Where the package is
    path: PathBuf,
    /// Package of the project, with or without .dtsx
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// How to draw it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Where the password is.
    #[command(flatten)]
    password: PasswordOption,
}

/// How a package is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Indented lines
    #[default]
    Tree,
    /// A flowchart in Mermaid's words
    Mermaid,
}

/// Reads and shows.
///
/// # Errors
/// The path holds no project, or the package is not in it.
pub fn run(args: &InspectArgs) -> Result<Outcome, CliError> {
    let project = project_source::read_in_place(&args.path, args.password.read()?)?;
    let package = chosen(&project, args)?;
    let contents = Contents::of(&project, package);
    Ok(match args.format {
        Format::Tree => Outcome::new(&contents, Report::lines(tree::lines(&contents))),
        Format::Mermaid => Outcome::raw(mermaid::text(&contents)),
    })
}

fn chosen<'p>(
    project: &'p Project,
    args: &InspectArgs,
) -> Result<&'p ProjectPackage, CommandError> {
    let packages = project.packages.as_slice();
    let names = || {
        let names = packages.iter().map(|one| one.file_name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let Some(wanted) = &args.package else {
        return match packages {
            [only] => Ok(only),
            _ => Err(CommandError::Argument {
                message: format!("`{}` has {} packages", args.path.display(), packages.len()),
                hint: format!("name one with `--package`: {}", names()),
            }),
        };
    };
    let is_meant = |one: &&ProjectPackage| {
        let name = one.file_name.as_str();
        name.eq_ignore_ascii_case(wanted) || name.eq_ignore_ascii_case(&format!("{wanted}.dtsx"))
    };
    let found = packages.iter().find(is_meant);
    found.ok_or_else(|| CommandError::NotFound {
        kind: "package",
        name: wanted.clone(),
        place: format!(" in `{}`", args.path.display()),
        hint: format!("there are: {}", names()),
    })
}
