//! There and back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use concord_interchange::{Envelope, Moment, Translation};
use concord_read::edifact::{Interchange, Message};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::made::{Choices, Definition, Segment};
use crate::support::translation;

/// The transactions of GP Links that have documents, with their messages.
const TRANSACTIONS: [(&str, &str); 11] = [
    ("F1", "AMENDMENT-IN"),
    ("F2", "DEDUCTION"),
    ("F3", "REJECTION"),
    ("F4", "APPROVAL"),
    ("F9", "FP69-PRIOR-NOTIFICATION"),
    ("F10", "FP69-FLAG-REMOVAL"),
    ("F11", "DEDUCTION-REQUEST-REJECTION"),
    ("G1", "ACCEPTANCE"),
    ("G2", "AMENDMENT-OUT"),
    ("G3", "REMOVAL"),
    ("G5", "DEDUCTION-REQUEST"),
];

/// What documents have no place for, or do not know as exactly.
const NAMED: [&str; 11] = [
    // A segment with nothing but its qualifier.
    "elements that say nothing",
    "DTM+137-1.3",
    // A previous address or name is the second one: alone, it would be the present one.
    "NAD+PER",
    "PNA+PER",
    // The name of a previous GP is one text.
    "NAD+PGP-4",
    // What kind of comment on a result it is follows from whether there is a value.
    "FTX-1",
    "FTX+",
    // A status that is not stated is none.
    "STS-2",
    // STU3 has no fasting status.
    "SPC+FS",
    // Gaps between the lines of a report's address.
    "ADR-2",
    // Who has an NHS number has no other one.
    "RFF+SSI",
];

static GP_LINKS: LazyLock<Definition> = LazyLock::new(|| Definition::load("gp-links/1-4"));
static REPORTS: LazyLock<Definition> = LazyLock::new(|| Definition::load("medrpt/1"));

/// A message without its header and trailer.
type Body = Vec<Segment>;

/// A transaction of GP Links: names one behind the other from practices, each in its place from authorities.
fn registration(definition: &Definition, choices: &mut Choices<'_>) -> (&'static str, Body) {
    let (code, group) = TRANSACTIONS[choices.below(TRANSACTIONS.len())];
    let mut body = Vec::new();
    definition.group(group, choices, &mut body);
    body.retain(|segment| !matches!(&segment.name[..], "UNH" | "UNT"));
    for segment in &mut body {
        match &segment.name[..] {
            "BGM" => segment.elements = vec![vec![], vec![], vec!["507".to_owned()]],
            "RFF+950" => code.clone_into(&mut segment.elements[0][1]),
            "GIS" => ["1", "2", "9"][choices.below(3)].clone_into(&mut segment.elements[0][0]),
            "PNA+PAT" => names(
                segment,
                code.starts_with('G'),
                &["SU", "FO", "TI", "MI", "FS"],
                choices,
            ),
            "PNA+PER" => names(segment, true, &["SU"], choices),
            "NAD+PAT" | "NAD+PER" => {
                let [house, lines @ ..] = &mut segment.elements[2][..] else {
                    continue;
                };
                // A house name that is not known is `?`.
                if house.is_empty() && lines.iter().any(|line| !line.is_empty()) {
                    "?".clone_into(house);
                }
            }
            _ => {}
        }
    }
    (code, body)
}

/// Names of a person, who has one or a number.
fn names(segment: &mut Segment, squeezed: bool, kinds: &[&str], choices: &mut Choices<'_>) {
    segment.elements.truncate(4);
    // Of given names, none is left out before another one.
    let given = choices.below(4);
    for kind in kinds {
        let there = match *kind {
            "FO" => given > 0,
            "MI" => given > 1,
            "FS" => given > 2,
            "SU" if segment.elements[1].is_empty() => true,
            _ => choices.below(2) == 1,
        };
        if there {
            let name = format!("{kind} NAME {}", choices.below(100));
            segment.elements.push(vec![(*kind).to_owned(), name]);
        } else if !squeezed {
            segment.elements.push(Vec::new());
        }
    }
}

