//! Both sides made ready to be compared.

use std::sync::Arc;

use concord_model::repair::Kind as RepairKind;
use concord_standards::compile::{CompiledSchema, substitutes};
use concord_standards::definition::{Definition, Effects};
use concord_standards::layout::{ValueProblem, value_problem};
use concord_standards::schema::{ComplexTypeId, ElementId, QName, Schema, SimpleTypeId};
use concord_standards::value::ValueChecker;

use crate::language::{self, Inclusion};
use crate::subject::{Aspect, NotCompared, Subject, SubjectKind};

/// A side of the comparison.
pub(super) struct Half<'s> {
    pub(super) subject: &'s Subject,
    compiled: Result<CompiledSchema, String>,
    /// Whether any element may stand for another.
    grouped: bool,
}

/// Both sides.
pub(super) struct Pair<'s> {
    pub(super) old: Half<'s>,
    pub(super) new: Half<'s>,
}

/// What was found about one thing that one side takes: whether the other takes all of it. The first says so for submitters
/// (everything that OLD takes NEW takes), the second for receivers.
pub(super) struct Both<W> {
    pub(super) submitter: Inclusion<W>,
    pub(super) receiver: Inclusion<W>,
}

impl<'s> Half<'s> {
    /// Compiles the structure `schema`, which is that of the subject, or that with further types behind its own.
    pub(super) fn new(subject: &'s Subject, schema: Schema) -> Self {
        let schema = Arc::new(schema);
        let layout = subject.definition.layout.as_ref();
        let compiled = CompiledSchema::of_definition(schema, layout);
        let compiled = compiled.map_err(|error| error.to_string());
        let elements = &subject.definition.schema.elements;
        Self {
            subject,
            compiled,
            grouped: elements
                .iter()
                .any(|element| !element.substitutes.is_empty()),
        }
    }

    pub(super) fn definition(&self) -> &'s Definition {
        &self.subject.definition
    }

    pub(super) fn schema(&self) -> &'s Schema {
        &self.subject.definition.schema
    }

    pub(super) fn effects(&self) -> Effects {
        self.subject.definition.standard.effects
    }

    /// The checker of a simple type; `None` when the structure makes no sense.
    pub(super) fn checker(&self, id: SimpleTypeId) -> Option<&ValueChecker> {
        self.compiled
            .as_ref()
            .ok()
            .map(|compiled| compiled.value(id))
    }

    /// Whether a text is a value of a simple type.
    pub(super) fn takes(&self, id: SimpleTypeId, text: &str) -> bool {
        self.checker(id)
            .is_some_and(|checker| checker.check(text).is_ok())
    }

    /// Whether a text that is no value of a column's type is refused: it may be damage that is known, and let through with its
    /// value repaired.
    pub(super) fn refuses_cell(
        &self,
        id: SimpleTypeId,
        kind: RepairKind,
        refuses_damage: bool,
        text: &str,
    ) -> bool {
        let Some(checker) = self.checker(id) else {
            return false;
        };
        match value_problem(checker, kind, text) {
            Some(ValueProblem::Wrong(_)) => true,
            // A value that is lost is wrong, whatever happened to it.
            Some(ValueProblem::Damaged(repair)) => {
                repair.text.is_none() || (refuses_damage && !repair.is_cleaning_only())
            }
            None => false,
        }
    }

    /// A name with the side's own namespace taken away, so that names compare when the namespace itself changed.
    pub(super) fn plain(&self, name: &QName) -> (Arc<str>, Arc<str>) {
        let own = self.subject.kind == SubjectKind::JsonSchema
            || name.namespace == self.schema().namespace;
        let namespace = if own {
            "".into()
        } else {
            Arc::clone(&name.namespace)
        };
        (namespace, Arc::clone(&name.local))
    }

    /// The name of an element, as [`Half::plain`] makes it.
    pub(super) fn name(&self, element: ElementId) -> (Arc<str>, Arc<str>) {
        self.plain(&self.schema().element(element).name)
    }

    /// Elements that may stand where a declaration is mentioned.
    pub(super) fn standing(&self, head: ElementId) -> Vec<ElementId> {
        // Looking members up costs a walk over all declarations, and hardly any structure has substitution groups.
        if self.grouped {
            substitutes(self.schema(), head)
        } else if self.schema().element(head).is_abstract {
            Vec::new()
        } else {
            vec![head]
        }
    }

    fn not_compiled(&self, problem: &str) -> NotCompared {
        NotCompared {
            what: format!(
                "whether what {} takes is taken on the other side: {problem}",
                self.subject.name
            ),
            origin: concord_standards::schema::Origin::default(),
        }
    }
}

impl Pair<'_> {
    /// Whether both sides can say something of an aspect.
    pub(super) fn says(&self, aspect: Aspect) -> bool {
        self.old.subject.kind.says(aspect) && self.new.subject.kind.says(aspect)
    }

    /// Whether content models can be compared as they are: both sides say an order, or neither can.
    pub(super) fn compares_content(&self) -> bool {
        let order = |half: &Half<'_>| half.subject.kind.says(Aspect::Order);
        order(&self.old) == order(&self.new) && self.says(Aspect::Occurrence)
    }

    /// What cannot be decided, because a side makes no sense as a whole.
    pub(super) fn problems(&self) -> impl Iterator<Item = NotCompared> {
        [&self.old, &self.new].into_iter().filter_map(|half| {
            let problem = half.compiled.as_ref().err()?;
            Some(half.not_compiled(problem))
        })
    }

    fn compiled(&self) -> Result<(&CompiledSchema, &CompiledSchema), String> {
        let old = self.old.compiled.as_ref().map_err(Clone::clone)?;
        let new = self.new.compiled.as_ref().map_err(Clone::clone)?;
        Ok((old, new))
    }

    /// Whether the values of a type are taken by the other side's, both ways.
    pub(super) fn values(&self, old: SimpleTypeId, new: SimpleTypeId) -> Both<String> {
        Both {
            submitter: self.values_of_old(old, new),
            receiver: self.values_of_new(old, new),
        }
    }

    /// Whether NEW takes the values of OLD.
    pub(super) fn values_of_old(&self, old: SimpleTypeId, new: SimpleTypeId) -> Inclusion<String> {
        match self.compiled() {
            Ok((mine, theirs)) => language::values((mine, old), (theirs, new)),
            Err(why) => Inclusion::Unknown(why),
        }
    }

    /// Whether OLD takes the values of NEW.
    pub(super) fn values_of_new(&self, old: SimpleTypeId, new: SimpleTypeId) -> Inclusion<String> {
        match self.compiled() {
            Ok((mine, theirs)) => language::values((theirs, new), (mine, old)),
            Err(why) => Inclusion::Unknown(why),
        }
    }

    /// Whether the children that a type takes are taken by the other side's, both ways.
    pub(super) fn children(&self, old: ComplexTypeId, new: ComplexTypeId) -> Both<Vec<QName>> {
        match self.compiled() {
            Ok((mine, theirs)) => {
                let same = |left, right| {
                    self.old.plain(&mine.schema.element(left).name)
                        == self.new.plain(&theirs.schema.element(right).name)
                };
                Both {
                    submitter: language::children((mine, old), (theirs, new), &same),
                    receiver: language::children((theirs, new), (mine, old), &|left, right| {
                        same(right, left)
                    }),
                }
            }
            Err(why) => Both::unknown(&why),
        }
    }
}

impl<W> Both<W> {
    fn unknown(why: &str) -> Self {
        Self {
            submitter: Inclusion::Unknown(why.to_owned()),
            receiver: Inclusion::Unknown(why.to_owned()),
        }
    }
}
