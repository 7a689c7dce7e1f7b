//! Send Mail tasks against a real mail server.

use std::path::Path;

use serde_json::Value;

use crate::support::Soctl;
use crate::support::python::PythonServer;
use crate::support::tasks::TaskPackage;

/// Keeps each mail as JSON. The second argument says what it asks for: `plain`, `starttls` with a
/// certificate of its own, or `login` besides that.
const SERVER: &str = r#"
import asyncio, datetime, ipaddress, json, os, ssl, sys, threading
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
folder, mode = sys.argv[1], os.path.basename(sys.argv[2])
class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
                "data": envelope.content.decode("utf-8", "replace")}
        with open(os.path.join(folder, "mail.json"), "w") as file:
            json.dump(mail, file)
        return "250 kept"
def context():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.utcnow()
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False).sign(key, hashes.SHA256()))
    paths = os.path.join(folder, "server.pem"), os.path.join(folder, "server.key")
    with open(paths[0], "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    with open(paths[1], "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*paths)
    return made
def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"loader", b"geheim42"), handled=False)
options = {}
if mode != "plain":
    options = {"tls_context": context(), "require_starttls": True}
if mode == "login":
    options.update(auth_required=True, authenticator=authenticate)
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), **options), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
asyncio.run(main())
"#;

fn server(soctl: &Soctl, mode: &str) -> Option<PythonServer> {
    let modules = ["aiosmtpd", "cryptography"];
    PythonServer::start_or_skip(SERVER, &modules, &[soctl.home(), Path::new(mode)])
}

fn package(connection: &str, attributes: &str, children: &str) -> TaskPackage {
    let manager = format!(r#"<SmtpConnectionManager ConnectionString="{connection}"/>"#);
    let data = format!(
        r#"<SendMailTask:SendMailTaskData xmlns:SendMailTask="www.microsoft.com/sqlserver/dts/tasks/sendmailtask" SendMailTask:SMTPServer="Mail" SendMailTask:From="load@example.com" {attributes}>{children}</SendMailTask:SendMailTaskData>"#
    );
    TaskPackage::new("mail")
        .manager("Mail", "SMTP", &manager)
        .variable("Body", 8, "Rows: 42 ü")
        .task("Tell", "Microsoft.SendMailTask", &data)
}

fn received(soctl: &Soctl) -> Value {
    let text = std::fs::read_to_string(soctl.home().join("mail.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn write(soctl: &Soctl, package: &TaskPackage) {
    std::fs::write(soctl.home().join("mail.dtsx"), package.text()).unwrap();
}

#[test]
fn a_mail_reaches_everyone_with_its_attachments() {
    let soctl = Soctl::new();
    let Some(server) = server(&soctl, "plain") else {
        return;
    };
    std::fs::write(soctl.home().join("rows.csv"), "a,b\r\n1,2\r\n").unwrap();
    let attributes = r#"SendMailTask:To="a@example.com; b@example.com" SendMailTask:BCC="c@example.com" SendMailTask:Subject="Loaded" SendMailTask:Priority="High" SendMailTask:MessageSourceType="Variable" SendMailTask:MessageSource="User::Body""#;
    let children = r#"<SendMailTask:Attachments SendMailTask:FileName="rows.csv"/>"#;
    let connection = format!(
        "SmtpServer=localhost:{};UseWindowsAuthentication=False;EnableSsl=False;",
        server.port()
    );
    write(&soctl, &package(&connection, attributes, children));
    soctl
        .dtexec(&["/F", "mail.dtsx"])
        .reports(0, &["DTSER_SUCCESS (0)"]);
    let mail = received(&soctl);
    let all = ["a@example.com", "b@example.com", "c@example.com"];
    assert_eq!(mail["to"], serde_json::json!(all));
    let data = mail["data"].as_str().unwrap();
    for part in ["Subject: Loaded", "X-Priority: 1", "rows.csv", "Rows: 42"] {
        assert!(data.contains(part), "{part} in {data}");
    }
    assert!(!data.contains("c@example.com"), "{data}");
}

#[test]
fn with_ssl_nothing_is_said_before_the_connection_is_encrypted() {
    let soctl = Soctl::new();
    let Some(server) = server(&soctl, "login") else {
        return;
    };
    let attributes = r#"SendMailTask:To="a@example.com" SendMailTask:Subject="s" SendMailTask:MessageSource="direct""#;
    let connection = |login: &str| {
        format!(
            "SmtpServer=localhost;Port={};EnableSsl=True;{login}",
            server.port()
        )
    };
    let run = || {
        let dtexec = env!("CARGO_BIN_EXE_dtexec");
        let mut command = soctl.command_of(dtexec, &["/F", "mail.dtsx"]);
        command.env("SSL_CERT_FILE", soctl.home().join("server.pem"));
        crate::support::Ran::from(command.output().unwrap())
    };
    write(
        &soctl,
        &package(
            &connection("User ID=loader;Password=geheim42"),
            attributes,
            "",
        ),
    );
    run().reports(0, &["DTSER_SUCCESS (0)"]);
    assert_eq!(received(&soctl)["tls"], true);

    write(
        &soctl,
        &package(
            &connection("User ID=loader;Password=falsch99"),
            attributes,
            "",
        ),
    );
    let refused = run().reports(
        1,
        &[
            "sending the mail through mail server `localhost:",
            "STARTTLS",
        ],
    );
    assert!(!refused.stdout.contains("falsch99"), "{}", refused.stdout);

    write(
        &soctl,
        &package(&connection("UseWindowsAuthentication=True"), attributes, ""),
    );
    run().reports(1, &["Windows authentication does not run here"]);

    // A certificate that the machine does not trust.
    let impatient = connection("User ID=loader;Password=geheim42;Timeout=2000");
    write(&soctl, &package(&impatient, attributes, ""));
    soctl
        .dtexec(&["/F", "mail.dtsx"])
        .reports(1, &["sending the mail through", "DTSER_FAILURE (1)"]);
}

#[test]
fn a_mail_that_cannot_be_sent_says_why() {
    let soctl = Soctl::new();
    // Port 9 of this machine: nobody listens there.
    let connection = "SmtpServer=127.0.0.1:9;EnableSsl=False;Timeout=2000";
    let attributes = r#"SendMailTask:To="a@example.com" SendMailTask:Subject="s""#;
    write(&soctl, &package(connection, attributes, ""));
    soctl
        .dtexec(&["/F", "mail.dtsx"])
        .reports(1, &["Code: 0xC002F304", "`127.0.0.1:9`"]);

    let gone = r#"<SendMailTask:Attachments SendMailTask:FileName="gone.csv"/>"#;
    write(&soctl, &package(connection, attributes, gone));
    soctl
        .dtexec(&["/F", "mail.dtsx"])
        .reports(1, &["attachment `gone.csv` cannot be read"]);

    write(
        &soctl,
        &package(connection, r#"SendMailTask:To="nobody""#, ""),
    );
    soctl.run(&["validate", "mail.dtsx"]).reports(
        0,
        &["0x800291C7", "`nobody` is no mail address", "0x800291C6"],
    );
}
