//! Changes of the text of an element.

use concord_standards::schema::{Builtin, Facets, QName, SimpleTypeId, Variety};
use jiff::civil::Date;

use super::{Change, Changed};
use crate::tree::{Child, Node};

/// The place of an element whose text is of a simple type, its text and that type.
fn leaf(
    change: &mut Change<'_>,
    wanted: impl Fn(&[Facets], &str) -> bool,
) -> Option<(Vec<usize>, String, SimpleTypeId)> {
    let schema = change.schema;
    let type_of = |node: &Node| node.made_from.and_then(|content| schema.text_type(content));
    let place = change.place(|node, _| {
        node.text().is_some_and(|text| {
            type_of(node).is_some_and(|id| wanted(&schema.simple_type(id).steps, &text))
        })
    })?;
    let node = change.instance.at(&place)?;
    Some((place.clone(), node.text()?, type_of(node)?))
}

/// The instance with another text at the place.
fn with_text(
    change: &mut Change<'_>,
    place: &[usize],
    text: &str,
    description: String,
) -> Option<Changed> {
    with(
        change,
        place,
        vec![Child::Text(text.to_owned())],
        description,
    )
}

fn with(
    change: &mut Change<'_>,
    place: &[usize],
    children: Vec<Child>,
    description: String,
) -> Option<Changed> {
    let mut tree = change.instance.clone();
    tree.at_mut(place)?.children = children
        .into_iter()
        .filter(|child| !matches!(child, Child::Text(text) if text.is_empty()))
        .collect();
    change.tree(&tree, place, description)
}

pub(super) fn wrong_code(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, _) = leaf(change, |steps, _| {
        steps.iter().any(|step| !step.enumeration.is_empty())
    })?;
    let wrong = match change.dice.below(6) {
        0 => format!("{text}0"),
        1 => format!("0{text}"),
        2 => text.to_lowercase(),
        3 => "ZZ".to_owned(),
        4 => text.chars().rev().collect(),
        _ => text.chars().skip(1).collect(),
    };
    with_text(
        change,
        &place,
        &wrong,
        format!("code {text} became {wrong}"),
    )
}

fn longest(steps: &[Facets]) -> Option<u64> {
    crate::value::lengths(steps).1.filter(|most| *most < 5000)
}

pub(super) fn too_long(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, id) = leaf(change, |steps, _| longest(steps).is_some())?;
    let most = longest(&change.schema.simple_type(id).steps)?;
    let filler = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        '7'
    } else {
        'é'
    };
    let mut long = text;
    let wanted = most + u64::from(!change.dice.percent(20));
    while (long.chars().count() as u64) < wanted {
        long.push(filler);
    }
    with_text(
        change,
        &place,
        &long,
        format!("{wanted} characters, {most} allowed"),
    )
}

pub(super) fn too_short(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, _) = leaf(change, |_, text| !text.is_empty())?;
    let short: String = if change.dice.percent(70) {
        text.chars().skip(1).collect()
    } else {
        text.chars().take(1).collect()
    };
    with_text(change, &place, &short, format!("{text} became {short}"))
}

pub(super) fn boundary(change: &mut Change<'_>) -> Option<Changed> {
    let bounds = |step: &Facets| {
        [
            &step.min_inclusive,
            &step.min_exclusive,
            &step.max_inclusive,
            &step.max_exclusive,
        ]
        .into_iter()
        .flatten()
        .cloned()
        .collect::<Vec<_>>()
    };
    let (place, text, id) = leaf(change, |steps, _| {
        steps.iter().any(|step| !bounds(step).is_empty())
    })?;
    let all: Vec<String> = change
        .schema
        .simple_type(id)
        .steps
        .iter()
        .flat_map(bounds)
        .collect();
    let bound = change.dice.pick(&all)?.clone();
    let near = match change.dice.below(3) {
        0 => bound.clone(),
        1 => beside(&bound, 1),
        _ => beside(&bound, -1),
    };
    with_text(
        change,
        &place,
        &near,
        format!("{text} became {near}, near the bound {bound}"),
    )
}

