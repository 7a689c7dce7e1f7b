//! Random sequences of procedures on folders, projects, environments, variables, references,
//! parameters and executions, against a model of a few maps: what one refuses the other refuses, and
//! afterwards both hold the same.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::databases::Database;
use crate::support::{Bench, package, parameter, project_file};

/// One of two or three names of a kind: so few that most steps meet something.
type Pick = usize;

/// Something that someone does.
#[derive(Clone, Debug)]
enum Step {
    CreateFolder(Pick),
    DeleteFolder(Pick),
    RenameFolder(Pick, Pick),
    Deploy(Pick, Pick),
    DeleteProject(Pick, Pick),
    MoveProject(Pick, Pick, Pick),
    CreateEnvironment(Pick, Pick),
    DeleteEnvironment(Pick, Pick),
    MoveEnvironment(Pick, Pick, Pick),
    CreateVariable(Pick, Pick, Pick, u8),
    SetVariable(Pick, Pick, Pick, u8),
    DeleteVariable(Pick, Pick, Pick),
    /// Folder and project, environment, and its folder where it is absolute.
    Refer(Pick, Pick, Pick, Option<Pick>),
    SetValue(Pick, Pick, u8),
    BindValue(Pick, Pick, Pick),
    ClearValue(Pick, Pick),
    /// Folder and project, and which of its references is used.
    CreateExecution(Pick, Pick, Option<Pick>),
    Start(Pick),
}

const FOLDERS: [&str; 3] = ["f", "g", "h"];
const PROJECTS: [&str; 2] = ["p", "q"];
const ENVIRONMENTS: [&str; 2] = ["dev", "test"];
const VARIABLES: [&str; 2] = ["V", "W"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (f, p, e, v) = (0..3_usize, 0..2_usize, 0..2_usize, 0..2_usize);
    let fp = (f.clone(), p.clone());
    let fe = (f.clone(), e.clone());
    let fev = (f.clone(), e.clone(), v.clone());
    let value = 0..9_u8;
    let step = prop_oneof![
        4 => f.clone().prop_map(Step::CreateFolder),
        1 => f.clone().prop_map(Step::DeleteFolder),
        1 => (f.clone(), f.clone()).prop_map(|(a, b)| Step::RenameFolder(a, b)),
        4 => fp.clone().prop_map(|(f, p)| Step::Deploy(f, p)),
        1 => fp.clone().prop_map(|(f, p)| Step::DeleteProject(f, p)),
        1 => (fp.clone(), f.clone()).prop_map(|((f, p), g)| Step::MoveProject(f, p, g)),
        4 => fe.clone().prop_map(|(f, e)| Step::CreateEnvironment(f, e)),
        1 => fe.clone().prop_map(|(f, e)| Step::DeleteEnvironment(f, e)),
        1 => (fe.clone(), f.clone()).prop_map(|((f, e), g)| Step::MoveEnvironment(f, e, g)),
        3 => (fev.clone(), value.clone())
            .prop_map(|((f, e, v), x)| Step::CreateVariable(f, e, v, x)),
        2 => (fev.clone(), value.clone()).prop_map(|((f, e, v), x)| Step::SetVariable(f, e, v, x)),
        1 => fev.prop_map(|(f, e, v)| Step::DeleteVariable(f, e, v)),
        4 => (fp.clone(), e, prop::option::of(f))
            .prop_map(|((f, p), e, g)| Step::Refer(f, p, e, g)),
        2 => (fp.clone(), value).prop_map(|((f, p), x)| Step::SetValue(f, p, x)),
        2 => (fp.clone(), v).prop_map(|((f, p), v)| Step::BindValue(f, p, v)),
        1 => fp.clone().prop_map(|(f, p)| Step::ClearValue(f, p)),
        4 => (fp, prop::option::of(0..3_usize))
            .prop_map(|((f, p), r)| Step::CreateExecution(f, p, r)),
        3 => (0..8_usize).prop_map(Step::Start),
    ];
    prop::collection::vec(step, 1..50)
}

