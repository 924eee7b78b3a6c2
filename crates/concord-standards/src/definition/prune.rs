//! A structure without the types that no data can use.
//!
//! Published structures come with types of earlier versions and other data sets. A type is kept when an element or
//! attribute that can occur is made of it, or when data could ask for it with `xsi:type`: because it is derived from the type
//! of an element that can occur, or because an element or wildcard takes any type at all. So no verdict changes.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use crate::schema::{
    AttributeUse, Builtin, ComplexType, ComplexTypeId, Content, Element, ElementId, Particle,
    Schema, SimpleType, SimpleTypeId, Term, TypeId, Variety,
};

/// The structure without the types that no data can use. Numbers of components change.
pub fn without_unused(schema: &Schema) -> Schema {
    let mut used = Used {
        schema,
        simple: BTreeSet::new(),
        complex: BTreeSet::new(),
        elements: BTreeSet::new(),
        declared: BTreeSet::new(),
        anything: false,
    };
    used.globals();
    while used.derived() {}
    Kept::new(schema, &used).schema()
}

struct Used<'s> {
    schema: &'s Schema,
    simple: BTreeSet<SimpleTypeId>,
    complex: BTreeSet<ComplexTypeId>,
    elements: BTreeSet<ElementId>,
    /// Types of elements, for which `xsi:type` may put a derived one.
    declared: BTreeSet<Declared>,
    anything: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Declared {
    Simple(SimpleTypeId),
    Complex(ComplexTypeId),
}

impl Used<'_> {
    fn globals(&mut self) {
        for (id, element) in self.schema.elements.iter().enumerate() {
            let id = ElementId(id as u32);
            if element.is_abstract || !element.substitutes.is_empty() {
                self.element(id);
            }
        }
        for id in &self.schema.roots {
            self.element(*id);
        }
        for attribute in &self.schema.attributes {
            self.simple(attribute.content);
        }
    }

    /// Keeps the named types that data may ask for. False when there were no more.
    fn derived(&mut self) -> bool {
        let before = self.simple.len() + self.complex.len();
        for (id, group) in self.schema.complex_types.iter().enumerate() {
            let id = ComplexTypeId(id as u32);
            if group.name.is_some() && (self.anything || self.is_declared(TypeId::Complex(id))) {
                self.complex(id);
            }
        }
        for (id, value) in self.schema.simple_types.iter().enumerate() {
            let id = SimpleTypeId(id as u32);
            if value.name.is_some() && (self.anything || self.is_declared(TypeId::Simple(id))) {
                self.simple(id);
            }
        }
        self.simple.len() + self.complex.len() > before
    }

    /// Whether a type is that of an element, or derived from one that is.
    fn is_declared(&self, mut id: TypeId) -> bool {
        // A chain of bases is no longer than there are types.
        for _ in 0..=self.schema.complex_types.len() + self.schema.simple_types.len() {
            let base = match id {
                TypeId::Any => return false,
                TypeId::Simple(simple) => {
                    if self.declared.contains(&Declared::Simple(simple)) {
                        return true;
                    }
                    self.schema.simple_type(simple).base.map(TypeId::Simple)
                }
                TypeId::Complex(complex) => {
                    if self.declared.contains(&Declared::Complex(complex)) {
                        return true;
                    }
                    self.schema.complex_type(complex).base.map(|(base, _)| base)
                }
            };
            match (base, id) {
                (Some(base), _) => id = base,
                (None, TypeId::Simple(last)) => return self.is_of_declared_builtin(last),
                (None, _) => return false,
            }
        }
        false
    }

    /// Whether a simple type without a base is derived from the built-in type of an element. All are from `anySimpleType`.
    /// XML Schema part 2, 3.
    fn is_of_declared_builtin(&self, id: SimpleTypeId) -> bool {
        let own = match self.schema.simple_type(id).variety {
            Variety::Atomic(builtin) => Some(builtin),
            Variety::List(_) | Variety::Union(_) => None,
        };
        let mut wider = successors(own, |builtin| builtin.base()).chain([Builtin::AnySimpleType]);
        wider.any(|builtin| {
            self.declared.iter().any(|declared| match declared {
                Declared::Simple(declared) => {
                    let declared = self.schema.simple_type(*declared);
                    declared.base.is_none()
                        && declared.steps.is_empty()
                        && matches!(declared.variety, Variety::Atomic(known) if known == builtin)
                }
                Declared::Complex(_) => false,
            })
        })
    }

    fn element(&mut self, id: ElementId) {
        if !self.elements.insert(id) {
            return;
        }
        let schema = self.schema;
        let element = schema.element(id);
        match element.content {
            TypeId::Simple(simple) => {
                self.declare(simple);
                self.simple(simple);
            }
            TypeId::Complex(complex) => {
                self.declared.insert(Declared::Complex(complex));
                self.complex(complex);
            }
            TypeId::Any => self.anything = true,
        }
        for head in &element.substitutes {
            self.element(*head);
        }
    }

    /// A type derived from a member of a union may stand for the union.
    fn declare(&mut self, id: SimpleTypeId) {
        if !self.declared.insert(Declared::Simple(id)) {
            return;
        }
        let schema = self.schema;
        if let Variety::Union(members) = &schema.simple_type(id).variety {
            for member in members {
                self.declare(*member);
            }
        }
    }

    fn simple(&mut self, id: SimpleTypeId) {
        if !self.simple.insert(id) {
            return;
        }
        let schema = self.schema;
        let value = schema.simple_type(id);
        if let Some(base) = value.base {
            self.simple(base);
        }
        match &value.variety {
            Variety::Atomic(_) => {}
            Variety::List(item) => self.simple(*item),
            Variety::Union(members) => {
                for member in members {
                    self.simple(*member);
                }
            }
        }
    }

    fn complex(&mut self, id: ComplexTypeId) {
        if !self.complex.insert(id) {
            return;
        }
        let schema = self.schema;
        let group = schema.complex_type(id);
        match group.base {
            Some((TypeId::Simple(base), _)) => self.simple(base),
            Some((TypeId::Complex(base), _)) => self.complex(base),
            Some((TypeId::Any, _)) | None => {}
        }
        for usage in &group.attributes {
            self.simple(usage.attribute.content);
        }
        match &group.content {
            Content::Empty => {}
            Content::Simple(simple) => self.simple(*simple),
            Content::Children { particle, .. } => self.particle(particle),
        }
    }

    fn particle(&mut self, particle: &Particle) {
        match &particle.term {
            Term::Element(id) => self.element(*id),
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                for part in parts {
                    self.particle(part);
                }
            }
            Term::Any(_) => self.anything = true,
        }
    }
}

