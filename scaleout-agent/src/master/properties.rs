//! The rows of `catalog.master_properties`.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use scaleout_catalog::CatalogError;

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
}

impl Properties {
    pub fn of(options: &MasterOptions, listening: SocketAddr) -> Self {
        let names = &options.certificate.facts().names;
        let address = options.advertised.clone().unwrap_or_else(|| {
            let host = names.first().map_or("localhost", String::as_str);
            format!("https://{host}:{}", listening.port())
        });
        Self {
            address,
            port: listening.port(),
            machine_ip: machine_ip(listening.ip()).to_string(),
            machine_name: machine_name(),
            thumbprint: options.certificate.thumbprint().to_string(),
            catalog: options.catalog.to_string(),
        }
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
        shared.catalog().set_master_properties(&rows).await
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
