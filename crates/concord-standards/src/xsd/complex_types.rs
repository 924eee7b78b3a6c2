//! Complex types, with what they inherit worked out (part 1, 3.4.2).

use super::attributes::AttributeSet;
use super::builder::Builder;
use super::derivation_set::{Finals, blocks, finals};
use super::particles::{MODEL_GROUPS, is_emptiable};
use super::simple_types::SimpleNotes;
use super::site::Site;
use crate::schema::{
    ComplexType, ComplexTypeId, Content, Derivation, NamespaceSet, Particle, ProcessContents,
    QName, SimpleTypeId, Term, TypeId, Wildcard,
};

/// How far a complex type has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It has an id only.
    Announced,
    /// Being worked out: needed again meanwhile, it derives from itself.
    Busy,
    /// Worked out.
    Done,
    /// Wrong, and told so.
    Failed,
}

/// What is known of a complex type beyond its definition in the schema.
#[derive(Debug)]
pub(super) struct ComplexWork<'a> {
    pub(super) site: Site<'a>,
    pub(super) finals: Finals,
    pub(super) stage: Stage,
}

impl<'a> Builder<'a> {
    /// Gives a complex type its id and puts it in line.
    pub(super) fn announce_complex(
        &mut self,
        name: Option<QName>,
        site: Site<'a>,
    ) -> ComplexTypeId {
        let id = ComplexTypeId(self.schema.complex_types.len() as u32);
        let mut block = blocks(site.node.get("block")).unwrap_or(site.document.block);
        block.substitution = false;
        self.schema.complex_types.push(ComplexType {
            name,
            base: None,
            is_abstract: site.node.flag("abstract"),
            block,
            content: Content::Empty,
            attributes: Vec::new(),
            any_attribute: None,
            origin: site.origin(),
        });
        self.complex.push(ComplexWork {
            site,
            finals: finals(site.node.get("final")).unwrap_or(site.document.finals),
            stage: Stage::Announced,
        });
        id
    }

    /// Works a complex type out, unless that has been done.
    pub(super) fn complex_type(&mut self, id: ComplexTypeId) -> Option<()> {
        let work = &mut self.complex[id.0 as usize];
        let site = work.site;
        match work.stage {
            Stage::Done => return Some(()),
            Stage::Failed => return None,
            Stage::Busy => return self.fail(site, "this type derives from itself"),
            Stage::Announced => work.stage = Stage::Busy,
        }
        let made = self.descend(site, |builder| builder.define(id, site));
        self.complex[id.0 as usize].stage = if made.is_some() {
            Stage::Done
        } else {
            Stage::Failed
        };
        made
    }

    fn define(&mut self, id: ComplexTypeId, site: Site<'a>) -> Option<()> {
        let outer_mixed = site.node.flag("mixed");
        let Some(content) = site.child(&["simpleContent", "complexContent"]) else {
            let particle = self.explicit_content(site);
            let own = self.attribute_set(site)?;
            let attributes = AttributeSet::alone(own);
            let content = effective_content(particle, outer_mixed, site);
            self.store(id, None, content, attributes);
            return Some(());
        };
        let stray = site.child(&["attribute", "attributeGroup", "anyAttribute"]);
        if let Some(stray) = stray {
            return self.fail(
                stray,
                format!(
                    "attributes must stand inside the derivation in <xs:{}>, not beside it",
                    content.kind()
                ),
            );
        }
        let part = content.child(&["restriction", "extension"])?;
        let base = self.type_reference(part, part.node.get("base")?)?;
        let derivation = if part.kind() == "extension" {
            Derivation::Extension
        } else {
            Derivation::Restriction
        };
        self.base_allows(base, derivation, part)?;
        let own = self.attribute_set(part)?;
        if content.kind() == "simpleContent" {
            let simple = match derivation {
                Derivation::Extension => self.extended_simple(base, part)?,
                Derivation::Restriction => self.restricted_simple(base, part)?,
            };
            let attributes = self.inherited(base, derivation, own, part)?;
            self.store(
                id,
                Some((base, derivation)),
                Content::Simple(simple),
                attributes,
            );
            return Some(());
        }
        if let TypeId::Simple(_) = base {
            return self.fail(
                part,
                "xs:complexContent must derive from a complex type: use xs:simpleContent",
            );
        }
        let mixed = match content.node.raw("mixed") {
            Some(_) => content.node.flag("mixed"),
            None => outer_mixed,
        };
        let particle = self.explicit_content(part);
        let content = match derivation {
            Derivation::Extension => self.extended_content(base, particle, mixed, part)?,
            Derivation::Restriction => effective_content(particle, mixed, part),
        };
        let attributes = self.inherited(base, derivation, own, part)?;
        self.store(id, Some((base, derivation)), content, attributes);
        Some(())
    }

    fn store(
        &mut self,
        id: ComplexTypeId,
        base: Option<(TypeId, Derivation)>,
        content: Content,
        attributes: AttributeSet,
    ) {
        let made = &mut self.schema.complex_types[id.0 as usize];
        made.base = base;
        made.content = content;
        made.attributes = attributes.uses;
        made.any_attribute = attributes.wildcard;
    }

    /// Works the base out, and looks whether it is final for this derivation.
    fn base_allows(&mut self, base: TypeId, derivation: Derivation, part: Site<'a>) -> Option<()> {
        let closed = match base {
            TypeId::Any => return Some(()),
            TypeId::Complex(base) => {
                self.complex_type(base)?;
                self.complex[base.0 as usize].finals
            }
            TypeId::Simple(base) => self.simple[base.0 as usize].finals,
        };
        let refused = match derivation {
            Derivation::Extension => closed.extension,
            Derivation::Restriction => closed.restriction,
        };
        if refused {
            let kind = part.kind();
            return self.fail(
                part,
                format!("the base type is final: it does not allow {kind}"),
            );
        }
        Some(())
    }

