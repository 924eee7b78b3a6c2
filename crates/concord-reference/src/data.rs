//! Look-ups.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use arrow_array::RecordBatch;
use jiff::civil::Date;

use crate::error::Error;
use crate::manifest::Manifest;
use crate::organisation::{Organisation, Relationship, Role};
use crate::postcode::{self, PostcodeEntry};
use crate::rows::{self, Cell, Overflow, Rows};
use crate::tables::{
    IMAGING_SNOMED, NICIP, NICIP_TO_SNOMED, ORGANISATION, POSTCODE, PRACTICE, RELATIONSHIP, ROLE,
    SUCCESSION, Table,
};
use crate::{merge, store, tables};

/// The role of a GP practice.
const GP_PRACTICE: &str = "RO76";
/// The role of whoever prescribes at the NHS's cost, GP practices among them.
const PRESCRIBING_COST_CENTRE: &str = "RO177";
/// Organisations looked at on the way from one to its successors.
const SUCCESSORS: usize = 1_000;

/// Whether an organisation that has closed is looked for under those that succeeded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Succession {
    /// It counts as live when its only successor is. Where several took its place, none does: national validation names no successor
    /// then.
    Follow,
    /// It counts by itself.
    Ignore,
}

/// How a code stands on a day.
#[derive(Debug, Clone, Copy)]
pub enum Standing<'d> {
    /// No source knows it.
    Unknown,
    /// It opens later.
    NotYet(Organisation<'d>),
    /// It is in operation.
    Live(Organisation<'d>),
    /// It has closed; with the successor that is in operation, if there is one.
    Closed(Organisation<'d>, Option<Organisation<'d>>),
}

/// Reference data of a folder. Opening it reads the manifest; each table is loaded when something of it is first asked for, and
/// then stays in memory. Threads may share it.
#[derive(Debug)]
pub struct ReferenceData {
    folder: PathBuf,
    manifest: Manifest,
    organisations: OnceLock<RecordBatch>,
    roles: OnceLock<RecordBatch>,
    relationships: OnceLock<RecordBatch>,
    successions: OnceLock<RecordBatch>,
    postcodes: OnceLock<RecordBatch>,
    practices: OnceLock<RecordBatch>,
    nicip: OnceLock<RecordBatch>,
    imaging_snomed: OnceLock<RecordBatch>,
    nicip_to_snomed: OnceLock<RecordBatch>,
}

impl ReferenceData {
    /// Opens the reference data of a folder.
    ///
    /// # Errors
    /// [`ErrorKind::Absent`](crate::ErrorKind::Absent) when there are none, [`ErrorKind::Stored`](crate::ErrorKind::Stored)
    /// when the manifest cannot be read. The same may come of every look-up when a table cannot be read.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref().to_owned();
        Ok(Self {
            manifest: Manifest::require(&folder)?,
            folder,
            organisations: OnceLock::new(),
            roles: OnceLock::new(),
            relationships: OnceLock::new(),
            successions: OnceLock::new(),
            postcodes: OnceLock::new(),
            practices: OnceLock::new(),
            nicip: OnceLock::new(),
            imaging_snomed: OnceLock::new(),
            nicip_to_snomed: OnceLock::new(),
        })
    }

    /// Whether every table that is stored is one that this version can read, as far as that can be seen without loading it.
    ///
    /// # Errors
    /// [`ErrorKind::Stored`](crate::ErrorKind::Stored) for the first that is not.
    pub fn verify(&self) -> Result<(), Error> {
        tables::TABLES
            .into_iter()
            .filter(|table| table.file.is_some())
            .try_for_each(|table| store::verify(&self.folder, table))
    }

    /// Where the data come from.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether there is anything in the table of that name; false for a name that no table has.
    pub fn has(&self, table: &str) -> bool {
        let any = |count: fn(&crate::Source) -> u64| {
            self.manifest.sources.iter().any(|source| count(source) > 0)
        };
        match table {
            "organisation" | "practice" | "role" => any(|source| source.organisations),
            "relationship" => any(|source| source.relationships),
            "succession" => any(|source| source.successions),
            "postcode" => any(|source| source.postcodes),
            "nicip" | "imaging_snomed" | "nicip_to_snomed" => {
                let name = table.replace('_', "-");
                let mut sources = self.manifest.sources.iter();
                sources.any(|source| source.name == name && source.imaging_codes > 0)
            }
            _ => false,
        }
    }

    /// A table as a join sees it, with the schema of [`tables`](crate::tables). None for a name that no table has. A table that
    /// nothing was imported for has no rows: see [`ReferenceData::has`].
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn table(&self, name: &str) -> Result<Option<&RecordBatch>, Error> {
        Ok(Some(match name {
            "organisation" => self.organisations()?,
            "practice" => self.practices()?,
            "role" => self.roles()?,
            "relationship" => self.relationships()?,
            "succession" => self.successions()?,
            "postcode" => self.postcodes()?,
            "nicip" => self.once(&self.nicip, |data| data.load(&NICIP))?,
            "imaging_snomed" => {
                self.once(&self.imaging_snomed, |data| data.load(&IMAGING_SNOMED))?
            }
            "nicip_to_snomed" => {
                self.once(&self.nicip_to_snomed, |data| data.load(&NICIP_TO_SNOMED))?
            }
            _ => return Ok(None),
        }))
    }

    /// Bytes that the tables loaded so far take.
    pub fn memory(&self) -> usize {
        [
            &self.organisations,
            &self.roles,
            &self.relationships,
            &self.successions,
            &self.postcodes,
            &self.practices,
            &self.nicip,
            &self.imaging_snomed,
            &self.nicip_to_snomed,
        ]
        .into_iter()
        .filter_map(OnceLock::get)
        .map(store::size)
        .sum()
    }

    /// The organisation or site of that very code. A default code is none: see [`default_codes`](crate::default_codes).
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn organisation(&self, code: &str) -> Result<Option<Organisation<'_>>, Error> {
        let batch = self.organisations()?;
        let rows = rows::range(batch, code);
        Ok((!rows.is_empty()).then(|| Organisation::new(batch, rows.start)))
    }

    /// Whether any source knows the code, at whatever date.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn exists(&self, code: &str) -> Result<bool, Error> {
        Ok(self.organisation(code)?.is_some())
    }

    /// Whether the organisation was in operation on that day; with [`Succession::Follow`], also whether it had closed and its only
    /// successor was. National validation follows unless a rule says otherwise. Default codes are not live.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn is_live(&self, code: &str, date: Date, succession: Succession) -> Result<bool, Error> {
        Ok(match succession {
            Succession::Ignore => self
                .organisation(code)?
                .is_some_and(|known| known.is_open(date)),
            Succession::Follow => self.only_successor_at(code, date)?.is_some(),
        })
    }

    /// Whether the code is one of a practice (or of another prescribing cost centre, which national validation takes
    /// as well) that had that role on that day.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn is_live_practice(
        &self,
        code: &str,
        date: Date,
        succession: Succession,
    ) -> Result<bool, Error> {
        let code = match succession {
            Succession::Ignore => code,
            Succession::Follow => match self.only_successor_at(code, date)? {
                Some(successor) => successor.code(),
                None => code,
            },
        };
        self.has_role(code, &[GP_PRACTICE, PRESCRIBING_COST_CENTRE], date)
    }

    /// Whether the organisation had one of the roles on that day.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn has_role(&self, code: &str, roles: &[&str], date: Date) -> Result<bool, Error> {
        let batch = self.roles()?;
        Ok(rows::range(batch, code)
            .map(|row| Role::new(batch, row))
            .any(|role| roles.contains(&role.id) && role.is_in_force(date)))
    }

    /// The roles of an organisation, each with its period, in the order of their ids and starts.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn roles_of(&self, code: &str) -> Result<Vec<Role<'_>>, Error> {
        let batch = self.roles()?;
        let roles = rows::range(batch, code).map(|row| Role::new(batch, row));
        let mut roles: Vec<_> = roles.collect();
        roles.sort_by_key(|role| (!role.primary, role.id, role.start));
        Ok(roles)
    }

    /// The relationships of an organisation to others, each with its period, the latest first.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn relationships_of(&self, code: &str) -> Result<Vec<Relationship<'_>>, Error> {
        let batch = self.relationships()?;
        let relationships = rows::range(batch, code).map(|row| Relationship::new(batch, row));
        let mut relationships: Vec<_> = relationships.collect();
        relationships.sort_by(|left, right| {
            let latest = (right.end.is_none(), right.start).cmp(&(left.end.is_none(), left.start));
            left.id
                .cmp(right.id)
                .then(latest)
                .then(left.target.cmp(right.target))
        });
        Ok(relationships)
    }

    /// The organisation that commissioned this one on that day, such as a practice's sub-ICB location.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn commissioner_at(&self, code: &str, date: Date) -> Result<Option<&str>, Error> {
        let relationships = self.relationships_of(code)?;
        let commissions = |relationship: &&Relationship<'_>| {
            relationship.id == "RE4" && relationship.is_in_force(date)
        };
        Ok(relationships
            .iter()
            .find(commissions)
            .map(|relationship| relationship.target))
    }

    /// Those that directly succeeded an organisation, each with the day from when; in the order of day and code.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn successors(&self, code: &str) -> Result<Vec<(&str, Option<Date>)>, Error> {
        let batch = self.successions()?;
        let successors = batch.column(SUCCESSION.position("successor"));
        let dates = batch.column(SUCCESSION.position("date"));
        let mut found: Vec<_> = rows::range(batch, code)
            .map(|row| (rows::text(successors, row), rows::date(dates, row)))
            .collect();
        found.sort_by_key(|(successor, date)| (*date, *successor));
        found.dedup();
        Ok(found)
    }

    /// The organisation that was in operation on that day under this code or, when it had closed before, in its place: the nearest along
    /// successions that had taken place, of several the first by date and code. None when there is none.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn successor_at(&self, code: &str, date: Date) -> Result<Option<Organisation<'_>>, Error> {
        let mut waiting = VecDeque::from([code]);
        let mut seen = BTreeSet::from([code]);
        while let Some(code) = waiting.pop_front() {
            let Some(organisation) = self.organisation(code)? else {
                continue;
            };
            if organisation.is_open(date) {
                return Ok(Some(organisation));
            }
            if !organisation.is_closed(date) || seen.len() > SUCCESSORS {
                continue;
            }
            for (successor, from) in self.successors(organisation.code())? {
                if from.is_none_or(|from| from <= date) && seen.insert(successor) {
                    waiting.push_back(successor);
                }
            }
        }
        Ok(None)
    }

    /// The organisation that was in operation on that day under this code or, when it had closed before, as the only one that had
    /// taken its place, and so on. None when there is none, and when several had.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn only_successor_at(
        &self,
        code: &str,
        date: Date,
    ) -> Result<Option<Organisation<'_>>, Error> {
        let mut next = self.organisation(code)?;
        let mut seen = BTreeSet::new();
        while let Some(organisation) = next {
            if organisation.is_open(date) {
                return Ok(Some(organisation));
            }
            if !organisation.is_closed(date) || !seen.insert(organisation.code()) {
                break;
            }
            let successors = self.successors(organisation.code())?;
            let taken = successors
                .iter()
                .filter(|(_, from)| from.is_none_or(|from| from <= date));
            let taken: BTreeSet<&str> = taken.map(|(successor, _)| *successor).collect();
            let mut taken = taken.into_iter();
            next = match (taken.next(), taken.next()) {
                (Some(only), None) => self.organisation(only)?,
                _ => None,
            };
        }
        Ok(None)
    }

    /// How a code stands on a day.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn standing(&self, code: &str, date: Date) -> Result<Standing<'_>, Error> {
        let Some(organisation) = self.organisation(code)? else {
            return Ok(Standing::Unknown);
        };
        Ok(if organisation.is_open(date) {
            Standing::Live(organisation)
        } else if organisation.is_closed(date) {
            Standing::Closed(organisation, self.successor_at(code, date)?)
        } else {
            Standing::NotYet(organisation)
        })
    }

    /// What is known of a postcode, however its parts stand apart. Pseudo postcodes are known without a directory.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn postcode(&self, text: &str) -> Result<Option<PostcodeEntry<'_>>, Error> {
        let Some(key) = postcode::key(text) else {
            return Ok(None);
        };
        if let Some(pseudo) = postcode::pseudo_postcode(&key) {
            return Ok(Some(PostcodeEntry::pseudo(pseudo)));
        }
        let batch = self.postcodes()?;
        let rows = rows::range(batch, &key);
        if rows.is_empty() {
            return Ok(None);
        }
        let column = |name| batch.column(POSTCODE.position(name));
        let text = |name| rows::text(column(name), rows.start);
        Ok(Some(PostcodeEntry {
            postcode: text("postcode"),
            introduced: rows::date(column("introduced"), rows.start),
            terminated: rows::date(column("terminated"), rows.start),
            country: text("country"),
            region: text("region"),
            nhs_region: text("nhs_region"),
            local_authority: text("local_authority"),
            sub_icb: text("sub_icb"),
            icb: text("icb"),
            lsoa11: text("lsoa11"),
            lsoa21: text("lsoa21"),
            pseudo: None,
        }))
    }

    fn organisations(&self) -> Result<&RecordBatch, Error> {
        self.once(&self.organisations, |data| {
            Ok(merge::organisations(
                data.load(&ORGANISATION)?,
                &data.manifest,
            ))
        })
    }

    fn roles(&self) -> Result<&RecordBatch, Error> {
        self.once(&self.roles, |data| {
            Ok(merge::roles(&data.load(&ROLE)?, &data.manifest))
        })
    }

    fn relationships(&self) -> Result<&RecordBatch, Error> {
        self.once(&self.relationships, |data| {
            Ok(merge::relationships(
                &data.load(&RELATIONSHIP)?,
                &data.manifest,
            ))
        })
    }

    fn successions(&self) -> Result<&RecordBatch, Error> {
        self.once(&self.successions, |data| data.load(&SUCCESSION))
    }

    fn postcodes(&self) -> Result<&RecordBatch, Error> {
        self.once(&self.postcodes, |data| data.load(&POSTCODE))
    }

    fn practices(&self) -> Result<&RecordBatch, Error> {
        self.once(&self.practices, Self::find_practices)
    }

    /// Loads a table unless it is loaded. When two threads are first at the same time, both load and one is kept.
    fn once<'d>(
        &'d self,
        cell: &'d OnceLock<RecordBatch>,
        load: fn(&Self) -> Result<RecordBatch, Error>,
    ) -> Result<&'d RecordBatch, Error> {
        if let Some(batch) = cell.get() {
            return Ok(batch);
        }
        let batch = load(self)?;
        Ok(cell.get_or_init(|| batch))
    }

    fn load(&self, table: &'static Table) -> Result<RecordBatch, Error> {
        let mut rows = Rows::new(table);
        store::read(&self.folder, table, |batch| rows.append(&batch))?;
        Ok(rows.finish())
    }

    fn find_practices(&self) -> Result<RecordBatch, Error> {
        let organisations = self.organisations()?;
        let mut practices = Rows::new(&PRACTICE);
        for row in 0..organisations.num_rows() {
            let known = Organisation::new(organisations, row);
            let gp_practice = known.roles().any(|role| role == GP_PRACTICE);
            if !gp_practice && !known.roles().any(|role| role == PRESCRIBING_COST_CENTRE) {
                continue;
            }
            let commissioner = organisations.column(ORGANISATION.position("commissioner"));
            practices
                .push(&[
                    Cell::Text(known.code()),
                    Cell::Text(known.name()),
                    Cell::Text(if gp_practice { "yes" } else { "no" }),
                    Cell::Text(known.status()),
                    Cell::Date(known.open_date()),
                    Cell::Date(known.close_date()),
                    Cell::Text(known.setting()),
                    Cell::Text(rows::text(commissioner, row)),
                    Cell::Text(known.icb()),
                    Cell::Text(known.region()),
                    Cell::Text(known.postcode()),
                ])
                .map_err(|Overflow(column)| {
                    Error::stored(
                        &self.folder,
                        "cannot be joined",
                        &format!("{column} has too many values"),
                    )
                })?;
        }
        Ok(practices.finish())
    }
}
