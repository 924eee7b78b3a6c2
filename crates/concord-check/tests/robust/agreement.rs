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

#[test]
fn white_space_that_keeps_its_length_is_captured_alike() {
    let document = INTERCHANGE.replace("<BirthDate>1988-02-29", "<BirthDate>1\t988-02-29");
    assert_ne!(document, INTERCHANGE, "the value is there");
    if let Err(error) = examine(&interchange(), document.as_bytes(), &[1]) {
        panic!("{error}");
    }
}
