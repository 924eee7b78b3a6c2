//! Objects and arrays of a resource, forwards, against the elements of their types.

use concord_finding::Fact;
use concord_read::json::{Fault, FaultKind, Kind, Reader, Span, Text};
use concord_standards::resources::TypeNumber;

use super::bundle::Bundle;
use super::contained::Container;
use super::mistakes::wanted;
use super::plan::{Hook, Property, ResourcePlan, Role, Shape, Side, TypePlan};
use super::tell::{Found, Teller};
use crate::catalogue::BuiltinRule;

/// How many times the length of a text is read ahead at most.
const MOST_AHEAD: usize = 8;

/// Which object a value stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Within {
    /// Its type.
    pub(super) of: TypeNumber,
    /// The element that the object is a value of.
    pub(super) from: Option<(TypeNumber, u8)>,
    /// Whether everything in it says who somebody is.
    pub(super) personal: bool,
}

/// A member that has been met in an object that is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) property: u16,
    pub(super) name: Text,
    /// Items, where it is an array.
    pub(super) items: u32,
    /// Where its nulls begin among those of all that is open.
    pub(super) nulls: usize,
}

/// Whether entries of a bundle are records of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Records {
    /// The whole resource is one.
    Whole,
    /// Each entry of a bundle is one, unless the resource is no bundle.
    Entries,
}

/// A record of a chunk: where it begins, and what it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) start: u32,
    /// Type and id of its resource.
    pub(crate) key: Option<Fact>,
}

/// Goes through one resource.
pub(crate) struct Walker<'w> {
    pub(super) plan: &'w ResourcePlan,
    pub(super) teller: Teller<'w>,
    pub(super) text: &'w str,
    pub(super) reader: Reader<'w>,
    pub(super) found: &'w mut Found,
    pub(super) records: &'w mut Vec<Record>,
    pub(super) counted: Records,
    /// Objects that are open.
    depth: usize,
    /// Bytes read ahead to see what resources are.
    ahead: usize,
    seen: Vec<Seen>,
    /// Places of null in arrays that are open.
    pub(super) nulls: Vec<u32>,
    /// Values that say something together with others, of objects that are open.
    pub(super) said: Vec<(Side, Span)>,
    /// Resources that are open, the outermost first.
    pub(super) containers: Vec<Container>,
    /// Bundles that are open.
    pub(super) bundles: Vec<Bundle>,
}

impl<'w> Walker<'w> {
    /// Goes through the resource that a text is.
    pub(crate) fn new(
        teller: Teller<'w>,
        text: &'w str,
        counted: Records,
        (found, records): (&'w mut Found, &'w mut Vec<Record>),
    ) -> Self {
        Self {
            plan: teller.plan,
            teller,
            text,
            reader: Reader::new(text.as_bytes(), 0),
            found,
            records,
            counted,
            depth: 0,
            ahead: 0,
            seen: Vec::new(),
            nulls: Vec::new(),
            said: Vec::new(),
            containers: Vec::new(),
            bundles: Vec::new(),
        }
    }

    /// The resource, and nothing behind it.
    pub(crate) fn whole(&mut self) -> Result<(), Fault> {
        let kind = self.reader.kind()?;
        let start = self.reader.at();
        if kind == Kind::Object {
            self.resource(None)?;
        } else {
            self.record(start);
            let reason = format!("this is {} and no resource", kind.called());
            self.no_type(
                Span {
                    start,
                    end: start + 1,
                },
                reason,
                None,
            );
            self.reader.skip(self.plan.limits.depth)?;
        }
        self.reader.end()
    }

    /// Whether the outermost resource is a bundle whose entries are records.
    pub(crate) fn counts_entries(&self) -> bool {
        let outermost = self.containers.first();
        self.counted == Records::Entries
            && outermost
                .is_some_and(|outermost| self.plan.types[outermost.of()].role == Role::Bundle)
    }

    /// Begins a record.
    pub(super) fn record(&mut self, start: usize) {
        self.found.record = Some(self.records.len() as u32);
        self.records.push(Record {
            start: start as u32,
            key: None,
        });
    }

    /// What the resource that comes next says that it is. Where that does not stand first, what stands before it is read twice:
    /// as often as the resource is nested in others, which is bounded.
    fn named(&mut self) -> Result<Option<Text>, Fault> {
        let mut ahead = self.reader.clone();
        let named = resource_type(&mut ahead, self.plan.limits.depth)?;
        self.ahead += ahead.at() - self.reader.at();
        if self.ahead > MOST_AHEAD * self.text.len().max(1) {
            return Err(Fault {
                at: self.reader.at(),
                kind: FaultKind::Depth,
            });
        }
        Ok(named)
    }

