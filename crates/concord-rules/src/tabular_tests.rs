//! Rules over the tables of a tabular standard, from definition to verdict.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use concord_check::capture::Captured;
use concord_finding::Fact;
use concord_standards::rules::{Check, Example, Keep, RuleDefinition, Seat};
use concord_standards::schema::Schema;
use proptest::prelude::*;

use crate::code_lists::list;
use crate::native::CrossBroken;
use crate::testing::{row, rule, tables, wide};
use crate::{Compiler, Header, RuleSet, Scratch, SubmissionState};

const TABLES: [&str; 2] = ["acm", "plcm"];

fn compiler(schema: &Schema) -> Compiler<'_> {
    let lists = BTreeMap::from([
        list(
            "pod",
            &[
                ("DRUG", "", ""),
                ("OPFA", "2020-04-01", ""),
                ("OLD", "", "2020-03-31"),
            ],
        ),
        list("tfc", &[("100", "", ""), ("110", "", "")]),
    ]);
    Compiler::of_tables(schema, &TABLES, &lists)
}

#[track_caller]
fn check_at(at: Seat, check: Check, pass: &[Example], fail: &[Example]) {
    let mut rule = rule(at, check);
    rule.pass = pass.to_vec();
    rule.fail = fail.to_vec();
    for outcome in compiler(&tables()).run_examples(&[rule]) {
        assert_eq!(outcome.problem, None, "{outcome:?}");
    }
}

