//! Batches applied in any order, again and again, between states that are put together and stores that are opened anew.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::collections::BTreeSet;

use concord_practice::{ErrorKind, Outcome, Store};
use proptest::prelude::*;
use support::{Practice, store};

const MONTHS: u32 = 6;

#[derive(Debug, Clone)]
enum Act {
    Apply(usize),
    Latest(usize),
    Reopen,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..=MONTHS as usize).prop_map(Act::Apply),
        2 => (0..30_usize).prop_map(Act::Latest),
        1 => Just(Act::Reopen),
    ]
}

/// A practice for each case takes its time: a few, unless more are asked for.
fn cases() -> u32 {
    match ProptestConfig::default().cases {
        256 => 12,
        asked => asked,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn only_what_follows_on_is_applied_and_the_end_is_the_same(
        emis in any::<bool>(),
        seed in 0..1000_u64,
        acts in proptest::collection::vec(act(), 0..14),
    ) {
        let standard = if emis { "emis-extract@8" } else { "tpp-sr@93" };
        let practice = Practice::new(standard, 10, MONTHS, seed);
        let bulk = |batch: usize| batch == 0 || batch == MONTHS as usize / 2 + 1;
        let (folder, mut store) = store();
        let mut applied: BTreeSet<usize> = BTreeSet::new();
        for act in acts {
            match act {
                Act::Apply(batch) => {
                    let last = applied.last().copied();
                    let follows = last.map_or(0, |last| last + 1);
                    let outcome = practice.apply(&mut store, batch);
                    match outcome {
                        Ok(Outcome::Before) => prop_assert!(applied.contains(&batch)),
                        Ok(Outcome::Now { bulk: found, .. }) => {
                            prop_assert!(batch == follows || batch > follows && bulk(batch));
                            prop_assert_eq!(found, bulk(batch));
                            applied.insert(batch);
                        }
                        Err(error) => match error.kind() {
                            ErrorKind::NoBulk { .. } => prop_assert!(last.is_none() && !bulk(batch)),
                            ErrorKind::Gap { .. } => prop_assert!(batch > follows && !bulk(batch)),
                            ErrorKind::OutOfOrder { .. } => {
                                prop_assert!(batch < follows && !applied.contains(&batch));
                            }
                            other => prop_assert!(false, "{other}"),
                        },
                    }
                }
                Act::Latest(number) => {
                    let tables = store.tables();
                    if let Some(table) = tables.get(number % tables.len().max(1)) {
                        store.latest(practice.system(), table).unwrap();
                    }
                }
                Act::Reopen => {
                    drop(store);
                    store = Store::open_or_create(folder.path()).unwrap();
                }
            }
        }
        let next = applied.last().map_or(0, |last| last + 1);
        for batch in next..=MONTHS as usize {
            practice.apply(&mut store, batch).unwrap();
        }
        practice.agrees(&store);
    }
}