/// New numbers for what is kept.
struct Kept<'s> {
    schema: &'s Schema,
    simple: BTreeMap<SimpleTypeId, SimpleTypeId>,
    complex: BTreeMap<ComplexTypeId, ComplexTypeId>,
    elements: BTreeMap<ElementId, ElementId>,
}

impl<'s> Kept<'s> {
    fn new(schema: &'s Schema, used: &Used<'_>) -> Self {
        let simple = used.simple.iter().zip(0..);
        let complex = used.complex.iter().zip(0..);
        let elements = used.elements.iter().zip(0..);
        Self {
            schema,
            simple: simple.map(|(old, new)| (*old, SimpleTypeId(new))).collect(),
            complex: complex
                .map(|(old, new)| (*old, ComplexTypeId(new)))
                .collect(),
            elements: elements.map(|(old, new)| (*old, ElementId(new))).collect(),
        }
    }

    fn schema(&self) -> Schema {
        let mut attributes = self.schema.attributes.clone();
        for attribute in &mut attributes {
            attribute.content = self.simple[&attribute.content];
        }
        Schema {
            namespace: self.schema.namespace.clone(),
            elements: self.elements.keys().map(|id| self.element(*id)).collect(),
            simple_types: self.simple.keys().map(|id| self.simple_type(*id)).collect(),
            complex_types: self
                .complex
                .keys()
                .map(|id| self.complex_type(*id))
                .collect(),
            roots: self
                .schema
                .roots
                .iter()
                .map(|id| self.elements[id])
                .collect(),
            attributes,
        }
    }

