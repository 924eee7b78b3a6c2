//! What a bundle holds, person by person.
//!
//! Whom a resource is about is said by its subject, by reference or NHS number, else by the encounter that it is of. What is about nobody (organisations,
//! practitioners, places) goes with every person whose resources lead to it; what none of them leads to is a record of its own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::known::Told;
use super::visits::encounters;

/// Elements that say whom a resource is about, in the order in which they are asked.
const SUBJECTS: [&str; 4] = ["subject", "patient", "for", "beneficiary"];

/// How somebody is called who is known by an NHS number.
const NHS_NUMBER: &str = "NHS number ";

/// An entry of a bundle, with what is told of it, if anything was found.
pub(super) type Judged = (Value, Option<Told>);

/// The entries of a bundle, by person.
#[derive(Debug)]
pub(super) struct People {
    entries: Vec<Judged>,
    /// Entries that are about nobody, by what refers to them.
    shared: BTreeMap<String, usize>,
    /// The entries of each person, then what nobody leads to.
    groups: VecDeque<Vec<usize>>,
    /// Shared entries that no person has led to so far.
    left: BTreeSet<usize>,
}

impl People {
    /// Parts the entries of a bundle; gives them back where they are about one person, or nobody.
    pub(super) fn of(entries: Vec<Judged>) -> Result<Self, Vec<Judged>> {
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for (number, (entry, _)) in entries.iter().enumerate() {
            let Some(resource) = entry.get("resource").filter(|one| is_patient(one)) else {
                continue;
            };
            // Two resources of one NHS number are one person.
            let person = numbers(resource)
                .iter()
                .find_map(|number| known.get(number).cloned());
            let person = person.unwrap_or_else(|| format!("Patient/#{number}"));
            for name in people(entry, number) {
                known.entry(name).or_insert_with(|| person.clone());
            }
        }
        let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
        let mut by_person: BTreeMap<String, usize> = BTreeMap::new();
        let mut shared = BTreeMap::new();
        let mut left = BTreeSet::new();
        let persons: Vec<Option<String>> = entries
            .iter()
            .enumerate()
            .map(|(number, (entry, _))| whose(entry, number, &known))
            .collect();
        let by_encounter = by_encounter(&entries, &persons);
        for (number, (person, (entry, _))) in persons.iter().zip(&entries).enumerate() {
            let Some(person) = person.as_ref().or(by_encounter[number].as_ref()) else {
                left.insert(number);
                for name in names(entry) {
                    shared.entry(name).or_insert(number);
                }
                continue;
            };
            let group = *by_person.entry(person.clone()).or_insert_with(|| {
                groups.push((person.clone(), Vec::new()));
                groups.len() - 1
            });
            groups[group].1.push(number);
        }
        if groups.len() < 2 {
            return Err(entries);
        }
        Ok(Self {
            entries,
            shared,
            groups: groups.into_iter().map(|(_, group)| group).collect(),
            left,
        })
    }

    /// The entries of the next person, in the order of the bundle.
    pub(super) fn next(&mut self) -> Option<Vec<Judged>> {
        let Some(group) = self.groups.pop_front() else {
            let left = std::mem::take(&mut self.left);
            let left = left
                .into_iter()
                .map(|number| std::mem::take(&mut self.entries[number]));
            return Some(left.collect::<Vec<_>>()).filter(|left| !left.is_empty());
        };
        let mut own: BTreeSet<usize> = group.iter().copied().collect();
        let mut new = group.clone();
        while let Some(number) = new.pop() {
            let mut references = Vec::new();
            collect(&self.entries[number].0, &mut references);
            let led = references.iter().filter_map(|name| self.shared.get(name));
            for number in led {
                if own.insert(*number) {
                    new.push(*number);
                    self.left.remove(number);
                }
            }
        }
        let group: BTreeSet<usize> = group.into_iter().collect();
        let entries = own.into_iter().map(|number| {
            if group.contains(&number) {
                std::mem::take(&mut self.entries[number])
            } else {
                self.entries[number].clone()
            }
        });
        Some(entries.collect())
    }
}

/// Whom an entry is about: one whom the bundle has, else one who is a person by the name alone.
fn whose(entry: &Value, number: usize, known: &BTreeMap<String, String>) -> Option<String> {
    let names = people(entry, number);
    let person = names.iter().find_map(|name| known.get(name).cloned());
    person.or_else(|| names.into_iter().find(|name| is_person(name)))
}

/// Of entries that say nobody, whom the encounter is about that they are of.
fn by_encounter(entries: &[Judged], persons: &[Option<String>]) -> Vec<Option<String>> {
    let mut by_name: BTreeMap<String, &String> = BTreeMap::new();
    for ((entry, _), person) in entries.iter().zip(persons) {
        for name in names(entry) {
            by_name.extend(person.as_ref().map(|person| (name, person)));
        }
    }
    let of = |(entry, _): &Judged| {
        let encounters = encounters(entry.get("resource")?);
        let mut names = encounters.flat_map(referred);
        names.find_map(|name| by_name.get(&name).map(|person| (*person).clone()))
    };
    entries.iter().map(of).collect()
}

pub(super) fn is_patient(resource: &Value) -> bool {
    resource.get("resourceType").and_then(Value::as_str) == Some("Patient")
}

