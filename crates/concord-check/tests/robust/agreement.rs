//! One document, one result: whatever the path, the size of the chunks and the number of threads.

use std::fmt::Write;

use concord_check::Plan;
use concord_sample::Dice;
use concord_sample::instance::Generator;
use concord_sample::mutate::{MutantKind, mutate};
use concord_sample::tree::Layout;
use proptest::prelude::*;

use crate::support::{BATCH, INTERCHANGE, USUAL, Way, batch, examine, interchange, run, same};

/// Sizes of chunk from one that cuts behind every record to the usual one.
const TARGETS: [usize; 4] = [1, 200, 700, 4096];

/// Instances of each structure that mutants are made of.
const ROUNDS: u64 = 1;

/// The two structures, each with a document of it.
fn documents() -> [(Plan, &'static str); 2] {
    [(batch(), BATCH), (interchange(), INTERCHANGE)]
}

/// Collects what goes wrong, so that one run tells all of it.
#[derive(Default)]
pub(crate) struct Problems {
    text: String,
    count: usize,
}

impl Problems {
    pub(crate) fn add(&mut self, what: &str, problem: &str) {
        self.count += 1;
        if self.count <= 5 {
            let _ = write!(self.text, "{what}: {problem}\n\n");
        }
    }

    pub(crate) fn check(self) {
        assert!(self.count == 0, "{} problem(s)\n{}", self.count, self.text);
    }
}

#[test]
fn valid_documents_give_no_finding_any_way() {
    for (plan, document) in documents() {
        let targets: Vec<usize> = (1..document.len() + 2).step_by(37).collect();
        let checked =
            examine(&plan, document.as_bytes(), &targets).unwrap_or_else(|error| panic!("{error}"));
        assert!(checked.findings.is_empty(), "{:#?}", checked.lines());
        assert!(!checked.values.is_empty());
    }
}

#[test]
fn every_chunk_size_and_thread_count_gives_the_same() {
    for (plan, document) in documents() {
        // With a few mistakes in it, so that there is something to be the same.
        let broken = document
            .replace("2026-04-0", "2026-4-0")
            .replace("Kind", "Kin")
            .replace("<Scheme>", "<x/><Scheme>");
        let whole = run(&plan, broken.as_bytes(), USUAL);
        assert!(whole.findings.len() > 3);
        for target in (1..broken.len() + 2).step_by(53) {
            for threads in 1..=4 {
                let other = run(
                    &plan,
                    broken.as_bytes(),
                    Way {
                        fast: true,
                        threads,
                        target,
                    },
                );
                same(
                    ("one chunk", &whole),
                    (&format!("{target} bytes, {threads} threads"), &other),
                    false,
                )
                .unwrap_or_else(|error| panic!("{error}"));
            }
        }
    }
}

#[test]
fn mutants_of_every_kind_agree() {
    let mut problems = Problems::default();
    for (number, (plan, _)) in documents().into_iter().enumerate() {
        let schema = &plan.compiled.schema;
        let mut generator = Generator::new(schema);
        for round in 0..ROUNDS {
            let mut dice = Dice::part(7 + number as u64, round);
            let instance = generator
                .covering(&mut dice)
                .expect("the structure has instances");
            for layout in [Layout::compact(), Layout::default()] {
                let valid = layout.write(&instance);
                if let Err(error) = examine(&plan, valid.as_bytes(), &TARGETS) {
                    problems.add(&format!("round {round}, unchanged"), &error);
                }
                for kind in MutantKind::ALL {
                    let Some(mutant) = mutate(*kind, schema, &instance, &layout, &mut dice) else {
                        continue;
                    };
                    if let Err(error) = examine(&plan, &mutant.bytes, &TARGETS) {
                        let document = String::from_utf8_lossy(&mutant.bytes);
                        let what = format!(
                            "round {round}, {}: {} at {}",
                            kind.name(),
                            mutant.description,
                            mutant.place
                        );
                        problems.add(
                            &what,
                            &format!("{error}\n{}", &document[..document.len().min(3000)]),
                        );
                    }
                }
            }
        }
    }
    problems.check();
}

/// Pieces that break things when they stand where they should not.
const PIECES: &[&str] = &[
    "</Message>",
    "</Person>",
    "</Visit>",
    "<Message>",
    "<Person id='x'>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x",
    "?>",
    "&amp;",
    "&",
    "&#0;",
    "&#x10FFFF;",
    "<",
    ">",
    "\"",
    "'",
    "/>",
    " ",
    "\r\n",
    "\t",
    "<!DOCTYPE a>",
    "</",
    "</Batch>",
    "</Interchange>",
    "\u{feff}",
    "\0",
    "xmlns=''",
    " xmlns:p='urn:q'",
    "<p:a/>",
    "é",
    "--",
    "<!-- </Message> </Person> -->",
    "<![CDATA[</Visit></Message>]]>",
    "<?x </Message></Visit> ?>",
    "<Message/>",
    "<Visit/>",
];

#[derive(Debug, Clone)]
enum Edit {
    Insert(usize, usize),
    Delete(usize, usize),
    Byte(usize, u8),
    Copy(usize, usize, usize),
    Cut(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (any::<prop::sample::Index>(), 0..PIECES.len()).prop_map(|(at, piece)| Edit::Insert(at.index(1 << 20), piece)),
        2 => (any::<prop::sample::Index>(), 1..40_usize).prop_map(|(at, length)| Edit::Delete(at.index(1 << 20), length)),
        2 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at.index(1 << 20), byte)),
        2 => (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..200_usize)
            .prop_map(|(from, to, length)| Edit::Copy(from.index(1 << 20), to.index(1 << 20), length)),
        1 => any::<prop::sample::Index>().prop_map(|at| Edit::Cut(at.index(1 << 20))),
    ]
}

