//! What the Data Dictionary and the specification say of an element or column beyond its type.

use std::sync::Arc;

use concord_standards::schema::{Facts, Origin, Status};

use super::side::Pair;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, Whom};
use crate::subject::Aspect;

/// Compares identity, personal mark and status.
pub(super) fn compare(
    pair: &Pair<'_>,
    (old, old_origin): (&Facts, &Origin),
    (new, new_origin): (&Facts, &Origin),
    place: &ChangePlace,
) -> Vec<Change> {
    let draft = |kind| Change::draft(kind, place.clone()).at(Some(old_origin), Some(new_origin));
    let mut changes = Vec::new();
    if pair.says(Aspect::DictionaryNames)
        && let (Some(before), Some(now)) = (&old.dictionary_name, &new.dictionary_name)
        && !same_name(before, now)
    {
        let change = draft(Kind::IdentityChanged)
            .was(&**before)
            .is(&**now)
            .breaking(
                Whom::Meaning,
                Certainty::Decided,
                "the Data Dictionary means another data element",
            );
        changes.push(change);
    }
    if pair.says(Aspect::Personal) && old.personal != new.personal {
        let name = |facts: &Facts| {
            if facts.personal {
                "personal"
            } else {
                "not personal"
            }
        };
        let kind = if new.personal {
            Kind::PersonalMarked
        } else {
            Kind::PersonalUnmarked
        };
        let change = draft(kind).was(name(old)).is(name(new)).breaking_if(
            old.personal,
            Whom::Meaning,
            "values that were masked are shown",
        );
        changes.push(change);
    }
    if pair.says(Aspect::Mandation) && old.status != new.status {
        let change = draft(Kind::StatusChanged)
            .was(status(old.status))
            .is(status(new.status))
            .breaking(
                Whom::Meaning,
                Certainty::Decided,
                "the specification asks for it in another way",
            );
        changes.push(change);
    }
    changes
}

/// Whether two dictionary names are one: case and blanks do not count.
pub(super) fn same_name(one: &Arc<str>, other: &Arc<str>) -> bool {
    let words = |name: &str| {
        let words: Vec<String> = name.split_whitespace().map(str::to_uppercase).collect();
        words
    };
    one == other || words(one) == words(other)
}

fn status(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Mandatory) => "M (mandatory)",
        Some(Status::Required) => "R (required where it applies)",
        Some(Status::Optional) => "O (optional)",
        Some(Status::NotUsed) => "X (not to be sent)",
        None => "without a status",
    }
}
