//! An element of a type: how often it stands, what it holds, what it refers to, which codes it may have.

use std::sync::Arc;

use concord_standards::resources::{Element, Kind as TypeKind, Primitive};

use super::way::chosen;
use super::{Compared, Likeness};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, LeadKind, Side, Whom};
use crate::compare::draft::whom;
use crate::compare::value::some_of;

const UNKNOWN_ELEMENT: &str = "an element that is not known is refused";

impl Compared<'_> {
    /// The place of an element of a type.
    fn of(&self, kind: Kind, of: &str, element: &Element) -> Change {
        let choice = if element.choice { "[x]" } else { "" };
        let name = format!("{of}.{}{choice}", element.name);
        let stated = &*element.path;
        let line = |lines: &super::Lines| lines.get(&name).or(lines.get(stated)).cloned();
        let (old, new) = (line(&self.lines.0), line(&self.lines.1));
        Change::draft(kind, crate::change::ChangePlace::Element(name.into()))
            .at(old.as_ref(), new.as_ref())
    }

    /// Adds that what a side sends is refused by the other, and what shows it.
    fn breaks(
        &self,
        change: Change,
        sender: Side,
        why: &'static str,
        lead: Option<LeadKind>,
    ) -> Change {
        if !self.refuses_shape(sender.other()) {
            return change;
        }
        let change = change.breaking(whom(sender), Certainty::Decided, why);
        match lead {
            Some(lead) => change.led(sender, lead),
            None => change,
        }
    }

    fn present(&self, side: Side, of: &str, element: &Element) -> Option<LeadKind> {
        let mut path = self.path(side, of, element)?;
        if element.choice {
            let first = element.types.first()?;
            let named = chosen(&element.name, &self.side(side).types[*first].name);
            path.pop();
            path.push(named);
        }
        Some(LeadKind::Present(path))
    }

    fn absent(&self, side: Side, of: &str, element: &Element) -> Option<LeadKind> {
        self.path(side, of, element).map(LeadKind::Absent)
    }

    /// What lacks an element of which a side knows nothing.
    fn absent_there(&self, side: Side, of: &str, element: &Element) -> Option<LeadKind> {
        let mut path = self.way_to(side, of)?;
        path.push(std::sync::Arc::clone(&element.name));
        Some(LeadKind::Absent(path))
    }

    pub(super) fn element_alone(&mut self, of: &str, element: &Element, side: Side) {
        let kind = match (side, element.required) {
            (Side::Old, _) => Kind::ElementRemoved,
            (Side::New, true) => Kind::ElementAddedMandatory,
            (Side::New, false) => Kind::ElementAdded,
        };
        let types: Vec<String> = self
            .type_names(side, element)
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut change = self
            .of(kind, of, element)
            .with("type", some_of(&types))
            .with("occurs", occurs(element));
        match side {
            Side::Old => change.old = Some(occurs(element).to_owned()),
            Side::New => change.new = Some(occurs(element).to_owned()),
        }
        // What breaks submitters is shown first.
        for sender in [Side::Old, Side::New] {
            if sender == side {
                let lead = self.present(side, of, element);
                change = self.breaks(change, sender, UNKNOWN_ELEMENT, lead);
            } else if element.required {
                let lead = self.absent_there(sender, of, element);
                change = self.breaks(change, sender, "what lacks it is refused", lead);
            }
        }
        self.changes.push(change);
    }

    pub(super) fn element_renamed(
        &mut self,
        of: &str,
        (old, new): (&Element, &Element),
        likeness: &Likeness,
    ) {
        let mut change = self
            .of(Kind::ElementRenamed, of, new)
            .was(format!("{of}.{}", old.name))
            .is(format!("{of}.{}", new.name))
            .sure(likeness.percent(), likeness.reasons());
        for (side, element) in [(Side::Old, old), (Side::New, new)] {
            let lead = self.present(side, of, element);
            change = self.breaks(change, side, UNKNOWN_ELEMENT, lead);
        }
        self.changes.push(change);
    }

    /// An element that both sides have.
    pub(super) fn element(&mut self, of: &str, old: &Element, new: &Element) {
        if old.required != new.required {
            let (kind, sender, element) = if new.required {
                (Kind::ElementMadeMandatory, Side::Old, old)
            } else {
                (Kind::ElementMadeOptional, Side::New, new)
            };
            let lead = self.absent(sender, of, element);
            let change = self
                .of(kind, of, new)
                .was(occurs(old))
                .is(occurs(new))
                .with("beside", "");
            let change = self.breaks(change, sender, "what lacks it is refused", lead);
            self.changes.push(change);
        }
        if old.repeats != new.repeats {
            let word = |element: &Element| {
                if element.repeats {
                    "an array"
                } else {
                    "no array"
                }
            };
            let mut change = self
                .of(Kind::ElementArrayChanged, of, new)
                .was(word(old))
                .is(word(new));
            for (side, element) in [(Side::Old, old), (Side::New, new)] {
                let lead = self.present(side, of, element);
                change = self.breaks(change, side, "it stands in JSON in another way", lead);
            }
            self.changes.push(change);
        }
        self.held(of, old, new);
        self.targets(of, old, new);
        self.bound(of, old, new);
        if old.personal != new.personal {
            let word = |element: &Element| {
                if element.personal {
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
            let change = self
                .of(kind, of, new)
                .was(word(old))
                .is(word(new))
                .breaking_if(
                    old.personal,
                    Whom::Meaning,
                    "values that were masked are shown",
                );
            self.changes.push(change);
        }
    }

    /// The types that an element may hold.
    fn held(&mut self, of: &str, old: &Element, new: &Element) {
        let (before, now) = (
            self.type_names(Side::Old, old),
            self.type_names(Side::New, new),
        );
        if before == now && old.choice == new.choice {
            return;
        }
        let only = |mine: &[Arc<str>], theirs: &[Arc<str>]| -> Vec<Arc<str>> {
            let alone = mine.iter().filter(|name| !theirs.contains(name));
            alone.cloned().collect()
        };
        let (gone, come) = (only(&before, &now), only(&now, &before));
        let words = |names: &[Arc<str>], choice: bool| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            let list = some_of(&names);
            if choice {
                format!("a choice of {list}")
            } else {
                list
            }
        };
        let mut change = self
            .of(Kind::ElementTypesChanged, of, new)
            .was(words(&before, old.choice))
            .is(words(&now, new.choice));
        if old.choice && new.choice {
            for (side, element, names) in [(Side::Old, old, gone), (Side::New, new, come)] {
                let Some(first) = names.first() else { continue };
                let lead = self.path(side, of, element).map(|mut path| {
                    path.pop();
                    path.push(chosen(&element.name, first));
                    LeadKind::Present(path)
                });
                change = self.breaks(change, side, "a type that is not known is refused", lead);
            }
        } else if old.choice != new.choice {
            for (side, element) in [(Side::Old, old), (Side::New, new)] {
                let lead = self.present(side, of, element);
                change = self.breaks(change, side, "it has another name in JSON", lead);
            }
        } else {
            for side in [Side::Old, Side::New] {
                change = self.of_another_type(change, of, side, (old, new));
            }
        }
        self.changes.push(change);
    }

    /// One type instead of another: whether the one takes what the other does.
    fn of_another_type(
        &self,
        change: Change,
        of: &str,
        sender: Side,
        (old, new): (&Element, &Element),
    ) -> Change {
        let (sent, read) = match sender {
            Side::Old => (old, new),
            Side::New => (new, old),
        };
        let primitive = |side: Side, element: &Element| {
            let number = *element.types.first()?;
            match self.side(side).types[number].kind {
                TypeKind::Primitive(primitive) => Some(primitive),
                _ => None,
            }
        };
        let (own, theirs) = (primitive(sender, sent), primitive(sender.other(), read));
        let refuses = self.refuses_values(sender.other()) || self.refuses_shape(sender.other());
        match (own, theirs) {
            (Some(own), Some(theirs)) if takes_all_of(theirs, own) || !refuses => change,
            (Some(own), Some(theirs)) => {
                let why = "a value that was right is refused";
                let text = text_between(own, theirs);
                let certainty = if text.is_some() {
                    Certainty::Decided
                } else {
                    Certainty::Unknown
                };
                let change = change.breaking(whom(sender), certainty, why);
                match text.zip(self.path(sender, of, sent)) {
                    Some((text, path)) => change.led(sender, LeadKind::Value { path, text }),
                    None => change,
                }
            }
            _ => {
                let lead = self.present(sender, of, sent);
                let why = "what stands there is another thing";
                if refuses {
                    let change = change.breaking(whom(sender), Certainty::Unknown, why);
                    match lead {
                        Some(lead) => change.led(sender, lead),
                        None => change,
                    }
                } else {
                    change
                }
            }
        }
    }

    /// What a reference may refer to; nothing said is anything.
    fn targets(&mut self, of: &str, old: &Element, new: &Element) {
        let (before, now) = (
            self.target_names(Side::Old, old),
            self.target_names(Side::New, new),
        );
        if before == now {
            return;
        }
        let words = |names: &[Arc<str>]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            if names.is_empty() {
                "anything".to_owned()
            } else {
                names.join(", ")
            }
        };
        let wider = |mine: &[Arc<str>], theirs: &[Arc<str>]| {
            !theirs.is_empty()
                && (mine.is_empty() || mine.iter().any(|name| !theirs.contains(name)))
        };
        let mut change = self
            .of(Kind::ReferenceTargetsChanged, of, new)
            .was(words(&before))
            .is(words(&now));
        for (sender, mine, theirs) in [(Side::Old, &before, &now), (Side::New, &now, &before)] {
            if wider(mine, theirs) && self.refuses_shape(sender.other()) {
                let why = "a reference to another type is refused";
                change.break_for(whom(sender), Certainty::Decided, why);
            }
        }
        self.changes.push(change);
    }

    /// The list of codes that an element is bound to. Codes of a list that both sides have are compared by themselves.
    fn bound(&mut self, of: &str, old: &Element, new: &Element) {
        let name = |element: &Element| element.codes.as_ref().map(|codes| Arc::clone(&codes.name));
        let (before, now) = (name(old), name(new));
        if before == now {
            return;
        }
        let word = |name: &Option<Arc<str>>| {
            name.as_ref()
                .map_or_else(|| "none".to_owned(), ToString::to_string)
        };
        let mut change = self
            .of(Kind::CodeListChanged, of, new)
            .was(word(&before))
            .is(word(&now));
        if before.is_some() && now.is_some() {
            let why = "a code means what another list says";
            change.break_for(Whom::Meaning, Certainty::Decided, why);
        }
        for (sender, sent, read) in [(Side::Old, old, new), (Side::New, new, old)] {
            let Some(list) = &read.codes else { continue };
            if !self.refuses_values(sender.other()) {
                continue;
            }
            let text = match &sent.codes {
                Some(own) => own
                    .meanings
                    .keys()
                    .find(|code| !list.meanings.contains_key(*code))
                    .map(ToString::to_string),
                None => Some("another".to_owned())
                    .filter(|code| !list.meanings.contains_key(code.as_str())),
            };
            let Some(text) = text else { continue };
            let why = "a code that was right is refused";
            change.break_for(whom(sender), Certainty::Decided, why);
            if let Some(path) = self.path(sender, of, sent) {
                change = change.led(sender, LeadKind::Value { path, text });
            }
        }
        self.changes.push(change);
    }
}