/// The value one step above or below a bound.
fn beside(bound: &str, step: i64) -> String {
    if let Some(date) = bound.get(..10).and_then(|day| day.parse::<Date>().ok()) {
        let next = if step > 0 {
            date.tomorrow()
        } else {
            date.yesterday()
        };
        return next.map_or_else(
            |_| bound.to_owned(),
            |next| format!("{next}{}", &bound[10..]),
        );
    }
    if let Ok(number) = bound.parse::<i64>() {
        return (number.saturating_add(step)).to_string();
    }
    if bound.contains('.') {
        return format!("{bound}{}", if step > 0 { "1" } else { "0" });
    }
    format!("{bound}0")
}

pub(super) fn digits(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, _) = leaf(change, |steps, text| {
        text.bytes().any(|byte| byte.is_ascii_digit())
            && steps.iter().any(|step| {
                step.total_digits.is_some()
                    || step.fraction_digits.is_some()
                    || step.max_inclusive.is_some()
            })
    })?;
    let more = match change.dice.below(6) {
        0 => format!("{text}9"),
        1 if text.contains('.') => format!("{text}123456789"),
        1 => format!("{text}.5"),
        2 if text.contains('.') => format!("{text}000"),
        2 => format!("{text}.000"),
        3 => format!("000{text}"),
        4 => format!("+{text}"),
        _ => format!("{text}123456789012"),
    };
    with_text(change, &place, &more, format!("{text} became {more}"))
}

pub(super) fn character(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, _) = leaf(change, |_, text| !text.is_empty())?;
    let mut characters: Vec<char> = text.chars().collect();
    let at = change.dice.index(characters.len());
    let new = *change.dice.pick(&[
        'x', 'X', '0', '9', ' ', '-', '.', '\u{661}', 'é', '😀', '\u{a0}', '\u{85}', '\u{2028}',
    ])?;
    *characters.get_mut(at)? = new;
    let changed: String = characters.into_iter().collect();
    with_text(
        change,
        &place,
        &changed,
        format!("character {} became {new:?}", at + 1),
    )
}

pub(super) fn wrong_form(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, id) = leaf(change, |_, _| true)?;
    let forms: &[&str] = match change.schema.simple_type(id).variety {
        Variety::Atomic(Builtin::Date) => &[
            "2023-02-29",
            "2024-02-29",
            "20230201",
            "2023-2-1",
            "01/02/2023",
            "2023-02-28Z",
            "2023-02-28+01:00",
            "-2023-02-28",
            "12023-02-28",
            "0000-01-01",
            "2023-13-01",
            "2023-00-10",
            "2023-01-00",
            "2023-04-31",
            "2023-02-28T00:00:00",
            "23-02-28",
            "2023-02-28+14:01",
            "2100-02-29",
        ],
        Variety::Atomic(Builtin::Time) => &[
            "24:00:00",
            "24:00:01",
            "7:30:00",
            "12:00",
            "12:00:60",
            "12:00:00.5",
            "12:00:00Z",
            "12:00:00+01:00",
            "12:60:00",
            "120000",
            "12:00:00.",
            "12.00.00",
        ],
        Variety::Atomic(Builtin::DateTime) => &[
            "2023-01-01T24:00:00",
            "2023-01-01T24:00:01",
            "2023-01-01 00:00:00",
            "2023-01-01T00:00:00+14:00",
            "2023-01-01T00:00:00+14:01",
            "2023-01-01T00:00:00-14:00",
            "2023-01-01T00:00",
            "2023-01-01",
            "2023-01-01t00:00:00z",
            "2023-02-30T10:00:00Z",
            "2023-01-01T00:00:00.123456789Z",
            "2023-01-01T00:00:00+0100",
            "2023-01-01T00:00:60Z",
        ],
        Variety::Atomic(Builtin::Boolean) => &["TRUE", "yes", "2", "", "01", "true "],
        Variety::Atomic(_) => &[
            "1e3",
            "1.",
            ".5",
            "+",
            "-",
            "1,000",
            "--1",
            "0x1",
            "1.0",
            "-0",
            "+0",
            "\u{661}",
            "NaN",
            "INF",
            "00",
            "0",
            "-1",
            "99999999999999999999999999",
            "a",
            " ",
            "2023-02-28",
            "TRUE",
        ],
        Variety::List(_) | Variety::Union(_) => &["a b", "1 2 3", "", " ", "x"],
    };
    let form = *change.dice.pick(forms)?;
    with_text(change, &place, form, format!("{text} became {form}"))
}

