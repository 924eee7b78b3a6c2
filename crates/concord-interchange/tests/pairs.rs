//! Published pairs of EDIFACT messages and their FHIR, held against what is translated, field by field and in both directions;
//! and the receipts that were published with them. They are skipped, visibly, where the reference folder is not there.
//!
//! `CONCORD_PAIRS` names a folder of further pairs, in folders `nhais` and `lab` as the reference has them: `NAME.edifact.dat` beside
//! `NAME.fhir.json` (several documents: `NAME.1.fhir.json` and so on) and `NAME.recep.dat`. They are held against the same.

#![allow(
    clippy::print_stderr,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::nonminimal_bool
)] // a test says what it skips

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use concord_interchange::{Envelope, Json, Judged, Moment, Receipt, ReceiptForm};
use concord_read::edifact::{Interchange, Segments, Service};
use support::translation;

/// The pairs in folders of a name: of the reference, and further ones.
fn all_pairs(folder: &str) -> Vec<(PathBuf, Vec<PathBuf>)> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let reference = std::env::var_os("CONCORD_REFERENCE").map_or(beside, PathBuf::from);
    let mut folders = vec![reference.join("practice/samples").join(folder)];
    match std::env::var_os("CONCORD_PAIRS") {
        Some(further) => folders.push(Path::new(&further).join(folder)),
        None => eprintln!("skipped: CONCORD_PAIRS names no further pairs"),
    }
    let mut all = Vec::new();
    for folder in folders {
        if folder.is_dir() {
            all.extend(pairs(&folder));
        } else {
            eprintln!("skipped: {} is not there", folder.display());
        }
    }
    all
}

/// The values of a document by their paths. Items of lists that have a name or an address are told by it.
fn leaves(json: &Json, path: &str, out: &mut BTreeMap<String, String>) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                leaves(value, &format!("{path}.{name}"), out);
            }
        }
        Json::List(items) => {
            for (number, item) in items.iter().enumerate() {
                let told = ["name", "url"]
                    .iter()
                    .find_map(|key| item.get(key).and_then(Json::text));
                let place = told.map_or_else(|| number.to_string(), str::to_owned);
                leaves(item, &format!("{path}[{place}]"), out);
            }
        }
        Json::Null if path.contains("line[") || path.ends_with(".value") => {
            out.insert(path.to_owned(), "null".to_owned());
        }
        Json::Null => {}
        other => {
            out.insert(path.to_owned(), format!("{other:?}"));
        }
    }
}

fn fields(json: &Json) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    leaves(json, "", &mut out);
    out
}

