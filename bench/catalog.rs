//! How a catalog answers that has 100,000 executions and 5,000,000 messages in it.
//!
//! `cargo run --release -p scaleout-catalog --example catalog_bench -- [OPTIONS]`
//!
//! Makes a catalog with what a seed says, in a temporary folder or in an empty database of a server,
//! and measures what people and scripts do most: pages of executions and messages, one execution,
//! creating and starting with many callers; then the same pages while housekeeping removes
//! executions. Prints JSON. `docs/benchmarks.md` has the numbers of one machine.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on stops where it is"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use scaleout_catalog::{Caller, Catalog, CatalogLocation, Removed, Role};
use scaleout_core::model::SystemClock;
use scaleout_core::package::bare;
use scaleout_core::package::ispac::{self, Member};
use scaleout_core::registry::{Arguments, ViewQuery};
use serde_json::{Value, json};
use sqlx::Connection as _;

const SQLITE: &str = include_str!("fill_sqlite.sql");
const POSTGRES: &str = include_str!("fill_postgres.sql");

/// What to make and how often to measure.
struct Options {
    /// `sqlite`, or the location of an empty database.
    catalog: String,
    executions: u32,
    messages: u32,
    seed: u32,
    /// Executions that are past their time, for housekeeping.
    old: u32,
    callers: u32,
    /// Executions that all callers together create and start, after a tenth of that which is not counted:
    /// connections are made and statements prepared then.
    starts: u32,
    /// Times that each page is read.
    pages: u32,
    /// What goes on during the cleanup: `pages`, or `starts` by all callers.
    during: String,
}

fn options() -> Options {
    let mut options = Options {
        catalog: "sqlite".to_owned(),
        executions: 100_000,
        messages: 5_000_000,
        seed: 1,
        old: 10_000,
        callers: 32,
        starts: 16_000,
        pages: 200,
        during: "pages".to_owned(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_default();
        let number = || value.parse().expect("the option takes a number");
        match word.as_str() {
            "--catalog" => options.catalog.clone_from(&value),
            "--executions" => options.executions = number(),
            "--messages" => options.messages = number(),
            "--seed" => options.seed = number(),
            "--old" => options.old = number(),
            "--callers" => options.callers = number(),
            "--starts" => options.starts = number(),
            "--pages" => options.pages = number(),
            "--during" => options.during.clone_from(&value),
            other => panic!("there is no option `{other}`"),
        }
    }
    options
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let result = runtime.block_on(measure(&options()));
    println!("{}", serde_json::to_string_pretty(&result).unwrap());
}

async fn measure(options: &Options) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let location = match options.catalog.as_str() {
        "sqlite" => CatalogLocation::Sqlite(folder.path().join("catalog.db")),
        server => server.parse().unwrap(),
    };
    let open = || Catalog::open(&location, folder.path(), Arc::new(SystemClock));
    let catalog = open().await.unwrap();
    prepare(&catalog).await;
    catalog.close().await;
    let filling = Instant::now();
    fill(&location, options).await;
    let filled = filling.elapsed();
    let catalog = open().await.unwrap();
    let deployment = deploy_large(&catalog, options.seed).await;
    let before = pages(&catalog, options).await;
    let starts = starts(&catalog, options).await;
    let (during, cleanup) = match options.during.as_str() {
        "pages" => pages_during_cleanup(&catalog, options).await,
        "starts" => starts_during_cleanup(&catalog, options).await,
        other => panic!("nothing is called `{other}`"),
    };
    let after = pages(&catalog, options).await;
    catalog.close().await;
    json!({
        "catalog": if options.catalog == "sqlite" { "SQLite" } else { "PostgreSQL" },
        "executions": options.executions,
        "messages": options.messages,
        "seed": options.seed,
        "filled_in_s": filled.as_secs_f64(),
        "deploy_500_packages": deployment,
        "pages": before,
        "create_and_start": starts,
        "during_cleanup": during,
        "cleanup": cleanup,
        "pages_after_cleanup": after,
    })
}

