//! Changes of the written text: what stands between elements, and broken or unusual markup.

use super::{Change, Changed};
use crate::tree::{Child, Layout};

fn between(change: &mut Change<'_>, raw: &str) -> Option<Changed> {
    let place = change.place(|node, _| node.elements().next().is_some())?;
    let mut tree = change.instance.clone();
    let children = &mut tree.at_mut(&place)?.children;
    let at = change.dice.index(children.len() + 1);
    children.insert(at, Child::Raw(raw.to_owned()));
    change.tree(&tree, &place, format!("{raw:?} put in before child {at}"))
}

pub(super) fn text_between(change: &mut Change<'_>) -> Option<Changed> {
    let raw = *change.dice.pick(&[
        "x", ".", "&#65;", "&amp;", "\u{a0}", "&#32;", " \n\t ", "&lt;", "1",
    ])?;
    between(change, raw)
}

pub(super) fn comment_between(change: &mut Change<'_>) -> Option<Changed> {
    let raw = *change.dice.pick(&[
        "<!-- note -->",
        "<!---->",
        "<?note data?>",
        "<!-- <a> -->",
        "<!-- a --- b -->",
        "<?xml version='1.0'?>",
    ])?;
    between(change, raw)
}

pub(super) fn cdata_between(change: &mut Change<'_>) -> Option<Changed> {
    let raw = *change.dice.pick(&[
        "<![CDATA[]]>",
        "<![CDATA[ ]]>",
        "<![CDATA[x]]>",
        "<![CDATA[<a/>]]>",
        "]]>",
    ])?;
    between(change, raw)
}

/// Bytes in place of the whole document.
#[expect(clippy::unnecessary_wraps, reason = "all makers have one form")]
fn bytes(at: usize, description: String, bytes: Vec<u8>) -> Option<Changed> {
    Some(Changed {
        place: format!("byte {at}"),
        description,
        bytes,
    })
}

pub(super) fn truncated(change: &mut Change<'_>) -> Option<Changed> {
    let mut text = change.written();
    let at = change.dice.index(text.len());
    text.truncate(at);
    bytes(at, format!("cut off after {at} bytes"), text)
}

pub(super) fn flipped(change: &mut Change<'_>) -> Option<Changed> {
    let mut text = change.written();
    let at = change.dice.index(text.len());
    let bit = change.dice.below(8);
    *text.get_mut(at)? ^= 1 << bit;
    bytes(at, format!("bit {bit} flipped"), text)
}

pub(super) fn dropped(change: &mut Change<'_>) -> Option<Changed> {
    let mut text = change.written();
    let at = change.dice.index(text.len());
    let byte = text.remove(at);
    bytes(at, format!("byte {byte:#04x} left out"), text)
}

pub(super) fn inserted(change: &mut Change<'_>) -> Option<Changed> {
    let mut text = change.written();
    let at = change.dice.index(text.len() + 1);
    let byte = *change.dice.pick(b"<>&\"'/ x\n\x00\x1b\xff\xc3]=!?-:")?;
    text.insert(at, byte);
    bytes(at, format!("byte {byte:#04x} put in"), text)
}

/// Where a text stands in a document.
fn find(change: &mut Change<'_>, text: &[u8], what: &[u8]) -> Option<usize> {
    let all: Vec<usize> = text
        .windows(what.len())
        .enumerate()
        .filter(|(_, window)| *window == what)
        .map(|(at, _)| at)
        .collect();
    change.dice.pick(&all).copied()
}

fn end_of_tag(text: &[u8], start: usize) -> Option<usize> {
    text.get(start..)?
        .iter()
        .position(|byte| *byte == b'>')
        .map(|at| start + at + 1)
}

pub(super) fn unclosed(change: &mut Change<'_>) -> Option<Changed> {
    let mut text = change.written();
    let start = find(change, &text, b"</")?;
    let end = end_of_tag(&text, start)?;
    let description = format!(
        "{} left out",
        String::from_utf8_lossy(text.get(start..end)?)
    );
    text.drain(start..end);
    bytes(start, description, text)
}

