//! Stays as drafts of commissioning data sets: what is there is written, what must be there and is not is listed, and that is
//! what two checkers miss, one of them that of the publisher's own schema.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::Command;
use std::sync::{Arc, Mutex};

use concord_check::capture::CapturePlan;
use concord_check::{CHUNK, NoRules, Options, Plan, check};
use concord_convert::LossReason;
use concord_convert::document::{DocumentPlan, DocumentWriter, Envelope};
use concord_finding::Finding;
use concord_read::xml::Chunks;
use concord_standards::compile::CompiledSchema;

use crate::about::{BORN, LABOUR};
use crate::given::{PATIENT, Together, files, message, reference, stay, together};
use crate::order::stream;
use crate::support::Standard;

/// A table that is being written, to be looked at.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Drafts, and the paths of what each lacks, by number of the record.
struct Drafts {
    text: Vec<u8>,
    lacking: BTreeMap<u64, Vec<String>>,
    records: u64,
    left_out: u64,
}

fn envelope() -> Envelope {
    let said = |text: &str| Some(text.to_owned());
    Envelope {
        sender: said("999000000100001"),
        receiver: said("999000000200001"),
        control_reference: said("1"),
        date_of_preparation: said("2026-04-01"),
        time_of_preparation: said("13:57:00"),
        application_reference: said("NHSCDS"),
        protocol: said("010"),
    }
}

fn drafts(standard: &Standard, together: &Together) -> Drafts {
    let plan = DocumentPlan::new(&standard.definition, &standard.mapping).unwrap();
    let shared = Shared::default();
    let mut writer = DocumentWriter::new(&plan, envelope(), Vec::new())
        .draft(Box::new(shared.clone()))
        .unwrap();
    for (_, records) in &together.records {
        writer.add(records).unwrap();
    }
    let done = writer.finish().unwrap();
    let losses = done.losses.list();
    let missing = losses
        .iter()
        .filter(|loss| loss.reason == LossReason::Missing);
    let table = shared.0.lock().unwrap().clone();
    let mut lacking: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let mut rows = csv::Reader::from_reader(&*table);
    for row in rows.records() {
        let row = row.unwrap();
        assert!(
            &row[1] == "0.hl7" && row[2].parse::<u64>().is_ok(),
            "{row:?}"
        );
        lacking
            .entry(row[0].parse().unwrap())
            .or_default()
            .push(row[3].to_owned());
    }
    let missing: u64 = missing.map(|loss| loss.count).sum();
    assert_eq!(
        lacking
            .values()
            .map(|paths| paths.len() as u64)
            .sum::<u64>(),
        missing
    );
    assert_eq!(done.lacking, missing);
    Drafts {
        text: done.out,
        lacking,
        records: done.records,
        left_out: done.left_out,
    }
}

/// The messages of stays, of all kinds of attendance.
fn stays() -> Together {
    let mut messages = stream(300, 3);
    for (number, class) in ["|E|", "|O|", "|E|"].iter().enumerate() {
        let pv1 = stay("RXX^ED^^RXX01", "||||||||202603011000|202603011345")
            .replace("|I|", class)
            .replace("V17^", &format!("A{number}^"));
        let message = message("A04", "202603011000", &format!("{PATIENT}\n{pv1}"));
        messages.push(message.into_bytes());
    }
    // A delivery and a birth, of stays that have ended and of such that have not.
    for (number, (method, over)) in [("31", true), ("31", false), ("82", true), ("82", false)]
        .into_iter()
        .enumerate()
    {
        let ended = if over {
            "|19|||||||202603011000|202603031000"
        } else {
            "||||||||202603011000|"
        };
        let pv1 = stay("RXX^W1^B4^RXX01", ended)
            .replace("|21|", &format!("|{method}|"))
            .replace("V17^", &format!("B{number}^"));
        let event = if over { "A03" } else { "A08" };
        let text = format!("{PATIENT}\n{pv1}\n{LABOUR}\n{BORN}");
        messages.push(message(event, "202603031000", &text).into_bytes());
    }
    together(&[&messages.concat()])
}

