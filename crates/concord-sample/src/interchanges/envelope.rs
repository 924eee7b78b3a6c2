//! Faults of what stands around messages.

use super::{IMAGING, Line, Made, REPORT, TRUNCATED, made};

/// How an envelope is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    CountMore,
    CountLess,
    GroupCount,
    Reference,
    GroupReference,
    NoTrailer,
    NoHeader,
    NoGroupTrailer,
    NoGroupHeader,
    GroupInGroup,
    SegmentBefore,
    SegmentBehind,
    OtherSeparators,
    SameSeparator,
    ShortAdvice,
    SameReference,
}

/// Every way with the rule that it breaks, in the order in which they take turns.
pub(super) const WAYS: [(&str, Way); 16] = [
    ("INTERCHANGE-COUNT", Way::CountMore),
    ("INTERCHANGE-REFERENCE", Way::Reference),
    ("INTERCHANGE-OPEN", Way::NoTrailer),
    ("INTERCHANGE-OUTSIDE", Way::SegmentBefore),
    ("INTERCHANGE-DUPLICATE", Way::SameReference),
    ("INTERCHANGE-HEADER", Way::OtherSeparators),
    ("INTERCHANGE-COUNT", Way::GroupCount),
    ("INTERCHANGE-REFERENCE", Way::GroupReference),
    ("INTERCHANGE-OPEN", Way::NoHeader),
    ("INTERCHANGE-OPEN", Way::NoGroupTrailer),
    ("INTERCHANGE-OUTSIDE", Way::SegmentBehind),
    ("INTERCHANGE-HEADER", Way::SameSeparator),
    ("INTERCHANGE-COUNT", Way::CountLess),
    ("INTERCHANGE-OPEN", Way::NoGroupHeader),
    ("INTERCHANGE-OPEN", Way::GroupInGroup),
    ("INTERCHANGE-HEADER", Way::ShortAdvice),
];

/// Where an interchange stands among those of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) first: bool,
    pub(super) last: bool,
}

/// The reference of a functional group.
const GROUP: u64 = 70;

/// An interchange with one fault, and what is told of the next one's first segment; none where it has no place for the fault.
pub(super) fn broken(
    rule: &'static str,
    way: Way,
    place: Place,
    good: &[Line],
) -> Option<(Vec<Line>, Option<Made>)> {
    let mut lines = good.to_vec();
    let end = lines.len().checked_sub(1)?;
    let messages = good.iter().filter(|line| is_header(line)).count();
    let reference = good.last()?.text.rsplit('+').next()?.to_owned();
    let trailer = |count: usize| format!("UNZ+{count}+{reference}");
    let (at, element, description) = match way {
        Way::CountMore => set(
            &mut lines,
            end,
            trailer(messages + 1),
            "UNZ-1",
            "a message more than there are",
        )?,
        Way::CountLess => set(
            &mut lines,
            end,
            trailer(messages - 1),
            "UNZ-1",
            "a message less than there are",
        )?,
        Way::Reference => set(
            &mut lines,
            end,
            format!("UNZ+{messages}+{reference}9"),
            "UNZ-2",
            "another reference than that of UNB",
        )?,
        Way::GroupCount => {
            let at = group(&mut lines, messages + 1, GROUP)?;
            (at, "UNE-1", "a message more than there are")
        }
        Way::GroupReference => {
            let at = group(&mut lines, messages, GROUP + 1)?;
            (at, "UNE-2", "another reference than that of UNG")
        }
        Way::NoGroupTrailer => {
            let at = group(&mut lines, messages, GROUP)?;
            lines.remove(at);
            // The finding stands where the interchange ends.
            (at, "UNE", "left out")
        }
        Way::NoGroupHeader => {
            let at = group(&mut lines, messages, GROUP)?;
            lines.remove(1);
            // Without a group it is messages that are counted.
            let end = lines.len() - 1;
            lines[end].text = trailer(messages);
            (at - 1, "UNG", "left out")
        }
        Way::GroupInGroup => {
            group(&mut lines, messages, GROUP)?;
            lines.insert(2, lines.get(1)?.clone());
            let end = lines.len() - 1;
            lines[end].text = trailer(2);
            (2, "UNG", "a group begins in a group")
        }
        Way::NoTrailer => {
            // It is found where the next one begins.
            if place.last {
                return None;
            }
            lines.pop();
            return Some((
                lines,
                Some(made(
                    rule,
                    "UNZ",
                    "the trailer of the interchange before left out",
                )),
            ));
        }
        Way::NoHeader => {
            // Labels that the header has would be lost; and messages before the first header stand in no interchange at all.
            if place.first || !lines.first()?.made.is_empty() {
                return None;
            }
            lines.remove(0);
            (end - 1, "UNB", "left out")
        }
        Way::SegmentBefore => {
            lines.insert(1, Line::new("FTX+RGI+++OUTSIDE", 0));
            (1, "FTX", "a segment before the first message")
        }
        Way::SegmentBehind => {
            // A message that nothing ends would take it for one of its own.
            if !lines.get(end.checked_sub(1)?)?.text.starts_with("UNT+") {
                return None;
            }
            lines.insert(end, Line::new("FTX+RGI+++OUTSIDE", 0));
            (end, "FTX", "a segment behind the last message")
        }
        Way::OtherSeparators | Way::SameSeparator | Way::ShortAdvice => {
            // Those of the first one hold for all.
            if place.first || !lines.first()?.made.is_empty() {
                return None;
            }
            let (text, description) = match way {
                Way::OtherSeparators => (
                    "UNA:*.? ",
                    "other separators than those of the first interchange",
                ),
                Way::SameSeparator => ("UNA::.? ", "one character for two things"),
                _ => ("UNA:+.", "ends before it has said all"),
            };
            lines.insert(0, Line::new(text, 0));
            (0, "UNA", description)
        }
        Way::SameReference => {
            let at = repeat(&mut lines)?;
            (at, "UNH-1", "the reference of the message before")
        }
    };
    let line = lines.get_mut(at)?;
    line.made.push(Made {
        in_message: line.record > 0,
        ..made(rule, element, description)
    });
    Some((lines, None))
}