pub(super) fn empty(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, _) = leaf(change, |_, text| !text.is_empty())?;
    with_text(change, &place, "", format!("{text} left out"))
}

pub(super) fn spaced(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, _) = leaf(change, |_, _| true)?;
    let spaced = match change.dice.below(6) {
        0 => format!(" {text}"),
        1 => format!("{text} "),
        2 => format!("\n{text}\n"),
        3 => format!("\t{text}"),
        4 => format!("{text}\u{a0}"),
        _ => format!("  {text}  "),
    };
    with_text(change, &place, &spaced, format!("{text} became {spaced:?}"))
}

/// A text in two parts, cut between characters.
fn cut(change: &mut Change<'_>, text: &str) -> (String, String) {
    let at = change.dice.index(text.chars().count() + 1);
    (
        text.chars().take(at).collect(),
        text.chars().skip(at).collect(),
    )
}

fn inside(change: &mut Change<'_>, raw: &str) -> Option<Changed> {
    let (place, text, _) = leaf(change, |_, _| true)?;
    let (before, after) = cut(change, &text);
    let description = format!(
        "{raw} put into {text} after {} characters",
        before.chars().count()
    );
    with(
        change,
        &place,
        vec![
            Child::Text(before),
            Child::Raw(raw.to_owned()),
            Child::Text(after),
        ],
        description,
    )
}

pub(super) fn comment(change: &mut Change<'_>) -> Option<Changed> {
    let raw = *change.dice.pick(&[
        "<!--note-->",
        "<!-- -->",
        "<!---->",
        "<!-- a - b -->",
        "<!-- a -- b -->",
        "<!--\n-->",
    ])?;
    inside(change, raw)
}

pub(super) fn instruction(change: &mut Change<'_>) -> Option<Changed> {
    let raw = *change.dice.pick(&[
        "<?note?>",
        "<?note some data?>",
        "<?xml version=\"1.0\"?>",
        "<??>",
    ])?;
    inside(change, raw)
}

pub(super) fn element(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, _) = leaf(change, |_, _| true)?;
    let (before, after) = cut(change, &text);
    let name = QName::new(change.instance.name.namespace.clone(), "b");
    with(
        change,
        &place,
        vec![
            Child::Text(before),
            Child::Element(Node::new(name)),
            Child::Text(after),
        ],
        format!("an element put into {text}"),
    )
}

pub(super) fn cdata(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, _) = leaf(change, |_, text| !text.contains("]]>"))?;
    let (before, after) = cut(change, &text);
    let raw = |text: &str| Child::Raw(format!("<![CDATA[{text}]]>"));
    let children = match change.dice.below(4) {
        0 => vec![raw(&text)],
        1 => vec![Child::Text(before), raw(&after)],
        2 => vec![raw(&before), raw(&after)],
        _ => vec![Child::Text(before), raw(""), Child::Text(after)],
    };
    with(change, &place, children, format!("{text} in CDATA"))
}

pub(super) fn reference(change: &mut Change<'_>) -> Option<Changed> {
    let (place, text, _) = leaf(change, |_, text| !text.is_empty())?;
    let (before, after) = cut(change, &text);
    let mut rest = after.chars();
    let first = rest.next().map_or(32, u32::from);
    let raw = match change.dice.below(8) {
        0..=2 => format!("&#{first};"),
        3 | 4 => format!("&#x{first:X};"),
        5 => "&#10;".to_owned(),
        6 => "&#0;".to_owned(),
        _ => "&#x110000;".to_owned(),
    };
    let description = format!(
        "{raw} in {text} after {} characters",
        before.chars().count()
    );
    with(
        change,
        &place,
        vec![
            Child::Text(before),
            Child::Raw(raw),
            Child::Text(rest.collect()),
        ],
        description,
    )
}

pub(super) fn entity(change: &mut Change<'_>) -> Option<Changed> {
    let raw = *change.dice.pick(&[
        "&amp;",
        "&lt;",
        "&apos;",
        "&quot;",
        "&gt;",
        "&undeclared;",
        "&",
        "&amp",
        "&#;",
    ])?;
    inside(change, raw)
}
