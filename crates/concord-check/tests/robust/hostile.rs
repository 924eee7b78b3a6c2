//! Broken and hostile input: the right finding and verdict, no panic, bounded memory.

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::{CHUNK, NoRules, Options, Plan, check};
use concord_finding::Verdict;
use concord_read::xml::Chunks;

use crate::agreement::Problems;
use crate::support::{
    BATCH, Checked, INTERCHANGE, USUAL, account, batch, examine, interchange, run,
};

fn checked(plan: &Plan, bytes: &[u8]) -> Checked {
    examine(plan, bytes, &[1, 300]).unwrap_or_else(|error| panic!("{error}"))
}

/// The one finding of a document.
#[track_caller]
fn only(plan: &Plan, document: impl AsRef<[u8]>, rule: &str) -> Checked {
    let checked = checked(plan, document.as_ref());
    assert_eq!(checked.rules(), [rule], "{:#?}", checked.lines());
    assert_ne!(checked.verdict(), Verdict::Accepted);
    checked
}

#[track_caller]
fn valid(plan: &Plan, document: impl AsRef<[u8]>) {
    let checked = checked(plan, document.as_ref());
    assert!(checked.findings.is_empty(), "{:#?}", checked.lines());
    assert_eq!(checked.verdict(), Verdict::Accepted);
}

fn with(document: &str, old: &str, new: &str) -> String {
    assert!(document.contains(old), "`{old}` is in the document");
    document.replacen(old, new, 1)
}

#[test]
fn a_document_cut_off_anywhere_is_never_accepted() {
    let mut problems = Problems::default();
    for (plan, document) in [(interchange(), INTERCHANGE), (batch(), BATCH)] {
        let bytes = document.trim_end().as_bytes();
        for end in 0..bytes.len() {
            // Every byte up to the second record, then every third.
            if end > 1800 && end % 3 != 0 {
                continue;
            }
            let cut = &bytes[..end];
            let found = run(&plan, cut, USUAL);
            if let Err(error) = account(cut, &found) {
                problems.add(&format!("{end}"), &error);
            }
            // Without any element there is nothing that could be cut off.
            let expected = if found.rules() == ["XML-EMPTY"] {
                Verdict::Rejected
            } else {
                Verdict::Unreadable
            };
            if found.verdict() != expected {
                let tail = String::from_utf8_lossy(&cut[end.saturating_sub(60)..]);
                problems.add(
                    &format!("cut at {end} behind `{tail}`"),
                    &format!("{:?} {:#?}", found.verdict(), found.lines()),
                );
            }
        }
        assert_eq!(run(&plan, bytes, USUAL).verdict(), Verdict::Accepted);
    }
    problems.check();
}

#[test]
fn a_byte_changed_anywhere_does_no_harm() {
    let mut problems = Problems::default();
    for (plan, document) in [(interchange(), INTERCHANGE), (batch(), BATCH)] {
        let mut bytes = document.as_bytes().to_vec();
        for at in 0..bytes.len() {
            let old = bytes[at];
            // Another change at each place, so that one run is quick and all of them are tried.
            let new = [old ^ 1, old ^ 0x80, b'<', b'&', 0][at % 5];
            bytes[at] = new;
            if let Err(error) = examine(&plan, &bytes, &[]) {
                problems.add(&format!("byte {at} from {old} to {new}"), &error);
            }
            bytes[at] = old;
        }
    }
    problems.check();
}

#[test]
fn what_is_no_xml_is_said_to_be_none() {
    let plan = interchange();
    only(&plan, "", "XML-EMPTY");
    only(&plan, " \r\n\t ", "XML-EMPTY");
    only(&plan, "<?xml version='1.0'?><!-- nothing -->", "XML-EMPTY");
    let json = only(&plan, "{\"resourceType\": \"Bundle\"}", "XML-NOT-XML");
    assert!(json.lines()[0].contains("JSON"));
    only(&plan, "[]", "XML-NOT-XML");
    only(&plan, "NHS number,Name\n9990000019,Cole\n", "XML-NOT-XML");
    only(&plan, [0_u8; 5000], "XML-NOT-XML");
    only(&plan, "<html><body/></html>", "STRUCTURE-ROOT");
    only(
        &plan,
        with(INTERCHANGE, "urn:concord:test:interchange", "urn:other"),
        "STRUCTURE-ROOT",
    );
}

#[test]
fn encodings_that_are_not_what_they_say() {
    let plan = interchange();
    // A letter of Windows-1252 in what is taken to be UTF-8.
    let local = INTERCHANGE.find("LOCAL1").expect("it is there");
    let mut one = INTERCHANGE.as_bytes().to_vec();
    one[local] = 0xE9;
    let found = only(&plan, &one, "XML-ENCODING");
    assert_eq!(
        found.findings[0].place.map(|place| place.offset),
        Some(local as u64)
    );
    let utf16: Vec<u8> = INTERCHANGE
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    // Decoding is the business of `concord_read::open`; bytes that come undecoded must still do no harm.
    checked(&plan, &utf16);
    checked(&plan, &[&[0xFF, 0xFE][..], &utf16].concat());
    checked(
        &plan,
        &[&[0xEF, 0xBB, 0xBF][..], INTERCHANGE.as_bytes()].concat(),
    );
}