/// What refers to an entry: its full URL, and its id with its type, or as a URN.
pub(super) fn names(entry: &Value) -> Vec<String> {
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let url = text(entry, "fullUrl").map(|url| plain(&url));
    let resource = entry.get("resource");
    let own = resource.and_then(|one| {
        Some(format!(
            "{}/{}",
            text(one, "resourceType")?,
            text(one, "id")?
        ))
    });
    let id = resource.and_then(|one| Some(format!("urn:uuid:{}", text(one, "id")?)));
    url.into_iter().chain(own).chain(id).collect()
}

/// A reference without the server's address and the version.
pub(super) fn plain(reference: &str) -> String {
    let reference = reference.split("/_history/").next().unwrap_or(reference);
    let mut parts = reference.rsplitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(id), Some(kind), Some(_))
            if kind.starts_with(|first: char| first.is_ascii_uppercase()) =>
        {
            format!("{kind}/{id}")
        }
        _ => reference.to_owned(),
    }
}

/// NHS numbers of a resource's identifiers.
fn numbers(resource: &Value) -> Vec<String> {
    let all = resource.get("identifier").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(number).collect()
}

fn number(identifier: &Value) -> Option<String> {
    let system = identifier.get("system").and_then(Value::as_str)?;
    let value = identifier.get("value").and_then(Value::as_str)?;
    let is_nhs = system.to_ascii_lowercase().ends_with("/id/nhs-number");
    is_nhs.then(|| format!("{NHS_NUMBER}{value}"))
}

/// Whom an entry may be about: itself, when it is a patient, else what its references to subjects and participants lead to.
fn people(entry: &Value, number: usize) -> Vec<String> {
    let Some(resource) = entry.get("resource") else {
        return Vec::new();
    };
    if is_patient(resource) {
        let names = names(entry).into_iter().chain(numbers(resource));
        return names.chain([format!("Patient/#{number}")]).collect();
    }
    let subjects = SUBJECTS.iter().filter_map(|name| resource.get(name));
    let participants = resource.get("participant").and_then(Value::as_array);
    let participants = participants.into_iter().flatten();
    let actors = participants.filter_map(|one| one.get("actor"));
    let references = subjects.chain(actors);
    references.flat_map(referred).collect()
}

/// What a reference leads to: by address, by NHS number.
fn referred(reference: &Value) -> Vec<String> {
    let said = reference
        .get("reference")
        .and_then(Value::as_str)
        .map(plain);
    let number = reference.get("identifier").and_then(number);
    said.into_iter().chain(number).collect()
}

/// Whether what is referred to is a person, whoever that is.
fn is_person(name: &str) -> bool {
    name.starts_with("Patient/") || name.starts_with(NHS_NUMBER)
}

/// All references of a value; how deep it is, its reader limits.
pub(super) fn collect(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        Value::Object(members) => {
            for (name, inner) in members {
                match inner {
                    Value::String(text) if name == "reference" => out.push(plain(text)),
                    inner => collect(inner, out),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(resource: &Value) -> Judged {
        let kind = resource["resourceType"].as_str().expect("a type");
        let id = resource["id"].as_str().expect("an id");
        let url = format!("https://example.nhs.uk/{kind}/{id}");
        (json!({"fullUrl": url, "resource": resource}), None)
    }

    fn ids(entries: &[Judged]) -> Vec<&str> {
        let ids = entries
            .iter()
            .map(|(entry, _)| entry["resource"]["id"].as_str());
        ids.map(|id| id.expect("an id")).collect()
    }

    #[test]
    fn each_person_has_what_their_resources_lead_to() {
        let entries = vec![
            entry(
                &json!({"resourceType": "Patient", "id": "a", "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000001"}]}),
            ),
            entry(&json!({"resourceType": "Patient", "id": "b"})),
            entry(&json!({"resourceType": "Organization", "id": "o"})),
            entry(
                &json!({"resourceType": "PractitionerRole", "id": "r", "organization": {"reference": "Organization/o"}}),
            ),
            entry(
                &json!({"resourceType": "Encounter", "id": "e", "subject": {"reference": "https://example.nhs.uk/Patient/b/_history/2"}, "participant": [{"individual": {"reference": "PractitionerRole/r"}}]}),
            ),
            entry(
                &json!({"resourceType": "ServiceRequest", "id": "s", "subject": {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000001"}}}),
            ),
            entry(
                &json!({"resourceType": "Appointment", "id": "p", "participant": [{"actor": {"reference": "Organization/o"}}, {"actor": {"reference": "Patient/c"}}]}),
            ),
            entry(&json!({"resourceType": "OperationOutcome", "id": "x"})),
            entry(
                &json!({"resourceType": "Condition", "id": "d", "encounter": {"reference": "urn:uuid:e"}}),
            ),
        ];
        let mut people = People::of(entries).expect("there are several");
        let mut found = Vec::new();
        while let Some(entries) = people.next() {
            found.push(ids(&entries).join(" "));
        }
        assert_eq!(found, ["a s", "b o r e d", "o p", "x"]);
    }

    #[test]
    fn one_person_is_not_parted() {
        let entries = vec![
            entry(&json!({"resourceType": "Patient", "id": "a"})),
            entry(
                &json!({"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/a"}}),
            ),
            entry(&json!({"resourceType": "Organization", "id": "o"})),
        ];
        let same = People::of(entries).expect_err("there is one person");
        assert_eq!(ids(&same), ["a", "e", "o"]);
    }
}
