//! Submissions that show a change of which it is not said how it shows.
//!
//! Records are made that have what the change is about in many ways: filled by chance, repeated, left out. One of them is a
//! proof when the other side refuses it there.

use std::sync::Arc;

use concord_sample::Dice;
use concord_sample::instance::{Asked, Wish};
use concord_sample::mutate::{MutantKind, mutate};
use concord_sample::tree::{Child, Layout, Node, XSI};
use concord_sample::value::Extent;
use concord_standards::layout::HeaderUse;
use concord_standards::schema::QName;

use super::court::{Court, Exhibit, Ruling, other, rejecting, sayings};
use super::documents::{self, Base, Documents};
use super::sheets::{self, Tables};
use super::{Attempt, ProofOptions, Told, shrink};
use crate::change::{ChangePlace, LeadKind, Side, Witness};

/// How often something is repeated to find more than may stand.
const REPEATS: [usize; 8] = [2, 3, 4, 5, 7, 10, 21, 100];
/// Texts that many columns do not take.
const TEXTS: [&str; 10] = [
    "",
    "x",
    "ZZ",
    "9",
    "999",
    "12345",
    "1.23456789",
    "2025-02-30",
    "ABCDEFGHIJKLMNOPQRSTU",
    "999999999999999999999999999999",
];

/// Looks for a document that shows a change.
pub(super) fn in_documents(
    own: &mut Documents<'_>,
    against: &mut Documents<'_>,
    place: &ChangePlace,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let path: Vec<Arc<str>> = match place {
        ChangePlace::Element(path) => path.split('/').map(Arc::from).collect(),
        ChangePlace::Attribute(path, name) => path
            .split('/')
            .map(Arc::from)
            .chain([format!("@{name}").into()])
            .collect(),
        ChangePlace::Standard(_) => return by_mutants(own, against, court, options),
        _ => return nothing(),
    };
    // A place is told in the names of the new side; findings are told in those of the document.
    let paths = [own.renames.path(&path), path];
    let bases = own.bases(against, &paths[0], court, options);
    let mut tries = options.attempts.saturating_mul(3);
    for candidate in candidates(own, &bases, &paths[0]) {
        if tries == 0 || !court.may_go_on() {
            break;
        }
        tries -= 1;
        let mut shows = |tree: &Node| shown(tree, own.side(), against, &paths, court);
        let Some(told) = shows(&candidate) else {
            continue;
        };
        let said = sayings(&told);
        let mut left = options.shrinking;
        let mut holds = |tree: &Node| {
            shows(tree).is_some_and(|now| sayings(&now).iter().all(|saying| said.contains(saying)))
        };
        let least = shrink::tree(candidate, &[], &mut left, &mut holds);
        let told = shows(&least).unwrap_or(told);
        return Attempt::Shown(Witness {
            taken_by: own.side(),
            submission: documents::write(&least),
            line: told.iter().find_map(|told| told.line),
            refused_with: sayings(&told),
        });
    }
    nothing()
}

fn nothing() -> Attempt {
    Attempt::NotMade(
        "no submission was found that one side takes whole and the other does not".to_owned(),
    )
}

/// Documents with something at a path: by chance, repeated, nil, left out.
fn candidates(own: &mut Documents<'_>, bases: &[Base], path: &[Arc<str>]) -> Vec<Node> {
    let mut made = Vec::new();
    let generator = &mut own.generator;
    let mut make = |start: Option<&Node>, what: Asked, extent, seed| {
        let wish = Wish {
            path: path.to_vec(),
            what,
        };
        let mut dice = Dice::new(seed);
        let tree = generator.fulfilling(start, &wish, extent, &mut dice).ok()?;
        (tree.size() <= documents::LARGEST).then_some(tree)
    };
    let start = bases.first().map(|base| &base.tree);
    if let Some(tree) = make(start, Asked::Present, Extent::Smallest, 1) {
        let place = documents::reach(&tree, path);
        made.extend(
            REPEATS
                .iter()
                .filter_map(|times| repeated(&tree, &place, *times)),
        );
        made.extend(nil(&tree, &place));
        made.push(tree);
    }
    made.extend(make(start, Asked::Absent, Extent::Smallest, 1));
    // Around it may stand what makes a difference.
    let group = &path[..path.len().saturating_sub(1)];
    for seed in 1..=8 {
        let around = some_around(own, group, seed);
        for what in [Asked::Present, Asked::Absent] {
            let wish = Wish {
                path: path.to_vec(),
                what,
            };
            let dice = &mut Dice::new(seed);
            let tree = own
                .generator
                .fulfilling(around.as_ref(), &wish, Extent::Random, dice);
            made.extend(tree.ok().filter(|tree| tree.size() <= documents::LARGEST));
        }
    }
    made
}