#[test]
fn characters_that_xml_does_not_allow() {
    let plan = interchange();
    for bad in [
        "\0",
        "\u{1}",
        "\u{b}",
        "\u{fffe}",
        "&#0;",
        "&#xFFFF;",
        "&#x110000;",
        "&#99999999999999999999;",
        "&#x;",
        "&;",
        "& ",
        "&nbsp;",
    ] {
        only(
            &plan,
            with(INTERCHANGE, "LOCAL1", bad),
            "XML-NOT-WELL-FORMED",
        );
    }
    only(
        &plan,
        with(INTERCHANGE, "  <Message>", "<!-- \u{1} --><Message>"),
        "XML-NOT-WELL-FORMED",
    );
    only(
        &plan,
        with(INTERCHANGE, "Type=\"01\"", "Type=\"0\u{1}\""),
        "XML-NOT-WELL-FORMED",
    );
}

#[test]
fn document_type_declarations_are_refused() {
    let plan = interchange();
    let laughs = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
    for dtd in [
        laughs,
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'http://localhost/'>]>",
        "<!DOCTYPE",
        "<!doctype html>",
    ] {
        let document = with(INTERCHANGE, "<Interchange", &format!("{dtd}<Interchange"));
        let found = checked(&plan, document.as_bytes());
        assert_eq!(
            found.rules().first(),
            Some(&"XML-DTD"),
            "{dtd}: {:#?}",
            found.lines()
        );
        assert_eq!(found.findings.len(), 1, "{:#?}", found.lines());
        assert_ne!(found.verdict(), Verdict::Accepted);
    }
    only(
        &plan,
        with(INTERCHANGE, "  <Message>", "<!DOCTYPE a><Message>"),
        "XML-DTD",
    );
}

#[test]
fn roots_and_what_stands_around_them() {
    let plan = interchange();
    let declaration = INTERCHANGE.lines().next().expect("a line");
    let body = &INTERCHANGE[declaration.len()..];
    only(&plan, format!("{INTERCHANGE}{body}"), "XML-NOT-WELL-FORMED");
    only(
        &plan,
        format!("{INTERCHANGE}{INTERCHANGE}"),
        "XML-NOT-WELL-FORMED",
    );
    only(&plan, format!("{INTERCHANGE}text"), "XML-NOT-WELL-FORMED");
    only(
        &plan,
        format!("{INTERCHANGE}</Interchange>"),
        "XML-NOT-WELL-FORMED",
    );
    only(
        &plan,
        format!("{INTERCHANGE}<![CDATA[x]]>"),
        "XML-NOT-WELL-FORMED",
    );
    only(&plan, format!("{INTERCHANGE}&amp;"), "XML-NOT-WELL-FORMED");
    only(&plan, format!("text{INTERCHANGE}"), "XML-NOT-XML");
    only(&plan, format!(" {INTERCHANGE}"), "XML-NOT-WELL-FORMED");
    valid(&plan, format!("{INTERCHANGE}<!-- after --> <?after it?>\n"));
    valid(
        &plan,
        with(
            INTERCHANGE,
            "<Interchange ",
            "<!-- before --><?before it?><Interchange ",
        ),
    );
}

#[test]
fn markup_that_is_never_closed() {
    let plan = interchange();
    for (open, rule) in [
        ("<!-- never", "XML-TRUNCATED"),
        ("<![CDATA[never", "XML-TRUNCATED"),
        ("<?never", "XML-TRUNCATED"),
    ] {
        let found = only(&plan, with(INTERCHANGE, "    <Removal>", open), rule);
        assert_eq!(found.verdict(), Verdict::Unreadable);
    }
    only(
        &plan,
        with(INTERCHANGE, "Type=\"02\">", "Type=\"02>"),
        "XML-NOT-WELL-FORMED",
    );
    only(
        &plan,
        with(INTERCHANGE, "<Removal>", "<Removal"),
        "XML-NOT-WELL-FORMED",
    );
    only(
        &plan,
        with(INTERCHANGE, "</Removal>", ""),
        "XML-NOT-WELL-FORMED",
    );
    only(
        &plan,
        with(INTERCHANGE, "</Removal>", "</removal>"),
        "XML-NOT-WELL-FORMED",
    );
    only(
        &plan,
        with(INTERCHANGE, "<Removal>", "<Removal><!-- a -- b -->"),
        "XML-NOT-WELL-FORMED",
    );
    only(
        &plan,
        with(INTERCHANGE, "Type=\"02\"", "Type=\"02\" Type=\"02\""),
        "XML-NOT-WELL-FORMED",
    );
    only(
        &plan,
        with(INTERCHANGE, "Type=\"02\"", "Type=02"),
        "XML-NOT-WELL-FORMED",
    );
    only(
        &plan,
        with(INTERCHANGE, "Type=\"02\"", "p:Type=\"02\""),
        "XML-NOT-WELL-FORMED",
    );
    only(
        &plan,
        with(INTERCHANGE, "<Removal>", "<p:Removal>"),
        "XML-NOT-WELL-FORMED",
    );
}

