//! Simple types.

use concord_gate::language::{Inclusion, values};
use concord_sample::Dice;
use concord_sample::value::{Extent, Values};
use concord_standards::compile::CompiledSchema;
use concord_standards::schema::SimpleTypeId;
use proptest::prelude::*;

use crate::support::{compiled, simple};

/// `values` on two restrictions, each a base and facets; text in brackets is put as it is.
fn compare(old: (&str, &str), new: (&str, &str)) -> Inclusion<String> {
    let text = format!(
        "{}{}",
        definition("A", old.0, old.1),
        definition("B", new.0, new.1)
    );
    let schema = compiled(&text).expect("types that make sense");
    values(
        (&schema, simple(&schema, "A")),
        (&schema, simple(&schema, "B")),
    )
}

fn definition(name: &str, base: &str, facets: &str) -> String {
    format!(
        "<xs:simpleType name=\"{name}\"><xs:restriction base=\"xs:{base}\">{}</xs:restriction></xs:simpleType>",
        written(facets)
    )
}

/// `minLength=1 pattern=[0-9]+` as facets.
fn written(facets: &str) -> String {
    let facets = facets.split_whitespace().map(|facet| {
        let (name, value) = facet.split_once('=').expect("a facet and its value");
        format!("<xs:{name} value=\"{}\"/>", value.replace('_', " "))
    });
    facets.collect::<Vec<_>>().concat()
}

#[test]
fn what_is_wider_is_included() {
    for (old, new) in [
        (("string", "maxLength=3"), ("string", "maxLength=4")),
        (
            ("string", "maxLength=1000000"),
            ("string", "maxLength=1000001"),
        ),
        (("string", "pattern=[0-9]{10}"), ("string", "length=10")),
        (
            ("string", "pattern=[0-9]{10}"),
            ("string", "minLength=10 pattern=\\d*"),
        ),
        (
            ("string", "enumeration=A enumeration=B"),
            ("string", "pattern=[A-C]"),
        ),
        (
            ("string", "pattern=[A-C]"),
            ("string", "enumeration=A enumeration=B enumeration=C"),
        ),
        (
            ("integer", "minInclusive=1 maxInclusive=99"),
            ("positiveInteger", ""),
        ),
        (
            ("integer", "minInclusive=0 maxInclusive=99"),
            ("decimal", "totalDigits=2 fractionDigits=0"),
        ),
        (
            ("decimal", "pattern=[0-9]{2}"),
            ("decimal", "minInclusive=0 maxInclusive=99"),
        ),
        (
            ("decimal", "totalDigits=4 fractionDigits=2"),
            ("decimal", "fractionDigits=2 totalDigits=5"),
        ),
        (("byte", ""), ("short", "")),
        (
            ("unsignedByte", ""),
            ("nonNegativeInteger", "maxInclusive=255"),
        ),
        (
            ("date", "minInclusive=1900-01-01"),
            ("date", "minInclusive=1880-01-01"),
        ),
        (
            ("date", "minExclusive=1900-01-01"),
            ("date", "minInclusive=1900-01-01"),
        ),
        (("time", "pattern=.{8}"), ("time", "minInclusive=24:00:00")),
        (
            ("date", "pattern=20[0-9]{2}-[0-9]{2}-[0-9]{2}"),
            ("date", "minInclusive=1999-12-31 maxInclusive=2999-12-31"),
        ),
        (("date", ""), ("token", "pattern=[0-9+:Z-]*")),
        (
            ("dateTime", "enumeration=2020-01-01T00:00:00"),
            ("dateTime", "minInclusive=2019-01-01T00:00:00"),
        ),
        (("float", "minInclusive=1"), ("float", "minInclusive=0.5")),
        (
            ("duration", "maxInclusive=P1M"),
            ("duration", "maxInclusive=P40D"),
        ),
        (("token", ""), ("string", "")),
        (("NCName", ""), ("Name", "")),
        (("Name", ""), ("NMTOKEN", "")),
        (("language", ""), ("NMTOKEN", "")),
        (("boolean", ""), ("string", "")),
        (
            ("hexBinary", "length=2"),
            ("string", "pattern=\\s*[0-9A-Fa-f]{4}\\s*"),
        ),
        (("NMTOKENS", "maxLength=2"), ("NMTOKENS", "maxLength=3")),
    ] {
        assert_eq!(compare(old, new), Inclusion::Included, "{old:?} {new:?}");
    }
}

