//! Contract lines of activity and prices: which point of delivery, which price, and what makes no line.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::collections::BTreeMap;

use concord_convert::LossReason;
use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::records::{RecordWriter, Records};
use concord_convert::standing::{Looking, Standing};
use concord_convert::tables_out::TableWriter;
use concord_convert::tables_out::priced::{
    Groups, Lists, PointsOfDelivery, PriceError, PriceList, PricedWriter, Pricing, Responsible,
};
use support::{Standard, cells, shipped};

const POINTS: &str = include_str!("../../../schemas/point-of-delivery/one-board/points.toml");

const PRICES: &str = "\
tariff_code,point_of_delivery,provider,national,service_category,price,market_forces_factor,valid_from,valid_to
HN22A,EL,,Y,21,5000.00,,2025-04-01,2026-03-31
HN22A,EL,RXX,Y,21,5000.00,1.062415,2025-04-01,2026-03-31
HN22A,NEL,,Y,21,6100.10,1.1,,
WF01B,OPFASPCL,,Y,21,180.00,1.1,,
WF01C,NF2FFUP,,N,21,25.333,1.000005,,
VB07Z,AE,,Y,21,150,,,
VB07Z,AE,,Y,21,151,,,
";

fn spell<'a>(
    identifier: &'a str,
    method: &'a str,
    class: &'a str,
    days: (&'a str, &'a str),
    last: &'a str,
) -> Activity<'a> {
    vec![
        (
            "activity_record",
            vec![("cds_unique_identifier", identifier)],
        ),
        (
            "registration",
            vec![("general_medical_practice_patient_registration", "A81633")],
        ),
        (
            "service_agreement",
            vec![("organisation_identifier_code_of_commissioner", "16C")],
        ),
        (
            "person",
            vec![
                ("role", "patient"),
                ("nhs_number", "9990000018"),
                ("person_birth_date", "1980-05-01"),
            ],
        ),
        (
            "hospital_spell",
            vec![
                ("hospital_provider_spell_identifier", identifier),
                ("method_of_admission_hospital_provider_spell", method),
                ("patient_classification_code", class),
                ("start_date_hospital_provider_spell", days.0),
                ("discharge_date_hospital_provider_spell", days.1),
            ],
        ),
        (
            "episode",
            vec![
                ("organisation_identifier_code_of_provider", "RXX"),
                ("last_episode_in_spell_indicator_code", last),
            ],
        ),
    ]
}

fn attendance<'a>(
    identifier: &'a str,
    first: &'a str,
    status: &'a str,
    specialty: &'a str,
) -> Activity<'a> {
    vec![
        (
            "activity_record",
            vec![("cds_unique_identifier", identifier)],
        ),
        (
            "outpatient_attendance",
            vec![
                ("outpatient_attendance_identifier", "A1"),
                ("organisation_identifier_code_of_provider", "RXX"),
                ("appointment_date", "2025-05-31"),
                ("attendance_status", status),
                ("first_attendance_code", first),
            ],
        ),
        (
            "care_professional",
            vec![("care_professional_main_specialty_code", specialty)],
        ),
    ]
}

/// One activity: entities with their values.
type Activity<'a> = Vec<(&'static str, Vec<(&'static str, &'a str)>)>;

