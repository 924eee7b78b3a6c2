//! Attributes: namespaces declared, `xsi:` attributes, and those of the type.

use std::borrow::Cow;
use std::sync::Arc;

use concord_finding::Fact;
use concord_standards::compile::wildcard_allows;
use concord_standards::schema::{
    self, Derivation, DerivationSet, ElementId, NamespaceSet, ProcessContents, QName, TypeId, Use,
    ValueConstraint, Wildcard,
};
use concord_standards::value::ValueChecker;

use super::namespaces::{INSTANCE, SCHEMA};
use super::{Exact, report_value, value};
use crate::catalogue::BuiltinRule;
use crate::lexical::{self, AttributesError};
use crate::plan::NOTHING;

/// What `xs:anyType` takes beside its attributes, of which it has none. XML Schema part 1, 3.4.7.
const ANY: Wildcard = Wildcard {
    namespaces: NamespaceSet::Any,
    process: ProcessContents::Lax,
};

/// An attribute that is not a namespace declaration.
pub(super) struct Attribute<'c> {
    pub(super) name: QName,
    pub(super) value: Cow<'c, str>,
    /// Offset of the name and of the value in the chunk, and the value's length as written.
    pub(super) offset: usize,
    pub(super) value_offset: usize,
    pub(super) value_length: usize,
}