#[track_caller]
fn check(check: Check, pass: &[Example], fail: &[Example]) {
    check_at(Seat::Record, check, pass, fail);
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn sql(text: &str) -> Check {
    Check::Sql(text.to_owned())
}

/// An example of several rows.
fn rows(table: &str, rows: &[&[(&str, &str)]]) -> Example {
    let rows = rows.iter().map(|elements| row(elements, &[])).collect();
    row(&[], &[(table, rows)])
}

#[test]
fn conditions_sit_at_the_tables_that_have_their_columns() {
    check(
        sql("TFC IS NOT NULL OR POD = 'DRUG'"),
        &[
            row(&[("POD", "DRUG"), ("TFC", "")], &[]),
            row(&[("TFC", "100")], &[]),
            // The other table has no such column.
            rows("plcm", &[&[("POD", "OPFA")]]),
        ],
        &[row(&[("POD", "OPFA"), ("TFC", "")], &[])],
    );
    check(
        sql("PRICE >= 0"),
        &[rows("acm", &[&[("PRICE", "1.5")]])],
        &[
            rows("acm", &[&[("PRICE", "-1.5")]]),
            rows("plcm", &[&[("PRICE", "-0.00000001")]]),
        ],
    );
    check_at(
        Seat::Group("plcm".to_owned()),
        sql("PRICE >= 0"),
        &[rows("acm", &[&[("PRICE", "-1")]])],
        &[rows("plcm", &[&[("PRICE", "-1")]])],
    );
}

#[test]
fn filled_and_blank() {
    let when = Some("POD <> 'DRUG'".to_owned());
    check(
        Check::Required {
            columns: strings(&["TFC", "ACTIVITY"]),
            when: when.clone(),
        },
        &[
            row(
                &[("POD", "OPFA"), ("TFC", "100"), ("ACTIVITY", "soon")],
                &[],
            ),
            row(&[("POD", "DRUG")], &[]),
            row(&[("POD", "")], &[]),
        ],
        &[
            row(&[("POD", "OPFA"), ("TFC", "100")], &[]),
            row(&[("POD", "OPFA"), ("ACTIVITY", "1")], &[]),
        ],
    );
    check(
        Check::OneOf {
            columns: strings(&["TFC", "ACTIVITY"]),
            when,
        },
        &[
            row(&[("POD", "OPFA"), ("TFC", "100")], &[]),
            row(&[("POD", "DRUG")], &[]),
        ],
        &[row(&[("POD", "OPFA")], &[])],
    );
    check(
        Check::Blank {
            columns: strings(&["TFC", "ACTIVITY"]),
            when: Some("POD = 'DRUG'".to_owned()),
        },
        &[
            row(&[("POD", "DRUG")], &[]),
            row(&[("POD", "OPFA"), ("TFC", "100")], &[]),
        ],
        &[
            row(&[("POD", "DRUG"), ("TFC", "100")], &[]),
            row(&[("POD", "DRUG"), ("ACTIVITY", "x")], &[]),
        ],
    );
}

#[test]
fn days_in_order_and_in_windows() {
    check(
        Check::Order {
            elements: strings(&["START", "END", "CREATED"]),
        },
        &[
            row(&[("START", "2025-04-01"), ("END", "2025-04-01")], &[]),
            row(&[("START", "2025-04-02"), ("END", "soon")], &[]),
            row(
                &[("END", "2025-04-02"), ("CREATED", "2025-04-02T09:00:00")],
                &[],
            ),
        ],
        &[
            row(&[("START", "2025-04-02"), ("END", "2025-04-01")], &[]),
            row(
                &[("END", "2025-04-02"), ("CREATED", "2025-04-01T23:59:59")],
                &[],
            ),
        ],
    );
    check(
        Check::Window {
            element: "END".to_owned(),
            from: Some("START".to_owned()),
            to: Some("date_of(CREATED)".to_owned()),
        },
        &[
            row(&[("END", "2025-04-02"), ("START", "2025-04-02")], &[]),
            row(&[("END", "2025-04-02")], &[]),
        ],
        &[
            row(&[("END", "2025-04-01"), ("START", "2025-04-02")], &[]),
            row(
                &[("END", "2025-04-03"), ("CREATED", "2025-04-02T10:00:00")],
                &[],
            ),
        ],
    );
}

#[test]
fn codes_are_on_their_list() {
    let code = |as_at: Option<&str>| Check::Code {
        element: "POD".to_owned(),
        list: "pod".to_owned(),
        as_at: as_at.map(str::to_owned),
        when: Some("TFC IS NULL".to_owned()),
    };
    check(
        code(None),
        &[
            row(&[("POD", "OLD")], &[]),
            row(&[("POD", "?"), ("TFC", "100")], &[]),
        ],
        &[row(&[("POD", "OPFB")], &[])],
    );
    check(
        code(Some("START")),
        &[
            row(&[("POD", "OLD"), ("START", "2020-03-31")], &[]),
            row(&[("POD", "OLD")], &[]),
        ],
        &[
            row(&[("POD", "OLD"), ("START", "2020-04-01")], &[]),
            row(&[("POD", "OPFA"), ("START", "2020-03-31")], &[]),
        ],
    );
    check(
        sql("on_code_list(POD, 'pod') AND on_code_list(TFC, 'tfc', START)"),
        &[row(&[("POD", "DRUG"), ("TFC", "100")], &[])],
        &[row(&[("POD", "DRUG"), ("TFC", "101")], &[])],
    );
}

#[test]
fn unique_values() {
    let unique = |keep| Check::Unique {
        elements: strings(&["PROVIDER", "RECORD_IDENTIFIER"]),
        when: Some("POD <> 'DRUG'".to_owned()),
        keep,
    };
    let one = [
        ("PROVIDER", "RXX"),
        ("RECORD_IDENTIFIER", "1"),
        ("POD", "OPFA"),
    ];
    let drug = [
        ("PROVIDER", "RXX"),
        ("RECORD_IDENTIFIER", "1"),
        ("POD", "DRUG"),
    ];
    let other = [
        ("PROVIDER", "RXX1"),
        ("RECORD_IDENTIFIER", ""),
        ("POD", "OPFA"),
    ];
    for keep in [Keep::First, Keep::None] {
        check(
            unique(keep),
            &[rows("record", &[&one, &drug, &drug, &other, &other])],
            &[rows("record", &[&one, &other, &one])],
        );
    }
    // 1 and 1.0 are the same number, and one text is not the other.
    for (element, one, other, further) in [
        ("PRICE", "1", "1.0", "1.01"),
        ("ACTIVITY", "1", "01", "10"),
        ("RECORD_IDENTIFIER", "1", "1", "01"),
    ] {
        let check_of = Check::Unique {
            elements: strings(&[element]),
            when: None,
            keep: Keep::First,
        };
        let both = |text| rows("record", &[&[(element, one)], &[(element, text)]]);
        check(check_of, &[both(further)], &[both(other)]);
    }
}

#[test]
fn one_value_only() {
    let row = |created, pod| [("CREATED", created), ("POD", pod)];
    let (a, b) = (
        row("2025-05-01T00:00:00", "A"),
        row("2025-05-01T00:00:00", "B"),
    );
    let later = row("2025-05-02T00:00:00", "B");
    let consistent = |per: &[&str]| Check::Consistent {
        element: "CREATED".to_owned(),
        per: strings(per),
    };
    check(
        consistent(&[]),
        &[rows("record", &[&a, &b, &[("POD", "A")]])],
        &[rows("record", &[&a, &later])],
    );
    check(
        consistent(&["POD"]),
        &[rows("record", &[&a, &later])],
        &[rows("record", &[&a, &b, &later])],
    );
    // What is absent agrees with nothing.
    let nowhere = |created| [("CREATED", created), ("POD", "")];
    let (one, other) = (
        nowhere("2025-05-01T00:00:00"),
        nowhere("2025-05-02T00:00:00"),
    );
    check(
        consistent(&["POD"]),
        &[rows("record", &[&one, &other])],
        &[rows("record", &[&a, &b, &later])],
    );
}

#[test]
fn values_of_other_tables_and_of_reference_data() {
    let both = |acm: &[(&str, &str)], plcm: &[(&str, &str)]| {
        row(
            &[],
            &[("acm", vec![row(acm, &[])]), ("plcm", vec![row(plcm, &[])])],
        )
    };
    check_at(
        Seat::Group("plcm".to_owned()),
        Check::Exists {
            elements: strings(&["PROVIDER", "POD"]),
            table: "acm".to_owned(),
            columns: strings(&["PROVIDER", "POD"]),
            as_at: None,
            when: None,
        },
        &[
            both(
                &[("PROVIDER", "RXX"), ("POD", "A")],
                &[("PROVIDER", "RXX"), ("POD", "A")],
            ),
            both(&[("PROVIDER", "RXX")], &[("PROVIDER", "RYY")]),
        ],
        &[both(
            &[("PROVIDER", "RXX"), ("POD", "A")],
            &[("PROVIDER", "RXX"), ("POD", "B")],
        )],
    );
    let practice = |code, start| {
        let known = row(&[("code", "A81001"), ("valid_to", "2024-12-31")], &[]);
        let elements = [("PRACTICE", code), ("START", start)];
        row(&elements, &[("practice", vec![known])])
    };
    check(
        Check::Exists {
            elements: strings(&["PRACTICE"]),
            table: "practice".to_owned(),
            columns: strings(&["code"]),
            as_at: Some("START".to_owned()),
            when: None,
        },
        &[practice("A81001", "2024-12-31"), practice("", "2025-01-01")],
        &[
            practice("A81002", "2024-12-31"),
            practice("A81001", "2025-01-01"),
        ],
    );
}

#[test]
fn queries_join_and_aggregate() {
    let totals = "SELECT min(p.record) AS record, p.PROVIDER, sum(p.PRICE) AS value, max(a.total) AS expected \
         FROM plcm p JOIN (SELECT PROVIDER, sum(PRICE) AS total FROM acm GROUP BY PROVIDER) a ON a.PROVIDER = p.PROVIDER \
         GROUP BY p.PROVIDER HAVING sum(p.PRICE) <> max(a.total)";
    let priced = |acm: &[&str], plcm: &[&str]| {
        let of = |prices: &[&str]| -> Vec<Example> {
            let rows = prices.iter();
            rows.map(|price| row(&[("PROVIDER", "RXX"), ("PRICE", price)], &[]))
                .collect()
        };
        row(&[], &[("acm", of(acm)), ("plcm", of(plcm))])
    };
    check_at(
        Seat::Submission,
        Check::Query(totals.to_owned()),
        // What cannot be written in binary adds up all the same.
        &[priced(&["0.1", "0.2"], &["0.3"]), priced(&["1"], &[])],
        &[priced(&["0.1", "0.2"], &["0.30000001"])],
    );
    let following = "SELECT record FROM (SELECT record, START, lag(START) OVER (PARTITION BY PROVIDER ORDER BY record) \
         AS before FROM acm) WHERE START < before";
    let starts = |days: &[&str]| {
        let rows = days.iter();
        let rows = rows.map(|day| row(&[("PROVIDER", "RXX"), ("START", day)], &[]));
        row(&[], &[("acm", rows.collect())])
    };
    check_at(
        Seat::Submission,
        Check::Query(following.to_owned()),
        &[starts(&["2025-04-01", "2025-04-02", "2025-04-02"])],
        &[starts(&["2025-04-02", "2025-04-01"])],
    );
    let practices = "SELECT p.record, p.PRACTICE FROM plcm p LEFT JOIN practice r ON r.code = p.PRACTICE WHERE r.code IS NULL";
    let known = || row(&[("code", "A81001")], &[]);
    let of = |code| {
        row(
            &[],
            &[
                ("plcm", vec![row(&[("PRACTICE", code)], &[])]),
                ("practice", vec![known()]),
            ],
        )
    };
    check_at(
        Seat::Submission,
        Check::Query(practices.to_owned()),
        &[of("A81001")],
        &[of("A81002")],
    );
}

#[track_caller]
fn wrong(at: Seat, check: Check, underlined: &str, message: &str) {
    let rule = rule(at, check);
    let errors = compiler(&tables()).compile(&[rule]).expect_err("an error");
    let error = &errors[0];
    let (start, length) = error.span.expect("a place");
    assert_eq!(&error.text[start..start + length], underlined, "{error:?}");
    assert!(error.message.contains(message), "{error:?}");
}

#[test]
fn mistakes_are_underlined() {
    wrong(
        Seat::Record,
        Check::Required {
            columns: strings(&["TFC"]),
            when: Some("PODD = 'A'".to_owned()),
        },
        "PODD",
        "no element `PODD`",
    );
    wrong(
        Seat::Record,
        Check::Blank {
            columns: strings(&["TFC"]),
            when: Some("POD = 1".to_owned()),
        },
        "POD = 1",
        "a text is compared with a number",
    );
    wrong(
        Seat::Record,
        sql("on_code_list(POD, 'pods')"),
        "'pods'",
        "no code list `pods`",
    );
    wrong(
        Seat::Record,
        Check::Order {
            elements: strings(&["START", "PRICE"]),
        },
        "PRICE",
        "holds no date",
    );
    wrong(
        Seat::Record,
        sql("TFC = '100' AND PRACTICE = 'A'"),
        "PRACTICE",
        "no table has both",
    );
    let query = |sql: &str| Check::Query(sql.to_owned());
    let submission = || Seat::Submission;
    wrong(
        submission(),
        query("SELECT record, PODS FROM acm"),
        "PODS",
        "PODS",
    );
    wrong(
        submission(),
        query("SELECT record FORM acm"),
        "acm",
        "xpected",
    );
    wrong(
        submission(),
        query("SELECT record FROM acn"),
        "acn",
        "no table `acn`",
    );
    let all = "SELECT POD FROM acm";
    wrong(submission(), query(all), all, "no column `record`");
    let mixed = "SELECT record FROM acm WHERE START = 1";
    wrong(
        submission(),
        query(mixed),
        mixed,
        "a date is compared with a number",
    );
    wrong(
        submission(),
        query("DELETE FROM acm"),
        "DELETE FROM acm",
        "SELECT",
    );
}

#[test]
fn what_lacks_reference_data_is_told_of() {
    let mut rules = vec![
        rule(
            Seat::Record,
            Check::Exists {
                elements: strings(&["PRACTICE"]),
                table: "practice".to_owned(),
                columns: strings(&["code"]),
                as_at: None,
                when: None,
            },
        ),
        rule(Seat::Record, sql("in_reference(PRACTICE, 'practice')")),
        rule(
            Seat::Submission,
            Check::Query("SELECT a.record, b.name FROM acm a, practice b".to_owned()),
        ),
    ];
    rules.push(rule(Seat::Record, sql("PRICE > 0")));
    let schema = tables();
    let rules = compiler(&schema).compile(&rules).expect("rules");
    let mut not_run = Vec::new();
    let state = SubmissionState::default();
    rules.finish(state, &Header::default(), &mut Vec::new(), &mut not_run);
    let numbers: Vec<u32> = not_run.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(numbers, [0, 1, 2]);
    assert!(
        not_run
            .iter()
            .all(|(_, reason)| reason.contains("practice"))
    );
}

/// Runs rules over chunks of rows of the first table, each cell a text of its column.
fn run(
    rules: &RuleSet,
    chunks: &[Vec<Vec<(&str, String)>>],
    bytes_for_keys: Option<usize>,
) -> Vec<CrossBroken> {
    let mut state = SubmissionState::default();
    state.limit(bytes_for_keys, bytes_for_keys);
    let mut broken = Vec::new();
    let mut base = 0;
    for chunk in chunks {
        let mut captured = Captured::new(rules.plan());
        for (number, cells) in chunk.iter().enumerate() {
            let number = number as u32;
            for (index, group) in rules.plan().groups.iter().enumerate().skip(1) {
                if !group
                    .paths
                    .iter()
                    .any(|path| &**path.last().expect("a name") == "acm")
                {
                    continue;
                }
                let row = captured.add_row(index, number, number, number);
                for (column, planned) in group.columns.iter().enumerate() {
                    for (name, text) in cells {
                        if planned.name == *name {
                            captured.put_text(index, row, column, text);
                        }
                    }
                }
            }
        }
        let mut scratch = Scratch::default();
        rules.evaluate(
            &captured,
            b"",
            &Header::default(),
            &mut scratch,
            &mut Vec::new(),
        );
        let summary = rules.summarise(&captured, b"", &scratch);
        rules.fold(&mut state, summary, (&captured, b"", base), &mut broken);
        base += 1_000;
    }
    let mut not_run = Vec::new();
    rules.finish(state, &Header::default(), &mut broken, &mut not_run);
    assert_eq!(not_run, []);
    broken
}

fn unique_rule(keep: Keep) -> RuleDefinition {
    rule(
        Seat::Group("acm".to_owned()),
        Check::Unique {
            elements: strings(&["RECORD_IDENTIFIER"]),
            when: None,
            keep,
        },
    )
}

/// Rows that are no more than a slip are records without values: the checker counts them, and rules must count with it.
#[test]
fn records_without_rows_count_in_later_chunks() {
    let schema = tables();
    let rules = compiler(&schema)
        .compile(&[unique_rule(Keep::First)])
        .expect("rules");
    let groups = rules.plan().groups.iter().enumerate();
    let groups = groups.filter(|(_, group)| {
        let path = group.paths.first().and_then(|path| path.last());
        path.is_some_and(|name| &**name == "acm")
    });
    let groups: Vec<(usize, usize)> = groups
        .map(|(number, group)| (number, group.columns.len()))
        .collect();
    let (mut state, mut drafts) = (concord_check::Rules::start(&rules), Vec::new());
    let mut memory = concord_check::Rules::scratch(&rules);
    // Three records in each chunk, of which the last one alone has values.
    for first_record in [0, 3] {
        let mut captured = Captured::new(rules.plan());
        for &(table, columns) in &groups {
            let row = captured.add_row(table, 0, 2, 0);
            for column in 0..columns {
                captured.put_text(table, row, column, "R1");
            }
        }
        let part = concord_check::Part {
            file: &"file".into(),
            standard: None,
            chunk: b"",
            offset: 0,
            captured: &captured,
            records: concord_check::RecordStarts::Rows(&[0, 0, 0]),
            first_record,
        };
        let header = Header::default();
        let summary =
            concord_check::Rules::evaluate(&rules, &part, &header, &mut memory, &mut drafts);
        concord_check::Rules::fold(&rules, &mut state, summary, &part, &mut drafts);
    }
    let records: Vec<Option<u32>> = drafts.iter().map(|draft| draft.record).collect();
    assert_eq!(records, [Some(2)]);
    let first = ("first".into(), Fact::Number(3));
    assert!(drafts[0].finding.facts.contains(&first));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Memory for a thousand keys: many more spill, and what comes out is what a map in memory says.
    #[test]
    fn spilled_keys_are_told_apart_like_those_in_memory(
        keys in proptest::collection::vec(0_u32..6_000, 1..5_000),
        chunk in 1_usize..700,
        none in any::<bool>(),
    ) {
        let keep = if none { Keep::None } else { Keep::First };
        let schema = tables();
        let rules = compiler(&schema).compile(&[unique_rule(keep)]).expect("rules");
        let rows: Vec<Vec<(&str, String)>> = keys
            .iter()
            .map(|key| vec![("RECORD_IDENTIFIER", format!("R{key}"))])
            .collect();
        let chunks: Vec<_> = rows.chunks(chunk).map(<[_]>::to_vec).collect();
        let mut found: Vec<(u64, Option<u64>, String)> = run(&rules, &chunks, Some(0))
            .into_iter()
            .map(|broken| {
                let record = broken.record.expect("a record");
                let first = broken.facts.iter().find_map(|(name, fact)| match fact {
                    Fact::Number(number) if name == "first" => Some(*number - 1),
                    _ => None,
                });
                let offset = (record as usize / chunk * 1_000 + record as usize % chunk) as u64;
                assert_eq!(broken.offset, Some(offset));
                let Some(Fact::Plain(value)) = broken.value else {
                    panic!("no value");
                };
                (record, first, value)
            })
            .collect();
        found.sort();
        let mut groups: HashMap<u32, Vec<usize>> = HashMap::new();
        for (row, key) in keys.iter().enumerate() {
            groups.entry(*key).or_default().push(row);
        }
        let mut expected = Vec::new();
        for (row, key) in keys.iter().enumerate() {
            let group = &groups[key];
            let further = row != group[0];
            if group.len() > 1 && (further || none) {
                let first = further.then_some(group[0] as u64);
                expected.push((row as u64, first, format!("R{key}")));
            }
        }
        prop_assert_eq!(found, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Memory for two pairs: nearly everything spills, and what comes out is what maps in memory say.
    #[test]
    fn spilled_values_are_consistent_like_those_in_memory(
        rows in proptest::collection::vec((0_u8..6, 0_u8..4), 1..200),
        chunk in 1_usize..40,
    ) {
        let check = Check::Consistent {
            element: "TFC".to_owned(),
            per: strings(&["POD"]),
        };
        let schema = tables();
        let rules = compiler(&schema)
            .compile(&[rule(Seat::Group("acm".to_owned()), check)])
            .expect("rules");
        let cells: Vec<Vec<(&str, String)>> = rows
            .iter()
            .map(|(pod, tfc)| vec![("POD", pod.to_string()), ("TFC", tfc.to_string())])
            .collect();
        let chunks: Vec<_> = cells.chunks(chunk).map(<[_]>::to_vec).collect();
        let mut known: HashMap<u8, Vec<u8>> = HashMap::new();
        let mut expected = Vec::new();
        for (row, (pod, tfc)) in rows.iter().enumerate() {
            let values = known.entry(*pod).or_default();
            if !values.contains(tfc) {
                if !values.is_empty() {
                    expected.push((Some(row as u64), Some(Fact::Plain(tfc.to_string()))));
                }
                values.push(*tfc);
            }
        }
        for bytes in [Some(0), None] {
            let mut found: Vec<_> = run(&rules, &chunks, bytes)
                .into_iter()
                .map(|broken| (broken.record, broken.value))
                .collect();
            found.sort_by_key(|(record, _)| *record);
            prop_assert_eq!(&found, &expected);
        }
    }
}

#[test]
fn queries_see_every_chunk_and_their_findings_have_places() {
    let query = Check::Query(
        "SELECT max(record) AS record, POD, count(*) AS times, max(NHSNumber) AS who FROM acm GROUP BY POD HAVING count(*) > 2"
            .to_owned(),
    );
    let schema = tables();
    let rules = compiler(&schema)
        .compile(&[rule(Seat::Submission, query)])
        .expect("rules");
    let row = |pod: &str| {
        vec![
            ("POD", pod.to_owned()),
            ("NHSNumber", "9990000018".to_owned()),
        ]
    };
    let chunks = vec![
        vec![row("A"), row("B")],
        vec![row("A"), row("C"), row("B")],
        vec![row("A"), row("A")],
    ];
    let broken = run(&rules, &chunks, None);
    // The same when every chunk goes to a file.
    assert_eq!(broken, run(&rules, &chunks, Some(0)));
    assert_eq!(broken.len(), 1);
    assert_eq!((broken[0].record, broken[0].offset), (Some(6), Some(2_001)));
    let facts: BTreeMap<&str, &Fact> = broken[0]
        .facts
        .iter()
        .map(|(name, fact)| (&**name, fact))
        .collect();
    assert_eq!(facts["POD"], &Fact::Plain("A".to_owned()));
    assert_eq!(facts["who"], &Fact::Personal("9990000018".to_owned()));
}

#[test]
fn a_thousand_rules_are_planned_quickly() {
    let schema = wide(400);
    let mut rules: Vec<RuleDefinition> = (0..1_000)
        .map(|number| {
            let column = |step: usize| format!("COLUMN_{}", (number * 7 + step * 11) % 400);
            let day = |step: usize| format!("COLUMN_{}", (number * 3 + step * 6) % 399);
            let text = |step: usize| format!("COLUMN_{}", (number * 3 + step * 6) % 396 + 1);
            let check = match number % 4 {
                0 => sql(&format!(
                    "{} IN ('A', 'B', 'C') OR length({}) > {}",
                    text(0),
                    text(1),
                    number % 9
                )),
                1 => sql(&format!("{} <= {} OR {} IS NULL", day(0), day(1), text(2))),
                2 => Check::Required {
                    columns: vec![column(0), column(1)],
                    when: Some(format!("{} = 'DRUG'", text(5))),
                },
                _ => Check::Blank {
                    columns: vec![column(3)],
                    when: Some(format!("{} LIKE 'D%'", text(4))),
                },
            };
            let mut rule = rule(Seat::Record, check);
            Arc::make_mut(&mut rule.rule).id = format!("WIDE-{number}").into();
            rule
        })
        .collect();
    rules.truncate(1_000);
    let lists = BTreeMap::new();
    let compiler = Compiler::of_tables(&schema, &["wide"], &lists);
    let started = Instant::now();
    let compiled = compiler.compile(&rules).expect("rules");
    let took = started.elapsed();
    assert_eq!(compiled.rules().count(), 1_000);
    #[expect(clippy::print_stderr, reason = "a measurement is read by people")]
    {
        eprintln!("1,000 rules over 400 columns planned in {took:?}");
    }
    // A build without optimisation on a busy machine is many times slower than what is shipped.
    let most = if cfg!(debug_assertions) { 20.0 } else { 1.0 };
    assert!(took.as_secs_f64() < most, "{took:?}");
}
