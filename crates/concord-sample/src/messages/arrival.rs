//! The stream of events as a receiver gets it: messages overtake one another, are sent twice or come late, and events
//! contradict one another. Everything that is wrong is labelled.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::iter::Peekable;

use concord_standards::definition::Definition;

use super::contradictions::{Broken, Change, Contradictions, Item, RULES};
use super::message::Message;
use super::stream::Stream;
use super::{MessageSampleError, Written, made_of};
use crate::Dice;
use crate::faults::{LABEL_HEADER, Label};

/// Minutes between an event and its message.
const SENT: i64 = 2;
/// Most minutes between a message and its repetition.
const AGAIN: i64 = 30;
/// Minutes by which a message that is held up comes later than others wait for it.
const HELD_UP: (i64, i64) = (30, 180);

/// What to write.
#[derive(Debug, Clone)]
pub struct StreamRequest<'d> {
    /// The standard, which must be one of HL7 v2 messages.
    pub definition: &'d Definition,
    /// How many messages, repetitions among them.
    pub messages: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Share of the events that contradict others, from 0 to 1.
    pub faults: f64,
    /// Rules to break; all when none is named.
    pub fault_rules: Vec<String>,
    /// Minutes by which messages overtake one another at most.
    pub shuffle: u32,
    /// Share of the messages that are sent twice, from 0 to 1.
    pub duplicates: f64,
    /// Share of the messages that come late, from 0 to 1, of those that nothing depends on.
    pub delays: f64,
    /// For how many minutes receivers wait: what comes later is late.
    pub window: u32,
}

/// The rules that a stream can break.
pub fn rules() -> Vec<&'static str> {
    RULES.to_vec()
}

/// Writes messages in the order in which they arrive, each segment ended by a carriage return.
///
/// Of a message that comes late the label says so only where another one that happened later need not wait any more.
///
/// # Errors
/// [`MessageSampleError`] when the standard has no such messages, or writing fails.
pub fn write(
    request: &StreamRequest<'_>,
    out: &mut dyn Write,
    mut labels: Option<&mut dyn Write>,
) -> Result<Written, MessageSampleError> {
    let (messages, profile) = made_of(request.definition)?;
    if let Some(labels) = labels.as_deref_mut() {
        writeln!(labels, "{LABEL_HEADER}")?;
    }
    let mut written = Written::default();
    let mut arriving = Arriving::new(request);
    while let Some(Sent { item, numbers, .. }) = arriving.next() {
        let mut message = Message::of(&item.event, messages, profile.as_deref());
        if let Some(header) = message.segment("MSH") {
            header.set(9, format!("C{:010}", numbers.control));
            header.set(12, numbers.sequence.to_string());
        }
        if let Some(change) = &item.change {
            change.make(&mut message, &item.event);
        }
        if let Some(Broken { rule, place, what }) = item.broken {
            written.faults += 1;
            let segment = place.split('-').next().unwrap_or(place);
            let mut before = message.segments.iter();
            let before = before.position(|known| known.name == segment).unwrap_or(0);
            let label = Label {
                rule,
                record: written.messages + 1,
                line: written.segments + before as u64 + 1,
                element: place.to_owned(),
                description: what.to_owned(),
            };
            if let Some(labels) = labels.as_deref_mut() {
                label.write(labels)?;
            }
        }
        let text = message.to_text();
        out.write_all(text.as_bytes())?;
        written.messages += 1;
        written.segments += message.segments.len() as u64;
        written.bytes += text.len() as u64;
    }
    Ok(written)
}

/// The numbers of a message: its control id, and that of the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Numbers {
    control: u64,
    sequence: u64,
}

/// A message on its way.
#[derive(Debug, Clone)]
struct Sent {
    item: Item,
    numbers: Numbers,
    /// When it arrives, in minutes.
    arrives: i64,
    /// Whether it is held up, so that it may be late.
    held_up: bool,
}

/// Messages in the order in which they arrive.
struct Arriving<'r> {
    request: &'r StreamRequest<'r>,
    stream: Peekable<Stream>,
    contradictions: Contradictions,
    /// Events that were put behind others, by their time.
    further: BTreeMap<(i64, u64), Item>,
    further_count: u64,
    /// Messages on their way, by arrival.
    way: BTreeMap<(i64, u64), Sent>,
    /// Messages so far, repetitions among them.
    count: u64,
    numbers: Numbers,
    /// The control id of the last message that is as it should be.
    before: u64,
    /// When the events of those that have arrived occurred, as far as it matters.
    arrived: BTreeSet<i64>,
}

impl<'r> Arriving<'r> {
    fn new(request: &'r StreamRequest<'r>) -> Self {
        Self {
            request,
            stream: Stream::new(request.seed).peekable(),
            contradictions: Contradictions::new(request.faults, &request.fault_rules),
            further: BTreeMap::new(),
            further_count: 0,
            way: BTreeMap::new(),
            count: 0,
            numbers: Numbers::default(),
            before: 0,
            arrived: BTreeSet::new(),
        }
    }

