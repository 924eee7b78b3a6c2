//! The structure of an interchange turned into steps that write records fast.

use concord_standards::schema::{
    Content, Element, ElementId, Particle, QName, Schema, Term, TypeId, Use, ValueConstraint,
};

use super::makers::{Maker, maker};
use super::presence::{Presence, Times, presence_of, role_of, times_of};
use super::story::Role;
use super::types::{CdsType, Protocol};
use super::{Request, SampleError};
use crate::Dice;
use crate::value::Values;

/// Deepest nesting of a record; no version comes near.
const DEPTH: usize = 40;

/// A step of writing.
#[derive(Debug)]
pub(super) enum Step {
    /// An element with text.
    Leaf {
        presence: Presence,
        times: Times,
        open: Vec<u8>,
        close: Vec<u8>,
        maker: Maker,
    },
    /// An element with attributes or children.
    Group {
        presence: Presence,
        times: Times,
        window: Window,
        open: Vec<u8>,
        attributes: Vec<(Vec<u8>, Presence, Maker)>,
        steps: Vec<Step>,
        close: Vec<u8>,
        /// The whole element when nothing stands in it.
        empty: bool,
        /// Whether the moments of what follows go on from here.
        flows: bool,
        /// Whether its occurrences are babies.
        babies: bool,
    },
    /// Steps that are there together.
    Together {
        presence: Presence,
        times: Times,
        steps: Vec<Step>,
    },
    /// One of several.
    Choice {
        presence: Presence,
        pick: Pick,
        branches: Vec<Step>,
    },
}

/// How a choice is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    Any,
    /// The first nearly always, as the others say why it is missing.
    First,
    /// Withheld, verified, unverified: by the person's identity.
    Identity(Role, [usize; 3]),
}

/// When the moments of a group lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Window {
    /// As in the group around it.
    Around,
    /// From start to end of the episode or attendance.
    Inside,
    /// Before its start.
    Before,
}

/// All steps of an interchange.
#[derive(Debug)]
pub(super) struct Recipes {
    pub(super) version: String,
    /// Bulk replacement group, empty in net change.
    pub(super) group: String,
    /// The root's start tag.
    pub(super) head: Vec<u8>,
    pub(super) header: Step,
    pub(super) records: Vec<(CdsType, Step)>,
    /// The record that takes another back, in net change.
    pub(super) delete: Option<Step>,
    pub(super) trailer: Step,
    /// The root's end tag.
    pub(super) tail: Vec<u8>,
}

impl Recipes {
    pub(super) fn new(request: &Request<'_>) -> Result<Self, SampleError> {
        let schema = request.schema;
        let root_id = *schema
            .roots
            .first()
            .ok_or(SampleError::NotCds("root element"))?;
        let root = schema.element(root_id);
        let mut version = String::new();
        let mut head = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{} xmlns=\"{}\"",
            root.name.local, root.name.namespace
        );
        let TypeId::Complex(root_type) = root.content else {
            return Err(SampleError::NotCds("root type"));
        };
        for attribute in &schema.complex_type(root_type).attributes {
            if let (Use::Required, Some(ValueConstraint::Fixed(text))) =
                (attribute.usage, &attribute.attribute.constraint)
            {
                for part in [
                    " ",
                    &*attribute.attribute.name.local,
                    "=\"",
                    text.as_str(),
                    "\"",
                ] {
                    head.push_str(part);
                }
                if &*attribute.attribute.name.local == "SchemaVersion" {
                    version.clone_from(text);
                }
            }
        }
        head.push_str(">\n");
        let mut elements = Vec::new();
        if let Content::Children { particle, .. } = &schema.complex_type(root_type).content {
            leaves(particle, &mut elements);
        }
        let by_name = |wanted: &str| {
            elements
                .iter()
                .copied()
                .find(|id| &*schema.element(*id).name.local == wanted)
        };
        let mut cook = Cook {
            schema,
            values: Values::new(schema),
            dice: Dice::part(request.seed, u64::MAX - 2),
            body: None,
        };
        let header =
            by_name("CDSInterchangeHeader").ok_or(SampleError::NotCds("interchange header"))?;
        let trailer =
            by_name("CDSInterchangeTrailer").ok_or(SampleError::NotCds("interchange trailer"))?;
        let header = cook.element(header, 1, Some(1), Role::Patient, 1)?;
        let trailer = cook.element(trailer, 1, Some(1), Role::Patient, 1)?;
        let wrapped: Vec<ElementId> = elements
            .iter()
            .copied()
            .filter(|id| {
                let name = &schema.element(*id).name.local;
                match request.protocol {
                    Protocol::Net => name.starts_with("CDSNetChange"),
                    Protocol::Bulk => name.starts_with("CDSBulkGroup"),
                }
            })
            .collect();
        let (wrapper, types) = chosen(schema, &wrapped, request)?;
        let mut records = Vec::new();
        for kind in types {
            cook.body = Some(kind.element);
            records.push((kind, cook.element(wrapper, 1, Some(1), Role::Patient, 1)?));
        }
        cook.body = Some(DELETE);
        let deletes =
            request.protocol == Protocol::Net && bodies(schema, wrapper).contains(&DELETE);
        let delete = if deletes {
            Some(cook.element(wrapper, 1, Some(1), Role::Patient, 1)?)
        } else {
            None
        };
        let group =
            fixed_attribute(schema, wrapper, "CDSBulkReplacementGroupCode").unwrap_or_default();
        Ok(Self {
            version,
            group,
            head: head.into_bytes(),
            header,
            records,
            delete,
            trailer,
            tail: format!("</{}>\n", root.name.local).into_bytes(),
        })
    }
}

