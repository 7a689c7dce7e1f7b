//! Names of certificates: as they are typed, as the original's parameter has them, and those of this
//! machine.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use crate::service_folder::host_name;

/// Names out of options: each may be a list, and have the `CN=` of `/ISMasterSVCSSLCertCN`.
#[must_use]
pub fn given(texts: &[String]) -> Vec<String> {
    let parts = texts.iter().flat_map(|text| text.split([';', ',']));
    let mut names: Vec<String> = Vec::new();
    for part in parts {
        let part = part.trim();
        let name = match part.get(..3) {
            Some(start) if start.eq_ignore_ascii_case("cn=") => part[3..].trim(),
            _ => part,
        };
        if !name.is_empty() && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The names of a master that nobody has chosen: the computer and its address, as the original has
/// them, and loopback.
#[must_use]
pub fn of_this_machine() -> Vec<String> {
    let mut names = vec![host_name()];
    names.extend(machine_address().map(|address| address.to_string()));
    for name in ["localhost", "127.0.0.1", "::1"] {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The address that this machine would call another network from. Connecting a UDP socket sends
/// nothing.
fn machine_address() -> Option<IpAddr> {
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 9));
    let socket = UdpSocket::bind(SocketAddr::from(([0, 0, 0, 0], 0))).ok()?;
    socket.connect(elsewhere).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_unspecified() && !address.is_loopback()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_people_and_the_original_write_them() {
        let given = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            super::given(&texts)
        };
        assert_eq!(given(&["CN=m1;CN=10.0.0.5"]), ["m1", "10.0.0.5"]);
        assert_eq!(given(&["m1", "m2, cn=M1"]), ["m1", "m2"]);
        assert!(given(&["", ";"]).is_empty());
        assert!(!of_this_machine().is_empty());
    }
}
