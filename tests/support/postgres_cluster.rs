//! A throw-away PostgreSQL: a cluster in a temporary folder, reached over a Unix socket only. The
//! suites of several crates include this file.
//!
//! Tests that need it print a line and pass where PostgreSQL is not installed.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A running cluster. Dropping it stops the server and removes everything; so does the end of the
/// process, however it comes.
pub struct PostgresCluster {
    folder: TempDir,
    programs: PathBuf,
    /// More `-c` options of the server.
    options: Vec<String>,
    warden: Option<Child>,
}

impl PostgresCluster {
    /// Starts one, or prints why there is none.
    pub fn start_or_skip() -> Option<Self> {
        Self::start_with(&[])
    }

    /// Starts one with more settings, such as `ssl=on`, or prints why there is none.
    pub fn start_with(options: &[String]) -> Option<Self> {
        let Some(programs) = programs() else {
            println!("skipped: PostgreSQL (initdb) is not installed");
            return None;
        };
        let folder = TempDir::new().expect("a temporary folder can be made");
        let mut cluster = Self {
            folder,
            programs,
            options: options.to_vec(),
            warden: None,
        };
        cluster.give_away();
        let data = cluster.data();
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
        cluster.warden = Some(cluster.post_warden());
        cluster.start();
        Some(cluster)
    }

    /// Starts the server again after [`PostgresCluster::stop`].
    pub fn start(&self) {
        let (data, log) = (self.data(), self.folder.path().join("log"));
        let mut options = format!(
            "-c listen_addresses= -c fsync=off -c unix_socket_directories='{}'",
            self.folder.path().display()
        );
        for option in &self.options {
            options.push_str(&format!(" -c '{option}'"));
        }
        self.run(
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
    }

    /// Stops the server at once, as a crash would; what was committed is there when it starts again.
    pub fn stop(&self) {
        let data = self.data();
        let stop = [
            OsStr::new("stop"),
            "--mode=immediate".as_ref(),
            "--silent".as_ref(),
            "-D".as_ref(),
            data.as_os_str(),
        ];
        self.run("pg_ctl", stop);
    }

    /// The folder of the socket.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The location of a database as a URL.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.path().display();
        format!("postgres:///{database}?host={folder}&user=scaleout")
    }

    /// What `psql` prints for a statement: rows without a header, columns with `|` between them.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        // Some distributions have the client's programs elsewhere.
        let beside = self.programs.join("psql");
        let psql = if beside.exists() {
            beside
        } else {
            "psql".into()
        };
        let ran = Command::new(psql)
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d"])
            .args([&self.url(database), "-c", sql])
            .output()
            .expect("psql is there");
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }

    /// The account that the server runs under, where it is not that of the tests.
    pub fn account() -> Option<u32> {
        if !is_root() {
            return None;
        }
        let said = Command::new("id").args(["-u", "postgres"]).output().ok()?;
        String::from_utf8_lossy(&said.stdout).trim().parse().ok()
    }

    /// The folder of the server's own files.
    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The connection string of a package for a database of the cluster, such as `postgres`.
    pub fn connection_string(&self, database: &str) -> String {
        format!(
            "Provider=PostgreSQL;Data Source={};Initial Catalog={database};User ID=scaleout;",
            self.folder.path().display()
        )
    }

    /// A process that outlives this one by as long as it takes to clean up: its standard input ends
    /// when nobody holds the other end any more.
    fn post_warden(&self) -> Child {
        let script = r#"read -r line; "$@"; rm -rf "$0""#;
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(self.folder.path());
        if is_root() {
            command.args(["runuser", "-u", "postgres", "--"]);
        }
        command
            .arg(self.programs.join("pg_ctl"))
            .args(["stop", "--mode=immediate", "--silent", "-D"])
            .arg(self.data())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C is for the tests.
            .process_group(0)
            .spawn()
            .expect("a shell can be started")
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
            std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
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
        if let Some(mut warden) = self.warden.take() {
            drop(warden.stdin.take());
            let _status = warden.wait();
        }
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
pub fn programs() -> Option<PathBuf> {
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
