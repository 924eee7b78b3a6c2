//! Any bytes against two structures: no panic, both paths and every size of chunk agree, and the account adds up.
//!
//! The first byte says which structure, the second about how many bytes a chunk has; the document follows.
#![no_main]

use std::sync::LazyLock;

use concord_check::Plan;
use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../crates/concord-check/tests/robust/support.rs"]
mod support;

static PLANS: LazyLock<[Plan; 2]> = LazyLock::new(|| [support::interchange(), support::batch()]);

fuzz_target!(|data: &[u8]| {
    let [which, target, document @ ..] = data else {
        return;
    };
    let plan = &PLANS[usize::from(which % 2)];
    if let Err(difference) = support::examine(plan, document, &[1 + usize::from(*target) * 4]) {
        panic!("{difference}");
    }
});
