//! The minimal lower layer protocol: a listener that answers every message when it is safely stored.

mod connection;
mod frames;
mod limits;
mod room;
pub(crate) mod tls;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

pub use frames::{FrameProblem, Frames, framed};
pub use limits::{Allowed, Limits, Network};
pub use tls::{ClientTls, Tls};

use crate::acknowledge::ControlIds;
use crate::intake::Intake;
use crate::run::asked_to_stop;
use connection::Shared;
use limits::Addresses;

/// How a listener listens.
#[derive(Debug, Clone, Default)]
pub struct MllpSettings {
    /// `host:port`; port 0 takes a free one.
    pub address: String,
    /// Encryption.
    pub tls: Option<Tls>,
    /// Who may send.
    pub allowed: Allowed,
    /// How much.
    pub limits: Limits,
}

/// A listener that is bound to its address.
pub struct Listener {
    socket: TcpListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
}

impl Listener {
    /// Binds the address and reads the certificates.
    ///
    /// # Errors
    /// What the system says; certificates that cannot be used.
    pub async fn bind(settings: MllpSettings, intake: Arc<Intake>) -> io::Result<Self> {
        let MllpSettings {
            address,
            tls,
            allowed,
            limits,
        } = settings;
        if !allowed.certificates.is_empty() && tls.as_ref().is_none_or(|tls| tls.clients.is_none())
        {
            let what = "names of certificates are allowed, but clients are asked for none";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        let acceptor = tls.map(|tls| tls.acceptor()).transpose()?;
        // A message must find room when nothing else of its address is in flight.
        let of_address = (limits.in_flight / 4).max(limits.message + (128 << 10)) / room::UNIT;
        let ids = ControlIds::new(intake.clock().now());
        Ok(Self {
            socket: listen(&address).await?,
            acceptor,
            shared: Arc::new(Shared {
                intake,
                limits,
                allowed,
                addresses: Addresses::new(of_address),
                ids,
                in_flight: Arc::new(Semaphore::new(4 * of_address)),
            }),
        })
    }

    /// The address that is listened to.
    ///
    /// # Errors
    /// What the system says.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Takes connections until it is told to stop; then answers what is still to be answered.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let seen = |reason| self.shared.intake.seen().refused(reason);
        let places = Arc::new(Semaphore::new(self.shared.limits.connections));
        let mut open = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                () = asked_to_stop(&mut stop) => break,
                Some(_) = open.join_next() => continue,
                accepted = self.socket.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Too many open files, for instance: those that are open go on.
                    seen("not accepted");
                    tracing::error!(%error, "no connection can be taken");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let address = peer.ip();
            if !self.shared.allowed.address(address) {
                seen("address not allowed");
                tracing::warn!(%address, "connection from an address that is not allowed");
                continue;
            }
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                seen("too many connections");
                tracing::warn!(%address, "too many connections");
                continue;
            };
            let most = self.shared.limits.connections_of_address;
            let Some(room) = self.shared.addresses.enter(address, most) else {
                seen("too many connections of an address");
                tracing::warn!(%address, "too many connections from this address");
                continue;
            };
            let shared = Arc::clone(&self.shared);
            let acceptor = self.acceptor.clone();
            let stop = stop.clone();
            open.spawn(async move {
                let guard = Guard::new(&shared, address);
                // Answers are small and wait for nothing.
                let _ = stream.set_nodelay(true);
                serve(stream, address, room, acceptor, &shared, stop).await;
                drop((guard, place));
            });
        }
        while open.join_next().await.is_some() {}
    }
}

/// Binds the first address that a name stands for and that can be bound. So many connections may wait to be taken that a
/// burst of them is not turned away, which would cost each a second.
async fn listen(name: &str) -> io::Result<TcpListener> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no such address");
    for address in lookup_host(name).await? {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // On Windows this would let others take the address over.
        socket.set_reuseaddr(cfg!(not(windows)))?;
        match socket.bind(address).and_then(|()| socket.listen(1024)) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Gives back what a connection took, however it ends.
struct Guard<'s>(&'s Shared, IpAddr);

impl<'s> Guard<'s> {
    fn new(shared: &'s Shared, address: IpAddr) -> Self {
        shared.intake.seen().connections(1);
        Self(shared, address)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.addresses.leave(self.1);
        self.0.intake.seen().connections(-1);
    }
}

async fn serve(
    stream: TcpStream,
    address: IpAddr,
    room: Arc<Semaphore>,
    acceptor: Option<TlsAcceptor>,
    shared: &Shared,
    stop: watch::Receiver<bool>,
) {
    let Some(acceptor) = acceptor else {
        return connection::serve(stream, address, room, shared, stop).await;
    };
    let refused = |reason| {
        shared.intake.seen().refused(reason);
        tracing::warn!(%address, reason, "connection refused");
    };
    match timeout(shared.limits.handshake, acceptor.accept(stream)).await {
        Err(_) => refused("handshake timeout"),
        Ok(Err(_)) => refused("handshake"),
        Ok(Ok(stream)) => {
            let shown = stream.get_ref().1.peer_certificates();
            let names = &shared.allowed.certificates;
            if !names.is_empty() && !tls::has_name(shown, names) {
                return refused("certificate not allowed");
            }
            connection::serve(stream, address, room, shared, stop).await;
        }
    }
}