    fn explicit_content(&mut self, site: Site<'a>) -> Option<Particle> {
        let model = site.child(MODEL_GROUPS)?;
        let particle = self.top_particle(model)?;
        // Part 1, 3.4.2: a model group without children is no content at all.
        let childless = model.parts().next().is_none();
        let nothing = match model.kind() {
            "all" | "sequence" => childless,
            "choice" => childless && particle.min == 0,
            _ => false,
        };
        (!nothing).then_some(particle)
    }

    fn extended_content(
        &mut self,
        base: TypeId,
        own: Option<Particle>,
        mixed: bool,
        part: Site<'a>,
    ) -> Option<Content> {
        let own = effective_content(own, mixed, part);
        let TypeId::Complex(base) = base else {
            return self.extended_anything(own, part);
        };
        let Content::Children {
            particle: added, ..
        } = own
        else {
            return match self.schema.complex_type(base).content.clone() {
                Content::Children { particle, mixed } => Some(Content::Children {
                    particle: self.copy_of(&particle, part)?,
                    mixed,
                }),
                content => Some(content),
            };
        };
        let (inherited, base_mixed) = match self.schema.complex_type(base).content.clone() {
            Content::Empty => {
                return Some(Content::Children {
                    particle: added,
                    mixed,
                });
            }
            Content::Simple(_) => {
                return self.fail(
                    part,
                    "the base type has simple content: use xs:simpleContent",
                );
            }
            Content::Children { particle, mixed } => (particle, mixed),
        };
        if base_mixed != mixed {
            return self.fail(
                part,
                "the base type and its extension must both be mixed, or both not: set `mixed` alike",
            );
        }
        if matches!(inherited.term, Term::All(_)) || matches!(added.term, Term::All(_)) {
            return self.fail(
                part,
                "xs:all must be the whole content: it cannot be extended",
            );
        }
        let inherited = self.copy_of(&inherited, part)?;
        Some(Content::Children {
            particle: Particle {
                min: 1,
                max: Some(1),
                term: Term::Sequence(vec![inherited, added]),
                origin: part.origin(),
            },
            mixed,
        })
    }

    /// An extension of `xs:anyType`: anything, then what is its own.
    fn extended_anything(&mut self, own: Content, part: Site<'a>) -> Option<Content> {
        let anything = Particle {
            min: 0,
            max: None,
            term: Term::Any(Wildcard {
                namespaces: NamespaceSet::Any,
                process: ProcessContents::Lax,
            }),
            origin: part.origin(),
        };
        let mut model = vec![anything];
        if let Content::Children { particle, mixed } = own {
            if !mixed {
                return self.fail(
                    part,
                    "xs:anyType is mixed, so its extension must be: set mixed=\"true\"",
                );
            }
            model.push(particle);
        }
        Some(Content::Children {
            particle: Particle {
                min: 1,
                max: Some(1),
                term: Term::Sequence(model),
                origin: part.origin(),
            },
            mixed: true,
        })
    }

    fn extended_simple(&mut self, base: TypeId, part: Site<'a>) -> Option<SimpleTypeId> {
        match base {
            TypeId::Simple(id) => return Some(id),
            TypeId::Complex(id) => {
                if let Content::Simple(id) = self.schema.complex_type(id).content {
                    return Some(id);
                }
            }
            TypeId::Any => {}
        }
        self.fail(part, "the base type has no simple content to extend")
    }

    fn restricted_simple(&mut self, base: TypeId, part: Site<'a>) -> Option<SimpleTypeId> {
        let TypeId::Complex(base) = base else {
            return self.fail(
                part,
                "a restriction in xs:simpleContent needs a complex type with simple content as its base: use xs:simpleType",
            );
        };
        let own = match part.child(&["simpleType"]) {
            Some(child) => Some(self.simple_type(child, None)?),
            None => None,
        };
        let start = match (&self.schema.complex_type(base).content, own) {
            (Content::Simple(inherited), None) => *inherited,
            (Content::Simple(inherited), Some(own)) => {
                let inherited = *inherited;
                if !self.is_derived_simple(own, inherited) {
                    return self.fail(part, "the simple type does not derive from the base's");
                }
                own
            }
            (
                Content::Children {
                    particle,
                    mixed: true,
                },
                Some(own),
            ) if is_emptiable(particle) => own,
            _ => {
                return self.fail(
                    part,
                    "the base type must have simple content, or mixed content that may be empty together with <xs:simpleType>",
                );
            }
        };
        let facets = part
            .parts()
            .any(|child| super::grammar::FACET_NAMES.contains(&child.kind()));
        if !facets {
            return Some(start);
        }
        self.restrict(start, part, None, SimpleNotes::default(), part.origin())
    }
}

/// Content with the explicit particle and `mixed` put together.
fn effective_content(particle: Option<Particle>, mixed: bool, site: Site<'_>) -> Content {
    match particle {
        Some(particle) => Content::Children { particle, mixed },
        None if mixed => Content::Children {
            particle: Particle {
                min: 1,
                max: Some(1),
                term: Term::Sequence(Vec::new()),
                origin: site.origin(),
            },
            mixed,
        },
        None => Content::Empty,
    }
}
