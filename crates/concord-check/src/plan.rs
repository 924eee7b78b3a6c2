//! A standard made ready to check XML with: compiled structure, what to capture, what a record is.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::Grades;
use concord_standards::compile::{CompiledSchema, Model};
use concord_standards::schema::{ComplexTypeId, ElementId, TypeId};

use concord_read::Limits;

use crate::capture::{CapturePath, CapturePlan};
use crate::providers;

/// No capture below here.
pub(crate) const NOTHING: u32 = u32::MAX;

/// What the checker needs to know about a standard.
#[derive(Debug)]
pub struct Plan {
    /// The structure.
    pub compiled: Arc<CompiledSchema>,
    /// Local names of the root's children that are records. Without any, the root's repeatable children are.
    pub records: Vec<Arc<str>>,
    /// What to capture for rules and conversions.
    pub capture: Arc<CapturePlan>,
    /// The name of the standard, such as `cds@6-3-1`.
    pub standard: Option<Arc<str>>,
    /// The standard as a source: its name and number.
    pub authority: Option<Arc<str>>,
    /// Limits on what is read.
    pub limits: Limits,
    /// Effects by class, where the standard departs from the rules' own.
    pub effects: Effects,
    /// Rules that the user grades otherwise.
    pub grades: Arc<Grades>,
    /// Whether findings about values say what would take the value's place, where that is beyond doubt.
    pub fixes: bool,
    /// Where the key of a record is found, tried in this order.
    pub keys: Vec<CapturePath>,
    /// Where it is said who provided a record; the first that is met is taken.
    pub(crate) providers: Vec<CapturePath>,
    pub(crate) nodes: Vec<CaptureNode>,
    pub(crate) roots: BTreeMap<ElementId, u32>,
}

/// What the receiver does about mistakes that have no rule of their own in the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effects {
    /// Structure and attributes inside a record.
    pub structure: Option<concord_finding::Effect>,
    /// Values inside a record.
    pub value: Option<concord_finding::Effect>,
    /// Structure and values of the envelope around the records.
    pub envelope: Option<concord_finding::Effect>,
}

/// A place in the structure below which something is captured.
#[derive(Debug, Default)]
pub(crate) struct CaptureNode {
    /// The type for whose child labels `children` is made.
    pub(crate) content: Option<ComplexTypeId>,
    /// Node of each child by label; [`NOTHING`] when nothing is captured there.
    pub(crate) children: Box<[u32]>,
    /// Groups in which this element makes a row.
    pub(crate) rows: Box<[u32]>,
    /// Cells that take this element's text.
    pub(crate) cells: Box<[(u32, u32)]>,
    /// Cells that take an attribute.
    pub(crate) attributes: Box<[(Arc<str>, u32, u32)]>,
    /// Rank among the record's keys that this element's text is.
    pub(crate) key: Option<u32>,
    /// Whether this element's text says who provided the record.
    pub(crate) provider: bool,
}

impl Plan {
    /// Puts a compiled structure, the names of its records and the wanted values together.
    pub fn new(
        compiled: Arc<CompiledSchema>,
        records: Vec<Arc<str>>,
        capture: impl Into<Arc<CapturePlan>>,
        keys: Vec<CapturePath>,
    ) -> Self {
        let mut plan = Self {
            records: if records.is_empty() {
                repeatable_children(&compiled)
            } else {
                records
            },
            compiled,
            capture: capture.into(),
            standard: None,
            authority: None,
            limits: Limits::default(),
            effects: Effects::default(),
            grades: Arc::default(),
            fixes: false,
            keys,
            providers: Vec::new(),
            nodes: Vec::new(),
            roots: BTreeMap::new(),
        };
        plan.build_nodes();
        plan
    }

    /// With the names of the elements of a record that say who provided it.
    #[must_use]
    pub fn with_providers(mut self, names: &[String]) -> Self {
        if !names.is_empty() {
            self.providers = providers::paths(&self.compiled, &self.records, names);
            self.nodes.clear();
            self.roots.clear();
            self.build_nodes();
        }
        self
    }

    fn build_nodes(&mut self) {
        let roots = self.compiled.schema.roots.clone();
        for root in roots {
            let element = self.compiled.schema.element(root);
            let name = element.name.local.clone();
            let mut wanted: Vec<Wanted<'_>> = Vec::new();
            for (group, table) in self.capture.groups.iter().enumerate() {
                wanted.extend(
                    table
                        .paths
                        .iter()
                        .map(|path| (&path[..], Want::Row(group as u32))),
                );
                for (column, wants) in table.columns.iter().enumerate() {
                    wanted.extend(
                        wants
                            .paths
                            .iter()
                            .map(|path| (&path[..], Want::Cell(group as u32, column as u32))),
                    );
                }
            }
            wanted.extend(
                self.keys
                    .iter()
                    .enumerate()
                    .map(|(rank, path)| (&path[..], Want::Key(rank as u32))),
            );
            wanted.extend(
                self.providers
                    .iter()
                    .map(|path| (&path[..], Want::Provider)),
            );
            let below: Vec<_> = wanted
                .into_iter()
                .filter(|(path, _)| path.first() == Some(&name))
                .map(|(path, want)| (&path[1..], want))
                .collect();
            if below.is_empty() {
                continue;
            }
            let mut nodes = std::mem::take(&mut self.nodes);
            let node = build(&self.compiled, element.content, &below, &mut nodes);
            self.nodes = nodes;
            self.roots.insert(root, node);
        }
    }

