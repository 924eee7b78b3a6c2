//! Resources that show a change: the least that a side takes, with or without what the change is about.

use std::collections::BTreeSet;
use std::sync::Arc;

use concord_standards::resources::{Element, Kind, Primitive, Resources, TypeNumber, Written};

use super::court::{Court, name, other, rejecting, sayings};
use super::{Attempt, Told};
use crate::change::{LeadKind, Side, Witness};

/// Makes resources of one side.
pub(super) struct Makes<'d> {
    resources: &'d Resources,
    side: Side,
}

/// A value as it stands in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    /// As it is written.
    Plain(String),
}

/// How deep values are made.
const DEEPEST: usize = 12;

impl<'d> Makes<'d> {
    pub(super) fn new(resources: &'d Resources, side: Side) -> Self {
        Self { resources, side }
    }

    /// A resource with what is wished for, and one without it.
    fn make(&self, lead: &LeadKind) -> Option<(Json, Json)> {
        let (path, text, wished) = match lead {
            LeadKind::Value { path, text } => (path, Some(text.as_str()), true),
            LeadKind::Present(path) => (path, None, true),
            LeadKind::Absent(path) => (path, None, false),
            _ => return None,
        };
        let (root, steps) = path.split_first()?;
        let of = self.resources.find(root)?;
        let made = |wished| {
            let mut json = self.object(of, steps, text, wished, DEEPEST)?;
            if let Json::Object(members) = &mut json {
                let kind = Json::Plain(quoted(root));
                members.insert(0, ("resourceType".to_owned(), kind));
            }
            Some(json)
        };
        if steps.is_empty() {
            return Some((made(true)?, Json::Object(Vec::new())));
        }
        Some((made(wished)?, made(!wished)?))
    }

    /// An object of a type with what must stand in it, and with, or without, what is at the end of a path.
    fn object(
        &self,
        of: TypeNumber,
        path: &[Arc<str>],
        text: Option<&str>,
        wished: bool,
        depth: usize,
    ) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        let known = &self.resources.types[of];
        let mut members = Vec::new();
        for element in &known.elements {
            let step = path
                .first()
                .and_then(|step| Some((step, self.named(element, step)?)));
            let (named, kind, rest) = match step {
                Some((step, kind)) => (step.to_string(), kind, Some(&path[1..])),
                None if element.required => {
                    let kind = *element.types.first()?;
                    (self.name_of(element, kind), kind, None)
                }
                None => continue,
            };
            if rest.is_some_and(<[_]>::is_empty) && !wished {
                continue;
            }
            let value = match rest {
                Some(rest) => self.value(element, kind, (rest, text), wished, depth)?,
                None => self.value(element, kind, (&[], None), true, depth)?,
            };
            let value = if element.repeats {
                Json::Array(vec![value])
            } else {
                value
            };
            members.push((named, value));
        }
        let wants = path.is_empty() || !wished;
        if members.is_empty() && wants && !matches!(known.kind, Kind::Resource) {
            // An object must not be empty.
            let filled = known.elements.iter().find(|element| {
                let kind = element
                    .types
                    .first()
                    .map(|kind| &self.resources.types[*kind]);
                path.first()
                    .is_none_or(|step| self.named(element, step).is_none())
                    && !element.choice
                    && &*element.name != "id"
                    && kind.is_some_and(|kind| matches!(kind.kind, Kind::Primitive(_)))
            })?;
            let kind = *filled.types.first()?;
            let value = self.value(filled, kind, (&[], None), true, depth)?;
            let value = if filled.repeats {
                Json::Array(vec![value])
            } else {
                value
            };
            members.push((self.name_of(filled, kind), value));
        }
        Some(Json::Object(members))
    }

    /// The type of an element that has a name in JSON.
    fn named(&self, element: &Element, name: &str) -> Option<TypeNumber> {
        if !element.choice {
            return (*element.name == *name).then(|| element.types.first().copied())?;
        }
        let mut types = element.types.iter().copied();
        types.find(|kind| self.name_of(element, *kind) == name)
    }

    fn name_of(&self, element: &Element, kind: TypeNumber) -> String {
        if !element.choice {
            return element.name.to_string();
        }
        let of = &self.resources.types[kind].name;
        let (first, rest) = of.split_at(of.chars().next().map_or(0, char::len_utf8));
        format!("{}{}{rest}", element.name, first.to_uppercase())
    }

    fn value(
        &self,
        element: &Element,
        kind: TypeNumber,
        (path, text): (&[Arc<str>], Option<&str>),
        wished: bool,
        depth: usize,
    ) -> Option<Json> {
        let known = &self.resources.types[kind];
        Some(match known.kind {
            Kind::Primitive(primitive) => {
                let code = element.codes.as_ref();
                let code = code.and_then(|codes| codes.meanings.keys().next());
                let asked = text.filter(|_| path.is_empty());
                let text = asked.or(code.map(|code| &**code));
                let text = text.unwrap_or_else(|| plain(primitive));
                match primitive.written() {
                    Written::String => Json::Plain(quoted(text)),
                    Written::Number | Written::Boolean => Json::Plain(text.to_owned()),
                }
            }
            Kind::AnyResource => {
                let any = self.resources.resources().find(|number| {
                    let elements = &self.resources.types[*number].elements;
                    elements.iter().all(|element| !element.required)
                })?;
                let name = quoted(&self.resources.types[any].name);
                Json::Object(vec![("resourceType".to_owned(), Json::Plain(name))])
            }
            _ => self.object(kind, path, text, wished, depth)?,
        })
    }
}

