//! Every built-in type and facet against `xmllint --schema`.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

mod differences;
mod forms;
mod harness;
mod patterns;
mod random;

use concord_standards::schema::{Builtin, Facets, SimpleTypeId, Variety, WhiteSpace};
use concord_standards::value::ValueChecker;
use forms::FORMS;
use harness::{Case, Oracle};
use random::Random;

/// Compares all cases; returns how many texts were compared.
fn compare(oracle: &Oracle, parts: &[Case], cases: &[(Case, Vec<String>)]) -> usize {
    let theirs = oracle.verdicts(parts, cases);
    let mut compared = 0;
    let mut unexplained = Vec::new();
    for ((case, texts), theirs) in cases.iter().zip(theirs) {
        let (schema, id) = harness::schema(parts, case);
        let ours = ValueChecker::compile(&schema, id);
        match (ours, theirs) {
            (Ok(checker), Some(theirs)) => {
                for (text, theirs) in texts.iter().zip(theirs) {
                    compared += 1;
                    let ours = checker.check(text);
                    if ours.is_ok() != theirs
                        && differences::of_values(case, text, theirs).is_none()
                    {
                        unexplained.push(format!(
                            "{case:?}\n    {text:?}: ours {ours:?}, libxml2 {theirs}"
                        ));
                    }
                }
            }
            (Err(_), None) => {}
            (Ok(_), None) => {
                if differences::of_types(case, false).is_none() {
                    unexplained.push(format!("{case:?}: libxml2 refuses the type, we do not"));
                }
            }
            (Err(error), Some(_)) => {
                if differences::of_types(case, true).is_none() {
                    unexplained.push(format!("{case:?}: we refuse the type: {error}"));
                }
            }
        }
    }
    assert!(
        unexplained.is_empty(),
        "{} unexplained differences in {compared}:\n{}",
        unexplained.len(),
        sample(unexplained)
    );
    compared
}

/// A few of each kind (the first line names the type).
fn sample(mut unexplained: Vec<String>) -> String {
    unexplained.sort();
    unexplained.dedup();
    let mut shown = String::new();
    let (mut before, mut count) = (String::new(), 0);
    for difference in &unexplained {
        let (name, text) = difference.split_once('\n').unwrap_or((difference, ""));
        count = if name == before { count + 1 } else { 0 };
        if count == 0 {
            shown.push_str(name);
            shown.push('\n');
            name.clone_into(&mut before);
        }
        if count < 12 {
            shown.push_str(text);
            shown.push('\n');
        }
    }
    shown.truncate(shown.floor_char_boundary(20_000));
    shown
}

fn atomic(builtin: Builtin, steps: Vec<Facets>) -> Case {
    Case {
        variety: Variety::Atomic(builtin),
        steps,
    }
}

fn forms(builtin: Builtin) -> &'static [&'static str] {
    FORMS.iter().find(|(known, _)| *known == builtin).unwrap().1
}

fn texts(random: &mut Random, builtin: Builtin, mutants: usize) -> Vec<String> {
    let forms = forms(builtin);
    let mut texts: Vec<String> = forms.iter().map(|&form| form.to_owned()).collect();
    for _ in 0..mutants {
        texts.push(random.mutant(forms));
    }
    texts.retain(|text| text.chars().all(random::is_xml));
    texts
}

#[test]
fn built_in_types_agree() {
    let Some(oracle) = Oracle::new("value-builtin") else {
        return;
    };
    let mut random = Random(7);
    let cases: Vec<_> = FORMS
        .iter()
        .map(|&(builtin, _)| (atomic(builtin, vec![]), texts(&mut random, builtin, 300)))
        .collect();
    let compared = compare(&oracle, &[], &cases);
    eprintln!("{compared} texts compared");
    assert!(compared > 10_000);
}

#[test]
fn bounds_agree() {
    let Some(oracle) = Oracle::new("value-bounds") else {
        return;
    };
    let mut random = Random(11);
    let mut cases = Vec::new();
    for &(builtin, forms) in FORMS {
        let (schema, id) = harness::schema(&[], &atomic(builtin, vec![]));
        let checker = ValueChecker::compile(&schema, id).unwrap();
        let valid: Vec<&str> = forms
            .iter()
            .copied()
            .filter(|form| checker.check(form).is_ok())
            .collect();
        if !differences::is_ordered(builtin) {
            continue;
        }
        for kind in 0..4 {
            for _ in 0..4 {
                let bound = Some(random.pick(&valid).trim().to_owned());
                let mut facets = Facets::default();
                match kind {
                    0 => facets.min_inclusive = bound,
                    1 => facets.min_exclusive = bound,
                    2 => facets.max_inclusive = bound,
                    _ => facets.max_exclusive = bound,
                }
                cases.push((
                    atomic(builtin, vec![facets]),
                    texts(&mut random, builtin, 20),
                ));
            }
        }
        for _ in 0..6 {
            let facets = Facets {
                min_inclusive: Some(random.pick(&valid).trim().to_owned()),
                max_exclusive: Some(random.pick(&valid).trim().to_owned()),
                ..Facets::default()
            };
            cases.push((
                atomic(builtin, vec![facets]),
                texts(&mut random, builtin, 20),
            ));
        }
    }
    let compared = compare(&oracle, &[], &cases);
    eprintln!("{compared} texts compared");
    assert!(compared > 10_000);
}

