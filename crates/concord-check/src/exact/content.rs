//! What an element holds when its content is text: judged when it ends, and where text may not stand.

use concord_finding::Fact;
use concord_standards::compile::Model;
use concord_standards::schema::{Element, Facts, SimpleTypeId, ValueConstraint};

use super::frame::{Frame, Inside, Text};
use super::{Exact, report_value, value};
use crate::catalogue::BuiltinRule;
use crate::lexical;
use crate::output::Unread;
use crate::plan::NOTHING;

impl<'p> Exact<'p, '_> {
    pub(super) fn close_value(&mut self, simple: SimpleTypeId, start: usize) {
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        let text = std::mem::take(&mut frame.text);
        let (element, nil, node) = (frame.element, frame.nil, frame.node);
        let written = text.get(self.chunk);
        if nil {
            if !written.is_empty() && !frame.reported {
                let parent = frame.local.to_string();
                self.draft(BuiltinRule::NotEmpty, start, 0)
                    .plain("parent", parent);
            }
            return;
        }
        let plan = self.plan;
        let declaration = element.map(|element| plan.compiled.schema.element(element));
        let constraint = declaration.and_then(|declaration| declaration.constraint.as_ref());
        // Whose value it is that an element without a declaration holds, nobody knows.
        let unknown = Facts {
            personal: true,
            ..Facts::default()
        };
        let facts = declaration.map_or(&unknown, |declaration| &declaration.facts);
        let checker = plan.compiled.value(simple);
        let value = match constraint {
            Some(ValueConstraint::Default(value) | ValueConstraint::Fixed(value))
                if written.is_empty() =>
            {
                value.as_str()
            }
            _ => written,
        };
        let (offset, length) = text.written_at(start);
        if let Err(fault) = checker.check(value) {
            let shown = value.to_owned();
            report_value(self, simple, facts, &shown, &fault, offset, length, None);
        } else if let Some(ValueConstraint::Fixed(fixed)) = constraint
            && !checker.same_value(value, fixed)
        {
            let shown = value::shown(facts, value);
            let draft = self.draft(BuiltinRule::ValueFixed, offset, length);
            draft.finding.value = Some(shown);
            draft.finding.expected = Some(Fact::Plain(fixed.clone()));
        } else if let Some(prefix) = self.undeclared(checker, written) {
            let expected = value::with_declared(prefix);
            let shown = value::shown(facts, written);
            let draft = self.draft(BuiltinRule::ValueType, offset, length);
            draft.finding.value = Some(shown);
            draft.finding.expected = Some(expected);
        }
        if node != NOTHING {
            let node = &plan.nodes[node as usize];
            let normal = concord_standards::value::normalize(value, checker.white_space());
            match (text.span, &normal) {
                (Some((at, length)), std::borrow::Cow::Borrowed(same))
                    if same.len() == length as usize =>
                {
                    self.out.put_span(&node.cells, at, length);
                    self.out.put_identity(node, at, length);
                }
                _ => {
                    let written = &self.chunk[offset..offset + length];
                    self.out.put_other(node, &normal, written, offset as u32);
                }
            }
        }
    }

    /// Compares the text of mixed content, or of any, with a fixed value: character by character, for it has no type.
    /// XML Schema part 1, 3.3.4 (Element Locally Valid, 5.2.2).
    pub(super) fn close_fixed(&mut self, start: usize) {
        let Some(frame) = self.stack.last() else {
            return;
        };
        let (Some(fixed), Some(element)) = (self.fixed_text(frame), frame.element) else {
            return;
        };
        let written = frame.text.get(self.chunk);
        if written.is_empty() || written == fixed || frame.reported {
            return;
        }
        let shown = value::shown(&self.plan.compiled.schema.element(element).facts, written);
        let (offset, length) = frame.text.written_at(start);
        let draft = self.draft(BuiltinRule::ValueFixed, offset, length);
        draft.finding.value = Some(shown);
        draft.finding.expected = Some(Fact::Plain(fixed.to_owned()));
    }

    /// The fixed value of an open element whose text no type judges.
    pub(super) fn fixed_text(&self, frame: &Frame) -> Option<&'p str> {
        let untyped = !frame.nil && matches!(frame.inside, Inside::Anything | Inside::Children(_));
        let element = frame.element.filter(|_| untyped)?;
        fixed_value(self.plan.compiled.schema.element(element))
    }

    /// Text has been added to the innermost open element: may it stand there?
    pub(super) fn text_allowed(&mut self, start: usize, end: usize, blank: bool) {
        let limit = self.plan.limits.text_length;
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        if frame.text.length > limit {
            return self.beyond_limit(BuiltinRule::TextLength, start, limit);
        }
        let keeps = self
            .stack
            .last()
            .is_some_and(|frame| self.fixed_text(frame).is_some());
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        let rule = match frame.inside {
            Inside::Anything if frame.nil => {
                frame.text = Text::default();
                BuiltinRule::NotEmpty
            }
            Inside::Anything if keeps => return,
            Inside::Skipped | Inside::Anything => {
                frame.text = Text::default();
                return;
            }
            Inside::Value(_) => return,
            Inside::Empty => BuiltinRule::NotEmpty,
            Inside::Children(id) => {
                if !keeps {
                    frame.text = Text::default();
                }
                let mixed = matches!(
                    self.plan.compiled.model(id),
                    Model::Ordered { mixed: true, .. } | Model::All { mixed: true, .. }
                );
                if frame.nil {
                    BuiltinRule::NotEmpty
                } else if blank || mixed {
                    return;
                } else {
                    BuiltinRule::Text
                }
            }
        };
        if frame.reported {
            return;
        }
        frame.reported = true;
        let parent = frame.local.to_string();
        let text = &self.chunk.as_bytes()[start..end];
        let blanks = if blank {
            0
        } else {
            text.iter()
                .take_while(|byte| lexical::is_space(**byte))
                .count()
        };
        let told = self.out.drafts.len();
        let unread = Unread::without_place(format!("text in {parent}"));
        let draft = self.draft(rule, start + blanks, end - start - blanks);
        draft.plain("parent", parent).unread = Some(unread);
        self.note_strays(told);
    }
}

/// The value that is fixed for an element.
pub(super) fn fixed_value(declaration: &Element) -> Option<&str> {
    match &declaration.constraint {
        Some(ValueConstraint::Fixed(fixed)) => Some(fixed),
        _ => None,
    }
}
