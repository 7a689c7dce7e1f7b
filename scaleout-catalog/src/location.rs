//! Where a catalog lives: `sqlite:PATH`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::CatalogError;

/// The database of a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogLocation {
    /// A SQLite file, created when it is not there.
    Sqlite(PathBuf),
}

impl FromStr for CatalogLocation {
    type Err = CatalogError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            _ => Err(CatalogError::LocationNotValid {
                scheme: text.split(':').next().unwrap_or_default().to_owned(),
            }),
        }
    }
}

impl fmt::Display for CatalogLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_reads_what_it_writes() {
        let location: CatalogLocation = "sqlite:/var/lib/scaleout/catalog.db".parse().unwrap();
        assert_eq!(
            location,
            CatalogLocation::Sqlite("/var/lib/scaleout/catalog.db".into())
        );
        assert_eq!(
            location.to_string().parse::<CatalogLocation>().unwrap(),
            location
        );
    }

    #[test]
    fn other_databases_are_refused_without_repeating_their_password() {
        let error = "postgres://me:secret@host/db"
            .parse::<CatalogLocation>()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "a catalog on `postgres` is not supported"
        );
        assert!("sqlite:".parse::<CatalogLocation>().is_err());
        assert!("catalog.db".parse::<CatalogLocation>().is_err());
    }
}