const DELETE: &str = "DeleteTransaction";

/// The element around the records, and the types to mix.
fn chosen(
    schema: &Schema,
    wrappers: &[ElementId],
    request: &Request<'_>,
) -> Result<(ElementId, Vec<CdsType>), SampleError> {
    let held: Vec<(ElementId, Vec<CdsType>)> = wrappers
        .iter()
        .map(|id| {
            (
                *id,
                bodies(schema, *id)
                    .into_iter()
                    .filter_map(CdsType::of_element)
                    .collect(),
            )
        })
        .collect();
    let all: Vec<CdsType> = held
        .iter()
        .flat_map(|(_, types)| types.iter().copied())
        .collect();
    for wanted in &request.types {
        if !all.iter().any(|known| known.code == wanted) {
            let known: Vec<&str> = all.iter().map(|known| known.code).collect();
            return Err(SampleError::Type {
                wanted: wanted.clone(),
                known: known.join(", "),
            });
        }
    }
    let fits = |types: &[CdsType]| {
        request
            .types
            .iter()
            .all(|wanted| types.iter().any(|known| known.code == wanted))
    };
    let (wrapper, types) = held
        .into_iter()
        .find(|(_, types)| !types.is_empty() && fits(types))
        .ok_or_else(|| {
            if request.types.is_empty() {
                SampleError::NotCds("record element")
            } else {
                SampleError::Groups(request.types.join(", "))
            }
        })?;
    let types = types
        .into_iter()
        .filter(|known| {
            request.types.is_empty() || request.types.iter().any(|wanted| wanted == known.code)
        })
        .collect();
    Ok((wrapper, types))
}

fn fixed_attribute(schema: &Schema, id: ElementId, name: &str) -> Option<String> {
    let TypeId::Complex(complex) = schema.element(id).content else {
        return None;
    };
    let found = schema
        .complex_type(complex)
        .attributes
        .iter()
        .find(|attribute| &*attribute.attribute.name.local == name)?;
    match &found.attribute.constraint {
        Some(ValueConstraint::Fixed(text)) if found.usage != Use::Prohibited => Some(text.clone()),
        _ => None,
    }
}

/// Names of the elements right below an element.
fn bodies(schema: &Schema, id: ElementId) -> Vec<&str> {
    let mut below = Vec::new();
    if let TypeId::Complex(complex) = schema.element(id).content
        && let Content::Children { particle, .. } = &schema.complex_type(complex).content
    {
        leaves(particle, &mut below);
    }
    below
        .into_iter()
        .map(|id| &*schema.element(id).name.local)
        .collect()
}

fn leaves(particle: &Particle, out: &mut Vec<ElementId>) {
    match &particle.term {
        Term::Element(id) => out.push(*id),
        Term::Sequence(particles) | Term::Choice(particles) | Term::All(particles) => {
            for particle in particles {
                leaves(particle, out);
            }
        }
        Term::Any(_) => {}
    }
}

/// Makes steps of particles.
struct Cook<'s> {
    schema: &'s Schema,
    values: Values<'s>,
    dice: Dice,
    /// The element that is to hold the record, of those that may.
    body: Option<&'static str>,
}