    fn type_id(&self, id: TypeId) -> TypeId {
        match id {
            TypeId::Simple(id) => TypeId::Simple(self.simple[&id]),
            TypeId::Complex(id) => TypeId::Complex(self.complex[&id]),
            TypeId::Any => TypeId::Any,
        }
    }

    fn element(&self, id: ElementId) -> Element {
        let mut element = self.schema.element(id).clone();
        element.content = self.type_id(element.content);
        for head in &mut element.substitutes {
            *head = self.elements[head];
        }
        element
    }

    fn simple_type(&self, id: SimpleTypeId) -> SimpleType {
        let mut value = self.schema.simple_type(id).clone();
        value.base = value.base.map(|base| self.simple[&base]);
        match &mut value.variety {
            Variety::Atomic(_) => {}
            Variety::List(item) => *item = self.simple[item],
            Variety::Union(members) => {
                for member in members {
                    *member = self.simple[member];
                }
            }
        }
        value
    }

    fn complex_type(&self, id: ComplexTypeId) -> ComplexType {
        let mut group = self.schema.complex_type(id).clone();
        group.base = group.base.map(|(base, how)| (self.type_id(base), how));
        for AttributeUse { attribute, .. } in &mut group.attributes {
            attribute.content = self.simple[&attribute.content];
        }
        match &mut group.content {
            Content::Empty => {}
            Content::Simple(simple) => *simple = self.simple[simple],
            Content::Children { particle, .. } => self.particle(particle),
        }
        group
    }

    fn particle(&self, particle: &mut Particle) {
        match &mut particle.term {
            Term::Element(id) => *id = self.elements[id],
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                for part in parts {
                    self.particle(part);
                }
            }
            Term::Any(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn kept(components: &str) -> Vec<String> {
        let text = format!(
            r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{components}</xs:schema>"#
        );
        let files = BTreeMap::from([("a.xsd".to_owned(), text)]);
        let schema = crate::xsd::import(&files, "a.xsd").expect("a right XSD");
        let pruned = without_unused(&schema);
        let simple = pruned.simple_types.iter().map(|value| &value.name);
        let complex = pruned.complex_types.iter().map(|group| &group.name);
        simple
            .chain(complex)
            .flatten()
            .map(|name| name.local.to_string())
            .filter(|name| name.len() == 1)
            .collect()
    }

    const TYPES: &str = r#"<xs:simpleType name="A"><xs:restriction base="xs:string"/></xs:simpleType>
        <xs:simpleType name="B"><xs:restriction base="A"/></xs:simpleType>
        <xs:simpleType name="C"><xs:restriction base="A"/></xs:simpleType>
        <xs:simpleType name="D"><xs:restriction base="B"/></xs:simpleType>
        <xs:complexType name="E"><xs:sequence><xs:element name="x" type="C"/></xs:sequence></xs:complexType>"#;

    #[test]
    fn what_data_cannot_use_goes() {
        let with = |element: &str| kept(&format!("{TYPES}{element}"));
        assert_eq!(with(r#"<xs:element name="r" type="B"/>"#), ["A", "B", "D"]);
        assert_eq!(with(r#"<xs:element name="r" type="xs:date"/>"#), [""; 0]);
        assert_eq!(with(r#"<xs:element name="r" type="E"/>"#), ["A", "C", "E"]);
        assert_eq!(with(r#"<xs:element name="r"/>"#), ["A", "B", "C", "D", "E"]);
    }

    #[test]
    fn what_data_may_ask_for_in_the_place_of_a_built_in_type_stays() {
        let types = r#"<xs:simpleType name="F"><xs:restriction base="xs:int"/></xs:simpleType>
            <xs:simpleType name="G"><xs:list itemType="xs:date"/></xs:simpleType>
            <xs:simpleType name="H"><xs:union memberTypes="xs:date xs:time"/></xs:simpleType>"#;
        let with = |name: &str| {
            kept(&format!(
                r#"{types}<xs:element name="r" type="xs:{name}"/>"#
            ))
        };
        assert_eq!(with("anySimpleType"), ["F", "G", "H"]);
        assert_eq!(with("decimal"), ["F"]);
        assert_eq!(with("string"), [""; 0]);
    }
}
