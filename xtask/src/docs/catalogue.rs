//! The rules of the catalogue and of every definition, put together by id.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use concord_check::BuiltinRule;
use concord_finding::{Rule, RuleClass};
use concord_standards::registry::Registry;
use concord_standards::rules::RuleDefinition;

use crate::Failed;
use crate::oracle::Folder;

/// Groups of rules in the order in which they are listed, with their headings.
pub(super) const GROUPS: [(RuleClass, &str); 4] = [
    (RuleClass::Business, "Rules of standards"),
    (RuleClass::Carrier, "Whether the input can be read"),
    (RuleClass::Structure, "Which elements stand where"),
    (RuleClass::Value, "Values"),
];

/// A rule as one or several standards have it.
pub(super) struct Variant {
    pub(super) rule: Arc<Rule>,
    /// How it is checked; `None` for what a carrier has.
    pub(super) definition: Option<RuleDefinition>,
    /// Names of the standards.
    pub(super) standards: Vec<String>,
}

/// Everything that has one id.
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) group: RuleClass,
    /// Standards can have different rules under one id.
    pub(super) variants: Vec<Variant>,
}

impl Entry {
    pub(super) fn first(&self) -> &Rule {
        &self.variants[0].rule
    }
}

/// Every rule: those of standards by id, then the built-in ones and those about stays in their order.
pub(super) fn entries(root: &Path) -> Result<Vec<Entry>, Failed> {
    let registry = Registry::new(vec![Box::new(Folder(root.join("schemas")))])?;
    let mut written: BTreeMap<String, Vec<Variant>> = BTreeMap::new();
    for info in registry.list() {
        let name = info.name();
        for definition in registry.load(&name)?.rules {
            let variants = written.entry(definition.rule.id.to_string()).or_default();
            let same = |variant: &&mut Variant| {
                variant.rule == definition.rule
                    && variant.definition.as_ref().is_some_and(|other| {
                        other.at == definition.at && other.check == definition.check
                    })
            };
            match variants.iter_mut().find(same) {
                Some(variant) => variant.standards.push(name.clone()),
                None => variants.push(Variant {
                    rule: Arc::clone(&definition.rule),
                    definition: Some(definition),
                    standards: vec![name.clone()],
                }),
            }
        }
    }
    let of_standards = written.into_iter().map(|(id, variants)| Entry {
        group: variants[0].rule.class,
        id,
        variants,
    });
    let built_in = BuiltinRule::ALL.iter().map(|rule| Entry {
        id: rule.rule().id.to_string(),
        group: rule.rule().class,
        variants: vec![Variant {
            rule: Arc::clone(rule.rule()),
            definition: None,
            standards: Vec::new(),
        }],
    });
    let of_stays = concord_stays::rules().map(|rule| Entry {
        id: rule.id.to_string(),
        group: rule.class,
        variants: vec![Variant {
            rule: Arc::clone(rule),
            definition: None,
            standards: vec!["HL7 v2 messages, with `--stays`".to_owned()],
        }],
    });
    let of_batches = concord_practice::rules().map(|rule| Entry {
        id: rule.id.to_string(),
        group: rule.class,
        variants: vec![Variant {
            rule: Arc::clone(rule),
            definition: None,
            standards: vec![
                "extracts of practice systems, with `concord practice check`".to_owned(),
            ],
        }],
    });
    let rules = of_standards.chain(built_in).chain(of_stays);
    Ok(rules.chain(of_batches).collect())
}
