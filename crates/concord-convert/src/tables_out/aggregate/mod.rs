//! Contract lines added up to contract aggregates.
//!
//! Lines are put together by every field that lines and aggregates share and that the aggregate's standard has a column
//! for: provider, site, commissioner, practice, month, service, point of delivery, tariff and so on, so that no total of
//! the aggregate says more or less than its lines. What is added up:
//!
//! | of the aggregate | is the sum of the lines' |
//! |---|---|
//! | CONTRACT MONITORING ACTUAL PRICE | TOTAL COST, whatever kind the line is of: it holds every agreed adjustment, as the price does (NHS Data Dictionary) |
//! | CONTRACT MONITORING ACTUAL ACTIVITY | ACTIVITY COUNT (POINT OF DELIVERY); drugs and devices are no activity and count nought |
//! | the three planned ones | the same of plan lines (an indicative activity plan), if there are any |
//!
//! Drugs and devices have no NATIONAL TARIFF INDICATOR of their own; theirs are the data sets of what the tariff excludes, so
//! that it is `N`.
//!
//! What the aggregate's rules want blank where the point of delivery is no activity (site, responsible organisations,
//! treatment function) is left out of its groups, and told.
//!
//! An activity stands under the month that its line names: the line's standard has it reported in the month it ends.
//! CONTRACT MONITORING ACTUAL ACTIVITY is a whole number (max n10), and the lines' counts have up to three digits behind the
//! point: a sum is rounded when it is complete, and told.
//!
//! Lines say nothing of a plan, and hold the market forces factor in their cost without saying how much it is. Where the
//! aggregate must have a figure nought stands for it, and every such row is told as a loss.

mod amounts;
mod dimensions;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::RecordBatch;
use concord_model::entities::entity;
use concord_model::financial::plain_month;
use concord_standards::definition::{Definition, Mapping};

pub use dimensions::dimensions;

use amounts::Amounts;
use dimensions::{Blank, blanks};

use super::texts::Texts;
use crate::builder::{Origin, RecordsBuilder};
use crate::loss::{LossReason, Losses};
use crate::records::{RecordWriter, Records, decimal};

const AGGREGATE: &str = "contract_aggregate";
const LINE: &str = "contract_line";
const PLAN: &str = "plan_line";
const CREATED: &str = "date_and_time_data_set_created";

/// Most aggregates of one run, unless said otherwise.
pub const MOST_GROUPS: usize = 1_000_000;

/// Digits behind the point of sums: those of money in the model.
const SCALE: i8 = 8;

/// One, in sums.
const UNIT: i128 = 10_i128.pow(SCALE as u32);

/// What is added up, in the order of [`Sums`].
const MEASURES: [&str; 6] = [
    "contract_monitoring_planned_activity",
    "contract_monitoring_planned_price",
    "contract_monitoring_planned_market_forces_factor",
    "contract_monitoring_actual_activity",
    "contract_monitoring_actual_price",
    "contract_monitoring_actual_market_forces_factor",
];
/// The dimension whose values may be written in two ways.
const MONTH: &str = "financial_month";
const PLANNED: [usize; 3] = [0, 1, 2];
const ACTUAL_ACTIVITY: usize = 3;
const ACTUAL_PRICE: usize = 4;
const ACTUAL_FACTOR: usize = 5;