fn apply(document: &mut Vec<u8>, edit: &Edit) {
    let size = document.len() + 1;
    match *edit {
        Edit::Insert(at, piece) => {
            let at = at % size;
            document.splice(at..at, PIECES[piece].bytes());
        }
        Edit::Delete(at, length) => {
            let at = at % size;
            let end = (at + length).min(document.len());
            document.drain(at..end);
        }
        Edit::Byte(at, byte) => {
            let at = at % size;
            if let Some(old) = document.get_mut(at) {
                *old = byte;
            }
        }
        Edit::Copy(from, to, length) => {
            let (from, to) = (from % size, to % size);
            let end = (from + length).min(document.len());
            let piece = document[from..end].to_vec();
            document.splice(to..to, piece);
        }
        Edit::Cut(at) => document.truncate(at % size),
    }
}

const CASES: u32 = 500;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edited_documents_agree(
        second in any::<bool>(),
        compact in any::<bool>(),
        edits in prop::collection::vec(edit(), 1..4),
        target in 1..2000_usize,
    ) {
        let (plan, document) = if second { (batch(), BATCH) } else { (interchange(), INTERCHANGE) };
        let mut bytes = document.as_bytes().to_vec();
        if compact {
            bytes = document.lines().map(str::trim_start).collect::<String>().into_bytes();
        }
        for edit in &edits {
            apply(&mut bytes, edit);
        }
        if let Err(error) = examine(&plan, &bytes, &[target]) {
            prop_assert!(false, "{error}\n{}", String::from_utf8_lossy(&bytes));
        }
    }
}

/// A mistake with whole elements: the document stays well-formed.
#[derive(Debug, Clone, Copy)]
enum Mistake {
    Remove,
    Repeat,
    /// Before the first of its siblings, or behind another.
    Move(prop::sample::Index),
    /// Text before it.
    Text,
    /// An element that nobody knows before it.
    Unknown,
    /// A comment before it, which is none.
    Comment,
}

