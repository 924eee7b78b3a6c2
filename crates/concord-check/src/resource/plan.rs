//! The types of a standard made ready: which member of an object is which element.

use std::sync::Arc;

use concord_finding::{Effect, Grades, Rule, RuleClass};
use concord_read::Limits;
use concord_standards::resources::{Element, Kind, Primitive, Resources, Type, TypeNumber};

use super::schema::OwnSchema;
use crate::plan::Effects;

/// No property.
const NONE: u16 = u16::MAX;

/// What the checker needs to know about a standard of resources.
#[derive(Debug)]
pub struct ResourcePlan {
    /// Types, elements and codes.
    pub resources: Arc<Resources>,
    /// The name of the standard, such as `fhir@4.0.1`.
    pub standard: Option<Arc<str>>,
    /// The standard as a source.
    pub authority: Option<Arc<str>>,
    /// Limits on what is read.
    pub limits: Limits,
    /// Effects by class, where the standard departs from the rules' own.
    pub effects: Effects,
    /// Rules that the user grades otherwise.
    pub grades: Arc<Grades>,
    /// A JSON Schema that resources are held against instead of the types.
    pub own: Option<OwnSchema>,
    /// Whether bundles have a time, as they have from R4 on, which also says when entries must have a request or response.
    pub(super) dated_bundles: bool,
    pub(super) types: Vec<TypePlan>,
}

/// A type made ready.
#[derive(Debug)]
pub(super) struct TypePlan {
    pub(super) properties: Vec<Property>,
    /// Properties by what their names hash to.
    slots: Box<[u16]>,
    /// Elements that must be there, a bit each.
    pub(super) required: u128,
    /// The element that does not make an object anything by itself: its id.
    pub(super) hollow: u128,
    pub(super) role: Role,
}

/// A member that an object of a type may have.
#[derive(Debug)]
pub(super) struct Property {
    /// Its name in JSON: `status`, `_status`, `valueQuantity`.
    pub(super) name: Box<str>,
    /// The element, by its place in the type.
    pub(super) element: u8,
    /// Whether it holds what is said about the value of another property.
    pub(super) companion: bool,
    /// Whether it is an array.
    pub(super) repeats: bool,
    /// Whether what stands in it says who somebody is.
    pub(super) personal: bool,
    pub(super) shape: Shape,
    pub(super) hook: Hook,
}

/// What stands in a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A single value.
    Primitive(Primitive),
    /// An object of a type.
    Object(TypeNumber),
    /// A resource of any type.
    Resource,
}

/// What a type means to the carrier itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing.
    Plain,
    /// An extension: the bits of its value and of its own extensions.
    Extension {
        /// Its value.
        value: u128,
        /// Extensions in it.
        nested: u128,
    },
    /// A bundle.
    Bundle,
    /// An entry of a bundle.
    Entry,
}

/// What a value means to the carrier itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hook {
    /// Nothing.
    Nothing,
    /// The id of a resource.
    Id,
    /// The version of a resource.
    Version,
    /// Where a reference points to.
    Reference,
    /// A URI, which may be that of a contained resource.
    Uri,
    /// A part of what is said together: a system and a value of it, a start and an end.
    Said(Side),
    /// A profile that a resource claims.
    Profile,
    /// XHTML.
    Narrative,
    /// A contained resource.
    Contained,
    /// The type of a bundle.
    BundleType,
    /// The address of an entry of a bundle.
    FullUrl,
    /// A part of a bundle or of an entry that must or must not be there.
    Part(Part),
    /// The resource of an entry.
    EntryResource,
}

/// Values that say something together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The system of an identifier or a code.
    System,
    /// An identifier in a system.
    Value,
    /// A code of a system.
    Code,
    /// When something begins.
    Start,
    /// When it ends.
    End,
}

/// Parts of bundles and entries, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Part {
    Total = 1,
    Identifier = 2,
    Timestamp = 4,
    Request = 8,
    Response = 16,
    Search = 32,
}

impl ResourcePlan {
    /// Makes the resources of a standard ready.
    pub fn new(resources: Arc<Resources>) -> Self {
        let element = resources.find("Element");
        let types = resources
            .types
            .iter()
            .map(|known| type_plan(&resources, known, element))
            .collect();
        let bundle = resources.find("Bundle");
        let dated_bundles = bundle.is_some_and(|bundle| {
            let mut elements = resources.types[bundle].elements.iter();
            elements.any(|element| &*element.name == "timestamp")
        });
        Self {
            dated_bundles,
            resources,
            standard: None,
            authority: None,
            limits: Limits::default(),
            effects: Effects::default(),
            grades: Arc::default(),
            own: None,
            types,
        }
    }

    /// What its release is called.
    pub(super) fn release(&self) -> &str {
        self.standard.as_deref().unwrap_or("FHIR")
    }

    /// The resource of a name.
    pub(super) fn resource(&self, name: &str) -> Option<TypeNumber> {
        let number = self.resources.find(name)?;
        (self.resources.types[number].kind == Kind::Resource).then_some(number)
    }

    pub(super) fn element(&self, of: TypeNumber, element: u8) -> &Element {
        &self.resources.types[of].elements[usize::from(element)]
    }

    /// The effect of a rule, of a finding in a record or outside of records.
    pub(super) fn effect(&self, rule: &Rule, in_record: bool) -> Effect {
        let own = match rule.class {
            RuleClass::Structure | RuleClass::Value if !in_record => {
                self.effects.envelope.or(Some(Effect::RejectFile))
            }
            RuleClass::Structure => self.effects.structure,
            RuleClass::Value => self.effects.value,
            RuleClass::Carrier if !in_record => Some(Effect::RejectFile),
            RuleClass::Carrier | RuleClass::Business => None,
        };
        own.filter(|_| rule.effect == Effect::RejectRecord)
            .unwrap_or(rule.effect)
    }
}

