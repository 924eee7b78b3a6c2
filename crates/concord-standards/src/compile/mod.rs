//! Content models as deterministic automata with counters.
//!
//! A particle becomes a position automaton (Glushkov's construction, as in Brüggemann-Klein and Wood, *One-unambiguous
//! regular languages*, 1998): one position for each element or wildcard of the model, an edge wherever one may follow
//! another. The rule *Unique Particle Attribution* of XML Schema part 1 (3.8.6) makes it deterministic; a model that
//! breaks the rule is refused. A repeated element is one position with a counter as long as that is unambiguous;
//! anything else that repeats a bounded number of times is unrolled.

mod automaton;
mod glushkov;
mod positions;
mod subset;
mod substitution;

use std::sync::Arc;

pub use automaton::{AllGroup, Automaton, Counter, Label, Model, State, Transition};

use self::substitution::Substitution;
use crate::layout::Layout;
use crate::schema::{
    Builtin, ComplexTypeId, Content, ElementId, Origin, QName, Schema, SimpleType, SimpleTypeId,
    Variety, Wildcard,
};
use crate::value::{ValueChecker, ValueError};

/// A structure ready to check with.
#[derive(Debug)]
pub struct CompiledSchema {
    /// The components.
    pub schema: Arc<Schema>,
    models: Vec<Model>,
    values: Vec<ValueChecker>,
}

/// A structure that cannot be compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// Two particles of a model claim the same element (Unique Particle Attribution).
    #[error(
        "{}:{}: the content model is ambiguous: two particles accept `{name}` at the same place", origin.file, origin.line
    )]
    Ambiguous {
        /// What both accept.
        name: String,
        /// Where the type is defined.
        origin: Origin,
    },
    /// One name has two types in one model (Element Declarations Consistent).
    #[error(
        "{}:{}: `{name}` is declared with two different types in one content model", origin.file, origin.line
    )]
    Inconsistent {
        /// The element.
        name: String,
        /// Where the type is defined.
        origin: Origin,
    },
    /// Bounded repetition of groups that unrolls to too many positions.
    #[error(
        "{}:{}: the content model repeats groups too often to be compiled (more than {limit} positions)", origin.file, origin.line
    )]
    TooLarge {
        /// The greatest number of positions, in the model or in all states of its automaton together.
        limit: usize,
        /// Where the type is defined.
        origin: Origin,
    },
    /// An `all` group with too many elements.
    #[error("{}:{}: an `all` group of more than 64 elements is not supported", origin.file, origin.line)]
    AllTooLarge {
        /// Where the type is defined.
        origin: Origin,
    },
    /// A simple type that makes no sense.
    #[error(transparent)]
    Value(#[from] ValueError),
}

impl CompiledSchema {
    /// Compiles every type of a schema.
    ///
    /// # Errors
    /// The first [`CompileError`] met; types are compiled in their order.
    pub fn compile(schema: Arc<Schema>) -> Result<Self, CompileError> {
        Self::with_models(schema, |schema| {
            let substitution = Substitution::new(schema);
            let types = schema.complex_types.iter();
            types
                .map(|complex| match &complex.content {
                    Content::Empty => Ok(Model::Empty),
                    Content::Simple(simple) => Ok(Model::Simple(*simple)),
                    Content::Children { particle, mixed } => {
                        glushkov::compile(&substitution, particle, *mixed, &complex.origin)
                    }
                })
                .collect()
        })
    }

    /// Compiles the schema of a definition: that of a tabular standard, which has a layout, or of another one.
    ///
    /// # Errors
    /// The first [`CompileError`] met.
    pub fn of_definition(
        schema: Arc<Schema>,
        layout: Option<&Layout>,
    ) -> Result<Self, CompileError> {
        match layout {
            Some(_) => Self::of_tables(schema),
            None => Self::compile(schema),
        }
    }

    /// Compiles what may stand in the columns of tables. Cells are found by names and places, so that there are no content
    /// models: a model of the columns would take time that grows with the square of their number.
    ///
    /// # Errors
    /// The first [`CompileError`] met.
    pub fn of_tables(schema: Arc<Schema>) -> Result<Self, CompileError> {
        Self::with_models(schema, |schema| {
            Ok(vec![Model::Empty; schema.complex_types.len()])
        })
    }

    fn with_models(
        mut schema: Arc<Schema>,
        models: impl FnOnce(&Schema) -> Result<Vec<Model>, CompileError>,
    ) -> Result<Self, CompileError> {
        add_builtins(Arc::make_mut(&mut schema));
        let models = models(&schema)?;
        let values = (0..schema.simple_types.len())
            .map(|index| ValueChecker::compile(&schema, SimpleTypeId(index as u32)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            schema,
            models,
            values,
        })
    }

    /// The content model of a complex type.
    pub fn model(&self, id: ComplexTypeId) -> &Model {
        &self.models[id.0 as usize]
    }

    /// The checker of a simple type.
    pub fn value(&self, id: SimpleTypeId) -> &ValueChecker {
        &self.values[id.0 as usize]
    }
}

/// Adds the built-in types that the schema does not use itself, because `xsi:type` may name any of them.
fn add_builtins(schema: &mut Schema) {
    const NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema";
    for builtin in Builtin::ALL {
        let name = QName::new(NAMESPACE, builtin.name());
        let known = schema
            .simple_types
            .iter()
            .any(|simple| simple.name.as_ref() == Some(&name));
        let candidate = SimpleType {
            name: Some(name),
            variety: Variety::Atomic(*builtin),
            steps: Vec::new(),
            base: None,
            code_list: None,
            format: None,
            origin: Origin::default(),
        };
        if known {
            continue;
        }
        schema.simple_types.push(candidate);
        let id = SimpleTypeId(schema.simple_types.len() as u32 - 1);
        if ValueChecker::compile(schema, id).is_err() {
            // Its values cannot be checked, so it stays unknown and naming it is a finding.
            schema.simple_types.pop();
        }
    }
}

/// Elements that may stand where `head` is asked for: itself unless abstract, and its substitution group.
pub fn substitutes(schema: &Schema, head: ElementId) -> Vec<ElementId> {
    Substitution::new(schema).of(head)
}

/// Whether a wildcard lets a namespace through. XML Schema part 1, 3.10.4 *Wildcard allows Namespace Name*.
pub fn wildcard_allows(wildcard: &Wildcard, namespace: &str) -> bool {
    use crate::schema::NamespaceSet;
    match &wildcard.namespaces {
        NamespaceSet::Any => true,
        NamespaceSet::Other(own) => !namespace.is_empty() && namespace != &**own,
        NamespaceSet::These(names) => names.iter().any(|name| &**name == namespace),
    }
}
