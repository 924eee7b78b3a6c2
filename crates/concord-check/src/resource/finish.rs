//! Drafts with their lines, paths, keys and excerpts.

use std::sync::Arc;

use concord_finding::{Fact, Finding};
use concord_read::json::{Form, Reader};

use super::place::paths;
use super::records::ResourceOutput;
use super::tell;
use super::walk::resource_type;
use super::xml::Converted;
use crate::delivery::{Excerpts, Sated};
use crate::excerpt::{Markup, excerpt};
use crate::lines::Lines;
use crate::output::{Draft, Relative};

/// Objects and arrays inside each other that are passed over while the type of a resource is looked for.
const DEEP: usize = 512;

/// What was checked.
pub(super) struct Seen<'s> {
    /// The bytes of the chunk, as they were read.
    pub(super) bytes: &'s [u8],
    /// How values stand in them.
    pub(super) form: Form,
    /// What was made of them, where they are XML.
    pub(super) xml: Option<Converted>,
}

/// Turns drafts into findings, sorted by offset, with lines, paths, keys and excerpts relative to the chunk.
pub(super) fn finish(
    seen: Seen<'_>,
    out: &mut ResourceOutput,
    reveal: bool,
    sated: &Sated,
) -> Vec<Relative> {
    let Seen { bytes, form, xml } = seen;
    let checked = xml.as_ref().map_or(bytes, Converted::json);
    let mut drafts = with_paths(checked, form, out);
    let mut markup = Markup::Json;
    if let Some(mut xml) = xml {
        markup = Markup::Tags;
        for draft in &mut drafts {
            draft.offset = xml.origin(draft.offset as usize) as u32;
        }
        drafts.extend(xml.take_drafts());
        drafts.sort_by_key(|draft| draft.offset);
    }
    let mut lines = Lines::new(bytes);
    let mut excerpts = Excerpts::new(sated, reveal);
    drafts
        .into_iter()
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
            identify(out, record, &mut finding);
            crate::bounds::bound(&mut finding);
            if let Some(show) = excerpts.show(&finding) {
                finding.excerpt = Some(excerpt(bytes, offset, length as usize, show, markup));
            }
            Relative {
                finding,
                record,
                compared,
            }
        })
        .collect()
}

/// The drafts of JSON in the order of their offsets, with their paths.
fn with_paths(bytes: &[u8], form: Form, out: &mut ResourceOutput) -> Vec<Draft> {
    let drafts = out.found.drafts.drain(..);
    let mut drafts: Vec<(Draft, Option<Arc<str>>)> =
        drafts.zip(out.found.missing.drain(..)).collect();
    drafts.sort_by_key(|(draft, _)| draft.offset);
    let paths = located(bytes, form, &drafts);
    let drafts = drafts.into_iter().zip(paths);
    drafts
        .map(|((mut draft, missing), path)| {
            draft.finding.path = Some(match missing {
                Some(name) => format!("{path}.{name}").into(),
                None => path,
            });
            draft
        })
        .collect()
}

fn identify(out: &ResourceOutput, record: Option<u32>, finding: &mut Finding) {
    let record = record.and_then(|record| out.records.get(record as usize));
    finding.record_key = record.and_then(|record| record.key.clone());
}

/// The paths of drafts in the order of their offsets. Each text is gone through once.
fn located(bytes: &[u8], form: Form, drafts: &[(Draft, Option<Arc<str>>)]) -> Vec<Arc<str>> {
    let mut found = Vec::with_capacity(drafts.len());
    while let Some((first, _)) = drafts.get(found.len()) {
        let offset = (first.offset as usize).min(bytes.len());
        let (start, end) = match form {
            Form::Document => (0, bytes.len()),
            Form::Lines => (
                memchr::memrchr(b'\n', &bytes[..offset]).map_or(0, |at| at + 1),
                memchr::memchr(b'\n', &bytes[offset..]).map_or(bytes.len(), |at| offset + at),
            ),
        };
        let here = drafts[found.len()..]
            .iter()
            .map(|(draft, _)| draft.offset as usize);
        let offsets: Vec<usize> = here
            .take_while(|offset| *offset <= end)
            .map(|offset| offset - start)
            .collect();
        let text = &bytes[start..end];
        found.extend(paths(text, 0, &root(text), &offsets));
        if offsets.is_empty() {
            found.push("".into());
        }
    }
    found
}

/// What paths begin with: the type of the resource, as far as it says so.
fn root(text: &[u8]) -> String {
    let named = resource_type(&mut Reader::new(text, 0), DEEP)
        .ok()
        .flatten();
    match named.map(|named| tell::name(&named.says(text))) {
        Some(Fact::Plain(name)) => name,
        _ => "resource".to_owned(),
    }
}
