//! Structure and values against a compiled standard.

mod bounds;
pub mod capture;
mod catalogue;
mod chunk;
mod cursor;
mod delivery;
mod exact;
mod excerpt;
mod explain;
mod fast;
mod fixes;
mod head;
mod ledger;
mod lexical;
mod lines;
mod merge;
pub mod message;
mod ordered;
mod output;
mod pipeline;
mod placement;
pub mod places;
mod plan;
mod providers;
mod quick;
pub mod resource;
mod rules;
pub mod submission;
pub mod table;
pub mod wanted;

pub use catalogue::BuiltinRule;
pub use head::{RootTag, root_tag};
pub use output::Draft;
pub use pipeline::{CHUNK, CheckedFile, Options, check};
pub use plan::{Effects, Plan};
pub use rules::{Elements, NoRules, Part, RecordStarts, Rules};