#[test]
fn enumerations_agree() {
    let Some(oracle) = Oracle::new("value-enumerations") else {
        return;
    };
    let mut random = Random(13);
    let mut cases = Vec::new();
    for &(builtin, forms) in FORMS {
        if matches!(builtin, Builtin::Boolean | Builtin::NmTokens) {
            continue;
        }
        let (schema, id) = harness::schema(&[], &atomic(builtin, vec![]));
        let checker = ValueChecker::compile(&schema, id).unwrap();
        let valid: Vec<&str> = forms
            .iter()
            .copied()
            .filter(|form| checker.check(form).is_ok())
            .collect();
        for count in [1, 2, 5] {
            let enumeration = (0..count).map(|_| random.pick(&valid).to_owned()).collect();
            let facets = Facets {
                enumeration,
                ..Facets::default()
            };
            cases.push((
                atomic(builtin, vec![facets]),
                texts(&mut random, builtin, 30),
            ));
        }
    }
    let compared = compare(&oracle, &[], &cases);
    eprintln!("{compared} texts compared");
    assert!(compared > 4_000);
}

#[test]
fn lengths_and_digits_agree() {
    let Some(oracle) = Oracle::new("value-lengths") else {
        return;
    };
    let mut random = Random(17);
    let mut cases = Vec::new();
    for &(builtin, _) in FORMS {
        for limit in [0_u32, 1, 2, 3, 5] {
            let long = u64::from(limit);
            let all = [
                Facets {
                    length: Some(long),
                    ..Facets::default()
                },
                Facets {
                    min_length: Some(long),
                    ..Facets::default()
                },
                Facets {
                    max_length: Some(long),
                    ..Facets::default()
                },
                Facets {
                    min_length: Some(2),
                    max_length: Some(long),
                    ..Facets::default()
                },
                Facets {
                    total_digits: Some(limit),
                    ..Facets::default()
                },
                Facets {
                    fraction_digits: Some(limit),
                    ..Facets::default()
                },
                Facets {
                    total_digits: Some(3),
                    fraction_digits: Some(limit),
                    ..Facets::default()
                },
                Facets {
                    length: Some(long),
                    max_length: Some(4),
                    ..Facets::default()
                },
            ];
            for facets in all {
                cases.push((
                    atomic(builtin, vec![facets]),
                    texts(&mut random, builtin, 5),
                ));
            }
        }
        for white_space in [
            WhiteSpace::Preserve,
            WhiteSpace::Replace,
            WhiteSpace::Collapse,
        ] {
            let steps = vec![
                Facets {
                    white_space: Some(white_space),
                    ..Facets::default()
                },
                Facets {
                    min_length: Some(2),
                    max_length: Some(3),
                    ..Facets::default()
                },
            ];
            cases.push((atomic(builtin, steps), texts(&mut random, builtin, 50)));
            let steps = vec![Facets {
                white_space: Some(white_space),
                ..Facets::default()
            }];
            cases.push((atomic(builtin, steps), texts(&mut random, builtin, 5)));
        }
    }
    let compared = compare(&oracle, &[], &cases);
    eprintln!("{compared} texts compared");
    assert!(compared > 5_000);
}