/// Deploys a project of 500 packages with 50 MB, as a client sends it.
async fn deploy_large(catalog: &Catalog, seed: u32) -> Value {
    const PACKAGES: u32 = 500;
    const TASKS: u32 = 40;
    let mut state = u64::from(seed);
    let mut members = Vec::new();
    let mut list = String::new();
    for number in 0..PACKAGES {
        let name = format!("package{number}.dtsx");
        list += &format!("<SSIS:Package SSIS:Name=\"{name}\" SSIS:EntryPoint=\"1\"/>");
        let tasks: String = (0..TASKS).map(|task| sql_task(task, &mut state)).collect();
        let text = format!(
            r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package"
            DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="p">
            <DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
            <DTS:Executables>{tasks}</DTS:Executables></DTS:Executable>"#
        );
        members.push(Member {
            name,
            bytes: text.into_bytes(),
        });
    }
    let manifest = format!(
        r#"<SSIS:Project SSIS:ProtectionLevel="DontSaveSensitive" xmlns:SSIS="www.microsoft.com/SqlServer/SSIS">
        <SSIS:Properties><SSIS:Property SSIS:Name="Name">large</SSIS:Property>
        <SSIS:Property SSIS:Name="FormatVersion">1</SSIS:Property></SSIS:Properties>
        <SSIS:Packages>{list}</SSIS:Packages></SSIS:Project>"#
    );
    let parameters = r#"<SSIS:Parameters xmlns:SSIS="www.microsoft.com/SqlServer/SSIS"/>"#;
    for (name, text) in [
        ("Project.params", parameters),
        ("@Project.manifest", &manifest),
    ] {
        members.push(Member {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
        });
    }
    let unpacked: usize = members.iter().map(|member| member.bytes.len()).sum();
    let ispac = ispac::write(&members).unwrap();
    let start = Instant::now();
    let stream = base64::engine::general_purpose::STANDARD.encode(&ispac);
    let deploy = json!({"folder_name": "bench", "project_name": "large", "project_stream": stream});
    call(catalog, "deploy_project", deploy).await;
    json!({
        "seconds": start.elapsed().as_secs_f64(),
        "packages": PACKAGES,
        "unpacked_bytes": unpacked,
        "ispac_bytes": ispac.len(),
    })
}

/// A task with a statement of 2.3 kB that does not repeat itself.
fn sql_task(number: u32, state: &mut u64) -> String {
    let mut statement = String::new();
    for _ in 0..125 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        statement += &format!("{:016x} ", *state);
    }
    format!(
        r#"<DTS:Executable DTS:refId="Package\Task{number}" DTS:CreationName="Microsoft.ExecuteSQLTask"
        DTS:ExecutableType="Microsoft.ExecuteSQLTask" DTS:ObjectName="Task{number}"><DTS:Variables/>
        <DTS:ObjectData><SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask"
        SQLTask:SqlStatementSource="SELECT '{statement}'"/></DTS:ObjectData></DTS:Executable>"#
    )
}

async fn call(catalog: &Catalog, procedure: &str, arguments: Value) -> Value {
    let arguments: Arguments = serde_json::from_value(arguments).unwrap();
    let result = catalog.call(&admin(), procedure, &arguments).await.unwrap();
    json!(result.outputs)
}

fn admin() -> Caller {
    Caller::new("bench", Role::SsisAdmin)
}

/// A folder with a project to start.
async fn prepare(catalog: &Catalog) {
    call(catalog, "create_folder", json!({"folder_name": "bench"})).await;
    call(catalog, "enable_scaleout", json!({})).await;
    let package = r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package"
        DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="p">
        <DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property></DTS:Executable>"#;
    let built = bare::build(package.as_bytes(), "p.dtsx", "p").unwrap();
    let stream = base64::engine::general_purpose::STANDARD.encode(&built.ispac);
    let deploy = json!({"folder_name": "bench", "project_name": "p", "project_stream": stream});
    call(catalog, "deploy_project", deploy).await;
}

/// Executions and messages, made by the database itself from the seed.
async fn fill(location: &CatalogLocation, options: &Options) {
    let script = match location {
        CatalogLocation::Sqlite(_) => SQLITE,
        CatalogLocation::Postgres(_) => POSTGRES,
    };
    let script = script
        .replace(":executions", &options.executions.to_string())
        .replace(":messages", &options.messages.to_string())
        .replace(":seed", &options.seed.to_string())
        .replace(":old", &options.old.to_string());
    match location {
        CatalogLocation::Sqlite(path) => {
            let raw = rusqlite::Connection::open(path).unwrap();
            raw.execute_batch(&script).unwrap();
        }
        CatalogLocation::Postgres(location) => {
            let mut raw = sqlx::PgConnection::connect(&location.to_string())
                .await
                .unwrap();
            let script = sqlx::raw_sql(sqlx::AssertSqlSafe(script));
            script.execute(&mut raw).await.unwrap();
            // A catalog that has grown over months was vacuumed meanwhile; one that was filled at once
            // would be while it is measured.
            for statement in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
                sqlx::raw_sql(statement).execute(&mut raw).await.unwrap();
            }
            raw.close().await.unwrap();
        }
    }
}

