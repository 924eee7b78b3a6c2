//! Reports of laboratories, imaging departments and screening hubs: parties, specimens, results alone and in groups.

use concord_interchange::Envelope;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::envelope;
use crate::support::translation;
use crate::values::{
    all, always, day, joined, moment, note, number, one_of, person, plain_word, postcode, safe,
    segment, word,
};

const REPORTS: [&str; 3] = ["NHS002", "NHS003", "NHS004"];

/// A result: its segments, and the number of its group or specimen in them.
fn result(kind: u8) -> BoxedStrategy<Vec<String>> {
    let decimal = || "(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?".boxed();
    let investigation = prop_oneof![
        plain_word().prop_map(|text| format!("INV+MQ+:::{}", safe(&text))),
        ("[0-9A-Z]{4}\\.", word())
            .prop_map(|(code, text)| format!("INV+MQ+{code}:911::{}", safe(&text))),
        ("[0-9]{6,18}", word())
            .prop_map(|(code, text)| format!("INV+MQ+{code}:921::{}", safe(&text))),
    ];
    let comments = |kind: &'static str| {
        vec(note(), 0..3).prop_map(move |notes| {
            let segments = notes
                .iter()
                .map(|note| format!("FTX+{kind}+++{}", safe(note)));
            segments.collect::<Vec<_>>().join("'\n")
        })
    };
    let value = match kind {
        0 => (
            decimal(),
            of(select(&["5", "6", "7", "8"][..])),
            of(word()),
            of(select(&["HI", "LO", "OR", "PA"][..])),
        )
            .prop_map(|(value, comparator, unit, deviation)| {
                let value = match comparator {
                    Some(comparator) => format!("{value}:{comparator}"),
                    None => value,
                };
                let unit = unit.map_or_else(String::new, |unit| format!(":::{}", safe(&unit)));
                let elements = [
                    "RSL+NV".to_owned(),
                    value,
                    String::new(),
                    unit,
                    deviation.unwrap_or_default().to_owned(),
                ];
                joined(&elements, "+")
            })
            .boxed(),
        1 => ("[0-9]{6,18}", word())
            .prop_map(|(code, text)| format!("RSL+CV+::{code}:921::{}", safe(&text)))
            .boxed(),
        _ => Just(String::new()).boxed(),
    };
    let status = of(select(&["FI", "PR", "CO", "AM"][..]))
        .prop_map(|status| status.map_or_else(String::new, |status| format!("STS++{status}")));
    let comments = comments(if kind == 2 { "RIT" } else { "SPC" });
    let range = (of(decimal()), decimal(), of(note())).prop_map(|(low, high, population)| {
        let population =
            population.map_or_else(String::new, |text| format!("'\nFTX+RPD+++{}", safe(&text)));
        format!(
            "S20+20'\nRND+U+{}+{high}{population}",
            low.unwrap_or_default()
        )
    });
    let ranges = vec(range, 0..3).prop_map(|ranges| ranges.join("'\n"));
    let parts = (investigation, value, status, comments, ranges);
    parts
        .prop_map(|(investigation, value, status, comments, ranges)| {
            vec![investigation, value, status, comments, ranges]
        })
        .boxed()
}

