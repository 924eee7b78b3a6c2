//! What of messages could not be carried is told, element by element.

use crate::given::{PATIENT, message, stay, together, value};

#[test]
fn every_value_goes_somewhere_or_is_told_of() {
    let person = PATIENT
        .replace("^^L||1933", "^^L~Trial^Ulric^^^^^A||1933")
        .replace(
            "GBR^H|",
            "GBR^H~9 Elsewhere Lane^^Mockridge^^WX1 1AA^GBR^TMP|",
        );
    let nearest = "NK1|1|Trialby^Greta^^^^^L|3||01632960999~01632960998|||||||||||||||EN";
    let together =
        together(&[message("A28", "202602011000", &format!("{person}\n{nearest}")).as_bytes()]);
    // An alias, an address for a while, the language of who is near have no place; of telephone numbers the first has one.
    for (element, count) in [
        ("PID.5/XPN.1", 1),
        ("PID.5/XPN.2", 1),
        ("PID.11/XAD.1", 1),
        ("PID.11/XAD.3", 1),
        ("PID.11/XAD.5", 1),
        ("NK1.20/CE.1", 1),
        ("NK1.5/XTN.1", 1),
    ] {
        assert_eq!(
            together.lost(element),
            [("NoPlace".to_owned(), count)],
            "{element}"
        );
    }
    // What is carried, or decides what is, is not lost.
    for element in [
        "PID.3/CX.1",
        "PID.3/CX.4/HD.1",
        "PID.7/TS.1",
        "PID.32",
        "EVN.6/TS.1",
    ] {
        assert_eq!(together.lost(element), [], "{element}");
    }
}

#[test]
fn codes_and_times_that_do_not_fit_are_lost() {
    let pv1 = stay("RXX^W1^B4^RXX01", "|54|||||||2026|").replace("|21|", "|28|");
    let person = PATIENT.replace("|19330215|1|", "|193302151530|1|");
    let together =
        together(&[message("A01", "202603011000", &format!("{person}\n{pv1}")).as_bytes()]);
    let said = together.only();
    assert_eq!(
        value(
            &said,
            "hospital_spell",
            "method_of_admission_hospital_provider_spell"
        ),
        None
    );
    assert_eq!(
        value(
            &said,
            "hospital_spell",
            "start_date_hospital_provider_spell"
        ),
        None
    );
    assert_eq!(
        value(&said, "person", "person_birth_date"),
        Some("1933-02-15")
    );
    let reason = |element: &str| {
        together
            .lost(element)
            .first()
            .map(|(reason, _)| reason.clone())
    };
    for (element, expected) in [
        (
            "METHOD OF ADMISSION (HOSPITAL PROVIDER SPELL)",
            "NoEquivalentCode",
        ),
        (
            "DESTINATION OF DISCHARGE (HOSPITAL PROVIDER SPELL)",
            "NoEquivalentCode",
        ),
        ("START DATE (HOSPITAL PROVIDER SPELL)", "NotOfItsForm"),
        ("PERSON BIRTH DATE", "Precision"),
    ] {
        assert_eq!(reason(element).as_deref(), Some(expected), "{element}");
    }
}

#[test]
fn a_stay_that_is_only_expected_loses_what_only_a_stay_has() {
    let pv1 = stay("RXX^W1^B4^RXX01", "");
    let expected = message(
        "A05",
        "202602251000",
        &format!("{PATIENT}\n{pv1}\nPV2||||||||202603011000"),
    );
    let together = together(&[expected.as_bytes()]);
    assert_eq!(together.lost("PV1.4"), [("NoPlace".to_owned(), 1)]);
    assert_eq!(together.lost("PV2.8/TS.1"), [("NoPlace".to_owned(), 1)]);
}
