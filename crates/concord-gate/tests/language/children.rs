//! Content models.

use concord_gate::language::{Inclusion, children, takes_children};
use concord_standards::compile::CompiledSchema;
use concord_standards::schema::{ElementId, QName};
use proptest::prelude::*;

use crate::support::{compiled, complex};

/// `children` on two types `A` and `B` whose content is given, elements of one name being the same.
fn compare(old: &str, new: &str) -> Inclusion<Vec<QName>> {
    let schema = two(old, new).expect("models that make sense");
    compare_in(&schema)
}

fn two(old: &str, new: &str) -> Result<CompiledSchema, String> {
    compiled(&format!(
        "<xs:complexType name=\"A\">{old}</xs:complexType><xs:complexType name=\"B\">{new}</xs:complexType>"
    ))
}

fn compare_in(schema: &CompiledSchema) -> Inclusion<Vec<QName>> {
    let same = |old: ElementId, new: ElementId| {
        schema.schema.element(old).name == schema.schema.element(new).name
    };
    children(
        (schema, complex(schema, "A")),
        (schema, complex(schema, "B")),
        &same,
    )
}

/// `a b{0,3} (c|d)+` and the like.
fn model(text: &str) -> String {
    let (particle, rest) = sequence(text);
    assert!(rest.is_empty(), "{rest} is left of {text}");
    particle.xml()
}

/// A content model of elements `a`, `b`, ….
#[derive(Debug, Clone)]
enum Particle {
    Element(char, u32, Option<u32>),
    Any(&'static str, u32, Option<u32>),
    Sequence(Vec<Particle>, u32, Option<u32>),
    Choice(Vec<Particle>, u32, Option<u32>),
    All(Vec<(char, bool)>, bool),
}

fn sequence(text: &str) -> (Particle, &str) {
    let mut parts = Vec::new();
    let mut choice = false;
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == ')' {
            break;
        }
        if first == '|' {
            choice = true;
            rest = rest[1..].trim_start();
            continue;
        }
        let mut particle = if first == '(' {
            let (inner, after) = sequence(&rest[1..]);
            rest = after.strip_prefix(')').expect("a closing bracket");
            inner
        } else {
            rest = &rest[1..];
            Particle::Element(first, 1, Some(1))
        };
        let (times, after) = occurrence(rest);
        match &mut particle {
            Particle::Element(_, min, max)
            | Particle::Any(_, min, max)
            | Particle::Sequence(_, min, max)
            | Particle::Choice(_, min, max) => {
                (*min, *max) = times;
            }
            Particle::All(..) => {}
        }
        parts.push(particle);
        rest = after.trim_start();
    }
    let particle = if choice {
        Particle::Choice(parts, 1, Some(1))
    } else {
        Particle::Sequence(parts, 1, Some(1))
    };
    (particle, rest)
}

fn occurrence(text: &str) -> ((u32, Option<u32>), &str) {
    match text.chars().next() {
        Some('?') => ((0, Some(1)), &text[1..]),
        Some('*') => ((0, None), &text[1..]),
        Some('+') => ((1, None), &text[1..]),
        Some('{') => {
            let (inside, rest) = text[1..].split_once('}').expect("a closing brace");
            let (min, max) = inside.split_once(',').expect("a comma");
            ((min.parse().expect("a number"), max.parse().ok()), rest)
        }
        _ => ((1, Some(1)), text),
    }
}