#[test]
fn what_is_narrower_has_a_shortest_readable_witness() {
    for (old, new, witness) in [
        (("string", "maxLength=4"), ("string", "maxLength=3"), "AAAA"),
        (("string", ""), ("string", "minLength=1"), ""),
        (("string", "minLength=1"), ("string", "pattern=[A-Z]*"), "1"),
        (
            ("string", "length=10"),
            ("string", "pattern=[0-9]{10}"),
            "AAAAAAAAAA",
        ),
        (
            ("string", "pattern=[0-9]*"),
            ("string", "pattern=([0-9]{2})*"),
            "1",
        ),
        (
            ("string", "enumeration=A enumeration=B"),
            ("string", "enumeration=A"),
            "B",
        ),
        (("string", ""), ("token", "enumeration=A"), ""),
        (
            ("string", "pattern=a_b|a__b"),
            ("string", "pattern=a_b"),
            "a  b",
        ),
        (
            ("token", "pattern=a_b|a__b"),
            ("string", "pattern=\\s*a\\s+b"),
            "a b ",
        ),
        (
            ("decimal", "totalDigits=4"),
            ("decimal", "totalDigits=3"),
            "1111",
        ),
        (
            ("decimal", "fractionDigits=2 totalDigits=4"),
            ("decimal", "fractionDigits=1 totalDigits=4"),
            ".11",
        ),
        (
            ("decimal", "maxInclusive=99.5"),
            ("decimal", "maxInclusive=99.4"),
            "99.5",
        ),
        (
            ("integer", "minInclusive=-3"),
            ("integer", "minInclusive=-2"),
            "-3",
        ),
        (("nonNegativeInteger", ""), ("positiveInteger", ""), "0"),
        (("unsignedLong", ""), ("unsignedByte", ""), "256"),
        (("integer", ""), ("nonNegativeInteger", ""), "-1"),
        (
            ("date", "minInclusive=1880-01-01"),
            ("date", "minInclusive=1900-01-01"),
            "1881-11-11",
        ),
        (
            ("date", "maxInclusive=2999-12-31"),
            ("date", "maxInclusive=2999-12-30"),
            "2999-12-31",
        ),
        (
            ("date", "maxInclusive=2020-02-29"),
            ("date", "maxExclusive=2020-02-29"),
            "2020-02-29",
        ),
        (("gYear", ""), ("gYear", "minInclusive=1999"), "1111"),
        (
            ("date", "minExclusive=1999-12-31"),
            ("date", "pattern=[0-9-]*"),
            "2111-11-11Z",
        ),
        (
            ("date", "pattern=.*Z"),
            ("date", "pattern=.*Z minInclusive=1999-12-31"),
            "1111-11-11Z",
        ),
        (
            ("time", ""),
            ("time", "minInclusive=10:00:00.5"),
            "10:00:00",
        ),
        (
            ("time", "pattern=24.*[0-9]"),
            ("time", "minInclusive=00:00:01"),
            "24:00:00",
        ),
        (("boolean", ""), ("boolean", "pattern=true|false"), "1"),
        (
            ("boolean", "pattern=true|false|1"),
            ("boolean", "pattern=true|1"),
            "false",
        ),
        (
            ("hexBinary", "length=2"),
            ("hexBinary", "length=2 pattern=[0-9]*"),
            "AAAA",
        ),
        (
            ("base64Binary", "maxLength=1"),
            ("base64Binary", "length=0"),
            "AA==",
        ),
        (
            ("NMTOKENS", "maxLength=3"),
            ("NMTOKENS", "maxLength=2"),
            "A A A",
        ),
        (("float", ""), ("decimal", ""), "INF"),
        (("float", ""), ("float", "maxInclusive=5"), "INF"),
        (
            ("duration", "maxInclusive=P40D"),
            ("duration", "maxInclusive=P1M"),
            "P30D",
        ),
        (("string", "pattern=é|ab"), ("string", "pattern=a."), "é"),
    ] {
        let found = compare(old, new);
        assert_eq!(found, Inclusion::Not(witness.to_owned()), "{old:?} {new:?}");
    }
}

#[test]
fn long_values_are_decided_too() {
    let Inclusion::Not(witness) = compare(
        ("string", "maxLength=900000"),
        ("string", "maxLength=400000"),
    ) else {
        panic!("there is a witness");
    };
    assert_eq!(witness.chars().count(), 400_001);
    let wide = compare(
        ("string", "maxLength=4000"),
        ("string", "maxLength=4000 pattern=[a-zA-Z0-9_]*"),
    );
    assert_eq!(wide, Inclusion::Not("-".to_owned()));
}

