//! Records of hierarchical standards that show a change.

use std::sync::Arc;

use concord_sample::Dice;
use concord_sample::cds::{self, CdsType, Protocol, SampleError};
use concord_sample::instance::{Asked, Generator, Wish};
use concord_sample::tree::{Child, Layout, Node};
use concord_sample::value::Extent;
use concord_standards::definition::Definition;

use super::court::{Court, Exhibit, Ruling, other, sayings};
use super::renames::Renames;
use super::{Attempt, ProofOptions, Told, shrink};
use crate::change::{ChangePlace, LeadKind, Side, Witness};

/// Elements of the largest record that is worked on.
pub(super) const LARGEST: usize = 4000;

/// Makes documents of one side.
pub(super) struct Documents<'d> {
    pub(super) definition: &'d Definition,
    pub(super) generator: Generator<'d>,
    side: Side,
    starts: Option<Vec<Start>>,
    smallest: Vec<(Arc<str>, Vec<Base>)>,
    /// What the other side calls differently.
    pub(super) renames: Renames,
}

/// A realistic record to begin with.
pub(super) struct Start {
    /// As it was made.
    whole: Node,
    /// What is known of it, and of it without all that may be left out.
    bases: Option<Vec<Base>>,
}

/// A record that its side takes.
#[derive(Clone)]
pub(super) struct Base {
    pub(super) tree: Node,
    /// Whether the other side takes it, too.
    pub(super) taken: bool,
}

impl<'d> Documents<'d> {
    pub(super) fn new(definition: &'d Definition, side: Side, renames: Renames) -> Self {
        Self {
            definition,
            generator: Generator::new(&definition.schema),
            side,
            starts: None,
            smallest: Vec::new(),
            renames,
        }
    }

    pub(super) fn side(&self) -> Side {
        self.side
    }

    /// A document of the other side as this one has it, in all but what it shows.
    fn taken_over(&mut self, tree: &Node, except: Option<&Wish>) -> Option<Node> {
        let (tree, except) = self.renames.in_tree(tree, except);
        self.generator
            .fitted(&tree, except.as_ref(), &mut Dice::new(1))
            .ok()
    }

    /// Realistic records, of every type and protocol; none where there is no maker of them.
    fn starts(&mut self) -> &mut Vec<Start> {
        let definition = self.definition;
        let generator = &mut self.generator;
        self.starts.get_or_insert_with(|| {
            let mut starts = Vec::new();
            for seed in 1..=2 {
                for protocol in [Protocol::Net, Protocol::Bulk] {
                    for kind in CdsType::ALL {
                        match realistic(definition, kind, protocol, seed, 1, None) {
                            Ok(Some((text, _))) => starts.extend(start(&text, generator)),
                            // It is another sort of standard.
                            Err(SampleError::NotCds(_)) => return starts,
                            Ok(None) | Err(_) => {}
                        }
                    }
                }
            }
            starts
        })
    }

    /// The records to begin with for a path: realistic ones that have most of it, small before large, then the smallest
    /// that the structure permits.
    pub(super) fn bases(
        &mut self,
        against: &mut Documents<'_>,
        path: &[Arc<str>],
        court: &mut Court<'_>,
        options: &ProofOptions,
    ) -> Vec<Base> {
        let mut ranked: Vec<(usize, usize)> = self
            .starts()
            .iter()
            .enumerate()
            .map(|(index, start)| (reach(&start.whole, path).len(), index))
            .collect();
        ranked.sort_by_key(|(reach, index)| (usize::MAX - reach, *index));
        let mut found = Vec::new();
        for (_, index) in ranked.into_iter().take(REALISTIC) {
            let start = self.starts().get(index);
            let (whole, known) = match start {
                Some(start) => (start.whole.clone(), start.bases.clone()),
                None => continue,
            };
            let bases = match known {
                Some(known) => known,
                None => self.bases_of(whole, against, court, options),
            };
            if let Some(start) = self.starts().get_mut(index) {
                start.bases = Some(bases.clone());
            }
            found.extend(bases);
        }
        // Those that both sides take say most; small ones are read most easily.
        found.sort_by_key(|base: &Base| (!base.taken, base.tree.size() > SMALL));
        if let Some(root) = path.first() {
            found.extend(self.smallest(root, against, court));
        }
        found
    }

