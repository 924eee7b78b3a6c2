//! Where the published text contradicts itself or leaves something open: settings.

use concord_derive::commissioner::{Activity, Case, CodesOf, Settings};

use crate::support::{derive, settings, spell, table, with_tables};

const TO_C0: &str = "START:no>A:no>B:yes>WB-1:no>WB-2:no>WB-3:yes>C-0:yes>";

fn path(case: &Case<'_>, text: &str) -> String {
    derive(case, &with_tables(text)).path()
}

#[test]
fn printed_boxes_flow_chart_and_reason_codes() {
    let green = Case {
        service: Some("NCBPS01C"),
        ..spell()
    };
    let red = Case {
        service: Some("NCBPS08A"),
        ..spell()
    };
    let onwards = "E:no>F:no>H:no>I:no>J:no>C-5:";
    for (reading, green_path, red_path) in [
        (
            "reason-codes",
            format!("C-0a:yes>C-0b:yes>{onwards}yes>C-6:yes>sub-icb-delegated"),
            "C-0a:no>C-2:yes>hub-of-provider".to_owned(),
        ),
        (
            "flow-chart",
            format!("C-0a:yes>{onwards}yes>C-6:yes>sub-icb-delegated"),
            "C-0a:no>C-2:yes>hub-of-provider".to_owned(),
        ),
        (
            "printed",
            "C-0a:yes>C-2:yes>hub-of-provider".to_owned(),
            "C-0a:yes>C-2:yes>hub-of-provider".to_owned(),
        ),
    ] {
        let text = format!("reading = \"{reading}\"");
        assert_eq!(path(&green, &text), format!("{TO_C0}{green_path}"));
        assert_eq!(path(&red, &text), format!("{TO_C0}{red_path}"));
    }
    // A code that is on no list is no specialised one in any reading.
    let unlisted = Case {
        service: Some("NCBPS99Z"),
        ..spell()
    };
    assert!(path(&unlisted, "reading = \"printed\"").contains("C-0:no>D:no"));
}

#[test]
fn source_of_admission_of_the_detained() {
    let of = |source, codes| Case {
        postcode: Some("DH1 5YD"),
        source_of_admission: Some(source),
        source_of_admission_codes: codes,
        ..spell()
    };
    let (before, from) = (Some(CodesOf::Before63), Some(CodesOf::From63));
    for (setting, source, codes, detained) in [
        ("by-version", "39", before, true),
        ("by-version", "40", before, false),
        ("by-version", "39", from, false),
        ("by-version", "40", from, true),
        ("by-version", "39", None, true),
        ("by-version", "40", None, true),
        ("by-version", "19", None, false),
        ("39", "39", from, true),
        ("39", "40", from, false),
        ("40", "40", before, true),
        ("40", "39", before, false),
        ("either", "39", from, true),
        ("either", "40", before, true),
        ("either", "19", before, false),
    ] {
        let path = path(
            &of(source, codes),
            &format!("admission_source = \"{setting}\""),
        );
        assert_eq!(
            path.contains("E:yes>justice-hub"),
            detained,
            "{setting} {source} {codes:?}"
        );
    }
    let emergency = Case {
        activity: Some(Activity::Emergency),
        ..of("39", before)
    };
    assert_eq!(
        path(&emergency, ""),
        "START:yes>A&E-1:yes>J:no>C-5:no>sub-icb"
    );
}

#[test]
fn postcodes_that_say_nothing() {
    // The provider is in Wales, so that its place makes a difference.
    let at_welsh = |postcode| Case {
        provider: Some("7A1"),
        postcode,
        ..spell()
    };
    for postcode in [None, Some("ZZ99 3VZ")] {
        assert!(path(&at_welsh(postcode), "").contains("WB-3:no>C:no"));
        assert!(
            path(&at_welsh(postcode), "unallocated_postcode = \"england\"")
                .contains("WB-3:yes>C-0:no")
        );
    }
    let unknown = Case {
        postcode: Some("CA99 9ZZ"),
        ..spell()
    };
    assert!(path(&unknown, "").ends_with("B:?"));
    assert!(
        path(&unknown, "unknown_postcode = \"provider-site\"")
            .ends_with("WB-3:yes>C-0:no>D:no>E:no>F:no>H:no>I:no>J:no>C-5:no>sub-icb")
    );
    assert!(path(&unknown, "unknown_postcode = \"not-resident\"").contains("B:no>B-1:no>"));
}