pub(super) fn wrong_end(change: &mut Change<'_>) -> Option<Changed> {
    let mut text = change.written();
    let start = find(change, &text, b"</")?;
    let end = end_of_tag(&text, start)?;
    text.splice(start..end, *b"</Other>");
    bytes(start, "end tag became </Other>".to_owned(), text)
}

pub(super) fn crlf(change: &mut Change<'_>) -> Option<Changed> {
    let text = String::from_utf8(change.written()).ok()?;
    let end = *change.dice.pick(&["\r\n", "\r", "\n\n"])?;
    bytes(
        0,
        format!("lines end with {end:?}"),
        text.replace('\n', end).into_bytes(),
    )
}

pub(super) fn tabs(change: &mut Change<'_>) -> Option<Changed> {
    let text = String::from_utf8(change.written()).ok()?;
    bytes(
        0,
        "tabs rather than two blanks".to_owned(),
        text.replace("  ", "\t").into_bytes(),
    )
}

pub(super) fn spaced_tags(change: &mut Change<'_>) -> Option<Changed> {
    let mut text = change.written();
    let start = find(change, &text, b"</")?;
    let end = end_of_tag(&text, start)?;
    let (at, space): (usize, &[u8]) = match change.dice.below(5) {
        0 => (end - 1, b" "),
        1 => (end - 1, b"\n"),
        2 => (start + 2, b" "),
        3 => (start + 1, b" "),
        _ => (end - 1, b" a=\"1\""),
    };
    text.splice(at..at, space.iter().copied());
    bytes(
        at,
        format!("{:?} put into an end tag", String::from_utf8_lossy(space)),
        text,
    )
}

fn with_layout(change: &mut Change<'_>, layout: &Layout, description: &str) -> Option<Changed> {
    bytes(
        0,
        description.to_owned(),
        layout.write(change.instance).into_bytes(),
    )
}

pub(super) fn empty_form(change: &mut Change<'_>) -> Option<Changed> {
    let layout = Layout {
        self_closing: !change.layout.self_closing,
        ..change.layout.clone()
    };
    with_layout(change, &layout, "empty elements written the other way")
}

pub(super) fn other_layout(change: &mut Change<'_>) -> Option<Changed> {
    let (indent, prefix) = *change.dice.pick(&[
        (None, None),
        (Some(0), None),
        (Some(4), Some("cds")),
        (None, Some("n")),
    ])?;
    let layout = Layout {
        indent,
        prefix: prefix.map(str::to_owned),
        ..change.layout.clone()
    };
    with_layout(
        change,
        &layout,
        &format!("indent {indent:?}, prefix {prefix:?}"),
    )
}

pub(super) fn declaration(change: &mut Change<'_>) -> Option<Changed> {
    let declaration = *change.dice.pick(&[
        "",
        "<?xml version='1.0'?>",
        "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>",
        "<?xml version=\"1.0\" standalone=\"no\" ?>",
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "\n<?xml version=\"1.0\"?>",
        "<?xml encoding=\"UTF-8\"?>",
        "<?xml version=\"1.0\"?><!-- before the root -->",
        "<?xml version=\"1.0\"?><?note before the root?>",
        "<?xml version=\"1.0\"?>text before the root",
        "<?xml version=\"1.0\"",
    ])?;
    let layout = Layout {
        declaration: declaration.to_owned(),
        ..change.layout.clone()
    };
    with_layout(change, &layout, &format!("declaration {declaration:?}"))
}

pub(super) fn after(change: &mut Change<'_>) -> Option<Changed> {
    let mut text = change.written();
    let at = text.len();
    let more = *change.dice.pick(&[
        "<!-- end -->",
        "<?end?>",
        "text",
        "<Again/>",
        "\n\n",
        "</Again>",
        "&#65;",
        "<![CDATA[]]>",
        "\u{0}",
    ])?;
    text.extend_from_slice(more.as_bytes());
    bytes(at, format!("{more:?} after the root"), text)
}