fn is_header(line: &Line) -> bool {
    line.text.starts_with("UNH+")
}

fn set(
    lines: &mut [Line],
    at: usize,
    text: String,
    element: &'static str,
    description: &'static str,
) -> Option<(usize, &'static str, &'static str)> {
    lines.get_mut(at)?.text = text;
    Some((at, element, description))
}

/// Puts the messages into a functional group; where its trailer stands.
fn group(lines: &mut Vec<Line>, count: usize, reference: u64) -> Option<usize> {
    let number = lines.last()?.text.rsplit('+').next()?.to_owned();
    let end = lines.len() - 1;
    lines[end].text = format!("UNZ+1+{number}");
    lines.insert(end, Line::new(format!("UNE+{count}+{reference}"), 0));
    let header = format!("UNG+TEST+SENDER+RECEIVER+260331:1015+{GROUP}+ZZ+0:1");
    lines.insert(1, Line::new(header, 0));
    Some(end + 1)
}

/// Gives a message without a fault the reference of the one before it; where its header stands.
fn repeat(lines: &mut [Line]) -> Option<usize> {
    let headers: Vec<usize> = (0..lines.len())
        .filter(|at| is_header(&lines[*at]))
        .collect();
    for pair in headers.windows(2) {
        let (before, at) = (lines[pair[0]].record, pair[1]);
        let record = lines[at].record;
        let of_it = |line: &&Line| line.record == record;
        if lines.iter().filter(of_it).any(|line| !line.made.is_empty()) {
            continue;
        }
        let was = record.to_string();
        for line in lines.iter_mut().filter(|line| line.record == record) {
            if is_header(line) {
                line.text = line.text.replacen(&was, &before.to_string(), 1);
            } else if let Some(rest) = line
                .text
                .strip_suffix(&was)
                .filter(|rest| rest.starts_with("UNT+"))
            {
                line.text = format!("{rest}{before}");
            }
        }
        return Some(at);
    }
    None
}

/// Leaves out what ends the last segment; or, `inside`, all that stands behind a segment of the last message. What is told of the
/// whole then.
pub(super) fn cut(kind: &str, inside: bool, lines: &mut Vec<Line>) -> Option<Made> {
    let mut whole = None;
    if inside {
        let last = lines.iter().map(|line| line.record).max()?;
        let until = match kind {
            REPORT | IMAGING => "BGM",
            _ => "RFF+950",
        };
        let at = lines
            .iter()
            .position(|line| line.record == last && line.text.starts_with(until))?;
        lines.truncate(at + 1);
        for line in lines.iter_mut().filter(|line| line.record == last) {
            line.made.clear();
        }
        let line = lines.last_mut()?;
        line.made.push(Made {
            in_message: true,
            ..made(
                "SEGMENT-MISSING",
                "",
                "the file ends here, inside a message",
            )
        });
        whole = Some(made(
            "INTERCHANGE-OPEN",
            "UNZ",
            "the file ends inside the interchange",
        ));
    }
    let line = lines.last_mut()?;
    line.made.push(Made {
        in_message: inside,
        ..made(TRUNCATED, "", "nothing ends the last segment")
    });
    whole
}
