//! Drafts with their lines, paths, keys and excerpts.

use std::sync::Arc;

use concord_finding::{Fact, Finding};
use concord_read::json::{Form, Reader};

use super::place::paths;
use super::records::ResourceOutput;
use super::tell;
use super::walk::resource_type;
use crate::delivery::{Excerpts, Sated};
use crate::excerpt::{Markup, excerpt};
use crate::lines::Lines;
use crate::output::{Draft, Relative};

/// Objects and arrays inside each other that are passed over while the type of a resource is looked for.
const DEEP: usize = 512;

/// Turns drafts into findings, sorted by offset, with lines, paths, keys and excerpts relative to the chunk.
pub(super) fn finish(
    (bytes, form): (&[u8], Form),
    out: &mut ResourceOutput,
    reveal: bool,
    sated: &Sated,
) -> Vec<Relative> {
    let mut drafts: Vec<(Draft, Option<Arc<str>>)> = out
        .found
        .drafts
        .drain(..)
        .zip(out.found.missing.drain(..))
        .collect();
    if drafts.is_empty() {
        return Vec::new();
    }
    drafts.sort_by_key(|(draft, _)| draft.offset);
    let mut places = located(bytes, form, &drafts).into_iter();
    let mut lines = Lines::new(bytes);
    let mut excerpts = Excerpts::new(sated, reveal);
    drafts
        .into_iter()
        .map(|(draft, missing)| {
            let Draft {
                mut finding,
                offset,
                length,
                record,
            } = draft;
            let offset = offset as usize;
            finding.place = Some(lines.place(offset));
            let path = places.next();
            finding.path = match missing {
                Some(name) => path.map(|path| format!("{path}.{name}").into()),
                None => path,
            };
            identify(out, record, &mut finding);
            crate::bounds::bound(&mut finding);
            if let Some(show) = excerpts.show(&finding) {
                finding.excerpt = Some(excerpt(bytes, offset, length as usize, show, Markup::Json));
            }
            Relative { finding, record }
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