#[test]
fn nothing_blows_up() {
    for pattern in [
        "(a|b)*a(a|b){40}",
        "(\\w{1,5}|\\d{3,40}){1,3}",
        "((a{0,60}){0,60}){0,9}",
        "[\\p{L}-[a-z]]{0,9}",
    ] {
        let facet = format!("pattern={pattern}");
        let started = std::time::Instant::now();
        let facets = format!("pattern={pattern}");
        let text = definition("A", "string", &facets);
        compiled(&text).expect("a type that makes sense");
        println!("{pattern}: compiled in {:?}", started.elapsed());
        let one = compare(("string", &facet), ("string", "pattern=(a|b)*"));
        println!("{pattern}: {one:?} in {:?}", started.elapsed());
        let started = std::time::Instant::now();
        let other = compare(("string", "pattern=(a|b){0,300}"), ("string", &facet));
        println!("{pattern}: {other:?} in {:?}", started.elapsed());
        assert_ne!(one, Inclusion::Included, "{pattern}");
    }
}

/// The bases, and facets that some of them have.
fn family() -> impl Strategy<Value = (&'static str, Vec<&'static str>)> {
    let texts = vec![
        "minLength=1",
        "minLength=2",
        "maxLength=1",
        "maxLength=2",
        "maxLength=3",
        "length=2",
        "length=3",
        "pattern=[0-9]*",
        "pattern=[A1]+",
        "pattern=A.*",
        "pattern=.?1?",
        "pattern=[^A]*",
        "pattern=\\d{2}|A",
        "pattern=(A|1|-)*",
        "pattern=\\i\\c*",
        "pattern=A_1|A",
        "pattern=é?[A-Z]*",
        "enumeration=A",
        "enumeration=A1",
        "enumeration=1",
        "enumeration=A_1",
        "enumeration=-1",
    ];
    let texts_too = {
        let mut more = texts.clone();
        more.extend(["whiteSpace=collapse", "whiteSpace=replace"]);
        more
    };
    let numbers = vec![
        "minInclusive=0",
        "minInclusive=1",
        "minInclusive=-1",
        "maxInclusive=9",
        "maxInclusive=10",
        "maxInclusive=1",
        "minExclusive=0",
        "minExclusive=-2",
        "maxExclusive=1",
        "maxExclusive=10",
        "maxExclusive=12",
        "totalDigits=1",
        "totalDigits=2",
        "totalDigits=3",
        "pattern=[0-9]*",
        "pattern=\\d\\d?",
        "pattern=[1-]+",
        "enumeration=0",
        "enumeration=1",
        "enumeration=01",
        "enumeration=-1",
        "enumeration=10",
    ];
    let fractions = {
        let mut more = numbers.clone();
        more.extend([
            "fractionDigits=0",
            "fractionDigits=1",
            "maxInclusive=.9",
            "minInclusive=.1",
            "minExclusive=-.1",
            "pattern=\\d*\\.\\d",
            "enumeration=.1",
            "enumeration=1.0",
            "maxInclusive=9.1",
            "minInclusive=1.01",
        ]);
        more
    };
    let dates = vec![
        "minInclusive=1900-01-01",
        "minInclusive=1880-01-01",
        "maxInclusive=2999-12-31",
        "maxInclusive=2020-02-29",
        "minExclusive=1999-12-31",
        "maxExclusive=2020-03-01",
        "minInclusive=1999-12-31Z",
        "maxInclusive=2020-02-29+01:00",
        "pattern=[0-9-]*",
        "pattern=20.*",
        "pattern=.{10}",
        "pattern=[0-9-]*Z?",
        "enumeration=2020-02-29",
        "enumeration=1999-12-31Z",
        "enumeration=1900-01-01",
        "minInclusive=-0044-03-15",
        "maxInclusive=12000-01-01",
    ];
    let times = vec![
        "minInclusive=10:00:00",
        "maxInclusive=23:59:59.5",
        "minExclusive=00:00:00",
        "maxExclusive=12:00:00",
        "pattern=[0-9:]*",
        "pattern=.{8}",
        "enumeration=24:00:00",
        "enumeration=00:00:00",
        "enumeration=10:00:00.50",
        "minInclusive=10:00:00.25",
        "maxInclusive=11:00:00Z",
    ];
    let moments = vec![
        "minInclusive=1900-01-01T00:00:00",
        "maxInclusive=2019-12-31T24:00:00",
        "maxExclusive=2020-01-01T00:00:00",
        "minInclusive=1999-12-31T10:00:00.5",
        "pattern=[^Z+]*",
        "pattern=.{19}",
        "enumeration=2020-01-01T00:00:00",
        "minExclusive=1900-01-01T00:00:00Z",
    ];
    let years = vec![
        "minInclusive=1900",
        "minInclusive=1899",
        "maxInclusive=2999",
        "maxExclusive=10000",
        "pattern=[0-9]{4}",
        "pattern=[12].*",
        "enumeration=1999",
        "maxInclusive=12345",
        "minExclusive=-0001",
    ];
    let floats = vec![
        "minInclusive=0",
        "maxInclusive=9",
        "maxExclusive=1e3",
        "minInclusive=-INF",
        "pattern=[0-9]*",
        "pattern=\\d(E\\d)?",
        "enumeration=1",
        "enumeration=1e0",
        "enumeration=NaN",
    ];
    let durations = vec![
        "maxInclusive=P1M",
        "maxInclusive=P40D",
        "minInclusive=P0D",
        "pattern=P\\d+D",
        "pattern=P.*",
        "enumeration=P1D",
    ];
    let binary = vec![
        "length=1",
        "minLength=1",
        "maxLength=2",
        "pattern=[A1]*",
        "enumeration=AA",
        "enumeration=1a",
        "pattern=.{2}",
    ];
    let lists = vec![
        "length=1",
        "minLength=2",
        "maxLength=2",
        "pattern=A.*",
        "pattern=.{1,3}",
        "enumeration=A_1",
        "enumeration=1",
    ];
    let uris = vec![
        "maxLength=3",
        "pattern=[A-Z:]*",
        "pattern=[^#]*",
        "enumeration=A",
    ];
    let bases: Vec<(Vec<&'static str>, Vec<&'static str>)> = vec![
        (vec!["string", "normalizedString"], texts_too),
        (
            vec!["token", "NMTOKEN", "Name", "NCName", "language"],
            texts,
        ),
        (
            vec![
                "integer",
                "nonNegativeInteger",
                "positiveInteger",
                "byte",
                "unsignedByte",
                "nonPositiveInteger",
                "long",
            ],
            numbers,
        ),
        (vec!["decimal"], fractions),
        (vec!["date"], dates),
        (vec!["time"], times),
        (vec!["dateTime"], moments),
        (vec!["gYear"], years),
        (vec!["float", "double"], floats),
        (vec!["duration"], durations),
        (vec!["hexBinary", "base64Binary"], binary),
        (vec!["NMTOKENS"], lists),
        (vec!["anyURI"], uris),
        (
            vec!["boolean"],
            vec!["pattern=true|false", "pattern=[01]", "pattern=.{1,4}"],
        ),
    ];
    prop::sample::select(bases)
        .prop_flat_map(|(bases, facets)| (prop::sample::select(bases), Just(facets)))
}

