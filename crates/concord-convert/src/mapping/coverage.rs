//! What a structure holds and a mapping does not name.

use std::collections::{BTreeMap, BTreeSet};

use concord_check::places::{PlaceId, Reference, Shape};
use concord_standards::definition::{Definition, Mapping, Problem};
use concord_standards::schema::Origin;

use super::lint::problem;

/// Elements that are neither mapped nor said to be unmapped, and those that are said to be and are mapped.
pub(super) fn problems(
    definition: &Definition,
    mapping: &Mapping,
    shape: &Shape<'_>,
    named: &BTreeSet<PlaceId>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut excused: BTreeSet<PlaceId> = BTreeSet::new();
    for unmapped in &mapping.unmapped {
        for reference in &unmapped.elements {
            let places: Vec<PlaceId> = Reference::read(&reference.text)
                .map(|reference| shape.candidates(&reference))
                .unwrap_or_default()
                .into_iter()
                .filter(|&place| shape.place(place).text.is_some())
                .collect();
            // What a pattern matches and is mapped is not meant.
            let all = !reference.text.contains('*');
            let mapped = || places.iter().find(|place| named.contains(place));
            let message = if places.is_empty() && !reference.shared {
                format!("the structure has no element `{}`", reference.text)
            } else if let Some(&place) = mapped().filter(|_| all) {
                format!("{} is mapped all the same", shape.shown(place))
            } else {
                excused.extend(places);
                continue;
            };
            problems.push(problem(&mapping.files, &reference.origin, message, None));
        }
    }
    let mut missing: BTreeMap<&str, Vec<PlaceId>> = BTreeMap::new();
    for (index, place) in shape.places.iter().enumerate() {
        let id = index as PlaceId;
        if place.text.is_some() && !named.contains(&id) && !excused.contains(&id) {
            missing.entry(&place.name).or_default().push(id);
        }
    }
    let origin = Origin {
        file: format!("{}/mapping.toml", definition.standard.folder).into(),
        line: 1,
    };
    for (name, places) in missing {
        let others = match places.len() {
            1 => String::new(),
            2 => " and one other place".to_owned(),
            count => format!(" and {} other places", count - 1),
        };
        let message = format!(
            "`{name}` is not mapped at {}{others}",
            places
                .first()
                .map(|&id| shape.shown(id))
                .unwrap_or_default()
        );
        let help = "map it, or say under [[unmapped]] why the model has no place for it";
        problems.push(problem(
            &mapping.files,
            &origin,
            message,
            Some(help.to_owned()),
        ));
    }
    problems
}
