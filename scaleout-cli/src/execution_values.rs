//! Values that `soctl execute` is given for an execution: parameters and property overrides.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use scaleout_core::client::{Client, ExecutionParameter, Override, ParameterScope, Row};
use scaleout_core::registry::{Rows, ViewQuery};
use serde_json::Value;

use crate::catalog_names::PackagePlace;
use crate::commands::proc::name_and_value;
use crate::error::{CliError, CommandError, file_error};

/// The options with values.
#[derive(Args, Debug)]
pub struct ValueArgs {
    /// Value of a package parameter, or of a project parameter as `$Project::NAME=VALUE`
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    parameter: Vec<(String, String)>,
    /// Value of a property by its path
    #[arg(long, value_name = "PATH=VALUE", value_parser = path_and_value)]
    set: Vec<(String, String)>,
    /// File with secret values, one NAME=VALUE or PATH=VALUE a line; `-` reads them from stdin
    ///
    /// For what must not stand on a command line: passwords, sensitive parameters. Properties set
    /// this way are stored encrypted and never shown.
    #[arg(long, value_name = "FILE")]
    secrets: Option<String>,
}

/// Values as given, none of them matched with a package yet.
#[derive(Debug)]
pub struct GivenValues {
    parameters: Vec<GivenParameter>,
    overrides: Vec<Override>,
}

struct GivenParameter {
    name: String,
    value: String,
    /// Where it stood.
    stood: Stood,
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stood {
    /// On the command line, where others can read it.
    OnCommandLine,
    /// In the file of a batch, which is kept with others and copied.
    InBatch(PathBuf),
    /// Where secrets belong.
    InSecrets,
}

impl Stood {
    /// Why a secret must not stand there; `None` where it may.
    fn is_open(&self) -> Option<String> {
        match self {
            Self::OnCommandLine => Some("a command line can be read by others".to_owned()),
            Self::InBatch(file) => Some(format!(
                "`{}` may be read by whoever may see the batch",
                file.display()
            )),
            Self::InSecrets => None,
        }
    }
}

impl std::fmt::Debug for GivenParameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl ValueArgs {
    /// Reads the options and their file.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is neither NAME=VALUE nor PATH=VALUE.
    pub fn read(&self) -> Result<GivenValues, CliError> {
        let mut given = GivenValues {
            parameters: Vec::new(),
            overrides: Vec::new(),
        };
        for (name, value) in &self.parameter {
            given.parameters.push(GivenParameter {
                name: name.clone(),
                value: value.clone(),
                stood: Stood::OnCommandLine,
            });
        }
        for (path, value) in &self.set {
            given.overrides.push(Override {
                path: path.clone(),
                value: value.clone(),
                sensitive: false,
            });
        }
        if let Some(source) = &self.secrets {
            given.add_secrets(source, &text_of(source)?)?;
        }
        Ok(given)
    }
}

fn text_of(source: &str) -> Result<String, CliError> {
    let mut text = String::new();
    let read = match source {
        "-" => std::io::stdin().read_to_string(&mut text).map(|_| ()),
        path => std::fs::read_to_string(path).map(|all| text = all),
    };
    read.map_err(file_error("read", Path::new(source)))?;
    Ok(text)
}

fn secrets_hint(name: &str, stood: &Stood) -> String {
    let write = format!("write `{name}=VALUE` into a file that only you can read");
    match stood {
        Stood::InBatch(_) => format!("{write} and name it as `secrets` in the batch"),
        _ => format!("{write} and give it with `--secrets FILE`, or pipe it into `--secrets -`"),
    }
}

impl GivenValues {
    /// Values that stand in the file of a batch.
    #[must_use]
    pub fn of_file(file: &Path, values: Vec<(String, String)>) -> Self {
        let mut given = Self {
            parameters: Vec::new(),
            overrides: Vec::new(),
        };
        given.add_of_file(file, values);
        given
    }

    fn add_of_file(&mut self, file: &Path, values: Vec<(String, String)>) {
        let values = values.into_iter().map(|(name, value)| GivenParameter {
            name,
            value,
            stood: Stood::InBatch(file.to_owned()),
        });
        self.parameters.extend(values);
    }

    /// Adds what a file of secrets holds; `-` is stdin.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is neither NAME=VALUE nor PATH=VALUE.
    pub fn add_secrets_of(&mut self, source: &str) -> Result<(), CliError> {
        Ok(self.add_secrets(source, &text_of(source)?)?)
    }

