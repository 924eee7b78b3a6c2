//! Which of the records that were sent still stand.
//!
//! A commissioning data set's record lives under its CDS UNIQUE IDENTIFIER: one that comes later replaces it, or takes it out
//! (CDS UPDATE TYPE 1). Who counts activity must count it once. All records are looked at before the first is written; of
//! each a byte is kept, and the names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow_array::BooleanArray;
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;

use crate::loss::{LossReason, Losses};
use crate::records::{Record, RecordWriter, Records};

/// CDS UPDATE TYPE of a record that takes an earlier one out.
const DELETION: &str = "1";

/// What has become of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// It stands.
    Stands,
    /// It stands, and is the last of its spell's episodes that do.
    LastEpisode,
    /// It stands, and another episode of its spell is later.
    EarlierEpisode,
    /// A later record replaces it.
    Replaced,
    /// A later record takes it out.
    TakenOut,
    /// It takes another out.
    Deletion,
}

impl Stand {
    /// Why a record is no activity; `None` when it is.
    pub const fn why_not(self) -> Option<&'static str> {
        match self {
            Self::Stands | Self::LastEpisode | Self::EarlierEpisode => None,
            Self::Replaced => Some("a later record replaces it"),
            Self::TakenOut => Some("a later record takes it out"),
            Self::Deletion => Some("it takes an earlier record out"),
        }
    }
}

/// What has become of all records, by their number over all parts.
#[derive(Debug, Default)]
pub struct Standing {
    records: Vec<Stand>,
    /// How many records were in the parts before each part.
    starts: Vec<usize>,
}

impl Standing {
    /// What has become of a record, by its number from 0 over all parts.
    pub fn of(&self, number: usize) -> Stand {
        self.records.get(number).copied().unwrap_or(Stand::Stands)
    }

    /// A writer that hands on the records of a part that are activity, and tells the others.
    pub fn only<'s, W: RecordWriter>(&'s self, part: usize, writer: &'s mut W) -> Only<'s, W> {
        Only {
            standing: self,
            next: self.starts.get(part).copied().unwrap_or_default(),
            writer,
            losses: Losses::default(),
        }
    }
}

/// An episode of a spell.
#[derive(Debug)]
struct Episode {
    /// EPISODE NUMBER, and when it began: what tells which is later.
    order: (Option<u64>, Option<String>, Option<String>),
    record: usize,
}

/// Looks at records to find which stand.
#[derive(Debug, Default)]
pub struct Looking {
    standing: Standing,
    by_name: HashMap<String, usize>,
    spells: BTreeMap<(String, String), Vec<Episode>>,
}

impl Looking {
    /// Begins the next part.
    pub fn begin(&mut self) {
        self.standing.starts.push(self.standing.records.len());
    }

    /// Looks at the next records of the part.
    pub fn take(&mut self, records: &Records) {
        for record in records.records() {
            self.record(&record);
        }
    }

    fn record(&mut self, record: &Record<'_>) {
        let number = self.standing.records.len();
        let activity = record.first("activity_record");
        let text = |name: &str| activity.and_then(|row| row.text(name));
        let deletion = text("cds_update_type").as_deref() == Some(DELETION);
        let (own, earlier) = if deletion {
            (Stand::Deletion, Stand::TakenOut)
        } else {
            (Stand::Stands, Stand::Replaced)
        };
        self.standing.records.push(own);
        let name = text("cds_unique_identifier").map(|name| name.trim().to_owned());
        if let Some(name) = name.filter(|name| !name.is_empty())
            && let Some(before) = self.by_name.insert(name, number)
            && self.standing.records[before] == Stand::Stands
        {
            self.standing.records[before] = earlier;
        }
        if !deletion {
            self.episode(record, number);
        }
    }

    fn episode(&mut self, record: &Record<'_>, number: usize) {
        let (Some(spell), Some(episode)) =
            (record.first("hospital_spell"), record.first("episode"))
        else {
            return;
        };
        let said = |name: &str| episode.text(name).map(|text| text.trim().to_owned());
        let provider = said("organisation_identifier_code_of_provider");
        let spell = spell.text("hospital_provider_spell_identifier");
        if let (Some(provider), Some(spell)) = (provider, spell) {
            let order = (
                said("episode_number").and_then(|number| number.parse().ok()),
                said("start_date_episode"),
                said("start_time_episode"),
            );
            let spell = (provider, spell.trim().to_owned());
            let episodes = self.spells.entry(spell).or_default();
            episodes.push(Episode {
                order,
                record: number,
            });
        }
    }

    /// Which records stand.
    pub fn finish(self) -> Standing {
        let mut standing = self.standing;
        for episodes in self.spells.values() {
            let all = episodes.iter();
            let mut all: Vec<&Episode> = all
                .filter(|episode| standing.records[episode.record] == Stand::Stands)
                .collect();
            all.sort_by_key(|episode| &episode.order);
            let last = all.pop();
            for earlier in all {
                standing.records[earlier.record] = Stand::EarlierEpisode;
            }
            if let Some(last) = last {
                standing.records[last.record] = Stand::LastEpisode;
            }
        }
        standing
    }
}

/// Hands on the records that are activity.
pub struct Only<'s, W> {
    standing: &'s Standing,
    next: usize,
    writer: &'s mut W,
    losses: Losses,
}

impl<W> std::fmt::Debug for Only<'_, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Only")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl<W> Only<'_, W> {
    /// The records that were not handed on.
    pub fn into_losses(self) -> Losses {
        self.losses
    }
}

impl<W: RecordWriter> RecordWriter for Only<'_, W> {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        let mut no_activity = BTreeSet::new();
        for record in records.records() {
            if let Some(why) = self.standing.of(self.next).why_not() {
                no_activity.insert(record.number);
                tell(&mut self.losses, why);
            }
            self.next += 1;
        }
        if no_activity.is_empty() {
            return self.writer.write(records);
        }
        let rest = without(records, &no_activity).map_err(|error| error.to_string())?;
        self.writer.write(&rest)
    }
}

/// Tells a record that is no activity.
pub(crate) fn tell(losses: &mut Losses, why: &str) {
    losses.add_detail(&"record".into(), LossReason::Replaced, Some(why), 1);
}

fn without(records: &Records, numbers: &BTreeSet<i64>) -> Result<Records, ArrowError> {
    let mut rest = Records::default();
    for (name, rows) in records.tables() {
        let kept = records
            .numbers(name)
            .iter()
            .map(|number| !numbers.contains(number));
        let kept: BooleanArray = kept.map(Some).collect();
        rest.insert(name.into(), filter_record_batch(rows, &kept)?);
    }
    Ok(rest)
}
