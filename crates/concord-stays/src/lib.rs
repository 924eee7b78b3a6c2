//! The state of patients' stays across HL7 v2 messages, and what contradicts it.
//!
//! A message alone can be right and still contradict the ones before it: a discharge of somebody who was never admitted, a
//! cancellation of nothing, a number left out. A [`Tracker`] is told every message ([`read()`] takes out of one what is
//! needed), puts the messages of each sender into the order of their events, follows each stay, and gives [`Anomaly`]s:
//! findings of the rules in [`rules()`], placed at the segment that shows them and naming the other message.
//!
//! | module | does |
//! |---|---|
//! | `told`, `read` | what a message says of a stay, and where in it |
//! | `moment` | times as messages write them |
//! | `tracker` | messages in, anomalies out: the window that puts late ones in order, what is remembered and for how long |
//! | `stay` | one stay: admitted, moved, discharged, cancelled |
//! | `people` | identifiers that are known, and those merged away |
//! | `sender`, `sequence` | a sender: what of it waits, its clock; numbers that were left out |
//! | `state` | the tracker written and read back |
//! | `rule`, `anomaly` | the rules, and their findings |
//!
//! It must never know a standard, a file, a clock or the network. A live feed hands in each message once it is stored, with
//! the number that it is stored under, now and then the time, and writes the state where it resumes from:
//!
//! ```
//! use concord_stays::{Origin, Settings, Tracker, read};
//!
//! # fn main() -> Result<(), concord_stays::StateError> {
//! let admitted = b"MSH|^~\\&|PAS|RXX|||202603011002||ADT^A01|1|P|2.4\rEVN||202603011001||||202603011000\r\
//!     PID|||L1^^^RXX\rPV1||I|W1|||||||||||||||||V1^^^RXX|||||||||||||||||||||||||202603011000\r";
//! let mut tracker = Tracker::new(Settings::default());
//! // Where the message is kept, in numbers that only the caller understands; they come back with each anomaly.
//! let origin = |number| Origin { record: number, line: 1, ..Origin::default() };
//! for number in 1..=2 {
//!     let message = String::from_utf8_lossy(admitted).replace("|1|P|", &format!("|{number}|P|"));
//!     if let Some(told) = read(message.as_bytes(), origin(number)) {
//!         assert!(tracker.take(told).is_empty(), "both wait for others that may have been overtaken");
//!     }
//! }
//! // The store has them; what the tracker knows is written beside it and read again after a restart.
//! let mut state = Vec::new();
//! tracker.write(&mut state)?;
//! let mut tracker = Tracker::restore(&*state, Settings::default())?;
//! // Two hours later by the clock nothing is waited for any more.
//! let found = tracker.advance(jiff::civil::date(2026, 3, 1).at(12, 0, 0, 0));
//! assert_eq!(found.len(), 1);
//! assert_eq!(&*found[0].finding.rule.id, "STAY-ADMITTED-TWICE");
//! assert_eq!(found[0].origin.record, 2);
//! # Ok(())
//! # }
//! ```
//!
//! What is remembered is bounded ([`Settings`]); what was put away to keep the bounds is counted ([`Account`]). The state
//! holds identifiers of patients: whoever writes it keeps it as carefully as the messages.

mod anomaly;
mod moment;
mod people;
mod read;
mod recent;
mod rule;
mod sender;
mod sequence;
mod settings;
mod state;
mod stay;
mod told;
mod tracker;

pub use anomaly::Anomaly;
pub use moment::Moment;
pub use read::{line_ends, read};
pub use rule::{StayRule, rules};
pub use settings::Settings;
pub use state::StateError;
pub use told::{EventKey, Field, Identifier, Origin, Spot, Told};
pub use tracker::{Account, Tracker};
