//! Who pays for an activity.
//!
//! Source: NHS England, commissioner assignment method 2025/26, whose boxes, codes and look-ups are data
//! (`schemas/commissioner-assignment`); the engine knows how to answer the questions, the table says which are asked when.
//!
//! ```
//! use concord_derive::commissioner::{Activity, Case, DecisionTable, NoReference, Settings};
//!
//! let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/commissioner-assignment/2025-26/");
//! let read = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).map_err(|error| error.to_string());
//! let table = DecisionTable::load(&read)?;
//! let case = Case {
//!     activity: Some(Activity::Outpatient),
//!     assignment_date: Some(jiff::civil::date(2025, 6, 2)),
//!     administrative_category: Some("02"),
//!     submitted: Some("00L"),
//!     ..Case::default()
//! };
//! let outcome = table.derive(&case, &NoReference, &Settings::default())?;
//! assert_eq!(outcome.path(), "START:no>A:yes>private");
//! assert_eq!(outcome.commissioner.as_deref(), Some("VPP00"));
//! assert_eq!(outcome.agrees(), Some(false));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod case;
mod engine;
mod error;
mod explain;
mod outcome;
mod reference;
mod settings;
mod table;

pub use case::{Activity, Case, CodesOf};
pub use error::Error;
pub use explain::explain;
pub use outcome::{Answer, Because, Missing, Outcome, Part, Step};
pub use reference::{NoReference, Organisation, Postcode, Reference, ReferenceError, Standing};
pub use settings::{
    AdmissionSource, Bodies, ChargingUnknown, Excluded, ProviderHub, Reading, Settings,
    SettingsTable, Succession, Unallocated, UnknownPostcode, Unlisted, YesNo,
};
pub use table::{
    ArmedForcesPractice, BoxDefinition, CodeSet, DecisionTable, Delegation, End, Exit,
    OtherReading, Outside, OutsideReason, Payer, Period, PseudoList, ReasonForm, ServiceCode,
    ServiceKind, SubIcb, Test,
};
