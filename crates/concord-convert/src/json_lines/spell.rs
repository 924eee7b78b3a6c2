//! A spell as one value: what all its episodes say of it, and the episodes.

use serde_json::{Map, Value};

use super::{EPISODES, SPELL, keys};

type Record = Map<String, Value>;

/// The spell that some records of episodes tell of. What all of them say of it stands once.
pub(super) fn of(mut episodes: Vec<Record>) -> Record {
    episodes.sort_by_key(keys::number);
    let mut shared = Record::new();
    if let Some(Value::Object(first)) = episodes.first().and_then(|first| first.get(SPELL)) {
        let all = |(name, value): &(&String, &Value)| {
            let said = |record: &Record| record.get(SPELL)?.get(*name).cloned();
            episodes
                .iter()
                .all(|record| said(record).as_ref() == Some(*value))
        };
        let same = first.iter().filter(all);
        shared = same
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
    }
    for record in &mut episodes {
        if let Some(Value::Object(own)) = record.get_mut(SPELL) {
            own.retain(|name, _| !shared.contains_key(name));
            if own.is_empty() {
                record.shift_remove(SPELL);
            }
        }
    }
    let episodes = episodes
        .into_iter()
        .map(|record| (keys::of_episode(&record), Value::Object(record)));
    Record::from_iter([
        (SPELL.to_owned(), Value::Object(shared)),
        (EPISODES.to_owned(), Value::Object(episodes.collect())),
    ])
}

/// The records of the episodes of a spell, each with what is said of the spell; none when it is no spell.
pub(super) fn episodes(spell: Value) -> Vec<Record> {
    let Value::Object(mut spell) = spell else {
        return Vec::new();
    };
    let (shared, episodes) = (spell.shift_remove(SPELL), spell.shift_remove(EPISODES));
    let (Some(Value::Object(shared)), Some(Value::Object(episodes))) = (shared, episodes) else {
        return Vec::new();
    };
    let records = episodes.into_iter().filter_map(|(_, record)| {
        let Value::Object(mut record) = record else {
            return None;
        };
        let own = record.entry(SPELL).or_insert_with(|| Record::new().into());
        if let Value::Object(own) = own {
            own.extend(shared.clone());
        }
        Some(record)
    });
    records.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(identifier: &str, number: &str, discharged: Option<&str>) -> Record {
        let mut spell = json!({"hospital_provider_spell_identifier": "S1", "start_date_hospital_provider_spell": "2026-05-01"});
        if let Some(day) = discharged {
            spell["discharge_date_hospital_provider_spell"] = day.into();
        }
        let record = json!({
            "activity_record": {"cds_unique_identifier": identifier},
            "episode": {"episode_number": number, "organisation_identifier_code_of_provider": "RXX"},
            "hospital_spell": spell,
        });
        record.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn what_all_episodes_say_of_a_spell_stands_once_and_comes_back() {
        let (first, second) = (
            record("B1", "1", None),
            record("B2", "2", Some("2026-05-04")),
        );
        let spell = of(vec![second.clone(), first.clone()]);
        assert_eq!(
            Value::Object(spell.clone()),
            json!({
                "hospital_spell": {"hospital_provider_spell_identifier": "S1", "start_date_hospital_provider_spell": "2026-05-01"},
                "episodes": {
                    "B1": {
                        "activity_record": {"cds_unique_identifier": "B1"},
                        "episode": {"episode_number": "1", "organisation_identifier_code_of_provider": "RXX"},
                    },
                    "B2": {
                        "activity_record": {"cds_unique_identifier": "B2"},
                        "episode": {"episode_number": "2", "organisation_identifier_code_of_provider": "RXX"},
                        "hospital_spell": {"discharge_date_hospital_provider_spell": "2026-05-04"},
                    },
                },
            })
        );
        assert_eq!(episodes(Value::Object(spell)), [first.clone(), second]);
        assert_eq!(
            episodes(Value::Object(first)),
            Vec::<Record>::new(),
            "it is no spell"
        );
    }
}
