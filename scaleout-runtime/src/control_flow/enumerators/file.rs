//! Foreach File: the files of a folder that match a pattern.

use std::path::{Path, PathBuf};

use scaleout_core::package::xml::Element as Xml;

use super::kinds::{Element, Enumerator};
use super::wildcard;
use crate::events::{Message, Severity};
use crate::paths;
use crate::services::Services;
use crate::variables::typed;

/// `DTS_W_FILEENUMEMPTY`
const EMPTY: u32 = 0x8001_C004;

pub(super) const ENUMERATOR: Enumerator = Enumerator {
    name: "Microsoft.ForEachFileEnumerator",
    enumerate,
    check,
    set,
};

/// Names of the settings in the file, and in property expressions.
const SETTINGS: [(&str, &str); 4] = [
    ("Folder", "Directory"),
    ("FileSpec", "FileSpec"),
    ("FileNameRetrievalType", "FileNameRetrieval"),
    ("Recurse", "Recurse"),
];

#[derive(Clone, Copy)]
enum NameForm {
    Full,
    NameAndExtension,
    NameOnly,
}

/// A folder on its way through the enumeration: where it is, and what the package calls it.
struct Folder {
    local: PathBuf,
    shown: String,
}

fn setting<'x>(data: &'x Xml, name: &str) -> Option<&'x str> {
    let own = data.attribute(name);
    own.or_else(|| data.children.iter().find_map(|child| setting(child, name)))
}

fn check(data: &Xml) -> Option<String> {
    let retrieval = setting(data, "FileNameRetrievalType").unwrap_or("0");
    name_form(retrieval).err()
}

fn set(data: &mut Xml, property: &str, text: &str) -> Option<()> {
    let known = SETTINGS
        .iter()
        .find(|(file, model)| *file == property || *model == property)?;
    let text = match (known.0, text) {
        ("Recurse", "True") => "-1",
        ("Recurse", "False") => "0",
        _ => text,
    };
    if !replace(data, known.0, text) {
        data.children.push(Xml {
            name: "FEFEProperty".to_owned(),
            attributes: vec![(known.0.to_owned(), text.to_owned())],
            ..Xml::default()
        });
    }
    Some(())
}

fn replace(data: &mut Xml, name: &str, text: &str) -> bool {
    let mut attributes = data.attributes.iter_mut();
    if let Some((_, value)) = attributes.find(|(of, _)| of == name) {
        *value = text.to_owned();
        return true;
    }
    let mut children = data.children.iter_mut();
    children.any(|child| replace(child, name, text))
}

fn name_form(retrieval: &str) -> Result<NameForm, String> {
    match retrieval.trim() {
        "0" | "FullyQualified" => Ok(NameForm::Full),
        "1" | "NameAndExtension" => Ok(NameForm::NameAndExtension),
        "2" | "NameOnly" => Ok(NameForm::NameOnly),
        other => Err(format!("FileNameRetrieval `{other}` is not 0, 1 or 2")),
    }
}

fn enumerate(data: &Xml, services: &Services) -> Result<Vec<Element>, String> {
    let shown = setting(data, "Folder").unwrap_or_default();
    let pattern = setting(data, "FileSpec").unwrap_or("*.*");
    let form = name_form(setting(data, "FileNameRetrievalType").unwrap_or("0"))?;
    let recurse = !matches!(setting(data, "Recurse"), None | Some("0" | "False"));
    let local = paths::resolve(shown, &services.settings).map_err(|error| error.explained())?;
    let folder = Folder {
        local,
        shown: shown.trim_end_matches(['\\', '/']).to_owned(),
    };
    let mut found = Vec::new();
    list(&folder, pattern, recurse, form, &mut found);
    if found.is_empty() {
        let text = format!(
            "the Foreach File enumerator found no file: folder `{}` has none that matches `{pattern}`",
            folder.local.display()
        );
        services
            .events
            .raise(Severity::Warning, Message::new(EMPTY, text));
    }
    let element = |name: String| vec![typed::text(&name)];
    Ok(found.into_iter().map(element).collect())
}

/// Files in name order, then those of the folders below in name order. A folder that
/// cannot be listed has no files, as in the original.
fn list(folder: &Folder, pattern: &str, recurse: bool, form: NameForm, found: &mut Vec<String>) {
    let entries = std::fs::read_dir(&folder.local).into_iter().flatten();
    let mut names: Vec<(String, bool)> = entries
        .filter_map(Result::ok)
        .map(|entry| {
            let is_folder = entry.path().is_dir();
            (entry.file_name().to_string_lossy().into_owned(), is_folder)
        })
        .collect();
    names.sort_by_key(|(name, _)| (name.to_lowercase(), name.clone()));
    let files = names.iter().filter(|(_, is_folder)| !is_folder);
    for (name, _) in files.filter(|(name, _)| wildcard::matches(pattern, name)) {
        found.push(shown_name(folder, name, form));
    }
    for (name, _) in names.iter().filter(|(_, is_folder)| recurse && *is_folder) {
        let inner = Folder {
            local: folder.local.join(name),
            shown: join(&folder.shown, name),
        };
        // A link back up would never end.
        if !is_link(&inner.local) {
            list(&inner, pattern, recurse, form, found);
        }
    }
}

fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|entry| entry.is_symlink())
}

fn shown_name(folder: &Folder, name: &str, form: NameForm) -> String {
    match form {
        NameForm::Full => join(&folder.shown, name),
        NameForm::NameAndExtension => name.to_owned(),
        NameForm::NameOnly => {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            stem.to_owned()
        }
    }
}

/// As the package would write it: expressions cut such paths at their backslashes.
fn join(folder: &str, name: &str) -> String {
    let separator = match folder.contains('/') && !folder.contains('\\') {
        true => '/',
        false => '\\',
    };
    format!("{folder}{separator}{name}")
}
