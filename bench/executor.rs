//! An empty package in a warm executor: from the command to the end, over pipes.
//!
//! `cargo bench -p scaleout-runtime --bench executor`

use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write};
use std::time::{Duration, Instant};

use scaleout_core::package::bare;
use scaleout_core::protocol::executor::{FromExecutor, RunPackage, ToExecutor};
use scaleout_core::protocol::task::TaskDescription;
use scaleout_runtime::executor::{design_values, serve};

const EMPTY: &str = r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="empty"><DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property></DTS:Executable>"#;
const ROUNDS: usize = 200;

fn main() {
    let built = bare::build(EMPTY.as_bytes(), "empty.dtsx", "empty").expect("the package reads");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("empty.ispac");
    std::fs::write(&file, &built.ispac).expect("the project can be written");
    let run = ToExecutor::Run(Box::new(RunPackage {
        task: TaskDescription {
            // Warm: the project is kept under its hash.
            project_hash: "empty".to_owned(),
            ..design_values("empty", "empty.dtsx")
        },
        project_file: file,
        settings: Default::default(),
    }));
    let line = serde_json::to_string(&run).expect("a command has a line");

    let (input, mut to) = std::io::pipe().expect("a pipe can be made");
    let (from, output) = std::io::pipe().expect("a pipe can be made");
    let served = std::thread::spawn(|| serve(BufReader::new(input), output));
    let mut from = BufReader::new(from);
    hear(&mut from);
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| one(&line, &mut to, &mut from))
        .collect();
    let first = rounds.remove(0);
    rounds.sort_unstable();
    println!(
        "empty package: median {:?}, 99th of 100 {:?}, the first with its project {first:?}",
        rounds[rounds.len() / 2],
        rounds[rounds.len() * 99 / 100]
    );
    drop(to);
    let ended = served.join().expect("the executor does not crash");
    ended.expect("the executor leaves when its input ends");
}

fn one(line: &str, to: &mut PipeWriter, from: &mut BufReader<PipeReader>) -> Duration {
    let start = Instant::now();
    writeln!(to, "{line}").expect("the executor listens");
    loop {
        if let FromExecutor::Finished { result, error, .. } = hear(from) {
            assert_eq!(
                (result, error),
                (scaleout_core::protocol::event::PackageResult::Success, None)
            );
            return start.elapsed();
        }
    }
}

fn hear(from: &mut BufReader<PipeReader>) -> FromExecutor {
    let mut line = String::new();
    from.read_line(&mut line).expect("the executor speaks");
    serde_json::from_str(&line).expect("the line is one of the protocol")
}
