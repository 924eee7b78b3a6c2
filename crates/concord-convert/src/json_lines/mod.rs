//! Canonical records as JSON Lines: one line for each hospital spell, with its episodes, and for each other record, with what the
//! receiver is to do with it.
//!
//! ```json
//! {"operation":"insert","key":"B123…","source":{"standard":"cds@6-3-1","file":"may.xml","record":7},
//!  "record":{"activity_record":{"cds_type_code":"020",…},"person":[{"role":"patient",…}],"diagnosis":[…]}}
//! ```
//!
//! | module | does |
//! |---|---|
//! | `keys` | the names by which lines live |
//! | `nest` | the rows of a record as one value, those of children in their parents |
//! | [`merge`] | JSON Merge Patch (RFC 7396): what changed, and how it is put in |
//! | [`previous`] | an earlier output, by key |
//! | `schema` | the JSON Schema of a line, from the model |
//! | `spell`, `spells` | episodes until all of them have come, and the spell that they make |
//! | `writer` | [`JsonLinesWriter`] |
//!
//! Keys are the names of the model's entities and fields; what is not there has no key. Whole numbers and truths are JSON's own;
//! everything else is text: days and moments as in ISO 8601, decimal numbers with every digit, which JSON numbers lose in
//! most readers. An entity of which a record has one row is an object, any other an array in the order of the source.

mod keys;
pub mod merge;
mod nest;
pub mod previous;
mod schema;
mod spell;
mod spells;
mod writer;

pub use previous::{Previous, PreviousError, PreviousLines};
pub use schema::schema;
pub use writer::{JsonLinesError, JsonLinesWriter, LinesWritten};

/// Members of a line about a spell: what is said of it, and its episodes.
const SPELL: &str = "hospital_spell";
const EPISODES: &str = "episodes";

/// Entities of which a record has one row.
const ONE_A_RECORD: [&str; 10] = [
    "activity_record",
    "contract_aggregate",
    "contract_line",
    "emergency_attendance",
    "episode",
    "hospital_spell",
    "local_price",
    "outpatient_attendance",
    "plan_line",
    "practice_population",
];
