//! A way to the master that can be cut: nothing gets through then, in either direction, and nobody is
//! told. Connections stay open, as with a cable that was pulled.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The way.
pub struct Cut {
    address: SocketAddr,
    is_cut: watch::Sender<bool>,
}

impl Cut {
    /// A way to the master at an endpoint.
    pub async fn before(endpoint: &str) -> Self {
        let master: SocketAddr = endpoint.trim_start_matches("https://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (is_cut, seen) = watch::channel(false);
        tokio::spawn(async move {
            // The test's own end ends it.
            while let Ok((from, _)) = listener.accept().await {
                let seen = seen.clone();
                tokio::spawn(async move {
                    let Ok(to) = TcpStream::connect(master).await else {
                        return;
                    };
                    let ((from_in, from_out), (to_in, to_out)) =
                        (from.into_split(), to.into_split());
                    tokio::join!(
                        pass(from_in, to_out, seen.clone()),
                        pass(to_in, from_out, seen)
                    );
                });
            }
        });
        Self { address, is_cut }
    }

    pub fn endpoint(&self) -> String {
        format!("https://{}", self.address)
    }

    pub fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    pub fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}

/// Passes on what comes, and holds it while the way is cut.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut is_cut: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        if is_cut.wait_for(|is_cut| !is_cut).await.is_err() {
            return;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
