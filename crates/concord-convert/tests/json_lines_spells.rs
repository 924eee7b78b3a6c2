//! JSON Lines of hospital spells: one line for each, whatever order its episodes come in, and what becomes of it since an earlier
//! output.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::io::Cursor;

use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::json_lines::{
    JsonLinesWriter, LinesWritten, Previous as _, PreviousLines, schema,
};
use concord_convert::records::{RecordWriter as _, Records};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What is known of an episode: its record's name, its spell, its number, a diagnosis.
type Known<'k> = (&'k str, Option<&'k str>, &'k str, &'k str);

/// Records of episodes, and of deletions where there is no spell.
fn records(file: &str, episodes: &[Known<'_>]) -> Records {
    let mut builder = RecordsBuilder::new(Origin {
        standard: Some("cds@6-3-1".into()),
        file: file.into(),
        interchange: None,
    });
    for (record, (name, spell, number, diagnosis)) in (1..).zip(episodes) {
        let update = if spell.is_some() { "9" } else { "1" };
        let activity = [
            ("cds_unique_identifier", *name),
            ("cds_update_type", update),
        ];
        builder.add("activity_record", record, None, &activity);
        let Some(spell) = spell else {
            continue;
        };
        let stay = [
            ("hospital_provider_spell_identifier", *spell),
            ("start_date_hospital_provider_spell", "2026-05-01"),
        ];
        builder.add("hospital_spell", record, None, &stay);
        let episode = [
            ("episode_number", *number),
            ("organisation_identifier_code_of_provider", "RXX"),
        ];
        builder.add("episode", record, None, &episode);
        builder.add("diagnosis", record, None, &[("code", *diagnosis)]);
    }
    let (records, losses) = builder.finish().unwrap();
    assert!(losses.is_empty(), "{:?}", losses.list());
    records
}

fn written(parts: &[Records], previous: Option<&[u8]>) -> (LinesWritten, Vec<u8>) {
    let mut writer = JsonLinesWriter::new(Vec::new());
    if let Some(previous) = previous {
        let previous = PreviousLines::new(Cursor::new(previous.to_vec())).unwrap();
        writer = writer.since(Box::new(previous));
    }
    for part in parts {
        writer.write(part).unwrap();
    }
    writer.finish().unwrap()
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let lines = std::str::from_utf8(bytes).unwrap().lines();
    let lines: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &lines {
        let errors: Vec<String> = validator
            .iter_errors(line)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{line}");
    }
    lines
}

/// Operation, key and the names of the episodes of each line.
fn told(bytes: &[u8]) -> Vec<String> {
    let lines = lines(bytes);
    let told = lines.iter().map(|line| {
        let content = line.get("record").or(line.get("patch")).unwrap();
        let names = content["episodes"].as_object().into_iter().flatten();
        let names = names.map(|(name, said)| {
            let left = if said.is_null() { "-" } else { "" };
            format!("{left}{name}")
        });
        let names: Vec<String> = names.collect();
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text("operation"), text("key"), names.join("+"))
            .trim()
            .to_owned()
    });
    told.collect()
}

const FIRST: &[Known<'static>] = &[
    ("B2", Some("S1"), "2", "I10X"),
    ("B9", Some("S2"), "1", "J459"),
    ("B1", Some("S1"), "1", "E119"),
];

#[test]
fn a_spell_is_one_line_with_its_episodes_by_number() {
    // The episodes of a spell may lie in several files.
    let parts = [
        records("may.xml", &FIRST[..2]),
        records("more.xml", &FIRST[2..]),
    ];
    let (account, bytes) = written(&parts, None);
    assert_eq!((account.inserts, account.losses.is_empty()), (2, true));
    let lines = lines(&bytes);
    assert_eq!(
        lines[0],
        json!({
            "operation": "insert",
            "key": "RXX/spell/S1",
            "sources": [
                {"standard": "cds@6-3-1", "file": "may.xml", "record": 1},
                {"standard": "cds@6-3-1", "file": "more.xml", "record": 1},
            ],
            "record": {
                "hospital_spell": {
                    "hospital_provider_spell_identifier": "S1",
                    "start_date_hospital_provider_spell": "2026-05-01",
                },
                "episodes": {
                    "B1": {
                        "activity_record": {"cds_unique_identifier": "B1", "cds_update_type": "9"},
                        "episode": {"episode_number": "1", "organisation_identifier_code_of_provider": "RXX"},
                        "diagnosis": [{"code": "E119"}],
                    },
                    "B2": {
                        "activity_record": {"cds_unique_identifier": "B2", "cds_update_type": "9"},
                        "episode": {"episode_number": "2", "organisation_identifier_code_of_provider": "RXX"},
                        "diagnosis": [{"code": "I10X"}],
                    },
                },
            },
        })
    );
    assert_eq!(lines[1]["key"], "RXX/spell/S2");
}

