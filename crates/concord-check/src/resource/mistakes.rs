//! What is said of objects and members that are not as they should be.

use concord_finding::Fact;
use concord_read::json::{Kind, Span, Text};
use concord_standards::resources::Written;

use super::plan::{Property, Shape, TypePlan};
use super::tell;
use super::walk::{Seen, Walker, Within};
use crate::catalogue::BuiltinRule;

impl Walker<'_> {
    /// A resource of no known type; what it says that it is.
    pub(super) fn no_type(&mut self, at: Span, reason: String, says: Option<&str>) {
        let resources = &self.plan.resources;
        let names = || resources.resources().map(|of| &*resources.types[of].name);
        let near = says.and_then(|says| crate::wanted::nearest(says, names()));
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "resourceType names one of the resources of {}",
                self.plan.release()
            ),
        };
        let draft = self.found.tell(self.teller, BuiltinRule::ResourceType, at);
        draft.finding.value = says.map(tell::name);
        draft.plain("reason", reason).plain("hint", hint);
    }

    /// Elements that must be there and are not.
    pub(super) fn missing(&mut self, within: Within, missing: u128, span: Span) {
        let elements = &self.plan.resources.types[within.of].elements;
        for (number, element) in elements.iter().enumerate() {
            if missing & (1 << number) == 0 {
                continue;
            }
            let types = element.types.iter();
            let types: Vec<&str> = types
                .map(|of| &*self.plan.resources.types[*of].name)
                .collect();
            let hint = match &types[..] {
                [only] => format!("it is a {only}"),
                several => format!("it is one of {}", several.join(", ")),
            };
            let name = if element.choice {
                format!("{}[x]", element.name)
            } else {
                element.name.to_string()
            };
            let draft = self
                .found
                .tell(self.teller, BuiltinRule::ResourceMissing, span);
            draft.finding.element = Some(element.path.clone());
            draft.plain("hint", hint);
            self.found.lacks(name.into());
        }
    }

    /// A member whose name the type does not have; the element that was probably meant, a bit.
    pub(super) fn unknown(&mut self, within: Within, name: Text) -> u128 {
        let bytes = self.text.as_bytes();
        let says = name.says(bytes).into_owned();
        let parent = self.plan.resources.types[within.of].name.to_string();
        let known = &self.plan.types[within.of];
        let names = known.properties.iter().map(|known| &*known.name);
        let near = crate::wanted::nearest(&says, names.filter(|name| !name.starts_with('_')));
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "the elements of {parent} are those of {}; anything else is an extension",
                self.plan.release()
            ),
        };
        let draft = self
            .found
            .tell(self.teller, BuiltinRule::ResourceUnknown, name.span);
        draft
            .fact("found", tell::name(&says))
            .plain("parent", parent)
            .plain("hint", hint);
        let meant = near.and_then(|near| known.find(near.as_bytes(), 0));
        meant.map_or(0, |meant| 1 << known.properties[meant].element)
    }

    /// A name that its object has had.
    pub(super) fn duplicate(&mut self, name: Text) {
        let found = tell::name(&name.says(self.text.as_bytes()));
        self.found
            .tell(self.teller, BuiltinRule::JsonDuplicate, name.span)
            .fact("found", found);
    }

    /// A value of another kind than its element has.
    pub(super) fn tell_kind(
        &mut self,
        within: Within,
        property: &Property,
        start: usize,
        wanted: &'static str,
        kind: Kind,
    ) {
        let element = &self.plan.element(within.of, property.element).path;
        let hint = match (kind, wanted) {
            (Kind::Null, _) => "leave out what there is no value for",
            (Kind::String, "a number" | "true or false") => {
                "it stands without quotes in JSON, and is written as such values are"
            }
            (Kind::Number | Kind::Boolean, "a string") => "put it in quotes",
            (_, "an array") => {
                "an element that may stand several times is an array, even where it stands once"
            }
            (Kind::Array, _) => "an element that stands once is no array",
            _ => "each element has the type that its release of FHIR says",
        };
        let span = Span {
            start,
            end: start + 1,
        };
        let draft = self
            .found
            .tell(self.teller, BuiltinRule::ResourceKind, span);
        draft.finding.element = Some(element.clone());
        draft.finding.expected = Some(Fact::Plain(wanted.to_owned()));
        draft.plain("found", kind.called()).plain("hint", hint);
    }

    /// An object without members.
    pub(super) fn no_members(&mut self, within: Within, companion: bool, span: Span) {
        let name = match within.from {
            Some((of, element)) => self.plan.element(of, element).path.clone(),
            None => self.plan.resources.types[within.of].name.clone(),
        };
        let found = if companion {
            "nothing is said about the value"
        } else {
            "an object of no members"
        };
        let draft = self
            .found
            .tell(self.teller, BuiltinRule::ResourceEmpty, span);
        draft.finding.element = Some(name);
        draft.plain("found", found);
    }

    /// A value that is empty.
    pub(super) fn hollow(
        &mut self,
        within: Within,
        property: &Property,
        span: Span,
        found: &'static str,
    ) {
        let element = &self.plan.element(within.of, property.element).path;
        let draft = self
            .found
            .tell(self.teller, BuiltinRule::ResourceEmpty, span);
        draft.finding.element = Some(element.clone());
        draft.plain("found", found);
    }

    /// Arrays of values and of what is said about them: of the same length, and null where the other is not.
    pub(super) fn align(&mut self, known: &TypePlan, members: &[Seen]) {
        for (at, member) in members.iter().enumerate() {
            let property = &known.properties[usize::from(member.property)];
            if !property.repeats
                || !(property.companion || matches!(property.shape, Shape::Primitive(_)))
            {
                continue;
            }
            let bare = property.name.trim_start_matches('_');
            let beside = members.iter().position(|other| {
                let other = &known.properties[usize::from(other.property)];
                other.companion != property.companion && other.name.trim_start_matches('_') == bare
            });
            let nulls = |at: usize| {
                let begin = members.get(at).map_or(self.nulls.len(), |of| of.nulls);
                let end = members.get(at + 1).map_or(self.nulls.len(), |of| of.nulls);
                self.nulls.get(begin..end).unwrap_or_default()
            };
            let own = nulls(at);
            let reason = match beside {
                // Each pair is told of once.
                Some(_) if property.companion => continue,
                Some(beside) if members[beside].items != member.items => format!(
                    "`{bare}` has {} items and `_{bare}` has {}",
                    member.items, members[beside].items
                ),
                Some(beside) if own.iter().any(|place| nulls(beside).contains(place)) => {
                    format!("`{bare}` and `_{bare}` are both null in one place")
                }
                Some(_) => continue,
                None if own.is_empty() => continue,
                None => format!(
                    "`{}` has null where nothing is said about the value",
                    property.name
                ),
            };
            self.found
                .tell(self.teller, BuiltinRule::ResourceAligned, member.name.span)
                .plain("reason", reason);
        }
    }
}

/// What a property holds, when it is no array.
pub(super) fn wanted(property: &Property) -> &'static str {
    match property.shape {
        Shape::Primitive(primitive) => match primitive.written() {
            Written::String => Kind::String.called(),
            Written::Number => Kind::Number.called(),
            Written::Boolean => Kind::Boolean.called(),
        },
        Shape::Object(_) | Shape::Resource => Kind::Object.called(),
    }
}