#[test]
fn steps_lists_and_unions_agree() {
    let Some(oracle) = Oracle::new("value-composed") else {
        return;
    };
    let mut random = Random(19);
    let limit = |minimum: &str, maximum: &str| Facets {
        min_inclusive: Some(minimum.into()),
        max_inclusive: Some(maximum.into()),
        ..Facets::default()
    };
    let patterns = |patterns: &[&str]| Facets {
        patterns: patterns.iter().map(|&pattern| pattern.to_owned()).collect(),
        ..Facets::default()
    };
    let enumeration = |values: &[&str]| Facets {
        enumeration: values.iter().map(|&value| value.to_owned()).collect(),
        ..Facets::default()
    };
    let max_length = |length| Facets {
        max_length: Some(length),
        ..Facets::default()
    };
    let parts = vec![
        atomic(Builtin::Integer, vec![limit("1", "9")]),
        atomic(Builtin::Token, vec![enumeration(&["a", "b", "none"])]),
        atomic(Builtin::String, vec![patterns(&["[xyz ]*"])]),
        atomic(Builtin::Decimal, vec![]),
        Case {
            variety: Variety::Union(vec![SimpleTypeId(0), SimpleTypeId(1)]),
            steps: vec![],
        },
        atomic(Builtin::Date, vec![limit("1900-01-01", "2999-12-31")]),
    ];
    let pool = [
        "",
        " ",
        "1",
        "9",
        "10",
        "0",
        "a",
        "none",
        " a ",
        "b",
        "x",
        "x y",
        " x",
        "1 2 3",
        "1  2\t3",
        "1.0",
        "1.5",
        "a b",
        "1 a",
        "a 1 none",
        "x  y",
        "01",
        "+1",
        "01 02",
        "2023-05-02",
        "2023-05-02 2023-05-03",
        "9 9 9 9",
        "c",
        "1 x",
        "1.0 1.50",
        "1 1.5",
        "x\ny",
        " 1 ",
        "a\n",
        "none none",
    ];
    let list = |item: u32, steps| Case {
        variety: Variety::List(SimpleTypeId(item)),
        steps,
    };
    let union = |members: &[u32], steps| Case {
        variety: Variety::Union(members.iter().map(|&member| SimpleTypeId(member)).collect()),
        steps,
    };
    let mut types = vec![
        union(&[0, 1], vec![]),
        union(&[0, 1, 2], vec![]),
        union(&[2, 0, 1], vec![patterns(&[".{1,3}"])]),
        union(&[0, 3], vec![enumeration(&["1", "1.50", "7"])]),
        union(&[0, 1], vec![enumeration(&["1", "none"])]),
        union(
            &[0, 1],
            vec![patterns(&["[0-9]|[ab]"]), patterns(&["[0-9a]"])],
        ),
        union(&[5, 2], vec![]),
        union(&[4, 5], vec![]),
    ];
    for item in 0..6 {
        types.push(list(item, vec![]));
        types.push(list(item, vec![max_length(2)]));
        types.push(list(
            item,
            vec![Facets {
                length: Some(3),
                ..Facets::default()
            }],
        ));
        types.push(list(
            item,
            vec![Facets {
                min_length: Some(1),
                ..Facets::default()
            }],
        ));
        types.push(list(item, vec![patterns(&["[^ ]+( [^ ]+)?"])]));
    }
    types.push(list(0, vec![enumeration(&["1 2 3", "01"])]));
    types.push(list(3, vec![enumeration(&["1 1.5", "1"])]));
    types.push(list(1, vec![enumeration(&["a b", "none none"])]));
    // Patterns of one step are alternatives, those of several steps must all match.
    types.push(atomic(
        Builtin::String,
        vec![patterns(&[
            "99",
            "[ABCDEFGHJKLMNPRSZ]",
            "[ABCDEFGHJKLMNPRSZ].",
        ])],
    ));
    types.push(atomic(
        Builtin::String,
        vec![patterns(&["[0-9]*", "x.*"]), patterns(&[".{2}", "9"])],
    ));
    types.push(atomic(
        Builtin::String,
        vec![
            max_length(5),
            max_length(3),
            enumeration(&["a", "b", "x y"]),
            enumeration(&["b"]),
        ],
    ));
    let mut cases: Vec<_> = types
        .into_iter()
        .map(|case| {
            let mut texts: Vec<String> = pool.iter().map(|&text| text.to_owned()).collect();
            texts.extend((0..60).map(|_| random.mutant(&pool)));
            texts.retain(|text| text.chars().all(random::is_xml));
            (case, texts)
        })
        .collect();
    let time = "([0-9]|[0-1][0-9]|[2][0-3]):([0-5][0-9]):([0-5][0-9])";
    cases.push((
        atomic(Builtin::Time, vec![patterns(&[time])]),
        texts(&mut random, Builtin::Time, 500),
    ));
    cases.push((
        atomic(Builtin::Decimal, vec![patterns(&[r"\d{3}\.\d{3}"])]),
        texts(&mut random, Builtin::Decimal, 300),
    ));
    cases.push((
        atomic(
            Builtin::Date,
            vec![
                limit("1900-01-01", "2999-12-31"),
                limit("1900-01-01", "2100-01-01"),
            ],
        ),
        texts(&mut random, Builtin::Date, 300),
    ));
    let compared = compare(&oracle, &parts, &cases);
    eprintln!("{compared} texts compared");
    assert!(compared > 3_000);
}
