//! Documents of the Commissioning Data Sets through the model and back.

#![allow(clippy::print_stderr)] // what is skipped, and how much was tried, is said aloud

mod consistent;
mod judge;
mod normal;
#[path = "../support/mod.rs"]
mod support;
mod trip;

use std::path::{Path, PathBuf};

use concord_convert::Loss;
use concord_convert::document::Envelope;
use concord_sample::Dice;
use concord_sample::cds::{CdsType, Protocol, Request, SampleError, write};
use concord_sample::instance::Generator;
use concord_sample::tree::Layout;
use concord_sample::value::Extent;

use consistent::{consistent, headers, numbers};
use judge::Judge;
use trip::Version;

/// The versions, and the folders of their reference material.
const VERSIONS: &[(&str, &str)] = &[
    ("cds/6-2-2", "V6-2-2"),
    ("cds/6-2-3", "V6-2-3"),
    ("cds/6-3-1", "V6-3-1"),
];

/// Every version by itself.
fn each(name: &str, mut test: impl FnMut(&Version, &str, &mut Judge<'_>)) {
    let files = support::shipped();
    let mut problems = Vec::new();
    for (folder, reference) in VERSIONS {
        let version = Version::load(&files, folder);
        let plan = version.plan();
        let mut judge = Judge::new(&version, &plan);
        test(&version, reference, &mut judge);
        problems.extend(judge.finish(&format!("{name}-{reference}"), reference));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn xml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(xml_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// A realistic document of a type and protocol, when the version has the type.
fn sample(version: &Version, code: &str, protocol: Protocol, records: u64) -> Option<Vec<u8>> {
    let request = Request {
        schema: &version.definition.schema,
        records,
        seed: 11,
        types: vec![code.to_owned()],
        protocol,
        faults: None,
        fault_rules: Vec::new(),
    };
    let mut source = Vec::new();
    match write(&request, &mut source, None) {
        Err(SampleError::Type { .. }) => None,
        other => other.map(|_| source).map(Some).expect("a sample"),
    }
}

#[test]
fn fixtures_come_back() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cds");
    let mut tried = 0;
    each("fixtures", |version, _, judge| {
        let name = format!("SchemaVersion=\"{}\"", version.definition.standard.version);
        for path in xml_files(&fixtures) {
            let source = std::fs::read(&path).expect("a fixture");
            if String::from_utf8_lossy(&source).contains(&name) {
                let told = path.to_string_lossy();
                if told.contains("clean") {
                    judge.whole(&told, &source);
                } else {
                    judge.accounted(&told, &source);
                }
                tried += 1;
            }
        }
    });
    assert_eq!(tried, 3);
}

#[test]
fn the_trailer_repeats_who_sends_and_who_receives() {
    let version = Version::load(&support::shipped(), "cds/6-2-3");
    let source = sample(&version, "011", Protocol::Net, 1).expect("a sample");
    let trip = version.to(&source, &version.plan(), Envelope::default());
    let written = String::from_utf8(trip.written).expect("text");
    for name in ["Sender", "Receiver"] {
        let tag = format!("<CDSInterchange{name}Identity>");
        assert_eq!(written.matches(&tag).count(), 2, "{written}");
    }
}

#[test]
fn realistic_documents_of_every_type_and_protocol_come_back_whole() {
    each("realistic", |version, _, judge| {
        for kind in CdsType::ALL {
            for protocol in [Protocol::Net, Protocol::Bulk] {
                if let Some(source) = sample(version, kind.code, protocol, 25) {
                    judge.whole(&format!("{} {protocol:?}", kind.code), &source);
                }
            }
        }
    });
}

#[test]
fn reference_instances_come_back() {
    let Some(reference) = judge::reference() else {
        return;
    };
    each("reference", |_, name, judge| {
        for path in xml_files(&reference.join("cds/instances").join(name)) {
            let source = std::fs::read(&path).expect("a file");
            judge.accounted(&path.to_string_lossy(), &source);
        }
    });
}

/// Of 6-3-1 so many instances are tried; the others are tried until every choice was taken.
const COVERING: u64 = 45;

#[test]
fn instances_that_take_every_choice_come_back_whole() {
    each("covering", |version, _, judge| {
        let mut generator = Generator::new(&version.definition.schema);
        let mut tried = 0;
        while generator.uncovered() > 0 && tried < COVERING {
            tried += 1;
            let mut node = generator
                .covering(&mut Dice::part(3, tried))
                .expect("an instance");
            consistent(&mut node, &version.kinds, &version.definition.schema);
            judge.whole(
                &format!("covering {tried}"),
                Layout::default().write(&node).as_bytes(),
            );
        }
    });
}

#[test]
fn what_contradicts_itself_is_accounted_for() {
    each("arbitrary", |version, _, judge| {
        let schema = &version.definition.schema;
        let mut generator = Generator::new(schema);
        for seed in 0..32 {
            let extent = match seed % 4 {
                0 => Extent::Smallest,
                1 => Extent::Largest,
                _ => Extent::Random,
            };
            let node = generator.instance(schema.roots[0], extent, &mut Dice::part(5, seed));
            let mut node = node.expect("an instance");
            if seed % 8 > 1 {
                // Records whose headers contradict themselves can mostly not be written at all.
                headers(&mut node);
            }
            if seed % 8 > 3 {
                numbers(&mut node, &version.kinds, schema);
            }
            let source = Layout::default().write(&node);
            judge.accounted(&format!("seed {seed}"), source.as_bytes());
        }
    });
}

#[test]
fn emergency_care_goes_to_the_other_version_and_back() {
    let files = support::shipped();
    let (older, newer) = (
        Version::load(&files, "cds/6-2-2"),
        Version::load(&files, "cds/6-2-3"),
    );
    let (to_older, to_newer) = (older.plan(), newer.plan());
    let mut judge_older = Judge::new(&older, &to_older);
    let mut judge_newer = Judge::new(&newer, &to_newer);
    for protocol in [Protocol::Net, Protocol::Bulk] {
        let source = sample(&newer, "011", protocol, 60).expect("a sample");
        let there = newer.to(&source, &to_older, Envelope::default());
        judge_older.document("there", &there.written);
        let back = older.to(&there.written, &to_newer, Envelope::default());
        assert_eq!((back.records, back.left_out), (there.records, 0));
        assert!(back.records >= 40, "{}", back.records);
        // The older version must name a first recipient.
        let left_out: Vec<&Loss> = there
            .out
            .iter()
            .filter(|loss| loss.element == "record")
            .collect();
        let detail = left_out
            .first()
            .and_then(|loss| loss.detail.as_deref())
            .unwrap_or_default();
        assert!(
            left_out.len() == 1 && detail.contains("PrimeRecipient"),
            "{left_out:?}"
        );
        judge_newer.trip("back", &source, &there.then(back));
    }
    let mut problems = judge_older.finish("there", "V6-2-2");
    problems.extend(judge_newer.finish("back", "V6-2-3"));
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn what_a_version_has_no_place_for_is_left_out_and_told() {
    let files = support::shipped();
    let (older, newer) = (
        Version::load(&files, "cds/6-2-3"),
        Version::load(&files, "cds/6-3-1"),
    );
    let plan = newer.plan();
    let source = sample(&older, "011", Protocol::Net, 5).expect("a sample");
    let trip = older.to(&source, &plan, Envelope::default());
    assert_eq!((trip.records, trip.left_out), (0, 5));
    assert!(trip.written.is_empty());
    let lost: Vec<String> = trip
        .out
        .iter()
        .map(|loss| {
            format!(
                "{} {}: {:?} {:?}",
                loss.count, loss.element, loss.reason, loss.detail
            )
        })
        .collect();
    assert_eq!(
        lost,
        [
            "5 CDS TYPE CODE: NoEquivalentCode Some(\"011\")",
            "5 record: Incomplete Some(\"no @CDSTypeCode in CDSNetChange-All-MessageTypes that may stand there\")",
        ]
    );
}
