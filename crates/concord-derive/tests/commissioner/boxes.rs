//! Every box with both answers, and where the ways end.

use std::collections::BTreeSet;

use concord_derive::commissioner::{Activity, Case, CodesOf, DecisionTable, Outcome};
use jiff::civil::date;

use crate::support::{derive, read, reference, settings, spell, table, with_tables};

/// What a way must be: path, commissioner, responsible sub-ICB location, reason code, category.
struct Expected {
    case: Case<'static>,
    settings: &'static str,
    path: &'static str,
    pays: &'static str,
    reason: &'static str,
    category: &'static str,
}

fn expected(
    case: Case<'static>,
    settings: &'static str,
    path: &'static str,
    pays: &'static str,
    reason: &'static str,
    category: &'static str,
) -> Expected {
    Expected {
        case,
        settings,
        path,
        pays,
        reason,
        category,
    }
}

/// Ways through the boxes; each is what the published answers say for those facts.
fn ways() -> Vec<Expected> {
    let emergency = || Case {
        activity: Some(Activity::Emergency),
        ..spell()
    };
    let outpatient = || Case {
        activity: Some(Activity::Outpatient),
        ..spell()
    };
    let service = |code| Case {
        service: Some(code),
        ..spell()
    };
    // Somebody of Cardiff in a Cumbrian trust, with a Welsh practice outside the border area.
    let welsh = || Case {
        practice: Some("W91006"),
        postcode: Some("CF10 1EP"),
        ..spell()
    };
    // The same practice, living in the border area.
    let border = |service| Case {
        practice: Some("W91006"),
        postcode: Some("LL13 7TD"),
        service,
        ..spell()
    };
    let visitor = |postcode, service| Case {
        overseas_visitor_charging_category: Some("C"),
        postcode: Some(postcode),
        practice: Some("V81997"),
        service,
        ..spell()
    };
    let answers = r#"answers = { "B-3" = "no", "C-3" = "no", "I-1" = "no" }"#;
    let yeses = r#"answers = { "B-3" = "yes", "C-3" = "yes", "I-1" = "yes" }"#;
    vec![
        // Emergency care.
        expected(
            emergency(),
            "",
            "START:yes>A&E-1:yes>J:no>C-5:no>sub-icb",
            "01H",
            "01H_C_5_1",
            "12",
        ),
        expected(
            Case {
                practice: Some("A91024"),
                postcode: Some("EH1 1YZ"),
                ..emergency()
            },
            "",
            "START:yes>A&E-1:yes>J:yes>armed-forces",
            "13Q",
            "13Q_J_1",
            "61",
        ),
        expected(
            Case {
                postcode: Some("EH1 1YZ"),
                ..emergency()
            },
            "",
            "START:yes>A&E-1:no>host-sub-icb",
            "01H",
            "",
            "12",
        ),
        // Private patients and visitors.
        expected(
            Case {
                administrative_category: Some("02"),
                ..spell()
            },
            "",
            "START:no>A:yes>private",
            "VPP00",
            "",
            "",
        ),
        expected(
            Case {
                overseas_visitor_charging_category: Some("F"),
                ..spell()
            },
            "",
            "START:no>A:yes>private",
            "VPP00",
            "",
            "",
        ),
        expected(
            visitor("ZZ99 4QZ", Some("NCBPS08A")),
            "",
            "START:no>A:no>B:no>B-1:yes>B-2:yes>hub-for-visitor",
            "85J",
            "",
            "21",
        ),
        expected(
            visitor("ZZ99 6GZ", Some("NCBPS08A")),
            yeses,
            "START:no>A:no>B:no>B-1:yes>B-2:no>B-3:yes>overseas-guidance",
            "",
            "X",
            "",
        ),
        expected(
            Case {
                practice: Some("A82013"),
                ..visitor("ZZ99 6GZ", None)
            },
            answers,
            "START:no>A:no>B:no>B-1:no>B-3:no>B-4:yes>sub-icb-of-registered",
            "01H",
            "",
            "12",
        ),
        expected(
            visitor("ZZ99 6GZ", None),
            answers,
            "START:no>A:no>B:no>B-1:no>B-3:no>B-4:no>host-sub-icb",
            "01H",
            "",
            "12",
        ),
        // Other home nations and the border.
        expected(
            welsh(),
            r#"bodies = { wales = "W01" }"#,
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:no>C:no>devolved",
            "W01",
            "",
            "",
        ),
        expected(
            Case {
                service: Some("NCBPS08A"),
                ..welsh()
            },
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:no>C:yes>C-1:yes>hub-for-devolved",
            "85J",
            "",
            "21",
        ),
        expected(
            Case {
                service: Some("NCBPS13N"),
                practice: None,
                postcode: Some("EH1 1YZ"),
                ..spell()
            },
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:no>C:yes>C-1:yes>hub-for-devolved",
            "85J",
            "",
            "21",
        ),
        expected(
            Case {
                service: Some("NCBPS13N"),
                ..welsh()
            },
            r#"bodies = { wales = "W01" }"#,
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:no>C:yes>C-1:no>WB-10:no>devolved",
            "W01",
            "",
            "",
        ),
        expected(
            border(Some("NCBPS13N")),
            yeses,
            "START:no>A:no>B:yes>WB-1:yes>C:yes>C-1:no>WB-10:yes>C-3:yes>welsh-board",
            "7A1",
            "",
            "",
        ),
        expected(
            border(Some("NCBPS13N")),
            answers,
            "START:no>A:no>B:yes>WB-1:yes>C:yes>C-1:no>WB-10:yes>C-3:no>hub-for-devolved",
            "85J",
            "",
            "21",
        ),
        expected(
            Case {
                practice: Some("N81001"),
                postcode: Some("LL13 7TD"),
                provider: Some("RJR"),
                ..spell()
            },
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:yes>C-0:no>D:no>E:no>F:no>H:no>I:no>J:no>C-5:no>sub-icb",
            "27D",
            "27D_C_5_1",
            "12",
        ),
        // Specialised services: green, red, amber.
        expected(
            service("NCBPS01C"),
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:yes>C-0a:yes>C-0b:yes>E:no>F:no>H:no>I:no>J:no>C-5:yes>C-6:yes>sub-icb-delegated",
            "01H",
            "01H_C_6_1",
            "25",
        ),
        expected(
            service("NCBPS08A"),
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:yes>C-0a:no>C-2:yes>hub-of-provider",
            "85J",
            "85J_C_2_1",
            "21",
        ),
        expected(
            Case {
                provider: Some("RBS"),
                ..service("NCBPS08A")
            },
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:yes>C-0a:no>C-2:no>not-paid",
            "",
            "",
            "",
        ),
        expected(
            Case {
                assignment_date: Some(date(2024, 9, 10)),
                ..service("NCBPS01L")
            },
            "other_years = true",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:yes>C-0a:yes>C-0b:no>hub-not-suitable",
            "85J",
            "85J_C_0b_1",
            "21",
        ),
        // The board of Cumbria signed in April 2025.
        expected(
            Case {
                assignment_date: Some(date(2024, 9, 10)),
                ..service("NCBPS01C")
            },
            "other_years = true",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:yes>C-0a:yes>C-0b:yes>E:no>F:no>H:no>I:no>J:no>C-5:yes>C-6:no>hub-not-delegated",
            "85J",
            "85J_C_6_4",
            "21",
        ),
        // Dental care, detention, public health, infertility, the forces.
        expected(
            Case {
                treatment_function: Some("140"),
                ..spell()
            },
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:no>D:yes>sub-icb-dental",
            "01H",
            "01H_D_1",
            "55",
        ),
        expected(
            Case {
                postcode: Some("DH1 5YD"),
                ..outpatient()
            },
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:no>D:no>E:yes>justice-hub",
            "76A",
            "76A_E_1",
            "71",
        ),
        expected(
            Case {
                postcode: Some("DH1 5YD"),
                source_of_admission: Some("40"),
                source_of_admission_codes: Some(CodesOf::From63),
                ..spell()
            },
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:no>D:no>E:yes>justice-hub",
            "76A",
            "76A_E_1",
            "71",
        ),
        expected(
            service("NCBPH01F"),
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:no>D:no>E:no>F:yes>public-health-region",
            "Y63",
            "Y63_F_1",
            "81",
        ),
        expected(
            service("LASEX"),
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:no>D:no>E:no>F:no>H:yes>local-authority",
            "907",
            "",
            "",
        ),
        expected(
            Case {
                diagnoses: vec!["N97.1"],
                ..spell()
            },
            yeses,
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:no>D:no>E:no>F:no>H:no>I:yes>I-1:yes>armed-forces-infertility",
            "13Q",
            "",
            "61",
        ),
        expected(
            Case {
                procedures: vec!["Q13.1"],
                ..outpatient()
            },
            answers,
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:no>D:no>E:no>F:no>H:no>I:yes>I-1:no>sub-icb-infertility",
            "01H",
            "",
            "12",
        ),
        expected(
            Case {
                practice: Some("A91024"),
                ..spell()
            },
            "",
            "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:no>D:no>E:no>F:no>H:no>I:no>J:yes>armed-forces",
            "13Q",
            "13Q_J_1",
            "61",
        ),
    ]
}