/// A report: each party once, specimens and groups numbered, results of them.
fn report(definition: &Definition, choices: &mut Choices<'_>) -> Body {
    let mut body = Vec::new();
    definition.group("MEDRPT", choices, &mut body);
    body.retain(|segment| !matches!(&segment.name[..], "UNH" | "UNT"));
    let start = body
        .iter()
        .position(|segment| segment.name == "S01")
        .expect("a party");
    let end = body
        .iter()
        .position(|segment| segment.name == "S02")
        .expect("a report");
    body.splice(start..end, parties(choices));
    let specimens = body.iter().filter(|segment| segment.name == "S16").count();
    let mut number = 0;
    let (mut groups, mut in_results) = (0, false);
    for segment in &mut body {
        match &segment.name[..] {
            "BGM" => segment.elements = vec![vec!["LSR".to_owned()]],
            "S01" | "S02" | "S06" | "S07" | "S10" | "S16" | "S20" => {
                segment.elements = vec![vec![segment.name[1..].to_owned()]];
            }
            "INV+MQ" => in_results = true,
            "SEQ" if !in_results => {
                number += 1;
                segment.elements = vec![vec![], vec![number.to_string()]];
            }
            "SEQ" => {
                groups += 1;
                segment.elements = vec![vec![], vec![groups.to_string()]];
            }
            // A group is named by those behind it only.
            "RFF+ARL" if groups > 0 => {
                segment.elements[0][1] = (choices.below(groups) + 1).to_string();
            }
            "RFF+ASL" | "RFF+ARL" => {
                "RFF+ASL".clone_into(&mut segment.name);
                segment.elements = vec![vec![
                    "ASL".to_owned(),
                    (choices.below(specimens) + 1).to_string(),
                ]];
            }
            "PNA+PAT" => names(segment, false, &["SU", "FO", "MI", "TI", "FS"], choices),
            "STS" => segment.elements[0].clear(),
            _ => {}
        }
    }
    number_groups(&mut body);
    body
}

/// Numbers only those groups that have members, one after the other. One that names itself has a specimen instead.
fn number_groups(body: &mut Body) {
    let mut own = String::new();
    for segment in body.iter_mut() {
        match &segment.name[..] {
            "INV+MQ" => own.clear(),
            "SEQ" => own.clone_from(&segment.elements[1][0]),
            "RFF+ARL" if segment.elements[0][1] == own => {
                "RFF+ASL".clone_into(&mut segment.name);
                segment.elements = vec![vec!["ASL".to_owned(), "1".to_owned()]];
            }
            _ => {}
        }
    }
    let wanted: BTreeSet<String> = body
        .iter()
        .filter(|segment| segment.name == "RFF+ARL")
        .map(|segment| segment.elements[0][1].clone())
        .collect();
    let mut known = BTreeMap::new();
    let mut in_results = false;
    body.retain_mut(|segment| {
        in_results |= segment.name == "INV+MQ";
        match &segment.name[..] {
            "SEQ" if in_results => {
                let number = segment.elements[1][0].clone();
                if !wanted.contains(&number) {
                    return false;
                }
                let new = (known.len() + 1).to_string();
                known.insert(number, new.clone());
                segment.elements[1][0] = new;
            }
            "RFF+ARL" => segment.elements[0][1] = known[&segment.elements[0][1]].clone(),
            _ => {}
        }
        true
    });
}

