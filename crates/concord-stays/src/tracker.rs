//! Messages in, anomalies out.

use concord_finding::Fact;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::anomaly::{Anomaly, Found, Reference};
use crate::moment::{Moment, stretch};
use crate::people::{Of, People, merged_away};
use crate::recent::Recent;
use crate::rule::StayRule;
use crate::sender::Sender;
use crate::settings::Settings;
use crate::stay::{Judging, Status, Stay};
use crate::told::{EventKey, Field, Told};

/// What a tracker has seen, and what it had to forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    /// Messages that were taken.
    pub messages: u64,
    /// Messages that are the same as an earlier one.
    pub duplicates: u64,
    /// Messages that came later than the window.
    pub late: u64,
    /// Stays that were put away: what is told of them later is not held against what was told before.
    pub stays_put_away: u64,
    /// Identifiers of patients that were put away.
    pub people_put_away: u64,
    /// Control ids that were put away: repetitions of those messages are not recognised.
    pub control_ids_put_away: u64,
    /// Senders that were put away.
    pub senders_put_away: u64,
}

/// Follows the stays of patients across messages.
///
/// The same messages in the same order give the same anomalies, whatever happens around it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tracker {
    #[serde(skip)]
    settings: Settings,
    account: Account,
    senders: Recent<String, Sender>,
    stays: Recent<Of, Stay>,
    people: People,
    control_ids: Recent<Of, Seen>,
    /// Messages that wait, of all senders.
    held: usize,
}

/// A message that was taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Seen {
    content: u64,
    moment: Moment,
}

