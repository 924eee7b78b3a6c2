//! Faults of the carrier: what an XML parser, or a limit of the reader, stops at.
//!
//! What a parser does not get to the end of has no verdict on its envelope, so that beside these faults others go unseen:
//! they are made only when they are asked for by name.

use super::lines::NO_CHARACTER;
use super::{Broken, FaultMaker, Work, broken, in_header, in_last_record, in_record, in_trailer};

pub(super) const MAKERS: &[FaultMaker] = &[
    in_header("XML-EMPTY", empty),
    in_header("XML-NOT-XML", other_carrier),
    in_header("XML-DTD", document_type),
    in_header("STRUCTURE-ROOT", other_root),
    in_trailer("STRUCTURE-ROOT", end_of_other_root),
    in_record("XML-NOT-WELL-FORMED", bare_ampersand),
    in_record("XML-ENCODING", no_character),
    in_record("LIMIT-DEPTH", deep),
    in_record("LIMIT-ATTRIBUTES", many_attributes),
    in_record("LIMIT-TEXT", long_value),
    in_last_record("LIMIT-RECORD", large_record),
    in_last_record("XML-TRUNCATED", cut_off),
];

/// An element that every record has and no rule beyond the structure looks at.
const PLACE: &str = "CDSMessageType";

fn place(work: &Work<'_>) -> Option<usize> {
    work.lines.leaf(PLACE)
}

/// The reader's limits are 256 levels, 256 attributes, 10 MB of text and 16 MB of record.
const TOO_MANY: usize = 300;
const TOO_LONG: usize = 10_000_001;

/// The only thing in the file.
fn instead(work: &mut Work<'_>, text: &str, description: &str) -> Broken {
    work.lines.truncate(0);
    work.lines.insert(0, text);
    let mut made = broken(0, "", description);
    made.ends = true;
    made
}

#[allow(clippy::unnecessary_wraps)] // the shape of a maker
fn empty(work: &mut Work<'_>) -> Option<Broken> {
    Some(instead(work, "", "nothing in the file"))
}

fn other_carrier(work: &mut Work<'_>) -> Option<Broken> {
    let text = *work.dice.pick(&[
        "{\"resourceType\": \"Bundle\"}",
        "RECORD IDENTIFIER,NHS NUMBER,ACTIVITY DATE",
        "MSH|^~\\&|PAS|RXX|SUS|X26",
        "see attached",
    ])?;
    Some(instead(work, text, "another carrier than XML"))
}

#[allow(clippy::unnecessary_wraps)] // the shape of a maker
fn document_type(work: &mut Work<'_>) -> Option<Broken> {
    work.lines
        .insert(1, "<!DOCTYPE CDS-XMLInterchange [<!ENTITY a \"a\">]>");
    Some(broken(1, "", "a document type declaration"))
}

const ROOT: &str = "CDS-XMLInterchange";

fn other_root(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.open(ROOT)?;
    let tag = work.lines.raw(line).replacen(ROOT, "CDS-Interchange", 1);
    work.lines.write(line, &tag);
    Some(broken(line, "CDS-Interchange", "another root element"))
}

/// The end tag of what [`other_root`] made.
fn end_of_other_root(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.len().checked_sub(1)?;
    work.lines.write(line, "</CDS-Interchange>");
    None
}

fn bare_ampersand(work: &mut Work<'_>) -> Option<Broken> {
    let line = place(work)?;
    work.lines.set(line, "NHS & CDS");
    Some(broken(
        line,
        PLACE,
        "an ampersand that is not written &amp;",
    ))
}

fn no_character(work: &mut Work<'_>) -> Option<Broken> {
    let line = place(work)?;
    work.lines.set(line, &format!("NHSCDS{NO_CHARACTER}"));
    Some(broken(line, PLACE, "a byte that no character has in UTF-8"))
}

/// What is nested so deeply is also where no element may stand.
fn deep(work: &mut Work<'_>) -> Option<Broken> {
    let line = place(work)?;
    let nested = format!("{}{}", "<a>".repeat(TOO_MANY), "</a>".repeat(TOO_MANY));
    work.lines.set(line, &nested);
    let mut made = broken(line, PLACE, "elements nested 300 deep");
    made.also.push(("STRUCTURE-VALUE", line));
    Some(made)
}

fn many_attributes(work: &mut Work<'_>) -> Option<Broken> {
    let line = place(work)?;
    let attributes: Vec<String> = (0..TOO_MANY).map(|at| format!("a{at}=\"1\"")).collect();
    work.lines.add_attribute(line, &attributes.join(" "));
    Some(broken(line, PLACE, "300 attributes"))
}

fn long_value(work: &mut Work<'_>) -> Option<Broken> {
    let line = place(work)?;
    work.lines.set(line, &"X".repeat(TOO_LONG));
    Some(broken(line, PLACE, "a value of 10 MB"))
}

/// A record that cannot be read is not counted as one.
fn large_record(work: &mut Work<'_>) -> Option<Broken> {
    let line = place(work)?;
    work.lines
        .insert(line, &format!("<!--{}-->", "X".repeat(TOO_LONG)));
    work.lines
        .insert(line, &format!("<!--{}-->", "X".repeat(TOO_LONG)));
    let mut made = broken(0, "", "a record of 20 MB");
    made.no_record = true;
    Some(made)
}

fn cut_off(work: &mut Work<'_>) -> Option<Broken> {
    let line = place(work)?;
    work.lines.truncate(line + 1);
    work.lines.write(line, "<CDSMessageType>NHS");
    let mut made = broken(line, PLACE, "the file ends here");
    made.ends = true;
    Some(made)
}