/// Identifiers that were made up, by their order of appearance in what refers to what.
fn without_made_up(json: &Json) -> Json {
    fn urls(json: &Json, found: &mut Vec<String>) {
        for entry in json.get("entry").map_or(&[][..], Json::items) {
            if let Some(url) = entry.get("fullUrl").and_then(Json::text) {
                found.push(url.to_owned());
            }
        }
    }
    fn replaced(json: &Json, urls: &[String], top: bool) -> Json {
        match json {
            Json::Text(text) => {
                let named = urls
                    .iter()
                    .position(|url| url == text || url.strip_prefix("urn:uuid:") == Some(text));
                Json::Text(named.map_or_else(|| text.clone(), |at| format!("entry {at}")))
            }
            Json::List(items) => Json::List(
                items
                    .iter()
                    .map(|item| replaced(item, urls, false))
                    .collect(),
            ),
            Json::Object(members) => Json::Object(
                members
                    .iter()
                    // The time at which the other side was made, and identifiers of bundles.
                    .filter(|(name, _)| {
                        name != "lastUpdated" && !(top && (name == "id" || name == "identifier"))
                    })
                    .map(|(name, value)| (name.clone(), replaced(value, urls, false)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
    let mut found = Vec::new();
    urls(json, &mut found);
    replaced(json, &found, true)
}

fn read(path: &Path) -> Json {
    Json::read(&fs::read(path).expect("it can be read")).expect("it is JSON")
}

fn facts(said: &[(&str, &str)]) -> BTreeMap<String, String> {
    said.iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// The pairs of a folder: EDIFACT, and the documents that belong to it in their order.
fn pairs(folder: &Path) -> Vec<(PathBuf, Vec<PathBuf>)> {
    let mut names: Vec<PathBuf> = fs::read_dir(folder)
        .expect("it can be listed")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    names.sort();
    let name = |path: &Path| {
        path.file_name()
            .expect("it has one")
            .to_string_lossy()
            .into_owned()
    };
    let messages = names.iter().filter(|path| {
        let name = name(path);
        name.ends_with(".dat") && !name.contains(".recep.")
    });
    let of = |message: &PathBuf| {
        let stem = name(message)
            .replace(".edifact.dat", "")
            .replace(".dat", "");
        let documents = names.iter().filter(|path| {
            let name = name(path);
            name.starts_with(&format!("{stem}.")) && name.ends_with(".json")
        });
        (message.clone(), documents.cloned().collect::<Vec<_>>())
    };
    messages
        .map(of)
        .filter(|(_, documents)| !documents.is_empty())
        .collect()
}

#[test]
fn registrations_are_what_they_were_published_as() {
    let pairs = all_pairs("nhais");
    let translation = translation("gp-links/1-4");
    let mut seen = 0;
    for (message, documents) in &pairs {
        let bytes = fs::read(message).expect("it can be read");
        let made = translation.to_fhir(&bytes, &Envelope::default(), &|_| None);
        assert!(
            made.refused.is_empty(),
            "{}: {:?}",
            message.display(),
            made.refused
        );
        let expected: Vec<Json> = documents
            .iter()
            .map(|path| read(path))
            .filter(|json| !json.members().is_empty())
            .collect();
        assert_eq!(
            made.documents.len(),
            expected.len(),
            "{}",
            message.display()
        );
        assert!(
            made.lost.keys().all(|place| place.starts_with("DTM")
                || place.starts_with("RFF")
                || place.starts_with("GIS")),
            "{:?}",
            made.lost
        );
        for (document, expected) in made.documents.iter().zip(&expected) {
            let (found, wanted) = (fields(&document.json), fields(expected));
            seen += wanted.len();
            assert_eq!(found, wanted, "{}", message.display());
        }
    }
    assert!(pairs.is_empty() || seen > 150, "{seen} fields");
}

/// The segments of a message as it was published, and as it is written: elements at an end that say nothing left out.
fn segments(text: &[u8]) -> Vec<String> {
    let service = Service::of(text);
    Segments::new(text, 0, service)
        .map(|segment| String::from_utf8_lossy(segment.span.of(text)).into_owned())
        .filter(|segment| !segment.starts_with("UNA"))
        .collect()
}

#[test]
fn documents_are_the_registrations_that_they_were_published_with() {
    let pairs = all_pairs("nhais");
    let translation = translation("gp-links/1-4");
    let mut seen = 0;
    for (message, documents) in &pairs {
        let bytes = fs::read(message).expect("it can be read");
        let read_back = Interchange::read_all(&bytes);
        let [document] = &documents[..] else {
            continue;
        };
        let json = read(document);
        let messages = &read_back[0].messages;
        let own = messages.iter().find(|message| {
            message
                .segments
                .iter()
                .any(|segment| segment.tag() == "S01")
        });
        let Some(own) = own.filter(|_| !json.members().is_empty()) else {
            continue;
        };
        let text = |tag: &str, qualifier: &str| {
            let found = own
                .segments
                .iter()
                .find(|segment| segment.tag() == tag && segment.text(1, 1) == qualifier);
            found.map(|segment| segment.text(1, 2)).unwrap_or_default()
        };
        let envelope = Envelope {
            facts: facts(&[
                ("control-reference", &read_back[0].header.text(5, 1)),
                ("message-reference", &own.segments[0].text(1, 1)),
                ("transaction-number", &text("RFF", "TN")),
                ("transaction", &text("RFF", "950")),
            ]),
            moment: Moment::by_the_clock(&text("DTM", "137")),
        };
        let written = translation
            .to_edifact(&json, &envelope)
            .expect("it can be written");
        assert!(
            written.lost.is_empty(),
            "{}: {:?}",
            message.display(),
            written.lost
        );
        let strip = |segment: &String| !segment.starts_with("UNT") && !segment.starts_with("UNZ");
        let found: Vec<String> = segments(written.text.as_bytes())
            .into_iter()
            .filter(strip)
            .collect();
        let whole = segments(&bytes);
        let start = whole
            .iter()
            .position(|segment| *segment == own_header(own))
            .expect("it is there");
        let end = whole[start..]
            .iter()
            .position(|segment| segment.starts_with("UNT"))
            .expect("it ends");
        let wanted = std::iter::once(&whole[0]).chain(&whole[start..start + end]);
        let wanted: Vec<String> = wanted.cloned().collect();
        assert_eq!(found, wanted, "{}", message.display());
        seen += 1;
        // Written, read and written again.
        let again = translation.to_fhir(written.text.as_bytes(), &Envelope::default(), &|_| None);
        assert_eq!(fields(&again.documents[0].json), fields(&json));
    }
    assert!(pairs.is_empty() || seen >= 9, "{seen} pairs");
}

fn own_header(message: &concord_read::edifact::Message<'_>) -> String {
    let header = message.segments[0].elements();
    format!("UNH+{}+{}", header[0].join(":"), header[1].join(":"))
}

#[test]
fn receipts_are_what_they_were_published_as() {
    let pairs = all_pairs("nhais");
    let mut seen = 0;
    for (message, _) in &pairs {
        let name = message.to_string_lossy().replace(".edifact.dat", ".dat");
        let path = PathBuf::from(name.replace(".dat", ".recep.dat"));
        let Ok(expected) = fs::read(&path) else {
            continue;
        };
        let bytes = fs::read(message).expect("it can be read");
        let read = Interchange::read_all(&bytes);
        let moment = Interchange::read_all(&expected)[0].messages[0].segments[1].text(3, 2);
        let moment = Moment::by_the_clock(&moment).expect("a moment");
        let judged = Judged {
            messages: vec![None; read[0].messages.len()],
            ..Judged::default()
        };
        let receipt = Receipt::new(ReceiptForm::Recep, &read[0], &judged, moment, 1)
            .expect("it can be answered");
        assert_eq!(
            segments(receipt.text.as_bytes()),
            segments(&expected),
            "{}",
            path.display()
        );
        seen += 1;
    }
    assert!(pairs.is_empty() || seen >= 8, "{seen} receipts");
}

#[test]
fn reports_are_what_they_were_published_as() {
    let pairs = all_pairs("lab");
    let translation = translation("medrpt/1");
    let mut seen = 0;
    for (message, documents) in &pairs {
        let bytes = fs::read(message).expect("it can be read");
        let envelope = Envelope {
            facts: facts(&[("mailbox", "lab_results_mailbox")]),
            moment: None,
        };
        let made = translation.to_fhir(&bytes, &envelope, &|_| None);
        assert_eq!(
            made.documents.len(),
            documents.len(),
            "{}",
            message.display()
        );
        for (document, expected) in made.documents.iter().zip(documents) {
            let found = fields(&without_made_up(&document.json));
            let wanted = fields(&without_made_up(&read(expected)));
            seen += wanted.len();
            assert_eq!(found, wanted, "{}", expected.display());
            let places: BTreeSet<&String> = made.lost.keys().collect();
            assert!(
                places.iter().all(|place| place.starts_with("NAD")
                    || place.starts_with("SPR")
                    || place.starts_with("RFF+AHI")
                    || place.starts_with("S01")),
                "{places:?}"
            );
        }
    }
    assert!(pairs.is_empty() || seen > 250, "{seen} fields");
}

#[test]
fn documents_are_the_reports_that_they_were_published_with() {
    let pairs = all_pairs("lab");
    let translation = translation("medrpt/1");
    let mut seen = 0;
    for (message, documents) in &pairs {
        let bytes = fs::read(message).expect("it can be read");
        let read_back = Interchange::read_all(&bytes);
        let header = &read_back[0].header;
        for (document, own) in documents.iter().zip(&read_back[0].messages) {
            let envelope = Envelope {
                facts: facts(&[
                    ("sender", &header.text(2, 1)),
                    ("recipient", &header.text(3, 1)),
                    ("control-reference", &header.text(5, 1)),
                    ("acknowledge", &header.text(9, 1)),
                    ("message-reference", &own.segments[0].text(1, 1)),
                    ("message-type", &own.identifier()),
                ]),
                moment: None,
            };
            let json = read(document);
            let written = translation
                .to_edifact(&json, &envelope)
                .expect("it can be written");
            let expected: BTreeSet<&str> = ["meta.lastUpdated"].into();
            let lost: BTreeSet<&str> = written.lost.keys().map(String::as_str).collect();
            assert_eq!(lost, expected);
            // Recipients of copies and what identifies nobody stand in no document.
            let copies =
                |segment: &&String| segment.starts_with("NAD+MR") || segment.starts_with("RFF+AHI");
            let plain = |segments: Vec<String>| -> Vec<String> {
                let kept = segments.iter().enumerate().filter(|(at, segment)| {
                    let behind = segments
                        .get(at + 1)
                        .is_some_and(|next| next.starts_with("NAD+MR"));
                    let before = segments[..*at]
                        .iter()
                        .rev()
                        .find(|before| before.starts_with("NAD"));
                    let of_copy = segment.starts_with("SPR")
                        && before.is_some_and(|before| before.starts_with("NAD+MR"));
                    !copies(segment) && !(segment.starts_with("S01") && behind) && !of_copy
                });
                kept.map(|(_, segment)| segment.clone()).collect()
            };
            let start = |segment: &&String| segment.starts_with("BGM");
            let all = own.segments.iter().map(|segment| segment.span);
            let whole: Vec<String> = all
                .map(|span| String::from_utf8_lossy(span.of(&bytes)).into_owned())
                .collect();
            let wanted = plain(
                whole
                    .into_iter()
                    .skip(1)
                    .filter(|segment| !segment.starts_with("UNT"))
                    .collect(),
            );
            let found = segments(written.text.as_bytes());
            let found: Vec<String> = found
                .iter()
                .skip_while(|segment| !start(segment))
                .filter(|segment| !segment.starts_with("UNT") && !segment.starts_with("UNZ"))
                .cloned()
                .collect();
            assert_eq!(found, wanted, "{}", document.display());
            seen += 1;
            let again = translation.to_fhir(
                written.text.as_bytes(),
                &Envelope {
                    facts: facts(&[("mailbox", "lab_results_mailbox")]),
                    moment: None,
                },
                &|_| None,
            );
            assert_eq!(
                fields(&without_made_up(&again.documents[0].json)),
                fields(&without_made_up(&json))
            );
        }
    }
    assert!(pairs.is_empty() || seen >= 3, "{seen} pairs");
}