#[test]
fn an_episode_that_comes_again_takes_the_place_of_the_first_and_that_is_told() {
    let again = records(
        "june.xml",
        &[("B1", Some("S1"), "1", "E110"), ("B2", None, "", "")],
    );
    let (account, bytes) = written(&[records("may.xml", FIRST), again], None);
    // The deletion is told as well: whoever has the record from elsewhere does not know the spell.
    assert_eq!(
        told(&bytes),
        [
            "delete B2",
            "insert RXX/spell/S1 B1",
            "insert RXX/spell/S2 B9"
        ]
    );
    assert_eq!(
        lines(&bytes)[1]["record"]["episodes"]["B1"]["diagnosis"],
        json!([{"code": "E110"}])
    );
    let losses = account.losses.list();
    assert_eq!(losses.len(), 1);
    assert_eq!((losses[0].element.as_str(), losses[0].count), ("record", 1));
}

#[test]
fn since_an_earlier_output_spells_keep_the_episodes_that_nothing_is_said_of() {
    let (_, first) = written(&[records("may.xml", FIRST)], None);
    let since = |episodes: &[Known<'_>]| {
        let (account, bytes) = written(&[records("june.xml", episodes)], Some(&first));
        (told(&bytes), account.unchanged)
    };
    // Nothing new, of one episode of two.
    assert_eq!(since(&[FIRST[0]]), (vec![], 1));
    // An episode changes, one is new.
    assert_eq!(
        since(&[("B2", Some("S1"), "2", "I119")]),
        (vec!["patch RXX/spell/S1 B2".to_owned()], 0)
    );
    assert_eq!(
        since(&[("B3", Some("S1"), "3", "I119")]),
        (vec!["patch RXX/spell/S1 B3".to_owned()], 0)
    );
    // One is deleted, and then the last one.
    assert_eq!(
        since(&[("B2", None, "", "")]),
        (vec!["patch RXX/spell/S1 -B2".to_owned()], 0)
    );
    assert_eq!(
        since(&[("B9", None, "", "")]),
        (vec!["delete RXX/spell/S2 B9".to_owned()], 0)
    );
    // One goes to another spell, which may be new.
    assert_eq!(
        since(&[("B2", Some("S2"), "2", "I10X")]),
        (
            vec![
                "patch RXX/spell/S2 B2".to_owned(),
                "patch RXX/spell/S1 -B2".to_owned()
            ],
            0
        )
    );
    assert_eq!(
        since(&[("B9", Some("S3"), "1", "J459")]),
        (
            vec![
                "insert RXX/spell/S3 B9".to_owned(),
                "delete RXX/spell/S2 B9".to_owned()
            ],
            0
        )
    );
    // Deleted and sent again is there.
    assert_eq!(since(&[("B2", None, "", ""), FIRST[0]]), (vec![], 1));
    // What nobody knows is deleted by its own name.
    assert_eq!(
        since(&[("B7", None, "", "")]),
        (vec!["delete B7".to_owned()], 0)
    );
}

