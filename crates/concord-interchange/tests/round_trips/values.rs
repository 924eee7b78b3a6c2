//! Values and segments that generated messages are made of.

use concord_read::edifact::{Service, released};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// What erases a value in an amendment.
pub(crate) const ERASED: &str = "%";
pub(crate) type Text = BoxedStrategy<String>;
pub(crate) type Maybe = BoxedStrategy<Option<String>>;

pub(crate) fn safe(text: &str) -> String {
    released(text, &Service::default()).into_owned()
}

/// A name or a line, with what separates in it.
pub(crate) fn word() -> Text {
    "[A-Z][A-Z0-9 '?+:.-]{0,14}[A-Z0-9]".boxed()
}

/// A name in which nothing separates components: where its lines ended, a document does not say.
pub(crate) fn plain_word() -> Text {
    "[A-Z][A-Z0-9 '?+.-]{0,14}[A-Z0-9]".boxed()
}

pub(crate) fn note() -> Text {
    "[!-~][ -~]{0,40}[!-~]".boxed()
}

pub(crate) fn day() -> Text {
    (1900_u16..2030, 1_u8..13, 1_u8..29)
        .prop_map(|(year, month, day)| format!("{year}{month:02}{day:02}"))
        .boxed()
}

/// A moment in universal time.
pub(crate) fn moment() -> Text {
    (day(), 0_u8..24, 0_u8..60)
        .prop_map(|(day, hour, minute)| format!("{day}{hour:02}{minute:02}"))
        .boxed()
}

pub(crate) fn one_of(texts: &'static [&'static str]) -> Text {
    select(texts).prop_map(str::to_owned).boxed()
}

/// A value, or what erases it.
pub(crate) fn or_erased(text: Text) -> Text {
    prop_oneof![4 => text, 1 => Just(ERASED.to_owned())].boxed()
}

/// A segment, where it is there: text before the value, and behind it.
pub(crate) fn segment(before: &'static str, value: Text, behind: &'static str) -> Maybe {
    of(value.prop_map(move |value| format!("{before}{}{behind}", safe(&value)))).boxed()
}

/// A segment that is always there.
pub(crate) fn always(before: &'static str, value: Text, behind: &'static str) -> Maybe {
    segment(before, value, behind)
        .prop_filter("it is there", Option::is_some)
        .boxed()
}

/// Segments one behind the other, of those that are there.
pub(crate) fn all(parts: Vec<Maybe>) -> BoxedStrategy<Vec<String>> {
    parts
        .prop_map(|parts| parts.into_iter().flatten().collect())
        .boxed()
}

/// Texts up to the last one that says something.
pub(crate) fn joined(texts: &[String], separator: &str) -> String {
    let last = texts.iter().rposition(|text| !text.is_empty());
    texts[..last.map_or(0, |last| last + 1)].join(separator)
}

/// PNA+PAT: a number, and names by their qualifiers. Practices write names one behind the other, authorities each in its place.
pub(crate) fn person(number: Maybe, names: Vec<(&'static str, Maybe)>, kept: bool) -> Maybe {
    let (qualifiers, names): (Vec<_>, Vec<_>) = names.into_iter().unzip();
    (number, names)
        .prop_map(move |(number, names)| {
            let number = number.map_or_else(String::new, |number| format!("{number}:OPI"));
            let mut elements = vec!["PNA".to_owned(), "PAT".to_owned(), number];
            elements.extend([String::new(), String::new()]);
            for (qualifier, name) in qualifiers.iter().zip(names) {
                match name {
                    Some(name) => elements.push(format!("{qualifier}:{}", safe(&name))),
                    None if kept => elements.push(String::new()),
                    None => {}
                }
            }
            Some(joined(&elements, "+"))
        })
        .boxed()
}

/// The names of GP Links in their order.
pub(crate) fn named(
    surname: Option<String>,
    title: Option<String>,
    [first, second, further]: [Option<String>; 3],
) -> Vec<(&'static str, Maybe)> {
    let names = [
        ("SU", surname),
        ("FO", first),
        ("TI", title),
        ("MI", second),
        ("FS", further),
    ];
    let fixed = |(qualifier, name)| (qualifier, Just(name).boxed());
    names.map(fixed).into_iter().collect()
}

/// A person with names. Of given names a document knows the order only, so that none is left out before another one.
pub(crate) fn somebody(number: Maybe, kept: bool) -> Maybe {
    (number, word(), of(word()), vec(word(), 0..4))
        .prop_flat_map(move |(number, surname, title, given)| {
            let mut given = given.into_iter();
            let given = std::array::from_fn(|_| given.next());
            person(
                Just(number).boxed(),
                named(Some(surname), title, given),
                kept,
            )
        })
        .boxed()
}

/// An address of five lines and a postcode. A first line that is not known is `?` where another one is.
pub(crate) fn address(before: &'static str, lines: Vec<Maybe>, postcode: Maybe) -> Maybe {
    (lines, postcode)
        .prop_map(move |(lines, postcode)| {
            let mut lines: Vec<String> = lines
                .into_iter()
                .map(|line| line.map_or_else(String::new, |line| safe(&line)))
                .collect();
            if lines[0].is_empty() && lines[1..].iter().any(|line| !line.is_empty()) {
                "??".clone_into(&mut lines[0]);
            }
            let mut elements = vec![before.to_owned(), joined(&lines, ":")];
            elements.extend([const { String::new() }; 4]);
            elements.push(postcode.map_or_else(String::new, |postcode| safe(&postcode)));
            let text = joined(&elements, "+");
            (text != before).then_some(text)
        })
        .boxed()
}

pub(crate) fn five(line: fn() -> Text) -> Vec<Maybe> {
    (0..5).map(|_| of(line()).boxed()).collect()
}

pub(crate) fn number() -> Text {
    "999[0-9]{7}".boxed()
}

/// A postcode of nobody: ZZ99 is for those that are not known.
pub(crate) fn postcode() -> Text {
    "ZZ99 [0-9][A-Z]{2}".boxed()
}

pub(crate) fn fixed(text: &'static str) -> Maybe {
    Just(Some(text.to_owned())).boxed()
}
