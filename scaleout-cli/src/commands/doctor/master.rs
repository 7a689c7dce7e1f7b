//! Checks that only a master's machine can make.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use scaleout_core::certificates::check_host;
use scaleout_core::client::{Client, ClientOptions, MasterTrust, Secret, Transport};
use scaleout_core::settings::MasterSettings;

use super::check::Check;
use super::port::listener;
use super::remote;
use crate::service_folder::{holder_of, host_name, read_certificate};

const LIMIT: Duration = Duration::from_secs(10);

/// All of them.
pub async fn run(data: &Path, now: Timestamp) -> Vec<Check> {
    let file = data.join("MasterSettings.config");
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let Ok(settings) = MasterSettings::parse(&file.display().to_string(), &text) else {
        return Vec::new();
    };
    let port = settings.port_number;
    let mut checks = vec![port_check(data, port)];
    let public = data.join("SSISScaleOutMaster.cer");
    let Ok(certificate) = read_certificate(&public) else {
        checks.push(Check::failed(
            "public certificate",
            format!("{} cannot be read", public.display()),
            "`soctl cert export SSISScaleOutMaster FILE` writes it again",
        ));
        return checks;
    };
    let name = host_name();
    checks.push(match check_host(&certificate, &name) {
        Ok(()) => Check::ok("name in certificate", format!("`{name}` is one of its names")),
        Err(error) if certificate.facts().names.iter().all(|name| name == "localhost" || name.starts_with("127.") || name == "::1") => {
            Check::failed("name in certificate", error.to_string(), "`soctl cert rotate master --name NAME`: other machines cannot call it by any of these names")
        }
        // It may well be called by another name than its own.
        Err(_) => Check::ok("name in certificate", format!("workers call it {}", certificate.facts().names.join(", "))),
    });
    let Some(host) = certificate.facts().names.first().cloned() else {
        return checks;
    };
    let trust = MasterTrust::Certificate(Box::new(certificate));
    let local = ["localhost", "127.0.0.1", "::1"];
    let names: Vec<String> = match &trust {
        MasterTrust::Certificate(one) => one.facts().names.clone(),
        _ => Vec::new(),
    };
    let host = local
        .into_iter()
        .find(|local| names.iter().any(|name| name == local))
        .map_or(host, str::to_owned);
    let shown = if host.contains(':') {
        format!("[{host}]")
    } else {
        host
    };
    let endpoint = format!("https://{shown}:{port}");
    checks.push(endpoint_check(&endpoint, &trust).await);
    let token = std::fs::read_to_string(data.join("admin.token")).ok();
    let token = token.map(|text| Secret::new(text.trim().to_owned()));
    if let Some(token) = token
        && let Ok(client) = Client::new(ClientOptions {
            master: endpoint,
            trust,
            token: Some(token),
        })
        && holder_of(data).is_some()
    {
        checks.extend(remote::run(&client, now).await);
    }
    checks
}

fn port_check(data: &Path, port: u16) -> Check {
    let holder = holder_of(data);
    match listener(port) {
        Some((process, name)) if holder == Some(process) => Check::ok(
            "port",
            format!("the master ({name}, process {process}) has port {port}"),
        ),
        Some((process, name)) => Check::failed(
            "port",
            format!("port {port} is taken by `{name}` (process {process})"),
            "stop that program, or `soctl master settings set PortNumber NUMBER` and tell the workers",
        ),
        None if holder.is_some() => Check::failed(
            "port",
            format!("the master runs, but nobody listens on port {port}"),
            "the port was changed after its start: restart it",
        ),
        None => Check::ok("port", format!("port {port} is free")),
    }
}

async fn endpoint_check(endpoint: &str, trust: &MasterTrust) -> Check {
    let transport = match endpoint
        .parse()
        .map_err(crate::error::CliError::from)
        .and_then(|endpoint| Ok(Transport::new(endpoint, trust, None, None)?))
    {
        Ok(transport) => transport,
        Err(error) => return Check::of_cli("endpoint", error),
    };
    match transport.master_certificate(LIMIT).await {
        Ok(_) => Check::ok(
            "endpoint",
            format!("{endpoint} answers with the right certificate"),
        ),
        Err(error) => Check::of_error("endpoint", &error),
    }
}
