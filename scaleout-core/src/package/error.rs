//! What can be wrong with a package or project file, and where.

use std::fmt;

use crate::error::{Blame, Explain};

/// Where in a file something was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// File as the caller names it, such as `Load.dtsx` or `etl.ispac/Load.dtsx`.
    pub file: Box<str>,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: u32,
    /// Element, with its object name where it has one: `Executable[Load orders]`.
    pub element: Box<str>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`", self.file)?;
        if self.line > 0 {
            write!(formatter, ", line {}", self.line)?;
        }
        if !self.element.is_empty() {
            write!(formatter, ", element `{}`", self.element)?;
        }
        Ok(())
    }
}

/// Why a package or project file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// Not well-formed XML.
    #[error("malformed XML in {place}: {reason}")]
    MalformedXml {
        /// Where.
        place: Place,
        /// What the XML grammar says about it.
        reason: String,
    },
    /// A document type declaration: entities are never declared or fetched.
    #[error("document type declaration in {place}: package files have none, and it is refused")]
    DocumentType {
        /// Where.
        place: Place,
    },
    /// Larger or deeper than any package is.
    #[error("{place} is over the limit of {limit}")]
    DocumentLimit {
        /// Where the limit was reached.
        place: Place,
        /// The limit in words.
        limit: String,
    },
    /// Well-formed XML, but another kind of file.
    #[error("{place} is not {expected}")]
    WrongKind {
        /// Where, with the root element that was found.
        place: Place,
        /// What the file should have been, with an article.
        expected: &'static str,
    },
    /// A `PackageFormatVersion` that no known product writes.
    #[error("package format version `{version}` in {place} is not one of 2, 3, 6, 8")]
    UnknownFormat {
        /// Where.
        place: Place,
        /// As written.
        version: String,
    },
    /// The whole package or project is encrypted.
    #[error("{place} is encrypted as a whole (protection level {level})")]
    Encrypted {
        /// Where.
        place: Place,
        /// The protection level as the file gives it.
        level: String,
    },
    /// The password is another one.
    #[error("the password does not open {place}")]
    WrongPassword {
        /// Where.
        place: Place,
    },
    /// Encrypted, and not as any known product does it.
    #[error("{place} is encrypted in an unknown way: {what}")]
    EncryptionUnknown {
        /// Where.
        place: Place,
        /// What is unknown or damaged.
        what: String,
    },
    /// A value that its property cannot have.
    #[error("`{value}` is no value for `{name}` in {place}: expected {expected}")]
    InvalidValue {
        /// Where.
        place: Place,
        /// Property or attribute.
        name: String,
        /// As written.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// Something that must be there is not.
    #[error("{place} has no {what}")]
    MissingPart {
        /// Where it should be.
        place: Place,
        /// What is missing, names in backticks.
        what: String,
    },
    /// A reference that leads nowhere.
    #[error("`{reference}` in {place} names no {what}")]
    DanglingReference {
        /// Where.
        place: Place,
        /// As written.
        reference: String,
        /// What it should have led to.
        what: &'static str,
    },
    /// The file is not a whole zip archive.
    #[error("`{file}` is not a complete project file (zip): {reason}")]
    DamagedArchive {
        /// The archive.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A member of the archive cannot be unpacked.
    #[error("member `{member}` of `{file}` is damaged: {reason}")]
    DamagedMember {
        /// The archive.
        file: String,
        /// The member, decoded.
        member: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The archive would unpack to more than any project does.
    #[error("`{file}` is refused before unpacking: {what} is over the limit of {limit}")]
    ArchiveLimit {
        /// The archive.
        file: String,
        /// What is too large, the member named where it is one.
        what: String,
        /// The limit in words.
        limit: String,
    },
    /// The manifest names a file that the archive has not.
    #[error("`{file}` has no member `{member}`{}", suffix(.needed_by))]
    MissingMember {
        /// The archive.
        file: String,
        /// The member, decoded.
        member: String,
        /// Who names it; empty when every project must have it.
        needed_by: String,
    },
    /// Two packages with one name.
    #[error("`{file}` holds two packages of one name: `{first}` and `{second}`")]
    DuplicatePackage {
        /// The project.
        file: String,
        /// The first, as written.
        first: String,
        /// The second, as written.
        second: String,
    },
    /// A file beside the project file cannot be read.
    #[error("failed to read `{neighbour}`, which `{file}` names")]
    Neighbour {
        /// The project file.
        file: String,
        /// The file it names.
        neighbour: String,
        /// Why not.
        source: std::io::Error,
    },
    /// Files that the project file names are not there.
    #[error("`{file}` names files that are not there: {}", in_backticks(.absent))]
    NeighboursAbsent {
        /// The project file.
        file: String,
        /// The files it names, two or more.
        absent: Vec<String>,
    },
}

fn suffix(name: &str) -> String {
    if name.is_empty() {
        return String::new();
    }
    format!(", which `{name}` names")
}

fn in_backticks(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

impl PackageError {
    /// Whether a file that is named is simply not there.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Self::MissingMember { .. } | Self::NeighboursAbsent { .. } => true,
            Self::Neighbour { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
            _ => false,
        }
    }
}

impl Explain for PackageError {
    fn code(&self) -> &'static str {
        match self {
            Self::MalformedXml { .. } => "SO2001",
            Self::DocumentType { .. } => "SO2002",
            Self::DocumentLimit { .. } => "SO2003",
            Self::WrongKind { .. } => "SO2004",
            Self::UnknownFormat { .. } => "SO2005",
            Self::Encrypted { .. } => "SO2006",
            Self::WrongPassword { .. } => "SO2050",
            Self::EncryptionUnknown { .. } => "SO2051",
            Self::InvalidValue { .. } => "SO2007",
            Self::MissingPart { .. } => "SO2008",
            Self::DanglingReference { .. } => "SO2009",
            Self::DamagedArchive { .. } => "SO2020",
            Self::DamagedMember { .. } => "SO2021",
            Self::ArchiveLimit { .. } => "SO2022",
            Self::MissingMember { .. } => "SO2023",
            Self::DuplicatePackage { .. } => "SO2024",
            Self::Neighbour { .. } | Self::NeighboursAbsent { .. } => "SO2025",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Unreadable
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::MalformedXml { .. } | Self::WrongKind { .. } => {
                "open the file in the designer and save it again, or check that it is the file you meant"
            }
            Self::DocumentLimit { .. } => {
                "check that it is the file you meant; move what is nested too deep into a child package"
            }
            Self::DocumentType { .. } => "remove the `<!DOCTYPE …>` line",
            Self::UnknownFormat { .. } => {
                "save the package with a target server version of SQL Server 2012 or later"
            }
            Self::Encrypted { level, .. } if level == "3" || level.contains("Password") => {
                "give its password: `soctl deploy` and `soctl validate` take `--package-password-file FILE`"
            }
            Self::Encrypted { .. } => {
                "save it with the protection level DontSaveSensitive or EncryptSensitiveWithPassword and deploy again"
            }
            Self::WrongPassword { .. } => {
                "give the password that the project was saved with; all its files must have the same one"
            }
            Self::EncryptionUnknown { .. } => {
                "open the file in the designer and save it again, or save it with the protection level DontSaveSensitive"
            }
            Self::InvalidValue { .. } => "correct it in the designer, or at the place named",
            Self::MissingPart { .. } => {
                "open the file in the designer and save it again, or add what is missing at the place named"
            }
            Self::DanglingReference { .. } => {
                "draw it anew in the designer, or remove it from the file at the place named"
            }
            Self::ArchiveLimit { .. } => {
                "check that it is the file you meant; split a project that is really this large"
            }
            Self::DamagedArchive { .. } | Self::DamagedMember { .. } => {
                "build the project again, or copy the file again in binary mode"
            }
            Self::MissingMember { .. } => "build the project again",
            Self::DuplicatePackage { .. } => "rename one of the two packages",
            Self::NeighboursAbsent { .. } => {
                "put the files beside the project file, or take them out of the project"
            }
            Self::Neighbour { .. } => {
                "put the file beside the project file, or take it out of the project"
            }
        };
        hint.to_owned()
    }
}