/// What our own checker finds wrong with a document: records, and the elements in which something is.
fn checked(standard: &Standard, text: &[u8]) -> BTreeSet<(u64, String)> {
    let schema = Arc::new(standard.definition.schema.clone());
    let compiled = Arc::new(CompiledSchema::compile(schema).unwrap());
    let records = standard.definition.standard.record.elements.clone();
    let plan = Plan::new(compiled, records, CapturePlan::default(), Vec::new());
    let name: Arc<str> = "draft.xml".into();
    let chunks = Chunks::new(io::Cursor::new(text), Arc::clone(&name), CHUNK, 1 << 24);
    let mut found = BTreeSet::new();
    let mut sink = |finding: Finding| {
        let rule = &*finding.rule.id;
        assert!(
            matches!(rule, "STRUCTURE-MISSING" | "ATTRIBUTE-MISSING"),
            "{rule}"
        );
        let path = finding.path.as_deref().unwrap_or_default();
        found.insert((finding.record.unwrap_or_default(), path.to_owned()));
        ControlFlow::Continue(())
    };
    let options = Options::default();
    let checked = check(chunks, &name, None, &plan, &NoRules, options, &mut sink);
    assert!(checked.error.is_none(), "{:?}", checked.error);
    found
}

/// The place in which something is missing, and what.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap()
}

/// What libxml2 is to miss: of an element the first thing only, and what stands behind that in it is not looked at.
fn first_of_each(made: &Drafts) -> Vec<String> {
    let mut first = Vec::new();
    for paths in made.lacking.values() {
        let mut broken: Vec<&str> = Vec::new();
        for path in paths {
            let (place, what) = split(path);
            let hidden = broken.iter().any(|broken| {
                let below = place.strip_prefix(broken);
                below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
            });
            if !hidden {
                first.push(what.to_owned());
                if !what.starts_with('@') {
                    broken.push(place);
                }
            }
        }
    }
    first
}

/// What `xmllint` expected where it complains, complaint by complaint; nothing, and that is said, without it or the schema.
fn complaints(version: &str, text: &[u8]) -> Option<Vec<Vec<String>>> {
    let xsd = reference()?.join(format!(
        "cds/xsd/V{version}/CDS-XML_Message_Root-V{version}.xsd"
    ));
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("draft.xml");
    std::fs::write(&document, text).unwrap();
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet", "--schema"]).arg(&xsd);
    let Ok(output) = command.arg(&document).output() else {
        eprintln!("SKIPPED: xmllint cannot be run");
        return None;
    };
    let told = String::from_utf8(output.stderr).unwrap();
    let lines = told
        .lines()
        .filter(|line| line.contains("Schemas validity error"));
    let complaints = lines.map(|line| {
        if let Some((_, attribute)) = line.split_once("The attribute '") {
            return vec![format!("@{}", attribute.split('\'').next().unwrap())];
        }
        let (_, expected) = line
            .split_once("Expected is ")
            .unwrap_or_else(|| panic!("{line}"));
        let names = expected.split('}').skip(1);
        names
            .map(|name| name.split([',', ' ']).next().unwrap().to_owned())
            .collect()
    });
    Some(complaints.collect())
}

#[test]
fn what_drafts_lack_is_what_checkers_miss() {
    for (folder, version, least) in [("cds/6-3-1", "6-3-1", 60), ("cds/6-2-3", "6-2-3", 2)] {
        let standard = Standard::load(files(), folder);
        let stays = stays();
        let made = drafts(&standard, &stays);
        assert!(made.records >= least, "{}", made.records);
        assert_eq!(made.records + made.left_out, stays.said().len() as u64);
        assert_eq!(
            made.lacking.len() as u64,
            made.records,
            "no stay is a whole record"
        );

        let root = &standard.definition.standard.recognise.root;
        let lacking = made.lacking.iter().flat_map(|(record, paths)| {
            paths
                .iter()
                .map(|path| (*record, format!("/{root}/{}", split(path).0)))
        });
        assert_eq!(checked(&standard, &made.text), lacking.collect());

        let Some(complaints) = complaints(version, &made.text) else {
            continue;
        };
        let expected = first_of_each(&made);
        assert_eq!(complaints.len(), expected.len(), "{folder}");
        for (missed, expected) in complaints.iter().zip(&expected) {
            let mut any = expected.split('|');
            assert!(
                any.any(|name| missed.iter().any(|missed| missed == name)),
                "{missed:?} {expected}"
            );
        }
    }
}

