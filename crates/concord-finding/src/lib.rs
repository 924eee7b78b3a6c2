//! What a finding is: one rule broken at one place.
//!
//! Every other crate of Concord produces, carries or prints the types of this one. It knows the words
//! (rule, effect, place, fact, verdict) and the masking of personal values; it must never know a
//! standard, a carrier, a file system or an output format.
//!
//! ```
//! use concord_finding::{Fact, Masking};
//!
//! let number = Fact::Personal("9990000019".into());
//! assert_eq!(number.shown(Masking::Masked), "999•••••19");
//! assert_eq!(number.shown(Masking::Revealed), "9990000019");
//! ```

mod catalogue;
mod effect;
mod fact;
mod finding;
mod grades;
mod rule;
mod summary;

pub use effect::{Effect, ParseEffectError};
pub use fact::{Fact, HIDDEN, Masking, mask};
pub use finding::{Excerpt, Finding, FingerprintStart, Fix, PROVIDER, Place, Waived};
pub use grades::{Grade, Grades};
pub use rule::{Provenance, Rule, RuleClass, RuleId, RuleStatus};
pub use summary::{
    Baseline, FileSummary, NotRun, Notice, NoticeKind, RecordCounts, RuleCount, Summary, Timing,
    Verdict,
};