/// Facets of one restriction: some of those offered.
fn facets(offered: Vec<&'static str>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(offered), 0..4).prop_map(|all| all.join(" "))
}

/// Definitions of the type `name`, perhaps with others that it is made of.
fn a_type(name: &'static str) -> impl Strategy<Value = String> {
    let plain = family()
        .prop_flat_map(|(base, offered)| (Just(base), facets(offered.clone()), facets(offered)));
    let atomic = (plain, any::<bool>()).prop_map(move |((base, first, second), twice)| {
        if twice {
            let inner = definition(&format!("{name}0"), base, &first);
            let outer =
                definition(name, base, &second).replace(&format!("xs:{base}"), &format!("{name}0"));
            inner + &outer
        } else {
            definition(name, base, &first)
        }
    });
    let member = || family().prop_flat_map(|(base, offered)| (Just(base), facets(offered)));
    let made_of = (member(), member(), 0..4_u8, facets(vec!["maxLength=2", "minLength=1", "pattern=[A1]*", "pattern=.._?.*"]))
        .prop_map(move |(one, two, kind, facets)| {
            let parts = definition(&format!("{name}1"), one.0, &one.1) + &definition(&format!("{name}2"), two.0, &two.1);
            let inner = match kind {
                0 => format!("<xs:list itemType=\"{name}1\"/>"),
                _ => format!("<xs:union memberTypes=\"{name}1 {name}2\"/>"),
            };
            let inner = format!("<xs:simpleType name=\"{name}0\">{inner}</xs:simpleType>");
            let lengths_fit = kind == 0;
            let facets: Vec<&str> = facets.split_whitespace().filter(|it| lengths_fit || it.starts_with("pattern")).collect();
            let outer = format!(
                "<xs:simpleType name=\"{name}\"><xs:restriction base=\"{name}0\">{}</xs:restriction></xs:simpleType>",
                written(&facets.join(" "))
            );
            parts + &inner + &outer
        });
    prop_oneof![3 => atomic, 1 => made_of]
}

