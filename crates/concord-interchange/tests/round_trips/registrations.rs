//! Transactions of GP Links: each that has documents, one to three in a message.

use concord_interchange::Envelope;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::envelope;
use crate::support::translation;
use crate::values::{
    ERASED, address, all, always, day, five, fixed, joined, named, note, number, one_of, or_erased,
    person, postcode, safe, segment, somebody, word,
};

/// Every transaction that has documents; F8 has nothing to say in one.
const TRANSACTIONS: [&str; 11] = [
    "F1", "F2", "F3", "F4", "F9", "F10", "F11", "G1", "G2", "G3", "G5",
];

/// The segments of a transaction, from `S01` on.
fn transaction(name: &str) -> BoxedStrategy<Vec<String>> {
    let gp = || always("NAD+GP+", "99[0-9]{5},[0-9]{3}".boxed(), ":900");
    let mut parts = vec![fixed("S01+1"), fixed("RFF+TN:7"), gp()];
    let own_number = || person(number().prop_map(Some).boxed(), Vec::new(), true);
    let sex = || segment("PDI+", one_of(&["0", "1", "2", "9"]), "");
    let born = || segment("DTM+329:", day(), ":102");
    let free = || segment("FTX+RGI+++", note(), "");
    match name {
        "F1" | "G2" => {
            let kept = name == "F1";
            let erasable = || or_erased(word());
            parts.push(segment("NAD+RIC+", or_erased("[A-Z]{2}".boxed()), ":956"));
            parts.push(segment("HEA+DM+", one_of(&["Y", ERASED]), ":ZZZ"));
            if !kept {
                parts.push(free());
            }
            parts.push(fixed("S02+2"));
            // All forenames are erased at once, by the first one.
            let forenames = prop_oneof![
                Just([Some(ERASED.to_owned()), None, None]),
                [of(word()), of(word()), of(word())],
            ];
            let person = (number(), of(erasable()), of(erasable()), forenames)
                .prop_flat_map(move |(number, surname, title, forenames)| {
                    let names = named(surname, title, forenames);
                    person(Just(Some(number)).boxed(), names, kept)
                })
                .boxed();
            parts.push(person);
            parts.push(born());
            parts.push(sex());
            let postcode = of(or_erased(postcode())).boxed();
            parts.push(address("NAD+PAT+", five(|| or_erased(word())), postcode));
            let previous = (of(number()), of(or_erased(word()))).prop_map(|(number, surname)| {
                let number = number.map_or_else(String::new, |number| format!("{number}:API"));
                let surname =
                    surname.map_or_else(String::new, |name| format!("SU:{}", safe(&name)));
                let elements = [
                    "PNA".to_owned(),
                    "PER".to_owned(),
                    number,
                    String::new(),
                    String::new(),
                    surname,
                ];
                let text = joined(&elements, "+");
                (text != "PNA+PER").then(|| format!("S02+2'\n{text}"))
            });
            parts.push(previous.boxed());
        }
        "F2" => {
            parts.push(segment("NAD+NFH+", "[A-Z]{3}".boxed(), ":954"));
            parts.push(always("GIS+", "[1-9]".boxed(), ":ZZZ"));
            parts.push(always("DTM+961:", day(), ":102"));
            parts.extend([fixed("S02+2"), own_number()]);
        }
        "F3" => parts.push(free()),
        "F4" => {
            let known = of(number())
                .prop_map(|number| number.map(|number| format!("S02+2'\nPNA+PAT+{number}:OPI")));
            parts.push(known.boxed());
        }
        "F9" => {
            parts.push(always("HEA+FRN+", "[1-9]".boxed(), ":ZZZ"));
            parts.push(always("DTM+962:", day(), ":102"));
            parts.extend([free(), fixed("S02+2")]);
            parts.push(somebody(number().prop_map(Some).boxed(), true));
            parts.extend([born(), sex()]);
            parts.push(address("NAD+PAT+", five(word), of(postcode()).boxed()));
        }
        "F10" => parts.extend([fixed("S02+2"), own_number()]),
        "F11" => {
            parts.push(always("FTX+RGI+++", note(), ""));
            parts.extend([fixed("S02+2"), own_number()]);
        }
        "G1" => {
            parts.push(segment("NAD+RIC+", "[A-Z]{2}".boxed(), ":956"));
            parts.push(segment("NAD+PGP+++", word(), ""));
            parts.push(segment("NAD+PFH+", "[A-Z]{3}".boxed(), ":954"));
            parts.push(always("HEA+ACD+", one_of(&["A", "C"]), ":ZZZ"));
            parts.push(always("HEA+ATP+", "[1-4]".boxed(), ":ZZZ"));
            parts.push(segment("HEA+DM+", one_of(&["Y"]), ":ZZZ"));
            parts.push(always("DTM+956:", day(), ":102"));
            parts.push(segment("DTM+957:", day(), ":102"));
            parts.push(segment("DTM+958:", day(), ":102"));
            parts.push(segment("LOC+950+", word(), ""));
            parts.extend([free(), fixed("S02+2")]);
            parts.push(somebody(of(number()).boxed(), false));
            parts.push(always("DTM+329:", day(), ":102"));
            parts.push(sex());
            // A previous address is the second one: there is one before it.
            let mut lines = five(word);
            lines[0] = word().prop_map(Some).boxed();
            parts.push(address("NAD+PAT+", lines, of(postcode()).boxed()));
            parts.push(address("NAD+PER+", five(word), of(postcode()).boxed()));
            parts.push(segment("S02+2'\nPNA+PER++++SU:", word(), ""));
        }
        "G3" => parts.extend([free(), fixed("S02+2"), own_number()]),
        "G5" => {
            parts.push(always("GIS+", "[1-9]".boxed(), ":ZZZ"));
            parts.push(always("DTM+961:", day(), ":102"));
            parts.extend([free(), fixed("S02+2"), own_number()]);
        }
        other => panic!("{other} is no transaction with documents"),
    }
    all(parts)
}

