//! One mistake, one finding, with the rule that names it, wherever in a rich document the mistake is made.

use concord_check::Plan;

use crate::agreement::Problems;
use crate::support::{BATCH, INTERCHANGE, USUAL, batch, interchange, run};

/// An element of a document that is laid out one element to a line or on one line whole.
struct Place<'d> {
    name: &'d str,
    /// Where its start tag and its end tag begin, and where it ends.
    start: usize,
    close: usize,
    end: usize,
    /// Names of the elements around it.
    parents: Vec<&'d str>,
}

/// The elements of a document without comments, CDATA and `>` in attributes.
fn places(document: &str) -> Vec<Place<'_>> {
    let mut found: Vec<Place<'_>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(next) = document[at..].find('<') {
        let start = at + next;
        at = start + document[start..].find('>').expect("tags are closed") + 1;
        let tag = &document[start + 1..at - 1];
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if tag.starts_with('/') {
            let place = &mut found[open.pop().expect("tags match")];
            (place.close, place.end) = (start, at);
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        let parents = open.iter().map(|index| found[*index].name).collect();
        found.push(Place {
            name,
            start,
            close: start,
            end: at,
            parents,
        });
        if !tag.ends_with('/') {
            open.push(found.len() - 1);
        }
    }
    found
}

/// Changes every element in turn; `change` gives the changed document and the rules one of which must be the only finding.
fn each(
    problems: &mut Problems,
    plan: &Plan,
    document: &str,
    change: impl Fn(&str, &Place<'_>) -> Option<(String, &'static [&'static str])>,
) {
    let mut tried = 0;
    for place in places(document) {
        let Some((changed, rules)) = change(document, &place) else {
            continue;
        };
        tried += 1;
        let found = run(plan, changed.as_bytes(), USUAL);
        if found.findings.len() != 1 || !rules.contains(&found.rules()[0]) {
            let what = format!(
                "{} at byte {}: one of {rules:?} expected",
                place.name, place.start
            );
            problems.add(&what, &format!("{:#?}", found.lines()));
        }
    }
    assert!(tried > 3, "only {tried} places");
}

fn splice(document: &str, start: usize, end: usize, with: &str) -> String {
    [&document[..start], with, &document[end..]].concat()
}

/// Elements that any number of others may stand in or that may stand anywhere, so that a change in them is none.
fn lax(place: &Place<'_>) -> bool {
    place
        .parents
        .iter()
        .any(|parent| ["Extra", "Anything", "o:thing"].contains(parent))
        || place.parents.is_empty()
}

/// Whether an element is deeper than the records and what stands around them.
fn inside(place: &Place<'_>) -> bool {
    place.parents.len() > 1
}

fn documents() -> [(Plan, &'static str); 2] {
    [(interchange(), INTERCHANGE), (batch(), BATCH)]
}

#[test]
fn an_unknown_element_is_one_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let changed = splice(
                document,
                place.start,
                place.start,
                "<Zzzzzzzzzz><Inner>1</Inner></Zzzzzzzzzz>",
            );
            (!lax(place)).then_some((changed, &["STRUCTURE-UNKNOWN"]))
        });
    }
    problems.check();
}

#[test]
fn an_element_inside_a_value_is_one_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let leaf =
                place.close > place.start && !document[place.start + 1..place.close].contains('<');
            let changed = splice(document, place.close, place.close, "<Inner>1</Inner>");
            (leaf && !lax(place) && place.name != "Anything")
                .then_some((changed, &["STRUCTURE-VALUE"]))
        });
    }
    problems.check();
}

#[test]
fn a_misspelt_element_is_one_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let mut wrong = place.name.to_owned();
            wrong.replace_range(wrong.len() - 1.., "q");
            let mut changed = document.to_owned();
            if place.close > place.start {
                changed.replace_range(place.close + 2..place.close + 2 + place.name.len(), &wrong);
            }
            changed.replace_range(place.start + 1..=place.start + place.name.len(), &wrong);
            (!lax(place)).then_some((changed, &["STRUCTURE-NAME"]))
        });
    }
    problems.check();
}