/// A document in which a group stands with this and that in it.
fn some_around(own: &mut Documents<'_>, group: &[Arc<str>], seed: u64) -> Option<Node> {
    let root = own.generator.root(group.first()?)?;
    let dice = &mut Dice::new(seed);
    if group.len() == 1 {
        return own.generator.instance(root, Extent::Random, dice).ok();
    }
    let wish = Wish {
        path: group.to_vec(),
        what: Asked::Present,
    };
    own.generator
        .fulfilling(None, &wish, Extent::Random, dice)
        .ok()
}

/// The element so many times in a row.
fn repeated(tree: &Node, place: &[usize], times: usize) -> Option<Node> {
    let (index, around) = place.split_last()?;
    let mut tree = tree.clone();
    let one = tree.at(place)?.clone();
    let parent = tree.at_mut(around)?;
    for _ in 1..times {
        parent.children.insert(*index, Child::Element(one.clone()));
    }
    Some(tree)
}

/// The element with `xsi:nil` and nothing in it.
fn nil(tree: &Node, place: &[usize]) -> Option<Node> {
    let mut tree = tree.clone();
    let node = tree.at_mut(place)?;
    node.children.clear();
    node.attributes
        .push((QName::new(XSI, "nil"), "true".to_owned()));
    Some(tree)
}

/// What the other side says of a document at a path, when its own side takes it.
fn shown(
    tree: &Node,
    side: Side,
    against: &mut Documents<'_>,
    paths: &[Vec<Arc<str>>; 2],
    court: &mut Court<'_>,
) -> Option<Vec<Told>> {
    let is_about = |told: &&Told| paths.iter().any(|path| is_about(told, path));
    let text = documents::write(tree);
    if !court.hear(side, text.as_bytes())?.accepted {
        return None;
    }
    let said = court.hear(other(side), text.as_bytes())?;
    let told: Vec<Told> = rejecting(&said).filter(is_about).cloned().collect();
    if said.accepted || !told.is_empty() {
        return (!told.is_empty()).then_some(told);
    }
    // It may have been refused before anybody looked there.
    let wish = Wish {
        path: paths[0].clone(),
        what: Asked::Present,
    };
    let carried = documents::carried(tree, against, Some(&wish))?;
    let said = court.hear(other(side), &carried)?;
    let told = rejecting(&said).filter(is_about);
    let told: Vec<Told> = told
        .map(|told| Told {
            line: None,
            ..told.clone()
        })
        .collect();
    (!told.is_empty()).then_some(told)
}

/// Whether a finding is about what stands at a path.
fn is_about(told: &Told, path: &[Arc<str>]) -> bool {
    let Some(at) = &told.path else { return false };
    let names: Vec<&str> = at
        .split('/')
        .filter(|name| !name.is_empty())
        .map(|name| name.split('[').next().unwrap_or(name))
        .collect();
    let elements: Vec<&str> = path
        .iter()
        .map(|name| &**name)
        .filter(|name| !name.starts_with('@'))
        .collect();
    let Some((last, around)) = path.split_last() else {
        return false;
    };
    let here = names.starts_with(&elements) && !last.starts_with('@');
    let from_around = names.len() + 1 >= path.len()
        && names
            .iter()
            .zip(around)
            .all(|(name, around)| **name == **around)
        && told
            .message
            .contains(&format!("`{}`", last.trim_start_matches('@')));
    here || from_around || (elements.len() < path.len() && names == elements)
}

/// Looks for a document with one mistake that the one side minds and the other does not.
fn by_mutants(
    own: &mut Documents<'_>,
    against: &mut Documents<'_>,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let schema = &own.definition.schema;
    let roots: Vec<Arc<str>> = schema
        .roots
        .iter()
        .map(|root| Arc::clone(&schema.element(*root).name.local))
        .collect();
    let side = own.side();
    let layout = Layout::default();
    let mut tries = options.attempts.saturating_mul(4);
    for root in roots.iter().take(3) {
        let path = [Arc::clone(root)];
        for base in own.bases(against, &path, court, options) {
            if !base.taken {
                continue;
            }
            for (number, kind) in MutantKind::ALL.iter().enumerate() {
                if tries == 0 || !court.may_go_on() {
                    return nothing();
                }
                let mut dice = Dice::new(number as u64);
                let made = mutate(*kind, schema, &base.tree, &layout, &mut dice);
                let Some(mutant) = made else { continue };
                tries -= 1;
                let ruling = court.rule(Exhibit {
                    taken_by: side,
                    own: &mutant.bytes,
                    start_taken: true,
                    rule: None,
                    carried: &mut |_| None,
                });
                if let Ruling::Refused(told) = ruling {
                    return Attempt::Shown(Witness {
                        taken_by: side,
                        submission: String::from_utf8_lossy(&mutant.bytes).into_owned(),
                        line: told.iter().find_map(|told| told.line),
                        refused_with: sayings(&told),
                    });
                }
            }
        }
    }
    nothing()
}

