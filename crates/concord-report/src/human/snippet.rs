//! The lines of input around a finding, cut to the width of the page, in the form that `miette` asks for.
//!
//! `miette` reads a source from its first byte to find line numbers. Its source here is the excerpt alone, which knows
//! its own line numbers.

use concord_finding::{Excerpt, mask};
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::escape::{is_steering, stand_in};
use crate::shown::Shown;

const CUT: char = '…';

/// An excerpt ready to be shown.
#[derive(Debug)]
pub(crate) struct Snippet {
    name: String,
    text: String,
    first_line: usize,
    /// What the finding is about, in `text`.
    pub(crate) start: usize,
    pub(crate) length: usize,
    /// Line and column of the finding in the input, from 0.
    place: (usize, usize),
}

impl Snippet {
    /// Masks, escapes and cuts an excerpt; its lines get no wider than `width`. `None` when the excerpt does not hold together.
    pub(crate) fn new(shown: &Shown<'_>, excerpt: &Excerpt, width: usize) -> Option<Self> {
        if excerpt.text.trim().is_empty() {
            return None;
        }
        let end = excerpt.start.checked_add(excerpt.length)?;
        let before = excerpt.text.get(..excerpt.start)?;
        let marked = excerpt.text.get(excerpt.start..end)?;
        let after = excerpt.text.get(end..)?;
        let marked = match shown.hidden_value() {
            Some(hidden) if hidden == marked => hidden,
            Some(_) => mask(marked),
            None => marked.to_owned(),
        };
        let clean = |text: &str| visible(&shown.scrubbed(text.into()));
        let (before, marked, after) = (clean(before), visible(&marked), clean(after));
        let (lines_before, line_start) = split_last_line(&before);
        let (line_end, lines_after) = after.split_at(after.find('\n').unwrap_or(after.len()));

        let mut text = String::new();
        for line in lines_before.split_inclusive('\n') {
            push_cut(&mut text, line, width);
        }
        // A mark of several lines is cut at the end of its first.
        let marked = marked.split('\n').next().unwrap_or_default();
        let room = width.saturating_sub(marked.chars().count());
        let kept_before = keep_end(line_start, room.saturating_sub(room / 3));
        text.push_str(&kept_before);
        let start = text.len();
        let kept = keep_start(marked, width);
        text.push_str(&kept);
        text.push_str(&keep_start(
            line_end,
            room.saturating_sub(kept_before.chars().count()),
        ));
        for line in lines_after.split_inclusive('\n') {
            push_cut(&mut text, line, width);
        }
        let first_line = usize::try_from(excerpt.first_line.max(1) - 1).ok()?;
        let place = shown.finding.place.map_or((first_line, 0), |place| {
            (
                place.line.max(1) as usize - 1,
                place.column.max(1) as usize - 1,
            )
        });
        Some(Self {
            name: crate::escape::line(&shown.finding.file).into_owned(),
            text,
            first_line,
            start,
            length: kept.len(),
            place,
        })
    }
}

impl Snippet {
    /// What stands before the mark, the mark, and what stands behind it.
    pub(crate) fn parts(&self) -> (&str, &str, &str) {
        let end = self.start + self.length;
        let text = &self.text;
        (&text[..self.start], &text[self.start..end], &text[end..])
    }
}

/// Text with stand-ins for the characters that steer a terminal; line feeds stay, tabs become one blank.
fn visible(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|character| match character {
            '\n' => '\n',
            '\t' => ' ',
            character if is_steering(character) => stand_in(character),
            character => character,
        })
        .collect()
}

fn split_last_line(text: &str) -> (&str, &str) {
    text.split_at(text.rfind('\n').map_or(0, |index| index + 1))
}

fn push_cut(text: &mut String, line: &str, width: usize) {
    let body = line.trim_end_matches('\n');
    text.push_str(&keep_start(body, width));
    text.push_str(&line[body.len()..]);
}

/// The first `width` characters, the last of them `…` when there are more.
fn keep_start(text: &str, width: usize) -> String {
    if text.chars().nth(width).is_none() {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(width.saturating_sub(1)).collect();
    kept.push(CUT);
    kept
}

/// The last `width` characters, the first of them `…` when there are more.
fn keep_end(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    std::iter::once(CUT)
        .chain(text.chars().skip(count - width.saturating_sub(1)))
        .collect()
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        if end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        // Without context `miette` asks for the place to print; with context for the lines to print.
        let whole = context_lines_before > 0 || context_lines_after > 0;
        let (start, end, line, column) = if whole {
            (0, self.text.len(), self.first_line, 0)
        } else {
            (span.offset(), end, self.place.0, self.place.1)
        };
        let data = &self.text.as_bytes()[start..end];
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data,
            (start, end - start).into(),
            line,
            column,
            self.text.lines().count(),
        )))
    }
}
