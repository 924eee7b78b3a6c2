//! Data types as types of a schema: values, and components below fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::rows::{Codes, ComponentRow, Rows, TypeRows};
use crate::definition::codes::CodeList;
use crate::definition::problem::{Problem, Severity};
use crate::definition::structure::XML_SCHEMA;
use crate::definition::tabular;
use crate::messages::Usage;
use crate::schema::{
    Builtin, ElementId, Facets, Facts, Origin, Particle, QName, Schema, SimpleType, SimpleTypeId,
    Term, TypeId, Variety,
};

/// Types may stand in fields and, as subcomponents, in components.
const DEEPEST: u8 = 2;

/// What tells one type of a schema from another of the same data type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    data_type: Arc<str>,
    depth: u8,
    personal: bool,
    /// What a field says of its value, or of its first component.
    narrowed: Narrowed,
}

/// What a field says of its value beyond the data type.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Narrowed {
    pub(super) length: Option<u32>,
    pub(super) codes: Codes,
}

/// The types of a schema that are made of data types, each made when it is asked for first.
pub(super) struct DataTypes<'r> {
    rows: &'r Rows,
    lists: BTreeMap<Arc<str>, Arc<CodeList>>,
    made: BTreeMap<Key, TypeId>,
    builtins: BTreeMap<Builtin, SimpleTypeId>,
    /// Components that need not be filled beside another one.
    pub(super) unless: BTreeMap<ElementId, u32>,
    pub(super) problems: Vec<Problem>,
}