impl<'c> Exact<'_, 'c> {
    /// Reads the attributes of a tag and binds the prefixes that it declares; `None` when it is not well-formed.
    ///
    /// `raw` is what stands between the name, which ends at `base`, and the end of the tag.
    pub(super) fn read_attributes(&mut self, raw: &str, base: usize) -> Option<Vec<Attribute<'c>>> {
        let chunk = self.chunk;
        // Borrow from the chunk rather than from the event, whose life is shorter.
        let text = &chunk[base..base + raw.len()];
        let written = match lexical::attributes(text, self.plan.limits.attributes) {
            Ok(written) => written,
            Err(AttributesError::Malformed(malformed)) => {
                self.malformed_in(base, malformed);
                return None;
            }
            Err(AttributesError::TooMany(at)) => {
                self.beyond_limit(
                    BuiltinRule::AttributeCount,
                    base + at,
                    self.plan.limits.attributes,
                );
                return None;
            }
        };
        let mut plain = Vec::with_capacity(written.len());
        let longest = self.plan.limits.text_length;
        for attribute in written {
            if attribute.value.len() > longest {
                let at = base + attribute.value_offset;
                self.beyond_limit(BuiltinRule::TextLength, at, longest);
                return None;
            }
            let value = match lexical::decode_attribute(attribute.value) {
                Ok(value) => value,
                Err(malformed) => {
                    self.malformed_in(base + attribute.value_offset, malformed);
                    return None;
                }
            };
            if attribute.name == "xmlns" {
                self.namespaces.bind("", &value);
            } else if let Some(prefix) = attribute.name.strip_prefix("xmlns:") {
                if value.is_empty()
                    || prefix == "xmlns"
                    || (prefix == "xml") != (*value == *super::namespaces::XML)
                {
                    self.malformed(
                        base + attribute.offset,
                        format!("the prefix `{prefix}` cannot be declared like this"),
                    );
                    return None;
                }
                self.namespaces.bind(prefix, &value);
            } else {
                plain.push((attribute, value));
            }
        }
        let mut attributes: Vec<Attribute<'c>> = Vec::with_capacity(plain.len());
        for (attribute, value) in plain {
            let (prefix, local) = attribute
                .name
                .split_once(':')
                .unwrap_or(("", attribute.name));
            let namespace = match prefix {
                "" => Some(Arc::from("")),
                other => self.namespaces.resolve(other),
            };
            let Some(namespace) = namespace else {
                self.malformed(
                    base + attribute.offset,
                    format!("the prefix `{prefix}` is not declared"),
                );
                return None;
            };
            let name = QName::new(namespace, local);
            if attributes.iter().any(|known| known.name == name) {
                self.malformed(
                    base + attribute.offset,
                    format!("the attribute `{local}` stands twice"),
                );
                return None;
            }
            attributes.push(Attribute {
                name,
                value,
                offset: base + attribute.offset,
                value_offset: base + attribute.value_offset,
                value_length: attribute.value.len(),
            });
        }
        Some(attributes)
    }

    /// The type of an element, which `xsi:type` may replace by one derived from it; of one without a declaration, any type.
    /// XML Schema part 1, 3.3.4.
    pub(super) fn effective_type(
        &mut self,
        declared: TypeId,
        element: Option<ElementId>,
        attributes: &[Attribute<'_>],
        start: usize,
    ) -> TypeId {
        let schema = self.plan.compiled.schema.clone();
        let mut content = declared;
        if let Some(attribute) = find(attributes, INSTANCE, "type") {
            let text = trimmed(&attribute.value);
            match self.type_named(&schema, text) {
                None => {
                    let reason = format!("`{text}` is not a type of this standard");
                    self.at_attribute(BuiltinRule::XsiType, attribute, "type")
                        .plain("reason", reason);
                }
                Some(named) => {
                    let block = match declared {
                        TypeId::Complex(id) => schema.complex_type(id).block,
                        TypeId::Simple(_) | TypeId::Any => DerivationSet::default(),
                    };
                    let own = element.map(|element| schema.element(element).block);
                    let blocked = merge(block, own.unwrap_or_default());
                    if derives(&schema, named, declared, blocked) {
                        content = named;
                    } else {
                        let reason = format!(
                            "the type `{text}` is not derived from the type of this element"
                        );
                        self.at_attribute(BuiltinRule::XsiType, attribute, "type")
                            .plain("reason", reason);
                    }
                }
            }
        }
        if let TypeId::Complex(id) = content
            && schema.complex_type(id).is_abstract
        {
            let found = schema
                .complex_type(id)
                .name
                .as_ref()
                .map_or_else(|| "the type".to_owned(), ToString::to_string);
            self.draft(BuiltinRule::Abstract, start, 1)
                .plain("found", found);
        }
        content
    }

    fn type_named(&self, schema: &schema::Schema, text: &str) -> Option<TypeId> {
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        let name = QName::new(self.namespaces.resolve(prefix)?, local);
        if name == QName::new(SCHEMA, "anyType") {
            return Some(TypeId::Any);
        }
        let complex = schema
            .complex_types
            .iter()
            .position(|candidate| candidate.name.as_ref() == Some(&name))
            .map(|index| TypeId::Complex(schema::ComplexTypeId(index as u32)));
        complex.or_else(|| {
            schema
                .simple_types
                .iter()
                .position(|candidate| candidate.name.as_ref() == Some(&name))
                .map(|index| TypeId::Simple(schema::SimpleTypeId(index as u32)))
        })
    }

    /// Whether the element is nil, with the findings about `xsi:nil`.
    pub(super) fn check_nil(&mut self, element: ElementId, attributes: &[Attribute<'_>]) -> bool {
        let Some(attribute) = find(attributes, INSTANCE, "nil") else {
            return false;
        };
        let declaration = self.plan.compiled.schema.element(element);
        let (nillable, fixed) = (
            declaration.nillable,
            matches!(declaration.constraint, Some(ValueConstraint::Fixed(_))),
        );
        let nil = match trimmed(&attribute.value) {
            "true" | "1" => true,
            "false" | "0" => false,
            other => {
                let reason = format!("`{other}` is neither true nor false");
                self.at_attribute(BuiltinRule::Nil, attribute, "nil")
                    .plain("reason", reason);
                return false;
            }
        };
        if !nillable {
            self.at_attribute(BuiltinRule::Nil, attribute, "nil")
                .plain("reason", "this element cannot be nil");
            return false;
        }
        if nil && fixed {
            self.at_attribute(BuiltinRule::Nil, attribute, "nil")
                .plain("reason", "an element with a fixed value cannot be nil");
        }
        nil
    }

    /// Checks attributes against a type. XML Schema part 1, 3.4.4 and 3.2.4.
    pub(super) fn check_attributes(
        &mut self,
        content: TypeId,
        attributes: &[Attribute<'_>],
        start: usize,
        end: usize,
    ) {
        let plan = self.plan;
        let schema = &plan.compiled.schema;
        let parent = self.parent_name().to_string();
        let (uses, wildcard) = match content {
            TypeId::Complex(id) => {
                let complex = schema.complex_type(id);
                (&complex.attributes[..], complex.any_attribute.as_ref())
            }
            TypeId::Simple(_) => (&[][..], None),
            TypeId::Any => (&[][..], Some(&ANY)),
        };
        let node = self.stack.last().map_or(NOTHING, |frame| frame.node);
        for attribute in attributes {
            if node != NOTHING {
                for (name, group, column) in &plan.nodes[node as usize].attributes {
                    if **name == *attribute.name.local {
                        let cell = [(*group, *column)];
                        match attribute.value {
                            Cow::Borrowed(_) => self.out.put_span(
                                &cell,
                                attribute.value_offset as u32,
                                attribute.value_length as u32,
                            ),
                            Cow::Owned(ref text) => {
                                let offset = attribute.value_offset as u32;
                                self.out.put_text(&cell, text, offset);
                            }
                        }
                    }
                }
            }
            if &*attribute.name.namespace == INSTANCE
                && matches!(
                    &*attribute.name.local,
                    "type" | "nil" | "schemaLocation" | "noNamespaceSchemaLocation"
                )
            {
                continue;
            }
            match uses
                .iter()
                .find(|known| known.attribute.name == attribute.name)
            {
                Some(known) if known.usage != Use::Prohibited => {
                    self.check_attribute_value(&known.attribute, attribute);
                }
                other => {
                    let allowed = wildcard.is_some_and(|wildcard| {
                        wildcard_allows(wildcard, &attribute.name.namespace)
                    });
                    if allowed && let Some(wildcard) = wildcard {
                        let global = schema
                            .attributes
                            .iter()
                            .find(|global| global.name == attribute.name);
                        match (wildcard.process, global) {
                            (ProcessContents::Skip, _) | (ProcessContents::Lax, None) => continue,
                            (_, Some(global)) => {
                                self.check_attribute_value(global, attribute);
                                continue;
                            }
                            (ProcessContents::Strict, None) => {}
                        }
                    }
                    let rule = if other.is_some() {
                        BuiltinRule::AttributeProhibited
                    } else {
                        BuiltinRule::AttributeUnknown
                    };
                    let found = attribute.name.to_string();
                    self.at_attribute(rule, attribute, &found.clone())
                        .plain("found", found)
                        .plain("parent", parent.clone());
                }
            }
        }
        for known in uses {
            if known.usage == Use::Required
                && !attributes
                    .iter()
                    .any(|attribute| attribute.name == known.attribute.name)
            {
                let missing = known.attribute.name.to_string();
                self.draft(BuiltinRule::AttributeMissing, start, end - start)
                    .plain("missing", missing)
                    .plain("parent", parent.clone());
            }
        }
    }

    fn check_attribute_value(&mut self, known: &schema::Attribute, attribute: &Attribute<'_>) {
        let plan = self.plan;
        let checker = plan.compiled.value(known.content);
        if let Err(fault) = checker.check(&attribute.value) {
            let shown = attribute.value.to_string();
            report_value(
                self,
                known.content,
                &known.facts,
                &shown,
                &fault,
                attribute.value_offset,
                attribute.value_length,
                Some(&known.name.local),
            );
        } else if let Some(ValueConstraint::Fixed(fixed)) = &known.constraint
            && !checker.same_value(&attribute.value, fixed)
        {
            let shown = value::shown(&known.facts, &attribute.value);
            let draft = self.at_attribute(BuiltinRule::ValueFixed, attribute, &known.name.local);
            draft.finding.value = Some(shown);
            draft.finding.expected = Some(Fact::Plain(fixed.clone()));
        } else if let Some(prefix) = self.undeclared(checker, &attribute.value) {
            let expected = value::with_declared(prefix);
            let shown = value::shown(&known.facts, &attribute.value);
            let draft = self.at_attribute(BuiltinRule::ValueType, attribute, &known.name.local);
            draft.finding.value = Some(shown);
            draft.finding.expected = Some(expected);
        }
    }

    /// The first prefix of a name in a value that is not declared here.
    pub(super) fn undeclared<'t>(&self, checker: &ValueChecker, value: &'t str) -> Option<&'t str> {
        let is_declared = |prefix: &str| self.namespaces.resolve(prefix).is_some();
        checker.undeclared(value, &is_declared)
    }

    fn at_attribute(
        &mut self,
        rule: BuiltinRule,
        attribute: &Attribute<'_>,
        local: &str,
    ) -> &mut crate::output::Draft {
        let path = format!("{}/@{local}", self.path());
        let length = attribute.value_offset + attribute.value_length + 1 - attribute.offset;
        let draft = self.draft(rule, attribute.offset, length);
        draft.finding.path = Some(path.into());
        draft
    }
}