impl Particle {
    fn xml(&self) -> String {
        let occurs = |min: &u32, max: &Option<u32>| {
            let max = max.map_or("unbounded".to_owned(), |max| max.to_string());
            format!("minOccurs=\"{min}\" maxOccurs=\"{max}\"")
        };
        let inside = |parts: &[Self]| parts.iter().map(Self::xml).collect::<String>();
        match self {
            Self::Element(name, min, max) => {
                format!(
                    "<xs:element name=\"{name}\" type=\"xs:string\" {}/>",
                    occurs(min, max)
                )
            }
            Self::Any(namespaces, min, max) => {
                format!(
                    "<xs:any namespace=\"{namespaces}\" processContents=\"skip\" {}/>",
                    occurs(min, max)
                )
            }
            Self::Sequence(parts, min, max) => {
                format!(
                    "<xs:sequence {}>{}</xs:sequence>",
                    occurs(min, max),
                    inside(parts)
                )
            }
            Self::Choice(parts, min, max) => {
                format!(
                    "<xs:choice {}>{}</xs:choice>",
                    occurs(min, max),
                    inside(parts)
                )
            }
            Self::All(parts, optional) => {
                let inside: String = parts
                    .iter()
                    .map(|(name, required)| {
                        Self::Element(*name, u32::from(*required), Some(1)).xml()
                    })
                    .collect();
                format!(
                    "<xs:all minOccurs=\"{}\">{inside}</xs:all>",
                    u32::from(!optional)
                )
            }
        }
    }

    /// Where a match that begins at `start` may end: the oracle, which knows no automaton.
    fn ends(&self, text: &[char], start: usize) -> Vec<usize> {
        let once = |at: usize| -> Vec<usize> {
            match self {
                Self::Element(name, ..) => {
                    Vec::from_iter((text.get(at) == Some(name)).then_some(at + 1))
                }
                Self::Any(namespaces, ..) => {
                    let own = text.get(at).map(|letter| *letter != 'x');
                    let fits = match *namespaces {
                        "##any" => own.is_some(),
                        "##local" => own == Some(true),
                        _ => own == Some(false),
                    };
                    Vec::from_iter(fits.then_some(at + 1))
                }
                Self::Sequence(parts, ..) => {
                    let mut ends = vec![at];
                    for part in parts {
                        ends = union(ends.iter().map(|end| part.ends(text, *end)));
                    }
                    ends
                }
                Self::Choice(parts, ..) => union(parts.iter().map(|part| part.ends(text, at))),
                Self::All(parts, optional) => {
                    let rest = &text[at..];
                    let fits = rest.iter().enumerate().all(|(index, letter)| {
                        !rest[..index].contains(letter)
                            && parts.iter().any(|(name, _)| name == letter)
                    });
                    let whole = parts
                        .iter()
                        .all(|(name, required)| !required || rest.contains(name));
                    let taken = fits && (whole || (rest.is_empty() && *optional));
                    Vec::from_iter(taken.then_some(text.len()))
                }
            }
        };
        let (min, max) = match self {
            Self::Element(_, min, max)
            | Self::Any(_, min, max)
            | Self::Sequence(_, min, max)
            | Self::Choice(_, min, max) => (*min, *max),
            Self::All(..) => (1, Some(1)),
        };
        let mut ends = Vec::new();
        let mut reached = vec![start];
        // More repetitions than there are letters only repeat the empty sequence.
        let most = max.unwrap_or(u32::MAX).min(min + text.len() as u32 + 1);
        for times in 0..=most {
            if times >= min {
                ends.extend(&reached);
            }
            reached = union(reached.iter().map(|at| once(*at)));
            if reached.is_empty() {
                break;
            }
        }
        ends.sort_unstable();
        ends.dedup();
        ends
    }

    fn takes(&self, text: &[char]) -> bool {
        self.ends(text, 0).contains(&text.len())
    }
}