/// What the parameter of a project is set to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Given {
    #[default]
    Nothing,
    Literal(String),
    Variable(String),
}

#[derive(Clone, Debug, Default)]
struct Project {
    given: Given,
    /// Folder, where absolute, and environment.
    references: BTreeSet<(Option<String>, String)>,
    deployments: u32,
    identity: u32,
}

#[derive(Clone, Debug, Default)]
struct Folder {
    projects: BTreeMap<String, Project>,
    environments: BTreeMap<String, BTreeMap<String, String>>,
}

/// An execution, as the model has it.
#[derive(Clone, Debug)]
struct Execution {
    id: i64,
    /// The project and its version when it was created.
    project: (u32, u32),
    /// `None` while it refers to a variable and has no environment.
    value: Option<String>,
    started: bool,
}

#[derive(Debug, Default)]
struct Model {
    folders: BTreeMap<String, Folder>,
    executions: Vec<Execution>,
    next: u32,
}

impl Model {
    fn project(&mut self, folder: &str, project: &str) -> Option<&mut Project> {
        self.folders.get_mut(folder)?.projects.get_mut(project)
    }

    fn environment(
        &mut self,
        folder: &str,
        environment: &str,
    ) -> Option<&mut BTreeMap<String, String>> {
        self.folders
            .get_mut(folder)?
            .environments
            .get_mut(environment)
    }

    /// Moves an entry of a folder's map; false when that is refused.
    fn relocate<T>(
        &mut self,
        from: &str,
        to: &str,
        name: &str,
        entries: fn(&mut Folder) -> &mut BTreeMap<String, T>,
    ) -> bool {
        let taken = match self.folders.get_mut(to) {
            Some(folder) => entries(folder).contains_key(name),
            None => return false,
        };
        let Some(folder) = self.folders.get_mut(from) else {
            return false;
        };
        // To where it is already, it stays.
        if from == to {
            return entries(folder).contains_key(name);
        }
        if taken {
            return false;
        }
        let Some(moved) = entries(folder).remove(name) else {
            return false;
        };
        let folder = self.folders.get_mut(to).unwrap();
        entries(folder).insert(name.to_owned(), moved);
        true
    }

    /// Whether it may start; then it has.
    fn start(&mut self, index: usize) -> bool {
        let Some(execution) = self.executions.get(index).cloned() else {
            return false;
        };
        let mut projects = self
            .folders
            .values()
            .flat_map(|folder| folder.projects.values());
        let current = projects.any(|one| (one.identity, one.deployments) == execution.project);
        let may = current && !execution.started && execution.value.is_some();
        self.executions[index].started |= may;
        may
    }
}

/// Names of one history: histories share a catalog.
struct Names(u32);

impl Names {
    fn folder(&self, pick: Pick) -> String {
        format!("{}{}", FOLDERS[pick], self.0)
    }

    /// The arguments that name a project.
    fn project(&self, folder: Pick, project: Pick) -> Value {
        json!({"folder_name": self.folder(folder), "project_name": PROJECTS[project]})
    }
}

/// Does a step on both sides; each must answer as the other does.
async fn take(bench: &Bench, names: &Names, step: &Step, model: &mut Model) {
    let (procedure, arguments) = request(bench, names, step, model).await;
    let Some(procedure) = procedure else { return };
    let answer = bench.call(procedure, arguments.clone()).await;
    let expected = apply(names, step, model);
    assert_eq!(
        answer.is_ok(),
        expected,
        "{step:?} {arguments} {answer:?}\n{model:#?}"
    );
    if let (Ok(answer), Step::CreateExecution(..)) = (&answer, step) {
        let id = answer.outputs["@execution_id"].as_i64().unwrap();
        let execution = model.executions.last_mut().unwrap();
        execution.id = id;
        let filter = [
            ("execution_id", id.to_string()),
            ("parameter_name", "P".to_owned()),
        ];
        let filter: Vec<(&str, &str)> = filter.iter().map(|(c, v)| (*c, v.as_str())).collect();
        let rows = bench.view("execution_parameter_values", &filter).await;
        assert_eq!(
            rows[0]["parameter_value"],
            json!(execution.value),
            "{model:#?}"
        );
    }
}

