//! The columns that stand first in every entity.

use super::field::{Field, integer, text};

/// Where a row came from. Stands first in every entity.
pub static PROVENANCE: &[Field] = &[
    text(
        "source_standard",
        "",
        "the standard and version that the record was read by, as in `cds@6-3-1`; its codes are of that version's lists",
    ),
    text("source_file", "", "the file that held the record"),
    text(
        "source_interchange",
        "",
        "the reference that the sender gave the file, if the standard has one",
    ),
    integer(
        "source_record",
        "",
        "number of the record in its file, from 1, as in findings",
    ),
    text(
        "source_effect",
        "",
        "the gravest effect of the findings about the record: reject-file, reject-group, reject-record, warn or note; nothing when there was none",
    ),
    integer(
        "sequence",
        "",
        "number of the row among the rows of this entity of the record, from 1",
    ),
    integer(
        "parent_sequence",
        "",
        "sequence of the row of the parent entity that this row lies in",
    ),
];

/// The columns that hold something in every row.
pub(super) const ALWAYS_PRESENT: &[&str] = &["source_file", "source_record"];
