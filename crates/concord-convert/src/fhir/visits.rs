//! What is about one person, visit by visit.
//!
//! A record of the model is one activity: an attendance, or a spell with its episodes. So an encounter that is part of no
//! other becomes a record with all that says to be of it (`encounter`), and with what these lead to. What is of no visit is a
//! record of its own, with the patient: which of several visits it belongs to, nobody said.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::people::{Judged, collect, is_patient, names, plain};

/// The entries about one person, by visit, in the order in which visits begin in the bundle.
pub(super) fn by_visit(entries: Vec<Judged>) -> Vec<Vec<Judged>> {
    let bundle = Bundle::of(&entries);
    let visits: BTreeSet<usize> = bundle.visits.iter().copied().flatten().collect();
    if visits.len() < 2 {
        return vec![entries];
    }
    let mut groups: Vec<BTreeSet<usize>> = visits
        .iter()
        .map(|visit| bundle.group(&entries, |of| of == Some(*visit)))
        .collect();
    let taken: BTreeSet<usize> = groups.iter().flatten().copied().collect();
    let left = |number: &usize| !taken.contains(number);
    if (0..entries.len()).any(|number| left(&number)) {
        let mut rest = bundle.patients(&entries);
        rest.extend((0..entries.len()).filter(left));
        groups.push(bundle.closed(&entries, rest));
    }
    let entries_of = |group: BTreeSet<usize>| group.into_iter().map(|one| entries[one].clone());
    groups
        .into_iter()
        .map(|group| entries_of(group).collect())
        .collect()
}

/// What is known of the entries about one person.
struct Bundle {
    /// Entries by what refers to them.
    by_name: BTreeMap<String, usize>,
    /// Of each entry the visit that it says to be of, if it is in the bundle.
    visits: Vec<Option<usize>>,
}

impl Bundle {
    fn of(entries: &[Judged]) -> Self {
        let mut bundle = Self {
            by_name: BTreeMap::new(),
            visits: Vec::new(),
        };
        for (number, (entry, _)) in entries.iter().enumerate() {
            for name in names(entry) {
                bundle.by_name.entry(name).or_insert(number);
            }
        }
        let visits = entries.iter().enumerate();
        bundle.visits = visits
            .map(|(number, _)| bundle.visit(entries, number))
            .collect();
        bundle
    }

    fn visit(&self, entries: &[Judged], number: usize) -> Option<usize> {
        let resource = resource(entries, number)?;
        let mut encounter = if is_encounter(resource) {
            number
        } else {
            encounters(resource).find_map(|reference| self.led_to(reference))?
        };
        let mut seen = BTreeSet::new();
        while seen.insert(encounter) {
            let whole = self::resource(entries, encounter).and_then(|one| one.get("partOf"));
            match whole.and_then(|whole| self.led_to(whole)) {
                // Encounters that are part of one another in a circle are one visit.
                Some(whole) if seen.contains(&whole) => encounter = *seen.first()?,
                Some(whole) => encounter = whole,
                None => {}
            }
        }
        let visit = self::resource(entries, encounter)?;
        is_encounter(visit).then_some(encounter)
    }

    fn led_to(&self, reference: &Value) -> Option<usize> {
        let to = reference.get("reference").and_then(Value::as_str)?;
        self.by_name.get(&plain(to)).copied()
    }

    fn patients(&self, entries: &[Judged]) -> BTreeSet<usize> {
        let is_of = |number: &usize| resource(entries, *number).is_some_and(is_patient);
        (0..self.visits.len()).filter(is_of).collect()
    }

    /// The patient, the entries of a visit, and what they lead to.
    fn group(&self, entries: &[Judged], of: impl Fn(Option<usize>) -> bool) -> BTreeSet<usize> {
        let own = self
            .visits
            .iter()
            .enumerate()
            .filter(|(_, visit)| of(**visit));
        let mut group = self.patients(entries);
        group.extend(own.map(|(number, _)| number));
        self.closed(entries, group)
    }