    /// The smallest instance with a root, when its side takes it.
    fn smallest(
        &mut self,
        root: &Arc<str>,
        against: &mut Documents<'_>,
        court: &mut Court<'_>,
    ) -> Vec<Base> {
        if let Some((_, known)) = self.smallest.iter().find(|(name, _)| name == root) {
            return known.clone();
        }
        let wish = Wish {
            path: vec![Arc::clone(root)],
            what: Asked::Present,
        };
        let made = self
            .generator
            .fulfilling(None, &wish, Extent::Smallest, &mut Dice::new(1));
        let bases = made
            .map(|tree| self.with_shared(tree, against, court))
            .unwrap_or_default();
        self.smallest.push((Arc::clone(root), bases.clone()));
        bases
    }

    /// A tree that both sides take, as near to this one as may be, and this one; without those that its side refuses.
    fn with_shared(
        &mut self,
        tree: Node,
        against: &mut Documents<'_>,
        court: &mut Court<'_>,
    ) -> Vec<Base> {
        let Some(base) = base_of(tree, self.side, court) else {
            return Vec::new();
        };
        if base.taken {
            return vec![base];
        }
        let there = against.taken_over(&base.tree, None);
        let back = there.and_then(|tree| self.taken_over(&tree, None));
        let shared = back.and_then(|tree| base_of(tree, self.side, court));
        let mut bases: Vec<Base> = shared.into_iter().filter(|shared| shared.taken).collect();
        bases.push(base);
        bases
    }

    /// Records without all that may be left out, and as they were; none when its side refuses them.
    fn bases_of(
        &mut self,
        whole: Node,
        against: &mut Documents<'_>,
        court: &mut Court<'_>,
        options: &ProofOptions,
    ) -> Vec<Base> {
        let side = self.side;
        let mut all = Vec::new();
        for base in self.with_shared(whole, against, court) {
            let mut tries = options.shrinking.saturating_mul(2);
            let mut holds = |tree: &Node| {
                let text = write(tree);
                let mut takes = |side| {
                    court
                        .hear(side, text.as_bytes())
                        .is_some_and(|said| said.accepted)
                };
                takes(side) && (!base.taken || takes(other(side)))
            };
            let tree = shrink::tree(base.tree.clone(), &[], &mut tries, &mut holds);
            let taken = base.taken;
            all.extend([Base { tree, taken }, base]);
        }
        all
    }
}

/// Realistic records that are looked at for one path.
const REALISTIC: usize = 3;
/// A record of fewer elements is small.
const SMALL: usize = 60;

/// The text of realistic records, and how many faults are in them.
pub(super) fn realistic(
    definition: &Definition,
    kind: &CdsType,
    protocol: Protocol,
    seed: u64,
    records: u64,
    rule: Option<&str>,
) -> Result<Option<(String, u64)>, SampleError> {
    let request = cds::Request {
        schema: &definition.schema,
        records,
        seed,
        types: vec![kind.code.to_owned()],
        protocol,
        faults: rule.map(|_| 1.0),
        fault_rules: rule.into_iter().map(str::to_owned).collect(),
    };
    let mut out = Vec::new();
    match cds::write(&request, &mut out, None) {
        Ok(written) => Ok(String::from_utf8(out)
            .ok()
            .map(|text| (text, written.faults))),
        Err(error @ SampleError::NotCds(_)) => Err(error),
        Err(_) => Ok(None),
    }
}