    /// A resource, whose object comes next; where it stands, unless it is the outermost.
    pub(super) fn resource(&mut self, hook: Option<Hook>) -> Result<(), Fault> {
        let start = self.reader.at();
        let named = self.named()?;
        let outermost = hook.is_none();
        let says = named.map(|name| name.says(self.text.as_bytes()).into_owned());
        let of = says.as_deref().and_then(|name| self.plan.resource(name));
        let entries = outermost
            && self.counted == Records::Entries
            && of.is_some_and(|of| self.plan.types[of].role == Role::Bundle);
        if outermost && !entries {
            self.record(start);
        }
        let Some(of) = of else {
            let at = named.map_or(
                Span {
                    start,
                    end: start + 1,
                },
                |name| name.span,
            );
            let reason = if named.is_some() {
                "there is no resource of this type"
            } else {
                "nothing says which resource this is: `resourceType` is missing"
            };
            self.no_type(at, reason.to_owned(), says.as_deref());
            self.reader.skip(self.plan.limits.depth)?;
            return Ok(());
        };
        self.containers.push(Container::new(of, start, hook));
        if self.plan.types[of].role == Role::Bundle {
            self.bundles.push(Bundle::new(start));
        }
        let within = Within {
            of,
            from: None,
            personal: false,
        };
        self.object(within, true, false)?;
        if self.plan.types[of].role == Role::Bundle
            && let Some(bundle) = self.bundles.pop()
        {
            self.end_bundle(&bundle);
        }
        if let Some(container) = self.containers.pop() {
            self.end_container(container);
        }
        Ok(())
    }

    /// An object of a type, which comes next. Of what is said about a value (`companion`) nothing need be there.
    pub(super) fn object(
        &mut self,
        within: Within,
        resource: bool,
        companion: bool,
    ) -> Result<(), Fault> {
        if self.depth >= self.plan.limits.depth {
            return Err(Fault {
                at: self.reader.at(),
                kind: FaultKind::Depth,
            });
        }
        self.depth += 1;
        let start = self.reader.at();
        self.reader.open_object()?;
        let (seen, nulls, said) = (self.seen.len(), self.nulls.len(), self.said.len());
        let known = &self.plan.types[within.of];
        // Elements that were met, and those under a name that is not theirs, a bit each.
        let (mut met, mut misspelt) = (0_u128, 0_u128);
        let (mut first, mut typed, mut aligned) = (true, false, false);
        let mut next = 0;
        while let Some(name) = self.reader.member(first)? {
            first = false;
            let found = if name.escaped {
                let says = name.says(self.text.as_bytes()).into_owned();
                known.find(says.as_bytes(), next)
            } else {
                known.find(name.span.of(self.text.as_bytes()), next)
            };
            let Some(number) = found else {
                misspelt |= self.unlisted(within, name, resource, &mut typed)?;
                continue;
            };
            next = number + 1;
            let property = &known.properties[number];
            let bit = 1 << property.element;
            if met & bit != 0 && !self.again(within, known, seen, number, name) {
                self.reader.skip(self.plan.limits.depth)?;
                continue;
            }
            met |= bit;
            aligned |= property.companion && property.repeats;
            let begun = self.nulls.len();
            let items = self.member(within, property)?;
            aligned |= self.nulls.len() > begun;
            self.seen.push(Seen {
                property: number as u16,
                name,
                items,
                nulls: begun,
            });
        }
        self.depth -= 1;
        if self.said.len() > said {
            self.together(within, said);
        }
        if aligned {
            let members = self.seen[seen..].to_vec();
            self.align(known, &members);
        }
        let span = Span {
            start,
            end: start + 1,
        };
        if first {
            self.no_members(within, companion, span);
        } else {
            self.end_object(within, (met, misspelt), span, resource || companion);
        }
        self.seen.truncate(seen);
        self.nulls.truncate(nulls);
        Ok(())
    }

    /// What is wrong with an object as a whole.
    fn end_object(
        &mut self,
        within: Within,
        (met, misspelt): (u128, u128),
        span: Span,
        may_be_hollow: bool,
    ) {
        let known = &self.plan.types[within.of];
        if met != 0 && met & !known.hollow == 0 && !may_be_hollow {
            let draft = self
                .found
                .tell(self.teller, BuiltinRule::ResourceEmpty, span);
            draft.finding.element = Some(self.plan.resources.types[within.of].name.clone());
            draft.plain("found", "nothing but an id stands in it");
            return;
        }
        let missing = known.required & !met & !misspelt;
        if missing != 0 {
            self.missing(within, missing, span);
        }
        match known.role {
            Role::Extension { value, nested } => {
                let reason = match (met & value != 0, met & nested != 0) {
                    (true, true) => "an extension has a value and further extensions",
                    (false, false) => "an extension has neither a value nor further extensions",
                    _ => return,
                };
                self.found
                    .tell(self.teller, BuiltinRule::ResourceExtension, span)
                    .plain("reason", reason);
            }
            Role::Bundle | Role::Entry | Role::Plain => {}
        }
    }