/// The call of a step; none for an execution that is not there.
async fn request(
    bench: &Bench,
    names: &Names,
    step: &Step,
    model: &Model,
) -> (Option<&'static str>, Value) {
    let project =
        |f: &Pick, p: &Pick| json!({"folder_name": names.folder(*f), "project_name": PROJECTS[*p]});
    let environment = |f: &Pick, e: &Pick| json!({"folder_name": names.folder(*f), "environment_name": ENVIRONMENTS[*e]});
    let (procedure, arguments) = match step {
        Step::CreateFolder(f) => ("create_folder", json!({"folder_name": names.folder(*f)})),
        Step::DeleteFolder(f) => ("delete_folder", json!({"folder_name": names.folder(*f)})),
        Step::RenameFolder(f, g) => (
            "rename_folder",
            json!({"old_name": names.folder(*f), "new_name": names.folder(*g)}),
        ),
        Step::Deploy(f, p) => {
            use base64::Engine as _;

            let declared = parameter("P", 18, "", Some("design"));
            let file = project_file(PROJECTS[*p], &[package("a.dtsx")], &declared);
            let stream = base64::engine::general_purpose::STANDARD.encode(file);
            (
                "deploy_project",
                with(project(f, p), json!({"project_stream": stream})),
            )
        }
        Step::DeleteProject(f, p) => ("delete_project", project(f, p)),
        Step::MoveProject(f, p, g) => (
            "move_project",
            json!({"source_folder": names.folder(*f), "project_name": PROJECTS[*p],
                "destination_folder": names.folder(*g)}),
        ),
        Step::CreateEnvironment(f, e) => ("create_environment", environment(f, e)),
        Step::DeleteEnvironment(f, e) => ("delete_environment", environment(f, e)),
        Step::MoveEnvironment(f, e, g) => (
            "move_environment",
            json!({"source_folder": names.folder(*f), "environment_name": ENVIRONMENTS[*e],
                "destination_folder": names.folder(*g)}),
        ),
        Step::CreateVariable(f, e, v, x) => (
            "create_environment_variable",
            with(
                environment(f, e),
                json!({"variable_name": VARIABLES[*v], "data_type": "String", "sensitive": 0,
                    "value": x.to_string(), "description": ""}),
            ),
        ),
        Step::SetVariable(f, e, v, x) => (
            "set_environment_variable_value",
            with(
                environment(f, e),
                json!({"variable_name": VARIABLES[*v], "value": x.to_string()}),
            ),
        ),
        Step::DeleteVariable(f, e, v) => (
            "delete_environment_variable",
            with(environment(f, e), json!({"variable_name": VARIABLES[*v]})),
        ),
        other => return request_on_project(bench, names, other, model).await,
    };
    (Some(procedure), arguments)
}

