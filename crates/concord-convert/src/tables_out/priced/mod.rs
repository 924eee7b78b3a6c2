//! Contract lines of activity and a list of prices.
//!
//! An outpatient or emergency attendance, and the record of a spell's last episode, becomes one line: its point of
//! delivery by the rules of a file ([`PointsOfDelivery`]), its price by the price of the list that says most about it
//! ([`PriceList`]). The healthcare resource group is not part of the record: it comes from a grouper's result
//! ([`Groups`]). Each line says which rule and which price it took. Activity without a group, a point of delivery or a
//! price makes no line and is told as a loss; nothing is put in its place.
//!
//! | module | does |
//! |---|---|
//! | `facts` | what a record says that points of delivery and lines are made of |
//! | `points` | points of delivery by rules |
//! | `prices` | the list of prices |
//! | `lookup` | what is looked up by a key: groups, and who is responsible for a practice's patients |

mod facts;
mod lookup;
mod points;
mod prices;

use std::sync::Arc;

use concord_model::decimal::Decimal;
use concord_model::financial::{FinancialMonth, FinancialYear};

pub use lookup::{Groups, Lists, LookupError, Responsible};
pub use points::{PointError, PointsOfDelivery};
pub use prices::{Price, PriceError, PriceList};

use crate::builder::{Origin, RecordsBuilder};
use crate::loss::{LossReason, Losses};
use crate::records::{Record, RecordWriter, Records};
use crate::standing::{self, Stand, Standing};
use facts::{Facts, LAST_EPISODE};
use points::Point;
use prices::{Asked, Found};

/// Digits behind the point of amounts, as many as the data sets take.
const SCALE: u8 = 8;

/// What lines are made by.
#[derive(Debug)]
pub struct Pricing {
    /// Which point of delivery an activity is of.
    pub points: PointsOfDelivery,
    /// Lists that the rules of points of delivery name.
    pub lists: Lists,
    /// Prices.
    pub prices: PriceList,
    /// Healthcare resource groups by CDS UNIQUE IDENTIFIER.
    pub groups: Groups,
    /// The commissioner responsible for a practice's patients; without it lines do not say who that is.
    pub responsible: Responsible,
    /// When the data set is made, `CCYY-MM-DDThh:mm:ss`.
    pub created: Arc<str>,
}

/// Makes contract lines of activity and hands them to a writer, such as that of a patient level data set or one that adds
/// up to an aggregate.
#[derive(Debug)]
pub struct PricedWriter<W> {
    pricing: Pricing,
    /// Which records still stand; they come in the order in which they were looked at.
    standing: Standing,
    /// Records so far.
    records: usize,
    writer: W,
    losses: Losses,
    lines: u64,
}

impl<W: RecordWriter> PricedWriter<W> {
    /// Hands lines of the records that stand to `writer`. All parts must come, in the order in which they were looked at.
    pub fn new(pricing: Pricing, standing: Standing, writer: W) -> Self {
        Self {
            pricing,
            standing,
            records: 0,
            writer,
            losses: Losses::default(),
            lines: 0,
        }
    }

    /// The writer, how many lines were made, and what made none.
    pub fn into_writer(self) -> (W, u64, Losses) {
        (self.writer, self.lines, self.losses)
    }
}

impl<W: RecordWriter> RecordWriter for PricedWriter<W> {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        let mut builder: Option<RecordsBuilder> = None;
        for record in records.records() {
            let stand = self.standing.of(self.records);
            self.records += 1;
            if let Some(why) = stand.why_not() {
                standing::tell(&mut self.losses, why);
                continue;
            }
            let line = match line(&self.pricing, &record, stand) {
                Ok(line) => line,
                Err((element, detail)) => {
                    let (element, reason) = (element.into(), LossReason::Incomplete);
                    self.losses.add_detail(&element, reason, Some(&detail), 1);
                    continue;
                }
            };
            let builder = builder.get_or_insert_with(|| RecordsBuilder::new(origin(&record)));
            let values: Vec<(&str, &str)> = line
                .iter()
                .map(|(field, value)| (*field, &**value))
                .collect();
            builder.add("contract_line", record.number, None, &values);
            self.lines += 1;
        }
        let Some(builder) = builder else {
            return Ok(());
        };
        let (lines, losses) = builder.finish().map_err(|error| error.to_string())?;
        self.losses.merge(losses);
        self.writer.write(&lines)
    }
}

/// Where a record came from.
fn origin(record: &Record<'_>) -> Origin {
    let row = record.entities().find_map(|entity| record.first(entity));
    let text = |name: &str| row.and_then(|row| row.str(name)).map(Arc::from);
    Origin {
        standard: text("source_standard"),
        file: text("source_file").unwrap_or_default(),
        interchange: text("source_interchange"),
    }
}