fn records(activities: &[Activity<'_>]) -> Records {
    let mut builder = RecordsBuilder::new(Origin::default());
    for (number, activity) in (1..).zip(activities) {
        for (entity, values) in activity {
            builder.add(entity, number, None, values);
        }
    }
    let (records, losses) = builder.finish().unwrap();
    assert!(losses.is_empty(), "{:?}", losses.list());
    records
}

fn pricing(groups: &str) -> Pricing {
    Pricing {
        points: PointsOfDelivery::read(POINTS).unwrap(),
        lists: Lists::default(),
        prices: PriceList::read(PRICES.as_bytes()).unwrap(),
        groups: Groups::read(
            format!("cds_unique_identifier,healthcare_resource_group\n{groups}").as_bytes(),
        )
        .unwrap(),
        responsible: Responsible::read("practice,commissioner\nA81633,01H\n".as_bytes()).unwrap(),
        created: "2025-07-12T09:00:00".into(),
    }
}

/// The lines that come out, by field.
#[derive(Default)]
struct Lines(Vec<BTreeMap<&'static str, String>>);

impl RecordWriter for Lines {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        let entity = concord_model::entities::entity("contract_line").unwrap();
        for record in records.records() {
            for row in record.rows("contract_line") {
                let fields = entity
                    .fields
                    .iter()
                    .filter_map(|field| Some((field.name, row.text(field.name)?.into_owned())));
                self.0.push(fields.collect());
            }
        }
        Ok(())
    }
}

type Told = Vec<(String, Option<String>)>;

fn standing(records: &Records) -> Standing {
    let mut looking = Looking::default();
    looking.begin();
    looking.take(records);
    looking.finish()
}

fn priced(pricing: Pricing, records: &Records) -> (Vec<BTreeMap<&'static str, String>>, Told) {
    let mut writer = PricedWriter::new(pricing, standing(records), Lines::default());
    writer.write(records).unwrap();
    let (lines, count, losses) = writer.into_writer();
    assert_eq!(lines.0.len() as u64, count);
    let told = losses.list().into_iter().map(|loss| {
        let expected = if loss.element == "record"
            && loss
                .detail
                .as_ref()
                .is_some_and(|detail| detail.contains("record"))
        {
            LossReason::Replaced
        } else {
            LossReason::Incomplete
        };
        assert_eq!(loss.reason, expected, "{loss:?}");
        (loss.element, loss.detail)
    });
    (lines.0, told.collect())
}

#[test]
fn a_spell_takes_the_price_that_says_most_about_it() {
    let activity = spell("B1", "11", "1", ("2025-05-28", "2025-06-02"), "1");
    let (lines, told) = priced(pricing("B1,HN22A\n"), &records(&[activity]));
    assert_eq!(told, []);
    let line = &lines[0];
    let said = |field: &str| line.get(field).map(String::as_str);
    assert_eq!(said("point_of_delivery_code"), Some("EL"));
    assert_eq!(
        said("financial_month"),
        Some("3"),
        "the month in which it ends"
    );
    assert_eq!(said("financial_year"), Some("202526"));
    assert_eq!(said("activity_unit_price"), Some("5000"));
    assert_eq!(said("total_cost"), Some("5312.075"), "5000.00 × 1.062415");
    assert_eq!(said("tariff_code"), Some("HN22A"));
    assert_eq!(
        said("contract_monitoring_additional_detail"),
        Some("price 3"),
        "its line"
    );
    assert_eq!(
        said("contract_monitoring_additional_description"),
        Some("point of delivery by EL of one-board")
    );
    assert_eq!(
        said("organisation_identifier_gp_practice_responsibility"),
        Some("01H")
    );
    assert_eq!(
        said("organisation_identifier_code_of_commissioner"),
        Some("16C")
    );
    assert_eq!(said("nhs_number"), Some("9990000018"));
    assert_eq!(said("hospital_provider_spell_identifier"), Some("B1"));
}

#[test]
fn points_of_delivery_follow_their_rules() {
    let stay = ("2025-05-01", "2025-05-04");
    let day = ("2025-05-01", "2025-05-01");
    let activities = [
        spell("B1", "12", "3", day, "1"),
        spell("B2", "12", "4", day, "1"),
        spell("B3", "13", "2", day, "1"),
        spell("B4", "13", "2", stay, "1"),
        spell("B5", "31", "1", stay, "1"),
        spell("B6", "21", "1", stay, "1"),
        spell("B7", "2A", "1", day, "1"),
        attendance("B8", "1", "5", "300"),
        attendance("B9", "4", "6", "950"),
        attendance("C1", "2", "5", "950"),
        attendance("C2", "1", "5", "300"),
        attendance("C3", "2", "5", "100"),
        vec![
            ("activity_record", vec![("cds_unique_identifier", "C4")]),
            (
                "emergency_attendance",
                vec![("emergency_care_departure_date", "2025-05-02")],
            ),
        ],
    ];
    let groups = "B1,X\nB2,X\nB3,X\nB4,X\nB5,X\nB6,X\nB7,SHORT\nB8,WF01B\nB9,WF01C\nC1,WF01A\nC2,WF02B\nC3,AB01Z\nC4,VB01Z\n";
    let mut pricing = pricing(groups);
    let points = [
        "RADAY",
        "RANIGHT",
        "DC",
        "EL",
        "NELNE",
        "NEL",
        "NELST",
        "OPFASPCL",
        "NF2FFUP",
        "OPFUPSPNCL",
        "OPFAMPCL",
        "OPPROCFUP",
        "AE",
    ];
    let prices = format!("point_of_delivery,price\n{},1\n", points.join(",1\n"));
    pricing.prices = PriceList::read(prices.as_bytes()).unwrap();
    pricing
        .lists
        .add("reduced-short-stay", "SHORT\n".as_bytes())
        .unwrap();
    let (lines, told) = priced(pricing, &records(&activities));
    assert_eq!(told, []);
    let found: Vec<&str> = lines
        .iter()
        .map(|line| &*line["point_of_delivery_code"])
        .collect();
    assert_eq!(found, points);
    let listed = shipped();
    let codes = &listed["codes/point-of-delivery.csv"];
    for point in points {
        assert!(
            codes.contains(&format!("\n{point},")),
            "{point} is a national code"
        );
    }
}

#[test]
fn what_cannot_be_priced_makes_no_line_and_is_told() {
    let day = ("2025-05-01", "2025-05-01");
    let emergency = |identifier| {
        vec![
            (
                "activity_record",
                vec![("cds_unique_identifier", identifier)],
            ),
            (
                "emergency_attendance",
                vec![("emergency_care_departure_date", "2025-05-02")],
            ),
        ]
    };
    let activities = [
        spell("B1", "11", "1", day, "1"),
        spell("B2", "11", "1", ("2025-05-01", "2026-04-01"), "1"),
        spell("B3", "11", "1", day, "2"),
        spell("B4", "21", "1", day, "1"),
        attendance("B5", "1", "3", "300"),
        attendance("B6", "1", "5", "300"),
        emergency("B7"),
        vec![("contract_line", vec![("kind", "activity")])],
        vec![(
            "activity_record",
            vec![("cds_unique_identifier", "B8"), ("cds_update_type", "1")],
        )],
    ];
    let (lines, told) = priced(
        pricing("B2,HN22A\nB3,HN22A\nB4,HN22A\nB6,AA01Z\nB7,VB07Z\n"),
        &records(&activities),
    );
    assert!(lines.is_empty(), "{lines:?}");
    let expected = [
        (
            "POINT OF DELIVERY CODE",
            "the list reduced-short-stay was not given",
        ),
        ("TARIFF CODE", "no healthcare resource group was given"),
        ("TOTAL COST", "no price for EL HN22A"),
        ("TOTAL COST", "no price for OPPROCFA AA01Z"),
        ("TOTAL COST", "prices 7 and 8 say as much of AE VB07Z"),
        (
            "record",
            "an earlier episode of a spell, which is priced at its last",
        ),
        ("record", "neither a spell nor an attendance"),
        ("record", "the patient was not seen"),
        ("record", "it takes an earlier record out"),
    ];
    let expected: Told = expected
        .iter()
        .map(|(element, detail)| ((*element).to_owned(), Some((*detail).to_owned())))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn lines_are_a_patient_level_data_set_that_the_checker_takes() {
    let files = shipped();
    let plcm = Standard::load(&files, "plcm/2025");
    let activities = [
        spell("B1", "11", "1", ("2025-05-28", "2025-06-02"), "1"),
        attendance("B2", "1", "5", "300"),
    ];
    let table = TableWriter::new(&plcm.definition, &plcm.mapping, Vec::new()).unwrap();
    let records = records(&activities);
    let pricing = pricing("B1,HN22A\nB2,WF01B\n");
    let mut writer = PricedWriter::new(pricing, standing(&records), table);
    writer.write(&records).unwrap();
    let (table, made, losses) = writer.into_writer();
    assert!(losses.is_empty(), "{:?}", losses.list());
    let (written, bytes) = table.finish().unwrap();
    assert_eq!((made, written.rows, written.left_out), (2, 1, 1));
    assert_eq!(cells(&bytes).len(), 2);
    let lacking: Vec<String> = written
        .losses
        .list()
        .into_iter()
        .map(|loss| loss.element)
        .collect();
    assert_eq!(
        lacking,
        [
            "GENERAL MEDICAL PRACTICE (PATIENT REGISTRATION)",
            "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)",
            "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)",
            "line",
        ],
        "the attendance does not say who pays"
    );
    assert_eq!(plcm.findings(&bytes), Vec::<String>::new());
}

#[test]
fn a_data_set_of_local_prices_is_a_list_of_prices() {
    let files = shipped();
    let standard = Standard::load(&files, "local-prices/2026");
    let header: Vec<&str> = standard.definition.layout.as_ref().unwrap().tables[0]
        .fields
        .iter()
        .map(|field| &*field.column)
        .collect();
    let values = BTreeMap::from([
        ("FINANCIAL_YEAR", "202526"),
        ("DATE_AND_TIME_DATA_SET_CREATED", "2025-04-01T09:00:00"),
        ("ORGANISATION_IDENTIFIER_CODE_OF_PROVIDER", "RXX"),
        ("ORGANISATION_IDENTIFIER_CODE_OF_COMMISSIONER", "16C"),
        ("COMMISSIONED_SERVICE_CATEGORY_CODE", "21"),
        ("POINT_OF_DELIVERY_CODE", "EL"),
        ("TARIFF_CODE", "HN22A"),
        ("LOCAL_PRICE", "4321.5"),
    ]);
    let row: Vec<&str> = header
        .iter()
        .map(|name| values.get(name).copied().unwrap_or(""))
        .collect();
    let text = format!("{}\n{}\n", header.join(","), row.join(","));
    let (prices, found, _) = standard.convert(
        text.as_bytes(),
        concord_convert::OnReject::Keep,
        PriceList::default(),
    );
    assert_eq!(prices.len(), 1, "{found:?}");
    let mut pricing = pricing("B1,HN22A\nB2,HN22A\n");
    pricing.prices = prices;
    let activities = [
        spell("B1", "11", "1", ("2025-05-28", "2025-06-02"), "1"),
        spell("B2", "11", "1", ("2026-03-28", "2026-04-02"), "1"),
    ];
    let (lines, told) = priced(pricing, &records(&activities));
    assert_eq!(lines[0]["total_cost"], "4321.5");
    assert_eq!(lines[0]["national_tariff_indicator"], "N");
    assert_eq!(
        told,
        [(
            "TOTAL COST".to_owned(),
            Some("no price for EL HN22A".to_owned())
        )]
    );
}

#[test]
fn lists_that_cannot_be_used_say_why() {
    let error = |text: &str| PriceList::read(text.as_bytes()).unwrap_err();
    assert!(
        matches!(error("price,colour\n1,red\n"), PriceError::Header(header, _) if header == "colour")
    );
    assert!(matches!(
        error("price,tariff_code\nx,AA01Z\n"),
        PriceError::Value { line: 2, .. }
    ));
    assert!(matches!(error("price\n1\n"), PriceError::Everything(2)));
    let twice = "cds_unique_identifier,healthcare_resource_group\nB1,AA01Z\nB1,AA02Z\n";
    let error = Groups::read(twice.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        error,
        "line 3: the key stands in an earlier line with another value"
    );
    let unknown = POINTS.replace("patient_classification", "colour");
    let error = PointsOfDelivery::read(&unknown).unwrap_err().to_string();
    assert!(error.contains("records do not say `colour`"), "{error}");
}

fn with<'a>(
    mut activity: Activity<'a>,
    entity: &str,
    field: &'static str,
    value: &'a str,
) -> Activity<'a> {
    let rows = activity.iter_mut().find(|(known, _)| *known == entity);
    let (_, values) = rows.unwrap();
    values.retain(|(known, _)| *known != field);
    if !value.is_empty() {
        values.push((field, value));
    }
    activity
}

