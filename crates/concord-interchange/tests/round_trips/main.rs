//! Generated messages of every kind that has documents: what is read is written again as it was, segment by segment, and the
//! documents of what was written are the same documents.

mod registrations;
mod reports;
#[path = "../support/mod.rs"]
mod support;
mod values;

use concord_interchange::{Envelope, Moment};

/// What an interchange says besides its documents.
fn envelope(facts: &[(&str, &str)]) -> Envelope {
    let facts = facts
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Envelope {
        facts: facts.collect(),
        moment: Moment::by_the_clock("202603311015"),
    }
}
