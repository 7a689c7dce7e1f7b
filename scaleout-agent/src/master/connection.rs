//! One connection: its handshake, then its requests until it or the master closes.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::{AlertDescription, ServerConfig};
use scaleout_core::certificates::{Certificate, CertificateError};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::handshakes::Handshaking;
use super::options::ConnectionLimits;
use super::peer::Peer;

/// How long requests may take to end when the master stops.
const CLOSING_LIMIT: Duration = Duration::from_secs(5);

/// Serves one TCP connection. `handshaking` is given back once TLS stands.
pub(super) async fn serve(
    stream: TcpStream,
    address: SocketAddr,
    (tls, router): (Arc<ServerConfig>, Router),
    limits: ConnectionLimits,
    mut handshaking: Handshaking,
    closing: watch::Receiver<bool>,
) {
    // Boxed, as is the stream later: thousands of connections wait for long, and what their handshake
    // needed, or each move of the stream, would be part of all of them.
    let handshake = Box::pin(timeout(
        limits.handshake,
        TlsAcceptor::from(tls).accept(stream),
    ));
    let shaken = tokio::select! {
        shaken = handshake => shaken,
        () = handshaking.is_to_end() => {
            tracing::warn!(%address, "no secure connection: too many handshakes began after this one");
            return;
        }
    };
    let stream = match shaken {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::warn!(%address, "no secure connection: {}", in_words(&error));
            return;
        }
        Err(_) => {
            let seconds = limits.handshake.as_secs();
            tracing::warn!(%address, "no secure connection: the handshake took longer than {seconds} s");
            return;
        }
    };
    drop(handshaking);
    let peer = Peer {
        address,
        certificate: shown_certificate(&stream),
    };
    requests(Box::new(stream), peer, router, limits.head, closing).await;
}

fn shown_certificate(stream: &TlsStream<TcpStream>) -> Option<Arc<Certificate>> {
    let (_, session) = stream.get_ref();
    let shown = session.peer_certificates()?.first()?;
    // The verifier has read it before.
    Certificate::from_der(shown).ok().map(Arc::new)
}

async fn requests(
    stream: Box<TlsStream<TcpStream>>,
    peer: Peer,
    router: Router,
    head: Duration,
    mut closing: watch::Receiver<bool>,
) {
    let address = peer.address;
    let routes = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        let request: Request = request.map(Body::new);
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = closed(&mut closing) => None,
    };
    let ended = match ended {
        Some(ended) => Some(ended),
        None => {
            connection.as_mut().graceful_shutdown();
            timeout(CLOSING_LIMIT, connection).await.ok()
        }
    };
    if let Some(Err(error)) = ended {
        tracing::debug!(%address, "connection ended: {error}");
    }
}

/// Waits until the master stops.
async fn closed(closing: &mut watch::Receiver<bool>) {
    // No sender any more means the same.
    let _ = closing.wait_for(|closing| *closing).await;
}

/// What went wrong in a handshake, as an administrator would say it.
fn in_words(error: &io::Error) -> String {
    let cause = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match cause {
        None => error.to_string(),
        Some(rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other))) => {
            match other.0.downcast_ref::<CertificateError>() {
                Some(refusal) => format!("the client's certificate was refused: {refusal}"),
                None => other.to_string(),
            }
        }
        Some(rustls::Error::AlertReceived(alert)) => refused_by_client(*alert).to_owned(),
        Some(rustls::Error::InvalidMessage(_)) => "the client does not speak TLS".to_owned(),
        Some(rustls::Error::PeerIncompatible(what)) => {
            format!("both sides have no common TLS version or cipher ({what:?})")
        }
        Some(other) => other.to_string(),
    }
}

fn refused_by_client(alert: AlertDescription) -> &'static str {
    match alert {
        AlertDescription::CertificateExpired => {
            "the client says that this master's certificate has expired"
        }
        AlertDescription::UnknownCA
        | AlertDescription::BadCertificate
        | AlertDescription::CertificateUnknown => {
            "the client does not accept this master's certificate: it expects another one, or \
             calls this master by a name that is not in it"
        }
        _ => "the client broke off the handshake",
    }
}
