//! Whether a batch that does not say so is a bulk, by its rows.

use std::collections::HashSet;

use crate::extract::{Bulk, Inferred};

/// What is remembered of the rows of a batch.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    people: HashSet<u128>,
    counted: u64,
    events: u64,
    withdrawn: bool,
    strangers: bool,
}

impl Watch {
    /// A row of the table of people.
    pub(crate) fn person(&mut self, person: u128, removed: bool) {
        self.people.insert(person);
        self.counted += 1;
        self.withdrawn |= removed;
    }

    /// A row of the table of events, which come after people.
    pub(crate) fn event(&mut self, person: u128, removed: bool) {
        self.events += 1;
        self.withdrawn |= removed;
        self.strangers |= !removed && !self.people.contains(&person);
    }

    /// Why these rows are no bulk; `first`: nothing came before, so that there is nothing that a small one could take away.
    fn no_bulk(&self, inferred: &Inferred, first: bool) -> Result<(), &'static str> {
        if self.withdrawn {
            Err("it withdraws people or events")
        } else if self.strangers {
            Err("it has events of people who are not in it")
        } else if self.counted == 0
            || !first
                && (self.counted < inferred.least_people || self.events < inferred.least_events)
        {
            Err("it holds too few rows")
        } else {
            Ok(())
        }
    }
}

/// Why a batch of this kind and these rows is no bulk.
pub(crate) fn no_bulk(
    bulk: Option<&Bulk>,
    kind: &str,
    watch: &Watch,
    first: bool,
) -> Result<(), &'static str> {
    let Some(bulk) = bulk else {
        return Err("nothing says that it is one");
    };
    match &bulk.inferred {
        _ if bulk
            .kinds
            .iter()
            .any(|known| known.eq_ignore_ascii_case(kind)) =>
        {
            Ok(())
        }
        Some(inferred) => watch.no_bulk(inferred, first),
        None => Err("its name says so"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred() -> Inferred {
        Inferred {
            events: "events".to_owned(),
            least_people: 2,
            least_events: 3,
        }
    }

    fn watch(people: &[u128], events: &[u128]) -> Watch {
        let mut watch = Watch::default();
        for person in people {
            watch.person(*person, false);
        }
        for person in events {
            watch.event(*person, false);
        }
        watch
    }

    #[test]
    fn a_bulk_is_whole_large_and_withdraws_nothing() {
        let of = |watch: &Watch, first| watch.no_bulk(&inferred(), first).is_ok();
        assert!(of(&watch(&[1, 2], &[1, 1, 2]), false));
        assert!(!of(&watch(&[1], &[1, 1, 1]), false), "too few people");
        assert!(!of(&watch(&[1, 2], &[1, 2]), false), "too few events");
        assert!(
            of(&watch(&[1], &[]), true),
            "a small practice to begin with"
        );
        assert!(!of(&watch(&[], &[]), true), "nothing at all");
        assert!(!of(&watch(&[1, 2], &[1, 2, 3]), true), "somebody unknown");
        let mut withdrawn = watch(&[1, 2], &[1, 1, 2]);
        withdrawn.event(1, true);
        assert!(!of(&withdrawn, false));
        let mut fallen = watch(&[1, 2], &[1, 1, 2]);
        fallen.person(3, true);
        assert!(!of(&fallen, true));
    }
}
