//! Drafts with their lines, keys, places and excerpts.

use concord_finding::{Effect, Finding};

use super::carrier::Carrier;
use super::chunk::MessageOutput;
use super::lines::Lines;
use super::place::{Index, Named, locate};
use super::plan::MessagePlan;
use crate::delivery::{Excerpts, Sated};
use crate::excerpt::{Markup, excerpt};
use crate::merge::tell_provider;
use crate::output::{Draft, Record, Relative};

/// Turns drafts into findings, sorted by offset, with lines, keys, places and excerpts relative to the chunk.
pub(crate) fn finish(
    (plan, carrier): (&MessagePlan, Carrier),
    bytes: &[u8],
    out: &MessageOutput,
    drafts: &mut Vec<Draft>,
    reveal: bool,
    sated: &Sated,
) -> Vec<Relative> {
    drafts.sort_by_key(|draft| draft.offset);
    let mut lines = Lines::new(bytes);
    let mut excerpts = Excerpts::new(sated, reveal);
    let mut index = Index::default();
    let named: &Named<'_> = &move |segment, delimiters| carrier.named(plan, segment, delimiters).0;
    drafts
        .drain(..)
        .map(|draft| {
            let Draft {
                mut finding,
                offset,
                length,
                record,
                compared,
                unread: _,
                unusable: _,
            } = draft;
            let offset = offset as usize;
            finding.place = Some(lines.place(offset));
            let known = record.and_then(|record| out.output.records.get(record as usize));
            if let Some(known) = known {
                identify(bytes, known, &mut finding);
            }
            // What is about no message can stand in one all the same.
            let before = out
                .output
                .records
                .partition_point(|record| record.start as usize <= offset);
            let around = known.or_else(|| out.output.records.get(before.checked_sub(1)?));
            let start = around.map_or(offset, |record| record.start as usize);
            index.of(named, carrier, bytes, start);
            let located = locate(carrier, bytes, &index, offset);
            if finding.path.is_none() {
                finding.path = located.as_ref().map(|place| place.to_string().into());
            }
            crate::bounds::bound(&mut finding);
            if let Some(effect) = agreed(plan, out, record, &finding) {
                finding.effect = effect;
            }
            if let (Some(show), Some(located)) = (excerpts.show(&finding), located) {
                let text = located.span.of(bytes);
                let at = offset.saturating_sub(located.span.start);
                let length = length as usize;
                finding.excerpt = Some(excerpt(text, at, length, show, Markup::Segment));
            }
            Relative {
                finding,
                record,
                compared,
            }
        })
        .collect()
}

/// Says which message it is, and who sent it.
fn identify(bytes: &[u8], record: &Record, finding: &mut Finding) {
    let text = |start: u32, length: u32| {
        let (start, end) = (start as usize, (start + length) as usize);
        String::from_utf8_lossy(bytes.get(start..end).unwrap_or_default())
    };
    if let Some((_, start, length)) = record.key {
        let key = text(start, length).into_owned();
        finding.record_key = Some(concord_finding::Fact::Plain(key));
    }
    if let Some((start, length)) = record.provider {
        tell_provider(finding, &text(start, length));
    }
}

/// The effect that is agreed with the sender.
fn agreed(
    plan: &MessagePlan,
    out: &MessageOutput,
    record: Option<u32>,
    finding: &Finding,
) -> Option<Effect> {
    let sender = out.senders.get(record? as usize).copied().flatten()?;
    let overlay = plan.overlays.get(usize::from(sender))?;
    overlay.effects.get(&finding.rule.id).copied()
}