#[test]
fn an_element_of_another_namespace_is_one_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let at = place.start + 1 + place.name.len();
            let changed = splice(document, at, at, " xmlns=\"urn:somewhere:else\"");
            (!lax(place)).then_some((changed, &["STRUCTURE-NAMESPACE"]))
        });
    }
    problems.check();
}

#[test]
fn a_missing_element_is_one_finding() {
    let mut problems = Problems::default();
    // Those that must be there, or without which something else may not.
    let needed = [
        "InterchangeHeader",
        "SenderIdentity",
        "ControlReference",
        "PreparedOn",
        "MessageHeader",
        "UniqueIdentifier",
        "UpdateType",
        "Attendance",
        "Removal",
        "RemovedOn",
        "Patient",
        "VerifiedIdentity",
        "WithheldIdentity",
        "WithheldReason",
        "Arrival",
        "DiagnosisCode",
        "Scheme",
        "InterchangeTrailer",
        "ControlCount",
        "Header",
        "Sender",
        "Made",
        "Identity",
        "Status",
        "Withheld",
        "Family",
        "Born",
        "Kind",
        "Place",
        "Ward",
        "Count",
    ];
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let changed = splice(document, place.start, place.end, "");
            let rules: &[&str] = &["STRUCTURE-MISSING"];
            (!lax(place) && needed.contains(&place.name)).then_some((changed, rules))
        });
    }
    problems.check();
}

#[test]
fn an_element_twice_is_one_finding() {
    let mut problems = Problems::default();
    let repeatable = [
        "Message",
        "Diagnosis",
        "Procedure",
        "Person",
        "Visit",
        "Given",
        "Contact",
        "Event",
        "Operation",
        "Day",
        "Left",
        "Right",
        "Bold",
    ];
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let again = document[place.start..place.end].to_owned();
            let changed = splice(document, place.end, place.end, &again);
            (!lax(place) && !repeatable.contains(&place.name))
                .then_some((changed, &["STRUCTURE-REPEATED"]))
        });
    }
    problems.check();
}

#[test]
fn two_neighbours_swapped_are_one_finding() {
    let mut problems = Problems::default();
    // Neighbours of which the one must stand before the other.
    let pairs = [
        ("SenderIdentity", "ControlReference"),
        ("ControlReference", "PreparedOn"),
        ("ControlReference", "ControlCount"),
        ("UniqueIdentifier", "UpdateType"),
        ("MessageHeader", "Attendance"),
        ("MessageHeader", "Removal"),
        ("Patient", "Arrival"),
        ("LocalIdentifier", "Number"),
        ("Number", "Postcode"),
        ("BirthDate", "Gender"),
        ("VerifiedIdentity", "BirthDate"),
        ("DiagnosisCode", "PresentOnAdmission"),
        ("Arrival", "Diagnosis"),
        ("Discharge", "Departure"),
        ("Sender", "Made"),
        ("Made", "Note"),
        ("Number", "Status"),
        ("Withheld", "Reason"),
        ("Born", "Codes"),
        ("Codes", "Weight"),
        ("Identity", "Name"),
        ("Identity", "Born"),
        ("Name", "Born"),
        ("Place", "Ward"),
        ("Arrival", "Transfer"),
    ];
    for (plan, document) in documents() {
        let all: Vec<(usize, usize, String)> = places(document)
            .iter()
            .map(|place| (place.start, place.end, place.name.to_owned()))
            .collect();
        each(&mut problems, &plan, document, |document, place| {
            let (start, end, name) = all.iter().find(|(start, ..)| *start > place.end)?;
            let between = &document[place.end..*start];
            if !between.trim().is_empty() || !pairs.contains(&(place.name, name)) {
                return None;
            }
            let swapped = [
                &document[*start..*end],
                between,
                &document[place.start..place.end],
            ]
            .concat();
            Some((
                splice(document, place.start, *end, &swapped),
                &["STRUCTURE-ORDER"],
            ))
        });
    }
    problems.check();
}

