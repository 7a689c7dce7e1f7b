//! Which package a name on the command line means: a file here, or one of the catalog.

use std::path::Path;

use crate::catalog_names::PackagePlace;
use crate::error::CommandError;

/// Folder of the packages that were run straight from files.
pub const ADHOC: &str = "adhoc";

/// Folder and project of the catalog, as far as they were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// `--folder`
    pub folder: Option<&'a str>,
    /// `--project`
    pub project: Option<&'a str>,
}

/// What a name may mean by its form alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A path: the file, whatever the catalog has.
    Path,
    /// A package of the catalog, whatever lies here.
    Deployed,
    /// Either.
    Open,
}

impl Wanted<'_> {
    fn is_given(self) -> bool {
        self.folder.is_some() || self.project.is_some()
    }

    /// What `name` may mean: one with a separator is a path, and `--folder` and `--project` speak
    /// of the catalog.
    ///
    /// # Errors
    /// A path with `--folder` or `--project`, or one of a file that is no package.
    pub fn form_of(self, name: &str) -> Result<Form, CommandError> {
        let is_path = name.contains(std::path::is_separator);
        match (is_path, self.is_given()) {
            (true, true) => Err(CommandError::Argument {
                message: format!(
                    "`{name}` is a path, but `--folder` and `--project` say where a package of the catalog is"
                ),
                hint: format!(
                    "leave both out to run the file; give the name alone, `{}`, to run the deployed package",
                    file_name(name)
                ),
            }),
            (true, false) if !is_package_file(name) => Err(CommandError::Argument {
                message: format!("`{name}` is a path, but not that of a .dtsx file"),
                hint: format!(
                    "deploy a project with `soctl deploy {name} --folder NAME` and execute its packages by name"
                ),
            }),
            (true, false) => Ok(Form::Path),
            (false, true) => Ok(Form::Deployed),
            (false, false) => Ok(Form::Open),
        }
    }

    /// The one package of the catalog that a name means, with or without `.dtsx`.
    ///
    /// # Errors
    /// No package fits, or several.
    pub fn find<'a>(
        self,
        all: &'a [PackagePlace],
        name: &str,
    ) -> Result<&'a PackagePlace, CommandError> {
        match self.fitting(all, name).as_slice() {
            [one] => Ok(one),
            [] => Err(CommandError::NotFound {
                kind: "package",
                name: name.to_owned(),
                place: self.text(),
                hint: "`soctl packages list` shows what is deployed; `soctl deploy` deploys"
                    .to_owned(),
            }),
            several => Err(CommandError::Ambiguous {
                kind: "package",
                name: name.to_owned(),
                candidates: listed(several),
                hint: "add --folder and --project".to_owned(),
            }),
        }
    }

    fn fitting<'a>(self, all: &'a [PackagePlace], name: &str) -> Vec<&'a PackagePlace> {
        let same = |wanted: Option<&str>, name: &str| {
            wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(name))
        };
        let fits = |place: &&PackagePlace| {
            bare(&place.package) == bare(name)
                && same(self.folder, &place.folder)
                && same(self.project, &place.project)
        };
        all.iter().filter(fits).collect()
    }

    fn text(self) -> String {
        match (self.folder, self.project) {
            (Some(folder), Some(project)) => {
                format!(" in project `{project}` of folder `{folder}`")
            }
            (Some(folder), None) => format!(" in folder `{folder}`"),
            (None, Some(project)) => format!(" in a project `{project}`"),
            (None, None) => " in the catalog".to_owned(),
        }
    }
}

/// Whether a file of this name can be run: packages end in `.dtsx`.
#[must_use]
pub fn is_package_file(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("dtsx"))
}

