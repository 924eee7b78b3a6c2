//! Whether a decision table can be walked: every box leads on, every way ends, every reason code is published.

use std::collections::{BTreeMap, BTreeSet};

use super::boxes::{Exit, FILE};
use super::{DecisionTable, Payer};
use crate::commissioner::engine::{BASES, SETS_NEEDED};
use crate::commissioner::error::Error;
use crate::commissioner::settings::Reading;

const READINGS: [Reading; 3] = [Reading::ReasonCodes, Reading::FlowChart, Reading::Printed];

pub(super) fn table(table: &DecisionTable) -> Result<(), Error> {
    let wrong = |reason: String| Err(Error::wrong(FILE, None, reason));
    let mut ids = BTreeSet::new();
    for definition in &table.boxes {
        if !ids.insert(&definition.id) {
            return wrong(format!("box `{}` stands there twice", definition.id));
        }
        if let Some(set) = &definition.set
            && !table.sets.contains_key(set)
        {
            return wrong(format!("box `{}` needs the set `{set}`", definition.id));
        }
        if let Some(unknown) = &definition.unknown
            && !is_published(table, unknown)
        {
            return wrong(format!(
                "box `{}`: there is no reason code {unknown}",
                definition.id
            ));
        }
        for reading in READINGS {
            let (yes, no) = definition.exits(reading);
            for exit in [yes, no] {
                let known = match exit {
                    Exit::Box(id) => table.find(id).is_some(),
                    Exit::End(id) => table.end(id).is_some(),
                };
                if !known {
                    return wrong(format!("box `{}` leads to `{exit}`", definition.id));
                }
            }
        }
    }
    if table.find(&table.first).is_none() {
        return wrong(format!("there is no box `{}` to begin with", table.first));
    }
    for name in SETS_NEEDED {
        if !table.sets.contains_key(*name) {
            return wrong(format!("there is no set `{name}`"));
        }
    }
    for reading in READINGS {
        ends(table, reading)?;
    }
    for end in &table.ends {
        reason_codes(table, end)?;
    }
    Ok(())
}

/// Every way ends: no box leads back to one before it.
fn ends(table: &DecisionTable, reading: Reading) -> Result<(), Error> {
    // How many steps a box is away from an end at most, once that is known of all boxes that it leads to.
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    loop {
        let before = known.len();
        for definition in &table.boxes {
            let (yes, no) = definition.exits(reading);
            let far = [yes, no].map(|exit| match exit {
                Exit::End(_) => Some(0),
                Exit::Box(id) => known.get(&**id).copied(),
            });
            if let [Some(yes), Some(no)] = far {
                known.insert(&definition.id, 1 + yes.max(no));
            }
        }
        if known.len() == table.boxes.len() {
            return Ok(());
        }
        if known.len() == before {
            let boxes = table.boxes.iter().map(|definition| &*definition.id);
            let around: Vec<&str> = boxes.filter(|id| !known.contains_key(id)).collect();
            return Err(Error::wrong(
                FILE,
                None,
                format!("ways go round through {}", around.join(", ")),
            ));
        }
    }
}

/// Whether a reason code is published that begins with no commissioner.
fn is_published(table: &DecisionTable, code: &str) -> bool {
    code.rsplit_once('_').is_some_and(|(of, suffix)| {
        let mut forms = table.reasons.iter();
        forms.any(|form| form.of == of && form.suffix == suffix)
    })
}

/// Every reason code that an end can give is one of those that are published.
fn reason_codes(table: &DecisionTable, end: &super::End) -> Result<(), Error> {
    let wrong = |reason: String| {
        Err(Error::wrong(
            FILE,
            None,
            format!("end `{}`: {reason}", end.id),
        ))
    };
    if (end.payer == Payer::Code) != end.code.is_some() {
        return wrong("a code stands there if and only if it is always the same".to_owned());
    }
    let published = |of: &str, suffix: &str| {
        table
            .reasons
            .iter()
            .any(|form| form.of == of && form.suffix == suffix)
    };
    for (basis, suffix) in &end.suffixes {
        if !BASES.contains(&basis.as_str()) {
            return wrong(format!("nothing is found by `{basis}`"));
        }
        let of = end.reason.as_deref().unwrap_or_default();
        if !published(of, suffix) {
            return wrong(format!("no reason code ends in {of}_{suffix}"));
        }
    }
    if let Some(unknown) = &end.unknown
        && !is_published(table, unknown)
    {
        return wrong(format!("there is no reason code {unknown}"));
    }
    Ok(())
}