/// What stood in the element is not told besides.
#[test]
fn a_lost_start_tag_is_one_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let tag = document[place.start..].find('>').expect("it is closed") + 1;
            let holds_something = !document[place.start + tag..place.close.max(place.start + tag)]
                .trim()
                .is_empty();
            let changed = splice(document, place.start, place.start + tag, "");
            (holds_something && !lax(place) && !place.parents.is_empty())
                .then_some((changed, &["XML-NOT-WELL-FORMED"]))
        });
    }
    problems.check();
}

/// What stands behind it, and does not belong into it, is not told besides.
#[test]
fn a_lost_end_tag_is_one_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let changed = splice(document, place.close, place.end, "");
            let has_end_tag = document[place.close..].starts_with("</");
            (has_end_tag && !lax(place) && inside(place))
                .then_some((changed, &["XML-NOT-WELL-FORMED"]))
        });
    }
    problems.check();
}

#[test]
fn a_start_tag_that_alone_is_misspelt_is_one_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let name = place.start + 1..place.start + 1 + place.name.len();
            let changed = splice(document, name.start, name.end, "Misspelt");
            let has_end_tag = document[place.close..].starts_with("</");
            (has_end_tag && !lax(place) && inside(place))
                .then_some((changed, &["XML-NOT-WELL-FORMED"]))
        });
    }
    problems.check();
}

/// Whether the elements that it passes must be there or may.
#[test]
fn an_element_that_is_moved_to_the_front_is_one_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        let all = places(document);
        each(&mut problems, &plan, document, |document, place| {
            let parent = all
                .iter()
                .rfind(|other| other.start < place.start && other.close > place.start)?;
            let front = parent.start + document[parent.start..].find('>')? + 1;
            let first = all.iter().find(|other| other.start >= front)?;
            // Of the same name there is nothing that it passes.
            let passes = document[first.start..place.start].contains("</")
                && !document[first.start..place.start].contains(&format!("<{}", place.name));
            let without = splice(document, place.start, place.end, "");
            let changed = splice(&without, front, front, &document[place.start..place.end]);
            let anywhere = ["When", "Kind", "Operation", "Preset"].contains(&place.name);
            (passes && !anywhere && !lax(place) && inside(place))
                .then_some((changed, &["STRUCTURE-ORDER"]))
        });
    }
    problems.check();
}

#[test]
fn text_between_elements_is_one_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let changed = splice(document, place.start, place.start, "text");
            let mixed = place.parents.last() == Some(&"Story");
            (!lax(place) && !mixed).then_some((changed, &["STRUCTURE-TEXT"]))
        });
    }
    problems.check();
}

#[test]
fn an_unknown_attribute_is_one_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        each(&mut problems, &plan, document, |document, place| {
            let at = place.start + 1 + place.name.len();
            let changed = splice(document, at, at, " zzz=\"1\"");
            let anything = lax(place) || place.name == "Anything";
            (!anything).then_some((changed, &["ATTRIBUTE-UNKNOWN"]))
        });
    }
    problems.check();
}

