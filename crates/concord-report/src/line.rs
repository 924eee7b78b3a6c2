//! A finding as one line of JSON.

use std::io::{self, Write};

use concord_finding::{Fact, Finding, Masking};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::RecordVerdict;
use crate::escape::is_steering;
use crate::object::Object;
use crate::shown::Shown;

/// Writes a finding as a JSON object without a line end: its fields in the order that DESIGN.md shows. Fields are added, never
/// renamed.
pub(crate) fn finding(out: &mut Vec<u8>, finding: &Finding, masking: Masking) -> io::Result<()> {
    let shown = Shown::new(finding, masking);
    let place = finding.place;
    let mut object = Object::new(out);
    object.text("rule", &finding.rule.id)?;
    object.text("effect", finding.effect.as_str())?;
    object.text_or_null("standard", finding.standard.as_deref())?;
    object.text("message", &shown.message())?;
    object.text("file", &finding.file)?;
    object.number_or_null("line", place.map(|place| place.line))?;
    object.number_or_null("column", place.map(|place| place.column))?;
    object.number_or_null("offset", place.map(|place| place.offset))?;
    object.text_or_null("path", shown.path().as_deref())?;
    object.number_or_null("record", finding.record)?;
    let raw = |fact: &Option<Fact>| shown.raw(fact.as_ref());
    object.text_or_null("record_key", raw(&finding.record_key).as_deref())?;
    object.text_or_null("element", finding.element.as_deref())?;
    object.text_or_null("value", raw(&finding.value).as_deref())?;
    object.text_or_null("expected", raw(&finding.expected).as_deref())?;
    if !finding.facts.is_empty() {
        let mut facts = object.object("facts")?;
        for (name, fact) in &finding.facts {
            facts.text(name, &shown.raw_fact(fact))?;
        }
        facts.end();
    }
    object.text_or_null("help", shown.help().as_deref())?;
    object.text("source", &finding.source())?;
    object.text("fingerprint", &finding.fingerprint())?;
    if let Some(fix) = &finding.fix {
        let mut fields = object.object("fix")?;
        fields.text("action", &fix.action)?;
        fields.number_or_null("length", Some(fix.length))?;
        fields.text("replacement", &shown.raw_fact(&fix.replacement))?;
        fields.end();
    }
    if let Some(waived) = &finding.waived {
        let mut fields = object.object("waived")?;
        fields.text("owner", &waived.owner)?;
        fields.text("reason", &waived.reason)?;
        fields.text("expires", &waived.expires)?;
        fields.end();
    }
    object.end();
    Ok(())
}

/// Writes a record's verdict as a JSON object without a line end.
pub(crate) fn record(
    out: &mut Vec<u8>,
    verdict: &RecordVerdict<'_>,
    masking: Masking,
) -> io::Result<()> {
    let mut object = Object::new(out);
    let mut fields = object.object("record_verdict")?;
    fields.text("file", verdict.file)?;
    fields.number_or_null("record", Some(verdict.record))?;
    let key = verdict.record_key.map(|key| key.raw(masking));
    fields.text_or_null("record_key", key.as_deref())?;
    fields.truth("accepted", !verdict.effect.rejects_record())?;
    fields.text("effect", verdict.effect.as_str())?;
    fields.number_or_null("findings", Some(verdict.findings))?;
    fields.end();
    object.end();
    Ok(())
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