/// An activity as one of the episodes of a spell.
fn in_one_spell(activity: Activity<'_>) -> Activity<'_> {
    with(
        activity,
        "hospital_spell",
        "hospital_provider_spell_identifier",
        "S1",
    )
}

/// Without the indicator a spell would be priced with each of its episodes.
#[test]
fn a_spell_is_priced_once_though_no_episode_says_that_it_is_the_last() {
    let days = ("2025-05-28", "2025-06-02");
    let episode = |identifier, number| {
        let said = with(
            spell(identifier, "11", "1", days, ""),
            "episode",
            "last_episode_in_spell_indicator_code",
            "",
        );
        in_one_spell(with(said, "episode", "episode_number", number))
    };
    let activities = [episode("B2", "10"), episode("B1", "9")];
    let (lines, told) = priced(pricing("B1,HN22A\nB2,HN22A\n"), &records(&activities));
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["cds_unique_identifier"], "B2");
    assert_eq!(told.len(), 1);
    // Nor can it be worked out of a spell without a number.
    let nameless = with(
        episode("B1", "1"),
        "hospital_spell",
        "hospital_provider_spell_identifier",
        "",
    );
    let (lines, told) = priced(
        pricing("B1,HN22A\n"),
        &records(std::slice::from_ref(&nameless)),
    );
    assert!(lines.is_empty());
    assert_eq!(told[0].0, "LAST EPISODE IN SPELL INDICATOR CODE");
    // Who prices every episode does not ask.
    let mut every = pricing("B1,HN22A\n");
    let asks = "last_episode_in_spell = [\"2\"]";
    let points = POINTS.replacen(asks, "patient_classification = [\"9\"]", 1);
    every.points = PointsOfDelivery::read(&points).unwrap();
    assert_eq!(priced(every, &records(&[nameless])).0.len(), 1);
    // That it is not known is no answer, and two that say they are the last are one spell.
    let unknown = [episode("B1", "1"), episode("B2", "2")]
        .map(|said| with(said, "episode", "last_episode_in_spell_indicator_code", "9"));
    let both = [episode("B1", "1"), episode("B2", "2")]
        .map(|said| with(said, "episode", "last_episode_in_spell_indicator_code", "1"));
    for activities in [unknown, both] {
        let (lines, _) = priced(pricing("B1,HN22A\nB2,HN22A\n"), &records(&activities));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["cds_unique_identifier"], "B2");
    }
}

