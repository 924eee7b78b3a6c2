//! XML Schema regular expressions against libxml2's.

use concord_standards::schema::{Builtin, Facets, Variety};
use concord_standards::value::Pattern;

use crate::compare;
use crate::harness::{Case, Oracle};
use crate::random::{Random, is_xml};

/// Patterns of every production of appendix F, and texts from which others are made.
#[rustfmt::skip]
const PATTERNS: &[(&str, &[&str])] = &[
    ("", &["", "a"]),
    ("a|b|", &["", "a", "b", "ab"]),
    ("()", &["", "a"]),
    ("(a|b)+c?", &["a", "abab", "bc", "c", ""]),
    ("[0-9]{10}", &["9434765919", "943476591", "94347659190", "943 476 5919"]),
    ("[0-9]*", &["", "0", "123456", "12a"]),
    (r"\d{3}\.\d{3}", &["123.456", "12.345", "1234.567", "٣٣٣.٣٣٣"]),
    ("([0-9]|[0-1][0-9]|[2][0-3]):([0-5][0-9]):([0-5][0-9])", &["7:30:00", "07:30:00", "23:59:59", "24:00:00", "19:60:00"]),
    ("[ABCDEFGHJKLMNPRSZ].", &["A ", "A1", "I1", "A\n", "A🙂", "AB"]),
    ("a{2}", &["a", "aa", "aaa"]),
    ("a{2,}", &["a", "aa", "aaaaa"]),
    ("a{0,2}b{0}", &["", "a", "aa", "aaa", "b"]),
    ("(ab{1,2}){2,3}", &["abab", "ab", "abbabbab", "ababababab"]),
    ("^a$", &["a", "^a$"]),
    ("[a^]", &["a", "^"]),
    ("[^a-c]", &["a", "d", "^", "é", "\n"]),
    ("[a-z-[aeiou]]+", &["b", "a", "xyz", "-", "["]),
    ("[^a-z-[0-9]]", &["A", "5", "a", "-"]),
    (r"[\w-[\d_]]+", &["abc", "a1", "_", "é"]),
    ("[a-z-[b-y-[m]]]+", &["a", "m", "z", "b"]),
    ("[a-]", &["a", "-", "b"]),
    ("[-a]", &["a", "-", "b"]),
    ("[^-a]", &["a", "-", "b"]),
    (r"[\-a\]\[\\]", &["-", "a", "]", "[", "\\"]),
    (r"\.\\\?\*\+\{\}\(\)\|\[\]\-\^", &[r".\?*+{}()|[]-^"]),
    (r"\n\r\t", &["\n\r\t"]),
    (r"[\n\t]", &["\n", "\t", "n"]),
    (r"\s+", &[" ", "\t\n\r", "\u{a0}", "a"]),
    (r"\S+", &["a", "a b", "\u{a0}"]),
    (r"\d+", &["1", "٣", "a"]),
    (r"\D+", &["1", "٣", "a"]),
    (r"\w+", &["abc", "a_b", "a-b", "é", "$", "a b", "1"]),
    (r"\W+", &["-", "a", " ", "$", "_"]),
    (r"\i\c*", &["a", "_a:b-1.2", "1a", "é·", "-"]),
    (r"\I\C", &["1 ", "a ", "1a"]),
    (r"\p{L}+", &["abc", "É", "1", "中"]),
    (r"\p{Lu}\p{Ll}*", &["Abc", "abc", "Éé", "A"]),
    (r"\P{L}+", &["12", "a", "-"]),
    (r"[\p{Nd}\p{P}]+", &["1.2", "a", "-"]),
    (r"\p{Sc}", &["£", "$", "a"]),
    (r"\p{IsBasicLatin}*", &["abc", "é", ""]),
    (r"\P{IsBasicLatin}", &["a", "é"]),
    (r"[\p{IsGreek}a]", &["a", "α", "b"]),
    (r"\p{IsLatin-1Supplement}+", &["é", "a", "ā"]),
    ("a.c", &["abc", "a\nc", "a\rc", "a🙂c", "ac"]),
    ("[a-c]|[x-z]{2}", &["a", "xy", "ax"]),
    (r"(\+44|0)[0-9]{9,10}", &["+441234567890", "0123456789", "44123"]),
    ("[A-Z]{1,2}[0-9R][0-9A-Z]? [0-9][A-Z]{2}", &["LS1 4AP", "EC1A 1BB", "W1A 0AX", "ls1 4ap", "LS14AP"]),
    ("(((a)))", &["a", "b"]),
    ("a+b*c?", &["a", "abc", "aabbb", "c"]),
    ("(a*)*", &["", "aaa", "b"]),
    ("(a|ab)(c|bcd)(d*)", &["abcd", "acd", "abcdd", "ab"]),
    ("€{2}", &["€€", "€"]),
    (r"[\s\S]*", &["", "a\nb"]),
    ("[&<>\"']+", &["&<", "\"'", "a"]),
    ("[%$@#!~`=:;,_/]+", &["%$", "/", "a"]),
];

