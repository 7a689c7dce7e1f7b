//! Connecting to a server and logging in.

use tiberius::{Client, Config, SqlBrowser};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use super::settings::Settings;

/// The driver's client.
pub(super) type TdsClient = Client<Compat<TcpStream>>;

/// Connects and logs in.
pub(super) async fn connect(settings: &Settings) -> tiberius::Result<TdsClient> {
    let config = settings.config.clone();
    match login(config.clone(), settings.is_named).await {
        // A gateway may send its clients on to another server, once.
        Err(tiberius::error::Error::Routing { host, port }) => {
            let mut config = config;
            config.host(host);
            config.port(port);
            login(config, false).await
        }
        answered => answered,
    }
}

async fn login(config: Config, is_named: bool) -> tiberius::Result<TdsClient> {
    let stream = if is_named {
        TcpStream::connect_named(&config).await?
    } else {
        TcpStream::connect(config.get_addr()).await?
    };
    stream.set_nodelay(true)?;
    Client::connect(config, stream.compat_write()).await
}