    /// Names of parameters that neither a package nor its project declares.
    ///
    /// # Errors
    /// The master refuses.
    pub async fn unknown_to(
        &self,
        client: &Client,
        place: &PackagePlace,
    ) -> Result<Vec<String>, CliError> {
        let declared = Declared::of(client, place).await?;
        let names = self.parameters.iter().map(|given| &given.name);
        Ok(names
            .filter(|name| !declared.knows(name))
            .cloned()
            .collect())
    }

    /// Adds the values of a file that a package or its project declares.
    ///
    /// # Errors
    /// The master refuses.
    pub async fn add_where_declared(
        &mut self,
        file: &Path,
        client: &Client,
        place: &PackagePlace,
        mut values: Vec<(String, String)>,
    ) -> Result<(), CliError> {
        let declared = Declared::of(client, place).await?;
        values.retain(|(name, _)| declared.knows(name));
        self.add_of_file(file, values);
        Ok(())
    }

    fn add_secrets(&mut self, source: &str, text: &str) -> Result<(), CommandError> {
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let is_path = line.starts_with('\\');
            let split = if is_path {
                path_and_value(line)
            } else {
                name_and_value(line)
            };
            // The line itself is a secret: only its number is told.
            let (name, value) = split.map_err(|expected| CommandError::Argument {
                message: format!("line {number} of `{source}` cannot be read: {expected}"),
                hint: "write one NAME=VALUE or PATH=VALUE a line; `#` starts a comment".to_owned(),
            })?;
            if is_path {
                self.overrides.push(Override {
                    path: name,
                    value,
                    sensitive: true,
                });
            } else {
                self.parameters.push(GivenParameter {
                    name,
                    value,
                    stood: Stood::InSecrets,
                });
            }
        }
        Ok(())
    }

    /// Overrides, for any package.
    #[must_use]
    pub fn overrides(&self) -> Vec<Override> {
        self.overrides.clone()
    }

    /// Parameters as a package declares them; a bare name that only its project declares is a
    /// project parameter.
    ///
    /// # Errors
    /// The master refuses, or a sensitive parameter was given in the open.
    pub async fn parameters_of(
        &self,
        client: &Client,
        place: &PackagePlace,
    ) -> Result<Vec<ExecutionParameter>, CliError> {
        if self.parameters.is_empty() {
            return Ok(Vec::new());
        }
        let declared = Declared::of(client, place).await?;
        Ok(self.matched(&declared)?)
    }

    fn matched(&self, declared: &Declared) -> Result<Vec<ExecutionParameter>, CommandError> {
        let one = |given: &GivenParameter| {
            let (scope, name) = declared.scope_of(&given.name);
            if let Some(why) = given.stood.is_open()
                && declared.is_sensitive(scope, name)
            {
                return Err(CommandError::Argument {
                    message: format!("parameter `{name}` is sensitive, and {why}"),
                    hint: secrets_hint(&given.name, &given.stood),
                });
            }
            Ok(ExecutionParameter {
                scope,
                name: name.to_owned(),
                value: Value::String(given.value.clone()),
            })
        };
        self.parameters.iter().map(one).collect()
    }
}

/// What a package and its project declare: scope, name in lower case, sensitive.
struct Declared(Vec<(ParameterScope, String, bool)>);

impl Declared {
    async fn of(client: &Client, place: &PackagePlace) -> Result<Self, CliError> {
        let query = ViewQuery {
            equals: vec![("project_id".to_owned(), place.project_id.to_string())],
            ..ViewQuery::default()
        };
        let rows = client.view("object_parameters", &query).await?;
        Ok(Self::read(&rows, place))
    }

    /// Whether there is a parameter that a name means. Options of executions are the catalog's to
    /// know.
    fn knows(&self, name: &str) -> bool {
        let (scope, name) = self.scope_of(name);
        scope == ParameterScope::Execution || self.sensitivity(scope, name).is_some()
    }