type Line = Vec<(&'static str, String)>;

/// The line of a record, or what it lacks: the element, and why there is no line.
fn line(
    pricing: &Pricing,
    record: &Record<'_>,
    stand: Stand,
) -> Result<Line, (&'static str, String)> {
    let Some(mut facts) = Facts::of(record) else {
        return Err(("record", "neither a spell nor an attendance".to_owned()));
    };
    let known = facts.tells_last_episode(stand);
    if !known && pricing.points.ask(facts.activity, LAST_EPISODE) {
        let why =
            "it is not said, and the records do not show which of the spell's episodes is the last";
        return Err(("LAST EPISODE IN SPELL INDICATOR CODE", why.to_owned()));
    }
    let identifier = facts.line("cds_unique_identifier");
    facts.group = identifier
        .and_then(|identifier| pricing.groups.get(identifier))
        .map(str::to_owned);
    let point = match pricing.points.of(&facts, &pricing.lists) {
        Point::Is(rule) => rule,
        Point::None(why) => return Err(("record", why.to_owned())),
        Point::Lacks(list) => {
            return Err((
                "POINT OF DELIVERY CODE",
                format!("the list {list} was not given"),
            ));
        }
        Point::NoRule => {
            let group = if facts.group.is_some() {
                ""
            } else {
                " (it has no resource group)"
            };
            let why = format!("no rule takes this {} activity{group}", facts.activity);
            return Err(("POINT OF DELIVERY CODE", why));
        }
    };
    let Some(group) = facts.group.clone() else {
        return Err((
            "TARIFF CODE",
            "no healthcare resource group was given".to_owned(),
        ));
    };
    let day = facts
        .end
        .ok_or_else(|| ("record", "the activity has no last day".to_owned()))?;
    let asked = Asked {
        provider: facts.line("organisation_identifier_code_of_provider"),
        commissioner: facts.line("organisation_identifier_code_of_commissioner"),
        point_of_delivery: &point.code,
        tariff_code: &group,
        treatment_function: facts.line("activity_treatment_function_code"),
        day,
    };
    let price = match pricing.prices.find(&asked) {
        Found::One(price) => price,
        Found::None => return Err(("TOTAL COST", format!("no price for {} {group}", point.code))),
        Found::Several(first, second) => {
            let why = format!(
                "prices {first} and {second} say as much of {} {group}",
                point.code
            );
            return Err(("TOTAL COST", why));
        }
    };
    let total = price
        .total()
        .ok_or_else(|| ("TOTAL COST", "it is too great".to_owned()))?;
    let year = FinancialYear::of(day).ok_or_else(|| ("FINANCIAL YEAR", "no year".to_owned()))?;
    let mut line = facts.values;
    let practice = line
        .iter()
        .find(|(name, _)| *name == "general_medical_practice_patient_registration");
    let responsible = practice.and_then(|(_, practice)| pricing.responsible.get(practice));
    let made = [
        ("kind", Some("activity".to_owned())),
        (
            "financial_month",
            Some(FinancialMonth::of(day).number().to_string()),
        ),
        ("financial_year", Some(year.to_string())),
        (
            "date_and_time_data_set_created",
            Some(pricing.created.to_string()),
        ),
        (
            "organisation_identifier_gp_practice_responsibility",
            responsible.map(str::to_owned),
        ),
        (
            "commissioned_service_category_code",
            price.service_category.clone(),
        ),
        ("point_of_delivery_code", Some(point.code.clone())),
        ("tariff_code", Some(group)),
        ("national_tariff_indicator", price.national.clone()),
        ("unbundled_episode_indicator", Some("N".to_owned())),
        ("activity_count_point_of_delivery", Some("1".to_owned())),
        ("activity_unit_price", Some(price.price.to_string())),
        ("total_cost", Some(total.to_string())),
        (
            "contract_monitoring_additional_detail",
            Some(format!("price {}", price.line)),
        ),
        (
            "contract_monitoring_additional_description",
            Some(format!(
                "point of delivery by {} of {}",
                point.id, pricing.points.id
            )),
        ),
    ];
    line.extend(
        made.into_iter()
            .filter_map(|(field, value)| Some((field, value?))),
    );
    if !line.iter().any(|(field, _)| *field == "service_code")
        && let Some(service) = &price.service_code
    {
        line.push(("service_code", service.clone()));
    }
    Ok(line)
}

impl Price {
    /// What one unit costs with the market forces factor in it, to the eighth digit behind the point; `None` when that is
    /// too great.
    pub fn total(&self) -> Option<Decimal> {
        let Some(factor) = self.market_forces_factor else {
            return Some(self.price);
        };
        let units = self.price.units().checked_mul(factor.units())?;
        let product = Decimal::new(units, self.price.scale().checked_add(factor.scale())?)?;
        Some(product.rounded(SCALE))
    }
}