#[test]
fn limits_hold() {
    let plan = interchange();
    let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let found = checked(
        &plan,
        with(INTERCHANGE, "    <Removal>", &format!("{deep}<Removal>")).as_bytes(),
    );
    assert!(
        found.rules().contains(&"LIMIT-DEPTH"),
        "{:#?}",
        found.lines()
    );
    assert!(found.findings.len() <= 2, "{:#?}", found.lines());
    let attributes: Vec<String> = (0..100_000)
        .map(|number| format!("a{number}='1'"))
        .collect();
    let attributes = format!(" {}", attributes.join(" "));
    only(
        &plan,
        with(INTERCHANGE, "<Removal>", &format!("<Removal{attributes}>")),
        "LIMIT-ATTRIBUTES",
    );
    let name = "n".repeat(1 << 20);
    let found = only(
        &plan,
        with(INTERCHANGE, "    <Removal>", &format!("<{name}/><Removal>")),
        "STRUCTURE-UNKNOWN",
    );
    let shown: usize = found.lines().iter().map(String::len).sum();
    assert!(
        shown < 10_000,
        "a finding stays short whatever the name: {shown}"
    );
    let found = checked(
        &plan,
        with(INTERCHANGE, "</Removal>", &format!("</{name}>")).as_bytes(),
    );
    let shown: usize = found.lines().iter().map(String::len).sum();
    assert!(
        shown < 10_000,
        "a finding stays short whatever the end tag: {shown}"
    );
    let found = checked(
        &plan,
        with(INTERCHANGE, "<Removal>", &format!("<Removal {name}='1'>")).as_bytes(),
    );
    let shown: usize = found.lines().iter().map(String::len).sum();
    assert!(
        shown < 10_000,
        "a finding stays short whatever the attribute: {shown}"
    );
}

/// A document written while it is read.
struct Made {
    before: Vec<u8>,
    fill: u8,
    times: usize,
    after: Vec<u8>,
    at: usize,
}

impl Read for Made {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let (first, second) = (self.before.len(), self.before.len() + self.times);
        let count = if self.at < first {
            let rest = &self.before[self.at..];
            let count = rest.len().min(into.len());
            into[..count].copy_from_slice(&rest[..count]);
            count
        } else if self.at < second {
            let count = (second - self.at).min(into.len());
            into[..count].fill(self.fill);
            count
        } else {
            let rest = &self.after[self.at - second..];
            let count = rest.len().min(into.len());
            into[..count].copy_from_slice(&rest[..count]);
            count
        };
        self.at += count;
        Ok(count)
    }
}

/// Peak memory of this process in MB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()
        .map(|kilobytes| kilobytes / 1024)
}

#[test]
fn one_element_of_200_megabytes_is_refused_in_little_memory() {
    const TIMES: usize = 200_000_000;
    let plan = interchange();
    for (old, fill) in [("LOCAL1", b'x'), ("<Interchange ", b' ')] {
        let (before, after) = INTERCHANGE.split_once(old).expect("it is there");
        let made = Made {
            before: [
                before,
                if old == "<Interchange " {
                    "<Interchange "
                } else {
                    ""
                },
            ]
            .concat()
            .into_bytes(),
            fill,
            times: TIMES,
            after: [
                if old == "LOCAL1" || old == "<Interchange " {
                    ""
                } else {
                    old
                },
                after,
            ]
            .concat()
            .into_bytes(),
            at: 0,
        };
        let size = (made.before.len() + TIMES + made.after.len()) as u64;
        let name: Arc<str> = "large.xml".into();
        let chunks = Chunks::new(made, name.clone(), CHUNK, plan.limits.record_size);
        let mut rules = Vec::new();
        let file = check(
            chunks,
            &name,
            Some(size),
            &plan,
            &NoRules,
            Options::default(),
            &mut |finding| {
                rules.push(finding.rule.id.to_string());
                ControlFlow::Continue(())
            },
        );
        assert!(!rules.is_empty() && rules.len() < 4, "{old}: {rules:?}");
        assert_eq!(file.summary.bytes, size, "{old}");
        assert_ne!(file.summary.verdict, Verdict::Accepted, "{old}");
    }
    // What the tests beside this one take comes on top.
    if let Some(peak) = peak() {
        assert!(peak < 400, "{peak} MB");
    }
}
