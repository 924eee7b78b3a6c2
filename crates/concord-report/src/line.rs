//! A finding as one line of JSON.

use std::borrow::Cow;
use std::io::{self, Write};

use concord_finding::{Effect, Finding, Masking};
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::RecordVerdict;
use crate::escape::is_steering;
use crate::shown::Shown;

/// The fields of a finding, in the order that DESIGN.md shows. Fields are added, never renamed.
#[derive(Serialize)]
struct Object<'a> {
    rule: &'a str,
    effect: Effect,
    standard: Option<&'a str>,
    message: String,
    file: &'a str,
    line: Option<u64>,
    column: Option<u64>,
    offset: Option<u64>,
    path: Option<Cow<'a, str>>,
    record: Option<u64>,
    record_key: Option<String>,
    element: Option<&'a str>,
    value: Option<String>,
    expected: Option<String>,
    #[serde(skip_serializing_if = "Facts::is_empty")]
    facts: Facts<'a>,
    help: Option<String>,
    source: Cow<'a, str>,
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<WaivedObject<'a>>,
}

/// A repair of the text at the finding's place.
#[derive(Serialize)]
struct FixObject<'a> {
    action: &'a str,
    length: u64,
    replacement: String,
}

/// Who answers for a finding, why, and until when.
#[derive(Serialize)]
struct WaivedObject<'a> {
    owner: &'a str,
    reason: &'a str,
    expires: &'a str,
}

/// Further facts by name, in their order.
struct Facts<'a>(&'a Shown<'a>);

impl Facts<'_> {
    fn is_empty(&self) -> bool {
        self.0.finding.facts.is_empty()
    }
}

impl Serialize for Facts<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let facts = &self.0.finding.facts;
        let mut map = serializer.serialize_map(Some(facts.len()))?;
        for (name, fact) in facts {
            map.serialize_entry(name, &self.0.raw_fact(fact))?;
        }
        map.end()
    }
}

/// Writes a finding as a JSON object without a line end.
pub(crate) fn finding(out: &mut impl Write, finding: &Finding, masking: Masking) -> io::Result<()> {
    let shown = Shown::new(finding, masking);
    let place = finding.place;
    value(
        out,
        &Object {
            rule: &finding.rule.id,
            effect: finding.effect,
            standard: finding.standard.as_deref(),
            message: shown.message(),
            file: &finding.file,
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            offset: place.map(|place| place.offset),
            path: shown.path(),
            record: finding.record,
            record_key: shown.raw(finding.record_key.as_ref()),
            element: finding.element.as_deref(),
            value: shown.raw(finding.value.as_ref()),
            expected: shown.raw(finding.expected.as_ref()),
            facts: Facts(&shown),
            help: shown.help(),
            source: finding.source(),
            fingerprint: finding.fingerprint(),
            fix: finding.fix.as_ref().map(|fix| FixObject {
                action: &fix.action,
                length: fix.length,
                replacement: shown.raw_fact(&fix.replacement),
            }),
            waived: finding.waived.as_deref().map(|waived| WaivedObject {
                owner: &waived.owner,
                reason: &waived.reason,
                expires: &waived.expires,
            }),
        },
    )
}

/// Writes a record's verdict as a JSON object without a line end.
pub(crate) fn record(
    out: &mut impl Write,
    verdict: &RecordVerdict<'_>,
    masking: Masking,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Tagged<'a> {
        record_verdict: Fields<'a>,
    }
    #[derive(Serialize)]
    struct Fields<'a> {
        file: &'a str,
        record: u64,
        record_key: Option<String>,
        accepted: bool,
        effect: Effect,
        findings: u64,
    }
    value(
        out,
        &Tagged {
            record_verdict: Fields {
                file: verdict.file,
                record: verdict.record,
                record_key: verdict.record_key.map(|key| key.raw(masking)),
                accepted: !verdict.effect.rejects_record(),
                effect: verdict.effect,
                findings: verdict.findings,
            },
        },
    )
}

/// Writes any value as JSON in which no character can steer a terminal.
pub(crate) fn value(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Harmless);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Compact JSON with steering characters escaped; `serde_json` escapes only those that JSON itself forbids.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // Without an early end, so that the compiler makes vector instructions of it.
        let greatest = fragment.bytes().fold(0, u8::max);
        if greatest < 0x7f {
            return writer.write_all(fragment.as_bytes());
        }
        let mut compact = CompactFormatter;
        let mut rest = fragment;
        while let Some((index, character)) =
            rest.char_indices().find(|(_, found)| is_steering(*found))
        {
            compact.write_string_fragment(writer, &rest[..index])?;
            // All steering characters are in the basic plane.
            write!(writer, "\\u{:04x}", u32::from(character))?;
            rest = &rest[index + character.len_utf8()..];
        }
        compact.write_string_fragment(writer, rest)
    }
}