/// Why lines could not be added up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AggregateError {
    /// More groups than are kept.
    #[error(
        "the lines make more than {0} aggregates: convert fewer files at a time, or leave out a dimension"
    )]
    TooMany(usize),
    /// A sum beyond every number that the model holds.
    #[error("a sum of {0} is greater than any amount that can be written")]
    TooGreat(&'static str),
    /// Tables could not be made.
    #[error("aggregates cannot be made: {0}")]
    Tables(String),
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums([Option<i128>; MEASURES.len()]);

/// Adds up contract lines, and plan lines beside them.
#[derive(Debug)]
pub struct Aggregating {
    dimensions: Vec<&'static str>,
    blanks: Vec<Blank>,
    /// Values of dimensions by number; 0 is that there is none.
    values: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    groups: HashMap<Box<[u32]>, Sums>,
    most: usize,
    created: Option<String>,
    plans: bool,
    losses: Losses,
    failed: Option<AggregateError>,
}

impl Aggregating {
    /// Adds up by these fields; [`dimensions`] says which there are.
    pub fn new(dimensions: Vec<&'static str>) -> Self {
        Self {
            dimensions,
            blanks: Vec::new(),
            values: vec!["".into()],
            numbers: HashMap::new(),
            groups: HashMap::new(),
            most: MOST_GROUPS,
            created: None,
            plans: false,
            losses: Losses::default(),
            failed: None,
        }
    }

    /// Adds up for a standard of aggregates: by its [`dimensions`], but for those that its rules want blank.
    pub fn for_standard(definition: &Definition, mapping: &Mapping) -> Self {
        let dimensions = dimensions(definition, mapping);
        let blanks = blanks(definition, mapping, &dimensions);
        let mut aggregating = Self::new(dimensions);
        aggregating.blanks = blanks;
        aggregating
    }

    /// Refuses to make more aggregates than these; [`MOST_GROUPS`] unless said otherwise.
    #[must_use]
    pub fn at_most(mut self, groups: usize) -> Self {
        self.most = groups;
        self
    }

    /// The aggregates, sorted by their dimensions in the order in which these were given, and what of the lines is not
    /// in them.
    ///
    /// # Errors
    /// [`AggregateError`] when there are too many, or an amount is too great.
    pub fn finish(mut self) -> Result<(Records, Losses), AggregateError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let value = |number: &u32| Arc::clone(&self.values[*number as usize]);
        let groups = self.groups.iter();
        let sorted: BTreeMap<Vec<Arc<str>>, Sums> = groups
            .map(|(key, sums)| (key.iter().map(value).collect(), *sums))
            .collect();
        let mut builder = RecordsBuilder::new(Origin::default());
        for (number, (key, sums)) in sorted.iter().enumerate() {
            let mut values: Vec<(&str, &str)> = Vec::new();
            let dimensions = self
                .dimensions
                .iter()
                .copied()
                .zip(key.iter().map(|value| &**value));
            values.extend(dimensions.filter(|(_, value)| !value.is_empty()));
            let mut amounts = sums.0.map(Option::unwrap_or_default);
            let activity = &mut amounts[ACTUAL_ACTIVITY];
            if *activity % UNIT != 0 {
                *activity = rounded(*activity);
                let why = Some("rounded to a whole number, a half upwards");
                self.tell(ACTUAL_ACTIVITY, LossReason::Precision, why, 1);
            }
            values.extend(self.created.as_deref().map(|created| (CREATED, created)));
            let texts: Vec<String> = amounts.iter().map(|sum| decimal(*sum, SCALE)).collect();
            values.extend(MEASURES.into_iter().zip(texts.iter().map(String::as_str)));
            let record = i64::try_from(number + 1).unwrap_or(i64::MAX);
            builder.add(AGGREGATE, record, None, &values);
        }
        self.unknown(sorted.len() as u64);
        let (records, losses) = builder
            .finish()
            .map_err(|error| AggregateError::Tables(error.to_string()))?;
        self.losses.merge(losses);
        Ok((records, self.losses))
    }

    fn tell(&mut self, measure: usize, reason: LossReason, why: Option<&str>, rows: u64) {
        let field = entity(AGGREGATE).and_then(|entity| entity.field(MEASURES[measure]));
        if let Some(field) = field {
            self.losses
                .add_detail(&field.title.into(), reason, why, rows);
        }
    }

    /// Tells of figures that are not known.
    fn unknown(&mut self, rows: u64) {
        if !self.plans {
            let why = "no plan was given, and 0 stands for it";
            for measure in PLANNED {
                self.tell(measure, LossReason::Incomplete, Some(why), rows);
            }
        }
        let why = "the lines' cost holds it without saying how much it is, and 0 stands for it";
        self.tell(ACTUAL_FACTOR, LossReason::Incomplete, Some(why), rows);
    }

    fn number(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let text: Arc<str> = text.into();
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    /// Takes out of a group what is to be blank in it.
    fn blank(&mut self, key: &mut [u32]) {
        for rule in &self.blanks {
            let code = &self.values[key[rule.dimension] as usize];
            if !rule.codes.contains(code) {
                continue;
            }
            for dimension in &rule.others {
                if std::mem::take(&mut key[*dimension]) == 0 {
                    continue;
                }
                let name = self.dimensions[*dimension];
                if let Some(field) = entity(AGGREGATE).and_then(|entity| entity.field(name)) {
                    let why = format!("{code} is no activity");
                    self.losses
                        .add_detail(&field.title.into(), LossReason::NoPlace, Some(&why), 1);
                }
            }
        }
    }

    fn add(&mut self, rows: &RecordBatch, plan: bool) -> Result<(), AggregateError> {
        let columns: Vec<Option<Texts<'_>>> = self
            .dimensions
            .iter()
            .map(|name| Texts::of(rows, name))
            .collect();
        let tariff = self
            .dimensions
            .iter()
            .position(|name| *name == "national_tariff_indicator");
        let created = Texts::of(rows, CREATED);
        let kind = Texts::of(rows, "kind");
        let amounts: Vec<(usize, Amounts<'_>)> = if plan {
            let planned = PLANNED.into_iter();
            planned
                .filter_map(|at| Some((at, Amounts::of(rows, MEASURES[at])?)))
                .collect()
        } else {
            let lines = [
                (ACTUAL_ACTIVITY, "activity_count_point_of_delivery"),
                (ACTUAL_PRICE, "total_cost"),
            ];
            lines
                .into_iter()
                .filter_map(|(at, name)| Some((at, Amounts::of(rows, name)?)))
                .collect()
        };
        let mut text = String::new();
        let mut key = vec![0; columns.len()];
        for row in 0..rows.num_rows() {
            for (at, column) in columns.iter().enumerate() {
                let there = column.is_some_and(|column| column.write(row, &mut text));
                let value = if self.dimensions[at] == MONTH {
                    plain_month(&text)
                } else {
                    &text
                };
                key[at] = if there { self.number(value) } else { 0 };
            }
            let kind = kind.as_ref().and_then(|kind| kind.str(row));
            let no_activity = matches!(kind, Some("drug" | "device"));
            if let Some(tariff) = tariff.filter(|at| no_activity && key[*at] == 0) {
                key[tariff] = self.number("N");
            }
            self.blank(&mut key);
            if created
                .as_ref()
                .is_some_and(|created| created.write(row, &mut text))
                && self.created.as_deref().is_none_or(|known| known < &*text)
            {
                self.created = Some(text.clone());
            }
            if !self.groups.contains_key(&*key) {
                if self.groups.len() == self.most {
                    return Err(AggregateError::TooMany(self.most));
                }
                self.groups.insert(key.clone().into(), Sums::default());
            }
            let Some(sums) = self.groups.get_mut(&*key) else {
                continue;
            };
            for (at, amounts) in &amounts {
                if !plan && *at == ACTUAL_ACTIVITY && no_activity {
                    continue;
                }
                let Some(amount) = amounts.get(row) else {
                    let title = amounts.title;
                    self.losses.add(&title.into(), LossReason::Incomplete, 1);
                    continue;
                };
                let sum = sums.0[*at].unwrap_or_default().checked_add(amount);
                let sum = sum.filter(|sum| sum.unsigned_abs() < GREATEST);
                sums.0[*at] = Some(sum.ok_or(AggregateError::TooGreat(amounts.title))?);
            }
        }
        Ok(())
    }
}

/// The nearest whole number; of a half, the greater one.
fn rounded(sum: i128) -> i128 {
    (sum + UNIT / 2).div_euclid(UNIT) * UNIT
}

/// What 26 digits, those of money in the model, cannot hold.
const GREATEST: u128 = 10_u128.pow(26);

impl RecordWriter for Aggregating {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        for (name, plan) in [(LINE, false), (PLAN, true)] {
            if let Some(rows) = records.table(name) {
                self.plans |= plan;
                if let Err(error) = self.add(rows, plan) {
                    let told = error.to_string();
                    self.failed = Some(error);
                    return Err(told);
                }
            }
        }
        let others = records
            .tables()
            .filter(|(name, _)| *name != LINE && *name != PLAN);
        for (name, rows) in others {
            let title = entity(name).map_or(name, |entity| entity.title);
            self.losses
                .add(&title.into(), LossReason::NoPlace, rows.num_rows() as u64);
        }
        Ok(())
    }
}
