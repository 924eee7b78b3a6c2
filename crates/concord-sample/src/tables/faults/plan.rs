//! Which makers the rules of a standard give.

use concord_finding::{RuleId, RuleStatus};
use concord_standards::definition::Definition;
use concord_standards::rules::{CarrierCheck, Check, Example, FieldCheck, RuleDefinition, Seat};

use super::{Broken, Facts, Work, rules, shapes, special, values};

/// Where a maker works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In any row but the first.
    Row,
    /// In one row of the file.
    Once,
    /// In the header.
    File,
    /// In the header or the whole file, so that other rules find less or nothing; only when it is asked for.
    Alone,
}

/// How a maker breaks its rule.
#[derive(Clone)]
pub(crate) enum Way {
    /// By a value of which the rule itself speaks: columns, each with such values.
    Value(Vec<(usize, Vec<String>)>),
    /// By damage to a value.
    Damage(values::Damaging),
    /// By an example of what breaks the rule, laid over the row.
    Overlay {
        example: Example,
        /// Columns that the rule is about; the row must agree with the others.
        about: Vec<String>,
    },
    /// By one of these elements' values, which is `value` in the example.
    Each {
        elements: Vec<String>,
        example: Example,
    },
    /// By leaving these out.
    LeaveOut {
        columns: Vec<String>,
        /// One of them, or all.
        all: bool,
        example: Option<Example>,
    },
    /// By the values of an earlier row.
    Repeat {
        elements: Vec<String>,
        example: Option<Example>,
    },
    /// By another value than that of the other rows.
    Differ(String),
    /// By code of its own.
    Own(fn(&mut Work<'_>) -> Option<Broken>),
    /// Not in a row.
    Outside,
}

/// A maker of faults.
#[derive(Clone)]
pub(crate) struct Maker {
    pub(crate) rule: RuleId,
    pub(crate) place: Place,
    pub(crate) way: Way,
}

impl Maker {
    pub(crate) fn make(&self, work: &mut Work<'_>) -> Option<Broken> {
        match &self.way {
            Way::Value(values) => values::wrong(work, &self.rule, values),
            Way::Damage(damaging) => values::damage(work, &self.rule, *damaging),
            Way::Overlay { example, about } => rules::overlay(work, example, about),
            Way::Each { elements, example } => rules::each(work, elements, example),
            Way::LeaveOut {
                columns,
                all,
                example,
            } => rules::leave_out(work, columns, *all, example.as_ref()),
            Way::Repeat { elements, example } => rules::repeat(work, elements, example.as_ref()),
            Way::Differ(element) => special::differ(work, element),
            Way::Own(make) => make(work),
            Way::Outside => None,
        }
    }
}

fn maker(rule: &str, place: Place, way: Way) -> Maker {
    Maker {
        rule: rule.into(),
        place,
        way,
    }
}

/// Every maker for a standard, in the order in which they take turns.
pub(crate) fn makers(definition: &Definition, facts: &Facts) -> Vec<Maker> {
    let mut all = Vec::new();
    for rule in &definition.rules {
        if rule.rule.status == RuleStatus::Stable {
            of_rule(rule, facts, &mut all);
        }
    }
    for rule in values::GENERAL {
        let values = values::wrong_values(facts, rule, &[]);
        if !values.is_empty() {
            all.push(maker(rule, Place::Row, Way::Value(values)));
        }
    }
    let carrier = |wanted: CarrierCheck| {
        let checks =
            |rule: &&RuleDefinition| matches!(rule.check, Check::Carrier(check) if check == wanted);
        definition
            .rules
            .iter()
            .find(checks)
            .map(|rule| &*rule.rule.id)
    };
    for damaging in values::damagings() {
        let (wanted, general) = if damaging.only_cleans {
            (CarrierCheck::Clean, "VALUE-UNCLEAN")
        } else {
            (CarrierCheck::DirtyValue, "VALUE-DAMAGED")
        };
        let rule = carrier(wanted).unwrap_or(general);
        if values::can_damage(facts, damaging) {
            all.push(maker(rule, Place::Row, Way::Damage(damaging)));
        }
    }
    for (rule, make) in shapes::IN_ROWS {
        all.push(maker(rule, Place::Row, Way::Own(*make)));
    }
    for (rule, make) in shapes::ONCE {
        all.push(maker(rule, Place::Once, Way::Own(*make)));
    }
    let spelling = carrier(CarrierCheck::DirtyHeader);
    for rule in super::header::IN_HEADER.iter().copied().chain(spelling) {
        all.push(maker(rule, Place::File, Way::Outside));
    }
    for rule in super::header::ALONE {
        all.push(maker(rule, Place::Alone, Way::Outside));
    }
    all
}

/// The makers of one rule.
fn of_rule(rule: &RuleDefinition, facts: &Facts, all: &mut Vec<Maker>) {
    let id = &rule.rule.id;
    let mut add = |way: Way| all.push(maker(id, Place::Row, way));
    if let Some(make) = special::of(id) {
        add(Way::Own(make));
        return;
    }
    let first = || rule.fail.first().cloned();
    if let Seat::Elements(elements) = &rule.at {
        for example in &rule.fail {
            add(Way::Each {
                elements: elements.clone(),
                example: example.clone(),
            });
        }
        return;
    }
    let mut overlays = |about: &[String]| {
        for example in &rule.fail {
            add(Way::Overlay {
                example: example.clone(),
                about: about.to_vec(),
            });
        }
    };
    match &rule.check {
        Check::Field(FieldCheck::Presence | FieldCheck::Format | FieldCheck::Code) => {
            let values = values::wrong_values(facts, id, &rule.fail);
            if !values.is_empty() {
                add(Way::Value(values));
            }
        }
        Check::Required { columns, .. } => add(Way::LeaveOut {
            columns: columns.clone(),
            all: false,
            example: first(),
        }),
        Check::OneOf { columns, .. } => add(Way::LeaveOut {
            columns: columns.clone(),
            all: true,
            example: None,
        }),
        Check::Blank { columns, .. } => overlays(columns),
        Check::Sql(_) => {
            let about: Vec<String> = match (&rule.place, &*rule.fail) {
                (Some(place), _) => vec![place.clone()],
                _ => Vec::new(),
            };
            overlays(&about);
        }
        // The finding stands at the later one.
        Check::Order { elements } => overlays(elements.last().map_or(&[], std::slice::from_ref)),
        Check::Window { element, .. } | Check::Code { element, .. } => {
            overlays(std::slice::from_ref(element));
        }
        Check::Exists { elements, .. } => overlays(elements),
        Check::Unique { elements, .. } => add(Way::Repeat {
            elements: elements.clone(),
            example: rule
                .fail
                .first()
                .and_then(|example| example.groups.values().next()?.first().cloned()),
        }),
        Check::Consistent { element, per } if per.is_empty() => {
            add(Way::Differ(element.clone()));
        }
        Check::Consistent { .. }
        | Check::Equal { .. }
        | Check::RecordCount { .. }
        | Check::Sequence { .. }
        | Check::SubmissionSequence { .. }
        | Check::Leak { .. }
        | Check::Query(_)
        | Check::Reconcile { .. }
        | Check::Carrier(_) => {}
    }
}
