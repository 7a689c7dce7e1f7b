//! What a foreign TLS client gets at the master's port.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::hosts::Hosts;
use crate::support::service::Service;

/// What `openssl s_client` says with these options, on a connection that ends at once.
fn s_client(hosts: &Hosts, options: &[&str]) -> Option<(bool, String)> {
    let address = format!("127.0.0.1:{}", hosts.port);
    let mut arguments = vec!["s_client", "-connect", &address, "-servername", "localhost"];
    arguments.extend(options);
    let mut command = hosts.soctl.command_of("openssl", &arguments);
    let spawned = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(child) = spawned else {
        println!("skipped: no openssl here");
        return None;
    };
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), said))
}

#[test]
fn only_tls_1_3_and_1_2_with_forward_secrecy_are_spoken() {
    let hosts = Hosts::start();
    let Some((connected, said)) = s_client(&hosts, &["-tls1_3"]) else {
        return;
    };
    assert!(connected && said.contains("TLSv1.3"), "{said}");
    let (connected, said) = s_client(&hosts, &["-tls1_2"]).unwrap();
    assert!(connected && said.contains("ECDHE"), "{said}");
    for refused in [
        &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"][..],
        &["-tls1", "-cipher", "DEFAULT@SECLEVEL=0"],
        // RSA key exchange: who gets the key later reads what was said before.
        &["-tls1_2", "-cipher", "AES128-GCM-SHA256:AES256-SHA"],
    ] {
        let (connected, said) = s_client(&hosts, refused).unwrap();
        assert!(!connected, "{refused:?}: {said}");
    }
}

#[test]
fn a_failed_handshake_is_logged_in_words() {
    let mut hosts = Hosts::start();
    drop(hosts.master.take());
    let master = Service::start(&hosts.soctl, &["master", "run", "--data", "m"]);
    let mut plain = std::net::TcpStream::connect(format!("127.0.0.1:{}", hosts.port)).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    // The answer is an alert or the end; either way the master has said why by then.
    let mut rest = Vec::new();
    let _end = std::io::Read::read_to_end(&mut plain, &mut rest);
    // A client that expects another certificate says so, and the master understands it.
    let mut other = hosts.command(&["folders", "list"]);
    other.env("SOCTL_THUMBPRINT", "A".repeat(64));
    let refused = crate::support::Ran::from(other.output().unwrap());
    refused.fails(7, &["SO1009", "is expected"]);
    let said = master.end();
    for words in [
        "does not speak TLS",
        "does not accept this master's certificate",
    ] {
        assert!(said.contains(words), "`{words}` in:\n{said}");
    }
    assert!(!said.contains("HandshakeFailure"), "{said}");
}