/// Patterns that XML Schema refuses, and some that look as if it might.
const DOUBTFUL: &[&str] = &[
    "a**",
    "a+?",
    "*",
    "+a",
    "?",
    "(",
    ")",
    "(a",
    "a)",
    "[",
    "]",
    "[]",
    "[^]",
    "[a",
    "a{",
    "a}",
    "{",
    "a{1",
    "a{,2}",
    "a{2,1}",
    "a{x}",
    r"\",
    r"\a",
    r"\x",
    r"\$",
    r"\/",
    r"\1",
    r"\b",
    r"\A",
    r"\z",
    r"\u0041",
    r"\p",
    r"\p{",
    r"\p{}",
    r"\p{X}",
    r"\p{Foo}",
    r"\pL",
    r"\p{IsKlingon}",
    r"\p{Greek}",
    "[b-a]",
    "[a-b-c]",
    r"[\d-z]",
    r"[a-\d]",
    "[a-[b]",
    "[a-[b]c]",
    "[-[a]]",
    "[[a]]",
    "[a[b]]",
    "(?:a)",
    "(?i)a",
    "a{1}{2}",
    "a{99999999999}",
    "[a-z&&[b]]",
    "(a|b",
    "a||b",
    "|",
    "[a\\]",
    "^",
    "$",
    "^$",
    "a{0}",
    "a{0,0}",
    r"\p{Cs}",
    r"\p{^L}",
    "[+-.]",
    "[--a]",
    "[a--]",
    "[^^]",
    r"[\^a]",
    "(*a)",
    "(+)",
    "(|a)",
    "(a|)",
    "((a)",
    "[a]]",
    "a-b",
    "a&b",
    "#",
];

fn case(pattern: &str) -> Case {
    let facets = Facets {
        patterns: vec![pattern.to_owned()],
        ..Facets::default()
    };
    Case {
        variety: Variety::Atomic(Builtin::String),
        steps: vec![facets],
    }
}

#[test]
fn patterns_agree() {
    let Some(oracle) = Oracle::new("value-patterns") else {
        return;
    };
    let mut random = Random(23);
    let mut cases: Vec<_> = PATTERNS
        .iter()
        .map(|(pattern, forms)| {
            let mut texts: Vec<String> = forms.iter().map(|&form| form.to_owned()).collect();
            texts.extend((0..150).map(|_| random.mutant(forms)));
            texts.retain(|text| text.chars().all(is_xml));
            (case(pattern), texts)
        })
        .collect();
    let every = [
        "", "a", "b", "ab", "-", "z", "1", "aa", "^", "$", "{", "}", "a{", "a}", "a&b", "a-b", "#",
    ];
    cases.extend(DOUBTFUL.iter().map(|pattern| {
        (
            case(pattern),
            every.iter().map(|&text| text.to_owned()).collect(),
        )
    }));
    let compared = compare(&oracle, &[], &cases);
    eprintln!("{compared} texts compared");
    assert!(compared > 7_000);
}

/// Every character of the basic multilingual plane that may stand in a document, one by one.
#[test]
fn character_classes_agree() {
    let Some(oracle) = Oracle::new("value-classes") else {
        return;
    };
    let texts: Vec<String> = (0..=0xffff)
        .filter_map(char::from_u32)
        .filter(|&character| is_xml(character))
        .map(String::from)
        .collect();
    let mut cases = Vec::new();
    for pattern in [r"\i", r"\c"] {
        for part in texts.chunks(30_000) {
            cases.push((case(pattern), part.to_vec()));
        }
    }
    let compared = compare(&oracle, &[], &cases);
    eprintln!("{compared} characters compared");
    assert!(compared > 100_000);
}

#[test]
fn huge_patterns_are_refused_quickly() {
    for pattern in [
        "((((a{1000}){1000}){1000}){1000})",
        "[\\i-[\\c]]{100000}",
        &"(".repeat(100_000),
        &"[a-".repeat(100_000),
    ] {
        let started = std::time::Instant::now();
        assert!(Pattern::compile(&[pattern]).is_err());
        assert!(
            started.elapsed().as_secs() < 5,
            "{} characters",
            pattern.len()
        );
    }
    let slow = Pattern::compile(&["(a*)*b"]).unwrap();
    assert!(!slow.matches(&"a".repeat(1_000_000)));
}
