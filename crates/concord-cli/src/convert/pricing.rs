//! What lines of priced activity are made by.

use std::fs::{self, File};
use std::path::Path;

use concord_convert::tables_out::priced::{
    Groups, Lists, PointsOfDelivery, PriceList, Pricing, Responsible,
};
use concord_standards::registry::Registry;
use jiff::{Timestamp, tz::TimeZone};

use crate::arguments::PricingArguments;
use crate::failure::Failure;

/// The rules of points of delivery that hold when none are named.
const POINTS: &str = "point-of-delivery/one-board/points.toml";

/// Reads what the user named; nothing without prices.
pub(super) fn pricing(
    arguments: &PricingArguments,
    registry: &Registry,
) -> Result<Option<Pricing>, Failure> {
    let Some(prices) = &arguments.prices else {
        return Ok(None);
    };
    let points = match &arguments.points {
        Some(path) => fs::read_to_string(path).map_err(|error| unusable(path, &error))?,
        None => match registry.source().read(POINTS) {
            Ok(text) => text.into_owned(),
            Err(error) => return Err(unusable(Path::new(POINTS), &error)),
        },
    };
    let named = arguments.points.as_deref().unwrap_or(Path::new(POINTS));
    let mut lists = Lists::default();
    for (name, path) in &arguments.point_list {
        let path = Path::new(path);
        lists
            .add(name, open(path)?)
            .map_err(|error| unusable(path, &error))?;
    }
    let groups = match &arguments.groups {
        Some(path) => Groups::read(open(path)?).map_err(|error| unusable(path, &error))?,
        None => Groups::default(),
    };
    let responsible = match &arguments.responsible {
        Some(path) => Responsible::read(open(path)?).map_err(|error| unusable(path, &error))?,
        None => Responsible::default(),
    };
    let created = arguments.created.clone().unwrap_or_else(now);
    Ok(Some(Pricing {
        points: PointsOfDelivery::read(&points).map_err(|error| unusable(named, &error))?,
        lists,
        prices: PriceList::read(open(prices)?).map_err(|error| unusable(prices, &error))?,
        groups,
        responsible,
        created: created.into(),
    }))
}

/// The clock, to the second.
fn now() -> String {
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
    now.to_zoned(TimeZone::UTC).datetime().to_string()
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, reason: &dyn std::fmt::Display) -> Failure {
    Failure::usage(
        format!("{}: {reason}", path.display()),
        "docs/commissioner-tables.md says what must stand in it",
    )
}
