//! Our data beside the reference folder's, fact by fact. Skipped, and says so, where there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use concord_derive::commissioner::{DecisionTable, Delegation, ServiceKind};
use jiff::civil::Date;

use crate::support::{read, table};

/// The reference folder beside the checkout.
fn reference() -> Option<PathBuf> {
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    if folder.join("commissioner_assignment").is_dir() {
        return Some(folder);
    }
    eprintln!(
        "skipped: there is no reference folder at {}",
        folder.display()
    );
    None
}

type Row = BTreeMap<String, String>;

fn rows(path: &Path) -> Vec<Row> {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    rows_of(&text)
}

fn rows_of(text: &str) -> Vec<Row> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn day(text: &str) -> Date {
    text[..10].parse().unwrap()
}

#[test]
fn sub_icb_locations_and_who_is_above_them() {
    let Some(folder) = reference() else { return };
    let table = table();
    let mut seen = BTreeSet::new();
    for row in rows(&folder.join("commissioner_assignment/SubICBtoDirectComm.csv")) {
        for date in [day(&row["Effective_From"]), day(&row["Effective_To"])] {
            let known = table.sub_icb(&row["SubICB_Code"], date).unwrap();
            assert_eq!(
                [&known.icb, &known.hub, &known.region, &known.justice_hub],
                [
                    &row["ICB_Code"],
                    &row["ODSCommHub"],
                    &row["ODSRegion"],
                    &row["ODSHealthandJustice"]
                ],
                "{row:?}"
            );
            let signed = known.delegated_from.is_some_and(|from| from <= date);
            assert_eq!(
                signed,
                row["ProvisionalICBDelegationStatus"] == "Yes",
                "{row:?}"
            );
        }
        seen.insert(row["SubICB_Code"].clone());
    }
    let ours = rows_of(&read("sub-icbs.csv").unwrap());
    assert_eq!(ours.len(), seen.len());
}

#[test]
fn practices_of_the_forces_places_of_detention_and_pseudo_postcodes() {
    let Some(folder) = reference() else { return };
    let table = table();
    let practices = rows(&folder.join("commissioner_assignment/ArmedForcesGP.csv"));
    for row in &practices {
        let known = table
            .armed_forces_practice(&row["Organisation_Code"])
            .unwrap();
        assert_eq!(known.postcode, row["Postcode"]);
        assert_eq!(known.period.from, Some(day(&row["Open_Date"])));
        let closed = Some(&row["Close_Date"]).filter(|text| !text.is_empty());
        assert_eq!(known.period.to, closed.map(|text| day(text)));
        assert_eq!(row["Country"], "E92000001");
    }
    assert_eq!(
        rows_of(&read("armed-forces-practices.csv").unwrap()).len(),
        practices.len()
    );

    let key = |text: &str| text.replace(' ', "");
    let mut places = BTreeSet::new();
    for row in rows(&folder.join("commissioner_assignment/Ref_HandJ_CommissionerCode.csv")) {
        let postcode = key(row["JusticeFacilityPostcode"].trim());
        if !postcode.is_empty() {
            let hub = row["EnglandHealthandJusticeCommissioningHubCode"].as_str();
            assert_eq!(table.detention_hub(&postcode), Some(hub), "{row:?}");
            places.insert(postcode);
        }
    }
    assert_eq!(
        rows_of(&read("detention-postcodes.csv").unwrap()).len(),
        places.len()
    );

    let unallocated = table.set("unallocated-postcodes").unwrap();
    for row in rows(&folder.join("codes/pseudo_postcodes.csv")) {
        let postcode = key(&row["pseudo_postcode"]);
        let list = format!("{:?}", table.pseudo_list(&postcode).unwrap());
        let expected = match row["group"].as_str() {
            "unable to be allocated" => "Unknown",
            "home nation" => "Country",
            group if group.starts_with("EEA") => "Eea",
            _ => "Reciprocal",
        };
        assert_eq!(list, expected, "{row:?}");
        assert_eq!(
            unallocated.holds(&postcode),
            ["Unknown", "Country"].contains(&expected)
        );
    }
}

