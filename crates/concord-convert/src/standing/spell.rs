//! The last episode of a spell: as the records say it, else as their numbers and days show it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Moment, Stand, day, moment, text};
use crate::records::Record;

/// EPISODE NUMBER from which on it is no number: not applicable, and not known.
const NO_NUMBER: u64 = 98;

/// What a record says of an episode.
#[derive(Debug)]
pub(super) struct Episode {
    pub(super) record: usize,
    /// What it says itself.
    said: Option<bool>,
    /// Whether it goes on past the period.
    unfinished: bool,
    number: Option<u64>,
    began: Option<Moment>,
    ended: Option<Moment>,
    discharged: Option<Date>,
}

impl Episode {
    /// The episode of a record; `None` when it tells of none.
    pub(super) fn of(record: &Record<'_>, number: usize) -> Option<Self> {
        record.first("episode")?;
        let say = |field: &str| text(record, "episode", field);
        let on = |fields| moment(record, "episode", fields);
        Some(Self {
            record: number,
            said: match say("last_episode_in_spell_indicator_code").as_deref() {
                Some("1") => Some(true),
                Some("2") => Some(false),
                _ => None,
            },
            unfinished: say("completion").as_deref() == Some("unfinished"),
            number: say("episode_number")
                .and_then(|number| number.parse().ok())
                .filter(|number| *number < NO_NUMBER),
            began: on(["start_date_episode", "start_time_episode"]),
            ended: on(["end_date_episode", "end_time_episode"]),
            discharged: day(
                record,
                "hospital_spell",
                "discharge_date_hospital_provider_spell",
            ),
        })
    }

    /// Whether the spell went on after it.
    fn spell_went_on(&self) -> bool {
        let ended = self.ended.zip(self.discharged);
        ended.is_some_and(|((ended, _), discharged)| ended < discharged)
    }
}

/// What an episode says itself, whose spell is not known.
pub(super) fn alone(episode: &Episode) -> (usize, Stand) {
    let last = match episode.said {
        Some(true) => Stand::LastEpisode,
        Some(false) => Stand::EarlierEpisode,
        None => Stand::SomeEpisode,
    };
    (episode.record, last)
}

/// Which of the episodes of one spell is its last. Of those that say that they are, of all where none says so, it is the one
/// with the highest number and the latest days; where these do not tell or contradict one another, none is known to be.
/// An episode that ended before the patient was discharged is not the last, and one that is not finished is told of again when
/// it is.
pub(super) fn stands(episodes: &[Episode]) -> Vec<(usize, Stand)> {
    let mut candidates: Vec<&Episode> = episodes.iter().collect();
    prefer(&mut candidates, |episode| episode.said == Some(true));
    prefer(&mut candidates, |episode| !episode.unfinished);
    let found = latest(&candidates).map(|last| last.record);
    let candidates: BTreeSet<usize> = candidates.iter().map(|episode| episode.record).collect();
    let judged = episodes.iter().map(|episode| {
        let is_earlier = !candidates.contains(&episode.record)
            || episode.said == Some(false)
            || found.is_some_and(|last| last != episode.record);
        let last = match (found, episode.said) {
            _ if is_earlier => Stand::EarlierEpisode,
            (None, _) => Stand::SomeEpisode,
            (Some(_), None) if episode.spell_went_on() => Stand::EarlierEpisode,
            _ => Stand::LastEpisode,
        };
        (episode.record, last)
    });
    judged.collect()
}

/// Leaves those of which something holds, if there are any.
fn prefer(episodes: &mut Vec<&Episode>, holds: impl Fn(&Episode) -> bool) {
    if episodes.iter().any(|episode| holds(episode)) {
        episodes.retain(|episode| holds(episode));
    }
}

/// The one episode that is the latest by all that tells: numbers, ends and beginnings, as far as every episode has them.
fn latest<'e>(episodes: &[&'e Episode]) -> Option<&'e Episode> {
    if let [only] = episodes {
        return Some(only);
    }
    let by_number = highest(episodes, |episode| episode.number);
    let by_end = latest_by(episodes, |episode| episode.ended);
    let by_beginning = latest_by(episodes, |episode| episode.began);
    let mut found = [by_number, by_end, by_beginning].into_iter().flatten();
    let first = found.next()?;
    found
        .all(|other| other.record == first.record)
        .then_some(first)
}

/// The one episode of which something happened last: by day and time of day, or by the day alone.
fn latest_by<'e>(
    episodes: &[&'e Episode],
    moment: impl Fn(&Episode) -> Option<Moment>,
) -> Option<&'e Episode> {
    let with_time = highest(episodes, |episode| {
        let (day, time) = moment(episode)?;
        Some((day, time?))
    });
    with_time.or_else(|| highest(episodes, |episode| Some(moment(episode)?.0)))
}

/// The one episode with the highest value of something; `None` where one has none, or several have it.
fn highest<'e, V: Ord>(
    episodes: &[&'e Episode],
    value: impl Fn(&Episode) -> Option<V>,
) -> Option<&'e Episode> {
    let values: Option<Vec<V>> = episodes.iter().map(|episode| value(episode)).collect();
    let values = values?;
    let highest = values.iter().max()?;
    let mut found = episodes
        .iter()
        .zip(&values)
        .filter(|(_, value)| *value == highest);
    let (episode, _) = found.next()?;
    found.next().is_none().then_some(*episode)
}
