//! Instances that are valid against a schema.
//!
//! A [`Generator`] walks the content models. [`Generator::instance`] makes one instance of a given extent;
//! [`Generator::covering`] makes one that takes choices that no instance has taken yet, until [`Generator::uncovered`]
//! says that every branch, every occurrence bound, every optional attribute and every code has been used.
//!
//! [`Generator::fulfilling`] makes one in which something particular stands, around a tree that there is already or as
//! small as can be; [`Generator::fitted`] makes a tree of another structure fit this one.

mod coverage;
mod plan;
mod refit;
mod walk;
mod wish;

use concord_standards::schema::{ElementId, Schema};

use crate::Dice;
use crate::tree::Node;
use crate::value::{Extent, ValueError, Values};
use coverage::Coverage;
use plan::Plan;
use refit::{From, Refit};
pub use wish::{Asked, Wish};

/// Why no instance could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceError {
    /// The structure has no element that may stand at the root.
    #[error("the structure has no root element")]
    NoRoot,
    /// The element must contain itself, or only abstract elements may stand in it: it has no finite instance.
    #[error("element {0} has no finite instance")]
    Endless(String),
    /// A wildcard asks for a declared element and the structure declares none in those namespaces.
    #[error("a wildcard in {0} asks for an element that the structure does not declare")]
    Wildcard(String),
    /// What is wished for cannot stand in this place.
    #[error("{0} cannot stand there")]
    NoPlace(String),
    /// What is to be left out must stand.
    #[error("{0} must stand there")]
    Required(String),
    /// The smallest instance is too large to be made.
    #[error("the smallest {0} is too large to be made")]
    TooLarge(String),
    /// No value was found for an element or attribute.
    #[error("in {name}: {source}")]
    Value {
        /// The element or attribute.
        name: String,
        /// Why.
        source: ValueError,
    },
}

/// How large an instance may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// After so many elements only what must be there is added.
    pub elements: usize,
    /// Below this depth only what must be there is added.
    pub depth: usize,
    /// Occurrences of what has no upper bound, when the most are wanted.
    pub unbounded: u32,
    /// Most occurrences that are tried of what has an upper bound.
    pub occurrences: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            elements: 4000,
            depth: 40,
            unbounded: 3,
            occurrences: 1000,
        }
    }
}

/// Makes valid instances of one schema.
#[derive(Debug)]
pub struct Generator<'s> {
    schema: &'s Schema,
    plan: Plan,
    values: Values<'s>,
    coverage: Coverage,
    limits: Limits,
}

/// What is wanted of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Extent(Extent),
    Covering,
}

impl<'s> Generator<'s> {
    /// A generator for a schema.
    pub fn new(schema: &'s Schema) -> Self {
        Self::with_limits(schema, Limits::default())
    }

    /// A generator with other limits.
    pub fn with_limits(schema: &'s Schema, limits: Limits) -> Self {
        let plan = Plan::new(schema);
        let values = Values::new(schema);
        let coverage = Coverage::new(schema, &plan, &values, limits);
        Self {
            schema,
            plan,
            values,
            coverage,
            limits,
        }
    }

    /// An instance with this element at the root.
    ///
    /// # Errors
    /// [`InstanceError`] when the structure has no instance, or a value cannot be made.
    pub fn instance(
        &mut self,
        root: ElementId,
        extent: Extent,
        dice: &mut Dice,
    ) -> Result<Node, InstanceError> {
        self.walk(root, Wanted::Extent(extent), dice)
    }

    /// An instance of any root that takes choices which no covering instance has taken yet.
    ///
    /// # Errors
    /// [`InstanceError`] when the structure has no instance, or a value cannot be made.
    pub fn covering(&mut self, dice: &mut Dice) -> Result<Node, InstanceError> {
        self.coverage.look_ahead(self.schema, &self.plan);
        let roots = &self.schema.roots;
        let open: Vec<ElementId> = roots
            .iter()
            .copied()
            .filter(|&root| self.coverage.element_open(root))
            .collect();
        let root = dice
            .pick(if open.is_empty() { roots } else { &open })
            .copied()
            .ok_or(InstanceError::NoRoot)?;
        self.walk(root, Wanted::Covering, dice)
    }

