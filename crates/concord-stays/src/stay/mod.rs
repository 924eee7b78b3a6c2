//! One stay: admitted, moved, discharged, cancelled (HL7 v2.4, 3.3).

mod cancel;
mod events;

use concord_finding::Fact;
use serde::{Deserialize, Serialize};

use crate::anomaly::{Found, Reference};
use crate::rule::StayRule;
use crate::told::{EventKey, Field, Told};

/// Most transfers that can be undone one after the other, and most patient classes and identifiers that are remembered.
const MOST: usize = 16;

/// Where a stay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    /// Nothing was told that says it.
    Unknown,
    /// It is agreed (A05, A14).
    Expected,
    /// The patient is registered and not admitted, as in an emergency department or a clinic (A04, A07).
    Registered,
    /// The patient is admitted.
    In,
    /// The patient has left.
    Out,
    /// There was no such stay (A11, A38).
    Cancelled,
}

/// What is known of a stay.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stay {
    pub(crate) status: Status,
    /// Identifiers of the patient.
    pub(crate) people: Vec<String>,
    /// Whether its beginning was before anything that was told, so that what is missing may have been told then.
    partial: bool,
    /// Whether an admission or registration stands.
    admitted: bool,
    /// Whether it was told that the discharge came before the admission.
    early_told: bool,
    /// The first message of the stay.
    first: Reference,
    /// The admission that stands.
    admission: Option<Reference>,
    /// The discharge that stands.
    discharge: Option<Reference>,
    /// The cancellation of the stay.
    cancellation: Option<Reference>,
    /// Where the patient is.
    location: Vec<String>,
    /// The message that said so.
    located: Reference,
    /// Where the patient was before each transfer that stands.
    moves: Vec<Vec<String>>,
    /// Patient classes so far, the present one last.
    classes: Vec<String>,
    /// Pending events and leave that stand.
    standing: Vec<String>,
    /// The last event.
    pub(crate) last: EventKey,
    /// The last event that was no mere update.
    changed: Option<EventKey>,
}

/// What a stay is judged with.
pub(crate) struct Judging<'t> {
    pub(crate) told: &'t Told,
    pub(crate) key: EventKey,
    pub(crate) by: &'t Reference,
    /// Whether a stay that was not heard of can have been told of before.
    pub(crate) before: bool,
    /// Whether it came later than the window.
    pub(crate) late: bool,
    pub(crate) after_discharge_days: u32,
}

impl Judging<'_> {
    fn at_visit(&self, rule: StayRule) -> Found {
        let field = self.told.first_of(&[Field::VisitNumber, Field::Visit]);
        Found::new(rule, field)
    }
}

impl Stay {
    pub(crate) fn new(by: &Reference, key: EventKey) -> Self {
        Self {
            status: Status::Unknown,
            people: Vec::new(),
            partial: false,
            admitted: false,
            early_told: false,
            first: by.clone(),
            admission: None,
            discharge: None,
            cancellation: None,
            location: Vec::new(),
            located: by.clone(),
            moves: Vec::new(),
            classes: Vec::new(),
            standing: Vec::new(),
            last: key,
            changed: None,
        }
    }

    /// The class that the patient has now.
    pub(crate) fn class(&self) -> &str {
        self.classes.last().map_or("", String::as_str)
    }

    /// The admission, else the first message of the stay.
    pub(crate) fn beginning(&self) -> &Reference {
        self.admission.as_ref().unwrap_or(&self.first)
    }

    /// Remembers identifiers of the patient.
    pub(crate) fn knows(&mut self, told: &Told) {
        for identifier in &told.patient {
            if self.people.len() < MOST && !self.people.contains(&identifier.key) {
                self.people.push(identifier.key.clone());
            }
        }
    }

    /// Takes the next event.
    pub(crate) fn take(&mut self, judging: &Judging<'_>) -> Vec<Found> {
        let Judging {
            told, key, late, ..
        } = *judging;
        let event = told.event.as_str();
        if late && self.changed.is_some_and(|changed| key < changed) {
            // What came after it was judged without it and is not judged again; only that there was an admission is news.
            if matches!(event, "A01" | "A04") {
                self.admitted = true;
                self.admission.get_or_insert_with(|| judging.by.clone());
                if self.status == Status::Unknown {
                    self.status = Status::In;
                }
            }
            return Vec::new();
        }
        let mut found = Vec::new();
        self.began_before(judging);
        self.class_of(judging, &mut found);
        match event {
            "A01" => self.admit(judging, &mut found),
            "A04" => self.register(judging),
            "A05" | "A14" => self.expect(event),
            "A02" => self.transfer(judging, &mut found),
            "A03" => self.discharge(judging, &mut found),
            "A06" | "A07" => self.change_class(judging, &mut found),
            "A08" => self.update(judging, &mut found),
            "A15" | "A16" | "A21" | "A22" => self.stand(judging, &mut found),
            _ => self.cancel(judging, &mut found),
        }
        if event != "A08" {
            self.changed = Some(self.changed.map_or(key, |changed| changed.max(key)));
        }
        if key >= self.last {
            self.last = key;
            if !told.location.is_empty() {
                if self.location != told.location || event == "A02" {
                    self.located = judging.by.clone();
                }
                self.location.clone_from(&told.location);
            }
        }
        found
    }

    /// A stay that began before anything was told is what its message takes for granted.
    fn began_before(&mut self, judging: &Judging<'_>) {
        let event = judging.told.event.as_str();
        let begins = matches!(event, "A01" | "A04" | "A05" | "A14");
        let fresh = self.status == Status::Unknown && self.changed.is_none();
        if !fresh || self.partial || begins {
            return;
        }
        if matches!(event, "A38" | "A27") {
            // They do not say when the stay was to begin.
            self.status = Status::Expected;
            self.standing.push("A14".to_owned());
            self.partial = true;
        } else if judging.before {
            self.partial = true;
            self.admitted = true;
            let left = judging.told.discharged.filter(|_| event != "A03");
            if event == "A13" || left.is_some() {
                self.status = Status::Out;
                self.discharge = left.map(|moment| Reference {
                    control_id: String::new(),
                    moment,
                });
            } else {
                self.status = Status::In;
            }
        }
    }

    /// The patient class, which only some events change.
    fn class_of(&mut self, judging: &Judging<'_>, found: &mut Vec<Found>) {
        const CHANGE: [&str; 9] = [
            "A01", "A04", "A05", "A06", "A07", "A11", "A14", "A38", "A27",
        ];
        let told = judging.told;
        if told.class.is_empty() {
            return;
        }
        if let Some(at) = self.classes.iter().position(|class| *class == told.class) {
            // What was told of once, or was right once, is not told of again.
            let class = self.classes.remove(at);
            self.classes.push(class);
            return;
        }
        let changes = CHANGE.contains(&&*told.event);
        if let (Some(known), false) = (self.classes.last(), changes) {
            let class = Found::new(StayRule::Class, Field::Class)
                .value(Fact::Plain(told.class.clone()))
                .expected(Fact::Plain(known.clone()))
                .other(Some(self.beginning()));
            found.push(class);
        }
        if self.classes.len() < MOST {
            self.classes.push(told.class.clone());
        }
    }
}
