//! Faults of the envelope: control references, counts, message references, sender and receiver.

use super::{Broken, FaultMaker, Work, broken, in_header, in_last_record, in_record, in_trailer};

pub(super) const MAKERS: &[FaultMaker] = &[
    in_trailer("CDS-E1-TRAILER", control_reference),
    in_trailer("CDS-E2", count),
    in_trailer("CDS-E2-GREATEST", greatest_count),
    in_record("CDS-E3", left_out_reference),
    in_record("CDS-E3-UNIQUE", repeated_reference),
    in_record("CDS-E3-TRAILER", trailer_reference),
    in_last_record("CDS-E3-GREATEST", greatest_reference),
    in_header("CDS-E4", test_indicator),
    in_header("CDS-E5", sender),
    in_trailer("CDS-E5", no_sender),
    in_trailer("CDS-E5-TRAILER", other_sender),
    in_trailer("CDS-E5-TRAILER-RECEIVER", other_receiver),
];

fn more(text: &str, by: i64) -> Option<String> {
    let number: i64 = text.parse().ok()?;
    let more = number.checked_add(by)?;
    (1..=9_999_999).contains(&more).then(|| more.to_string())
}

fn control_reference(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "CDSInterchangeControlReference";
    let line = work.lines.leaf(NAME)?;
    let wrong = more(work.lines.value(line), 1).or_else(|| more(work.lines.value(line), -1))?;
    work.lines.set(line, &wrong);
    Some(broken(
        line,
        NAME,
        "the trailer's control reference is not the header's",
    ))
}

fn count(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "CDSInterchangeControlCount";
    let line = work.lines.leaf(NAME)?;
    let wrong = more(work.lines.value(line), 1)?;
    work.lines.set(line, &wrong);
    Some(broken(line, NAME, "counts one message more than there is"))
}

/// Eight digits, which the structure of these versions lets through.
const TOO_GREAT: &str = "10000000";

/// So high a count is not that of the messages either.
fn greatest_count(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "CDSInterchangeControlCount";
    if work.around.version == "6-3-1" {
        return None;
    }
    let line = work.lines.leaf(NAME)?;
    work.lines.set(line, TOO_GREAT);
    let mut made = broken(line, NAME, "more than seven digits");
    made.also.push(("CDS-E2", line));
    Some(made)
}

const REFERENCE: &str = "CDSMessageReferenceNumber";

/// Gives header and trailer of a message another reference. The line of the header's.
fn refer(work: &mut Work<'_>, by: i64) -> Option<usize> {
    let lines = work.lines.leaves(REFERENCE);
    let &[header, trailer] = lines.as_slice() else {
        return None;
    };
    let number: i64 = work.lines.value(header).parse().ok()?;
    // The first message may begin anywhere.
    if number < 3 {
        return None;
    }
    let wrong = more(work.lines.value(header), by)?;
    work.lines.set(header, &wrong);
    work.lines.set(trailer, &wrong);
    Some(header)
}

fn left_out_reference(work: &mut Work<'_>) -> Option<Broken> {
    let line = refer(work, 1)?;
    let mut made = broken(line, REFERENCE, "a reference is left out before this one");
    made.shift = 1;
    Some(made)
}

/// A repeated reference is out of sequence as well.
fn repeated_reference(work: &mut Work<'_>) -> Option<Broken> {
    let line = refer(work, -1)?;
    let mut made = broken(line, REFERENCE, "the reference of the message before");
    made.shift = -1;
    made.also.push(("CDS-E3", line));
    Some(made)
}

/// So high a reference does not follow that of the message before either.
fn greatest_reference(work: &mut Work<'_>) -> Option<Broken> {
    if work.around.version == "6-3-1" {
        return None;
    }
    let line = refer(work, 0)?;
    let [header, trailer] = work.lines.leaves(REFERENCE)[..] else {
        return None;
    };
    work.lines.set(header, TOO_GREAT);
    work.lines.set(trailer, TOO_GREAT);
    let mut made = broken(line, REFERENCE, "more than seven digits");
    made.also.push(("CDS-E3", line));
    Some(made)
}

fn trailer_reference(work: &mut Work<'_>) -> Option<Broken> {
    let line = *work.lines.leaves(REFERENCE).get(1)?;
    let wrong = more(work.lines.value(line), 1)?;
    work.lines.set(line, &wrong);
    Some(broken(
        line,
        REFERENCE,
        "the trailer's reference is not the header's",
    ))
}

fn test_indicator(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "CDSInterchangeTestIndicator";
    let line = work.lines.leaf(NAME)?;
    work.lines.set(line, "Y");
    Some(broken(line, NAME, "neither 0 nor 1"))
}

const SENDER: &str = "CDSInterchangeSenderIdentity";

fn sender(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.leaf(SENDER)?;
    work.lines.set(line, "99900000010");
    Some(broken(line, SENDER, "not 15 characters long"))
}

/// Beside a wrong sender in the header the trailer names none, so that only the one rule is broken.
fn no_sender(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.leaf(SENDER)?;
    work.lines.remove(line);
    None
}

fn other_sender(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.leaf(SENDER)?;
    work.lines.set(line, "999000000100009");
    Some(broken(
        line,
        SENDER,
        "the trailer's sender is not the header's",
    ))
}

fn other_receiver(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "CDSInterchangeReceiverIdentity";
    let line = work.lines.leaf(NAME)?;
    work.lines.set(line, "999000000200009");
    Some(broken(
        line,
        NAME,
        "the trailer's receiver is not the header's",
    ))
}