    /// How many choices no covering instance has taken yet.
    pub fn uncovered(&self) -> usize {
        self.coverage.uncovered()
    }

    /// What those choices are, for people.
    pub fn uncovered_names(&self) -> Vec<String> {
        self.coverage.uncovered_names(self.schema, &self.plan)
    }

    /// How many choices there are in all.
    pub fn choices(&self) -> usize {
        self.coverage.len()
    }

    /// The maker of values, which mutants need as well.
    pub fn values(&mut self) -> &mut Values<'s> {
        &mut self.values
    }

    /// An instance in which a wish is fulfilled.
    ///
    /// What `start`, a tree of the same structure, has is kept where it can stand beside that; what must be added is of the
    /// given extent. Values and children that are asked for are put there whether or not the structure takes them.
    ///
    /// # Errors
    /// [`InstanceError::NoPlace`] and [`InstanceError::Required`] when the structure does not let it be, others as for
    /// [`Generator::instance`].
    pub fn fulfilling(
        &mut self,
        start: Option<&Node>,
        wish: &Wish,
        extent: Extent,
        dice: &mut Dice,
    ) -> Result<Node, InstanceError> {
        let (first, rest) = wish.path.split_first().ok_or(InstanceError::NoRoot)?;
        let root = self
            .root(first)
            .ok_or_else(|| InstanceError::NoPlace(first.to_string()))?;
        let from = From {
            node: start,
            ask: Some((rest, &wish.what)),
            name: Some(first),
        };
        self.refit(Wanted::Extent(extent), false, dice)
            .element(root, from, 0)
    }

    /// A tree of another structure, made to fit this one: what this one takes is kept, what it asks for is added, the rest is
    /// left out. What the wish speaks of stands in the tree already and stays as it is.
    ///
    /// # Errors
    /// [`InstanceError`] when something that must be added cannot be made.
    pub fn fitted(
        &mut self,
        tree: &Node,
        except: Option<&Wish>,
        dice: &mut Dice,
    ) -> Result<Node, InstanceError> {
        let root = self
            .root(&tree.name.local)
            .or_else(|| self.schema.roots.first().copied())
            .ok_or(InstanceError::NoRoot)?;
        let rest = except.and_then(|wish| Some((wish.path.split_first()?.1, &wish.what)));
        let from = From {
            node: Some(tree),
            ask: rest,
            name: None,
        };
        self.refit(Wanted::Extent(Extent::Smallest), true, dice)
            .element(root, from, 0)
    }

    /// The root element of a local name.
    pub fn root(&self, name: &str) -> Option<ElementId> {
        let called = |id: &ElementId| *self.schema.element(*id).name.local == *name;
        self.schema.roots.iter().copied().find(called)
    }

    fn refit<'g>(
        &'g mut self,
        wanted: Wanted,
        as_it_stands: bool,
        dice: &'g mut Dice,
    ) -> Refit<'g, 's> {
        Refit {
            walk: self.begin(wanted, dice),
            as_it_stands,
        }
    }

    fn begin<'g>(&'g mut self, wanted: Wanted, dice: &'g mut Dice) -> walk::Walk<'g, 's> {
        walk::Walk {
            schema: self.schema,
            plan: &self.plan,
            values: &mut self.values,
            coverage: &mut self.coverage,
            limits: self.limits,
            wanted,
            left: self.limits.elements,
            dice,
        }
    }

    fn walk(
        &mut self,
        root: ElementId,
        wanted: Wanted,
        dice: &mut Dice,
    ) -> Result<Node, InstanceError> {
        self.begin(wanted, dice).element(root, None, 0)
    }
}