impl Cook<'_> {
    fn particle(
        &mut self,
        particle: &Particle,
        role: Role,
        depth: usize,
    ) -> Result<Step, SampleError> {
        let presence = if particle.min == 0 {
            Presence::Percent(95)
        } else {
            Presence::Always
        };
        let times = times_of("", particle.min, particle.max);
        Ok(match &particle.term {
            Term::Element(id) => self.element(*id, particle.min, particle.max, role, depth)?,
            Term::Sequence(particles) | Term::All(particles) => Step::Together {
                presence,
                times,
                steps: particles
                    .iter()
                    .map(|particle| self.particle(particle, role, depth))
                    .collect::<Result<_, _>>()?,
            },
            Term::Choice(particles) => self.choice(particles, presence, role, depth)?,
            Term::Any(_) => Step::Together {
                presence: Presence::Never,
                times,
                steps: Vec::new(),
            },
        })
    }

    fn choice(
        &mut self,
        particles: &[Particle],
        presence: Presence,
        role: Role,
        depth: usize,
    ) -> Result<Step, SampleError> {
        let names: Vec<&str> = particles
            .iter()
            .map(|particle| match &particle.term {
                Term::Element(id) => &*self.schema.element(*id).name.local,
                _ => "",
            })
            .collect();
        let body = self
            .body
            .and_then(|body| names.iter().position(|name| *name == body));
        if let Some(particle) = body.and_then(|index| particles.get(index)) {
            return self.particle(particle, role, depth);
        }
        let starting = |start: &str| names.iter().position(|name| name.starts_with(start));
        let pick = match (
            starting("WithheldIdentity"),
            starting("VerifiedIdentity"),
            starting("UnverifiedIdentity"),
        ) {
            (Some(withheld), Some(verified), Some(unverified)) => {
                let role = names.first().map_or(role, |name| role_of(name));
                Pick::Identity(role, [withheld, verified, unverified])
            }
            _ if names
                .iter()
                .any(|name| name.starts_with("DataAbsentReason")) =>
            {
                Pick::First
            }
            _ => Pick::Any,
        };
        Ok(Step::Choice {
            presence,
            pick,
            branches: particles
                .iter()
                .map(|particle| self.particle(particle, role, depth))
                .collect::<Result<_, _>>()?,
        })
    }

    fn element(
        &mut self,
        id: ElementId,
        min: u32,
        max: Option<u32>,
        role: Role,
        depth: usize,
    ) -> Result<Step, SampleError> {
        let schema = self.schema;
        let element: &Element = schema.element(id);
        let name = &*element.name.local;
        let role = if role_of(name) == Role::Patient {
            role
        } else {
            role_of(name)
        };
        let presence = if min == 0 {
            presence_of(name, role, matches!(element.content, TypeId::Complex(_)))
        } else {
            Presence::Always
        };
        let times = if max == Some(1) {
            Times::Once
        } else {
            times_of(name, min, max)
        };
        let indent = "  ".repeat(depth);
        match element.content {
            TypeId::Simple(simple) => Ok(Step::Leaf {
                presence,
                times,
                open: format!("{indent}<{name}>").into_bytes(),
                close: format!("</{name}>\n").into_bytes(),
                maker: maker(
                    schema,
                    &mut self.values,
                    name,
                    role,
                    simple,
                    element.constraint.as_ref(),
                    &mut self.dice,
                )?,
            }),
            TypeId::Complex(complex) => {
                if depth > DEPTH {
                    return Err(SampleError::NotCds("bound of its nesting"));
                }
                let complex = schema.complex_type(complex);
                let mut attributes = Vec::new();
                for attribute in complex
                    .attributes
                    .iter()
                    .filter(|attribute| attribute.usage != Use::Prohibited)
                {
                    let declared = &attribute.attribute;
                    let QName { local, .. } = &declared.name;
                    let made = maker(
                        schema,
                        &mut self.values,
                        local,
                        role,
                        declared.content,
                        declared.constraint.as_ref(),
                        &mut self.dice,
                    )?;
                    let presence = if attribute.usage == Use::Required {
                        Presence::Always
                    } else {
                        Presence::Percent(80)
                    };
                    attributes.push((format!(" {local}=\"").into_bytes(), presence, made));
                }
                let steps = match &complex.content {
                    Content::Children { particle, .. } => {
                        vec![self.particle(particle, role, depth + 1)?]
                    }
                    Content::Empty | Content::Simple(_) => Vec::new(),
                };
                Ok(Step::Group {
                    presence,
                    times,
                    window: window_of(name),
                    open: format!("{indent}<{name}").into_bytes(),
                    attributes,
                    steps,
                    close: format!("{indent}</{name}>\n").into_bytes(),
                    empty: matches!(complex.content, Content::Empty),
                    flows: name.starts_with("NCC_")
                        || name.starts_with("PCC_")
                        || name.starts_with("ACC_")
                        || name == "WardStay"
                        || name == "HomeLeave",
                    babies: times == Times::Babies,
                })
            }
            TypeId::Any => Err(SampleError::NotCds("type for one of its elements")),
        }
    }
}

fn window_of(name: &str) -> Window {
    match name {
        "EALEntry_APCReference"
        | "OutpatientReferral"
        | "RTTPeriodCharacteristics"
        | "AntenatalCare"
        | "MissedAppointmentOccurrence"
        | "Referral" => Window::Before,
        "CriticalCarePeriod"
        | "NeonatalCriticalCarePeriod"
        | "PaediatricCriticalCarePeriod"
        | "AdultCriticalCarePeriod" => Window::Inside,
        _ => Window::Around,
    }
}