#[test]
fn episodes_without_a_name_take_the_place_of_those_of_before() {
    let stay = |start: &str| {
        let mut builder = RecordsBuilder::new(Origin {
            file: "stay.hl7".into(),
            ..Origin::default()
        });
        let spell = [("hospital_provider_spell_identifier", "V17")];
        builder.add("hospital_spell", 1, None, &spell);
        let episode = [
            ("organisation_identifier_code_of_provider", "RXX"),
            ("start_date_episode", start),
        ];
        builder.add("episode", 1, None, &episode);
        builder.finish().unwrap().0
    };
    let (_, first) = written(&[stay("2026-03-01")], None);
    let (account, _) = written(&[stay("2026-03-01")], Some(&first));
    assert_eq!((account.unchanged, account.patches), (1, 0));
    let (_, second) = written(&[stay("2026-03-02")], Some(&first));
    let patch = &lines(&second)[0]["patch"];
    let expected = json!({
        "//2026-03-01/": null,
        "//2026-03-02/": {"episode": {"organisation_identifier_code_of_provider": "RXX", "start_date_episode": "2026-03-02"}},
    });
    assert_eq!(patch, &json!({"episodes": expected}));
}

#[test]
fn lines_of_records_of_an_earlier_version_become_those_of_spells() {
    let earlier = br#"{"operation":"insert","key":"B1","source":{"file":"may.xml","record":1},"record":{"activity_record":{"cds_unique_identifier":"B1"}}}
"#;
    let (_, bytes) = written(&[records("may.xml", FIRST)], Some(earlier));
    assert_eq!(
        told(&bytes),
        [
            "delete B1",
            "insert RXX/spell/S1 B1+B2",
            "insert RXX/spell/S2 B9"
        ]
    );
}

/// What a receiver has who applies outputs one after another: the episodes of each spell.
fn applied(outputs: &[Vec<u8>], spells: &[String]) -> Vec<Vec<Value>> {
    let mut known = PreviousLines::new(Cursor::new(outputs.concat())).unwrap();
    let mut held = |spell: &String| match known.get(&format!("RXX/spell/{spell}")).unwrap() {
        Some(record) => {
            let episodes = record["episodes"].as_object().unwrap().iter();
            let mut episodes: Vec<(&String, &Value)> = episodes.collect();
            episodes.sort_unstable_by_key(|(name, _)| *name);
            episodes.into_iter().map(|(_, said)| said.clone()).collect()
        }
        None => Vec::new(),
    };
    spells.iter().map(&mut held).collect()
}

/// An episode: name, spell or none for a deletion, number, diagnosis.
type Any = (u8, Option<u8>, u8);

proptest! {
    /// Runs one after another, each since those before, end where the last word on every episode says, whatever they were.
    #[test]
    fn runs_one_after_another_end_where_the_last_words_do(
        runs in prop::collection::vec(prop::collection::vec((0_u8..5, prop::option::weighted(0.8, 0_u8..3), 0_u8..3), 0..6), 1..5)
    ) {
        let spells: Vec<String> = (0..3).map(|spell| format!("S{spell}")).collect();
        let mut outputs: Vec<Vec<u8>> = Vec::new();
        let mut last: std::collections::BTreeMap<u8, Any> = std::collections::BTreeMap::new();
        for run in &runs {
            let texts: Vec<_> = run.iter().map(|(name, spell, code)| {
                (format!("B{name}"), spell.map(|spell| format!("S{spell}")), name.to_string(), format!("I1{code}"))
            }).collect();
            let known: Vec<Known<'_>> = texts.iter().map(|(name, spell, number, code)| {
                (name.as_str(), spell.as_deref(), number.as_str(), code.as_str())
            }).collect();
            let before = outputs.concat();
            let previous = (!outputs.is_empty()).then_some(&before[..]);
            outputs.push(written(&[records("run.xml", &known)], previous).1);
            last.extend(run.iter().map(|said| (said.0, *said)));
        }
        let held = applied(&outputs, &spells);
        for (number, held) in (0..).zip(&held) {
            let expected: Vec<(String, String)> = last.values()
                .filter(|(_, spell, _)| *spell == Some(number))
                .map(|(name, _, code)| (format!("B{name}"), format!("I1{code}")))
                .collect();
            let said: Vec<(String, String)> = held.iter().map(|episode| {
                let text = |path: &str| episode.pointer(path).and_then(Value::as_str).unwrap().to_owned();
                (text("/activity_record/cds_unique_identifier"), text("/diagnosis/0/code"))
            }).collect();
            prop_assert_eq!(said, expected);
        }
    }
}