fn outcomes() -> Vec<(Expected, Outcome)> {
    ways()
        .into_iter()
        .map(|way| {
            let outcome = derive(&way.case, &with_tables(way.settings));
            (way, outcome)
        })
        .collect()
}

#[test]
fn ways_end_as_the_boxes_say() {
    for (way, outcome) in outcomes() {
        assert_eq!(outcome.path(), way.path, "{outcome:#?}");
        let shown = |text: &Option<String>| text.clone().unwrap_or_default();
        assert_eq!(shown(&outcome.commissioner), way.pays, "{}", way.path);
        assert_eq!(shown(&outcome.reason_code), way.reason, "{}", way.path);
        assert_eq!(
            shown(&outcome.service_category),
            way.category,
            "{}",
            way.path
        );
        assert_eq!(outcome.submitted.as_deref(), Some("01H"));
        assert_eq!(
            outcome.agrees(),
            outcome.commissioner.as_deref().map(|code| code == "01H")
        );
    }
}

#[test]
fn every_box_is_reached_with_both_answers_and_every_end_is_reached() {
    let (mut steps, mut ends) = (BTreeSet::new(), BTreeSet::new());
    for (_, outcome) in outcomes() {
        for step in &outcome.steps {
            steps.insert((step.id.to_string(), step.answer.as_str()));
        }
        ends.extend(outcome.end.map(|end| end.to_string()));
    }
    let table = table();
    let missing: Vec<_> = table
        .boxes
        .iter()
        .flat_map(|known| ["yes", "no"].map(|answer| (known.id.to_string(), answer)))
        .filter(|pair| !steps.contains(pair))
        .collect();
    assert!(missing.is_empty(), "not reached: {missing:?}");
    let missing: Vec<_> = table
        .ends
        .iter()
        .filter(|end| !ends.contains(&*end.id))
        .map(|end| &end.id)
        .collect();
    assert!(missing.is_empty(), "no way ends at {missing:?}");
}

