//! A throw-away PostgreSQL: a cluster in a temporary folder, reached over a Unix socket only.
//!
//! Tests that need it print a line and pass where PostgreSQL is not installed.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A running cluster. Dropping it stops the server and removes everything.
pub struct PostgresCluster {
    folder: TempDir,
    programs: PathBuf,
}

impl PostgresCluster {
    /// Starts one, or prints why there is none.
    pub fn start_or_skip() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("skipped: PostgreSQL (initdb) is not installed");
            return None;
        };
        let folder = TempDir::new().expect("a temporary folder can be made");
        let cluster = Self { folder, programs };
        cluster.give_away();
        let (data, log) = (cluster.data(), cluster.folder.path().join("log"));
        cluster.run(
            "initdb",
            [
                OsStr::new("--auth=trust"),
                "--username=scaleout".as_ref(),
                "--encoding=UTF8".as_ref(),
                "--no-sync".as_ref(),
                "--no-locale".as_ref(),
                "-D".as_ref(),
                data.as_os_str(),
            ],
        );
        let options = format!(
            "-c listen_addresses= -c fsync=off -c unix_socket_directories='{}'",
            cluster.folder.path().display()
        );
        cluster.run(
            "pg_ctl",
            [
                OsStr::new("start"),
                "--wait".as_ref(),
                "--silent".as_ref(),
                "-D".as_ref(),
                data.as_os_str(),
                "-l".as_ref(),
                log.as_os_str(),
                "-o".as_ref(),
                options.as_ref(),
            ],
        );
        Some(cluster)
    }

    /// The connection string of a package for a database of the cluster, such as `postgres`.
    pub fn connection_string(&self, database: &str) -> String {
        format!(
            "Provider=PostgreSQL;Data Source={};Initial Catalog={database};User ID=scaleout;",
            self.folder.path().display()
        )
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// PostgreSQL refuses to run as root; the folder becomes that of its own user then.
    fn give_away(&self) {
        if is_root() {
            let mode = std::fs::Permissions::from_mode(0o777);
            std::fs::set_permissions(self.folder.path(), mode)
                .expect("the temporary folder is ours");
        }
    }

    fn run<'a>(&self, program: &str, arguments: impl IntoIterator<Item = &'a OsStr>) {
        let output = self.output(program, arguments);
        assert!(
            output.status.success(),
            "{program}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn output<'a>(&self, program: &str, arguments: impl IntoIterator<Item = &'a OsStr>) -> Output {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // The server inherits what is open: with files instead of pipes nobody waits for it.
        let said = tempfile::tempfile().expect("a temporary file can be made");
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdout(said.try_clone().expect("a file can be shared"))
            .stderr(said.try_clone().expect("a file can be shared"));
        let status = command.status().expect("the program can be started");
        Output {
            status,
            stdout: contents(said),
            stderr: Vec::new(),
        }
    }
}

impl Drop for PostgresCluster {
    fn drop(&mut self) {
        let data = self.data();
        let stop = [
            OsStr::new("stop"),
            "--mode=immediate".as_ref(),
            "--silent".as_ref(),
            "-D".as_ref(),
            data.as_os_str(),
        ];
        self.output("pg_ctl", stop);
    }
}

fn contents(mut file: std::fs::File) -> Vec<u8> {
    use std::io::{Read, Seek};
    let mut bytes = Vec::new();
    file.rewind().expect("a file can be read from its start");
    file.read_to_end(&mut bytes).expect("a file can be read");
    bytes
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

/// The folder of `initdb`: on the path, or where distributions put it; the newest.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).collect::<Vec<_>>();
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut installed: Vec<PathBuf> = versions
        .filter_map(Result::ok)
        .map(|version| version.path().join("bin"))
        .collect();
    installed.sort();
    installed.reverse();
    let has_initdb = |folder: &PathBuf| Path::new(folder).join("initdb").exists();
    on_path.into_iter().chain(installed).find(has_initdb)
}
