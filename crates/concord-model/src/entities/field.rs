//! A field of an entity, and what may stand in it.

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, identifiers included.
    Text,
    /// A code of a list. Which codes there are is said by the standard that the row came from.
    Code {
        /// Id of the code list, as under `schemas/codes`; empty for a list that is not kept there.
        list: &'static str,
    },
    /// A day.
    Date,
    /// A time of day, `HH:MM:SS`.
    Time,
    /// A day and time by the clock of the place, with the distance from universal time in a column beside it.
    Moment,
    /// A day, month or year, with how precise it is in a column beside it.
    PartialDate,
    /// A whole number.
    Integer,
    /// A decimal number.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits behind the point.
        scale: i8,
    },
    /// Yes or no.
    Boolean,
}

impl Kind {
    /// The kind in words, as in `concord model show`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code { .. } => "code",
            Self::Date => "date",
            Self::Time => "time",
            Self::Moment => "moment",
            Self::PartialDate => "partial date",
            Self::Integer => "integer",
            Self::Decimal { .. } => "decimal",
            Self::Boolean => "boolean",
        }
    }

    /// The end of the name of the column that stands beside a field of this kind, if one does.
    pub fn companion(self) -> Option<&'static str> {
        match self {
            Self::Moment => Some("_zone"),
            Self::PartialDate => Some("_precision"),
            _ => None,
        }
    }
}

/// A field of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Name of the column: the Data Dictionary name in lower case with underscores.
    pub name: &'static str,
    /// Name in the NHS Data Dictionary, the newest where it changed; empty when it is not an item of the dictionary.
    pub title: &'static str,
    /// What stands in it.
    pub kind: Kind,
    /// Whether it identifies a person.
    pub personal: bool,
    /// What it means, in our words.
    pub meaning: &'static str,
}

impl Field {
    pub(super) const fn new(
        kind: Kind,
        name: &'static str,
        title: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            title,
            kind,
            personal: false,
            meaning,
        }
    }

    /// The same field, which identifies a person.
    pub(super) const fn personal(mut self) -> Self {
        self.personal = true;
        self
    }
}

pub(super) const fn text(name: &'static str, title: &'static str, meaning: &'static str) -> Field {
    Field::new(Kind::Text, name, title, meaning)
}

pub(super) const fn code(
    name: &'static str,
    title: &'static str,
    list: &'static str,
    meaning: &'static str,
) -> Field {
    Field::new(Kind::Code { list }, name, title, meaning)
}

pub(super) const fn date(name: &'static str, title: &'static str, meaning: &'static str) -> Field {
    Field::new(Kind::Date, name, title, meaning)
}

pub(super) const fn time(name: &'static str, title: &'static str, meaning: &'static str) -> Field {
    Field::new(Kind::Time, name, title, meaning)
}

pub(super) const fn moment(
    name: &'static str,
    title: &'static str,
    meaning: &'static str,
) -> Field {
    Field::new(Kind::Moment, name, title, meaning)
}

pub(super) const fn partial_date(
    name: &'static str,
    title: &'static str,
    meaning: &'static str,
) -> Field {
    Field::new(Kind::PartialDate, name, title, meaning)
}

pub(super) const fn integer(
    name: &'static str,
    title: &'static str,
    meaning: &'static str,
) -> Field {
    Field::new(Kind::Integer, name, title, meaning)
}

pub(super) const fn decimal(
    name: &'static str,
    title: &'static str,
    precision: u8,
    scale: i8,
    meaning: &'static str,
) -> Field {
    Field::new(Kind::Decimal { precision, scale }, name, title, meaning)
}

/// An amount of money or a price, as wide as the widest of the standards: `max s18.max n8`.
pub(super) const fn money(name: &'static str, title: &'static str, meaning: &'static str) -> Field {
    decimal(name, title, 26, 8, meaning)
}

pub(super) const fn boolean(
    name: &'static str,
    title: &'static str,
    meaning: &'static str,
) -> Field {
    Field::new(Kind::Boolean, name, title, meaning)
}

/// Fields, one a line: kind, name, Data Dictionary name, meaning; `personal` behind those that identify a person.
macro_rules! fields {
    ($($kind:ident $(($($argument:expr),+))? $name:ident $title:literal $meaning:literal $($personal:ident)?;)*) => {
        &[$($crate::entities::field::$kind(stringify!($name), $title, $($($argument,)+)? $meaning)$(.$personal())?,)*]
    };
}

pub(super) use fields;
