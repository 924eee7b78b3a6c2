//! Attributes, their uses, and attribute groups (part 1, 3.2, 3.4 and 3.6).

use std::sync::Arc;

use super::budget::Budget;
use super::builder::{Builder, Progress};
use super::error::Told;
use super::names::{XML_NAMESPACE, XSI_NAMESPACE};
use super::site::Site;
use crate::schema::{
    Attribute, AttributeUse, Builtin, Facets, Facts, Origin, QName, SimpleType, SimpleTypeId, Use,
    ValueConstraint, Variety, Wildcard,
};

/// The attributes that a type or attribute group says itself.
#[derive(Debug, Clone, Default)]
pub(super) struct AttributeSet {
    /// Uses in the order written, prohibited ones included.
    pub(super) uses: Vec<AttributeUse>,
    /// `xs:anyAttribute`, narrowed by those of the attribute groups.
    pub(super) wildcard: Option<Wildcard>,
}

impl<'a> Builder<'a> {
    /// What `xs:attribute`, `xs:attributeGroup` and `xs:anyAttribute` inside `site` say together.
    pub(super) fn attribute_set(&mut self, site: Site<'a>) -> Option<AttributeSet> {
        let mut set = AttributeSet::default();
        let mut from_groups: Option<Wildcard> = None;
        let mut own = None;
        let mut good = true;
        for part in site.parts() {
            match part.kind() {
                "attribute" => match self.attribute_use(part) {
                    Some(usage) => good &= self.add_use(&mut set.uses, usage, part),
                    None => good = false,
                },
                "attributeGroup" => {
                    let Some(group) = self.attribute_group_reference(part) else {
                        good = false;
                        continue;
                    };
                    for usage in group.uses {
                        good &= self.add_use(&mut set.uses, usage, part);
                    }
                    if let Some(wildcard) = group.wildcard {
                        from_groups = match from_groups {
                            None => Some(wildcard),
                            Some(before) => Some(self.narrow(part, &before, &wildcard)?),
                        };
                    }
                }
                "anyAttribute" => own = Some((part, self.wildcard(part)?)),
                _ => {}
            }
        }
        set.wildcard = match (own, from_groups) {
            (Some((part, own)), Some(groups)) => Some(self.narrow(part, &own, &groups)?),
            (Some((_, own)), None) => Some(own),
            (None, groups) => groups,
        };
        good.then_some(set)
    }

    /// Adds a use; the same attribute twice is an error, unless one of them is prohibited and so says nothing.
    fn add_use(
        &mut self,
        uses: &mut Vec<AttributeUse>,
        usage: AttributeUse,
        site: Site<'_>,
    ) -> bool {
        if !self.budget.spend(1) {
            self.errors.at(&site.node.origin, Budget::MESSAGE);
            return false;
        }
        let known = uses
            .iter_mut()
            .find(|known| known.attribute.name == usage.attribute.name);
        match known {
            None => uses.push(usage),
            Some(known) if known.usage == Use::Prohibited => *known = usage,
            Some(_) if usage.usage == Use::Prohibited => {}
            Some(known) => {
                let first = known.attribute.origin.line;
                let name = &usage.attribute.name;
                self.errors.at(
                    &site.node.origin,
                    format!("the attribute `{name}` stands twice: first in line {first}"),
                );
                return false;
            }
        }
        true
    }

