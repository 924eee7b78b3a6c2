//! Aggregates of contract lines: what is added up, how, and when that is refused.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::records::{RecordWriter as _, Records};
use concord_convert::tables_out::aggregate::{AggregateError, Aggregating};
use concord_convert::{LossReason, Losses};

type Line<'l> = [(&'l str, &'l str)];

fn lines(entity: &str, lines: &[&Line<'_>]) -> Records {
    let mut builder = RecordsBuilder::new(Origin::default());
    for (number, line) in (1..).zip(lines) {
        builder.add(entity, number, None, line);
    }
    let (records, losses) = builder.finish().unwrap();
    assert!(losses.is_empty(), "{:?}", losses.list());
    records
}

const DIMENSIONS: [&str; 3] = [
    "financial_month",
    "point_of_delivery_code",
    "national_tariff_indicator",
];

/// Dimensions and measures of each aggregate, nothing as `-`.
fn told(records: &Records) -> Vec<String> {
    let mut fields = DIMENSIONS.to_vec();
    fields.extend([
        "contract_monitoring_planned_activity",
        "contract_monitoring_planned_price",
        "contract_monitoring_actual_activity",
        "contract_monitoring_actual_price",
    ]);
    let of = |record: concord_convert::records::Record<'_>| {
        let row = record.first("contract_aggregate").unwrap();
        let texts = fields
            .iter()
            .map(|field| row.text(field).map_or("-".into(), |text| text));
        texts.collect::<Vec<_>>().join(" ")
    };
    records.records().map(of).collect()
}

fn reasons(losses: &Losses) -> Vec<(String, LossReason)> {
    losses
        .list()
        .into_iter()
        .map(|loss| (loss.element, loss.reason))
        .collect()
}

#[test]
fn lines_and_plans_are_added_up_to_the_last_digit() {
    let activity = lines(
        "contract_line",
        &[
            &[
                ("kind", "activity"),
                ("financial_month", "2"),
                ("point_of_delivery_code", "EL"),
                ("national_tariff_indicator", "Y"),
                ("activity_count_point_of_delivery", "1"),
                ("total_cost", "0.00000001"),
            ],
            &[
                ("kind", "activity"),
                ("financial_month", "1"),
                ("point_of_delivery_code", "EL"),
                ("national_tariff_indicator", "Y"),
                ("activity_count_point_of_delivery", "2"),
                ("total_cost", "-33.33333333"),
            ],
            &[
                ("kind", "activity"),
                ("financial_month", "2"),
                ("point_of_delivery_code", "EL"),
                ("national_tariff_indicator", "Y"),
                ("activity_count_point_of_delivery", "1"),
                ("total_cost", "123456789012345678.12345678"),
            ],
            &[
                ("kind", "drug"),
                ("financial_month", "2"),
                ("point_of_delivery_code", "DRUG"),
                ("total_cost", "77"),
            ],
        ],
    );
    let plan = lines(
        "plan_line",
        &[
            &[
                ("financial_month", "2"),
                ("point_of_delivery_code", "EL"),
                ("national_tariff_indicator", "Y"),
                ("contract_monitoring_planned_activity", "1.5"),
                ("contract_monitoring_planned_price", "900"),
            ],
            &[
                ("financial_month", "3"),
                ("point_of_delivery_code", "EL"),
                ("national_tariff_indicator", "Y"),
                ("contract_monitoring_planned_activity", "2"),
                ("contract_monitoring_planned_price", "901.5"),
            ],
        ],
    );
    for order in [[&activity, &plan], [&plan, &activity]] {
        let mut aggregating = Aggregating::new(DIMENSIONS.to_vec());
        for records in order {
            aggregating.write(records).unwrap();
        }
        let (records, losses) = aggregating.finish().unwrap();
        assert_eq!(
            told(&records),
            [
                "1 EL Y 0 0 2 -33.33333333",
                "2 DRUG N 0 0 0 77",
                "2 EL Y 1.5 900 2 123456789012345678.12345679",
                "3 EL Y 2 901.5 0 0",
            ]
        );
        let factor = "CONTRACT MONITORING PLANNED MARKET FORCES FACTOR".to_owned();
        let actual = "CONTRACT MONITORING ACTUAL MARKET FORCES FACTOR".to_owned();
        assert_eq!(
            reasons(&losses),
            [
                (actual, LossReason::Incomplete),
                (factor, LossReason::Incomplete)
            ],
            "the plan lines do not say the factor"
        );
    }
}

