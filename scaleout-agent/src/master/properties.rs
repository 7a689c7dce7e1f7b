//! The rows of `catalog.master_properties`.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use scaleout_catalog::{CatalogError, MasterReport};
use scaleout_core::certificates::Certificate;

use super::options::MasterOptions;
use super::state::Shared;

/// What a master says about itself.
#[derive(Clone, Debug)]
pub(super) struct Properties {
    address: String,
    port: u16,
    machine_ip: String,
    machine_name: String,
    thumbprint: String,
    catalog: String,
    report: MasterReport,
}

impl Properties {
    pub fn of(options: &MasterOptions, listening: SocketAddr) -> Self {
        let names = &options.certificate.facts().names;
        let address = options
            .advertised
            .clone()
            .unwrap_or_else(|| format!("https://{}:{}", host(names, listening), listening.port()));
        let thumbprint = options.certificate.thumbprint().to_string();
        Self {
            port: listening.port(),
            machine_ip: machine_ip(listening.ip()).to_string(),
            machine_name: machine_name(),
            catalog: options.catalog.to_string(),
            report: MasterReport {
                address: address.clone(),
                machine_name: machine_name(),
                process_id: std::process::id(),
                program_version: env!("CARGO_PKG_VERSION").to_owned(),
                thumbprint: thumbprint.clone(),
                started: options.clock.now(),
            },
            address,
            thumbprint,
        }
    }

    /// Says from now on that this is the master's certificate.
    pub fn show(&mut self, certificate: &Certificate) {
        self.thumbprint = certificate.thumbprint().to_string();
        self.report.thumbprint.clone_from(&self.thumbprint);
    }

    /// The address of this master itself, whatever people have set.
    pub fn own_address(&self) -> &str {
        &self.report.address
    }

    /// Writes them, with the time as LAST_ONLINE_TIME.
    pub async fn write(&self, shared: &Shared) -> Result<(), CatalogError> {
        let rows = [
            ("CLUSTER_LOGDB_SERVER", self.catalog.clone()),
            ("LAST_ONLINE_TIME", shared.now().to_string()),
            ("MACHINE_IP", self.machine_ip.clone()),
            ("MACHINE_NAME", self.machine_name.clone()),
            ("MASTER_ADDRESS", self.address.clone()),
            ("MASTER_SERVICE_PORT", self.port.to_string()),
            ("SSLCERT_THUMBPRINT", self.thumbprint.clone()),
        ];
        shared.catalog().set_master_properties(&rows).await?;
        shared.catalog().report_master(&self.report).await
    }
}

/// The name that workers can use: on loopback no other machine gets here whatever it is called,
/// elsewhere it must be a name of the certificate.
fn host(names: &[String], listening: SocketAddr) -> &str {
    match names.first() {
        Some(name) if !listening.ip().is_loopback() => name,
        _ => "localhost",
    }
}

fn machine_name() -> String {
    nix::unistd::gethostname()
        .ok()
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| "localhost".to_owned())
}

/// The address that others see: the one listened on, or the one that the system would use to
/// call a host elsewhere. Connecting a UDP socket sends nothing.
fn machine_ip(listening: IpAddr) -> IpAddr {
    if !listening.is_unspecified() {
        return listening;
    }
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 9));
    UdpSocket::bind(SocketAddr::from(([0, 0, 0, 0], 0)))
        .and_then(|socket| {
            socket.connect(elsewhere)?;
            socket.local_addr()
        })
        .map_or(listening, |address| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_on_loopback_is_not_called_by_the_name_of_its_machine() {
        let names = ["box".to_owned(), "localhost".to_owned()];
        for (listening, expected) in [
            ("127.0.0.1:8391", "localhost"),
            ("[::1]:8391", "localhost"),
            ("0.0.0.0:8391", "box"),
            ("10.0.0.5:8391", "box"),
        ] {
            let listening = listening.parse().unwrap();
            assert_eq!(host(&names, listening), expected, "{listening}");
        }
        assert_eq!(host(&[], "0.0.0.0:8391".parse().unwrap()), "localhost");
    }
}