    fn attribute_use(&mut self, site: Site<'a>) -> Option<AttributeUse> {
        let usage = match site.node.get("use") {
            Some("required") => Use::Required,
            Some("prohibited") => Use::Prohibited,
            _ => Use::Optional,
        };
        if usage != Use::Optional && site.node.raw("default").is_some() {
            return self.fail(
                site,
                "a default makes no sense unless the attribute is optional",
            );
        }
        let attribute = match (site.node.get("ref"), site.node.get("name")) {
            (Some(written), None) => {
                let clash = ["type", "form"]
                    .iter()
                    .find(|name| site.node.raw(name).is_some());
                if let Some(clash) = clash {
                    return self.fail(site, format!("`{clash}` must not stand beside `ref`"));
                }
                if site.child(&["simpleType"]).is_some() {
                    return self.fail(site, "<xs:simpleType> must not stand in a reference");
                }
                let mut attribute = self.attribute_reference(site, written)?;
                let own = self.value_constraint(site).ok()?;
                if let (Some(ValueConstraint::Fixed(fixed)), own) = (&attribute.constraint, &own) {
                    let same = match own {
                        None => true,
                        Some(ValueConstraint::Fixed(own)) => own == fixed,
                        Some(ValueConstraint::Default(_)) => false,
                    };
                    if !same {
                        let message =
                            format!("`{written}` is declared with the fixed value {fixed}");
                        return self.fail(site, message);
                    }
                }
                attribute.constraint = own.or(attribute.constraint);
                attribute.origin = site.origin();
                attribute
            }
            (None, Some(name)) => {
                let name = site.local_name(name, site.document.attributes_qualified);
                self.attribute(site, name)?
            }
            (Some(_), Some(_)) => return self.fail(site, "either `name` or `ref`, not both"),
            (None, None) => return self.fail(site, "`name` or `ref` is missing"),
        };
        Some(AttributeUse { attribute, usage })
    }

    fn attribute(&mut self, site: Site<'a>, name: QName) -> Option<Attribute> {
        if &*name.local == "xmlns" {
            return self.fail(site, "an attribute must not be called xmlns");
        }
        if &*name.namespace == XSI_NAMESPACE {
            return self.fail(site, format!("attributes in {XSI_NAMESPACE} are built in"));
        }
        let content = match (site.node.get("type"), site.child(&["simpleType"])) {
            (Some(written), None) => self.simple_reference(site, written)?,
            (None, Some(child)) => self.simple_type(child, None)?,
            (None, None) => self.builtin(Builtin::AnySimpleType, site)?,
            (Some(_), Some(_)) => {
                return self.fail(site, "either `type` or <xs:simpleType>, not both");
            }
        };
        Some(Attribute {
            name,
            content,
            constraint: self.value_constraint(site).ok()?,
            facts: Facts::default(),
            origin: site.origin(),
        })
    }

    /// `default` or `fixed`; both is an error.
    pub(super) fn value_constraint(
        &mut self,
        site: Site<'_>,
    ) -> Result<Option<ValueConstraint>, Told> {
        match (site.node.raw("default"), site.node.raw("fixed")) {
            (Some(_), Some(_)) => {
                let message = "either `default` or `fixed`, not both";
                self.errors.at(&site.node.origin, message);
                Err(Told)
            }
            (Some(value), None) => Ok(Some(ValueConstraint::Default(value.to_owned()))),
            (None, Some(value)) => Ok(Some(ValueConstraint::Fixed(value.to_owned()))),
            (None, None) => Ok(None),
        }
    }

    fn attribute_reference(&mut self, site: Site<'a>, written: &str) -> Option<Attribute> {
        let name = match site.refers(written) {
            Ok(name) => name,
            Err(message) => return self.fail(site, message),
        };
        if &*name.namespace == XML_NAMESPACE {
            return self.xml_attribute(&name.local, site);
        }
        let symbols = self.symbols;
        match symbols.attributes.get(&name) {
            Some(definition) => self.global_attribute(&name, *definition),
            None => self.unresolved(site, "attribute", written, &name),
        }
    }

    /// The global attribute defined at `definition`.
    pub(super) fn global_attribute(
        &mut self,
        name: &QName,
        definition: Site<'a>,
    ) -> Option<Attribute> {
        match self.attributes.get(name) {
            Some(Progress::Done(attribute)) => return Some(attribute.clone()),
            Some(Progress::Failed | Progress::Busy) => return None,
            None => {}
        }
        let made = self.attribute(definition, name.clone());
        let progress = made.clone().map_or(Progress::Failed, Progress::Done);
        self.attributes.insert(name.clone(), progress);
        made
    }