fn union(sets: impl Iterator<Item = Vec<usize>>) -> Vec<usize> {
    let mut all: Vec<usize> = sets.flatten().collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn names(text: &[char]) -> Vec<QName> {
    let name = |letter: &char| {
        let namespace = if *letter == 'x' { "urn:other" } else { "" };
        QName::new(namespace, letter.to_string())
    };
    text.iter().map(name).collect()
}

fn shown(answer: &Inclusion<Vec<QName>>) -> String {
    match answer {
        Inclusion::Included => "included".to_owned(),
        Inclusion::Not(names) => names.iter().map(|name| &*name.local).collect(),
        Inclusion::Unknown(reason) => format!("unknown: {reason}"),
    }
}

#[test]
fn small_models() {
    for (old, new, expected) in [
        ("a b", "a b", "included"),
        ("a b", "a b?", "included"),
        ("a b?", "a b", "a"),
        ("a b", "b a", "ab"),
        ("a? b?", "b? a?", "ab"),
        ("a|b", "a|b|c", "included"),
        ("a|b|c", "a|b", "c"),
        ("(a|b)*", "a* b*", "ba"),
        ("a* b*", "(a|b)*", "included"),
        ("a{2,5}", "a+", "included"),
        ("a+", "a{2,5}", "a"),
        ("a{2,7}", "a{2,5}", "aaaaaa"),
        ("a{2,7}", "a{3,9}", "aa"),
        ("(a b){0,3}", "(a b){0,2}", "ababab"),
        ("", "a", ""),
        ("", "a?", "included"),
        ("a", "", "a"),
        ("(a b? c){1,9}", "(a ((b c)|c))+", "included"),
    ] {
        let answer = compare(&model(old), &model(new));
        assert_eq!(shown(&answer), expected, "{old} -> {new}");
    }
}

#[test]
fn great_numbers_end_fast() {
    for (old, new, length) in [
        ("a{0,999}", "a{0,999}", None),
        ("a{0,999}", "a{0,998}", Some(999)),
        ("b? a{7,4000000000}", "b? a{7,4000000000}", None),
        ("a{0,999999}", "a{0,1000000}", None),
        ("a{0,50000}", "a{0,40000}", Some(40_001)),
        ("a{3,}", "a{900000,}", Some(3)),
        ("a{900000,}", "a{3,}", None),
        ("(a b{2,20}){0,4}", "(a b{2,20}){0,4}", None),
        ("(a b{2,20}){0,4}", "(a b{1,1000})*", None),
        ("(a b{2,20}){0,4}", "(a b{3,1000})*", Some(3)),
        ("(a b?){0,60}", "(a b?){0,59}", Some(60)),
    ] {
        let started = std::time::Instant::now();
        let schema = two(&model(old), &model(new)).expect("models that make sense");
        let compiling = started.elapsed();
        let answer = compare_in(&schema);
        println!(
            "{old} -> {new}: {compiling:?} to compile, {:?} in all",
            started.elapsed()
        );
        match (&answer, length) {
            (Inclusion::Included, None) => {}
            (Inclusion::Not(names), Some(length)) => {
                assert_eq!(names.len(), length, "{old} -> {new}");
            }
            _ => panic!(
                "{old} -> {new}: {}",
                shown(&answer).chars().take(200).collect::<String>()
            ),
        }
    }
    // Longer than anybody can use.
    let answer = compare(&model("a{0,999999}"), &model("a{0,999998}"));
    assert!(matches!(answer, Inclusion::Unknown(_)));
}

#[test]
fn all_groups_of_many_elements() {
    let all = |letters: &str, required: bool| {
        Particle::All(
            letters.chars().map(|letter| (letter, required)).collect(),
            false,
        )
        .xml()
    };
    let many = "abcdefghijklmnopqrstuvw";
    for (old, new, expected) in [
        (all(many, false), all(many, false), "included"),
        (all(many, true), all(many, false), "included"),
        (all("ab", false), all("ab", true), ""),
        (all("abc", true), all("ab", true), "abc"),
        (all("abc", false), all("ab", false), "c"),
        (
            all(many, false),
            model("(a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w)*"),
            "included",
        ),
        (
            all(many, false),
            model("(a|b|c)* d* e* f* g* h* i* j* k*"),
            "l",
        ),
        (all("ab", true), model("a b"), "ba"),
        (model("a b? c"), all("abc", true), "ac"),
        (
            model("a? b? c? d? e? f? g? h? i? j? k? l? m? n? o? p? q? r? s? t? u?"),
            all(many, false),
            "included",
        ),
        (model("a b a"), all("ab", true), "aba"),
    ] {
        let answer = compare(&old, &new);
        assert_eq!(shown(&answer), expected, "{old} -> {new}");
    }
}

#[test]
fn wildcards_go_by_namespace_and_declarations() {
    let any = |namespaces: &str, process: &str, more: &str| {
        format!(
            "<xs:sequence>{more}<xs:any namespace=\"{namespaces}\" processContents=\"{process}\" minOccurs=\"0\"/></xs:sequence>"
        )
    };
    let a = "<xs:element name=\"a\" type=\"xs:string\"/>";
    for (old, new, expected) in [
        (
            any("##any", "skip", ""),
            any("##any", "skip", ""),
            "included",
        ),
        (
            any("##other", "skip", ""),
            any("##any", "skip", ""),
            "included",
        ),
        (
            any("##any", "skip", ""),
            any("##other", "skip", ""),
            "other",
        ),
        (
            any("urn:x urn:y", "lax", ""),
            any("urn:x", "lax", ""),
            "other",
        ),
        (any("urn:x", "lax", ""), any("urn:x", "strict", ""), "other"),
        (
            any("urn:x", "strict", ""),
            any("urn:x", "lax", ""),
            "included",
        ),
        (any("##any", "skip", a), model("a"), "aa"),
        (model("a b"), any("##local", "skip", a), "included"),
        (model("a b b"), any("##local", "skip", a), "abb"),
    ] {
        let answer = compare(&old, &new);
        assert_eq!(shown(&answer), expected, "{old} -> {new}");
    }
    // Its content is checked now, and was not before.
    let answer = compare(&any("##any", "skip", ""), &format!("<xs:choice><xs:any namespace=\"##other\" processContents=\"skip\" minOccurs=\"0\"/>{a}<xs:any namespace=\"##local\" processContents=\"skip\"/></xs:choice>").replace(a, ""));
    assert_eq!(shown(&answer), "included");
    let declared = compiled(&format!(
        "{a}<xs:complexType name=\"A\">{}</xs:complexType><xs:complexType name=\"B\">{}</xs:complexType>",
        any("##any", "skip", ""),
        any("##any", "lax", "")
    ));
    let answer = compare_in(&declared.expect("a schema"));
    assert!(shown(&answer).starts_with("unknown"), "{}", shown(&answer));
}

#[test]
fn renamed_elements_correspond() {
    let schema = two(&model("a b"), &model("c b")).expect("a schema");
    let name = |id: ElementId| schema.schema.element(id).name.local.to_string();
    let renamed = |old: ElementId, new: ElementId| {
        name(old) == name(new) || (name(old) == "a" && name(new) == "c")
    };
    let (a, b) = (complex(&schema, "A"), complex(&schema, "B"));
    assert_eq!(
        children((&schema, a), (&schema, b), &renamed),
        Inclusion::Included
    );
    assert_eq!(shown(&compare_in(&schema)), "ab");
}

fn occurs() -> impl Strategy<Value = (u32, Option<u32>)> {
    prop::sample::select(vec![
        (1, Some(1)),
        (1, Some(1)),
        (0, Some(1)),
        (0, None),
        (1, None),
        (2, Some(3)),
        (0, Some(3)),
        (2, None),
        (2, Some(2)),
    ])
}

fn particle() -> impl Strategy<Value = Particle> {
    let element = (prop::sample::select(vec!['a', 'b', 'c']), occurs())
        .prop_map(|(name, (min, max))| Particle::Element(name, min, max));
    let wildcard = (
        prop::sample::select(vec!["##any", "##local", "urn:other"]),
        occurs(),
    )
        .prop_map(|(it, (min, max))| Particle::Any(it, min, max));
    let leaf = prop_oneof![9 => element, 1 => wildcard];
    let tree = leaf.prop_recursive(3, 10, 3, |inner| {
        (prop::collection::vec(inner, 1..4), any::<bool>(), occurs()).prop_map(
            |(parts, choice, (min, max))| {
                if choice {
                    Particle::Choice(parts, min, max)
                } else {
                    Particle::Sequence(parts, min, max)
                }
            },
        )
    });
    let group = tree.prop_map(|it| match it {
        it @ (Particle::Element(..) | Particle::Any(..)) => {
            Particle::Sequence(vec![it], 1, Some(1))
        }
        it => it,
    });
    let all = (
        prop::collection::btree_map(
            prop::sample::select(vec!['a', 'b', 'c']),
            any::<bool>(),
            1..4,
        ),
        any::<bool>(),
    )
        .prop_map(|(parts, optional)| Particle::All(parts.into_iter().collect(), optional));
    prop_oneof![6 => group, 1 => all]
}

/// A particle, and the same with one small change.
fn edited() -> impl Strategy<Value = (Particle, Particle)> {
    fn change(particle: &mut Particle, dice: u32, with: (u32, Option<u32>)) {
        match particle {
            Particle::Sequence(parts, min, max) | Particle::Choice(parts, min, max) => {
                if dice.is_multiple_of(7) {
                    (*min, *max) = with;
                } else if dice.is_multiple_of(5) && parts.len() > 1 {
                    parts.swap(0, 1);
                } else {
                    let index = dice as usize % parts.len();
                    change(&mut parts[index], dice / 3, with);
                }
            }
            Particle::Element(_, min, max) | Particle::Any(_, min, max) => (*min, *max) = with,
            Particle::All(parts, _) => parts[0].1 = !parts[0].1,
        }
    }
    (particle(), any::<u32>(), occurs()).prop_map(|(old, dice, with)| {
        let mut new = old.clone();
        change(&mut new, dice, with);
        (old, new)
    })
}

fn short_sequences() -> Vec<Vec<char>> {
    let mut all: Vec<Vec<char>> = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..5 {
        let until = all.len();
        for index in from..until {
            for letter in ['a', 'b', 'c', 'x'] {
                let mut longer = all[index].clone();
                longer.push(letter);
                all.push(longer);
            }
        }
        from = until;
    }
    all
}

#[test]
fn answers_agree_with_a_plain_matcher() {
    let sequences = short_sequences();
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|it| it.parse().ok())
        .unwrap_or(500);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let counts = std::cell::RefCell::new([0_u32; 4]);
    let two_particles = prop_oneof![edited(), (particle(), particle())];
    let outcome = runner.run(&two_particles, |(old, new)| {
        let Ok(schema) = two(&old.xml(), &new.xml()) else {
            counts.borrow_mut()[3] += 1;
            return Ok(());
        };
        let (a, b) = (complex(&schema, "A"), complex(&schema, "B"));
        for (id, particle) in [(a, &old), (b, &new)] {
            for text in &sequences[..400] {
                prop_assert_eq!(
                    takes_children(&schema, id, &names(text)),
                    particle.takes(text),
                    "{:?} on {}",
                    text,
                    particle.xml()
                );
            }
            let same = |old: ElementId, new: ElementId| {
                schema.schema.element(old).name == schema.schema.element(new).name
            };
            prop_assert_eq!(
                children((&schema, id), (&schema, id), &same),
                Inclusion::Included
            );
        }
        let broken = |text: &[char]| old.takes(text) && !new.takes(text);
        let shortest = sequences.iter().find(|text| broken(text));
        match compare_in(&schema) {
            Inclusion::Included => {
                counts.borrow_mut()[0] += 1;
                prop_assert!(
                    shortest.is_none(),
                    "said to be included, but {:?} is not: {} -> {}",
                    shortest,
                    old.xml(),
                    new.xml()
                );
            }
            Inclusion::Not(witness) => {
                counts.borrow_mut()[1] += 1;
                prop_assert!(
                    takes_children(&schema, a, &witness) && !takes_children(&schema, b, &witness)
                );
                match shortest {
                    Some(text) => prop_assert_eq!(witness.len(), text.len()),
                    None => prop_assert!(witness.len() > 5),
                }
            }
            Inclusion::Unknown(reason) => {
                counts.borrow_mut()[2] += 1;
                return Err(TestCaseError::fail(format!(
                    "not decided: {reason}: {} -> {}",
                    old.xml(),
                    new.xml()
                )));
            }
        }
        Ok(())
    });
    let [included, not, unknown, senseless] = *counts.borrow();
    println!(
        "{included} included, {not} not, {unknown} unknown, {senseless} pairs that make no sense"
    );
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    assert!(included > 0 && not > 0);
}
