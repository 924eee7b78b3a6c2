//! Which records of activity count when all of them have come, and which episode of a spell is its last.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::records::{RecordWriter, Records};
use concord_convert::standing::{Looking, Stand, Standing};

type Values<'a> = Vec<(&'a str, &'a str)>;

fn records(file: &str, activities: &[(Values<'_>, Option<Values<'_>>)]) -> Records {
    let origin = Origin {
        file: file.into(),
        ..Origin::default()
    };
    let mut builder = RecordsBuilder::new(origin);
    for (number, (record, episode)) in (1..).zip(activities) {
        builder.add("activity_record", number, None, record);
        if let Some(episode) = episode {
            let (of_spell, own): (Values<'_>, Values<'_>) = episode
                .iter()
                .partition(|(field, _)| field.contains("spell") && !field.starts_with("last"));
            builder.add("hospital_spell", number, None, &of_spell);
            builder.add("episode", number, None, &own);
        }
    }
    builder.finish().unwrap().0
}

fn standing(parts: &[Records]) -> Standing {
    let mut looking = Looking::default();
    for records in parts {
        looking.begin();
        looking.take(records);
    }
    looking.finish()
}

fn stands(parts: &[Records], records: usize) -> Vec<Stand> {
    let standing = standing(parts);
    (0..records).map(|record| standing.of(record)).collect()
}

fn net<'a>(identifier: &'a str, update: &'a str) -> (Values<'a>, Option<Values<'a>>) {
    let record = vec![
        ("cds_protocol_identifier_code", "010"),
        ("cds_unique_identifier", identifier),
        ("cds_update_type", update),
    ];
    (record, None)
}

#[test]
fn a_later_record_replaces_or_takes_out_the_one_of_its_name() {
    let first = records("a.xml", &[net("B1", "9"), net("B2", "9"), net("B3", "9")]);
    let second = records("b.xml", &[net("B1", "9"), net("B2", "1"), net("B4", "1")]);
    assert_eq!(
        stands(&[first, second], 6),
        [
            Stand::Replaced,
            Stand::TakenOut,
            Stand::Stands,
            Stand::Stands,
            Stand::Deletion,
            Stand::Deletion,
        ]
    );
}

fn bulk<'a>(
    identifier: &'a str,
    sender: &'a str,
    day: &'a str,
    period: (&'a str, &'a str),
) -> (Values<'a>, Option<Values<'a>>) {
    let record = vec![
        ("cds_protocol_identifier_code", "020"),
        ("cds_bulk_replacement_group_code", "060"),
        ("organisation_identifier_cds_sender", sender),
        ("cds_unique_identifier", identifier),
        ("cds_activity_date", day),
        ("cds_report_period_start_date", period.0),
        ("cds_report_period_end_date", period.1),
    ];
    (record, None)
}

#[test]
fn what_is_sent_for_a_period_again_takes_its_place() {
    let spring = ("2026-04-01", "2026-05-31");
    let may = ("2026-05-01", "2026-05-31");
    let first = records(
        "a.xml",
        &[
            bulk("B1", "RXX", "2026-04-30", spring),
            bulk("B2", "RXX", "2026-05-01", spring),
            bulk("B3", "RYY", "2026-05-01", spring),
        ],
    );
    let again = records(
        "b.xml",
        &[
            bulk("B4", "RXX", "2026-05-02", may),
            bulk("B5", "RXX", "2026-05-03", may),
        ],
    );
    assert_eq!(
        stands(&[first, again], 5),
        [
            Stand::Stands,
            Stand::SentAgain,
            Stand::Stands,
            Stand::Stands,
            Stand::Stands,
        ]
    );
}

/// Records are found in folders, whose order is that of their names.
#[test]
fn what_the_records_say_of_their_order_counts_before_that_in_which_they_come() {
    let with = |mut record: (Values<'static>, _), values: [(&'static str, &'static str); 2]| {
        record.0.extend(values);
        record
    };
    let on = |day| {
        [
            ("cds_applicable_date", day),
            ("cds_applicable_time", "09:00:00"),
        ]
    };
    let changes = [
        with(net("B1", "9"), on("2026-05-02")),
        with(net("B1", "9"), on("2026-05-01")),
        with(net("B2", "1"), on("2026-05-02")),
        with(net("B2", "9"), on("2026-05-01")),
        with(net("B3", "9"), on("2026-05-02")),
        net("B3", "9"),
    ];
    assert_eq!(
        stands(&[records("a.xml", &changes)], 6),
        [
            Stand::Stands,
            Stand::Replaced,
            Stand::Deletion,
            Stand::TakenOut,
            Stand::Replaced,
            Stand::Stands,
        ]
    );
    let extracted = |day| [("cds_extract_date", day), ("cds_extract_time", "09:00:00")];
    let spring = ("2026-04-01", "2026-05-31");
    let period = |name, day| with(bulk(name, "RXX", "2026-04-30", spring), extracted(day));
    let later = records("a.xml", &[period("B1", "2026-06-02")]);
    let earlier = records("b.xml", &[period("B2", "2026-06-01")]);
    assert_eq!(
        stands(&[later, earlier], 2),
        [Stand::Stands, Stand::SentAgain]
    );
}