/// What is missing is said, at the box that asked, and nothing is made up in its place.
#[test]
fn a_missing_fact_is_told() {
    for (case, at, key, reason) in [
        (
            Case {
                assignment_date: None,
                ..spell()
            },
            "START",
            "assignment-date",
            "X",
        ),
        (
            Case {
                assignment_date: Some(date(2026, 4, 1)),
                ..spell()
            },
            "START",
            "other-year",
            "X",
        ),
        (
            Case {
                activity: None,
                ..spell()
            },
            "START",
            "activity",
            "X",
        ),
        (
            Case {
                postcode: Some("CA99 9ZZ"),
                ..spell()
            },
            "B",
            "postcode",
            "X",
        ),
        (
            Case {
                postcode: None,
                provider: None,
                ..spell()
            },
            "B",
            "provider",
            "X",
        ),
        (
            Case {
                overseas_visitor_charging_category: Some("E"),
                ..spell()
            },
            "B-3",
            "by-hand",
            "X",
        ),
        (
            Case {
                service: Some("NCBPS08A"),
                ..spell()
            },
            "C-2",
            "provider-hub",
            "C_2_X",
        ),
        (
            Case {
                service: Some("NCBPS08A"),
                postcode: Some("EH1 1YZ"),
                practice: None,
                ..spell()
            },
            "C-1",
            "services-before-1991",
            "X",
        ),
        (
            Case {
                postcode: Some("EH1 1YZ"),
                practice: None,
                ..spell()
            },
            "devolved",
            "body-of-home-nation",
            "X",
        ),
        (
            Case {
                postcode: Some("DH1 5YD"),
                ..spell()
            },
            "E",
            "source-of-admission",
            "X",
        ),
        (
            Case {
                diagnoses: vec!["Z31"],
                ..spell()
            },
            "I-1",
            "by-hand",
            "X",
        ),
        (
            Case {
                practice: None,
                postcode: Some("L12 2AP"),
                provider: Some("RBS"),
                ..spell()
            },
            "sub-icb",
            "responsible-sub-icb",
            "C_5_X",
        ),
    ] {
        let outcome = derive(&case, &settings(""));
        let missing = outcome
            .undetermined
            .as_ref()
            .unwrap_or_else(|| panic!("{at}: {outcome:?}"));
        assert_eq!((&*missing.at, missing.key), (at, key), "{}", outcome.path());
        assert_eq!(outcome.commissioner, None, "{at}");
        assert_eq!(outcome.reason_code.as_deref(), Some(reason), "{at}");
        assert_eq!(outcome.agrees(), None, "{at}");
    }
}