/// The segments of a report, from its parties on.
fn report() -> BoxedStrategy<Vec<String>> {
    let party = |before: &'static str, behind: &'static str| always(before, plain_word(), behind);
    let parties = all(vec![
        party("S01+01'\nNAD+PO+G9999981:900++", "'\nSPR+PRO"),
        segment("S01+01'\nNAD+PO+Z99999:901++", plain_word(), "'\nSPR+ORG"),
        segment(
            "S01+01'\nNAD+SLA+C9999981:902++",
            plain_word(),
            "'\nSPR+PRO",
        ),
        segment("S01+01'\nNAD+SLA+++", plain_word(), "'\nSPR+DPT"),
        party("S01+01'\nNAD+SLA+ZZZ01:903++", "'\nSPR+ORG"),
    ]);
    let lines = vec(word(), 0..6).prop_map(|lines| {
        let lines = lines.into_iter().map(Some).chain(std::iter::repeat(None));
        lines.take(5).collect::<Vec<_>>()
    });
    // A postcode alone, lines alone, both or neither; who has a number has no other one.
    let subject = (lines, of(postcode()), of(number()), of(word())).prop_map(
        |(lines, postcode, number, reference)| {
            let lines: Vec<String> = lines
                .into_iter()
                .map(|line| line.map_or_else(String::new, |line| safe(&line)))
                .collect();
            let lines = joined(&lines, ":");
            let lines = if lines.is_empty() {
                lines
            } else {
                format!("US:{lines}")
            };
            let address = joined(
                &[
                    "ADR".to_owned(),
                    String::new(),
                    lines,
                    String::new(),
                    postcode.unwrap_or_default(),
                ],
                "+",
            );
            let mut segments = vec!["S06+06".to_owned()];
            if let (None, Some(reference)) = (&number, reference) {
                segments.push(format!("RFF+SSI:{}", safe(&reference)));
            }
            segments.extend((address != "ADR").then_some(address));
            segments.push("S07+07".to_owned());
            (segments, number)
        },
    );
    let patient = subject.prop_flat_map(|(segments, number)| {
        let names = vec![
            ("SU", word().prop_map(Some).boxed()),
            ("FO", word().prop_map(Some).boxed()),
            ("MI", of(word()).boxed()),
            ("TI", of(word()).boxed()),
        ];
        let rest = all(vec![
            person(Just(number).boxed(), names, true),
            segment("DTM+329:", day(), ":102"),
            segment("PDI+", one_of(&["0", "1", "2", "9"]), ""),
        ]);
        rest.prop_map(move |rest| [segments.clone(), rest].concat())
    });
    let clinical = vec(note(), 0..3).prop_map(|notes| {
        let mut segments = Vec::new();
        if !notes.is_empty() {
            segments.extend(["S10+10".to_owned(), "CIN+UN".to_owned()]);
        }
        segments.extend(notes.iter().map(|note| format!("FTX+CID+++{}", safe(note))));
        segments
    });
    let specimen = all(vec![
        prop_oneof![
            word().prop_map(|name| Some(format!("SPC+TSP+:::{}", safe(&name)))),
            ("[A-Z0-9]{4}", of(word())).prop_map(|(code, name)| {
                let name = name.map_or_else(String::new, |name| format!("::{}", safe(&name)));
                Some(format!("SPC+TSP+{code}:920{name}"))
            }),
        ]
        .boxed(),
        segment("RFF+RTI:", word(), ""),
        segment("RFF+STI:", word(), ""),
        segment("QTY+SVO:", "[1-9][0-9]{0,3}".boxed(), "+:::mL"),
        segment("DTM+SCO:", day(), ":102"),
        segment("DTM+SRI:", moment(), ":203"),
        segment("FTX+SPC+++", note(), ""),
    ]);
    let specimens = vec(specimen, 1..4);
    // Of a group, its results; alone, one.
    let results = vec(
        (
            prop::bool::ANY,
            vec((0_u8..3).prop_flat_map(result), 1..4),
            result(3),
            any::<Index>(),
        ),
        1..4,
    );
    let head =
        (word(), one_of(&["UN", "FI", "PR"]), moment()).prop_map(|(report, status, issued)| {
            vec![
                "S02+02".to_owned(),
                "GIS+N".to_owned(),
                format!("RFF+SRI:{}", safe(&report)),
                format!("STS++{status}"),
                format!("DTM+ISR:{issued}:203"),
            ]
        });
    (parties, head, patient, clinical, specimens, results)
        .prop_map(|(parties, head, patient, clinical, specimens, results)| {
            let mut out = [parties, head, patient, clinical].concat();
            for (number, specimen) in specimens.iter().enumerate() {
                out.push("S16+16".to_owned());
                out.push(format!("SEQ++{}", number + 1));
                out.extend(specimen.iter().cloned());
            }
            let mut groups = 0;
            let mut write = |parts: &[String], sequence: Option<usize>, of: &str| {
                let [investigation, value, status, comments, ranges] = parts else {
                    return;
                };
                let sequence = sequence.map_or_else(String::new, |number| format!("SEQ++{number}"));
                let all = [
                    investigation.clone(),
                    sequence,
                    value.clone(),
                    status.clone(),
                    comments.clone(),
                    of.to_owned(),
                    ranges.clone(),
                ];
                out.push("GIS+N".to_owned());
                out.extend(all.into_iter().filter(|part| !part.is_empty()));
            };
            for (grouped, members, group, at) in &results {
                let specimen = format!("RFF+ASL:{}", at.index(specimens.len()) + 1);
                if *grouped {
                    groups += 1;
                    write(group, Some(groups), &specimen);
                    for member in members {
                        write(member, None, &format!("RFF+ARL:{groups}"));
                    }
                } else {
                    write(&members[0], None, &specimen);
                }
            }
            out
        })
        .boxed()
}

fn report_interchange(kind: &str, segments: &[String]) -> String {
    let body = segments.iter().map(|segment| format!("{segment}'\n"));
    let body: String = body.collect();
    let count = body.lines().count() + 4;
    format!(
        "UNB+UNOC:3+999900000000001+999900000000002+260331:1751+1015++MEDRPT++1'\nUNH+1+MEDRPT:0:1:RT:{kind}'\nBGM+LSR'\nDTM+137:202603311741:203'\n{body}UNT+{count}+1'\nUNZ+1+1015'\n"
    )
}

proptest! {
    #[test]
    fn reports_go_there_and_back(kind in select(&REPORTS[..]), segments in report()) {
        let translation = translation("medrpt/1");
        let written = report_interchange(kind, &segments);
        let made = translation.to_fhir(written.as_bytes(), &Envelope::default(), &|_| None);
        // When it was prepared is in no document, if not at the time of its interchange.
        let time = std::collections::BTreeMap::from([("DTM+137-1.2".to_owned(), 1)]);
        prop_assert!(made.refused.is_empty() && made.lost == time, "{:?} {:?}", made.refused, made.lost);
        let kind = format!("MEDRPT:0:1:RT:{kind}");
        let facts = [
            ("sender", "999900000000001"),
            ("recipient", "999900000000002"),
            ("control-reference", "1015"),
            ("message-reference", "1"),
            ("message-type", &*kind),
            ("acknowledge", "1"),
            ("prepared", "202603311741"),
        ];
        let document = &made.documents[0].json;
        let again = translation.to_edifact(document, &envelope(&facts)).expect("it can be written");
        prop_assert!(again.lost.is_empty(), "{:?}", again.lost);
        prop_assert_eq!(&again.text, &written);
        let read = translation.to_fhir(again.text.as_bytes(), &Envelope::default(), &|_| None);
        prop_assert_eq!(&read.documents[0].json, document);
    }
}