/// The calls on what a project has.
async fn request_on_project(
    bench: &Bench,
    names: &Names,
    step: &Step,
    model: &Model,
) -> (Option<&'static str>, Value) {
    let project = |f: &Pick, p: &Pick| names.project(*f, *p);
    let of_parameter = json!({"object_type": 20, "object_name": "", "parameter_name": "P"});
    let (procedure, arguments) = match step {
        Step::Refer(f, p, e, absolute) => {
            let mut arguments = with(
                project(f, p),
                json!({"environment_name": ENVIRONMENTS[*e], "reference_location": "R"}),
            );
            if let Some(g) = absolute {
                arguments["reference_location"] = json!("A");
                arguments["environment_folder_name"] = json!(names.folder(*g));
            }
            ("create_environment_reference", arguments)
        }
        Step::SetValue(f, p, x) => (
            "set_object_parameter_value",
            with(
                with(project(f, p), of_parameter),
                json!({"parameter_value": x.to_string(), "value_type": "V"}),
            ),
        ),
        Step::BindValue(f, p, v) => (
            "set_object_parameter_value",
            with(
                with(project(f, p), of_parameter),
                json!({"parameter_value": VARIABLES[*v], "value_type": "R"}),
            ),
        ),
        Step::ClearValue(f, p) => (
            "clear_object_parameter_value",
            with(project(f, p), of_parameter),
        ),
        Step::CreateExecution(f, p, reference) => {
            let mut arguments = with(project(f, p), json!({"package_name": "a.dtsx"}));
            if let Some(pick) = reference {
                let id = reference_id(bench, names, (*f, *p), *pick, model).await;
                // One that nobody has.
                arguments["reference_id"] = id.unwrap_or(json!(999_999));
            }
            ("create_execution", arguments)
        }
        Step::Start(index) => match model.executions.get(*index) {
            Some(execution) => ("start_execution", json!({"execution_id": execution.id})),
            None => return (None, Value::Null),
        },
        other => unreachable!("{other:?} is about something else"),
    };
    (Some(procedure), arguments)
}

