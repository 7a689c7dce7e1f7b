//! A batch against the catalog: everything that is wrong with it, before anything starts.

use jiff::Timestamp;
use scaleout_core::batch::Plan;
use scaleout_core::client::{Client, NewExecution};
use scaleout_core::error::Blame;
use uuid::Uuid;

use super::file::{BatchFile, Entry, Settings, text_of};
use crate::catalog_names::{PackagePlace, packages};
use crate::commands::execute::reference_of;
use crate::commands::workers::standing::{self, Standing};
use crate::error::{CliError, CommandError};
use crate::execution_values::GivenValues;
use crate::package_choice::Wanted;

/// One package of a batch, ready to be created and started.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name in the batch.
    pub name: String,
    /// What to run.
    pub new: NewExecution,
    /// How often a failure is tried again.
    pub retry_count: u32,
}

/// What the catalog has, read once.
struct Known<'c> {
    client: &'c Client,
    packages: Vec<PackagePlace>,
    workers: Vec<Standing>,
}

/// The plan and the packages of a batch.
///
/// # Errors
/// All that is wrong at once: names that are there twice or not at all, cycles, packages,
/// environments, workers and parameters that the catalog does not have. Or the master cannot be
/// asked.
pub async fn check(
    file: &BatchFile,
    client: &Client,
    now: Timestamp,
) -> Result<(Plan, Vec<Member>), CliError> {
    let known = Known {
        client,
        packages: packages(client).await?,
        workers: standing::all(client, now).await?,
    };
    let mut problems = Vec::new();
    if file.packages.is_empty() {
        problems.push("it has no packages: add `[[package]]` with a `name`".to_owned());
    }
    let plan = Plan::new(&file.items()).map_err(|errors| {
        problems.extend(errors.iter().map(ToString::to_string));
    });
    let mut members = Vec::with_capacity(file.packages.len());
    for entry in &file.packages {
        match member(&known, file, entry).await? {
            Ok(member) => members.push(member),
            Err(found) => problems.extend(
                found
                    .into_iter()
                    .map(|problem| format!("`{}`: {problem}", entry.item_name())),
            ),
        }
    }
    match plan {
        Ok(plan) if problems.is_empty() => Ok((plan, members)),
        _ => Err(CommandError::Batch {
            file: file.path.clone(),
            problems,
        }
        .into()),
    }
}

/// What is wrong with one package, in words.
type Problems = Vec<String>;

async fn member(
    known: &Known<'_>,
    file: &BatchFile,
    entry: &Entry,
) -> Result<Result<Member, Problems>, CliError> {
    let settings = file.settings(entry);
    let mut problems = Problems::new();
    let workers = noted(workers(&known.workers, &settings), &mut problems);
    let level = noted(settings.level(), &mut problems);
    let wanted = Wanted {
        folder: settings.folder.as_deref(),
        project: settings.project.as_deref(),
    };
    let place = match wanted.find(&known.packages, &entry.name) {
        Ok(place) => place,
        Err(error) => {
            problems.push(in_words(&error.into()));
            return Ok(Err(problems));
        }
    };
    if !place.entry_point {
        problems.push(format!(
            "package `{}` is not an entry point of its project: only other packages start it",
            place.package
        ));
    }
    let given = match given(known.client, file, entry, &settings, place).await? {
        Ok(given) => given,
        Err(found) => {
            problems.extend(found);
            return Ok(Err(problems));
        }
    };
    let parameters = told(
        given.parameters_of(known.client, place).await,
        &mut problems,
    )?;
    let parameters = parameters.unwrap_or_default();
    let environment = settings.environment.as_deref();
    let reference = reference_of(known.client, place, environment, &parameters).await;
    let reference_id = told(reference, &mut problems)?.flatten();
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    Ok(Ok(Member {
        name: entry.item_name().to_owned(),
        new: NewExecution {
            folder: place.folder.clone(),
            project: place.project.clone(),
            package: place.package.clone(),
            workers: workers.unwrap_or_default(),
            reference_id,
            parameters,
            overrides: given.overrides(),
            logging_level: level.flatten(),
        },
        retry_count: settings.retry_count.unwrap_or(0),
    }))
}