/// Looks for a file that shows a change.
pub(super) fn in_tables(
    own: &mut Tables<'_>,
    against: &mut Tables<'_>,
    place: &ChangePlace,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let Some(layout) = &own.definition.layout else {
        return nothing();
    };
    let whole = |table: &Arc<str>| LeadKind::Columns {
        table: Arc::clone(table),
        without: None,
    };
    let mut leads: Vec<(LeadKind, Option<&str>)> = Vec::new();
    for table in &layout.tables {
        let about = match place {
            ChangePlace::Table(name) if *name == table.name => None,
            ChangePlace::Column(name, column) if *name == table.name => Some(&**column),
            ChangePlace::Standard(_) => None,
            _ => continue,
        };
        leads.push((whole(&table.name), about));
        if table.header == HeaderUse::None {
            // Cells have no names: what is refused is the row as it stands.
            leads.push((whole(&table.name), None));
        }
        for field in &table.fields {
            if about.is_some_and(|about| *about != *field.column) {
                continue;
            }
            let mut texts = own
                .table(&table.name)
                .map_or_else(Vec::new, |maker| maker.sheets.texts(&field.column, 12));
            texts.extend(TEXTS.iter().map(|text| (*text).to_owned()));
            for text in texts {
                let lead = LeadKind::Cell {
                    table: Arc::clone(&table.name),
                    column: Arc::clone(&field.column),
                    text,
                };
                leads.push((lead, Some(&field.column)));
            }
            let without = LeadKind::Columns {
                table: Arc::clone(&table.name),
                without: Some(Arc::clone(&field.column)),
            };
            leads.push((without, Some(&field.column)));
        }
    }
    for (lead, about) in leads.into_iter().take(options.attempts as usize * 6) {
        // A value is tried on a few files only, the whole of a file on all of them.
        let attempts = match lead {
            LeadKind::Cell { .. } => 3,
            _ => options.attempts,
        };
        let few = ProofOptions {
            attempts,
            ..*options
        };
        if !court.may_go_on() {
            break;
        }
        if let Attempt::Shown(witness) = sheets::show(own, against, &lead, about, court, &few) {
            return Attempt::Shown(witness);
        }
    }
    match place {
        ChangePlace::Standard(_) => by_shape(own, against, court, options),
        _ => nothing(),
    }
}

/// Looks for a file with one mistake in its shape that the one side minds and the other does not.
fn by_shape(
    own: &mut Tables<'_>,
    against: &mut Tables<'_>,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let side = own.side();
    let Some(layout) = &own.definition.layout else {
        return nothing();
    };
    for table in &layout.tables {
        let bases = sheets::bases(own, &table.name, against, court, options);
        let taken = bases.into_iter().flatten().find(|base| base.taken);
        let Some(base) = taken else { continue };
        let file = String::from_utf8_lossy(&base.sheet.write()).into_owned();
        let delimiter = table.delimiters.first().copied().map_or(',', char::from);
        for changed in misshapen(&file, delimiter) {
            let ruling = court.rule(Exhibit {
                taken_by: side,
                own: changed.as_bytes(),
                start_taken: true,
                rule: None,
                carried: &mut |_| None,
            });
            if let Ruling::Refused(told) = ruling {
                return Attempt::Shown(Witness {
                    taken_by: side,
                    submission: changed,
                    line: told.iter().find_map(|told| told.line),
                    refused_with: sayings(&told),
                });
            }
        }
    }
    nothing()
}

/// A file with a cell too few, or too many, or a column that stands twice.
fn misshapen(file: &str, delimiter: char) -> Vec<String> {
    let Some((before, last)) = file.trim_end().rsplit_once("\r\n") else {
        return Vec::new();
    };
    let end = "\r\n";
    let shorter = last.rsplit_once(delimiter).map_or("", |(row, _)| row);
    let doubled: Vec<String> = file
        .trim_end()
        .split(end)
        .map(|line| {
            let first = line.split(delimiter).next().unwrap_or("");
            format!("{line}{delimiter}{first}")
        })
        .collect();
    vec![
        format!("{before}{end}{shorter}{end}"),
        format!("{before}{end}{last}{delimiter}x{end}"),
        format!("{before}{end}{last}{delimiter}{end}"),
        format!("{}{end}", doubled.join(end)),
    ]
}