fn start(text: &str, generator: &mut Generator<'_>) -> Option<Start> {
    let tree = Node::read(text).ok()?;
    // Fitted to its own structure it says which types its elements have.
    let whole = generator.fitted(&tree, None, &mut Dice::new(1)).ok()?;
    (whole.size() <= LARGEST).then_some(Start { whole, bases: None })
}

fn base_of(tree: Node, side: Side, court: &mut Court<'_>) -> Option<Base> {
    let text = write(&tree);
    if tree.size() > LARGEST || !court.hear(side, text.as_bytes())?.accepted {
        return None;
    }
    let taken = court.hear(other(side), text.as_bytes())?.accepted;
    Some(Base { tree, taken })
}

/// A tree as it is submitted.
pub(super) fn write(tree: &Node) -> String {
    Layout::default().write(tree)
}

/// The place of as much of a path as a tree has.
pub(super) fn reach(tree: &Node, path: &[Arc<str>]) -> Vec<usize> {
    fn below(node: &Node, path: &[Arc<str>]) -> Vec<usize> {
        let Some((first, rest)) = path.split_first() else {
            return Vec::new();
        };
        let mut best = Vec::new();
        for (index, child) in node.children.iter().enumerate() {
            let Child::Element(child) = child else {
                continue;
            };
            if child.name.local == *first {
                let mut place = vec![index];
                place.extend(below(child, rest));
                if place.len() > best.len() {
                    best = place;
                }
            }
        }
        best
    }
    path.split_first()
        .filter(|(root, _)| tree.name.local == **root)
        .map_or_else(Vec::new, |(_, rest)| below(tree, rest))
}

/// The line of a tree, as it is written, on which an element begins.
fn line_of(tree: &Node, place: &[usize]) -> Option<u64> {
    const MARK: &str = "concord-marks-this-element";
    let mut marked = tree.clone();
    marked.at_mut(place)?.raw_attributes.push(MARK.to_owned());
    let text = write(&marked);
    let at = text.find(MARK)?;
    Some(text[..at].matches('\n').count() as u64 + 1)
}

/// What a lead asks of a document; `None` when it is not about one.
pub(super) fn wish_of(lead: &LeadKind, place: &ChangePlace) -> Option<Wish> {
    if let (LeadKind::Present(path), Some(missing)) = (lead, missing_in(lead, place)) {
        // A group, in which what the change is about does not stand.
        let mut path = path.clone();
        path.push(missing);
        return Some(Wish {
            path,
            what: Asked::Absent,
        });
    }
    let (path, what) = match lead {
        LeadKind::Value { path, text } => (path, Asked::Text(text.clone())),
        LeadKind::Children { path, children } => (path, Asked::Children(children.clone())),
        LeadKind::Present(path) => (path, Asked::Present),
        LeadKind::Absent(path) => (path, Asked::Absent),
        LeadKind::Cell { .. }
        | LeadKind::Row { .. }
        | LeadKind::Columns { .. }
        | LeadKind::RuleBroken(_)
        | LeadKind::TableRuleBroken { .. } => return None,
    };
    Some(Wish {
        path: path.clone(),
        what,
    })
}

/// What a change is about, when that is a child or an attribute of the group that is to be present.
fn missing_in(lead: &LeadKind, place: &ChangePlace) -> Option<Arc<str>> {
    let LeadKind::Present(group) = lead else {
        return None;
    };
    let levels = |path: &str| path.split('/').count();
    match place {
        ChangePlace::Element(path) if levels(path) == group.len() + 1 => {
            let name = path.rsplit('/').next()?;
            // What was moved to another group is present itself.
            (*name != **group.last()?).then(|| name.into())
        }
        ChangePlace::Attribute(path, name)
            if levels(path) == group.len() && !group.last()?.starts_with('@') =>
        {
            Some(format!("@{name}").into())
        }
        _ => None,
    }
}