fn parties(choices: &mut Choices<'_>) -> Body {
    let all: [(&str, &str, &str, &str); 5] = [
        ("PO", "G9999981", "900", "PRO"),
        ("PO", "Z99999", "901", "ORG"),
        ("SLA", "C9999981", "902", "PRO"),
        ("SLA", "", "", "DPT"),
        ("SLA", "ZZZ01", "903", "ORG"),
    ];
    let mut out = Vec::new();
    let segment = |name: &str, elements: Vec<Vec<String>>| Segment {
        name: name.to_owned(),
        elements,
    };
    let text = |text: &str| vec![text.to_owned()];
    for (party, code, list, kind) in all {
        // A code, a name, both or neither; of a department, its name.
        let how = choices.below(4);
        let code = if how.is_multiple_of(2) || code.is_empty() {
            Vec::new()
        } else {
            vec![code.to_owned(), list.to_owned()]
        };
        let name = match (how, choices.below(2)) {
            (0 | 1, _) => Vec::new(),
            (_, 0) => text("DR A TEST"),
            (..) => vec!["A NAME OF".to_owned(), "TWO LINES".to_owned()],
        };
        if code.is_empty() && name.is_empty() {
            continue;
        }
        out.push(segment("S01", vec![text("01")]));
        out.push(segment("NAD", vec![text(party), code, Vec::new(), name]));
        out.push(segment("SPR", vec![text(kind)]));
    }
    out
}

/// An interchange of messages.
fn interchange(header: &str, kind: &str, messages: &[Body]) -> String {
    let mut out = format!("{header}'\n");
    for (number, body) in messages.iter().enumerate() {
        out.push_str(&format!("UNH+{}+{kind}'\n", number + 1));
        for segment in body {
            out.push_str(&segment.text());
            out.push('\n');
        }
        out.push_str(&format!("UNT+{}+{}'\n", body.len() + 2, number + 1));
    }
    out.push_str(&format!("UNZ+{}+1015'\n", messages.len()));
    out
}

fn plain(message: &Message<'_>) -> Vec<String> {
    let inner = message
        .segments
        .iter()
        .filter(|segment| !matches!(segment.tag(), "UNH" | "UNT"));
    inner
        .map(|segment| {
            Segment {
                name: segment.tag().to_owned(),
                elements: segment.elements(),
            }
            .text()
        })
        .collect()
}

/// What is lost besides the time at which a message was prepared, which its documents do not hold.
fn but_the_time(mut lost: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    lost.remove("DTM+137-1.2");
    lost
}

/// What comes back of a message, by its documents; and what was said to be lost of it.
fn there_and_back(
    translation: &Translation,
    header: &str,
    kind: &str,
    facts: &[(&str, &str)],
    body: &Body,
) -> (Vec<String>, Vec<String>, BTreeMap<String, u64>) {
    let text = interchange(header, kind, std::slice::from_ref(body));
    let made = translation.to_fhir(text.as_bytes(), &Envelope::default(), &|_| None);
    assert!(made.refused.is_empty(), "{:?}", made.refused);
    let numbers: Vec<&Segment> = body
        .iter()
        .filter(|segment| segment.name == "RFF+TN")
        .collect();
    let head = body
        .iter()
        .position(|segment| segment.name == "S01")
        .filter(|_| !numbers.is_empty());
    let mut out = Vec::new();
    for (at, document) in made.documents.iter().enumerate() {
        let mut envelope = Envelope {
            facts: facts
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
            moment: Moment::by_the_clock("202603311015"),
        };
        if let Some(number) = numbers.get(at) {
            envelope.facts.insert(
                "transaction-number".to_owned(),
                number.elements[0][1].clone(),
            );
        }
        let prepared = body
            .iter()
            .find(|segment| segment.name == "DTM+137")
            .expect("it has one");
        envelope
            .facts
            .insert("prepared".to_owned(), prepared.elements[0][1].clone());
        let written = translation
            .to_edifact(&document.json, &envelope)
            .expect("it can be written");
        assert_eq!(written.lost, BTreeMap::new(), "{}", document.json.pretty());
        let read = Interchange::read_all(written.text.as_bytes());
        let own = plain(&read[0].messages[0]);
        out.extend(
            own.into_iter()
                .skip(if at > 0 { head.unwrap_or_default() } else { 0 }),
        );
        // What was written is the same document again.
        let again = translation.to_fhir(written.text.as_bytes(), &Envelope::default(), &|_| None);
        let lost = but_the_time(again.lost);
        assert!(lost.is_empty(), "{lost:?}\n{}", written.text);
    }
    let read = Interchange::read_all(text.as_bytes());
    (plain(&read[0].messages[0]), out, but_the_time(made.lost))
}

