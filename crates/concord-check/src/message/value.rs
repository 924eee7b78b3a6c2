//! What stands in a field: repetitions, components, values; captured on the way.

use std::borrow::Cow;
use std::sync::Arc;

use concord_finding::Fact;
use concord_read::hl7::escape::{self, EscapeProblem};
use concord_read::hl7::{Charset, Delimiters, Span};

use super::chunk::Reading;
use super::parts::{PartContent, PartPlan, ValuePlan};
use crate::catalogue::BuiltinRule;
use crate::exact::shown;
use crate::explain;
use crate::plan::NOTHING;

/// What holds for all values of a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Within {
    pub(crate) delimiters: Delimiters,
    pub(crate) charset: Charset,
    /// Whether bytes beyond ASCII or escape sequences stand in it.
    pub(crate) plain: bool,
    /// Whether values are judged, or only taken.
    pub(crate) judged: bool,
}

/// How deep a part stands: in a field, in a component, in a subcomponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Field,
    Component,
    Subcomponent,
}

impl Depth {
    /// What separates the parts inside.
    fn delimiter(self, delimiters: &Delimiters) -> Option<u8> {
        match self {
            Self::Field => Some(delimiters.component),
            Self::Component => delimiters.subcomponent,
            Self::Subcomponent => None,
        }
    }

    fn inside(self) -> Self {
        match self {
            Self::Field => Self::Component,
            Self::Component | Self::Subcomponent => Self::Subcomponent,
        }
    }
}

