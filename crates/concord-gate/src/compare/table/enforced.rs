//! What a check of a table does about what is wrong with a column: the rules of the standard, its effects, and the checker's
//! own rules say.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_check::BuiltinRule;
use concord_finding::{Effect, Rule, RuleClass, RuleId};
use concord_standards::definition::Effects;
use concord_standards::layout::Field;
use concord_standards::rules::{CarrierCheck, Check, RuleDefinition};

/// The effects of what is wrong with columns, on one side.
pub(super) struct Enforcement {
    effects: Effects,
    rules: BTreeMap<RuleId, Arc<Rule>>,
    /// What comes of a value that was damaged on its way and can be told all the same.
    pub(super) damaged: Effect,
}

/// What comes of what is wrong with one column.
#[derive(Debug, Clone)]
pub(super) struct Enforced {
    /// It is blank where it must be filled, or filled where it must be blank.
    pub(super) presence: Outcome,
    /// Its value has not the format.
    pub(super) format: Outcome,
    /// Its value is not on the code list.
    pub(super) code: Outcome,
}

/// What comes of a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) effect: Effect,
    /// The standard's own rule that says so; `None` when it has none, and the checker's own rule speaks.
    pub(super) rule: Option<RuleId>,
}

impl Outcome {
    /// Whether what holds the mistake is refused.
    pub(super) fn refuses(&self) -> bool {
        self.effect.is_reject()
    }
}

impl Enforcement {
    /// From the rules and effects of a standard, as the checker takes them.
    pub(super) fn new(effects: Effects, rules: &[RuleDefinition]) -> Self {
        let mut found = Self {
            effects,
            rules: BTreeMap::new(),
            damaged: Effect::Note,
        };
        let mut dirty = BuiltinRule::ValueDamaged.rule();
        for definition in rules {
            match definition.check {
                Check::Field(_) => {
                    let rule = &definition.rule;
                    found.rules.insert(rule.id.clone(), Arc::clone(rule));
                }
                Check::Carrier(CarrierCheck::DirtyValue) => dirty = &definition.rule,
                _ => {}
            }
        }
        found.damaged = found.effect(dirty);
        found
    }

    /// The effect of a rule under this standard. The standard's own effects stand where a rule rejects records.
    fn effect(&self, rule: &Rule) -> Effect {
        match rule.class {
            _ if rule.effect != Effect::RejectRecord => rule.effect,
            RuleClass::Structure => self.effects.structure,
            RuleClass::Value => self.effects.value,
            RuleClass::Carrier | RuleClass::Business => rule.effect,
        }
    }

    /// The effect of a rule of the checker.
    pub(super) fn of(&self, rule: BuiltinRule) -> Effect {
        self.effect(rule.rule())
    }

    pub(super) fn of_field(&self, field: &Field) -> Enforced {
        let rule = |id: &Option<RuleId>| id.as_ref().and_then(|id| self.rules.get(id));
        let (format, code) = (rule(&field.format_rule), rule(&field.code_rule));
        let speaks = |own: Option<&Arc<Rule>>, general: BuiltinRule| Outcome {
            effect: self.effect(own.unwrap_or_else(|| general.rule())),
            rule: own.map(|rule| rule.id.clone()),
        };
        Enforced {
            presence: speaks(rule(&field.presence_rule), BuiltinRule::ValueMissing),
            format: speaks(format.or(code), BuiltinRule::ValueFormat),
            code: speaks(code.or(format), BuiltinRule::ValueCode),
        }
    }
}