impl TypePlan {
    /// The property of a name; `next` is where it probably is.
    #[inline]
    pub(super) fn find(&self, name: &[u8], next: usize) -> Option<usize> {
        if let Some(expected) = self.properties.get(next)
            && expected.name.as_bytes() == name
        {
            return Some(next);
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash(name) & mask;
        loop {
            let found = self.slots[slot];
            if found == NONE {
                return None;
            }
            if self.properties[usize::from(found)].name.as_bytes() == name {
                return Some(usize::from(found));
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// FNV-1a of up to sixteen bytes of a name and of its length: names differ early.
fn hash(name: &[u8]) -> usize {
    let mut hash = 0x811c_9dc5_u32 ^ name.len() as u32;
    for byte in name.iter().take(16) {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    (hash ^ (hash >> 15)) as usize
}

fn type_plan(resources: &Resources, known: &Type, element_type: Option<TypeNumber>) -> TypePlan {
    let mut properties = Vec::new();
    let (mut required, mut hollow) = (0, 0);
    for (number, element) in known.elements.iter().enumerate() {
        if element.required {
            required |= 1 << number;
        }
        if &*element.path == "Element.id" {
            hollow |= 1 << number;
        }
        for of in &element.types {
            let chosen = &resources.types[*of];
            let name = if element.choice {
                format!("{}{}", element.name, capitalised(&chosen.name))
            } else {
                element.name.to_string()
            };
            let shape = match chosen.kind {
                Kind::Primitive(primitive) => Shape::Primitive(primitive),
                Kind::AnyResource => Shape::Resource,
                _ => Shape::Object(*of),
            };
            let property = |name: &str, companion: bool, shape: Shape, hook: Hook| Property {
                name: name.into(),
                element: number as u8,
                companion,
                repeats: element.repeats,
                personal: element.personal,
                shape,
                hook,
            };
            properties.push(property(&name, false, shape, hook(element, shape)));
            if let (Shape::Primitive(primitive), Some(element_type)) = (shape, element_type)
                && !is_bare(element, primitive)
            {
                let shape = Shape::Object(element_type);
                properties.push(property(&format!("_{name}"), true, shape, Hook::Nothing));
            }
        }
    }
    TypePlan {
        slots: slots(&properties),
        required,
        hollow,
        role: role(known),
        properties,
    }
}

/// Whether nothing can be said about the value of an element: ids and XHTML have no extensions (FHIR R4, 2.24.0.2 and 2.4.0).
fn is_bare(element: &Element, primitive: Primitive) -> bool {
    primitive == Primitive::Xhtml || matches!(&*element.path, "Element.id" | "Resource.id")
}

/// At most half of the slots are taken, so that a search ends.
fn slots(properties: &[Property]) -> Box<[u16]> {
    let count = (properties.len() * 2 + 1).next_power_of_two();
    let mut slots = vec![NONE; count].into_boxed_slice();
    for (number, property) in properties.iter().enumerate() {
        let mut slot = hash(property.name.as_bytes()) & (count - 1);
        while slots[slot] != NONE {
            slot = (slot + 1) & (count - 1);
        }
        slots[slot] = number as u16;
    }
    slots
}

fn role(known: &Type) -> Role {
    let bit = |path: &str| {
        let mut elements = known.elements.iter();
        let found = elements.position(|element| &*element.path == path);
        found.map_or(0, |number| 1 << number)
    };
    match &*known.name {
        "Extension" => Role::Extension {
            value: bit("Extension.value[x]"),
            nested: bit("Element.extension"),
        },
        "Bundle" => Role::Bundle,
        "Bundle.entry" => Role::Entry,
        _ => Role::Plain,
    }
}

/// What the carrier itself makes of an element (FHIR R4: 2.1.0.6 resource, 2.3 references, 2.36 bundles).
fn hook(element: &Element, shape: Shape) -> Hook {
    match &*element.path {
        "Resource.id" => Hook::Id,
        "Meta.versionId" => Hook::Version,
        "Meta.profile" => Hook::Profile,
        "Identifier.system" | "Coding.system" => Hook::Said(Side::System),
        "Identifier.value" => Hook::Said(Side::Value),
        "Coding.code" => Hook::Said(Side::Code),
        "Period.start" | "Appointment.start" | "Slot.start" => Hook::Said(Side::Start),
        "Period.end" | "Appointment.end" | "Slot.end" => Hook::Said(Side::End),
        "Reference.reference" => Hook::Reference,
        "DomainResource.contained" => Hook::Contained,
        "Bundle.type" => Hook::BundleType,
        "Bundle.total" => Hook::Part(Part::Total),
        "Bundle.identifier" => Hook::Part(Part::Identifier),
        "Bundle.timestamp" => Hook::Part(Part::Timestamp),
        "Bundle.entry.fullUrl" => Hook::FullUrl,
        "Bundle.entry.resource" => Hook::EntryResource,
        "Bundle.entry.request" => Hook::Part(Part::Request),
        "Bundle.entry.response" => Hook::Part(Part::Response),
        "Bundle.entry.search" => Hook::Part(Part::Search),
        _ => match shape {
            Shape::Primitive(Primitive::Xhtml) => Hook::Narrative,
            Shape::Primitive(Primitive::Uri | Primitive::Url | Primitive::Canonical) => Hook::Uri,
            _ => Hook::Nothing,
        },
    }
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
