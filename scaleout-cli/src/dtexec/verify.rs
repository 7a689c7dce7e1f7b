//! `/VerifyBuild` and the like: whether the package is the one that was meant.

use scaleout_core::package::Package;

use super::command_line::Check;

/// Why the package is another one than was asked for.
pub(super) fn mismatch(package: &Package, check: &Check) -> Option<String> {
    match check {
        Check::Build(major, minor, build) => {
            let found = package.version;
            let same = found.0 == *major
                && minor.is_none_or(|minor| found.1 == minor)
                && build.is_none_or(|build| found.2 == build);
            (!same).then(|| {
                format!(
                    "the package has version {}.{}.{}",
                    found.0, found.1, found.2
                )
            })
        }
        Check::PackageId(id) => different("package id", &package.root.id, id),
        Check::VersionId(id) => different("version id", &package.version_guid, id),
        Check::Signed => Some(
            "signatures of packages cannot be checked here, so none counts as valid".to_owned(),
        ),
    }
}

fn different(what: &str, found: &str, wanted: &str) -> Option<String> {
    let bare = |id: &str| id.trim().trim_matches(['{', '}']).to_ascii_lowercase();
    (bare(found) != bare(wanted)).then(|| format!("the package has the {what} {found}"))
}