/// An object with the members of another one too.
fn with(mut base: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

/// The reference of a project that a step picks.
fn picked(
    names: &Names,
    (f, p): (Pick, Pick),
    pick: Pick,
    model: &Model,
) -> Option<(Option<String>, String)> {
    let folder = model.folders.get(&names.folder(f))?;
    let references = &folder.projects.get(PROJECTS[p])?.references;
    references.iter().nth(pick).cloned()
}

async fn reference_id(
    bench: &Bench,
    names: &Names,
    (f, p): (Pick, Pick),
    pick: Pick,
    model: &Model,
) -> Option<Value> {
    let (folder, environment) = picked(names, (f, p), pick, model)?;
    let projects = project_rows(bench, names).await;
    let (_, project) = projects
        .into_iter()
        .find(|(folder, row)| *folder == names.folder(f) && row["name"] == PROJECTS[p])?;
    let id = project["project_id"].to_string();
    let rows = bench
        .view("environment_references", &[("project_id", &id)])
        .await;
    let row = rows.into_iter().find(|row| {
        row["environment_name"] == json!(environment)
            && row["environment_folder_name"] == json!(folder)
    })?;
    Some(row["reference_id"].clone())
}

/// What the model makes of a step; whether it is allowed.
fn apply(names: &Names, step: &Step, model: &mut Model) -> bool {
    let name = |pick: &Pick| names.folder(*pick);
    match step {
        Step::CreateFolder(f) => {
            let new = !model.folders.contains_key(&name(f));
            if new {
                model.folders.insert(name(f), Folder::default());
            }
            new
        }
        Step::DeleteFolder(f) => {
            let empty = model
                .folders
                .get(&name(f))
                .is_some_and(|folder| folder.projects.is_empty() && folder.environments.is_empty());
            if empty {
                model.folders.remove(&name(f));
            }
            empty
        }
        Step::RenameFolder(f, g) => {
            if f == g {
                return model.folders.contains_key(&name(f));
            }
            if model.folders.contains_key(&name(g)) {
                return false;
            }
            let folder = model.folders.remove(&name(f));
            let there = folder.is_some();
            model.folders.extend(folder.map(|folder| (name(g), folder)));
            there
        }
        Step::Deploy(f, p) => {
            model.next += 1;
            let identity = model.next;
            let Some(folder) = model.folders.get_mut(&name(f)) else {
                return false;
            };
            let new = || Project {
                identity,
                ..Project::default()
            };
            let project = folder
                .projects
                .entry(PROJECTS[*p].into())
                .or_insert_with(new);
            project.deployments += 1;
            true
        }
        Step::DeleteProject(f, p) => {
            let folder = model.folders.get_mut(&name(f));
            folder.is_some_and(|folder| folder.projects.remove(PROJECTS[*p]).is_some())
        }
        Step::MoveProject(f, p, g) => {
            model.relocate(&name(f), &name(g), PROJECTS[*p], |one| &mut one.projects)
        }
        other => apply_to_environment(names, other, model),
    }
}

/// The steps on environments and their variables.
fn apply_to_environment(names: &Names, step: &Step, model: &mut Model) -> bool {
    let name = |pick: &Pick| names.folder(*pick);
    match step {
        Step::CreateEnvironment(f, e) => {
            let Some(folder) = model.folders.get_mut(&name(f)) else {
                return false;
            };
            let new = !folder.environments.contains_key(ENVIRONMENTS[*e]);
            folder
                .environments
                .entry(ENVIRONMENTS[*e].into())
                .or_default();
            new
        }
        Step::DeleteEnvironment(f, e) => {
            let folder = model.folders.get_mut(&name(f));
            folder.is_some_and(|folder| folder.environments.remove(ENVIRONMENTS[*e]).is_some())
        }
        Step::MoveEnvironment(f, e, g) => {
            model.relocate(&name(f), &name(g), ENVIRONMENTS[*e], |one| {
                &mut one.environments
            })
        }
        Step::CreateVariable(f, e, v, x) => {
            let Some(variables) = model.environment(&name(f), ENVIRONMENTS[*e]) else {
                return false;
            };
            let new = !variables.contains_key(VARIABLES[*v]);
            if new {
                variables.insert(VARIABLES[*v].into(), x.to_string());
            }
            new
        }
        Step::SetVariable(f, e, v, x) => {
            let variables = model.environment(&name(f), ENVIRONMENTS[*e]);
            let Some(value) = variables.and_then(|all| all.get_mut(VARIABLES[*v])) else {
                return false;
            };
            *value = x.to_string();
            true
        }
        Step::DeleteVariable(f, e, v) => {
            let variables = model.environment(&name(f), ENVIRONMENTS[*e]);
            variables.is_some_and(|all| all.remove(VARIABLES[*v]).is_some())
        }
        other => apply_to_project(names, other, model),
    }
}

/// The steps on what a project has.
fn apply_to_project(names: &Names, step: &Step, model: &mut Model) -> bool {
    let name = |pick: &Pick| names.folder(*pick);
    let mut set = |f: &Pick, p: &Pick, given: Given| match model.project(&name(f), PROJECTS[*p]) {
        Some(project) => {
            project.given = given;
            true
        }
        None => false,
    };
    match step {
        Step::SetValue(f, p, x) => set(f, p, Given::Literal(x.to_string())),
        Step::BindValue(f, p, v) => set(f, p, Given::Variable(VARIABLES[*v].into())),
        Step::ClearValue(f, p) => set(f, p, Given::Nothing),
        Step::Refer(f, p, e, absolute) => {
            let folder = absolute.map(|pick| name(&pick));
            let sought = folder.clone().unwrap_or_else(|| name(f));
            if model.environment(&sought, ENVIRONMENTS[*e]).is_none() {
                return false;
            }
            let project = model.project(&name(f), PROJECTS[*p]);
            project.is_some_and(|one| one.references.insert((folder, ENVIRONMENTS[*e].into())))
        }
        Step::CreateExecution(f, p, reference) => {
            let used = reference.map(|pick| picked(names, (*f, *p), pick, model));
            let environment = match used {
                Some(Some((folder, environment))) => {
                    let folder = folder.unwrap_or_else(|| name(f));
                    match model.environment(&folder, &environment) {
                        Some(found) => Some(found.clone()),
                        None => return false,
                    }
                }
                Some(None) => return false,
                None => None,
            };
            let Some(project) = model.project(&name(f), PROJECTS[*p]).cloned() else {
                return false;
            };
            let value = match (&project.given, &environment) {
                (Given::Nothing, _) => Some("design".to_owned()),
                (Given::Literal(text), _) => Some(text.clone()),
                (Given::Variable(_), None) => None,
                (Given::Variable(variable), Some(all)) => match all.get(variable) {
                    Some(text) => Some(text.clone()),
                    None => return false,
                },
            };
            model.executions.push(Execution {
                id: 0,
                project: (project.identity, project.deployments),
                value,
                started: false,
            });
            true
        }
        Step::Start(index) => model.start(*index),
        other => unreachable!("{other:?} is about something else"),
    }
}

/// The projects of a history, with the names of their folders.
async fn project_rows(bench: &Bench, names: &Names) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for row in bench.view("projects", &[]).await {
        let id = row["folder_id"].to_string();
        let folder = bench.view("folders", &[("id", &id)]).await;
        let name = folder[0]["name"].as_str().unwrap().to_owned();
        if (0..3).any(|pick| names.folder(pick) == name) {
            found.push((name, row));
        }
    }
    found
}