impl Reading<'_> {
    /// Checks a field that is not empty and captures what stands in it.
    pub(crate) fn field(&mut self, plan: &PartPlan, node: u32, span: Span, within: Within) {
        let mut within = within;
        if plan.not_used && within.judged {
            let value = self.decoded(span, within);
            let draft = self.draft(BuiltinRule::ValueNotUsed, span);
            draft
                .finding
                .element
                .clone_from(&plan.facts.dictionary_name);
            draft.finding.value = Some(shown(&plan.facts, &value));
            within.judged = false;
        }
        if memchr::memchr(within.delimiters.repetition, span.of(self.bytes)).is_none() {
            self.at.repetition = 1;
            self.repetition(plan, node, span, within);
            return;
        }
        let most = plan.max.map_or(usize::MAX, |max| max as usize);
        let mut count = 0;
        let mut beyond = None;
        for (number, repetition) in within
            .delimiters
            .parts(self.bytes, span, within.delimiters.repetition)
            .enumerate()
        {
            if repetition.is_empty() {
                continue;
            }
            count = number + 1;
            if number >= most && within.judged {
                beyond.get_or_insert(repetition);
                continue;
            }
            self.at.repetition = number + 1;
            self.repetition(plan, node, repetition, within);
        }
        if let Some(beyond) = beyond {
            let draft = self.draft(BuiltinRule::FieldRepeated, beyond);
            draft
                .finding
                .element
                .clone_from(&plan.facts.dictionary_name);
            draft.finding.value = Some(Fact::Number(count as u64));
            draft.finding.expected = Some(Fact::Number(most as u64));
        }
    }

    fn repetition(&mut self, plan: &PartPlan, node: u32, span: Span, within: Within) {
        if let Some(most) = plan.length
            && within.judged
            && span.len() > most as usize
            && !self.fits(span, most, within)
        {
            return;
        }
        self.part(plan, node, span, Depth::Field, within);
    }

    /// Whether a repetition has at most so many characters; if not, that is told.
    fn fits(&mut self, span: Span, most: u32, within: Within) -> bool {
        let text = within.charset.decode(span.of(self.bytes));
        let length = text.chars().count() as u64;
        if length <= u64::from(most) {
            return true;
        }
        let text = text.into_owned();
        let facts = self.facts.cloned().unwrap_or_default();
        let draft = self.draft(BuiltinRule::ValueLength, span);
        draft.finding.element.clone_from(&facts.dictionary_name);
        draft.finding.value = Some(shown(&facts, &text));
        draft.finding.expected = Some(Fact::Plain(format!("max an{most}")));
        draft.plain("off", format!("too long by {}", length - u64::from(most)));
        draft.fact("length", Fact::Number(length));
        false
    }

    /// A part that is not empty.
    fn part(&mut self, plan: &PartPlan, node: u32, span: Span, depth: Depth, within: Within) {
        if node != NOTHING {
            self.open(node, span);
        }
        match plan.content {
            PartContent::Anything => self.capture_raw(node, span, within),
            PartContent::Value(value) => self.only_value(plan, value, node, span, depth, within),
            PartContent::Parts(list) => self.list(plan, list, node, span, depth, within),
        }
    }

    /// A value where there are no parts inside. Those that stand there all the same are told of and left out.
    fn only_value(
        &mut self,
        plan: &PartPlan,
        value: usize,
        node: u32,
        span: Span,
        depth: Depth,
        within: Within,
    ) {
        let mut own = span;
        let mut inside = depth;
        loop {
            let delimiter = inside.delimiter(&within.delimiters);
            let mut found = within.delimiters.split(self.bytes, own, delimiter);
            let first = found.next().unwrap_or(own);
            let mut rest = found;
            if within.judged
                && let Some(beyond) = rest.find(|part| !part.is_empty())
            {
                self.extra(plan, beyond, 1);
            }
            own = first;
            if inside == Depth::Subcomponent || inside.inside() == inside {
                break;
            }
            inside = inside.inside();
        }
        if own.is_empty() {
            return;
        }
        self.value(plan, value, node, own, within);
    }

    fn extra(&mut self, plan: &PartPlan, beyond: Span, most: usize) {
        let draft = self.draft(BuiltinRule::FieldComponents, beyond);
        draft
            .finding
            .element
            .clone_from(&plan.facts.dictionary_name);
        draft.finding.expected = Some(Fact::Number(most as u64));
    }

    fn list(
        &mut self,
        plan: &PartPlan,
        list: usize,
        node: u32,
        span: Span,
        depth: Depth,
        within: Within,
    ) {
        let message = self.plan;
        let inner = &message.parts.lists[list];
        let delimiter = depth.delimiter(&within.delimiters);
        if within.delimiters.deletes(span.of(self.bytes)) {
            // To be emptied: it holds nothing else.
            if let Some(first) = inner.first() {
                let within = Within {
                    judged: false,
                    ..within
                };
                self.part(first, message.child(node, 0), span, depth.inside(), within);
            }
            return;
        }
        let mut filled: u64 = 0;
        let mut beyond = None;
        for (number, part) in within
            .delimiters
            .split(self.bytes, span, delimiter)
            .enumerate()
        {
            if part.is_empty() {
                continue;
            }
            let Some(plan) = inner.get(number) else {
                beyond.get_or_insert(part);
                continue;
            };
            filled |= 1_u64.checked_shl(number as u32).unwrap_or(0);
            let mut within = within;
            if plan.not_used && within.judged {
                let value = self.decoded(part, within);
                let element = self.element(plan);
                let draft = self.draft(BuiltinRule::ValueNotUsed, part);
                draft.finding.element = element;
                draft.finding.value = Some(shown(&plan.facts, &value));
                within.judged = false;
            }
            if within.judged && within.delimiters.deletes(part.of(self.bytes)) {
                within.judged = false;
            }
            if depth == Depth::Field {
                self.at.component = number + 1;
            }
            self.part(
                plan,
                message.child(node, number),
                part,
                depth.inside(),
                within,
            );
        }
        if !within.judged {
            return;
        }
        if let Some(beyond) = beyond {
            self.extra(plan, beyond, inner.len());
        }
        for (number, part) in inner.iter().enumerate().take(64) {
            let is_filled = |number: usize| filled & (1 << number) != 0;
            if is_filled(number) {
                continue;
            }
            let wanted = match part.unless {
                // Of two of which one must stand, one finding is enough.
                Some(other) => other > number && other < 64 && !is_filled(other),
                None => part.required,
            };
            if wanted {
                self.missing_part(part, number, span, depth, within, inner);
            }
        }
    }

    /// A component that must be filled and is not.
    fn missing_part(
        &mut self,
        part: &PartPlan,
        number: usize,
        span: Span,
        depth: Depth,
        within: Within,
        list: &[PartPlan],
    ) {
        let delimiter = depth.delimiter(&within.delimiters);
        let there = within
            .delimiters
            .split(self.bytes, span, delimiter)
            .nth(number);
        let at = there.unwrap_or(Span {
            start: span.end,
            end: span.end,
        });
        let element = self.element(part);
        let other = part.unless.and_then(|other| list.get(other));
        let hint = other
            .and_then(|other| other.facts.dictionary_name.as_ref())
            .map_or_else(
                || "fill it, or leave the whole of it empty".to_owned(),
                |other| format!("fill it, or {other}"),
            );
        let path = self.path_of(number, depth == Depth::Component);
        let draft = self.draft(BuiltinRule::ComponentMissing, at);
        draft.length = 0;
        draft.finding.element = element;
        draft.finding.path = Some(path);
        draft.plain("hint", hint);
    }

    /// A value that is not empty.
    #[inline]
    fn value(&mut self, plan: &PartPlan, value: usize, node: u32, span: Span, within: Within) {
        let message = self.plan;
        let own: &ValuePlan = &message.parts.values[value];
        let agreed = plan.agreed.is_some();
        let quick = within.plain && !agreed;
        if quick && (!within.judged || own.quick.accepts(self.bytes, span.start, span.len(), false))
        {
            self.capture_span(node, span);
            return;
        }
        self.slow(plan, own, node, span, within);
    }

    #[inline(never)]
    fn slow(&mut self, plan: &PartPlan, own: &ValuePlan, node: u32, span: Span, within: Within) {
        let raw = span.of(self.bytes);
        if within.delimiters.deletes(raw) {
            self.capture_span(node, span);
            return;
        }
        if within.judged
            && let Some(problem) = escape::problem(raw, &within.delimiters)
        {
            self.tell_escape(problem, span);
        }
        let unescaped = escape::unescape(raw, &within.delimiters);
        let decoded = within.charset.decode(&unescaped);
        let control = |text: &str| text.chars().any(char::is_control);
        if within.judged && matches!(unescaped, Cow::Borrowed(_)) && control(&decoded) {
            let at = decoded.find(char::is_control);
            let at = span.start + at.unwrap_or(0).min(span.len().saturating_sub(1));
            self.draft(
                BuiltinRule::MessageControl,
                Span {
                    start: at,
                    end: at + 1,
                },
            );
        }
        let mut text: Cow<'_, str> = decoded;
        if let Some(agreed) = &plan.agreed
            && let Some(to) = agreed.map.get(&*text)
        {
            text = Cow::Owned(to.to_string());
        }
        let as_it_stands = text.as_bytes() == raw;
        let text = text.into_owned();
        if within.judged {
            self.judge(plan, own, span, &text);
        }
        if as_it_stands {
            self.capture_span(node, span);
        } else {
            self.capture_text(node, span, &text);
        }
    }

    /// Tells what is wrong with a value, if anything is.
    fn judge(&mut self, plan: &PartPlan, own: &ValuePlan, span: Span, text: &str) {
        if let Some(agreed) = &plan.agreed
            && (agreed.any || agreed.codes.iter().any(|code| **code == *text))
        {
            return;
        }
        let compiled = &self.plan.document.compiled;
        let Err(fault) = compiled.value(own.value).check(text) else {
            return;
        };
        let element = self.element(plan);
        let name = element.as_deref();
        let explained = explain::value(&compiled.schema, own.value, name, text, &fault);
        let rule = explained.rule;
        let draft = self.draft(rule, span);
        explained.fill(draft);
        draft.finding.element = element;
        draft.finding.value = Some(shown(&plan.facts, text));
    }

    fn tell_escape(&mut self, problem: EscapeProblem, span: Span) {
        let start = span.start + problem.offset();
        let reason = match problem {
            EscapeProblem::Unclosed(_) => {
                "an escape character stands in a value and nothing ends the sequence that it begins"
            }
            EscapeProblem::Unknown(_) => "an escape sequence is none that HL7 knows",
        };
        let draft = self.draft(
            BuiltinRule::MessageEscape,
            Span {
                start,
                end: start + 1,
            },
        );
        draft.plain("reason", reason);
    }

    /// What a part is called: the field, and its component where it is one.
    fn element(&self, part: &PartPlan) -> Option<Arc<str>> {
        let field = self.facts.and_then(|facts| facts.dictionary_name.as_ref());
        let own = part.facts.dictionary_name.as_ref();
        match (field, own) {
            (Some(field), Some(own)) if field != own => Some(format!("{field}: {own}").into()),
            (field, own) => own.or(field).cloned(),
        }
    }

    /// The text of a span for who reads it.
    pub(crate) fn decoded(&self, span: Span, within: Within) -> String {
        let text = escape::unescape(span.of(self.bytes), &within.delimiters);
        within.charset.decode(&text).into_owned()
    }

    fn open(&mut self, node: u32, span: Span) {
        let plan = &self.plan.document;
        let rows = &plan.nodes[node as usize].rows;
        if !rows.is_empty() {
            self.out.output.open_rows(plan, rows, span.start as u32);
        }
    }

    #[inline]
    pub(crate) fn capture_span(&mut self, node: u32, span: Span) {
        if node == NOTHING {
            return;
        }
        let plan = &self.plan.document;
        let node = &plan.nodes[node as usize];
        let (start, length) = (span.start as u32, span.len() as u32);
        self.out.output.put_span(&node.cells, start, length);
        self.out.output.put_identity(node, start, length);
    }

    fn capture_text(&mut self, node: u32, span: Span, text: &str) {
        if node == NOTHING {
            return;
        }
        let plan = &self.plan.document;
        let node = &plan.nodes[node as usize];
        let offset = span.start as u32;
        self.out.output.put_text(&node.cells, text, offset);
        self.out
            .output
            .put_identity(node, span.start as u32, span.len() as u32);
    }

    fn capture_raw(&mut self, node: u32, span: Span, within: Within) {
        if node == NOTHING {
            return;
        }
        if within.plain {
            self.capture_span(node, span);
        } else {
            let text = self.decoded(span, within);
            self.capture_text(node, span, &text);
        }
    }
}