/// A value of a primitive type.
fn plain(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::Boolean => "true",
        Primitive::Decimal
        | Primitive::Integer
        | Primitive::PositiveInt
        | Primitive::UnsignedInt => "1",
        Primitive::Base64Binary => "YQ==",
        Primitive::Date | Primitive::DateTime => "2024-02-29",
        Primitive::Instant => "2024-02-29T10:00:00Z",
        Primitive::Time => "10:00:00",
        Primitive::Oid => "urn:oid:1.2.3",
        Primitive::Uuid => "urn:uuid:9f4c2d1e-0000-4000-8000-000000000000",
        Primitive::Uri | Primitive::Url | Primitive::Canonical => "http://example.org/a",
        Primitive::Xhtml => "<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>",
        Primitive::Code | Primitive::Id | Primitive::Markdown | Primitive::String => "a",
    }
}

fn quoted(text: &str) -> String {
    let mut all = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => all.push_str("\\\""),
            '\\' => all.push_str("\\\\"),
            '\t' => all.push_str("\\t"),
            '\n' => all.push_str("\\n"),
            '\r' => all.push_str("\\r"),
            other => all.push(other),
        }
    }
    all.push('"');
    all
}

impl Json {
    fn write(&self, text: &mut String) {
        let list =
            |open: char, close: char, text: &mut String, parts: &mut dyn FnMut(&mut String)| {
                text.push(open);
                parts(text);
                text.push(close);
            };
        match self {
            Self::Plain(plain) => text.push_str(plain),
            Self::Array(all) => list('[', ']', text, &mut |text| {
                for (at, one) in all.iter().enumerate() {
                    if at > 0 {
                        text.push(',');
                    }
                    one.write(text);
                }
            }),
            Self::Object(all) => list('{', '}', text, &mut |text| {
                for (at, (name, one)) in all.iter().enumerate() {
                    if at > 0 {
                        text.push(',');
                    }
                    text.push_str(&quoted(name));
                    text.push(':');
                    one.write(text);
                }
            }),
        }
    }

    fn written(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text.push('\n');
        text
    }
}

/// Shows a change by a resource that one side takes.
pub(super) fn show(own: &Makes<'_>, lead: &LeadKind, court: &mut Court<'_>) -> Attempt {
    let side = own.side;
    let Some((shows, without)) = own.make(lead) else {
        return Attempt::NotMade("no resource was made that shows it".to_owned());
    };
    let (text, base) = (shows.written(), without.written());
    let Some(said) = court.hear(side, text.as_bytes()) else {
        return Attempt::Spent;
    };
    if !said.accepted {
        let first = rejecting(&said).next();
        let first = first.map_or_else(String::new, |told| told.message.clone());
        return Attempt::NotMade(format!(
            "{} refuses what was made to show it ({first})",
            name(side)
        ));
    }
    let (Some(said), Some(before)) = (
        court.hear(other(side), text.as_bytes()),
        court.hear(other(side), base.as_bytes()),
    ) else {
        return Attempt::Spent;
    };
    if said.accepted {
        return Attempt::Contradicted(format!(
            "{} takes a submission that was made to show it",
            name(other(side))
        ));
    }
    let known: BTreeSet<(Arc<str>, Option<Arc<str>>, String)> =
        rejecting(&before).map(refusal).collect();
    // What was refused of it before shows nothing; where it is all that can be made, what is said of the element does.
    let same = text == base || without == Json::Object(Vec::new());
    let about = |told: &Told| match lead {
        LeadKind::Absent(path) => path.last().is_some_and(|name| {
            told.path
                .as_deref()
                .is_some_and(|path| path.ends_with(&**name))
                || told.message.contains(&**name)
        }),
        _ => true,
    };
    let shown: Vec<Told> = rejecting(&said)
        .filter(|told| {
            if same {
                about(told)
            } else {
                !known.contains(&refusal(told))
            }
        })
        .cloned()
        .collect();
    if shown.is_empty() {
        return Attempt::NotMade(format!(
            "{} refuses what was made to show it, but perhaps for something else",
            name(other(side))
        ));
    }
    Attempt::Shown(Witness {
        taken_by: side,
        submission: text,
        line: None,
        refused_with: sayings(&shown),
    })
}

fn refusal(told: &Told) -> (Arc<str>, Option<Arc<str>>, String) {
    (
        Arc::clone(&told.rule),
        told.path.clone(),
        told.message.clone(),
    )
}
