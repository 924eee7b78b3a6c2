//! What the source and the sink of NATS have in common: the connection.

use std::io;

use async_nats::{Client, ConnectOptions};

/// Connects to a server: `nats://host:port`, or several separated by commas. `tls://` asks for encryption, and a name and
/// password stand before the host as `name:password@`.
pub(crate) async fn connect(servers: &str) -> io::Result<Client> {
    let servers: Vec<&str> = servers.split(',').collect();
    let options = ConnectOptions::new().name("concord");
    options.connect(servers).await.map_err(io::Error::other)
}

/// The servers as they may be shown: without names and passwords.
pub(crate) fn shown(servers: &str) -> String {
    let shown = servers.split(',').map(|server| {
        let (scheme, rest) = server.split_once("://").unwrap_or(("nats", server));
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        format!("{scheme}://{host}")
    });
    shown.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(
            shown("nats://a:s@cr@t@one:4222,two"),
            "nats://one:4222,nats://two"
        );
    }
}