/// Everything that the model has, as the views must show it.
async fn compare(bench: &Bench, names: &Names, model: &Model) {
    for pick in 0..3 {
        let name = names.folder(pick);
        let rows = bench.view("folders", &[("name", &name)]).await;
        let Some(folder) = model.folders.get(&name) else {
            assert!(rows.is_empty(), "{name}");
            continue;
        };
        let id = rows[0]["id"].to_string();
        let environments = bench.view("environments", &[("folder_id", &id)]).await;
        let mut found = BTreeMap::new();
        for row in environments {
            let id = row["environment_id"].to_string();
            let variables = bench
                .view("environment_variables", &[("environment_id", &id)])
                .await;
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let variables = variables
                .iter()
                .map(|row| (text(&row["name"]), text(&row["value"])));
            found.insert(text(&row["name"]), variables.collect());
        }
        assert_eq!(found, folder.environments, "{name}");
    }
    let mut found = BTreeMap::new();
    for (folder, row) in project_rows(bench, names).await {
        let id = row["project_id"].to_string();
        let parameters = bench
            .view("object_parameters", &[("project_id", &id)])
            .await;
        let given = match &parameters[0] {
            row if row["value_type"] == "R" => {
                Given::Variable(row["referenced_variable_name"].as_str().unwrap().into())
            }
            row => match row["default_value"].as_str() {
                Some(text) => Given::Literal(text.into()),
                None => Given::Nothing,
            },
        };
        let references = bench
            .view("environment_references", &[("project_id", &id)])
            .await;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let references: BTreeSet<_> = references
            .iter()
            .map(|row| {
                let environment = text(&row["environment_name"]).unwrap();
                (text(&row["environment_folder_name"]), environment)
            })
            .collect();
        let name = text(&row["name"]).unwrap();
        found.insert((folder, name), (given, references));
    }
    let expected: BTreeMap<_, _> = model
        .folders
        .iter()
        .flat_map(|(folder, all)| {
            all.projects.iter().map(move |(name, project)| {
                let holds = (project.given.clone(), project.references.clone());
                ((folder.clone(), name.clone()), holds)
            })
        })
        .collect();
    assert_eq!(found, expected);
    for execution in &model.executions {
        let status = bench.execution(execution.id, "status").await;
        assert_eq!(
            status,
            if execution.started { 5 } else { 1 },
            "{execution:?}"
        );
    }
}

#[test]
fn every_sequence_of_calls_agrees_with_the_model_on_sqlite() {
    every_sequence_of_calls_agrees_with_the_model(Database::Sqlite);
}

#[test]
fn every_sequence_of_calls_agrees_with_the_model_on_postgres() {
    if let Some(database) = Database::postgres_or_skip() {
        every_sequence_of_calls_agrees_with_the_model(database);
    }
}

fn every_sequence_of_calls_agrees_with_the_model(on: Database) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let bench = runtime.block_on(Bench::open(on));
    let mut runner = TestRunner::new(Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    });
    let history = std::cell::Cell::new(0);
    let played = runner.run(&steps(), |steps| {
        history.set(history.get() + 1);
        let names = Names(history.get());
        runtime.block_on(async {
            let mut model = Model::default();
            for step in &steps {
                take(&bench, &names, step, &mut model).await;
            }
            compare(&bench, &names, &model).await;
        });
        Ok(())
    });
    played.unwrap();
}
