//! Which of the records that were sent still stand.
//!
//! A commissioning data set's record lives under its CDS UNIQUE IDENTIFIER: one that comes later replaces it, or takes it out
//! (CDS UPDATE TYPE 1), and the records that are sent for a whole period take the place of what was sent for it before (CDS
//! PROTOCOL IDENTIFIER CODE 020). Who counts activity must count it once. All records are looked at before the first is
//! written; of each a byte is kept, and names, numbers and days. Which of two is the later, the records say (CDS APPLICABLE
//! DATE, CDS EXTRACT DATE), or where they do not, the order in which they are given.
//!
//! | module | does |
//! |---|---|
//! | `bulk` | periods that are sent again |
//! | `spell` | the last episode of a spell |

mod bulk;
mod spell;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow_array::BooleanArray;
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;
use concord_model::dates;
use jiff::civil::{Date, Time};

use crate::as_at;
use crate::loss::{LossReason, Losses};
use crate::records::{Record, RecordWriter, Records};
use bulk::Bulk;
use spell::Episode;

/// CDS UPDATE TYPE of a record that takes an earlier one out.
const DELETION: &str = "1";

const ACTIVITY: &str = "activity_record";

/// Fields of the moment of a change.
const APPLICABLE: [&str; 2] = ["cds_applicable_date", "cds_applicable_time"];

/// Fields of the moment of the extract that a record is part of.
const EXTRACTED: [&str; 2] = ["cds_extract_date", "cds_extract_time"];

/// What has become of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// It stands.
    Stands,
    /// It stands, and is the last of its spell's episodes that do.
    LastEpisode,
    /// It stands, and another episode of its spell is later.
    EarlierEpisode,
    /// It stands, and nothing shows whether it is the last of its spell's episodes.
    SomeEpisode,
    /// A later record replaces it.
    Replaced,
    /// What was sent again for its period replaces it.
    SentAgain,
    /// A later record takes it out.
    TakenOut,
    /// It takes another out.
    Deletion,
}

impl Stand {
    /// Why a record is no activity; `None` when it is.
    pub const fn why_not(self) -> Option<&'static str> {
        match self {
            Self::Stands | Self::LastEpisode | Self::EarlierEpisode | Self::SomeEpisode => None,
            Self::Replaced => Some("a later record replaces it"),
            Self::SentAgain => Some("what was sent again for its period replaces it"),
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

/// Looks at records to find which stand.
#[derive(Debug, Default)]
pub struct Looking {
    standing: Standing,
    by_name: HashMap<Name, Known>,
    bulk: Bulk,
    /// Episodes by provider and spell; each without these is alone.
    spells: BTreeMap<Spell, Vec<Episode>>,
    alone: Vec<Episode>,
}

/// Provider and number of a spell.
type Spell = (String, String);

/// A day, and the time of day where it is said.
type Moment = (Date, Option<Time>);

/// The record that stands for a name, and when what it tells happened.
#[derive(Debug, Clone, Copy)]
struct Known {
    number: usize,
    moment: Option<Moment>,
}

/// By what records are known that replace one another.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Name {
    /// CDS UNIQUE IDENTIFIER.
    Own(String),
    /// What tells an episode without one from others of its spell: its number and when it began.
    Episode(Spell, [Option<String>; 3]),
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
        let update = text(record, ACTIVITY, "cds_update_type");
        let deletes = update.as_deref() == Some(DELETION);
        let own = if deletes {
            Stand::Deletion
        } else {
            Stand::Stands
        };
        self.standing.records.push(own);
        if !deletes {
            self.bulk.take(self.standing.starts.len(), number, record);
            self.episode(record, number);
        }
        if let Some(name) = name(record) {
            let mut applies = [APPLICABLE, EXTRACTED].into_iter();
            let moment = applies.find_map(|fields| moment(record, ACTIVITY, fields));
            self.named(name, Known { number, moment });
        }
    }

    /// Takes a record that has a name: of two the later one says what holds.
    fn named(&mut self, name: Name, record: Known) {
        let (before, after) = match self.by_name.entry(name) {
            Entry::Vacant(free) => {
                free.insert(record);
                return;
            }
            Entry::Occupied(mut taken) => {
                let known = *taken.get();
                let is_before = known.moment.zip(record.moment);
                if is_before.is_some_and(|(known, own)| own < known) {
                    (record, known)
                } else {
                    taken.insert(record);
                    (known, record)
                }
            }
        };
        let how = match self.standing.records[after.number] {
            Stand::Deletion => Stand::TakenOut,
            _ => Stand::Replaced,
        };
        self.gone(before.number, how);
    }

    /// Notes that a record does not stand any more, if it did.
    fn gone(&mut self, record: usize, how: Stand) {
        let known = &mut self.standing.records[record];
        if *known == Stand::Stands {
            *known = how;
        }
    }

    fn episode(&mut self, record: &Record<'_>, number: usize) {
        let Some(episode) = Episode::of(record, number) else {
            return;
        };
        match spell(record) {
            Some(spell) => self.spells.entry(spell).or_default().push(episode),
            None => self.alone.push(episode),
        }
    }

    /// Which records stand.
    pub fn finish(mut self) -> Standing {
        for replaced in std::mem::take(&mut self.bulk).replaced() {
            self.gone(replaced, Stand::SentAgain);
        }
        let mut standing = self.standing;
        let mut all: Vec<(usize, Stand)> = Vec::new();
        for mut episodes in self.spells.into_values() {
            episodes.retain(|episode| standing.records[episode.record] == Stand::Stands);
            all.extend(spell::stands(&episodes));
        }
        all.extend(self.alone.iter().map(spell::alone));
        for (record, stand) in all {
            if standing.records[record] == Stand::Stands {
                standing.records[record] = stand;
            }
        }
        standing
    }
}

/// What the first row of an entity says, without blanks around it; `None` where nothing is left.
fn text(record: &Record<'_>, entity: &str, field: &str) -> Option<String> {
    let row = record.first(entity)?;
    let text = row.text(field)?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn day(record: &Record<'_>, entity: &str, field: &str) -> Option<Date> {
    as_at::day(record.first(entity)?, field)
}

/// The moment of fields of a day and a time of day.
fn moment(record: &Record<'_>, entity: &str, [on, at]: [&str; 2]) -> Option<Moment> {
    let at = text(record, entity, at).and_then(|at| dates::time(at.as_bytes()));
    Some((day(record, entity, on)?, at))
}

fn spell(record: &Record<'_>) -> Option<Spell> {
    let provider = "organisation_identifier_code_of_provider";
    let number = "hospital_provider_spell_identifier";
    Some((
        text(record, "episode", provider)?,
        text(record, "hospital_spell", number)?,
    ))
}

/// By what a record is known; `None` where nothing tells whether it is the same as another.
fn name(record: &Record<'_>) -> Option<Name> {
    if let Some(own) = text(record, ACTIVITY, "cds_unique_identifier") {
        return Some(Name::Own(own));
    }
    let spell = spell(record)?;
    let parts = ["episode_number", "start_date_episode", "start_time_episode"];
    let parts = parts.map(|field| text(record, "episode", field));
    let says_something = parts.iter().any(Option::is_some);
    says_something.then_some(Name::Episode(spell, parts))
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