impl Tracker {
    /// A tracker that has seen nothing.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            account: Account::default(),
            senders: Recent::new(),
            stays: Recent::new(),
            people: People::new(),
            control_ids: Recent::new(),
            held: 0,
        }
    }

    /// What it has seen, and what it had to forget.
    pub fn account(&self) -> Account {
        self.account
    }

    /// Messages that wait for others.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Stays that are remembered.
    pub fn stays(&self) -> usize {
        self.stays.len()
    }

    /// Whether the messages that wait are as many as are counted.
    pub(crate) fn is_sound(&self) -> bool {
        let held = self.senders.values().map(|sender| sender.held.len());
        held.sum::<usize>() == self.held
    }

    pub(crate) fn with(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Takes the next message that came. It waits until no message that happened before it can be expected any more; the
    /// anomalies are those of all messages that wait no longer.
    pub fn take(&mut self, told: Told) -> Vec<Anomaly> {
        let mut out = Vec::new();
        let name = told.sender.clone();
        let (ahead, window) = (self.settings.ahead_minutes, self.settings.window_minutes);
        self.account.messages += 1;
        let sender = self.senders.change(&name, Sender::default);
        let key = sender.key(&told, ahead);
        if let Some(behind) = sender.behind(key, self.settings.late_in_a_row) {
            self.judge(&told, key, Some(behind), &mut out);
        } else {
            let newest = sender.newest.max(Some(key.moment));
            sender.newest = newest;
            sender.held.insert(key, told);
            self.held += 1;
            let passed = |first: Moment| Some(first.plus_minutes(window)) < newest;
            self.release(&name, passed, &mut out);
        }
        self.put_away(&mut out);
        out
    }

    /// Takes a message out of a sorted stream: all messages that happened before it have been taken.
    pub fn take_sorted(&mut self, told: &Told) -> Vec<Anomaly> {
        let mut out = Vec::new();
        self.account.messages += 1;
        let sender = self.senders.change(&told.sender, Sender::default);
        let key = sender.key(told, self.settings.ahead_minutes);
        sender.newest = sender.newest.max(Some(key.moment));
        self.judge(told, key, None, &mut out);
        self.put_away(&mut out);
        out
    }

    /// Says what the time is: messages that happened longer ago than the window wait no more, although their sender has sent
    /// nothing since. What comes later than these is late all the same only if it happened before them.
    pub fn advance(&mut self, now: DateTime) -> Vec<Anomaly> {
        let mut out = Vec::new();
        let (now, window) = (Moment::from(now), self.settings.window_minutes);
        for name in self.waiting() {
            self.release(&name, |first| first.plus_minutes(window) < now, &mut out);
        }
        self.put_away(&mut out);
        out
    }

    /// Nothing more will come: takes every message that waits, and tells which numbers never came.
    pub fn finish(&mut self) -> Vec<Anomaly> {
        let mut out = Vec::new();
        for name in self.waiting() {
            self.release(&name, |_| true, &mut out);
        }
        for (_, sender) in self.senders.values_mut() {
            sender.finish(&mut out);
        }
        self.put_away(&mut out);
        out
    }

    /// Senders whose messages wait.
    fn waiting(&mut self) -> Vec<String> {
        let senders = self.senders.values_mut();
        let waiting = senders.filter(|(_, sender)| !sender.held.is_empty());
        waiting.map(|(name, _)| name.clone()).collect()
    }

    /// Judges the messages of a sender that need not wait: those whose moment is long enough ago, or that there is no room for.
    fn release(&mut self, name: &String, passed: impl Fn(Moment) -> bool, out: &mut Vec<Anomaly>) {
        while let Some(sender) = self.senders.quietly(name)
            && let Some(first) = sender.held.first_entry()
            && (self.held > self.settings.most_held || passed(first.key().moment))
        {
            let (key, told) = first.remove_entry();
            self.held -= 1;
            self.judge(&told, key, None, out);
        }
    }

    /// Judges a message whose turn it is; `behind` is what it is later than, when it came after its turn.
    fn judge(
        &mut self,
        told: &Told,
        key: EventKey,
        behind: Option<Moment>,
        out: &mut Vec<Anomaly>,
    ) {
        let by = Reference {
            control_id: told.control_id.clone(),
            moment: key.moment,
        };
        let sender = self.senders.change(&told.sender, Sender::default);
        if behind.is_none() {
            sender.release(told, key);
        }
        // A repetition has a number that came before, so it does not matter here that it is one.
        sender.count(told, &by, self.settings.gap_after, out);
        let before = sender.is_before(told.admitted);
        match self.known(told, key) {
            Known::Same(seen) => {
                self.account.duplicates += 1;
                let found = Found::new(StayRule::Duplicate, Field::ControlId);
                out.push(found.other(Some(&seen.named(told))).of(told));
                return;
            }
            Known::Other(seen) => {
                let found = Found::new(StayRule::ControlId, Field::ControlId)
                    .value(Fact::Plain(told.control_id.clone()))
                    .other(Some(&seen.named(told)));
                out.push(found.of(told));
            }
            Known::New => {}
        }
        self.times(told, key, behind, out);
        if !told.adt {
            return;
        }
        let complete = self.account.people_put_away == 0;
        let found = self.people.take(told, &by, complete);
        out.extend(found.into_iter().map(|found| found.of(told)));
        self.merge(told);
        if told.visits {
            let judging = Judging {
                told,
                key,
                by: &by,
                before,
                late: behind.is_some(),
                after_discharge_days: self.settings.after_discharge_days,
            };
            let found = self.visit(&judging);
            out.extend(found.into_iter().map(|found| found.of(told)));
        }
    }

    /// Whether a message with this control id was taken before.
    fn known(&mut self, told: &Told, key: EventKey) -> Known {
        if told.control_id.is_empty() {
            return Known::New;
        }
        let id = (told.sender.clone(), told.control_id.clone());
        let seen = || Seen {
            content: told.content,
            moment: key.moment,
        };
        match self.control_ids.get(&id) {
            Some(known) if known.content == told.content => Known::Same(known.clone()),
            Some(_) => Known::Other(std::mem::replace(
                self.control_ids.change(&id, seen),
                seen(),
            )),
            None => {
                self.control_ids.change(&id, seen);
                Known::New
            }
        }
    }

    /// What the times of a message say.
    fn times(
        &mut self,
        told: &Told,
        key: EventKey,
        behind: Option<Moment>,
        out: &mut Vec<Anomaly>,
    ) {
        let field = told.first_of(&[Field::Occurred, Field::Sent]);
        let mut add = |rule, field, value: Moment, minutes| {
            let found = Found::new(rule, field).value(Fact::Plain(value.to_string()));
            out.push(found.fact("delay", stretch(minutes)).of(told));
        };
        if let Some(behind) = behind {
            self.account.late += 1;
            add(
                StayRule::Late,
                field,
                key.moment,
                behind.minutes_since(key.moment),
            );
        }
        if let (Some(occurred), Some(sent)) = (told.occurred, told.sent) {
            let (age, ahead) = (sent.minutes_since(occurred), occurred.minutes_since(sent));
            if age > u64::from(self.settings.age_minutes) {
                add(StayRule::Age, Field::Occurred, occurred, age);
            }
            if told.moment(self.settings.ahead_minutes) != Some(occurred) {
                add(StayRule::Future, Field::Occurred, occurred, ahead);
            }
        }
    }

    /// Moves the stays that have no number, and so are known by the patient, of patients who are merged away to the patient who
    /// is kept. Of two that both go on the kept patient's goes on.
    fn merge(&mut self, told: &Told) {
        let Some(into) = told.patient.first() else {
            return;
        };
        for old in merged_away(told) {
            let kept = self.people.resolved(&told.sender, &into.key);
            let (from, into) = (of_patient(&old.key), of_patient(&kept));
            let Some(stay) = self.stays.remove(&(told.sender.clone(), from.clone())) else {
                continue;
            };
            let known = (told.sender.clone(), into.clone());
            let goes_on = |stay: &Stay| stay.status == Status::In;
            if !self
                .stays
                .get(&known)
                .is_some_and(|there| goes_on(there) || !goes_on(&stay))
            {
                let moved = stay.clone();
                *self.stays.change(&known, || moved) = stay;
            }
            self.people.rename(&told.sender, &kept, &from, &into);
        }
    }

    /// What a message says of a visit.
    fn visit(&mut self, judging: &Judging<'_>) -> Vec<Found> {
        let told = judging.told;
        let Some(key) = self.visit_key(told) else {
            return Vec::new();
        };
        let known = (told.sender.clone(), key);
        let now = self.people.resolve_all(told);
        if let Some(stay) = self.stays.get(&known) {
            let theirs = stay
                .people
                .iter()
                .map(|key| self.people.resolved(&told.sender, key));
            let theirs: Vec<String> = theirs.collect();
            if !theirs.is_empty() && !now.is_empty() && !theirs.iter().any(|key| now.contains(key))
            {
                let number = told.visit.as_ref().map(|visit| visit.number.clone());
                let other = Found::new(StayRule::OtherPatient, Field::Identifiers)
                    .value(Fact::Personal(number.unwrap_or_default()))
                    .other(Some(stay.beginning()));
                return vec![other];
            }
        }
        let overlap = self.overlap(judging, &known, &now);
        let fresh = || Stay::new(judging.by, judging.key);
        let stay = self.stays.change(&known, fresh);
        if told.visit.is_none() && told.event == "A01" && stay.status == Status::Out {
            // Without a number the next admission is another stay.
            *stay = fresh();
        }
        stay.knows(told);
        let mut found = stay.take(judging);
        found.extend(overlap);
        if stay.status == Status::In {
            for person in &now {
                self.people.admit(&told.sender, person, &known.1);
            }
        }
        found
    }

    /// Another stay of the patient that goes on while this one begins.
    fn overlap(&self, judging: &Judging<'_>, known: &Of, now: &[String]) -> Option<Found> {
        let told = judging.told;
        if told.event != "A01" || judging.late {
            return None;
        }
        let in_it = self.stays.get(known);
        if in_it.is_some_and(|stay| stay.status == Status::In) {
            return None;
        }
        let visits = now
            .iter()
            .flat_map(|person| self.people.inside(&told.sender, person));
        let mut others = visits
            .filter(|visit| **visit != known.1)
            .filter_map(|visit| {
                let stay = self.stays.get(&(told.sender.clone(), visit.clone()))?;
                let same =
                    stay.class().is_empty() || told.class.is_empty() || stay.class() == told.class;
                (stay.status == Status::In && same).then_some(stay)
            });
        let other = others.next()?;
        let field = told.first_of(&[Field::VisitNumber, Field::Visit]);
        Some(Found::new(StayRule::Overlap, field).other(Some(other.beginning())))
    }

    /// What a stay is known by: its visit number, else the patient, as merges have it. The number of another episode (PV1-50) is
    /// none of a stay.
    fn visit_key(&self, told: &Told) -> Option<String> {
        match (&told.visit, told.patient.first()) {
            (Some(visit), _) => Some(visit.key.clone()),
            (None, Some(patient)) => Some(of_patient(
                &self.people.resolved(&told.sender, &patient.key),
            )),
            (None, None) => None,
        }
    }

    /// Puts away what is beyond the bounds.
    fn put_away(&mut self, out: &mut Vec<Anomaly>) {
        while self.senders.len() > self.settings.most_senders.max(1) {
            let Some(name) = self.senders.oldest().cloned() else {
                break;
            };
            let mut waiting = std::mem::take(&mut self.senders.change(&name, Sender::default).held);
            self.held -= waiting.len();
            while let Some((key, told)) = waiting.pop_first() {
                self.judge(&told, key, None, out);
            }
            if let Some(mut sender) = self.senders.remove(&name) {
                sender.finish(out);
                self.account.senders_put_away += 1;
            }
        }
        while let Some(((sender, _), stay)) = self.stays.put_away(self.settings.most_stays) {
            self.account.stays_put_away += 1;
            if let Some(sender) = self.senders.quietly(&sender) {
                sender.forget(stay.last.moment);
            }
        }
        while self.people.put_away(self.settings.most_people) {
            self.account.people_put_away += 1;
        }
        while self
            .control_ids
            .put_away(self.settings.most_control_ids)
            .is_some()
        {
            self.account.control_ids_put_away += 1;
        }
    }
}

/// Whether a message was taken before.
enum Known {
    New,
    Same(Seen),
    Other(Seen),
}

impl Seen {
    /// How the message is named: it has the control id of the one that is told.
    fn named(&self, told: &Told) -> Reference {
        Reference {
            control_id: told.control_id.clone(),
            moment: self.moment,
        }
    }
}

/// What a stay without a number is known by. No visit number contains a line end.
fn of_patient(key: &str) -> String {
    format!("\n{key}")
}