const SPELL: [(&str, &str); 2] = [
    ("hospital_provider_spell_identifier", "S1"),
    ("organisation_identifier_code_of_provider", "RXX"),
];

/// What of some episodes of a spell stands.
fn last(episodes: &[&[(&str, &str)]]) -> Vec<Stand> {
    let episodes = episodes.iter().map(|values| {
        let values = SPELL.iter().chain(*values).copied().collect();
        (Vec::from([("cds_type_code", "130")]), Some(values))
    });
    let episodes: Vec<_> = episodes.collect();
    stands(&[records("a.xml", &episodes)], episodes.len())
}

#[test]
fn the_last_episode_is_said_or_shown_by_numbers_and_days() {
    use Stand::{EarlierEpisode as IsNot, LastEpisode as Is, SomeEpisode as Unknown};
    let number = |number| ("episode_number", number);
    let ended = |day| ("end_date_episode", day);
    let at = |time| ("end_time_episode", time);
    let said = |code| ("last_episode_in_spell_indicator_code", code);
    let discharged = ("discharge_date_hospital_provider_spell", "2026-05-04");
    for (episodes, expected) in [
        // What is said counts, and what says nothing beside it is earlier.
        (
            vec![vec![said("1"), number("1")], vec![number("2")]],
            vec![Is, IsNot],
        ),
        (
            vec![vec![said("1"), number("1")], vec![said("1"), number("2")]],
            vec![IsNot, Is],
        ),
        (
            vec![vec![said("2"), number("2")], vec![number("1")]],
            vec![IsNot, IsNot],
        ),
        // Numbers, as numbers.
        (vec![vec![number("10")], vec![number("9")]], vec![Is, IsNot]),
        (
            vec![vec![number("99")], vec![number("1")]],
            vec![Unknown, Unknown],
        ),
        // Days, and times where all have them.
        (
            vec![vec![ended("2026-05-04")], vec![ended("2026-05-02")]],
            vec![Is, IsNot],
        ),
        (
            vec![
                vec![ended("2026-05-04"), at("09:00:00")],
                vec![ended("2026-05-04"), at("12:00:00")],
            ],
            vec![IsNot, Is],
        ),
        (
            vec![
                vec![ended("2026-05-04"), at("09:00:00")],
                vec![ended("2026-05-04")],
            ],
            vec![Unknown, Unknown],
        ),
        // They contradict one another.
        (
            vec![
                vec![number("1"), ended("2026-05-04")],
                vec![number("2"), ended("2026-05-02")],
            ],
            vec![Unknown, Unknown],
        ),
        // Alone, and with a later one that did not come.
        (vec![vec![]], vec![Is]),
        (vec![vec![ended("2026-05-04"), discharged]], vec![Is]),
        (vec![vec![ended("2026-05-02"), discharged]], vec![IsNot]),
        // An unfinished one comes again when it is finished.
        (
            vec![vec![("completion", "unfinished")], vec![number("1")]],
            vec![IsNot, Is],
        ),
    ] {
        let slices: Vec<&[(&str, &str)]> = episodes.iter().map(Vec::as_slice).collect();
        assert_eq!(last(&slices), expected, "{episodes:?}");
    }
}

#[test]
fn an_episode_without_a_name_that_comes_again_is_one() {
    let number = [("episode_number", "1")];
    let found = last(&[&number, &number]);
    assert_eq!(found, [Stand::Replaced, Stand::LastEpisode]);
}

/// Counts the records that it is given.
struct Count(Vec<i64>);

impl RecordWriter for Count {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        self.0.extend(records.records().map(|record| record.number));
        Ok(())
    }
}

#[test]
fn only_what_counts_is_handed_on_and_the_rest_is_told() {
    let spring = ("2026-04-01", "2026-05-31");
    let first = records(
        "a.xml",
        &[bulk("B1", "RXX", "2026-04-30", spring), net("B2", "9")],
    );
    let second = records(
        "b.xml",
        &[bulk("B3", "RXX", "2026-04-30", spring), net("B2", "1")],
    );
    let found = standing(&[first.clone(), second.clone()]);
    let mut count = Count(Vec::new());
    let mut details = Vec::new();
    for (part, records) in [first, second].iter().enumerate() {
        let mut only = found.only(part, &mut count);
        only.write(records).unwrap();
        let losses = only.into_losses().list().into_iter();
        details.extend(losses.filter_map(|loss| loss.detail));
    }
    assert_eq!(count.0, [1]);
    let expected = [
        "a later record takes it out",
        "what was sent again for its period replaces it",
        "it takes an earlier record out",
    ];
    assert_eq!(details, expected);
}
