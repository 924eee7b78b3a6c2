//! One organisation while it is read, whatever it is read from.

use jiff::civil::Date;

use super::Sink;
use crate::error::Error;
use crate::rows::Cell;

/// From when until when; both days are within.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) start: Option<Date>,
    pub(super) end: Option<Date>,
}

impl Period {
    fn is_known(self) -> bool {
        self != Self::default()
    }

    /// This period when anything is known of it, else the other.
    fn or(self, other: Self) -> Self {
        if self.is_known() { self } else { other }
    }

    /// The later of two statements about the same thing.
    pub(super) fn put(&mut self, other: Self) {
        if !self.is_known() || other.start > self.start {
            *self = other;
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Role {
    pub(super) id: String,
    pub(super) primary: bool,
    pub(super) operational: Period,
    pub(super) legal: Period,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Relationship {
    pub(super) id: String,
    pub(super) target: String,
    pub(super) operational: Period,
    pub(super) legal: Period,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Succession {
    /// Whether the other organisation came before this one.
    pub(super) predecessor: bool,
    pub(super) other: String,
    pub(super) operational: Period,
    pub(super) legal: Period,
}

/// An organisation with its roles, relationships and successions.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) status: &'static str,
    pub(super) operational: Period,
    pub(super) legal: Period,
    pub(super) postcode: String,
    pub(super) region: String,
    pub(super) icb: String,
    pub(super) setting: String,
    pub(super) roles: Vec<Role>,
    pub(super) relationships: Vec<Relationship>,
    pub(super) successions: Vec<Succession>,
}

impl Draft {
    pub(super) fn clear(&mut self) {
        for text in [
            &mut self.code,
            &mut self.name,
            &mut self.postcode,
            &mut self.region,
            &mut self.icb,
            &mut self.setting,
        ] {
            text.clear();
        }
        (self.class, self.status) = ("", "");
        (self.operational, self.legal) = (Period::default(), Period::default());
        self.roles.clear();
        self.relationships.clear();
        self.successions.clear();
    }

    /// Adds the organisation's rows.
    pub(super) fn add(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        let source = sink.source.name.clone();
        self.roles.sort_by_key(|role| !role.primary);
        let mut roles: Vec<&str> = Vec::new();
        for role in &self.roles {
            if !roles.contains(&&*role.id) {
                roles.push(&role.id);
            }
        }
        let open = self.operational.or(self.legal);
        sink.push(
            |import| &mut import.organisations,
            &[
                Cell::Text(&self.code),
                Cell::Text(&source),
                Cell::Text(&self.name),
                Cell::Text(roles.first().copied().unwrap_or_default()),
                Cell::Text(&roles.join(" ")),
                Cell::Text(self.class),
                Cell::Text(self.status),
                Cell::Date(open.start),
                Cell::Date(open.end),
                Cell::Date(self.legal.start),
                Cell::Date(self.legal.end),
                Cell::Text(&self.postcode),
                Cell::Text(&self.region),
                Cell::Text(&self.icb),
                Cell::Text(self.commissioner()),
                Cell::Text(&self.setting),
            ],
        )?;
        sink.source.organisations += 1;
        for role in &self.roles {
            let period = role.operational.or(role.legal);
            sink.push(
                |import| &mut import.roles,
                &[
                    Cell::Text(&self.code),
                    Cell::Text(&source),
                    Cell::Text(&role.id),
                    Cell::Text(if role.primary { "yes" } else { "no" }),
                    Cell::Date(period.start),
                    Cell::Date(period.end),
                ],
            )?;
        }
        for relationship in &self.relationships {
            let period = relationship.operational.or(relationship.legal);
            sink.push(
                |import| &mut import.relationships,
                &[
                    Cell::Text(&self.code),
                    Cell::Text(&source),
                    Cell::Text(&relationship.id),
                    Cell::Text(&relationship.target),
                    Cell::Date(period.start),
                    Cell::Date(period.end),
                ],
            )?;
            sink.source.relationships += 1;
        }
        for succession in &self.successions {
            let (before, after) = if succession.predecessor {
                (&succession.other, &self.code)
            } else {
                (&self.code, &succession.other)
            };
            sink.push(
                |import| &mut import.successions,
                &[
                    Cell::Text(before),
                    Cell::Text(&source),
                    Cell::Text(after),
                    Cell::Date(succession.legal.or(succession.operational).start),
                ],
            )?;
            sink.source.successions += 1;
        }
        Ok(())
    }

    /// The organisation that commissions it: of those without an end, else of all, the one that began last.
    fn commissioner(&self) -> &str {
        let latest = |relationship: &&Relationship| {
            let period = relationship.operational.or(relationship.legal);
            (period.end.is_none(), period.start)
        };
        self.relationships
            .iter()
            .filter(|relationship| relationship.id == "RE4")
            .max_by_key(latest)
            .map_or("", |relationship| &relationship.target)
    }
}