fn occurs(element: &Element) -> &'static str {
    match (element.required, element.repeats) {
        (false, false) => "0..1",
        (false, true) => "0..*",
        (true, false) => "1..1",
        (true, true) => "1..*",
    }
}

/// Whether all values of a primitive type are values of another (FHIR R4, data types, section 2.24.0.1, and how the checker
/// reads them).
fn takes_all_of(wide: Primitive, narrow: Primitive) -> bool {
    use Primitive as P;
    let taken: &[Primitive] = match wide {
        P::String | P::Markdown => &[
            P::String,
            P::Markdown,
            P::Id,
            P::Date,
            P::DateTime,
            P::Instant,
            P::Time,
            P::Oid,
            P::Uuid,
        ],
        P::Uri | P::Url | P::Canonical => &[P::Uri, P::Url, P::Canonical, P::Oid, P::Uuid, P::Id],
        P::Code => &[P::Id],
        P::DateTime => &[P::Date, P::Instant],
        P::Decimal => &[P::Integer, P::UnsignedInt, P::PositiveInt],
        P::Integer => &[P::UnsignedInt, P::PositiveInt],
        P::UnsignedInt => &[P::PositiveInt],
        _ => &[],
    };
    wide == narrow || taken.contains(&narrow)
}

/// A value of one primitive type that is none of another; `None` where none is found among those tried.
fn text_between(own: Primitive, other: Primitive) -> Option<String> {
    const TEXTS: [&str; 17] = [
        "a b",
        "a  b",
        "a",
        "-1",
        "0",
        "1",
        "1.5",
        "2024-02-29",
        "2024",
        "2024-02-29T10:00:00Z",
        "10:00:00",
        "urn:oid:1.2.3",
        "urn:uuid:9f4c2d1e-0000-4000-8000-000000000000",
        "http://example.org/a",
        "true",
        "YQ==",
        "a\tb",
    ];
    let same_way = own.written() == other.written();
    let of_own = |text: &&str| is_written(own, text) && own.check(text).is_ok();
    let mut texts = TEXTS.into_iter().filter(of_own);
    texts
        .find(|text| !same_way || other.check(text).is_err())
        .map(str::to_owned)
}

/// Whether a text can be written as values of a type are.
fn is_written(primitive: Primitive, text: &str) -> bool {
    use concord_standards::resources::Written;
    match primitive.written() {
        Written::String => primitive != Primitive::Xhtml,
        Written::Number => text.parse::<f64>().is_ok(),
        Written::Boolean => text == "true",
    }
}