#[test]
fn service_codes_of_each_year() {
    let Some(folder) = reference() else { return };
    let table = table();
    let rows = rows(&folder.join("commissioner_assignment/ServiceCodes.csv"));
    let mut codes = BTreeSet::new();
    for row in &rows {
        let code = row["SERVICE CODE"].as_str();
        codes.insert(code);
        for date in [day(&row["Effective_From"]), day(&row["Effective_To"])] {
            let known = table
                .service(code, date)
                .unwrap_or_else(|| panic!("{row:?}"));
            let delegation = match row["ICBDelegationStatus"].as_str() {
                "GREEN" => Some(Delegation::Green),
                "AMBER" => Some(Delegation::Amber),
                "RED" => Some(Delegation::Red),
                "BLUE" => Some(Delegation::Blue),
                _ => None,
            };
            assert_eq!(known.delegation, delegation, "{row:?}");
            assert_eq!(
                known.highly_specialised,
                row["Highly Specialised Service"] == "YES",
                "{row:?}"
            );
            assert_eq!(
                known.mental_health,
                row["SERVICE CODE GROUPING"] == "MENTAL HEALTH",
                "{row:?}"
            );
            // 99999999 has every flag, as it says that no commissioner of NHS England pays.
            let flag = |name: &str| row[name] == "1" && code != "99999999";
            assert_eq!(
                known.kind == ServiceKind::Specialised,
                flag("Specialised Flag") || flag("Specialised MH Flag"),
                "{row:?}"
            );
            for (kind, name) in [
                (ServiceKind::PublicHealth, "Public Health Flag"),
                (ServiceKind::Dental, "Secondary Dental Flag"),
                (ServiceKind::Justice, "Health In Justice Flag"),
                (ServiceKind::ArmedForces, "Armed Forces Flag"),
                (ServiceKind::CancerDrugs, "CDF Flag"),
                (ServiceKind::HepatitisC, "HepC Flag"),
                (ServiceKind::InnovativeMedicines, "IMF Flag"),
            ] {
                assert_eq!(known.kind == kind, flag(name), "{name}: {row:?}");
            }
        }
    }
    let ours = rows_of(&read("service-codes.csv").unwrap());
    let ours: BTreeSet<&str> = ours.iter().map(|row| row["service"].as_str()).collect();
    assert_eq!(ours, codes);
}

/// Every published reason code is formed as ours are, and we form no other.
#[test]
fn reason_codes() {
    let Some(folder) = reference() else { return };
    let table = table();
    let subs = rows_of(&read("sub-icbs.csv").unwrap());
    let column =
        |name: &str| -> BTreeSet<String> { subs.iter().map(|row| row[name].clone()).collect() };
    let mut ours = BTreeMap::new();
    for form in &table.reasons {
        let begins: BTreeSet<String> = match form.commissioner.as_str() {
            "sub-icb" => column("sub_icb"),
            "hub" => column("hub"),
            "justice-hub" => column("justice_hub"),
            "region" => column("region"),
            code => BTreeSet::from([code.to_owned()]),
        };
        for begin in begins {
            let parts = [begin.as_str(), &form.of, &form.suffix];
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            ours.insert(parts.join("_"), form.category.clone());
        }
    }
    let published: BTreeMap<String, String> =
        rows(&folder.join("commissioner_assignment/CommissionerAssignmentReason.csv"))
            .into_iter()
            .map(|row| (row["CAM_Code"].clone(), row["Service Category"].clone()))
            .collect();
    assert_eq!(ours, published);
    assert!(published.len() > 800);
}

/// Every box of the published table is one of ours, with the codes that its text names.
#[test]
fn boxes_and_the_codes_they_name() {
    let Some(folder) = reference() else { return };
    let table: DecisionTable = table();
    let rows = rows(&folder.join("commissioner_assignment/cam_decision_table_2025-26.csv"));
    let ours: BTreeSet<&str> = table.boxes.iter().map(|known| &*known.id).collect();
    let theirs: BTreeSet<&str> = rows.iter().map(|row| row["box"].as_str()).collect();
    assert_eq!(
        theirs.difference(&ours).collect::<Vec<_>>(),
        Vec::<&&str>::new()
    );
    assert_eq!(ours.difference(&theirs).collect::<Vec<_>>(), [&"C-0b"]);
    // Boxes that lead to a box, in the words of the published table.
    let printed = concord_derive::commissioner::Reading::Printed;
    let mut compared = 0;
    for row in &rows {
        let known = table.find(&row["box"]).unwrap();
        let (yes, no) = known.exits(printed);
        for (published, ours) in [(&row["yes"], yes), (&row["no"], no)] {
            let first = published.split(' ').next().unwrap();
            if theirs.contains(first) {
                assert_eq!(ours.to_string(), first, "{}", row["box"]);
                compared += 1;
            } else if !published.is_empty() {
                assert!(
                    ours.to_string().starts_with("end:"),
                    "{} → {published}",
                    row["box"]
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 52, "both exits of the 26 boxes after the first");
    for (of, set) in [
        ("A", "chargeable-categories"),
        ("A", "private-categories"),
        ("B", "visitor-categories"),
        ("B", "island-geographies"),
        ("B", "united-kingdom"),
        ("B-4", "no-practice"),
        ("B-4", "welsh-groupings"),
        ("WB-1", "border-icbs"),
        ("WB-1", "border-authorities"),
        ("WB-2", "not-english-geographies"),
        ("WB-3", "england"),
        ("D", "dental"),
        ("E", "detained-before-6-3"),
        ("E", "detained-from-6-3"),
        ("J", "armed-forces-commissioner"),
    ] {
        let logic = &rows.iter().find(|row| row["box"] == of).unwrap()["logic"];
        for code in &table.set(set).unwrap().codes {
            let code = code.trim_end_matches('*');
            assert!(logic.contains(code), "{of}: {code}");
        }
    }
}