#[test]
fn what_the_method_does_not_speak_of_is_outside() {
    for (case, reason, category) in [
        (
            Case {
                activity: Some(Activity::Drug),
                ..spell()
            },
            None,
            None,
        ),
        (
            Case {
                activity: Some(Activity::Device),
                ..spell()
            },
            None,
            None,
        ),
        (
            Case {
                activity: Some(Activity::Other),
                ..spell()
            },
            None,
            None,
        ),
        (
            Case {
                service_category: Some("31"),
                ..spell()
            },
            None,
            None,
        ),
        (
            Case {
                service: Some("NCBPS08Y"),
                ..spell()
            },
            Some("MH_Delegated"),
            Some("26"),
        ),
        (
            Case {
                service: Some("NCBPS22B"),
                ..spell()
            },
            Some("MH_Non_Delegated"),
            Some("22"),
        ),
    ] {
        let outcome = derive(&case, &settings(""));
        assert!(outcome.outside.is_some(), "{case:?}");
        assert_eq!(outcome.path(), "outside");
        assert_eq!(outcome.commissioner, None);
        assert_eq!(outcome.undetermined, None);
        assert_eq!(outcome.reason_code.as_deref(), reason);
        assert_eq!(outcome.service_category.as_deref(), category);
    }
}

/// A table in which any box leads the wrong way is found out by the ways above.
#[test]
fn no_box_can_lead_the_other_way_unnoticed() {
    let text = read("table.toml").unwrap();
    let boxes = text.split("[[box]]").count() - 1;
    assert_eq!(boxes, table().boxes.len());
    for number in 1..=boxes {
        let turned: Vec<String> = text
            .split("[[box]]")
            .enumerate()
            .map(|(index, block)| {
                if index != number {
                    return block.to_owned();
                }
                let turned = block.replacen("\nyes = ", "\nTURNED = ", 1);
                let turned = turned.replacen("\nno = ", "\nyes = ", 1);
                turned.replacen("\nTURNED = ", "\nno = ", 1)
            })
            .collect();
        let turned = turned.join("[[box]]");
        let table = DecisionTable::load(&|name| match name {
            "table.toml" => Ok(turned.clone()),
            _ => read(name),
        })
        .unwrap();
        let noticed = ways().iter().any(|way| {
            let settings = with_tables(way.settings);
            let outcome = table.derive(&way.case, &reference(), &settings).unwrap();
            outcome.path() != way.path
        });
        assert!(noticed, "{}", table.boxes[number - 1].id);
    }
}