fn find<'a, 'c>(
    attributes: &'a [Attribute<'c>],
    namespace: &str,
    local: &str,
) -> Option<&'a Attribute<'c>> {
    attributes.iter().find(|attribute| {
        *attribute.name.namespace == *namespace && *attribute.name.local == *local
    })
}

/// Without white space as XML has it around it.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

fn merge(left: DerivationSet, right: DerivationSet) -> DerivationSet {
    DerivationSet {
        extension: left.extension || right.extension,
        restriction: left.restriction || right.restriction,
        substitution: left.substitution || right.substitution,
    }
}

/// Whether `named` is `declared` or derived from it by nothing that is blocked. XML Schema part 1, 3.4.6 and 3.14.6.
fn derives(
    schema: &schema::Schema,
    named: TypeId,
    declared: TypeId,
    blocked: DerivationSet,
) -> bool {
    let mut current = named;
    // No chain is longer than the number of types; the bound keeps a broken schema from looping.
    for _ in 0..=schema.complex_types.len() + schema.simple_types.len() {
        if current == declared {
            return true;
        }
        current = match current {
            TypeId::Complex(id) => match schema.complex_type(id).base {
                Some((_, Derivation::Extension)) if blocked.extension => return false,
                Some((_, Derivation::Restriction)) if blocked.restriction => return false,
                Some((base, _)) => base,
                None => return declared == TypeId::Any && !blocked.restriction,
            },
            TypeId::Simple(id) => {
                if blocked.restriction {
                    return false;
                }
                if let TypeId::Simple(union) = declared
                    && let schema::Variety::Union(members) = &schema.simple_type(union).variety
                    && members.contains(&id)
                {
                    return true;
                }
                match schema.simple_type(id).base {
                    Some(base) => TypeId::Simple(base),
                    None => return builtin_derives(schema, id, declared),
                }
            }
            TypeId::Any => return false,
        };
    }
    false
}

/// Whether a built-in type is derived from `declared`, by the hierarchy of XML Schema part 2, 3.
fn builtin_derives(schema: &schema::Schema, id: schema::SimpleTypeId, declared: TypeId) -> bool {
    let builtin = |id: schema::SimpleTypeId| {
        let simple = schema.simple_type(id);
        match simple.variety {
            schema::Variety::Atomic(builtin) if simple.base.is_none() => Some(builtin),
            _ => None,
        }
    };
    let TypeId::Simple(declared) = declared else {
        return declared == TypeId::Any;
    };
    // Lists and unions too are derived from it.
    if builtin(declared) == Some(schema::Builtin::AnySimpleType) {
        return true;
    }
    let (Some(mut current), Some(wanted)) = (builtin(id), builtin(declared)) else {
        return false;
    };
    while let Some(base) = current.base() {
        if base == wanted {
            return true;
        }
        current = base;
    }
    false
}
