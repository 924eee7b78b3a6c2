//! The names by which lines live.

use concord_model::financial::plain_month;
use serde_json::{Map, Value};

type Record = Map<String, Value>;

fn text<'r>(record: &'r Record, entity: &str, field: &str) -> Option<&'r str> {
    let text = record.get(entity)?.get(field)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

/// The name of a record: that of a commissioning data set's record, or a contract line's own within its provider's month and
/// data set. Other names of contract lines may stand in several of them.
pub(super) fn of_record(record: &Record) -> Option<String> {
    let line = |field: &str| text(record, "contract_line", field);
    identifier(record).map(str::to_owned).or_else(|| {
        let own = line("record_identifier")?;
        let provider = line("organisation_identifier_code_of_provider")?;
        let (year, month) = (
            line("financial_year")?,
            plain_month(line("financial_month")?),
        );
        let kind = line("kind")?;
        Some(format!("{provider}/{year}/{month}/{kind}/{own}"))
    })
}

/// CDS UNIQUE IDENTIFIER.
pub(super) fn identifier(record: &Record) -> Option<&str> {
    text(record, "activity_record", "cds_unique_identifier")
}

/// The name of the spell that an episode's record belongs to: that of the spell within its provider.
pub(super) fn of_spell(record: &Record) -> Option<String> {
    let provider = text(
        record,
        "episode",
        "organisation_identifier_code_of_provider",
    )?;
    let spell = text(
        record,
        "hospital_spell",
        "hospital_provider_spell_identifier",
    )?;
    Some(format!("{provider}/spell/{spell}"))
}

/// What tells the episodes of a spell apart: the name of the record, else number and beginning of the episode.
pub(super) fn of_episode(record: &Record) -> String {
    if let Some(identifier) = identifier(record) {
        return identifier.to_owned();
    }
    let parts = ["episode_number", "start_date_episode", "start_time_episode"];
    let parts = parts.map(|field| text(record, "episode", field).unwrap_or_default());
    format!("/{}", parts.join("/"))
}

/// Where an episode stands in its spell.
pub(super) fn number(record: &Record) -> u64 {
    let number = text(record, "episode", "episode_number");
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(u64::MAX)
}

/// Whether a record takes out the one of its name: CDS UPDATE TYPE 1.
pub(super) fn is_deletion(record: &Record) -> bool {
    text(record, "activity_record", "cds_update_type") == Some("1")
}