fn choices() -> impl Strategy<Value = Vec<u16>> {
    vec(any::<u16>(), 0..400)
}

/// Places at which what comes back may differ, each with its reason.
fn same_or_named(first: &[String], again: &[String], lost: &BTreeMap<String, u64>, named: &[&str]) {
    if lost.is_empty() {
        assert_eq!(again, first);
        return;
    }
    if lost
        .keys()
        .eq(["elements that say nothing, or their order"])
    {
        return;
    }
    for place in lost.keys() {
        assert!(
            named.iter().any(|known| place.starts_with(known)),
            "{place} is lost: {lost:?}\n{first:#?}\n{again:#?}"
        );
    }
    for segment in first {
        let tag = &segment[..3];
        let empty = segment.matches('+').count() < 2 && !segment.contains(':');
        let told = empty || lost.keys().any(|place| place.starts_with(tag));
        assert!(
            told || again.contains(segment),
            "{segment} is lost in silence: {lost:?}"
        );
    }
}

proptest! {
    #[test]
    fn registrations_come_back(drawn in choices()) {
        let definition = &*GP_LINKS;
        let translation = translation("gp-links/1-4");
        let mut choices = Choices::new(&drawn);
        let (code, body) = registration(definition, &mut choices);
        let header = if code.starts_with('G') { "UNB+UNOA:2+PRA1+ZZ01+260331:1015+1015" } else { "UNB+UNOA:2+ZZ01+PRA1+260331:1015+1015" };
        let facts = [("transaction", code), ("control-reference", "1015"), ("message-reference", "1")];
        let (first, again, lost) = there_and_back(&translation, header, "FHSREG:0:1:FH:FHS001", &facts, &body);
        same_or_named(&first, &again, &lost, &NAMED);
    }

    #[test]
    fn messages_of_one_interchange_are_as_alone(drawn in vec(choices(), 1..4)) {
        let translation = translation("gp-links/1-4");
        let mut bodies = drawn.iter().map(|drawn| registration(&GP_LINKS, &mut Choices::new(drawn)));
        let (first, body) = bodies.next().expect("there is one");
        // Those of practices and those of authorities do not travel together.
        let alike = bodies.filter(|(code, _)| code.starts_with('G') == first.starts_with('G'));
        let all: Vec<Body> = std::iter::once(body).chain(alike.map(|(_, body)| body)).collect();
        let header = "UNB+UNOA:2+PRA1+ZZ01+260331:1015+1015";
        let made = |bodies: &[Body]| {
            let text = interchange(header, "FHSREG:0:1:FH:FHS001", bodies);
            let made = translation.to_fhir(text.as_bytes(), &Envelope::default(), &|_| None);
            let documents = made.documents.into_iter().map(|document| document.json);
            (documents.collect::<Vec<_>>(), made.lost.values().sum::<u64>())
        };
        let (together, lost) = made(&all);
        let alone = all.iter().map(|body| made(std::slice::from_ref(body)));
        let (alone, each): (Vec<_>, Vec<_>) = alone.unzip();
        prop_assert_eq!(together, alone.concat());
        prop_assert_eq!(lost, each.iter().sum::<u64>());
    }

    #[test]
    fn reports_come_back(drawn in choices(), kind in prop::sample::select(&["NHS002", "NHS003", "NHS004"][..])) {
        let definition = &*REPORTS;
        let translation = translation("medrpt/1");
        let mut choices = Choices::new(&drawn);
        let body = report(definition, &mut choices);
        let kind = format!("MEDRPT:0:1:RT:{kind}");
        let facts = [("sender", "999900000000001"), ("recipient", "999900000000002"), ("message-type", &*kind), ("control-reference", "1015")];
        let (first, again, lost) = there_and_back(&translation, "UNB+UNOC:3+999900000000001+999900000000002+260331:1015+1015", &kind, &facts, &body);
        same_or_named(&first, &again, &lost, &NAMED);
    }
}
