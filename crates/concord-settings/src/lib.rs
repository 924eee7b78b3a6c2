//! `concord.toml`: defaults, re-graded rules, waivers, what the gate fails on, a feed, and the findings of an earlier run.
//!
//! It reads texts and must never know a file, an environment variable, a clock or a standard: today comes in as a date.
//!
//! ```
//! use concord_settings::{Day, Settings};
//!
//! let settings = Settings::read("[rules]\nCDS-W3 = \"note\"\n\n[check]\nmax-rate = \"0.5%\"\n")?;
//! assert_eq!(settings.rules.len(), 1);
//! assert!(settings.check.max_rate.is_some_and(|rate| rate.is_exceeded(1, 100)));
//! assert!(Day::parse("2027-03-31") > Day::parse("2026-12-31"));
//! # Ok::<(), concord_settings::SettingsErrors>(())
//! ```

mod amount;
mod day;
mod feed;
mod gate;
mod problem;
mod rate;
mod read;
pub mod run;
mod settings;
mod waivers;

pub use amount::{AmountError, duration, size};
pub use day::Day;
pub use feed::FeedSettings;
pub use gate::{Category, Exception, GateSettings, GuardedSubject};
pub use problem::{Problem, SettingsErrors};
pub use rate::{ParseRateError, Rate};
pub use settings::{CheckSettings, FailOn, Regrade, Said, Settings};
pub use waivers::{FilePattern, Scope, Unused, Waiver, Waivers};