#[test]
fn what_changes_nothing_is_no_finding() {
    let mut problems = Problems::default();
    for (plan, document) in documents() {
        let root = if document == BATCH {
            "Batch"
        } else {
            "Interchange"
        };
        let prefixed = document
            .replace('<', "<c:")
            .replace("<c:/", "</c:")
            .replace("<c:?", "<?")
            .replace("<c:!", "<!")
            .replace("c:o:", "o:")
            .replace("xsi:type=\"", "xsi:type=\"c:")
            .replacen("xmlns=", "xmlns:c=", 1);
        let namespace = format!("urn:concord:test:{}", root.to_lowercase());
        let record = if document == BATCH {
            "Person"
        } else {
            "Message"
        };
        let own = document
            .replace(&format!("<{record}"), &format!("<r:{record}"))
            .replace(&format!("</{record}>"), &format!("</r:{record}>"))
            .replace("r:MessageHeader", "MessageHeader")
            .replacen("xmlns=", &format!("xmlns:r=\"{namespace}\" xmlns="), 1);
        let variants = [
            ("CRLF", document.replace('\n', "\r\n")),
            ("CR", document.replace('\n', "\r")),
            ("tabs", document.replace("  ", "\t")),
            ("blanks in end tags", document.replace("Date>", "Date >")),
            ("quotes", document.replace('"', "'")),
            ("a prefix everywhere", prefixed),
            ("a prefix on records", own),
            ("comments", document.replace("\n  <", "\n  <!-- </Message></Person></Visit> --><")),
            ("instructions", document.replace("\n  <", "\n  <?x </Message></Person></Visit> ?><")),
            ("the namespace again", document.replace("<Removal>", &format!("<Removal xmlns=\"{namespace}\">"))),
            ("locations", document.replacen("xmlns=", "xmlns:s=\"http://www.w3.org/2001/XMLSchema-instance\" s:schemaLocation=\"a b\" xmlns=", 1)),
        ];
        for (name, changed) in variants {
            let found = run(&plan, changed.as_bytes(), USUAL);
            if !found.findings.is_empty() || found.file.summary.records.records < 3 {
                problems.add(
                    &format!("{root}, {name}"),
                    &format!("{:#?} {:?}", found.lines(), found.file.summary),
                );
            }
            if let Err(error) = crate::support::examine(&plan, changed.as_bytes(), &[1, 500]) {
                problems.add(&format!("{root}, {name}"), &error);
            }
        }
    }
    problems.check();
}

#[test]
fn envelopes_that_are_not_whole() {
    let plan = interchange();
    let header_end = INTERCHANGE.find("  <Message>").expect("it is there");
    let header_start = INTERCHANGE
        .find("  <InterchangeHeader>")
        .expect("it is there");
    let trailer = INTERCHANGE
        .find("  <InterchangeTrailer>")
        .expect("it is there");
    let end = INTERCHANGE.find("</Interchange>").expect("it is there");
    let header = &INTERCHANGE[header_start..header_end];
    let message_end = INTERCHANGE.find("</Message>").expect("it is there") + 10;
    let message = &INTERCHANGE[header_end..message_end];
    let cases = [
        (
            "two headers",
            splice(INTERCHANGE, header_end, header_end, header),
            "STRUCTURE-REPEATED",
        ),
        (
            "no trailer",
            splice(INTERCHANGE, trailer, end, ""),
            "STRUCTURE-MISSING",
        ),
        (
            "no header",
            splice(INTERCHANGE, header_start, header_end, ""),
            "STRUCTURE-MISSING",
        ),
        // The header turns up later; when that is seen, the finding may long have been written.
        (
            "a record before the header",
            splice(INTERCHANGE, header_start, header_start, message),
            "STRUCTURE-MISSING",
        ),
        (
            "a record behind the trailer",
            splice(INTERCHANGE, end, end, message),
            "STRUCTURE-ORDER",
        ),
        (
            "no record",
            splice(INTERCHANGE, header_end, trailer, ""),
            "STRUCTURE-MISSING",
        ),
    ];
    let mut problems = Problems::default();
    for (name, document, rule) in cases {
        match crate::support::examine(&plan, document.as_bytes(), &[1, 400]) {
            Err(error) => problems.add(name, &error),
            Ok(found) if found.rules() != [rule] => {
                problems.add(name, &format!("{rule} expected: {:#?}", found.lines()));
            }
            Ok(_) => {}
        }
    }
    problems.check();
}
