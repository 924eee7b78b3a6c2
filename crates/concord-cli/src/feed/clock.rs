//! The machine's clock, which a feed is handed.

use std::time::{Duration, Instant};

use concord_feed::Clock;
use jiff::Timestamp;

/// The machine's clock.
pub(super) struct Machine(Instant);

impl Machine {
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
