//! Who is on the other end of a connection, as far as TLS says.

use std::net::SocketAddr;
use std::sync::Arc;

use scaleout_core::certificates::Certificate;

/// The other end of one connection; every request on it carries this.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// The certificate that it has shown and proved to own; whether it is trusted is asked anew
    /// for every request, so that what an administrator removes stops counting at once.
    /// Shared, since thousands of workers have a connection and a request each.
    pub certificate: Option<Arc<Certificate>>,
}
