//! The places of a stay, from one event to the next.

use super::fold::{
    EPISODE, PLACE, Rows, SPELL, Told, Values, change, entity_number, field_number, said,
};

/// Where a patient was, and when; leave among it.
#[derive(Debug, Default)]
pub(super) struct Places {
    stays: Vec<Values>,
    /// Moves that can be taken back: whether each of them began a stay.
    moves: Vec<bool>,
    leaves: Vec<Values>,
}

impl Places {
    /// Takes what a message says of where the patient is.
    pub(super) fn take(&mut self, event: &str, told: &Told, in_hospital: bool) {
        let place = place(told);
        let when = When::of(told);
        match event {
            "admitted" => {
                self.move_to(place, &when);
            }
            "moved" => {
                let began = self.move_to(place, &when);
                self.moves.push(began);
            }
            "move-cancelled" => {
                if self.moves.pop() == Some(true) {
                    self.stays.pop();
                    reopen(self.stays.last_mut());
                }
            }
            "discharged" => {
                self.stand(place, in_hospital);
                let left = When::from(
                    said(told, SPELL, "discharge_date_hospital_provider_spell"),
                    said(told, SPELL, "discharge_time_hospital_provider_spell"),
                );
                end(self.stays.last_mut(), &left.or(when));
            }
            "discharge-cancelled" => {
                reopen(self.stays.last_mut());
                self.stand(place, in_hospital);
            }
            "leave-began" => {
                let mut leave = Values::new();
                put(&mut leave, "role", Some("home-leave"));
                when.begin(&mut leave);
                self.leaves.push(leave);
            }
            "leave-ended" => end(self.leaves.last_mut(), &when),
            "leave-cancelled" => {
                self.leaves.pop();
            }
            "return-cancelled" => reopen(self.leaves.last_mut()),
            "admission-cancelled" | "expectation-cancelled" => {}
            _ => self.stand(place, in_hospital),
        }
    }

    /// Begins a stay at another place; the one before ends. Gives whether it is another place.
    fn move_to(&mut self, place: Option<Values>, when: &When) -> bool {
        let Some(mut place) = place else {
            return false;
        };
        if let Some(last) = self.stays.last_mut()
            && is_same(last, &place)
        {
            last.extend(place);
            return false;
        }
        end(self.stays.last_mut(), when);
        when.begin(&mut place);
        self.stays.push(place);
        true
    }

    /// Takes a place that is told without a move: what is said of the present one is corrected.
    fn stand(&mut self, place: Option<Values>, in_hospital: bool) {
        let Some(place) = place.filter(|_| in_hospital) else {
            return;
        };
        match self.stays.last_mut() {
            Some(last) => last.extend(place),
            // The first that is heard of the stay; when it began there is not known.
            None => self.stays.push(place),
        }
    }

    /// Adds the rows to a record of a stay in hospital: where it began, the stays, the leaves, and where it ended.
    pub(super) fn finish(self, rows: &mut Rows) {
        let Some(entity) = entity_number(PLACE).filter(|_| rows.has(SPELL)) else {
            return;
        };
        let over = rows
            .said(SPELL, "discharge_date_hospital_provider_spell")
            .is_some()
            || rows.said(EPISODE, "end_date_episode").is_some();
        let mut made = Vec::new();
        let bound = |place: &Values, role: &str| {
            let mut bound = place.clone();
            for field in ["start_date", "start_time", "end_date", "end_time", "bed"] {
                take(&mut bound, field);
            }
            put(&mut bound, "role", Some(role));
            bound
        };
        made.extend(
            self.stays
                .first()
                .map(|first| bound(first, "start-of-episode")),
        );
        for place in &self.stays {
            let mut place = place.clone();
            put(&mut place, "role", Some("ward-stay"));
            made.push(place);
        }
        let last = self.stays.last().filter(|_| over);
        made.extend(last.map(|last| bound(last, "end-of-episode")));
        made.extend(self.leaves);
        rows.0.insert(entity, made);
    }
}

/// When something happened.
#[derive(Debug, Default)]
struct When {
    date: Option<String>,
    time: Option<String>,
}

impl When {
    /// When the event of a message happened.
    fn of(told: &Told) -> Self {
        let event = said(told, super::fold::EVENT, "event_occurred");
        let Some((date, time)) = event.and_then(|text| text.split_once('T')) else {
            return Self::default();
        };
        let clock = time.split(['Z', '+', '-']).next();
        Self::from(Some(date), clock)
    }

    fn from(date: Option<&str>, time: Option<&str>) -> Self {
        Self {
            date: date.map(str::to_owned),
            time: time.map(str::to_owned),
        }
    }

    fn or(self, other: Self) -> Self {
        if self.date.is_some() { self } else { other }
    }

    fn begin(&self, place: &mut Values) {
        put(place, "start_date", self.date.as_deref());
        put(place, "start_time", self.time.as_deref());
    }
}

/// What a message says of the place where the patient is.
fn place(told: &Told) -> Option<Values> {
    let entity = entity_number(PLACE)?;
    let row = told.rows.iter().find(|row| row.entity == entity)?;
    let mut place = Values::new();
    change(&mut place, &row.values);
    (!place.is_empty()).then_some(place)
}

/// Whether a place is the one where the patient is. A move to another bed of the ward is none.
fn is_same(one: &Values, other: &Values) -> bool {
    [
        "organisation_site_identifier_of_treatment",
        "point_of_care",
        "ward_code",
    ]
    .iter()
    .filter_map(|field| field_number(PLACE, field))
    .all(|field| one.get(&field) == other.get(&field))
}

fn end(place: Option<&mut Values>, when: &When) {
    if let Some(place) = place {
        put(place, "end_date", when.date.as_deref());
        put(place, "end_time", when.time.as_deref());
    }
}

fn reopen(place: Option<&mut Values>) {
    if let Some(place) = place {
        take(place, "end_date");
        take(place, "end_time");
    }
}

fn put(place: &mut Values, field: &str, text: Option<&str>) {
    if let (Some(field), Some(text)) = (field_number(PLACE, field), text) {
        place.insert(field, text.to_owned());
    }
}

fn take(place: &mut Values, field: &str) {
    if let Some(field) = field_number(PLACE, field) {
        place.remove(&field);
    }
}