#[test]
fn parts_of_an_activity_are_told() {
    let half = [
        ("kind", "activity"),
        ("activity_count_point_of_delivery", "1.5"),
        ("total_cost", "1"),
    ];
    let mut aggregating = Aggregating::new(DIMENSIONS.to_vec());
    aggregating
        .write(&lines("contract_line", &[&half]))
        .unwrap();
    let (records, losses) = aggregating.finish().unwrap();
    assert_eq!(told(&records), ["- - - 0 0 2 1"]);
    let precision = (
        "CONTRACT MONITORING ACTUAL ACTIVITY".to_owned(),
        LossReason::Precision,
    );
    assert!(reasons(&losses).contains(&precision));
    let part = |count| {
        [
            ("kind", "activity"),
            ("activity_count_point_of_delivery", count),
            ("total_cost", "1"),
        ]
    };
    let mut aggregating = Aggregating::new(DIMENSIONS.to_vec());
    aggregating
        .write(&lines("contract_line", &[&part("0.5"), &part("0.333")]))
        .unwrap();
    let (records, _) = aggregating.finish().unwrap();
    assert_eq!(told(&records), ["- - - 0 0 1 2"], "rounded as a whole");
}

#[test]
fn a_line_without_a_cost_is_told_and_counted() {
    let without: &Line<'_> = &[
        ("kind", "activity"),
        ("activity_count_point_of_delivery", "1"),
    ];
    let mut aggregating = Aggregating::new(DIMENSIONS.to_vec());
    aggregating
        .write(&lines("contract_line", &[without, without]))
        .unwrap();
    let (_, losses) = aggregating.finish().unwrap();
    let cost = losses
        .list()
        .into_iter()
        .find(|loss| loss.element == "TOTAL COST")
        .unwrap();
    assert_eq!((cost.reason, cost.count), (LossReason::Incomplete, 2));
}

#[test]
fn more_groups_than_are_kept_and_amounts_too_great_are_refused() {
    let month = |month: &'static str| {
        [
            ("kind", "activity"),
            ("financial_month", month),
            ("total_cost", "1"),
        ]
    };
    let (first, second) = (month("1"), month("2"));
    let mut aggregating = Aggregating::new(DIMENSIONS.to_vec()).at_most(1);
    let error = aggregating
        .write(&lines("contract_line", &[&first, &second]))
        .unwrap_err();
    assert!(error.contains("more than 1 aggregates"), "{error}");
    assert_eq!(
        aggregating.finish().unwrap_err(),
        AggregateError::TooMany(1)
    );

    let great = [
        ("kind", "activity"),
        ("total_cost", "999999999999999999.99999999"),
    ];
    let mut aggregating = Aggregating::new(DIMENSIONS.to_vec());
    let lines = lines("contract_line", &[&great, &great]);
    assert!(aggregating.write(&lines).is_err());
    assert_eq!(
        aggregating.finish().unwrap_err(),
        AggregateError::TooGreat("TOTAL COST")
    );
}

#[test]
fn a_month_that_is_written_in_two_ways_is_one() {
    let line = |month| {
        [
            ("kind", "activity"),
            ("financial_month", month),
            ("activity_count_point_of_delivery", "1"),
            ("total_cost", "10"),
        ]
    };
    let (one, other) = (line("04"), line("4"));
    let activity = lines("contract_line", &[&one, &other]);
    let mut sums = Aggregating::new(DIMENSIONS.to_vec());
    sums.write(&activity).unwrap();
    let (records, _) = sums.finish().unwrap();
    let told = told(&records);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("4 "), "{told:?}");
}
