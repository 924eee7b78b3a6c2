//! The tables of reference data and their columns: as they are stored, and as a join sees them.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

/// How a column is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Text that seldom repeats.
    Text,
    /// Text with at most some thousands of different values, held once each (keys of 16 bits).
    Few,
    /// Text with many different values that repeat, held once each (keys of 32 bits).
    Many,
    /// A day; none stands for "not known", or "not yet" where something ends.
    Date,
}

impl Held {
    /// The type as Arrow has it.
    pub fn data_type(self) -> DataType {
        let dictionary = |key| DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8));
        match self {
            Self::Text => DataType::Utf8,
            Self::Few => dictionary(DataType::Int16),
            Self::Many => dictionary(DataType::Int32),
            Self::Date => DataType::Date32,
        }
    }
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// How it is held.
    pub held: Held,
    /// What it says.
    pub meaning: &'static str,
}

const fn column(name: &'static str, held: Held, meaning: &'static str) -> Column {
    Column {
        name,
        held,
        meaning,
    }
}

/// One table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// The name that a join uses.
    pub name: &'static str,
    /// The file that it is stored in; none for a table that is put together from others.
    pub file: Option<&'static str>,
    /// Its columns. Rows stand in the order of the leading ones.
    pub columns: &'static [Column],
}

impl Table {
    /// The table's Arrow schema.
    pub fn schema(&self) -> SchemaRef {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|column| Field::new(column.name, column.held.data_type(), true))
            .collect();
        Arc::new(Schema::new(fields))
    }

    /// The columns that hold the first and the last day on which a row is in force; none when rows say no days.
    pub fn days_in_force(&self) -> Option<[&'static str; 2]> {
        const PAIRS: [[&str; 2]; 4] = [
            ["open_date", "close_date"],
            ["start_date", "end_date"],
            ["introduced", "terminated"],
            ["valid_from", "valid_to"],
        ];
        let has = |name: &&str| self.columns.iter().any(|column| column.name == *name);
        PAIRS.into_iter().find(|pair| pair.iter().all(has))
    }

    /// The position of a column.
    pub(crate) fn position(&self, name: &str) -> usize {
        self.columns
            .iter()
            .position(|column| column.name == name)
            .expect("callers name columns that the table has")
    }
}

const SOURCE: Column = column("source", Held::Few, "which source of the manifest says so");

/// Organisations and sites, one row each.
pub const ORGANISATION: Table = Table {
    name: "organisation",
    file: Some("organisations.parquet"),
    columns: &[
        column("code", Held::Text, "ORGANISATION IDENTIFIER"),
        SOURCE,
        column("name", Held::Text, "the organisation's name"),
        column("role", Held::Few, "the primary role, such as RO197"),
        column(
            "roles",
            Held::Few,
            "every role that it has or had, primary first, with a blank between",
        ),
        column("record_class", Held::Few, "organisation or site"),
        column("status", Held::Few, "active, inactive, dormant or proposed"),
        column("open_date", Held::Date, "first day of operation"),
        column("close_date", Held::Date, "last day of operation"),
        column(
            "legal_open_date",
            Held::Date,
            "first day of legal existence",
        ),
        column(
            "legal_close_date",
            Held::Date,
            "last day of legal existence",
        ),
        column("postcode", Held::Text, "POSTCODE of its address"),
        column("region", Held::Few, "code of the national grouping"),
        column(
            "icb",
            Held::Few,
            "code of the high level health geography, today an integrated care board",
        ),
        column(
            "commissioner",
            Held::Many,
            "code of the latest organisation that commissions it",
        ),
        column(
            "setting",
            Held::Few,
            "PRESCRIBING SETTING of a prescribing cost centre, such as 4 for a GP practice",
        ),
    ],
};

/// Roles of organisations, one row for each period of each.
pub const ROLE: Table = Table {
    name: "role",
    file: Some("roles.parquet"),
    columns: &[
        column("code", Held::Text, "the organisation"),
        SOURCE,
        column("role", Held::Few, "the role, such as RO76"),
        column("primary", Held::Few, "yes or no"),
        column("start_date", Held::Date, "first day"),
        column("end_date", Held::Date, "last day"),
    ],
};

/// Relationships between organisations, one row for each period of each.
pub const RELATIONSHIP: Table = Table {
    name: "relationship",
    file: Some("relationships.parquet"),
    columns: &[
        column("code", Held::Text, "the organisation"),
        SOURCE,
        column(
            "relationship",
            Held::Few,
            "what the organisation is to the target, such as RE4",
        ),
        column("target", Held::Many, "the other organisation"),
        column("start_date", Held::Date, "first day"),
        column("end_date", Held::Date, "last day"),
    ],
};

