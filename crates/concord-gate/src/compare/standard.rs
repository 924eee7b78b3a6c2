//! What `standard.toml` says of a standard as a whole, compared.

use concord_finding::Effect;
use concord_standards::definition::StandardInfo;
use concord_standards::schema::{Origin, Schema, Use, ValueConstraint};

use super::side::Pair;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, Whom};
use crate::subject::{Aspect, SubjectKind};

/// Compares the facts of both standards.
pub(super) fn compare(pair: &Pair<'_>) -> Vec<Change> {
    let (old, new) = (
        &pair.old.definition().standard,
        &pair.new.definition().standard,
    );
    let mut changes = Vec::new();
    if pair.says(Aspect::Dates) {
        dates(old, new, &mut changes);
    }
    if pair.says(Aspect::Rules) {
        effects(old, new, &mut changes);
    }
    let definitions = [pair.old.subject.kind, pair.new.subject.kind]
        .iter()
        .all(|kind| *kind == SubjectKind::Definition);
    // With another carrier everything is recognised, and made of, something else.
    if definitions && old.carrier == new.carrier {
        recognition(pair, &mut changes);
        records(old, new, &mut changes);
    }
    let file = |info: &StandardInfo| Origin {
        file: format!("{}/standard.toml", info.folder).into(),
        line: 0,
    };
    for change in &mut changes {
        change.old_origin = Some(file(old));
        change.new_origin = Some(file(new));
    }
    changes
}

fn fact(kind: Kind, name: &str, old: &str, new: &str) -> Change {
    Change::draft(kind, ChangePlace::Standard(name.into()))
        .was(old)
        .is(new)
}

fn dates(old: &StandardInfo, new: &StandardInfo, changes: &mut Vec<Change>) {
    let days = [
        ("effective_from", &old.effective_from, &new.effective_from),
        ("effective_to", &old.effective_to, &new.effective_to),
    ];
    for (name, before, now) in days {
        if before != now {
            let word = |day: &Option<String>| day.clone().unwrap_or_else(|| "open".to_owned());
            let mut change = fact(Kind::EffectiveMoved, name, &word(before), &word(now));
            change.effective.clone_from(now);
            changes.push(change);
        }
    }
    if old.status != new.status {
        let (before, now) = (old.status.as_str(), new.status.as_str());
        changes.push(fact(Kind::StandardStatusChanged, "status", before, now));
    }
    let none = || "none".to_owned();
    let identity = [
        (
            "number",
            old.number.clone().unwrap_or_else(none),
            new.number.clone().unwrap_or_else(none),
        ),
        ("publisher", old.publisher.clone(), new.publisher.clone()),
    ];
    for (name, before, now) in identity {
        if before != now {
            changes.push(fact(Kind::StandardNumberChanged, name, &before, &now));
        }
    }
}

fn effects(old: &StandardInfo, new: &StandardInfo, changes: &mut Vec<Change>) {
    let all: [(&str, Effect, Effect); 3] = [
        (
            "effects.structure",
            old.effects.structure,
            new.effects.structure,
        ),
        ("effects.value", old.effects.value, new.effects.value),
        (
            "effects.envelope",
            old.effects.envelope,
            new.effects.envelope,
        ),
    ];
    for (name, before, now) in all {
        if before == now {
            continue;
        }
        let kind = if now > before {
            Kind::EffectsRaised
        } else {
            Kind::EffectsLowered
        };
        let change = fact(kind, name, before.as_str(), now.as_str());
        let change = match (before.is_reject(), now.is_reject()) {
            (false, true) => change.breaking(
                Whom::Submitter,
                Certainty::Decided,
                "mistakes that were told are refused",
            ),
            (true, false) => change.breaking(
                Whom::Receiver,
                Certainty::Decided,
                "mistakes that were refused arrive",
            ),
            (true, true) if now > before => change.breaking(
                Whom::Submitter,
                Certainty::Decided,
                "more is refused with a mistake",
            ),
            (true, true) => change.breaking(
                Whom::Receiver,
                Certainty::Decided,
                "less is refused with a mistake",
            ),
            (false, false) => change.breaking(
                Whom::Meaning,
                Certainty::Decided,
                "the receiver takes as much as before and judges it otherwise",
            ),
        };
        changes.push(change);
    }
}

/// How content is recognised. What the structure itself asks of the root is told there.
fn recognition(pair: &Pair<'_>, changes: &mut Vec<Change>) {
    let (old, new) = (
        &pair.old.definition().standard,
        &pair.new.definition().standard,
    );
    let signs = |info: &StandardInfo, schema: &Schema| {
        let recognise = &info.recognise;
        let mut signs = Vec::new();
        if !info.is_tabular() {
            signs.push(format!("the root {}", recognise.root));
        }
        for (name, value) in &recognise.attributes {
            if !is_fixed(schema, name, value) {
                signs.push(format!("{name}=\"{value}\""));
            }
        }
        if recognise.header {
            signs.push("the names of its columns".to_owned());
        }
        if let Some(columns) = recognise.columns {
            signs.push(format!("{columns} columns"));
        }
        signs
    };
    let (before, now) = (signs(old, pair.old.schema()), signs(new, pair.new.schema()));
    // Attributes that the structure fixes on both sides are left out of both.
    if before == now {
        return;
    }
    let words = |signs: &[String]| match signs {
        [] => "nothing".to_owned(),
        signs => signs.join(" and "),
    };
    let change = fact(
        Kind::RecognitionChanged,
        "recognise",
        &words(&before),
        &words(&now),
    )
    .breaking(
        Whom::Submitter,
        Certainty::Unknown,
        "a submission that was recognised may not be",
    );
    changes.push(change);
}

/// Whether the structure fixes an attribute of a root to this value.
fn is_fixed(schema: &Schema, name: &str, value: &str) -> bool {
    use concord_standards::schema::TypeId;
    schema.roots.iter().any(|root| {
        let TypeId::Complex(id) = schema.element(*root).content else {
            return false;
        };
        let attributes = &schema.complex_type(id).attributes;
        attributes.iter().any(|usage| {
            &*usage.attribute.name.local == name
                && usage.usage != Use::Prohibited
                && usage.attribute.constraint == Some(ValueConstraint::Fixed(value.to_owned()))
        })
    })
}

fn records(old: &StandardInfo, new: &StandardInfo, changes: &mut Vec<Change>) {
    let sorted = |names: &[std::sync::Arc<str>]| {
        let mut names: Vec<String> = names.iter().map(ToString::to_string).collect();
        names.sort_unstable();
        names
    };
    let words = |names: &[String], none: &str| match names {
        [] => none.to_owned(),
        names => names.join(", "),
    };
    let (before, now) = (sorted(&old.record.elements), sorted(&new.record.elements));
    // The records of tables are their rows.
    if before != now && !new.is_tabular() {
        let none = "what repeats below the root";
        let change = fact(
            Kind::RecordChanged,
            "record.elements",
            &words(&before, none),
            &words(&now, none),
        )
        .breaking(
            Whom::Meaning,
            Certainty::Decided,
            "another unit is taken or refused, counted and compared",
        );
        changes.push(change);
    }
    // The first that is present is taken, so their order counts.
    if old.record.key != new.record.key {
        let none = "its number";
        let change = fact(
            Kind::RecordKeyChanged,
            "record.key",
            &words(&old.record.key, none),
            &words(&new.record.key, none),
        )
        .breaking(
            Whom::Meaning,
            Certainty::Decided,
            "records match other records",
        );
        changes.push(change);
    }
}