/// Two types, most often of one family.
fn two_types() -> impl Strategy<Value = String> {
    let apart = (a_type("A"), a_type("B")).prop_map(|(a, b)| a + &b);
    let together = family().prop_flat_map(|(base, offered)| {
        (facets(offered.clone()), facets(offered))
            .prop_map(move |(a, b)| definition("A", base, &a) + &definition("B", base, &b))
    });
    prop_oneof![2 => together, 1 => apart]
}

/// Every text of up to four of these, as far as the oracle goes.
fn short_texts() -> Vec<String> {
    let alphabet = ["A", "1", "0", "-", ".", " ", "é"];
    let mut texts = vec![String::new()];
    let mut from = 0;
    for _ in 0..4 {
        let until = texts.len();
        for index in from..until {
            for letter in alphabet {
                texts.push(format!("{}{letter}", texts[index]));
            }
        }
        from = until;
    }
    texts
}

fn samples(schema: &CompiledSchema, id: SimpleTypeId, seed: u64) -> Vec<String> {
    let mut values = Values::new(&schema.schema);
    let mut dice = Dice::new(seed);
    let extents = [Extent::Smallest, Extent::Largest]
        .into_iter()
        .chain((0..20).map(|_| Extent::Random));
    extents
        .filter_map(|extent| values.make(id, extent, &mut dice).ok())
        .collect()
}

/// Holds an answer against the two checkers. Gives what is wrong with it.
fn judge(
    schema: &CompiledSchema,
    text: &str,
    texts: &[String],
    seed: u64,
) -> Result<Inclusion<String>, String> {
    let (a, b) = (simple(schema, "A"), simple(schema, "B"));
    let broken =
        |text: &str| schema.value(a).check(text).is_ok() && schema.value(b).check(text).is_err();
    for id in [a, b] {
        let itself = values((schema, id), (schema, id));
        if itself != Inclusion::Included {
            return Err(format!("a type does not include itself: {itself:?}"));
        }
    }
    let answer = values((schema, a), (schema, b));
    match &answer {
        Inclusion::Included => {
            let samples = samples(schema, a, seed);
            if let Some(text) = texts.iter().chain(&samples).find(|text| broken(text)) {
                return Err(format!("said to be included, but NEW refuses {text:?}"));
            }
        }
        Inclusion::Not(witness) => {
            if !broken(witness) {
                return Err(format!("{witness:?} is no witness"));
            }
            // Where values that are not regular matter, a witness need not be a shortest one.
            let regular = ![
                "xs:float",
                "xs:double",
                "xs:duration",
                "Z\"",
                "+01:00",
                "24:00",
            ]
            .iter()
            .any(|it| text.contains(it));
            if regular
                && let Some(text) = texts
                    .iter()
                    .find(|text| text.len() < witness.len() && broken(text))
            {
                return Err(format!("{text:?} is shorter than {witness:?}"));
            }
        }
        Inclusion::Unknown(_) => {}
    }
    Ok(answer)
}

/// A run over random pairs of types, with a count of what came of it.
#[test]
fn answers_agree_with_the_checkers() {
    let texts = short_texts();
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|it| it.parse().ok())
        .unwrap_or(400);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let counts = std::cell::RefCell::new([0_u32; 4]);
    let unknown = std::cell::RefCell::new(Vec::new());
    let outcome = runner.run(&(two_types(), any::<u64>()), |(text, seed)| {
        let Ok(schema) = compiled(&text) else {
            counts.borrow_mut()[3] += 1;
            return Ok(());
        };
        let answer = judge(&schema, &text, &texts, seed).map_err(TestCaseError::fail)?;
        match answer {
            Inclusion::Included => counts.borrow_mut()[0] += 1,
            Inclusion::Not(_) => counts.borrow_mut()[1] += 1,
            Inclusion::Unknown(_) => {
                counts.borrow_mut()[2] += 1;
                unknown.borrow_mut().push(text);
            }
        }
        Ok(())
    });
    let [included, not, unknowns, senseless] = *counts.borrow();
    println!(
        "{included} included, {not} not, {unknowns} unknown, {senseless} pairs that make no sense"
    );
    for text in unknown.borrow().iter().take(20) {
        println!("unknown: {text}");
    }
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    assert!(
        included > 0 && not > 0 && unknowns * 20 < included + not,
        "most are decided"
    );
}