    fn next(&mut self) -> Option<Sent> {
        loop {
            let first = self.way.first_key_value();
            let first = first.map(|((arrives, _), _)| *arrives);
            let upcoming = self.upcoming();
            let whole = self.count >= self.request.messages || upcoming.is_none();
            // An event can be put a minute before another one.
            if let Some(arrives) = first
                && (whole || upcoming.is_some_and(|upcoming| arrives < upcoming))
            {
                let (_, sent) = self.way.pop_first()?;
                return Some(self.arrive(sent));
            }
            if whole {
                return None;
            }
            for item in self.happen() {
                self.send(item);
            }
        }
    }

    /// When the next event occurs.
    fn upcoming(&mut self) -> Option<i64> {
        let further = self.further.first_key_value().map(|((at, _), _)| *at);
        let stream = self.stream.peek().map(|event| event.occurred);
        further.into_iter().chain(stream).min()
    }

    /// What is told next. What is put behind it waits for its time.
    fn happen(&mut self) -> Vec<Item> {
        let upcoming = self.upcoming();
        if let Some(entry) = self.further.first_entry()
            && Some(entry.key().0) == upcoming
        {
            return vec![entry.remove()];
        }
        let Some(event) = self.stream.next() else {
            return Vec::new();
        };
        let occurred = event.occurred;
        let mut dice = Dice::part(self.request.seed, event.number.wrapping_add(1 << 41));
        let mut now = Vec::new();
        for item in self.contradictions.of(event, &mut dice) {
            if item.event.occurred <= occurred {
                now.push(item);
            } else {
                self.further_count += 1;
                let key = (item.event.occurred, self.further_count);
                self.further.insert(key, item);
            }
        }
        now
    }

    fn send(&mut self, mut item: Item) {
        if self.count >= self.request.messages {
            return;
        }
        let request = self.request;
        let number = self.count;
        let mut dice = Dice::part(request.seed, number.wrapping_add(1 << 42));
        self.numbers.sequence += 1;
        self.numbers.control += 1;
        let mut numbers = self.numbers;
        match item.change {
            Some(Change::SameControlId) if self.before == 0 => {
                // There is none before that it could have.
                item = Item::plain(item.event);
            }
            Some(Change::SameControlId) => numbers.control = self.before,
            Some(Change::Gap(left_out)) => {
                self.numbers.sequence += left_out;
                numbers.sequence += left_out;
            }
            _ => {}
        }
        let untouched = item.change.is_none() && item.broken.is_none();
        let can_wait = ["A08", "A31"].contains(&item.event.trigger.code());
        let late = item.change == Some(Change::Late)
            || untouched && can_wait && by_chance(&mut dice, request.delays);
        if untouched && !late {
            self.before = numbers.control;
        }
        let twice = item.change == Some(Change::Twice)
            || untouched && !late && by_chance(&mut dice, request.duplicates);
        // It is the repetition that is wrong.
        let again = twice.then(|| Item {
            broken: Some(Broken {
                rule: "STAY-DUPLICATE",
                place: "MSH-10",
                what: "the message was sent twice",
            }),
            ..item.clone()
        });
        if twice {
            item.broken = None;
        }
        let shuffled = dice.between(0, i64::from(request.shuffle));
        let held_up = i64::from(request.window) + dice.between(HELD_UP.0, HELD_UP.1);
        let arrives = item.event.occurred + SENT + if late { held_up } else { shuffled };
        self.put(Sent {
            item,
            numbers,
            arrives,
            held_up: late,
        });
        if let Some(item) = again.filter(|_| self.count < request.messages) {
            self.put(Sent {
                item,
                numbers,
                arrives: arrives + dice.between(1, AGAIN),
                held_up: false,
            });
        }
    }

    fn put(&mut self, sent: Sent) {
        self.way.insert((sent.arrives, self.count), sent);
        self.count += 1;
    }

    /// Takes note of a message that arrives, and whether it is late: one that happened later need not wait any more.
    fn arrive(&mut self, mut sent: Sent) -> Sent {
        let occurred = match sent.item.change {
            Some(Change::Ahead) => sent.item.event.occurred + SENT,
            _ => sent.item.event.occurred,
        };
        let newest = self.arrived.last().copied();
        let waits = newest.map(|newest| newest - i64::from(self.request.window));
        if sent.held_up {
            let released = waits.and_then(|waits| self.arrived.range(..waits).next_back());
            let late = released.is_some_and(|released| occurred < *released);
            sent.item.broken = late.then_some(Broken {
                rule: "STAY-LATE",
                place: "EVN-6",
                what: "the message was held up",
            });
        }
        // What is late moves nothing.
        if sent
            .item
            .broken
            .as_ref()
            .is_none_or(|broken| broken.rule != "STAY-LATE")
        {
            self.arrived.insert(occurred);
        }
        // Only the last one of those that need not wait matters.
        if let Some(waits) = waits {
            while self.arrived.range(..waits).nth(1).is_some() {
                self.arrived.pop_first();
            }
        }
        sent
    }
}

/// Whether one of so many cases (a share from 0 to 1) is this one.
pub(super) fn by_chance(dice: &mut Dice, share: f64) -> bool {
    const PARTS: u64 = 1_000_000;
    (dice.below(PARTS) as f64) < share * PARTS as f64
}