impl<'r> DataTypes<'r> {
    pub(super) fn new(rows: &'r Rows, lists: BTreeMap<Arc<str>, Arc<CodeList>>) -> Self {
        Self {
            rows,
            lists,
            made: BTreeMap::new(),
            builtins: BTreeMap::new(),
            unless: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// Whether a data type has components.
    pub(super) fn is_composite(&self, data_type: &str) -> bool {
        matches!(self.rows.types.get(data_type), Some(TypeRows::Composite(_)))
    }

    /// The type of a field.
    pub(super) fn field(
        &mut self,
        schema: &mut Schema,
        data_type: &Arc<str>,
        personal: bool,
        narrowed: Narrowed,
        origin: &Origin,
    ) -> TypeId {
        self.of(schema, data_type, 0, personal, narrowed, origin)
    }

    fn of(
        &mut self,
        schema: &mut Schema,
        data_type: &Arc<str>,
        depth: u8,
        personal: bool,
        narrowed: Narrowed,
        origin: &Origin,
    ) -> TypeId {
        let key = Key {
            data_type: Arc::clone(data_type),
            depth,
            personal,
            narrowed,
        };
        if let Some(id) = self.made.get(&key) {
            return *id;
        }
        let rows = self.rows;
        let id = match rows.types.get(data_type) {
            None => {
                self.problem(origin, format!("there is no data type `{data_type}`"));
                TypeId::Simple(self.builtin(schema, Builtin::String))
            }
            Some(TypeRows::Simple(row)) => {
                TypeId::Simple(self.value(schema, row, &key.narrowed, None))
            }
            Some(TypeRows::Composite(components)) if depth < DEEPEST => {
                self.composite(schema, &key, components, origin)
            }
            // Nothing separates what would stand below a subcomponent: it is what its first part is.
            Some(TypeRows::Composite(components)) => match components.first() {
                Some(first) => self.of(
                    schema,
                    &first.data_type,
                    depth,
                    personal,
                    key.narrowed.clone(),
                    &first.origin,
                ),
                None => TypeId::Simple(self.builtin(schema, Builtin::String)),
            },
        };
        self.made.insert(key, id);
        id
    }

    fn composite(
        &mut self,
        schema: &mut Schema,
        key: &Key,
        components: &[ComponentRow],
        origin: &Origin,
    ) -> TypeId {
        // `CX patient` is a CX: its components are called so.
        let base = key.data_type.split(' ').next().unwrap_or_default();
        let mut parts = Vec::with_capacity(components.len());
        for (index, row) in components.iter().enumerate() {
            let own = Narrowed {
                length: row.length,
                codes: row.codes.clone(),
            };
            let narrowed = match &key.narrowed {
                Narrowed { length, codes } if index == 0 => Narrowed {
                    length: length.or(own.length),
                    codes: if codes.list.is_some() {
                        codes.clone()
                    } else {
                        own.codes
                    },
                },
                _ => own,
            };
            let personal = key.personal && !row.impersonal;
            let content = if row.pattern.is_some() {
                TypeId::Simple(self.patterned(schema, row, &narrowed))
            } else {
                let depth = key.depth + 1;
                self.of(
                    schema,
                    &row.data_type,
                    depth,
                    personal,
                    narrowed,
                    &row.origin,
                )
            };
            let name = format!("{base}.{}", index + 1);
            let id = tabular::declare(schema, &name, &row.origin);
            let element = &mut schema.elements[id.0 as usize];
            element.content = content;
            element.facts = Facts {
                dictionary_name: Some(Arc::clone(&row.name)).filter(|name| !name.is_empty()),
                format: row.format.clone(),
                status: Some(row.usage.status()),
                personal,
            };
            if let Some(other) = row.unless {
                self.unless.insert(id, other);
            }
            parts.push(Particle {
                min: u32::from(row.usage == Usage::Required),
                max: Some(1),
                term: Term::Element(id),
                origin: row.origin.clone(),
            });
        }
        let content = Particle {
            min: 1,
            max: Some(1),
            term: Term::Sequence(parts),
            origin: origin.clone(),
        };
        tabular::children(schema, content, origin)
    }

    /// A component with a pattern of its own: what its data type says gives way to that.
    fn patterned(
        &mut self,
        schema: &mut Schema,
        row: &ComponentRow,
        narrowed: &Narrowed,
    ) -> SimpleTypeId {
        let rows = self.rows;
        let base = match rows.types.get(&row.data_type) {
            Some(TypeRows::Simple(base)) => base,
            _ => row,
        };
        self.value(schema, base, narrowed, Some(row))
    }

    /// A value: the type without components that `row` is, narrowed.
    fn value(
        &mut self,
        schema: &mut Schema,
        row: &ComponentRow,
        narrowed: &Narrowed,
        patterned: Option<&ComponentRow>,
    ) -> SimpleTypeId {
        let builtin = match row.data_type.strip_prefix("xs:") {
            Some(name) => Builtin::from_name(name).unwrap_or(Builtin::String),
            None => Builtin::String,
        };
        let list = narrowed
            .codes
            .list
            .as_ref()
            .and_then(|id| self.lists.get(id).cloned());
        let closed = list.as_ref().filter(|_| !narrowed.codes.open);
        let builtin = if closed.is_some() {
            Builtin::String
        } else {
            builtin
        };
        let mut facets = Facets::default();
        match patterned
            .and_then(|row| row.pattern.clone())
            .or_else(|| row.pattern.clone())
        {
            Some(pattern) if closed.is_none() => facets.patterns = vec![pattern],
            _ => {}
        }
        if let Some(list) = closed {
            let codes = list.codes.iter().map(|code| code.code.to_string());
            facets.enumeration = codes.collect();
        }
        match narrowed.length {
            Some(length) if builtin == Builtin::String && closed.is_none() => {
                facets.max_length = Some(u64::from(length));
            }
            Some(length) if builtin != Builtin::String => facets.total_digits = Some(length),
            _ => {}
        }
        let length = narrowed.length.filter(|_| closed.is_none());
        let format = patterned
            .and_then(|row| row.format.clone())
            .or_else(|| row.format.clone())
            .or_else(|| length.map(|length| format!("max an{length}").into()));
        let base = self.builtin(schema, builtin);
        let id = SimpleTypeId(schema.simple_types.len() as u32);
        schema.simple_types.push(SimpleType {
            name: None,
            variety: Variety::Atomic(builtin),
            steps: vec![facets],
            base: Some(base),
            code_list: list.map(|list| Arc::clone(&list.id)),
            format,
            origin: patterned.unwrap_or(row).origin.clone(),
        });
        id
    }

    fn builtin(&mut self, schema: &mut Schema, builtin: Builtin) -> SimpleTypeId {
        *self.builtins.entry(builtin).or_insert_with(|| {
            let id = SimpleTypeId(schema.simple_types.len() as u32);
            schema.simple_types.push(SimpleType {
                name: Some(QName::new(XML_SCHEMA, builtin.name())),
                variety: Variety::Atomic(builtin),
                steps: Vec::new(),
                base: None,
                code_list: None,
                format: None,
                origin: Origin::default(),
            });
            id
        })
    }

    fn problem(&mut self, origin: &Origin, message: String) {
        self.problems.push(Problem {
            severity: Severity::Error,
            file: Arc::clone(&origin.file),
            line: origin.line,
            column: 1,
            span: 0..0,
            message,
            help: None,
        });
    }
}