/// The queries of `soctl executions list`, `show` and `messages`, on executions all over the catalog.
fn queries(options: &Options, round: u32) -> [(&'static str, &'static str, ViewQuery); 5] {
    // The last ones: the first are removed meanwhile.
    let young = options.executions - options.old;
    let id = 1000 + u64::from(options.old) + u64::from(round) * 7919 % u64::from(young) + 1;
    let equals = |column: &str, value: String| vec![(column.to_owned(), value)];
    let list = ViewQuery {
        order_by: Some("execution_id".to_owned()),
        descending: true,
        limit: Some(50),
        ..ViewQuery::default()
    };
    let failed = ViewQuery {
        equals: equals("status", "4".to_owned()),
        ..list.clone()
    };
    let pending = ViewQuery {
        equals: equals("status", "5".to_owned()),
        ..list.clone()
    };
    let show = ViewQuery {
        equals: equals("execution_id", id.to_string()),
        ..ViewQuery::default()
    };
    let messages = ViewQuery {
        equals: equals("operation_id", id.to_string()),
        order_by: Some("event_message_id".to_owned()),
        limit: Some(1000),
        ..ViewQuery::default()
    };
    [
        ("list", "executions", list),
        ("list_failed", "executions", failed),
        ("list_pending", "executions", pending),
        ("show", "execution_report", show),
        ("messages", "event_messages", messages),
    ]
}

async fn pages(catalog: &Catalog, options: &Options) -> Value {
    let mut times: Vec<(&str, Vec<Duration>)> = Vec::new();
    for round in 0..options.pages {
        one_round(catalog, options, round, &mut times).await;
    }
    summary(&times)
}

async fn one_round(
    catalog: &Catalog,
    options: &Options,
    round: u32,
    times: &mut Vec<(&'static str, Vec<Duration>)>,
) {
    for (name, view, query) in queries(options, round) {
        let start = Instant::now();
        catalog.view(&admin(), view, &query).await.unwrap();
        let took = start.elapsed();
        match times.iter_mut().find(|(known, _)| *known == name) {
            Some((_, all)) => all.push(took),
            None => times.push((name, vec![took])),
        }
    }
}

fn summary(times: &[(&str, Vec<Duration>)]) -> Value {
    let all = times.iter();
    all.map(|(name, times)| ((*name).to_owned(), percentiles(times.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn percentiles(mut times: Vec<Duration>) -> Value {
    times.sort_unstable();
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        let milliseconds = times.get(index).map_or(0.0, Duration::as_secs_f64) * 1000.0;
        (milliseconds * 100.0).round() / 100.0
    };
    json!({"p50_ms": at(50), "p99_ms": at(99), "max_ms": at(100), "count": times.len()})
}

/// Creates and starts with many callers at once, each one after another.
async fn starts(catalog: &Catalog, options: &Options) -> Value {
    let each = options.starts / options.callers;
    many_starts(catalog, options.callers, each / 10).await;
    let start = Instant::now();
    let times = many_starts(catalog, options.callers, each).await;
    let per_second = times.len() as f64 / start.elapsed().as_secs_f64();
    let mut result = percentiles(times);
    result["callers"] = json!(options.callers);
    result["per_second"] = json!(per_second.round());
    result
}

async fn many_starts(catalog: &Catalog, callers: u32, each: u32) -> Vec<Duration> {
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            let catalog = catalog.clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                for _ in 0..each {
                    let start = Instant::now();
                    create_and_start(&catalog).await;
                    times.push(start.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.await.unwrap());
    }
    times
}

async fn create_and_start(catalog: &Catalog) {
    let create = json!({"folder_name": "bench", "project_name": "p", "package_name": "p.dtsx",
        "runinscaleout": 1});
    let created = call(catalog, "create_execution", create).await;
    let start = json!({"execution_id": created["@execution_id"]});
    call(catalog, "start_execution", start).await;
}

/// Pages while housekeeping works, and what it did.
async fn pages_during_cleanup(catalog: &Catalog, options: &Options) -> (Value, Value) {
    let cleaning = Cleaning::begin(catalog);
    let mut times = Vec::new();
    let mut round = 0;
    while !cleaning.is_over() {
        one_round(catalog, options, options.pages + round, &mut times).await;
        round += 1;
    }
    (summary(&times), cleaning.ended().await)
}

/// Executions created and started by all callers while housekeeping works, and what it did.
async fn starts_during_cleanup(catalog: &Catalog, options: &Options) -> (Value, Value) {
    let cleaning = Cleaning::begin(catalog);
    let mut times = Vec::new();
    while !cleaning.is_over() {
        times.append(&mut many_starts(catalog, options.callers, 25).await);
    }
    (
        json!({"create_and_start": percentiles(times)}),
        cleaning.ended().await,
    )
}

/// Housekeeping at work.
struct Cleaning {
    begun: Instant,
    working: tokio::task::JoinHandle<Removed>,
}

impl Cleaning {
    fn begin(catalog: &Catalog) -> Self {
        let catalog = catalog.clone();
        Self {
            begun: Instant::now(),
            working: tokio::spawn(async move { catalog.clean_up("bench").await.unwrap().0 }),
        }
    }

    fn is_over(&self) -> bool {
        self.working.is_finished()
    }

    async fn ended(self) -> Value {
        let removed = self.working.await.unwrap();
        json!({
            "operations": removed.operations,
            "rows": removed.rows,
            "seconds": self.begun.elapsed().as_secs_f64(),
        })
    }
}
