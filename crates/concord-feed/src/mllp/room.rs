//! Room for messages: bytes in flight, counted for each address and for all.

use std::io;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is counted.
pub(crate) const UNIT: usize = 1 << 10;

/// Where the room of a connection comes from.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    pub(crate) of_address: Arc<Semaphore>,
    pub(crate) of_all: Arc<Semaphore>,
}

/// Room that is taken, and given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    of_address: OwnedSemaphorePermit,
    of_all: OwnedSemaphorePermit,
}

impl Room {
    /// Waits until there is room for more bytes, first among those of the address, so that one address cannot keep the
    /// others waiting.
    pub(crate) async fn take(&self, bytes: usize) -> io::Result<Taken> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let of_address = Arc::clone(&self.of_address).acquire_many_owned(units);
        let of_address = of_address.await.map_err(io::Error::other)?;
        let of_all = Arc::clone(&self.of_all).acquire_many_owned(units);
        let of_all = of_all.await.map_err(io::Error::other)?;
        Ok(Taken { of_address, of_all })
    }
}

impl Taken {
    pub(crate) fn merge(&mut self, more: Self) {
        self.of_address.merge(more.of_address);
        self.of_all.merge(more.of_all);
    }

    /// Room for some bytes out of this, if there is so much.
    pub(crate) fn split(&mut self, bytes: usize) -> Option<Self> {
        let units = bytes / UNIT;
        let of_address = self.of_address.split(units)?;
        let of_all = self.of_all.split(units)?;
        Some(Self { of_address, of_all })
    }
}
