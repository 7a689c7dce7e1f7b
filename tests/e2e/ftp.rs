//! FTP tasks against a real FTP server.

use std::path::PathBuf;

use crate::support::Soctl;
use crate::support::python::PythonServer;
use crate::support::tasks::TaskPackage;

const SERVER: &str = r#"
import os, sys, threading
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
authorizer = DummyAuthorizer()
authorizer.add_user("loader", "geheim42", sys.argv[1], perm="elradfmwMT")
FTPHandler.authorizer = authorizer
server = FTPServer(("127.0.0.1", 0), FTPHandler)
print(server.address[1], flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
import logging
logging.basicConfig(level=logging.CRITICAL)
server.serve_forever()
"#;

struct Site {
    soctl: Soctl,
    server: PythonServer,
    /// What the server shows.
    remote: PathBuf,
    /// What the package works on.
    local: PathBuf,
}

impl Site {
    fn start() -> Option<Self> {
        let soctl = Soctl::new();
        let (remote, local) = (soctl.home().join("remote"), soctl.home().join("local"));
        std::fs::create_dir(&remote).unwrap();
        std::fs::create_dir(&local).unwrap();
        let server = PythonServer::start_or_skip(SERVER, &["pyftpdlib"], &[&remote])?;
        Some(Self {
            soctl,
            server,
            remote,
            local,
        })
    }

    fn package(&self, passive: bool, password: &str) -> TaskPackage {
        let port = self.server.port();
        let mode = if passive { "True" } else { "False" };
        let manager = format!(
            r#"<DTS:ConnectionManager DTS:ConnectionString="127.0.0.1:{port}"><DTS:FtpConnection DTS:ServerName="127.0.0.1" DTS:ServerPort="{port}" DTS:ServerUserName="loader" DTS:UsePassiveMode="{mode}" DTS:TimeOut="10" DTS:Retries="1"><DTS:Property DTS:Name="ServerPassword" Sensitive="1">{password}</DTS:Property></DTS:FtpConnection></DTS:ConnectionManager>"#
        );
        let local = self.local.display();
        TaskPackage::new("ftp")
            .manager("Ftp", "FTP", &manager)
            .connection("Folder", "FILE", &local.to_string())
            .variable("Files", 8, &format!("{local}/*.csv"))
            .variable("New", 8, &format!("{local}/new"))
    }

    fn run(&self, package: &TaskPackage) -> crate::support::Ran {
        let file = self.soctl.home().join("ftp.dtsx");
        std::fs::write(file, package.text()).unwrap();
        self.soctl.dtexec(&["/F", "ftp.dtsx", "/Rep", "EWI"])
    }
}

fn ftp(operation: &str, rest: &str) -> String {
    format!(r#"<FtpData ConnectionName="Ftp" TaskOperationType="{operation}" {rest}/>"#)
}

const FILES: &str = r#"TaskIsLocalPathVar="True" TaskLocalPath="User::Files""#;
const NEW: &str = r#"TaskIsLocalPathVar="True" TaskLocalPath="User::New""#;
const FOLDER: &str = r#"TaskLocalPath="Folder""#;

#[test]
fn every_operation_works_in_both_modes() {
    let Some(site) = Site::start() else {
        return;
    };
    for passive in [true, false] {
        for name in ["a.csv", "b.csv", "c.txt"] {
            std::fs::write(site.local.join(name), format!("{name}\n")).unwrap();
        }
        let task = "Microsoft.FtpTask";
        let to_in = r#"TaskRemotePath="/in""#;
        let of_in = r#"TaskRemotePath="/in/*.csv""#;
        let package = site
            .package(passive, "geheim42")
            .task("MakeRemote", task, &ftp("MakeDirRemote", to_in))
            .task("Send", task, &ftp("Send", &format!("{FILES} {to_in}")))
            .task("DeleteLocal", task, &ftp("DeleteLocal", FILES))
            .task(
                "Receive",
                task,
                &ftp("Receive", &format!("{FOLDER} {of_in}")),
            )
            .task("DeleteRemote", task, &ftp("DeleteRemote", of_in))
            .task("RemoveRemote", task, &ftp("RemoveDirRemote", to_in))
            .task("MakeLocal", task, &ftp("MakeDirLocal", NEW));
        let ran = site.run(&package);
        ran.reports(
            0,
            &[
                "was sent to `/in/a.csv` (6 bytes)",
                "`/in/b.csv` was received",
            ],
        );
        // Sent, deleted here, and back again.
        assert_eq!(
            std::fs::read_to_string(site.local.join("a.csv")).unwrap(),
            "a.csv\n"
        );
        assert!(site.local.join("b.csv").is_file() && site.local.join("new").is_dir());
        assert_eq!(std::fs::read_dir(&site.remote).unwrap().count(), 0);

        let package = site.package(passive, "geheim42").task(
            "RemoveLocal",
            task,
            &ftp("RemoveDirLocal", NEW),
        );
        site.run(&package).reports(0, &["was removed"]);
        assert!(!site.local.join("new").exists());
    }
}

#[test]
fn ascii_mode_sends_lines_as_the_protocol_has_them() {
    let Some(site) = Site::start() else {
        return;
    };
    std::fs::write(site.local.join("a.csv"), "1\n2\n").unwrap();
    let send = format!(r#"{FILES} TaskRemotePath="/" TaskTransferAscii="True""#);
    let package =
        site.package(true, "geheim42")
            .task("Send", "Microsoft.FtpTask", &ftp("Send", &send));
    site.run(&package).reports(0, &["(6 bytes)"]);
}

#[test]
fn failures_are_named_and_may_be_ignored() {
    let Some(site) = Site::start() else {
        return;
    };
    std::fs::write(site.local.join("a.csv"), "new").unwrap();
    std::fs::write(site.remote.join("a.csv"), "old").unwrap();
    let run = |password: &str, operation: &str, rest: &str| {
        let package = site.package(true, password);
        site.run(&package.task("Ftp", "Microsoft.FtpTask", &ftp(operation, rest)))
    };
    let refused = run("falsch99", "DeleteRemote", r#"TaskRemotePath="/a.csv""#);
    let refused = refused.reports(1, &["0xC0016005", "does not let user `loader` in"]);
    assert!(!refused.stdout.contains("falsch99"), "{}", refused.stdout);

    run(
        "geheim42",
        "Receive",
        &format!(r#"{FOLDER} TaskRemotePath="/*.zip""#),
    )
    .reports(1, &["Code: 0xC0029185", "no files found at `/*.zip`"]);
    let receive = format!(r#"{FOLDER} TaskRemotePath="/a.csv""#);
    run("geheim42", "Receive", &receive).reports(1, &["exists already"]);
    let ignored = format!(r#"{receive} StopOnFailure="False""#);
    run("geheim42", "Receive", &ignored)
        .reports(0, &["Warning:", "Code: 0x80020918", "exists already"]);
    let kept = std::fs::read_to_string(site.local.join("a.csv")).unwrap();
    assert_eq!(kept, "new");
    let replaced = format!(r#"{receive} TaskOverwriteDest="True""#);
    run("geheim42", "Receive", &replaced).reports(0, &["was received (3 bytes)"]);
    let taken = std::fs::read_to_string(site.local.join("a.csv")).unwrap();
    assert_eq!(taken, "old");
    run("geheim42", "MakeDirRemote", r#"TaskRemotePath="in""#)
        .reports(1, &["Code: 0xC0029191", "does not start with a slash"]);
}