    fn attribute_group_reference(&mut self, site: Site<'a>) -> Option<AttributeSet> {
        let written = site.node.get("ref")?;
        let name = match site.refers(written) {
            Ok(name) => name,
            Err(message) => return self.fail(site, message),
        };
        let symbols = self.symbols;
        match symbols.attribute_groups.get(&name) {
            Some(definition) => self.named_attribute_group(&name, *definition, site),
            None => self.unresolved(site, "attribute group", written, &name),
        }
    }

    /// The attribute group defined at `definition`, needed at `site`.
    pub(super) fn named_attribute_group(
        &mut self,
        name: &QName,
        definition: Site<'a>,
        site: Site<'_>,
    ) -> Option<AttributeSet> {
        match self.attribute_groups.get(name) {
            Some(Progress::Done(set)) => return Some(set.clone()),
            Some(Progress::Failed) => return None,
            Some(Progress::Busy) => {
                return self.fail(site, format!("the attribute group `{name}` holds itself"));
            }
            None => {}
        }
        self.attribute_groups.insert(name.clone(), Progress::Busy);
        let made = self.descend(definition, |builder| {
            let mut set = builder.attribute_set(definition)?;
            // In a group, prohibited says nothing (part 1, 3.6.2).
            set.uses.retain(|usage| usage.usage != Use::Prohibited);
            Some(set)
        });
        let progress = made.clone().map_or(Progress::Failed, Progress::Done);
        self.attribute_groups.insert(name.clone(), progress);
        made
    }

    /// Makes the attributes of the XML namespace global ones of this schema.
    pub(super) fn declare_xml_attributes(&mut self) {
        let Some((_, site)) = self.symbols.in_order.first() else {
            return;
        };
        for name in ["lang", "space", "base"] {
            if let Some(attribute) = self.xml_attribute(name, *site) {
                self.schema.attributes.push(attribute);
            }
        }
    }

    /// An attribute of the XML namespace, as <http://www.w3.org/2001/xml.xsd> declares it.
    fn xml_attribute(&mut self, local: &str, site: Site<'_>) -> Option<Attribute> {
        let name = QName::new(XML_NAMESPACE, local);
        if let Some(Progress::Done(attribute)) = self.attributes.get(&name) {
            return Some(attribute.clone());
        }
        let content = match local {
            "base" => self.builtin(Builtin::AnyUri, site)?,
            "lang" => {
                let language = self.builtin(Builtin::Language, site)?;
                let string = self.builtin(Builtin::String, site)?;
                let empty = self.built_in_codes(string, Builtin::String, &[""]);
                self.built_in_type(Variety::Union(vec![language, empty]), Vec::new(), None)
            }
            "space" => {
                let name = self.builtin(Builtin::NcName, site)?;
                self.built_in_codes(name, Builtin::NcName, &["default", "preserve"])
            }
            _ => {
                return self.fail(
                    site,
                    format!("the attribute xml:{local} is not supported: xml:lang, xml:space and xml:base are"),
                );
            }
        };
        let attribute = Attribute {
            name: name.clone(),
            content,
            constraint: None,
            facts: Facts::default(),
            origin: Origin {
                file: Arc::from(""),
                line: 0,
            },
        };
        self.attributes
            .insert(name, Progress::Done(attribute.clone()));
        Some(attribute)
    }

    fn built_in_codes(
        &mut self,
        base: SimpleTypeId,
        builtin: Builtin,
        codes: &[&str],
    ) -> SimpleTypeId {
        let facets = Facets {
            enumeration: codes.iter().map(|code| (*code).to_owned()).collect(),
            ..Facets::default()
        };
        self.built_in_type(Variety::Atomic(builtin), vec![facets], Some(base))
    }

    fn built_in_type(
        &mut self,
        variety: Variety,
        steps: Vec<Facets>,
        base: Option<SimpleTypeId>,
    ) -> SimpleTypeId {
        self.add_simple(
            SimpleType {
                name: None,
                variety,
                steps,
                base,
                code_list: None,
                format: None,
                origin: Origin::default(),
            },
            super::simple_types::SimpleNotes::default(),
        )
    }
}