/// Refuses the name of a file that is also the name of a deployed package. The copy that an earlier
/// run of such a file left in [`ADHOC`] does not count: running the file replaces it.
///
/// # Errors
/// There is such a package.
pub fn check_file_is_meant(all: &[PackagePlace], name: &str) -> Result<(), CommandError> {
    let own_copy = |place: &PackagePlace| {
        place.folder.eq_ignore_ascii_case(ADHOC) && bare(&place.project) == bare(name)
    };
    let mut rivals = Wanted::default().fitting(all, name);
    rivals.retain(|place| !own_copy(place));
    let Some(first) = rivals.first() else {
        return Ok(());
    };
    Err(CommandError::Ambiguous {
        kind: "package",
        name: name.to_owned(),
        candidates: format!("the file `{name}` here, and deployed {}", listed(&rivals)),
        hint: format!(
            "`--package ./{name}` runs the file; `--package {name} --folder {} --project {}` runs the deployed package",
            quoted(&first.folder),
            quoted(&first.project),
        ),
    })
}

/// A name as a shell takes it.
pub fn quoted(name: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "-_./".contains(character);
    if name.chars().all(is_plain) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', r"'\''"))
}

fn bare(name: &str) -> String {
    name.to_ascii_lowercase()
        .trim_end_matches(".dtsx")
        .to_owned()
}

fn file_name(path: &str) -> String {
    let name = Path::new(path).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn listed(places: &[&PackagePlace]) -> String {
    let texts: Vec<String> = places
        .iter()
        .map(|place| format!("{}/{}/{}", place.folder, place.project, place.package))
        .collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use scaleout_core::error::Explain;

    use super::*;

    fn place(folder: &str, project: &str, package: &str) -> PackagePlace {
        PackagePlace {
            folder: folder.into(),
            project: project.into(),
            package: package.into(),
            entry_point: true,
            id: 1,
            project_id: 1,
        }
    }

    const ANYWHERE: Wanted<'_> = Wanted {
        folder: None,
        project: None,
    };

    const IN_A: Wanted<'_> = Wanted {
        folder: Some("a"),
        project: None,
    };

    #[test]
    fn a_package_is_found_by_its_name_alone_when_that_is_unique() {
        let all = [
            place("A", "P", "load.dtsx"),
            place("B", "P", "Load.dtsx"),
            place("B", "P", "other.dtsx"),
        ];
        assert_eq!(ANYWHERE.find(&all, "OTHER").unwrap().folder, "B");
        assert!(matches!(
            ANYWHERE.find(&all, "load.dtsx"),
            Err(CommandError::Ambiguous { .. })
        ));
        assert_eq!(IN_A.find(&all, "load.dtsx").unwrap().folder, "A");
        assert!(matches!(
            ANYWHERE.find(&all, "none"),
            Err(CommandError::NotFound { .. })
        ));
    }

    #[test]
    fn the_form_of_a_name_decides_where_to_look() {
        for (wanted, name, form) in [
            (ANYWHERE, "./load.dtsx", Form::Path),
            (ANYWHERE, "/nosuch.dtsx", Form::Path),
            (ANYWHERE, "load.dtsx", Form::Open),
            (ANYWHERE, "load", Form::Open),
            (IN_A, "load.dtsx", Form::Deployed),
        ] {
            assert_eq!(wanted.form_of(name).unwrap(), form, "{name}");
        }
        for (wanted, name) in [
            (IN_A, "./load.dtsx"),
            (ANYWHERE, "./load.ispac"),
            (ANYWHERE, "src/"),
        ] {
            let refused = wanted.form_of(name).unwrap_err();
            assert!(matches!(refused, CommandError::Argument { .. }), "{name}");
        }
    }

    #[test]
    fn a_file_with_the_name_of_a_deployed_package_is_refused_with_both_choices() {
        let all = [
            place("adhoc", "load", "load.dtsx"),
            place("My Folder", "P", "load.dtsx"),
        ];
        let hint = check_file_is_meant(&all, "load.dtsx").unwrap_err().hint();
        assert_eq!(
            hint,
            "`--package ./load.dtsx` runs the file; `--package load.dtsx --folder 'My Folder' --project P` \
             runs the deployed package"
        );
    }

    #[test]
    fn the_copy_that_an_earlier_run_of_the_file_left_is_no_rival() {
        let copy = place("adhoc", "load", "load.dtsx");
        check_file_is_meant(std::slice::from_ref(&copy), "load.dtsx").unwrap();
        let elsewhere = place("adhoc", "Nightly", "load.dtsx");
        assert!(check_file_is_meant(&[copy, elsewhere], "load.dtsx").is_err());
    }
}
