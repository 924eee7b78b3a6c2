//! The entities and how their rows hang together, as a Mermaid diagram.

use std::fmt::Write as _;

use super::{Area, ENTITIES, Entity};

/// Entities whose rows may lie in another's and mostly lie in none: of people, only one baby among several.
const SELDOM_INSIDE: &[&str] = &["person"];

/// An entity relationship diagram in the language of Mermaid (<https://mermaid.js.org/syntax/entityRelationshipDiagram.html>):
/// what lies in what, and what says something about the same record.
pub fn diagram() -> String {
    let mut text = String::from("erDiagram\n");
    for entity in ENTITIES {
        let above = above(entity);
        // Writing to a `String` does not fail.
        if above.is_empty() {
            let _ = writeln!(text, "    {}", entity.name);
        }
        for (parent, how) in above {
            let _ = writeln!(text, "    {parent} ||--o{{ {} : \"{how}\"", entity.name);
        }
    }
    text
}

/// The entities whose rows an entity's rows belong to, and how.
fn above(entity: &Entity) -> Vec<(&'static str, &'static str)> {
    let inside = entity.parent.map(|parent| (parent, "parent_sequence"));
    let beside = match entity.name {
        "submission" => None,
        "activity_record" => Some(("submission", "source_file")),
        _ if entity.area.is_of_records() => Some(("activity_record", "source_record")),
        _ if entity.area == Area::Contracts => Some(("submission", "source_file")),
        _ => None,
    };
    let beside = beside.filter(|_| inside.is_none() || SELDOM_INSIDE.contains(&entity.name));
    beside.into_iter().chain(inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_stands_in_it() {
        let diagram = diagram();
        for entity in ENTITIES {
            let mut lines = diagram.lines().skip(1);
            let stands = lines.any(|line| {
                let name = line.split_once(" : ").map_or(line, |(left, _)| left);
                name.split_whitespace().last() == Some(entity.name)
            });
            assert!(stands, "{}", entity.name);
        }
        assert!(
            diagram.contains("critical_care_period ||--o{ critical_care_day : \"parent_sequence\"")
        );
        assert!(diagram.contains("activity_record ||--o{ diagnosis : \"source_record\""));
        assert!(diagram.contains("birth ||--o{ person : \"parent_sequence\""));
        assert!(diagram.contains("activity_record ||--o{ person : \"source_record\""));
    }
}
