//! What senders may do, and how much of it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::judge::Identity;

/// How much senders may do.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at the same time.
    pub connections: usize,
    /// Of these, from one address.
    pub connections_of_address: usize,
    /// Bytes of one message.
    pub message: usize,
    /// Bytes of all messages that are being received, judged and stored; one address may have a quarter of them. Beyond it
    /// nothing is read but messages of a few kilobytes.
    pub in_flight: usize,
    /// Messages of one connection that wait for their answers. Beyond it nothing is read from it.
    pub pipelined: usize,
    /// Messages a second from one address, with a second's worth at once. Beyond it is read more slowly.
    pub rate: Option<u32>,
    /// Time without a byte between messages.
    pub idle: Duration,
    /// Time from the first byte of a message to its last.
    pub frame: Duration,
    /// Time in which an answer must be taken.
    pub write: Duration,
    /// Time for agreeing on encryption.
    pub handshake: Duration,
    /// Refused messages and dropped frames in a row after which a connection is closed.
    pub refused: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2_000,
            connections_of_address: 1_000,
            message: 4 << 20,
            in_flight: 64 << 20,
            pipelined: 32,
            rate: None,
            idle: Duration::from_hours(1),
            frame: Duration::from_secs(30),
            write: Duration::from_secs(30),
            handshake: Duration::from_secs(10),
            refused: 10,
        }
    }
}

/// Who may send; an empty list allows everybody.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// Addresses from which connections are taken.
    pub addresses: Vec<Network>,
    /// Names that a client's certificate may have.
    pub certificates: Vec<String>,
    /// Sending applications and facilities (MSH-3 and MSH-4), as they are written; an empty one stands for any.
    pub senders: Vec<(String, String)>,
}

impl Allowed {
    pub(crate) fn address(&self, address: IpAddr) -> bool {
        self.addresses.is_empty() || self.addresses.iter().any(|network| network.holds(address))
    }

    pub(crate) fn sender(&self, identity: &Identity) -> bool {
        let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        self.senders.is_empty()
            || self.senders.iter().any(|(application, facility)| {
                fits(application, &identity.application) && fits(facility, &identity.facility)
            })
    }
}

/// An address, or all that share their first bits (`10.1.0.0/16`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    length: u32,
}

/// IPv4 addresses are taken as the IPv6 ones that stand for them, which is how systems show them too.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl Network {
    /// Whether an address is of this network.
    pub fn holds(&self, address: IpAddr) -> bool {
        let unlike = self.bits ^ bits(address);
        unlike.leading_zeros() >= self.length
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, length) = text.split_once('/').unzip();
        let address: IpAddr = address
            .unwrap_or(text)
            .parse()
            .map_err(|_| format!("`{text}` is no address"))?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => all,
            Some(length) => length
                .parse()
                .ok()
                .filter(|length| *length <= all)
                .ok_or_else(|| format!("`{text}`: no number of bits up to {all} behind the `/`"))?,
        };
        Ok(Self {
            bits: bits(address),
            length: length + 128 - all,
        })
    }
}

/// Counts connections of each address, and says how long one must wait to keep its rate.
#[derive(Debug)]
pub(crate) struct Addresses {
    /// How much room an address may take.
    room: usize,
    known: Mutex<BTreeMap<IpAddr, Address>>,
}

#[derive(Debug)]
struct Address {
    room: Arc<Semaphore>,
    connections: usize,
    /// When its next message is due, if it keeps its rate.
    due: Duration,
}

impl Addresses {
    /// Gives each address so much room.
    pub(crate) fn new(room: usize) -> Self {
        Self {
            room,
            known: Mutex::default(),
        }
    }

    /// Takes a connection from an address, unless it has too many, and says where its room is counted.
    pub(crate) fn enter(&self, address: IpAddr, most: usize) -> Option<Arc<Semaphore>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let address = known.entry(address).or_insert_with(|| Address {
            room: Arc::new(Semaphore::new(self.room)),
            connections: 0,
            due: Duration::ZERO,
        });
        if address.connections >= most {
            return None;
        }
        address.connections += 1;
        Some(Arc::clone(&address.room))
    }

    pub(crate) fn leave(&self, address: IpAddr) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(one) = known.get_mut(&address) {
            one.connections -= 1;
            if one.connections == 0 {
                known.remove(&address);
            }
        }
    }

    /// How long a message must wait.
    pub(crate) fn wait(&self, address: IpAddr, rate: u32, now: Duration) -> Duration {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(address) = known.get_mut(&address) else {
            return Duration::ZERO;
        };
        let second = Duration::from_secs(1);
        address.due = address.due.max(now.saturating_sub(second)) + second / rate.max(1);
        address.due.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        let holds = |network: &str, address: &str| {
            let network: Network = network.parse().expect("a network");
            network.holds(address.parse().expect("an address"))
        };
        assert!(holds("10.1.0.0/16", "10.1.2.3") && !holds("10.1.0.0/16", "10.2.0.1"));
        assert!(holds("10.1.2.3", "::ffff:10.1.2.3") && !holds("10.1.2.3", "10.1.2.4"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "10.0.0.1"));
        assert!(holds("0.0.0.0/0", "1.2.3.4") && !holds("0.0.0.0/0", "fd12::1"));
        for wrong in ["", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_rate_is_kept_after_a_second_of_grace() {
        let addresses = Addresses::new(1);
        let one = "10.0.0.1".parse().expect("an address");
        assert!(addresses.enter(one, 1).is_some() && addresses.enter(one, 1).is_none());
        let now = Duration::from_secs(100);
        let waits: Vec<_> = (0..25).map(|_| addresses.wait(one, 10, now)).collect();
        assert!(waits[..10].iter().all(Duration::is_zero));
        assert_eq!(waits[19], Duration::from_secs(1));
        addresses.leave(one);
        assert!(addresses.enter(one, 1).is_some());
    }
}
