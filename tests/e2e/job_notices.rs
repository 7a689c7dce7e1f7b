//! Who is to be told of a job is told: by a real mail server and a real web server.

use serde_json::{Value, json};

use crate::support::python::PythonServer;
use crate::support::{Site, Soctl};

/// Prints each mail as a line of JSON.
const MAIL_SERVER: &str = r#"
import asyncio, json, os, sys, threading
from aiosmtpd.smtp import SMTP
class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos,
                "data": envelope.content.decode("utf-8", "replace")}
        print(json.dumps(mail), flush=True)
        return "250 kept"
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler()), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
asyncio.run(main())
"#;

/// Prints each document that is posted as a line of JSON; refuses the first.
const WEB_SERVER: &str = r#"
import http.server, json, os, sys, threading
refused = []
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["content-length"])).decode()
        first = not refused
        refused.append(text)
        if not first:
            print(json.dumps({"path": self.path, "type": self.headers["content-type"],
                              "body": json.loads(text)}), flush=True)
        self.send_response(503 if first else 204)
        self.end_headers()
    def log_message(self, *words):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
"#;

/// A site whose master sends its mail to that port.
fn site(soctl: Soctl, mail_port: u16) -> Site {
    let folder = soctl.home().join("data/master");
    std::fs::create_dir_all(&folder).unwrap();
    let settings = json!({
        "JobMailServer": format!("localhost:{mail_port}"),
        "JobMailSender": "jobs@example.org",
    });
    std::fs::write(folder.join("MasterSettings.config"), settings.to_string()).unwrap();
    Site::start_up(soctl, &["--workers", "1"])
}

/// The next things that the server was told, one a line.
#[track_caller]
fn told(server: &PythonServer, count: usize) -> Vec<Value> {
    let lines = std::iter::repeat_with(|| server.next_line()).take(count);
    lines
        .map(|line| serde_json::from_str(&line).unwrap())
        .collect()
}

fn jobs(soctl: &Soctl) {
    for (name, line) in [("good", "true"), ("bad", "echo no such source; exit 1")] {
        soctl.json(&["job", "create", name]);
        soctl.json(&["job", "step", "add", name, "load", "--cmd", line]);
    }
}

#[test]
fn a_mail_is_sent_when_a_job_has_failed_and_none_when_it_has_not() {
    let soctl = Soctl::new();
    let Some(server) = PythonServer::start_or_skip(MAIL_SERVER, &["aiosmtpd"], &[]) else {
        return;
    };
    let site = site(soctl, server.port());
    let soctl = &site.soctl;
    jobs(soctl);
    let operator = [
        "--param",
        "name=dba",
        "--param",
        "email_address=dba@example.org",
    ];
    soctl
        .run(&[&["proc", "sp_add_operator"], &operator[..]].concat())
        .success();
    for name in ["good", "bad"] {
        soctl
            .run(&[
                "job",
                "update",
                name,
                "--mail-to",
                "dba",
                "--mail-on",
                "failure",
            ])
            .success();
    }
    soctl.run(&["job", "start", "good", "--wait"]).success();
    assert_eq!(soctl.run(&["job", "start", "bad", "--wait"]).code, 1);
    let mails = told(&server, 1);
    assert_eq!(mails.len(), 1, "{mails:#?}");
    assert_eq!(mails[0]["from"], "jobs@example.org");
    assert_eq!(mails[0]["to"], json!(["dba@example.org"]));
    let data = mails[0]["data"].as_str().unwrap();
    for part in ["bad", "The job failed."] {
        assert!(data.contains(part), "{part} in {data}");
    }
    let entries = soctl.json(&["job", "history", "bad"]);
    assert_eq!(entries[0]["operator_emailed"], "dba", "{entries:#}");
}

#[test]
fn a_webhook_is_called_until_it_is_received() {
    let soctl = Soctl::new();
    let modules = ["http.server"];
    let Some(server) = PythonServer::start_or_skip(WEB_SERVER, &modules, &[]) else {
        return;
    };
    let site = site(soctl, 9);
    let soctl = &site.soctl;
    jobs(soctl);
    let url = format!("webhook_url=http://127.0.0.1:{}/jobs", server.port());
    let operator = ["--param", "name=chat", "--param", &url];
    soctl
        .run(&[&["proc", "sp_add_operator"], &operator[..]].concat())
        .success();
    for name in ["good", "bad"] {
        let told = ["--webhook-of", "chat", "--webhook-on", "always"];
        soctl
            .run(&[&["job", "update", name], &told[..]].concat())
            .success();
    }
    soctl.run(&["job", "start", "good", "--wait"]).success();
    assert_eq!(soctl.run(&["job", "start", "bad", "--wait"]).code, 1);
    // The server refuses the first, which comes again.
    let mut posts = told(&server, 2);
    posts.sort_by_key(|post| post["body"]["job"].as_str().unwrap().to_owned());
    assert_eq!(posts.len(), 2, "{posts:#?}");
    for (post, (name, outcome)) in posts.iter().zip([("bad", "failed"), ("good", "succeeded")]) {
        assert_eq!(post["path"], "/jobs");
        assert_eq!(post["type"], "application/json");
        let body = &post["body"];
        assert_eq!(body["job"], name);
        assert_eq!(body["outcome"], outcome);
        assert!(
            body["run_id"].is_i64() && body["job_id"].is_string(),
            "{body:#}"
        );
        assert!(body["started"].is_string() && body["ended"].is_string());
        assert!(body["message"].as_str().unwrap().contains("The job"));
    }
}