#[test]
fn those_outside_the_united_kingdom() {
    for (case, because) in [
        (
            Case {
                postcode: Some("BF1 3AA"),
                ..spell()
            },
            "a post office of the forces",
        ),
        (
            Case {
                practice: Some("A91999"),
                ..spell()
            },
            "a practice at one",
        ),
        (
            Case {
                practice: Some("JER001"),
                ..spell()
            },
            "a practice in Jersey",
        ),
        (
            Case {
                postcode: Some("ZZ99 3FZ"),
                ..spell()
            },
            "a pseudo postcode of Jersey",
        ),
        (
            Case {
                overseas_visitor_charging_category: Some("B"),
                ..spell()
            },
            "a surcharge payer",
        ),
    ] {
        assert!(
            path(&case, "").contains("A:no>B:no>B-1:no>B-3:?"),
            "{because}"
        );
    }
    // Not a post office: outward codes of Blackburn begin alike but are longer, and BF1 has no other form.
    assert!(
        path(
            &Case {
                postcode: Some("BF11 3AA"),
                ..spell()
            },
            ""
        )
        .ends_with("B:?")
    );
}

#[test]
fn what_is_not_given() {
    let nothing = Case {
        overseas_visitor_charging_category: None,
        ..spell()
    };
    assert!(path(&nothing, "").contains("B:yes"));
    let strict = "unknown_charging_category = \"undetermined\"";
    assert!(path(&nothing, strict).ends_with("B:?"));
    let undecided = Case {
        overseas_visitor_charging_category: Some("9"),
        ..spell()
    };
    assert!(path(&undecided, strict).ends_with("B:?"));
    assert!(path(&spell(), strict).contains("B:yes"));
    assert!(path(&spell(), "no_service = \"undetermined\"").ends_with("C-0:?"));
}

#[test]
fn what_may_go_through_the_boxes_after_all() {
    for (case, text) in [
        (
            Case {
                activity: Some(Activity::Drug),
                ..spell()
            },
            "drugs_and_devices = \"assign\"",
        ),
        (
            Case {
                activity: Some(Activity::Device),
                ..spell()
            },
            "drugs_and_devices = \"assign\"",
        ),
        (
            Case {
                activity: Some(Activity::Other),
                ..spell()
            },
            "other_activity = \"assign\"",
        ),
        (
            Case {
                service_category: Some("41"),
                ..spell()
            },
            "national_funds = \"assign\"",
        ),
        (
            Case {
                service: Some("NCBPS08Y"),
                ..spell()
            },
            "mental_health = \"assign\"",
        ),
    ] {
        assert_eq!(path(&case, ""), "outside");
        assert!(
            path(&case, text).starts_with("START:no>A:no>B:yes"),
            "{text}"
        );
    }
}

#[test]
fn the_hub_of_the_place_of_the_provider() {
    let red = Case {
        service: Some("NCBPS08A"),
        ..spell()
    };
    let text = "provider_hub = \"host-sub-icb\"";
    let outcome = derive(&red, &settings(text));
    assert_eq!(outcome.reason_code.as_deref(), Some("85J_C_2_1"));
    // SUS fills codes of providers and commissioners with 00.
    let padded = Case {
        provider: Some("RNN00"),
        submitted: Some("85J00"),
        ..red.clone()
    };
    let outcome = derive(&padded, &with_tables(""));
    assert_eq!(outcome.agrees(), Some(true));
    let short = Case {
        submitted: Some("85J0"),
        ..padded
    };
    assert_eq!(derive(&short, &with_tables("")).agrees(), Some(false));
}

#[test]
fn public_health_that_only_the_user_knows() {
    let case = Case {
        service: Some("SCREEN1"),
        ..spell()
    };
    let outcome = derive(&case, &settings("public_health_services = [\"SCREEN1\"]"));
    assert_eq!(outcome.reason_code.as_deref(), Some("Y63_F_1"));
}

#[test]
fn settings_that_there_are_not() {
    for (text, line) in [
        ("reading = \"loose\"", 1),
        ("\nflow = 1", 2),
        ("answers = { \"B-3\" = \"maybe\" }", 1),
    ] {
        let error = Settings::read("settings.toml", text)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(&format!("settings.toml (line {line}): ")),
            "{error}"
        );
    }
}

#[test]
fn answers_to_boxes_that_take_none() {
    let table = table();
    let takes = |id: &str| {
        let settings = settings(&format!("answers = {{ \"{id}\" = \"no\" }}"));
        table.takes("settings.toml", &settings)
    };
    for id in ["B-3", "C-3", "I-1"] {
        takes(id).unwrap();
    }
    for (id, why) in [
        ("B3", "is no box"),
        ("Z-3", "is no box"),
        ("A", "is answered from the record"),
    ] {
        assert_eq!(
            takes(id).unwrap_err().to_string(),
            format!("settings.toml: answers: `{id}` {why}; answers are for B-3, C-3, I-1")
        );
    }
}