fn mistake() -> impl Strategy<Value = Mistake> {
    prop_oneof![
        3 => Just(Mistake::Remove),
        2 => Just(Mistake::Repeat),
        4 => any::<prop::sample::Index>().prop_map(Mistake::Move),
        1 => Just(Mistake::Text),
        1 => Just(Mistake::Unknown),
        1 => Just(Mistake::Comment),
    ]
}

/// Where each element stands, and the number of the one that it stands in.
fn elements(document: &str) -> Vec<(std::ops::Range<usize>, Option<usize>)> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(document);
    let (mut found, mut open) = (Vec::new(), Vec::new());
    loop {
        let start = reader.buffer_position() as usize;
        let event = reader.read_event().expect("well-formed");
        let end = reader.buffer_position() as usize;
        match event {
            Event::Start(_) => {
                found.push((start..end, open.last().copied()));
                open.push(found.len() - 1);
            }
            Event::Empty(_) => found.push((start..end, open.last().copied())),
            Event::End(_) => {
                let closed = open.pop().expect("well-formed");
                found[closed].0.end = end;
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

fn mistaken(document: &mut String, at: prop::sample::Index, mistake: Mistake) {
    let elements = elements(document);
    let below_root: Vec<_> = (elements.iter())
        .filter_map(|(span, parent)| Some((span.clone(), (*parent)?)))
        .collect();
    if below_root.is_empty() {
        return;
    }
    let (span, parent) = below_root[at.index(below_root.len())].clone();
    let piece = document[span.clone()].to_owned();
    match mistake {
        Mistake::Remove => document.replace_range(span, ""),
        Mistake::Repeat => document.insert_str(span.end, &piece),
        Mistake::Move(to) => {
            let mut places: Vec<usize> = (below_root.iter())
                .filter(|(other, above)| *above == parent && *other != span)
                .map(|(other, _)| other.end)
                .collect();
            let first = below_root.iter().find(|(_, above)| *above == parent);
            places.extend(first.map(|(other, _)| other.start));
            let to = places[to.index(places.len())];
            if to >= span.end {
                document.insert_str(to, &piece);
                document.replace_range(span, "");
            } else {
                document.replace_range(span, "");
                document.insert_str(to, &piece);
            }
        }
        Mistake::Text => document.insert_str(span.start, "stray"),
        Mistake::Unknown => document.insert_str(span.start, "<Unknown>1</Unknown>"),
        Mistake::Comment => document.insert_str(span.start, "<!-- nothing -->"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    /// The fast path takes an element back after a mistake and meets the next one in it: what was told of the first is known.
    #[test]
    fn several_mistakes_agree(
        second in any::<bool>(),
        mistakes in prop::collection::vec((any::<prop::sample::Index>(), mistake()), 1..12),
        lost in prop::option::of(any::<prop::sample::Index>()),
        target in 1..2000_usize,
    ) {
        let (plan, document) = if second { (batch(), BATCH) } else { (interchange(), INTERCHANGE) };
        let mut document = document.to_owned();
        for (at, mistake) in mistakes {
            mistaken(&mut document, at, mistake);
        }
        if let Some(lost) = lost {
            // An element that loses its start tag.
            let elements = elements(&document);
            let start = elements[lost.index(elements.len())].0.start;
            let end = document[start..].find('>').expect("a tag ends");
            document.replace_range(start..=start + end, "");
        }
        if let Err(error) = examine(&plan, document.as_bytes(), &[target]) {
            prop_assert!(false, "{error}\n{document}");
        }
    }
}

#[test]
fn white_space_that_keeps_its_length_is_captured_alike() {
    let document = INTERCHANGE.replace("<BirthDate>1988-02-29", "<BirthDate>1\t988-02-29");
    assert_ne!(document, INTERCHANGE, "the value is there");
    if let Err(error) = examine(&interchange(), document.as_bytes(), &[1]) {
        panic!("{error}");
    }
}
