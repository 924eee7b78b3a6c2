//! Memory of a query that spills, with a rest for what cannot.

use std::fmt;
use std::sync::Mutex;

use datafusion::error::Result;
use datafusion::execution::memory_pool::{
    FairSpillPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
};

/// A fair pool of most of the memory, and a rest that is for what cannot spill alone, when that pool has nothing left: sorts that have filled
/// it would leave no byte for the few sums of an aggregate, and a query that only has to spill would fail.
#[derive(Debug)]
pub(super) struct WithRest {
    fair: FairSpillPool,
    rest: usize,
    /// How much of the rest is taken.
    taken: Mutex<usize>,
    memory: usize,
}

impl WithRest {
    /// So many bytes.
    pub(super) fn new(memory: usize) -> Self {
        let rest = memory / 8;
        Self {
            fair: FairSpillPool::new(memory - rest),
            rest,
            taken: Mutex::new(0),
            memory,
        }
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, usize> {
        // A number is whole whoever panicked.
        self.taken
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fmt::Display for WithRest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} and {} bytes of {}",
            self.fair,
            self.taken(),
            self.rest
        )
    }
}

impl MemoryPool for WithRest {
    fn name(&self) -> &'static str {
        "fair with a rest"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.fair.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.fair.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.fair.grow(reservation, additional);
    }

    /// What cannot spill gives back to the rest first.
    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        let mut back = shrink;
        if !reservation.consumer().can_spill() {
            let mut taken = self.taken();
            back = shrink.saturating_sub(*taken);
            *taken -= shrink - back;
        }
        self.fair.shrink(reservation, back);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let Err(error) = self.fair.try_grow(reservation, additional) else {
            return Ok(());
        };
        let mut taken = self.taken();
        if reservation.consumer().can_spill() || additional > self.rest - *taken {
            return Err(error);
        }
        *taken += additional;
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.fair.reserved() + *self.taken()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.memory)
    }
}