/// A message of transactions in an interchange of its own.
fn registration(name: &str, transactions: &[Vec<String>]) -> String {
    let (sender, recipient) = if name.starts_with('G') {
        ("PRA1", "ZZ01")
    } else {
        ("ZZ01", "PRA1")
    };
    let mut segments: Vec<String> = ["BGM+++507", "NAD+FHS+ZZ:954", "DTM+137:202603311015:203"]
        .map(str::to_owned)
        .to_vec();
    segments.push(format!("RFF+950:{name}"));
    segments.extend(transactions.iter().flatten().cloned());
    let body = segments.iter().map(|segment| format!("{segment}'\n"));
    let body: String = body.collect();
    let count = body.lines().count() + 2;
    format!(
        "UNB+UNOA:2+{sender}+{recipient}+260331:1015+00000042'\nUNH+00000101+FHSREG:0:1:FH:FHS001'\n{body}UNT+{count}+00000101'\nUNZ+1+00000042'\n"
    )
}

fn registrations() -> impl Strategy<Value = (&'static str, Vec<Vec<String>>)> {
    select(&TRANSACTIONS[..]).prop_flat_map(|name| (Just(name), vec(transaction(name), 1..4)))
}

proptest! {
    #[test]
    fn registrations_go_there_and_back((name, transactions) in registrations()) {
        let translation = translation("gp-links/1-4");
        let written = registration(name, &transactions);
        let made = translation.to_fhir(written.as_bytes(), &Envelope::default(), &|_| None);
        prop_assert!(made.refused.is_empty(), "{:?}", made.refused);
        prop_assert_eq!(made.documents.len(), transactions.len());
        for (document, transaction) in made.documents.iter().zip(&transactions) {
            let facts = [
                ("control-reference", "00000042"),
                ("message-reference", "00000101"),
                ("transaction-number", "7"),
                ("transaction", name),
            ];
            let again = translation.to_edifact(&document.json, &envelope(&facts)).expect("it can be written");
            prop_assert!(again.lost.is_empty(), "{:?}", again.lost);
            prop_assert_eq!(&again.text, &registration(name, std::slice::from_ref(transaction)));
            let read = translation.to_fhir(again.text.as_bytes(), &Envelope::default(), &|_| None);
            prop_assert_eq!(&read.documents[0].json, &document.json);
        }
    }
}