    /// A member whose name the type does not have; the element that was probably meant, a bit.
    fn unlisted(
        &mut self,
        within: Within,
        name: Text,
        resource: bool,
        typed: &mut bool,
    ) -> Result<u128, Fault> {
        let bytes = self.text.as_bytes();
        if resource && name.is(bytes, "resourceType") {
            if std::mem::replace(typed, true) {
                self.duplicate(name);
            }
            self.reader.skip(self.plan.limits.depth)?;
            return Ok(0);
        }
        let meant = self.unknown(within, name);
        self.reader.skip(self.plan.limits.depth)?;
        Ok(meant)
    }

    /// A member of an element that the object has had a member of: whether its value is to be looked at.
    fn again(
        &mut self,
        within: Within,
        known: &TypePlan,
        seen: usize,
        number: usize,
        name: Text,
    ) -> bool {
        let property = &known.properties[number];
        let mut other = None;
        for before in &self.seen[seen..] {
            let met = &known.properties[usize::from(before.property)];
            if usize::from(before.property) == number {
                self.duplicate(name);
                return false;
            }
            // What is said about a value stands beside it.
            if met.element == property.element
                && met.name.trim_start_matches('_') != property.name.trim_start_matches('_')
            {
                other = Some(met.name.to_string());
            }
        }
        let Some(other) = other else {
            return true;
        };
        let element = &self.plan.element(within.of, property.element).path;
        let draft = self
            .found
            .tell(self.teller, BuiltinRule::ResourceChoice, name.span);
        draft.finding.element = Some(element.clone());
        draft
            .plain("found", property.name.to_string())
            .plain("other", other);
        false
    }

    /// The value of a member, which comes next: how many items it has, where it is an array.
    fn member(&mut self, within: Within, property: &Property) -> Result<u32, Fault> {
        let kind = self.reader.kind()?;
        let start = self.reader.at();
        if kind != Kind::Array {
            if property.repeats {
                self.tell_kind(within, property, start, Kind::Array.called(), kind);
            }
            self.item(within, property, kind, None)?;
            return Ok(1);
        }
        if !property.repeats {
            let wanted = wanted(property);
            self.tell_kind(within, property, start, wanted, kind);
        }
        self.reader.open_array()?;
        let mut items = 0;
        while self.reader.item(items == 0)? {
            let kind = self.reader.kind()?;
            self.item(within, property, kind, Some(items))?;
            items += 1;
        }
        if items == 0 && property.repeats {
            let span = Span {
                start,
                end: self.reader.at(),
            };
            self.hollow(within, property, span, "an array of nothing");
        }
        Ok(items)
    }

    /// One value of a member, which comes next.
    fn item(
        &mut self,
        within: Within,
        property: &Property,
        kind: Kind,
        place: Option<u32>,
    ) -> Result<(), Fault> {
        if kind == Kind::Null
            && property.repeats
            && let Some(place) = place
            && (property.companion || matches!(property.shape, Shape::Primitive(_)))
        {
            self.nulls.push(place);
            self.reader.word()?;
            return Ok(());
        }
        match (property.shape, kind) {
            (Shape::Primitive(primitive), _) => self.primitive(within, property, primitive, kind),
            (Shape::Object(of), Kind::Object) => {
                let inside = Within {
                    of,
                    from: Some((within.of, property.element)),
                    personal: within.personal || property.personal,
                };
                if let Hook::Part(part) = property.hook
                    && let Some(bundle) = self.bundles.last_mut()
                {
                    bundle.part(part);
                }
                if self.plan.types[of].role != Role::Entry {
                    return self.object(inside, false, property.companion);
                }
                self.begin_entry();
                self.object(inside, false, false)?;
                self.end_entry();
                Ok(())
            }
            (Shape::Resource, Kind::Object) => {
                if property.hook == Hook::EntryResource
                    && let Some(bundle) = self.bundles.last_mut()
                {
                    bundle.fills();
                }
                self.resource(Some(property.hook))
            }
            (Shape::Object(_) | Shape::Resource, _) => {
                self.other_kind(within, property, Kind::Object.called(), kind)
            }
        }
    }

    /// A value of another kind than its element has. It is passed over.
    pub(super) fn other_kind(
        &mut self,
        within: Within,
        property: &Property,
        wanted: &'static str,
        kind: Kind,
    ) -> Result<(), Fault> {
        let start = self.reader.at();
        self.reader.skip(self.plan.limits.depth)?;
        self.tell_kind(within, property, start, wanted, kind);
        Ok(())
    }
}

/// What an object says that it is. It usually says so first.
pub(super) fn resource_type(reader: &mut Reader<'_>, depth: usize) -> Result<Option<Text>, Fault> {
    let bytes = reader.bytes();
    reader.open_object()?;
    let mut first = true;
    while let Some(name) = reader.member(first)? {
        first = false;
        if name.is(bytes, "resourceType") {
            return match reader.kind()? {
                Kind::String => reader.string().map(Some),
                _ => Ok(None),
            };
        }
        reader.skip(depth)?;
    }
    Ok(None)
}