/// The values of a package: its own must be declared; those of the batch apply where they are.
async fn given(
    client: &Client,
    file: &BatchFile,
    entry: &Entry,
    settings: &Settings,
    place: &PackagePlace,
) -> Result<Result<GivenValues, Problems>, CliError> {
    let mut problems = Problems::new();
    let mut texts = |values: &std::collections::BTreeMap<String, toml::Value>| {
        let text = |(name, value): (&String, &toml::Value)| {
            Some((name.clone(), noted(text_of(name, value), &mut problems)?))
        };
        values.iter().filter_map(text).collect::<Vec<_>>()
    };
    let (own, common) = (
        texts(&settings.parameters),
        texts(&file.common_parameters(entry)),
    );
    let mut given = GivenValues::of_file(&file.path, own);
    if let Some(path) = &settings.secrets {
        let added = given.add_secrets_of(&path.display().to_string());
        told(added, &mut problems)?;
    }
    for name in given.unknown_to(client, place).await? {
        problems.push(format!(
            "neither package `{}` nor its project has a parameter `{name}`",
            place.package
        ));
    }
    let added = given.add_where_declared(&file.path, client, place, common);
    added.await?;
    match problems.is_empty() {
        true => Ok(Ok(given)),
        false => Ok(Err(problems)),
    }
}

/// The workers that may run a package: those named, and of them (or of all) those with all tags.
fn workers(all: &[Standing], settings: &Settings) -> Result<Vec<Uuid>, String> {
    let named = settings.workers.iter().flatten();
    let named: Vec<&Standing> = named
        .map(|name| standing::find(all, name).map_err(|error| in_words(&error.into())))
        .collect::<Result<_, _>>()?;
    let Some(tags) = settings
        .worker_tags
        .as_ref()
        .filter(|tags| !tags.is_empty())
    else {
        return Ok(named.iter().map(|worker| worker.worker_agent_id).collect());
    };
    let candidates: Vec<&Standing> = match settings.workers {
        Some(_) => named,
        None => all.iter().collect(),
    };
    let fitting: Vec<Uuid> = candidates
        .into_iter()
        .filter(|worker| tags.iter().all(|tag| has_tag(&worker.tags, tag)))
        .map(|worker| worker.worker_agent_id)
        .collect();
    match fitting.is_empty() {
        true => Err(format!(
            "no worker has the tags {}: `soctl workers list` shows those that there are",
            tags.join(", ")
        )),
        false => Ok(fitting),
    }
}

/// Whether a tag is among those of a worker, which are divided by commas, semicolons or blanks.
fn has_tag(tags: &str, tag: &str) -> bool {
    let divides = |character: char| character.is_whitespace() || matches!(character, ',' | ';');
    tags.split(divides).any(|one| one.eq_ignore_ascii_case(tag))
}

fn noted<T>(result: Result<T, String>, problems: &mut Problems) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

/// An error of the package is a problem of the batch; one of the way to the master ends the check.
fn told<T>(result: Result<T, CliError>, problems: &mut Problems) -> Result<Option<T>, CliError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.body.blame, Blame::Unreachable | Blame::Stranger) => {
            Err(error)
        }
        Err(error) => {
            problems.push(in_words(&error));
            Ok(None)
        }
    }
}

fn in_words(error: &CliError) -> String {
    match &error.body.hint {
        Some(hint) => format!("{} ({hint})", error.body.message),
        None => error.body.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(number: u128, name: &str, tags: &str) -> Standing {
        Standing {
            worker_agent_id: Uuid::from_u128(number),
            display_name: name.to_owned(),
            machine_name: name.to_owned(),
            description: String::new(),
            tags: tags.to_owned(),
            user_account: String::new(),
            enabled: true,
            online: true,
            draining: false,
            drain_until: None,
            gate: None,
            leased_tasks: 0,
            max_task_count: 4,
            cpu_percent: None,
            free_memory_mb: None,
            program_version: None,
            last_online_time: None,
            certificate_thumbprint: None,
            certificate_not_after: None,
        }
    }

    #[test]
    fn tags_choose_among_the_workers_that_are_named_or_all() {
        let all = [
            worker(1, "a", "big, linux"),
            worker(2, "b", "BIG"),
            worker(3, "c", "small"),
        ];
        let chosen = |names: Option<&[&str]>, tags: &[&str]| {
            let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
            let settings = Settings {
                workers: names.map(owned),
                worker_tags: Some(owned(tags)),
                ..Settings::default()
            };
            let ids = workers(&all, &settings)?;
            Ok::<_, String>(ids.iter().map(|id| id.as_u128()).collect::<Vec<_>>())
        };
        assert_eq!(chosen(None, &["big"]), Ok(vec![1, 2]));
        assert_eq!(chosen(None, &["big", "linux"]), Ok(vec![1]));
        assert_eq!(chosen(Some(&["b", "c"]), &["big"]), Ok(vec![2]));
        assert_eq!(chosen(Some(&["b"]), &[]), Ok(vec![2]));
        assert_eq!(chosen(None, &[]), Ok(vec![]));
        assert!(chosen(Some(&["c"]), &["big"]).unwrap_err().contains("big"));
        assert!(
            chosen(Some(&["nobody"]), &[])
                .unwrap_err()
                .contains("nobody")
        );
    }
}