#[test]
fn a_draft_carries_what_there_is_and_makes_nothing_up() {
    let standard = Standard::load(files(), "cds/6-3-1");
    let pv1 = stay("RXX^W1^B4^RXX01", "|19|||||||202603011000|202603051115");
    let text = message("A03", "202603051115", &format!("{PATIENT}\n{pv1}"));
    let made = drafts(&standard, &together(&[text.as_bytes()]));
    let document = String::from_utf8(made.text).unwrap();
    for (element, text) in [
        ("NHSNumber", "9990000018"),
        ("PostcodeOfUsualAddress", "WX18 4ZZ"),
        ("PersonBirthDate", "1933-02-15"),
        ("HospitalProviderSpellIdentifier", "V17"),
        ("StartDate_HospitalProviderSpell", "2026-03-01"),
        ("DischargeDate_HospitalProviderSpell", "2026-03-05"),
        ("DischargeTime_HospitalProviderSpell", "11:15:00"),
        ("MethodOfAdmission_HospitalProviderSpell", "21"),
        ("DestinationOfDischarge_HospitalProviderSpell", "19"),
    ] {
        let wanted = format!("<{element}>{text}</{element}>");
        assert!(document.contains(&wanted), "{wanted}\n{document}");
    }
    let lacking = &made.lacking[&1];
    for element in [
        "CDSUniqueIdentifier",
        "CDSUpdateType",
        "CDSActivityDate",
        "AgeOnAdmission",
    ] {
        assert!(
            lacking.iter().any(|path| split(path).1 == element),
            "{element}: {lacking:#?}"
        );
        assert!(!document.contains(element), "{element} was made up");
    }
}

#[test]
fn births_and_deliveries_become_episodes_of_their_own_kind() {
    let standard = Standard::load(files(), "cds/6-3-1");
    for (method, kind) in [("31", "DeliveryEpisode"), ("82", "BirthEpisode")] {
        let pv1 = stay("RXX^W1^B4^RXX01", "|19|||||||202603011000|202603031000")
            .replace("|21|", &format!("|{method}|"));
        let text = format!("{PATIENT}\n{pv1}\n{LABOUR}\n{BORN}");
        let text = message("A03", "202603031000", &text);
        let made = drafts(&standard, &together(&[text.as_bytes()]));
        let document = String::from_utf8(made.text).unwrap();
        for wanted in [
            &format!("<AdmittedPatientCare_Finished_{kind}>") as &str,
            "<BirthWeight>3250</BirthWeight>",
            "<DeliveryMethodCode>7</DeliveryMethodCode>",
            "<LabourOrDeliveryOnsetMethodCode>1</LabourOrDeliveryOnsetMethodCode>",
        ] {
            assert!(document.contains(wanted), "{kind} {wanted}\n{document}");
        }
    }
}

#[test]
fn without_drafts_nothing_is_written_that_lacks_something() {
    let standard = Standard::load(files(), "cds/6-3-1");
    let plan = DocumentPlan::new(&standard.definition, &standard.mapping).unwrap();
    let mut writer = DocumentWriter::new(&plan, envelope(), Vec::new());
    let stays = stays();
    for (_, records) in &stays.records {
        writer.add(records).unwrap();
    }
    let done = writer.finish().unwrap();
    assert_eq!((done.records, done.lacking, done.out.len()), (0, 0, 0));
    assert_eq!(done.left_out, stays.said().len() as u64);
}