/// Shows a change by a document in which a wish is fulfilled.
pub(super) fn show(
    own: &mut Documents<'_>,
    against: &mut Documents<'_>,
    wish: &Wish,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let mut answer = Attempt::NotMade("no record could be made".to_owned());
    let bases = own.bases(against, &wish.path, court, options);
    let mut tries = options.attempts;
    // What must be added is made as small as can be; where a rule wants more of it, any other may do.
    let ways = [
        (Extent::Smallest, 1),
        (Extent::Random, 2),
        (Extent::Random, 3),
    ];
    for (extent, seed) in ways {
        let starts = bases
            .iter()
            .map(Some)
            .chain(bases.is_empty().then_some(None));
        for start in starts {
            if tries == 0 || !court.may_go_on() {
                return answer.or_spent(court);
            }
            tries -= 1;
            let tree = start.map(|start| &start.tree);
            let made = own
                .generator
                .fulfilling(tree, wish, extent, &mut Dice::new(seed));
            let candidate = match made {
                Ok(candidate) if candidate.size() <= LARGEST => candidate,
                Ok(_) => continue,
                Err(error) => {
                    answer.better(Attempt::NotMade(error.to_string()));
                    continue;
                }
            };
            let taken = start.is_some_and(|start| start.taken);
            match rule_on(&candidate, own.side, taken, against, wish, court) {
                Ruling::Refused(told) => {
                    let enlarged = start.is_none_or(|start| start.tree.size() > SMALL);
                    let candidate = if enlarged || extent != Extent::Smallest {
                        smaller(
                            candidate, own.side, taken, against, wish, &told, court, options,
                        )
                    } else {
                        candidate
                    };
                    return Attempt::Shown(witness(&candidate, own.side, wish, &told));
                }
                ruling => answer.better(Attempt::of(ruling, own.side)),
            }
        }
    }
    answer
}

fn rule_on(
    candidate: &Node,
    side: Side,
    start_taken: bool,
    against: &mut Documents<'_>,
    wish: &Wish,
    court: &mut Court<'_>,
) -> Ruling {
    let text = write(candidate);
    court.rule(Exhibit {
        taken_by: side,
        own: text.as_bytes(),
        start_taken,
        rule: None,
        carried: &mut |kept| {
            if kept && wish.path.len() < 2 {
                // It is about the document as a whole.
                return Some(text.clone().into_bytes());
            }
            carried(candidate, against, kept.then_some(wish))
        },
    })
}

/// A document as the other side has it.
pub(super) fn carried(
    tree: &Node,
    against: &mut Documents<'_>,
    except: Option<&Wish>,
) -> Option<Vec<u8>> {
    Some(write(&against.taken_over(tree, except)?).into_bytes())
}

/// The candidate without what need not be there.
#[allow(clippy::too_many_arguments)] // it is one step of `show`, with all that it knows
fn smaller(
    candidate: Node,
    side: Side,
    start_taken: bool,
    against: &mut Documents<'_>,
    wish: &Wish,
    told: &[Told],
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Node {
    let place = place_of(&candidate, wish);
    let said = sayings(told);
    let mut tries = options.shrinking;
    let mut holds = |tree: &Node| match rule_on(tree, side, start_taken, against, wish, court) {
        // Nothing else may be wrong with it.
        Ruling::Refused(now) => sayings(&now).iter().all(|saying| said.contains(saying)),
        _ => false,
    };
    shrink::tree(candidate, &place, &mut tries, &mut holds)
}

/// The element that a wish is about; that around it, when it is absent.
fn place_of(tree: &Node, wish: &Wish) -> Vec<usize> {
    let path = match wish.what {
        Asked::Absent => &wish.path[..wish.path.len().saturating_sub(1)],
        _ => &wish.path[..],
    };
    reach(tree, path)
}

fn witness(tree: &Node, side: Side, wish: &Wish, told: &[Told]) -> Witness {
    Witness {
        taken_by: side,
        submission: write(tree),
        line: told
            .iter()
            .find_map(|told| told.line)
            .or_else(|| line_of(tree, &place_of(tree, wish))),
        refused_with: sayings(told),
    }
}