#[test]
fn what_is_said_of_professionals_is_not_put_together() {
    let mut activity = attendance("B1", "1", "5", "300");
    activity.push((
        "care_professional",
        vec![
            ("activity_treatment_function_code", "340"),
            ("responsible_care_professional_indicator", "Y"),
            ("care_professional_main_specialty_code", "950"),
        ],
    ));
    let mut pricing = pricing("B1,WF01B\n");
    pricing.prices = PriceList::read("point_of_delivery,price\nOPFASPNCL,1\n".as_bytes()).unwrap();
    let (lines, told) = priced(pricing, &records(&[activity]));
    assert_eq!(told, []);
    assert_eq!(lines[0]["activity_treatment_function_code"], "340");
}

#[test]
fn what_is_sent_again_or_taken_out_is_no_activity_of_its_own() {
    let days = ("2025-05-28", "2025-06-02");
    let record = |identifier, update| {
        let said = spell(identifier, "11", "1", days, "1");
        with(said, "activity_record", "cds_update_type", update)
    };
    let gone = [
        record("B1", "9"),
        record("B2", "9"),
        record("B1", "9"),
        record("B2", "1"),
    ];
    let (lines, told) = priced(pricing("B1,HN22A\nB2,HN22A\n"), &records(&gone));
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["cds_unique_identifier"], "B1");
    let details: Vec<&str> = told
        .iter()
        .filter_map(|(_, detail)| detail.as_deref())
        .collect();
    assert_eq!(
        details,
        [
            "a later record replaces it",
            "a later record takes it out",
            "it takes an earlier record out"
        ]
    );
    // What is sent again after it was taken out stands.
    let back = [record("B2", "9"), record("B2", "1"), record("B2", "9")];
    let (lines, _) = priced(pricing("B2,HN22A\n"), &records(&back));
    assert_eq!(lines.len(), 1);
    // An episode that was taken out is not the last of its spell.
    let episode = |identifier, number, update| {
        let said = with(
            record(identifier, update),
            "episode",
            "last_episode_in_spell_indicator_code",
            "",
        );
        in_one_spell(with(said, "episode", "episode_number", number))
    };
    let left = [
        episode("B1", "1", "9"),
        episode("B2", "2", "9"),
        episode("B2", "2", "1"),
    ];
    let (lines, _) = priced(pricing("B1,HN22A\nB2,HN22A\n"), &records(&left));
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["cds_unique_identifier"], "B1");
}

#[test]
fn the_commissioner_is_that_of_the_day_on_which_the_activity_ended() {
    let mut activity = spell("B1", "11", "1", ("2025-05-28", "2025-06-02"), "1");
    activity.retain(|(entity, _)| *entity != "service_agreement");
    for (commissioner, from, to) in [
        ("16C", "2025-05-01", "2025-05-31"),
        ("00M", "2025-06-01", "2025-06-30"),
    ] {
        activity.push((
            "service_agreement",
            vec![
                ("organisation_identifier_code_of_commissioner", commissioner),
                ("start_date_commissioner_assignment_period", from),
                ("end_date_commissioner_assignment_period", to),
            ],
        ));
    }
    let (lines, _) = priced(pricing("B1,HN22A\n"), &records(&[activity]));
    assert_eq!(
        lines[0]["organisation_identifier_code_of_commissioner"],
        "00M"
    );
}
