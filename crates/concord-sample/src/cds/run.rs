//! Writing one record by its steps.

use super::interchange::{DAY, Interchange};
use super::makers::{Maker, Of, When};
use super::people::{Identity, Person};
use super::presence::{Presence, Times};
use super::recipe::{Pick, Step, Window};
use super::story::Story;
use super::types::Happening;
use crate::Dice;

/// The state while one record is written.
pub(super) struct Scene<'a> {
    interchange: &'a Interchange,
    story: &'a Story,
    /// Records in the interchange; only the trailer asks.
    records: u64,
    /// What is added to the message's reference.
    shift: i64,
    dice: Dice,
    /// The last moment that was written, for the time that follows a date.
    moment: i64,
    /// Where the next moment of this group begins, and where its last one lies.
    cursor: i64,
    last: i64,
    after: i64,
    /// Number of this occurrence in its group.
    ordinal: u32,
    baby: usize,
    kept: String,
    forced: bool,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        interchange: &'a Interchange,
        story: &'a Story,
        records: u64,
        dice: Dice,
    ) -> Self {
        Self {
            interchange,
            story,
            records,
            shift: 0,
            dice,
            moment: story.start,
            cursor: story.start,
            last: story.end,
            after: story.activity.max(story.end / DAY),
            ordinal: 1,
            baby: 0,
            kept: String::new(),
            forced: false,
        }
    }

    /// The same, with another message reference.
    pub(super) fn shifted(self, shift: i64) -> Self {
        Self { shift, ..self }
    }

    /// Writes a step. Whether something was written.
    pub(super) fn write(&mut self, step: &Step, out: &mut Vec<u8>) -> bool {
        let before = out.len();
        match step {
            Step::Leaf {
                presence,
                times,
                open,
                close,
                maker,
            } => {
                if presence.holds(self.story, self.baby, self.forced, &mut self.dice) {
                    let outer = self.ordinal;
                    for occurrence in 0..times.number(self.story, &mut self.dice) {
                        self.count(*times, occurrence);
                        out.extend_from_slice(open);
                        self.value(maker, out);
                        out.extend_from_slice(close);
                    }
                    self.ordinal = outer;
                }
            }
            Step::Together {
                presence,
                times,
                steps,
            } => {
                if presence.holds(self.story, self.baby, self.forced, &mut self.dice) {
                    for _ in 0..times.number(self.story, &mut self.dice) {
                        for step in steps {
                            self.write(step, out);
                        }
                    }
                }
            }
            Step::Choice {
                presence,
                pick,
                branches,
            } => {
                if presence.holds(self.story, self.baby, self.forced, &mut self.dice) {
                    let index = self.branch(*pick, branches.len());
                    if let Some(branch) = branches.get(index) {
                        self.write(branch, out);
                    }
                }
            }
            Step::Group {
                presence,
                times,
                babies,
                ..
            } => {
                if presence.holds(self.story, self.baby, self.forced, &mut self.dice) {
                    let outer = (self.ordinal, self.forced);
                    // Only the group that would be empty is filled, not what is optional inside it.
                    for occurrence in 0..times.number(self.story, &mut self.dice) {
                        self.count(*times, occurrence);
                        self.forced = false;
                        if *babies {
                            self.baby = occurrence as usize;
                        }
                        self.group(step, *presence == Presence::Always || outer.1, out);
                    }
                    (self.ordinal, self.forced) = outer;
                }
            }
        }
        out.len() > before
    }

    /// Sets the number of this occurrence; what stands once keeps that of the group around it.
    fn count(&mut self, times: Times, occurrence: u32) {
        if times != Times::Once {
            self.ordinal = occurrence + 1;
        }
    }

    fn branch(&mut self, pick: Pick, branches: usize) -> usize {
        match pick {
            Pick::Any => self.dice.index(branches),
            Pick::First => usize::from(self.dice.percent(3) && !self.forced),
            Pick::Identity(role, [withheld, verified, unverified]) => {
                match self.story.identity(role, self.baby) {
                    Identity::Withheld => withheld,
                    Identity::Verified => verified,
                    Identity::Unverified => unverified,
                }
            }
        }
    }

    fn group(&mut self, step: &Step, needed: bool, out: &mut Vec<u8>) {
        let Step::Group {
            window,
            open,
            attributes,
            steps,
            close,
            empty,
            flows,
            ..
        } = step
        else {
            return;
        };
        let outside = (self.cursor, self.last);
        match window {
            Window::Around => {}
            Window::Inside => (self.cursor, self.last) = (self.story.start, self.story.end),
            Window::Before => {
                (self.cursor, self.last) =
                    (self.story.admitted - 200 * DAY, self.story.admitted - DAY);
            }
        }
        let start = out.len();
        out.extend_from_slice(open);
        for (text, presence, maker) in attributes {
            if presence.holds(self.story, self.baby, false, &mut self.dice) {
                out.extend_from_slice(text);
                self.value(maker, out);
                out.push(b'"');
            }
        }
        if *empty {
            out.extend_from_slice(b"/>\n");
        } else {
            out.extend_from_slice(b">\n");
            let inside = out.len();
            for step in steps {
                self.write(step, out);
            }
            if out.len() == inside && needed {
                self.forced = true;
                for step in steps {
                    self.write(step, out);
                }
                self.forced = false;
            }
            if out.len() == inside {
                out.truncate(start);
            } else {
                out.extend_from_slice(close);
            }
        }
        let reached = self.cursor;
        (self.cursor, self.last) = outside;
        if *flows {
            self.cursor = reached.min(self.last);
        }
    }

    fn value(&mut self, maker: &Maker, out: &mut Vec<u8>) {
        let story = self.story;
        let shared = self.interchange;
        match maker {
            Maker::Literal(text) => out.extend_from_slice(text.as_bytes()),
            Maker::OneOf(texts) => self.one_of(texts, out),
            Maker::TypeCode => out.extend_from_slice(story.cds.code.as_bytes()),
            Maker::ProtocolCode => out.extend_from_slice(shared.protocol.code().as_bytes()),
            Maker::GroupCode => out.extend_from_slice(shared.group.as_bytes()),
            Maker::UpdateType => out.push(if story.deleted { b'1' } else { b'9' }),
            Maker::ControlReference => number(shared.control_reference, 1, out),
            Maker::Count => number(self.records, 1, out),
            Maker::MessageReference => number(
                (story.number - 1).saturating_add_signed(self.shift) % 9_999_999 + 1,
                1,
                out,
            ),
            Maker::UniqueIdentifier => {
                out.push(b'B');
                out.extend_from_slice(shared.provider.as_bytes());
                out.extend_from_slice(b"00");
                out.extend_from_slice(b"UI");
                number(shared.seed % 1000, 3, out);
                number(story.number, 9, out);
            }
            Maker::RecordIdentifier => {
                out.extend_from_slice(b"REC");
                number(story.number, 9, out);
            }
            Maker::Provider => out.extend_from_slice(shared.provider.as_bytes()),
            Maker::Commissioner => self.one_of(&shared.commissioners, out),
            Maker::Recipient => {
                let commissioners = &shared.commissioners;
                let index = self.ordinal as usize % commissioners.len().max(1);
                if let Some(text) = commissioners.get(index) {
                    out.extend_from_slice(text.as_bytes());
                }
            }
            Maker::Practice => self.one_of(&shared.practices, out),
            Maker::Site => self.one_of(&shared.sites, out),
            Maker::Practitioner => self.one_of(&shared.practitioners, out),
            Maker::Registration => {
                out.push(b'C');
                number(self.dice.below(9_000_000) + 1_000_000, 7, out);
            }
            Maker::Person(role, of) => self.person(story.person(*role, self.baby), *of, out),
            Maker::Date(when) => {
                self.go_to(*when);
                out.extend_from_slice(shared.calendar.text(self.moment.div_euclid(DAY)));
            }
            Maker::Time => self.clock(out),
            Maker::Timestamp(when) => {
                self.go_to(*when);
                let text = *shared.calendar.text(self.moment.div_euclid(DAY));
                out.extend_from_slice(&text);
                out.push(b'T');
                self.clock(out);
                // Summer time by the month is near enough for made-up data; both zones are among those permitted.
                let summer = matches!(&text[5..7], b"04" | b"05" | b"06" | b"07" | b"08" | b"09");
                out.extend_from_slice(if summer { b"+01:00" } else { b"Z" });
            }
            Maker::AgeOnAdmission => {
                let years = shared
                    .calendar
                    .years(story.patient.born, story.admitted.div_euclid(DAY));
                number(years.unsigned_abs(), 1, out);
            }
            Maker::AgeAtActivity => {
                let years = shared.calendar.years(story.patient.born, story.activity);
                number(years.unsigned_abs(), 1, out);
            }
            Maker::Snomed => self.one_of(&shared.snomed, out),
            Maker::Serial(prefix, longest) => {
                out.extend_from_slice(prefix.as_bytes());
                let digits = longest.saturating_sub(prefix.len()).min(9);
                number(story.number % 10_u64.pow(digits as u32), digits, out);
            }
            Maker::Number(low, high, digits) => {
                number(self.dice.between(*low, *high).unsigned_abs(), *digits, out);
            }
            Maker::Fraction(low, high, places) => {
                let value = self.dice.between(*low, *high).unsigned_abs();
                let unit = 10_u64.pow(*places);
                number(value / unit, 1, out);
                out.push(b'.');
                number(value % unit, *places as usize, out);
            }
            Maker::Form(form) => {
                for c in form.bytes() {
                    out.push(match c {
                        b'A' if !form.starts_with("PWAY") => self
                            .dice
                            .pick(b"ABCDEFGHJKLMNPRSTZ")
                            .copied()
                            .unwrap_or(b'A'),
                        b'9' => b'0' + self.dice.below(10) as u8,
                        other => other,
                    });
                }
            }
            Maker::Ordinal => number(u64::from(self.ordinal), 1, out),
            Maker::Babies => number(story.babies.len().max(1) as u64, 1, out),
            Maker::LastEpisode => out.push(if story.discharged { b'1' } else { b'2' }),
            Maker::KeptCode(codes) => {
                if let Some(code) = self.dice.pick(codes) {
                    self.kept.clone_from(code);
                }
                out.extend_from_slice(self.kept.as_bytes());
            }
            Maker::RepeatedCode(codes) => {
                if codes.contains(&self.kept) {
                    out.extend_from_slice(self.kept.as_bytes());
                } else {
                    self.one_of(codes, out);
                }
            }
        }
    }

    fn one_of(&mut self, texts: &[String], out: &mut Vec<u8>) {
        if let Some(text) = self.dice.pick(texts) {
            out.extend_from_slice(text.as_bytes());
        }
    }

    fn clock(&self, out: &mut Vec<u8>) {
        let minute = self.moment.rem_euclid(DAY).unsigned_abs();
        number(minute / 60, 2, out);
        out.push(b':');
        number(minute % 60, 2, out);
        out.extend_from_slice(b":00");
    }

    /// Sets the moment.
    fn go_to(&mut self, when: When) {
        let story = self.story;
        let shared = self.interchange;
        self.moment = match when {
            When::Prepared => shared.prepared,
            When::Activity => story.activity * DAY,
            When::PeriodStart => shared.period.0 * DAY,
            When::PeriodEnd => shared.period.1 * DAY,
            When::Applicable => shared.prepared - 120,
            When::Admitted => story.admitted,
            When::Start => story.start,
            When::End => story.end,
            When::Delivery => story.delivery,
            When::YearStart => shared.year_start * DAY,
            When::Same => self.moment,
            When::LongBefore => story.admitted - self.dice.between(100, 180) * DAY,
            When::Before => story.admitted - self.dice.between(2, 60) * DAY,
            When::After => {
                self.after += self.dice.between(1, 60);
                self.after * DAY + 600
            }
            When::Next => {
                let room = (self.last - self.cursor).max(0);
                self.cursor += self.dice.between(0, room / 3);
                self.cursor
            }
        };
        if matches!(when, When::Start | When::Admitted)
            && story.cds.happening == Happening::Emergency
        {
            // What is assessed and treated comes after the arrival.
            self.cursor = self.cursor.max(self.moment);
        }
    }

    fn person(&mut self, person: &Person, of: Of, out: &mut Vec<u8>) {
        const STREETS: &[&str] = &[
            "Made Up Lane",
            "Example Road",
            "Pretend Street",
            "Nowhere Close",
            "Invented Avenue",
        ];
        const TOWNS: &[&str] = &["Nosuchtown", "Sampleton", "Imagined Green", "Trial Regis"];
        let text: &str = match of {
            Of::Number => person.number.as_deref().unwrap_or_default(),
            Of::Status => person.status,
            Of::Local => &person.local,
            Of::Born => {
                out.extend_from_slice(self.interchange.calendar.text(person.born));
                return;
            }
            Of::FullName => {
                out.extend_from_slice(person.given.as_bytes());
                out.push(b' ');
                person.family
            }
            Of::Title => match person.sex {
                "1" => "Mr",
                "2" => "Ms",
                _ => "Mx",
            },
            Of::Given => person.given,
            Of::Family => person.family,
            Of::Suffix => "Jr",
            Of::Initial => person.given.get(..1).unwrap_or_default(),
            Of::Sex => person.sex,
            Of::Postcode => &person.postcode,
            Of::AddressLine | Of::Address => {
                number(self.dice.below(250) + 1, 1, out);
                out.push(b' ');
                out.extend_from_slice(
                    self.dice
                        .pick(STREETS)
                        .copied()
                        .unwrap_or_default()
                        .as_bytes(),
                );
                if of == Of::AddressLine {
                    return;
                }
                out.extend_from_slice(b", ");
                self.dice.pick(TOWNS).copied().unwrap_or_default()
            }
        };
        out.extend_from_slice(text.as_bytes());
    }
}

/// Writes a number with at least so many digits.
fn number(value: u64, digits: usize, out: &mut Vec<u8>) {
    let mut text = [b'0'; 20];
    let mut at = text.len();
    let mut left = value;
    while left > 0 || text.len() - at < digits.clamp(1, 20) {
        at -= 1;
        text[at] = b'0' + (left % 10) as u8;
        left /= 10;
    }
    out.extend_from_slice(&text[at..]);
}