/// Successions, one row each.
pub const SUCCESSION: Table = Table {
    name: "succession",
    file: Some("successions.parquet"),
    columns: &[
        column("code", Held::Text, "the organisation that is succeeded"),
        SOURCE,
        column("successor", Held::Many, "the organisation that succeeds it"),
        column("date", Held::Date, "from when"),
    ],
};

/// Postcodes, one row each.
pub const POSTCODE: Table = Table {
    name: "postcode",
    file: Some("postcodes.parquet"),
    columns: &[
        column(
            "postcode",
            Held::Text,
            "capital letters and digits without a blank",
        ),
        column(
            "introduced",
            Held::Date,
            "first day of the month of introduction",
        ),
        column(
            "terminated",
            Held::Date,
            "last day of the month of termination",
        ),
        column("country", Held::Few, "code of the country"),
        column(
            "region",
            Held::Few,
            "code of the region of England, or a pseudo code",
        ),
        column("nhs_region", Held::Few, "code of the NHS England region"),
        column(
            "local_authority",
            Held::Few,
            "code of the local authority district",
        ),
        column(
            "sub_icb",
            Held::Few,
            "code of the sub-ICB location; of the CCG in older directories",
        ),
        column(
            "icb",
            Held::Few,
            "code of the integrated care board; of the partnership in older directories",
        ),
        column(
            "lsoa11",
            Held::Many,
            "lower layer super output area of 2011",
        ),
        column(
            "lsoa21",
            Held::Many,
            "lower layer super output area of 2021",
        ),
    ],
};

const VALID_FROM: Column = column("valid_from", Held::Date, "first day of use");
const VALID_TO: Column = column("valid_to", Held::Date, "last day of use");

/// Codes of the National Interim Clinical Imaging Procedure list, one row for each period of each.
pub const NICIP: Table = Table {
    name: "nicip",
    file: Some("nicip.parquet"),
    columns: &[
        column(
            "code",
            Held::Text,
            "IMAGING CODE (NICIP), in capital letters",
        ),
        SOURCE,
        VALID_FROM,
        VALID_TO,
    ],
};

/// SNOMED CT codes of imaging, one row for each period of each.
pub const IMAGING_SNOMED: Table = Table {
    name: "imaging_snomed",
    file: Some("imaging_snomed.parquet"),
    columns: &[
        column("code", Held::Text, "IMAGING CODE (SNOMED-CT)"),
        SOURCE,
        VALID_FROM,
        VALID_TO,
    ],
};

/// Which SNOMED CT code a code of the other list stands for, one row for each period of each pair.
pub const NICIP_TO_SNOMED: Table = Table {
    name: "nicip_to_snomed",
    file: Some("nicip_to_snomed.parquet"),
    columns: &[
        column(
            "nicip",
            Held::Text,
            "IMAGING CODE (NICIP), in capital letters",
        ),
        SOURCE,
        column(
            "snomed",
            Held::Many,
            "the IMAGING CODE (SNOMED-CT) that it stands for",
        ),
        VALID_FROM,
        VALID_TO,
    ],
};

/// Prescribing cost centres, GP practices among them, one row each.
pub const PRACTICE: Table = Table {
    name: "practice",
    file: None,
    columns: &[
        column("code", Held::Text, "the practice"),
        column("name", Held::Text, "its name"),
        column(
            "gp_practice",
            Held::Few,
            "yes for a GP practice, no for another prescribing cost centre",
        ),
        column("status", Held::Few, "active, inactive, dormant or proposed"),
        column("open_date", Held::Date, "first day of operation"),
        column("close_date", Held::Date, "last day of operation"),
        column(
            "setting",
            Held::Few,
            "PRESCRIBING SETTING, such as 4 for a GP practice",
        ),
        column(
            "commissioner",
            Held::Many,
            "code of the latest organisation that commissions it",
        ),
        column("icb", Held::Few, "code of its integrated care board"),
        column("region", Held::Few, "code of the national grouping"),
        column("postcode", Held::Text, "POSTCODE of its address"),
    ],
};

/// Every table that a join may name.
pub const TABLES: [&Table; 9] = [
    &ORGANISATION,
    &PRACTICE,
    &ROLE,
    &RELATIONSHIP,
    &SUCCESSION,
    &POSTCODE,
    &NICIP,
    &IMAGING_SNOMED,
    &NICIP_TO_SNOMED,
];

/// The table of that name.
pub fn find(name: &str) -> Option<&'static Table> {
    TABLES.into_iter().find(|table| table.name == name)
}