    /// Node of a child of a node by its local name, for an element whose type was replaced.
    pub(crate) fn child_named(&self, node: u32, local: &str) -> u32 {
        let node = &self.nodes[node as usize];
        let children = children_of(&self.compiled, node.content);
        let is_it = |child: &ElementId| &*self.compiled.schema.element(*child).name.local == local;
        let label = children.iter().rposition(is_it);
        label.map_or(NOTHING, |label| node.children[label])
    }

    /// Whether `local` is the name of a record.
    pub(crate) fn is_record(&self, local: &str) -> bool {
        self.records.iter().any(|name| &**name == local)
    }
}

/// A path that is left to go, and what is wanted at its end.
type Wanted<'p> = (&'p [Arc<str>], Want);

#[derive(Debug, Clone, Copy)]
enum Want {
    Row(u32),
    Cell(u32, u32),
    Key(u32),
    Provider,
}

fn build(
    compiled: &CompiledSchema,
    content: TypeId,
    wanted: &[Wanted<'_>],
    nodes: &mut Vec<CaptureNode>,
) -> u32 {
    let number = nodes.len() as u32;
    nodes.push(CaptureNode::default());
    let mut node = CaptureNode::default();
    let (mut rows, mut cells, mut attributes) = (Vec::new(), Vec::new(), Vec::new());
    let mut below: BTreeMap<&Arc<str>, Vec<Wanted<'_>>> = BTreeMap::new();
    for (path, want) in wanted {
        match (path.split_first(), want) {
            (None, Want::Row(group)) => rows.push(*group),
            (None, Want::Cell(group, column)) => cells.push((*group, *column)),
            (None, Want::Key(rank)) => node.key = Some(*rank),
            (None, Want::Provider) => node.provider = true,
            (Some((name, _)), Want::Cell(group, column)) if name.starts_with('@') => {
                attributes.push((name[1..].into(), *group, *column));
            }
            (Some((name, rest)), want) => below.entry(name).or_default().push((rest, *want)),
        }
    }
    (node.rows, node.cells, node.attributes) = (rows.into(), cells.into(), attributes.into());
    if let TypeId::Complex(id) = content {
        node.content = Some(id);
        let children = children_of(compiled, node.content).iter();
        let child = |child: &ElementId| {
            let element = compiled.schema.element(*child);
            match below.get(&element.name.local) {
                Some(wanted) => build(compiled, element.content, wanted, nodes),
                None => NOTHING,
            }
        };
        node.children = children.map(child).collect();
    }
    nodes[number as usize] = node;
    number
}

/// What the labels of a type's children stand for.
pub(crate) fn children_of(
    compiled: &CompiledSchema,
    content: Option<ComplexTypeId>,
) -> &[ElementId] {
    match content.map(|id| compiled.model(id)) {
        Some(Model::Ordered { automaton, .. }) => &automaton.children,
        Some(Model::All { group, .. }) => &group.children,
        Some(Model::Empty | Model::Simple(_)) | None => &[],
    }
}

/// Without a definition: children that may stand at the root any number of times, unless they can nest.
fn repeatable_children(compiled: &CompiledSchema) -> Vec<Arc<str>> {
    use concord_standards::schema::{Content, Particle, Term};
    fn collect(
        compiled: &CompiledSchema,
        particle: &Particle,
        repeats: bool,
        out: &mut Vec<Arc<str>>,
    ) {
        let repeats = repeats || particle.max.is_none_or(|max| max > 1);
        match &particle.term {
            Term::Element(id) if repeats => {
                for member in concord_standards::compile::substitutes(&compiled.schema, *id) {
                    out.push(compiled.schema.element(member).name.local.clone());
                }
            }
            Term::Element(_) | Term::Any(_) => {}
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                for part in parts {
                    collect(compiled, part, repeats, out);
                }
            }
        }
    }
    let mut names = Vec::new();
    for root in &compiled.schema.roots {
        if let TypeId::Complex(id) = compiled.schema.element(*root).content
            && let Content::Children { particle, .. } = &compiled.schema.complex_type(id).content
        {
            collect(compiled, particle, false, &mut names);
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}
