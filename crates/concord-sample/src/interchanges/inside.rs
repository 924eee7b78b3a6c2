//! Faults inside a message, one for each rule.

use super::{IMAGING, Line, Made, REGISTRATION};

/// Rules that can be broken, each by one fault.
pub(super) const RULES: [&str; 17] = [
    "COMPONENT-MISSING",
    "FIELD-COMPONENTS",
    "FIELD-EXTRA",
    "FIELD-MISSING",
    "MESSAGE-CONTROL",
    "MESSAGE-REFERENCE",
    "MESSAGE-SEGMENTS",
    "MESSAGE-TYPE",
    "SEGMENT-MISSING",
    "SEGMENT-MISSPELT",
    "SEGMENT-NAME",
    "SEGMENT-ORDER",
    "SEGMENT-REPEATED",
    "SEGMENT-UNKNOWN",
    "VALUE-CODE",
    "VALUE-FORMAT",
    "VALUE-LENGTH",
];

/// Ends a message as it must end.
pub(super) fn end(number: u64, lines: &mut Vec<Line>) {
    let count = lines.len() + 1;
    lines.push(Line::new(format!("UNT+{count}+{number}"), number));
}

/// A message with one fault; none where it has no place for it.
pub(super) fn broken(
    kind: &str,
    rule: &'static str,
    number: u64,
    good: &[Line],
) -> Option<Vec<Line>> {
    let mut lines = good.to_vec();
    let at = |start: &str| good.iter().position(|line| line.text.starts_with(start));
    let (place, element, description) = match rule {
        "MESSAGE-SEGMENTS" => {
            let count = lines.len() + 3;
            lines.push(Line::new(format!("UNT+{count}+{number}"), number));
            (
                lines.len() - 1,
                "UNT-1",
                "more segments counted than there are",
            )
        }
        "MESSAGE-REFERENCE" => {
            let count = lines.len() + 1;
            lines.push(Line::new(format!("UNT+{count}+{}", number + 1), number));
            (
                lines.len() - 1,
                "UNT-2",
                "another reference than that of the header",
            )
        }
        "MESSAGE-TYPE" => {
            // What an input is, is told by its first message.
            if number == 1 {
                return None;
            }
            let header = lines.first_mut()?;
            let known = header.text.len().checked_sub(1)?;
            header.text.replace_range(known.., "9");
            (0, "UNH-2", "a message that the standard does not have")
        }
        "SEGMENT-MISSING" if number.is_multiple_of(2) => {
            // The finding stands behind the last segment that there is.
            (lines.len() - 1, "UNT", "left out")
        }
        "SEGMENT-MISSING" => {
            let place = at("BGM")?;
            lines.remove(place);
            (place, "BGM", "left out")
        }
        "SEGMENT-REPEATED" => {
            let place = at("BGM")?;
            lines.insert(place, lines.get(place)?.clone());
            (place + 1, "BGM", "stands twice")
        }
        "SEGMENT-UNKNOWN" => insert(
            &mut lines,
            at("BGM")? + 1,
            "QXQ+1",
            "QXQ",
            "a segment that the message does not have",
        )?,
        "SEGMENT-NAME" => insert(
            &mut lines,
            at("BGM")? + 1,
            "text that is no segment",
            "",
            "a line of text",
        )?,
        "SEGMENT-ORDER" => {
            let place = at("BGM")?;
            lines.swap(place, place + 1);
            (place, "", "two segments changed places")
        }
        "FIELD-MISSING" => {
            let (segment, element) = match kind {
                REGISTRATION => ("NAD+FHS", "NAD+FHS-2"),
                IMAGING => ("INV+RS", "INV+RS-2"),
                _ => ("INV+MQ", "INV+MQ-2"),
            };
            replace(&mut lines, at(segment)?, segment, element, "emptied")?
        }
        "SEGMENT-MISSPELT" | "FIELD-EXTRA" => {
            let place = at("BGM")?;
            let text = lines.get(place)?.text.clone();
            if rule == "FIELD-EXTRA" {
                replace(
                    &mut lines,
                    place,
                    &format!("{text}+++++X"),
                    "BGM",
                    "a field more than there are",
                )?
            } else {
                replace(
                    &mut lines,
                    place,
                    &text.replacen("BGM", "BGN", 1),
                    "BGM",
                    "misspelt",
                )?
            }
        }
        "VALUE-LENGTH" | "MESSAGE-CONTROL" => {
            let place = good.iter().position(|line| line.text.contains("+SU:"))?;
            let (before, behind) = lines.get(place)?.text.split_once("+SU:")?;
            let rest = behind.split_once('+').map_or("", |(_, rest)| rest);
            let (name, description) = if rule == "VALUE-LENGTH" {
                ("X".repeat(36), "a name that is too long")
            } else {
                ("X\u{7}Y".to_owned(), "a control character in a name")
            };
            let text = format!("{before}+SU:{name}+{rest}");
            replace(&mut lines, place, &text, "PNA+PAT-5.2", description)?
        }
        _ => {
            let (text, element, description) = match rule {
                "COMPONENT-MISSING" => ("DTM+137:202603311015", "DTM+137-1.3", "left out"),
                "FIELD-COMPONENTS" => (
                    "DTM+137:202603311015:203:X",
                    "DTM+137-1",
                    "a component more than there are",
                ),
                "VALUE-CODE" => (
                    "DTM+137:202603311015:999",
                    "DTM+137-1.3",
                    "a format that is none",
                ),
                _ => (
                    "DTM+137:202602301015:203",
                    "DTM+137-1.2",
                    "a day that is none",
                ),
            };
            replace(&mut lines, at("DTM+137")?, text, element, description)?
        }
    };
    if !lines.last()?.text.starts_with("UNT+") && (element, description) != ("UNT", "left out") {
        end(number, &mut lines);
    }
    lines.get_mut(place)?.made.push(Made {
        rule,
        element: element.to_owned(),
        description,
        in_message: true,
    });
    Some(lines)
}

type Told = (usize, &'static str, &'static str);

fn insert(
    lines: &mut Vec<Line>,
    place: usize,
    text: &str,
    element: &'static str,
    description: &'static str,
) -> Option<Told> {
    let record = lines.first()?.record;
    lines.insert(place, Line::new(text, record));
    Some((place, element, description))
}

fn replace(
    lines: &mut [Line],
    place: usize,
    text: &str,
    element: &'static str,
    description: &'static str,
) -> Option<Told> {
    text.clone_into(&mut lines.get_mut(place)?.text);
    Some((place, element, description))
}
