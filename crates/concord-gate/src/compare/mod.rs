//! Two subjects compared.

mod codes;
mod draft;
mod facets;
mod facts;
mod many;
mod matching;
mod moved;
mod resources;
mod rules;
mod side;
mod standard;
mod storage;
mod structure;
mod table;
mod usage;
mod value;
mod words;

use std::collections::BTreeMap;

use concord_standards::schema::Origin;

use self::side::{Half, Pair};
use self::usage::Usage;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, Comparison, Whom};
use crate::subject::{NotCompared, Subject, SubjectKind};

/// How two subjects are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareOptions {
    /// What is gone and what is new are told as one renamed, or moved, when the match is at least so sure (percent).
    pub least_confidence: u8,
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self {
            least_confidence: 60,
        }
    }
}

/// What changed from one subject to the other, and whom it breaks.
///
/// It is a pure function of what both sides say: a subject against itself, or against itself written in another order where
/// order means nothing, gives no change. What one side's kind of source cannot say
/// ([`SubjectKind::says`](crate::subject::SubjectKind::says)) is not compared.
///
/// Where no change breaks submitters, every submission that OLD takes is taken by NEW: whether a content model or a type takes
/// all of what another one does is decided ([`language`](crate::language)), and what cannot be decided breaks with the
/// certainty [`Unknown`](Certainty::Unknown).
pub fn compare(old: &Subject, new: &Subject, options: &CompareOptions) -> Comparison {
    let mut not_compared: Vec<NotCompared> = Vec::new();
    for subject in [old, new] {
        not_compared.extend(subject.not_compared.iter().cloned());
    }
    let pair = Pair {
        old: half(old),
        new: half(new),
    };
    let least = options.least_confidence;
    let mut usage = Usage::default();
    let changes = shapes(&pair, least, &mut usage, &mut not_compared);
    let mut changes = moved::join(changes, least);
    changes.extend(codes::compare(&pair, &usage));
    changes.extend(rules::compare(&pair, &words::Renamed::of(&changes)));
    changes.extend(standard::compare(&pair));
    changes.extend(storage::compare(&pair, least));
    Comparison {
        old: old.name.clone(),
        new: new.name.clone(),
        changes: together(changes),
        not_compared,
    }
}

fn half(subject: &Subject) -> Half<'_> {
    let definition = &subject.definition;
    let schema = if definition.layout.is_some() {
        table::with_cell_types(&definition.schema)
    } else {
        definition.schema.clone()
    };
    Half::new(subject, schema)
}

/// Structure or tables, whichever both sides are.
fn shapes(
    pair: &Pair<'_>,
    least: u8,
    usage: &mut Usage,
    not_compared: &mut Vec<NotCompared>,
) -> Vec<Change> {
    let stored = |half: &Half<'_>| half.subject.kind == SubjectKind::Stored;
    if stored(&pair.old) || stored(&pair.new) {
        // Of stored files nothing but what is stored is known.
        return Vec::new();
    }
    not_compared.extend(pair.problems());
    if let Some(changes) = of_rows(pair, least, usage, not_compared) {
        return changes;
    }
    let layouts = (&pair.old.definition().layout, &pair.new.definition().layout);
    match layouts {
        (Some(old), Some(new)) => {
            let mut changes = carriers(pair);
            changes.extend(table::compare(pair, (old, new), least, usage));
            changes
        }
        (None, None) => {
            let mut changes = carriers(pair);
            changes.extend(structure::compare(pair, least, usage, not_compared));
            changes
        }
        _ => {
            not_compared.push(NotCompared {
                what: "tables with documents: one side has columns, the other elements".to_owned(),
                origin: Origin::default(),
            });
            vec![carrier_changed(pair)]
        }
    }
}

/// Submissions of many tables and resources, which are compared among themselves; `None` where neither side is one.
fn of_rows(
    pair: &Pair<'_>,
    least: u8,
    usage: &mut Usage,
    not_compared: &mut Vec<NotCompared>,
) -> Option<Vec<Change>> {
    let (old, new) = (pair.old.definition(), pair.new.definition());
    let mut unlike = |what: &str| {
        not_compared.push(NotCompared {
            what: what.to_owned(),
            origin: Origin::default(),
        });
        vec![carrier_changed(pair)]
    };
    match (&old.submission, &new.submission) {
        (Some(old), Some(new)) => {
            let mut changes = carriers(pair);
            changes.extend(many::compare(pair, (old, new), least, usage));
            return Some(changes);
        }
        (None, None) => {}
        _ => return Some(unlike("submissions of many tables with what is none")),
    }
    match (&old.resources, &new.resources) {
        (Some(old), Some(new)) => {
            let mut changes = carriers(pair);
            changes.extend(resources::compare(pair, (old, new)));
            Some(changes)
        }
        (None, None) => None,
        _ => Some(unlike("resources with what has none")),
    }
}

/// Another carrier of the same shape: delimited and fixed width.
fn carriers(pair: &Pair<'_>) -> Vec<Change> {
    let definition = |half: &Half<'_>| half.subject.kind == SubjectKind::Definition;
    let same = pair.old.definition().standard.carrier == pair.new.definition().standard.carrier;
    if same || !definition(&pair.old) || !definition(&pair.new) {
        return Vec::new();
    }
    vec![carrier_changed(pair)]
}

fn carrier_changed(pair: &Pair<'_>) -> Change {
    let carrier = |half: &Half<'_>| match &*half.definition().standard.carrier {
        "" => "another form".to_owned(),
        carrier => carrier.to_owned(),
    };
    Change::draft(
        Kind::CarrierChanged,
        ChangePlace::Standard("carrier".into()),
    )
    .was(carrier(&pair.old))
    .is(carrier(&pair.new))
    .breaking(
        Whom::Submitter,
        Certainty::Decided,
        "what was sent cannot be read",
    )
    .breaking(
        Whom::Receiver,
        Certainty::Decided,
        "what arrives could not be read",
    )
}

/// What is said of an element wherever it stands.
const OF_ELEMENTS: [Kind; 4] = [
    Kind::IdentityChanged,
    Kind::PersonalMarked,
    Kind::PersonalUnmarked,
    Kind::StatusChanged,
];

/// Puts together what the dictionary says of one element wherever it stands: it is one change, however many places share it.
fn together(changes: Vec<Change>) -> Vec<Change> {
    type Said = (std::sync::Arc<str>, String, Option<String>, Option<String>);
    let mut first: BTreeMap<Said, usize> = BTreeMap::new();
    let mut kept: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        let of_element = OF_ELEMENTS.iter().any(|kind| change.is_of(*kind));
        if of_element {
            let place = change.place.to_string();
            let name = place
                .rsplit(['/', '.'])
                .next()
                .unwrap_or_default()
                .to_owned();
            let said = (
                std::sync::Arc::clone(&change.rule.id),
                name,
                change.old.clone(),
                change.new.clone(),
            );
            if let Some(index) = first.get(&said) {
                let known = &mut kept[*index];
                known.also = known.also.saturating_add(change.also).saturating_add(1);
                continue;
            }
            first.insert(said, kept.len());
        }
        kept.push(change);
    }
    kept
}