    /// Some entries with what they lead to, as far as it is of no visit itself.
    fn closed(&self, entries: &[Judged], mut group: BTreeSet<usize>) -> BTreeSet<usize> {
        let mut new: Vec<usize> = group.iter().copied().collect();
        while let Some(number) = new.pop() {
            let mut references = Vec::new();
            collect(&entries[number].0, &mut references);
            for led in references.iter().filter_map(|name| self.by_name.get(name)) {
                if self.visits[*led].is_none() && group.insert(*led) {
                    new.push(*led);
                }
            }
        }
        group
    }
}

fn resource(entries: &[Judged], number: usize) -> Option<&Value> {
    entries.get(number)?.0.get("resource")
}

fn is_encounter(resource: &Value) -> bool {
    resource.get("resourceType").and_then(Value::as_str) == Some("Encounter")
}

/// References of a resource to the encounter that it is of: `encounter`, with some types `context` or `context.encounter`.
pub(super) fn encounters(resource: &Value) -> impl Iterator<Item = &Value> {
    let context = resource.get("context");
    let within = context.and_then(|context| context.get("encounter"));
    let all = [resource.get("encounter"), context, within];
    all.into_iter().flatten().flat_map(|found| match found {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(kind: &str, id: &str, says: Value) -> Judged {
        let mut resource = says;
        resource["resourceType"] = json!(kind);
        resource["id"] = json!(id);
        resource["subject"] = json!({"reference": "Patient/p"});
        (
            json!({"fullUrl": format!("urn:uuid:{id}"), "resource": resource}),
            None,
        )
    }

    fn of(encounter: &str) -> Value {
        json!({"encounter": {"reference": encounter}})
    }

    fn found(entries: Vec<Judged>) -> Vec<String> {
        let groups = by_visit(entries).into_iter();
        let ids = |group: Vec<Judged>| {
            let ids = group
                .iter()
                .map(|(entry, _)| entry["resource"]["id"].as_str());
            ids.collect::<Option<Vec<_>>>().expect("ids").join(" ")
        };
        groups.map(ids).collect()
    }

    #[test]
    fn each_visit_has_what_is_of_it_and_what_that_leads_to() {
        let entries = vec![
            entry("Condition", "c1", of("Encounter/a")),
            entry("Patient", "p", json!({})),
            entry(
                "Encounter",
                "a",
                json!({"basedOn": [{"reference": "ServiceRequest/r"}]}),
            ),
            entry("Encounter", "b", json!({})),
            entry(
                "Encounter",
                "b1",
                json!({"partOf": {"reference": "urn:uuid:b"}}),
            ),
            entry(
                "Condition",
                "c2",
                of("https://example.nhs.uk/fhir/Encounter/b1/_history/3"),
            ),
            entry(
                "ServiceRequest",
                "r",
                json!({"requester": {"reference": "Organization/o"}}),
            ),
            entry("Organization", "o", json!({})),
            entry(
                "Procedure",
                "x",
                json!({"encounter": {"reference": "Encounter/b"}, "reasonReference": [{"reference": "Condition/c1"}]}),
            ),
            entry("AllergyIntolerance", "y", json!({})),
            entry("Condition", "z", of("Encounter/elsewhere")),
            entry(
                "DocumentReference",
                "d",
                json!({"context": {"encounter": [{"reference": "Encounter/a"}]}}),
            ),
        ];
        assert_eq!(found(entries), ["c1 p a r o d", "p b b1 c2 x", "p y z"]);
    }

    #[test]
    fn one_visit_is_not_parted() {
        let entries = vec![
            entry("Patient", "p", json!({})),
            entry("Encounter", "b", json!({})),
            entry(
                "Encounter",
                "b1",
                json!({"partOf": {"reference": "Encounter/b"}}),
            ),
            entry("Condition", "c", json!({})),
        ];
        assert_eq!(found(entries), ["p b b1 c"]);
        // Encounters that are part of one another have no end.
        let circle = vec![
            entry(
                "Encounter",
                "a",
                json!({"partOf": {"reference": "Encounter/b"}}),
            ),
            entry(
                "Encounter",
                "b",
                json!({"partOf": {"reference": "Encounter/a"}}),
            ),
        ];
        assert_eq!(found(circle), ["a b"]);
    }
}