    fn read(rows: &Rows, place: &PackagePlace) -> Self {
        let one = |row: Row<'_>| {
            let scope = match row.integer("object_type")? {
                20 => ParameterScope::Project,
                _ => ParameterScope::Package,
            };
            let own = scope == ParameterScope::Project
                || row
                    .text("object_name")?
                    .eq_ignore_ascii_case(&place.package);
            let name = row.text("parameter_name")?.to_lowercase();
            own.then_some((scope, name, row.bit("sensitive").unwrap_or(false)))
        };
        Self(rows.iter().filter_map(one).collect())
    }

    fn sensitivity(&self, scope: ParameterScope, name: &str) -> Option<bool> {
        let name = name.to_lowercase();
        let same = |one: &&(ParameterScope, String, bool)| one.0 == scope && one.1 == name;
        self.0.iter().find(same).map(|one| one.2)
    }

    fn is_sensitive(&self, scope: ParameterScope, name: &str) -> bool {
        self.sensitivity(scope, name).unwrap_or(false)
    }

    fn scope_of<'n>(&self, name: &'n str) -> (ParameterScope, &'n str) {
        for (prefix, scope) in [
            ("$Project::", ParameterScope::Project),
            ("$Package::", ParameterScope::Package),
            ("$ServerOption::", ParameterScope::Execution),
        ] {
            if let Some(name) = name.strip_prefix(prefix) {
                return (scope, name);
            }
        }
        let known = |scope| self.sensitivity(scope, name).is_some();
        match !known(ParameterScope::Package) && known(ParameterScope::Project) {
            true => (ParameterScope::Project, name),
            false => (ParameterScope::Package, name),
        }
    }
}

/// Splits `PATH=VALUE` at the first `=` behind the path's last bracket or step.
fn path_and_value(text: &str) -> Result<(String, String), String> {
    let split = text.match_indices('=').map(|(at, _)| at).find(|&at| {
        let path = &text[..at];
        path.matches('[').count() == path.matches(']').count()
    });
    match split {
        Some(at) if at > 0 => Ok((text[..at].to_owned(), text[at + 1..].to_owned())),
        _ => Err("expected PATH=VALUE, such as \\Package.Variables[User::X].Value=5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(open: &[(&str, &str)], secret: &str) -> GivenValues {
        let args = ValueArgs {
            parameter: open
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            set: Vec::new(),
            secrets: None,
        };
        let mut given = args.read().unwrap();
        given.add_secrets("secrets.txt", secret).unwrap();
        given
    }

    fn declared() -> Declared {
        Declared(vec![
            (ParameterScope::Project, "server".into(), false),
            (ParameterScope::Project, "password".into(), true),
            (ParameterScope::Package, "server".into(), false),
        ])
    }

    #[test]
    fn a_property_path_may_hold_an_equals_sign_in_brackets() {
        let split = path_and_value(
            r"\Package.Connections[a=b].Properties[ConnectionString]=Data Source=x;",
        )
        .unwrap();
        assert_eq!(
            split.0,
            r"\Package.Connections[a=b].Properties[ConnectionString]"
        );
        assert_eq!(split.1, "Data Source=x;");
        assert!(path_and_value("no value").is_err());
    }

    #[test]
    fn a_bare_name_is_the_packages_own_parameter_first() {
        let open = [("Server", "a"), ("$Project::Server", "b")];
        let matched = given(&open, "Password=p=1\n").matched(&declared()).unwrap();
        let scopes: Vec<_> = matched.iter().map(|one| (one.scope, &*one.name)).collect();
        assert_eq!(
            scopes,
            [
                (ParameterScope::Package, "Server"),
                (ParameterScope::Project, "Server"),
                (ParameterScope::Project, "Password"),
            ]
        );
        assert_eq!(matched[2].value, Value::String("p=1".into()));
    }

    #[test]
    fn a_sensitive_parameter_is_refused_in_the_open_without_its_value() {
        let refused = given(&[("PASSWORD", "hush")], "").matched(&declared());
        let error = refused.unwrap_err();
        assert!(error.to_string().contains("`PASSWORD` is sensitive"));
        assert!(!format!("{error:?}").contains("hush"));
    }

    #[test]
    fn paths_in_the_file_are_sensitive_and_bad_lines_are_told_by_number_only() {
        let text = "# passwords\n\n\\Package.Connections[a].Properties[Password]=x=y\n";
        let overrides = given(&[], text).overrides();
        assert_eq!(overrides.len(), 1);
        assert!(overrides[0].sensitive && overrides[0].value == "x=y");
        let error = given(&[], "").add_secrets("-", "A=1\nhush hush\n");
        let text = error.unwrap_err().to_string();
        assert!(
            text.contains("line 2 of `-`") && !text.contains("hush"),
            "{text}"
        );
    }
}
