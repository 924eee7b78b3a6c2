//! Prescribing, forecast and compared.

use std::fs;

use crate::support::{apply, cell, emis, guid, own, put, read, report, state};

#[test]
fn prescribing_is_forecast_and_compared_with_what_it_cost() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    emis(folder);
    let own = own(folder);
    put(
        folder,
        "Coding_DrugCode",
        false,
        &[
            &[
                ("CODE_ID", "7001"),
                ("DMD_PRODUCT_CODE_ID", "317896006"),
                ("BNF_CHAPTER_REF", "2.5"),
            ],
            &[("CODE_ID", "7002"), ("DMD_PRODUCT_CODE_ID", "323418000")],
        ],
    );
    let patient = state(folder, "admin_patient").remove(0);
    let patient = cell(&patient, "PATIENT_GUID");
    let item = |number: u32, day: &str, code: &str, quantity: &str, cost: &str, private: &str| {
        [
            ("ISSUE_RECORD_GUID", guid(number)),
            ("PATIENT_GUID", patient.to_owned()),
            ("ORGANISATION_GUID", own.clone()),
            ("EFFECTIVE_DATE", day.to_owned()),
            ("CODE_ID", code.to_owned()),
            ("QUANTITY", quantity.to_owned()),
            ("ESTIMATED_NHS_COST", cost.to_owned()),
            ("IS_PRIVATELY_PRESCRIBED", private.to_owned()),
            ("DELETED", "false".to_owned()),
        ]
    };
    let items = [
        item(51, "2025-02-03", "7001", "28.000", "2.1500", "false"),
        item(52, "2025-02-10", "7001", "56", "4.25E0", "false"),
        item(53, "2025-02-11", "7002", "100", "", "false"),
        item(54, "2025-02-12", "7002", "100", "9.99", "true"),
        item(55, "2025-03-01", "7002", "50", "1.5", ""),
        item(56, "", "7002", "50", "1.5", ""),
    ];
    let items: Vec<Vec<(&str, &str)>> = items
        .iter()
        .map(|row| {
            row.iter()
                .map(|(column, text)| (*column, text.as_str()))
                .collect()
        })
        .collect();
    let items: Vec<&[(&str, &str)]> = items.iter().map(Vec::as_slice).collect();
    put(folder, "Prescribing_IssueRecord", false, &items);
    apply(folder);
    fs::write(
        folder.join("epd.csv"),
        "YEAR_MONTH,PRACTICE_CODE,ITEMS,NIC,ACTUAL_COST\n2025_02,A81999,2,6.40000,5.95200\n202502,A81999,1,3.00000,2.79000\n202502,Z99999,9,90,81\n",
    )
    .unwrap();
    report(
        folder,
        "prescribing",
        "2025-03-31",
        &["--with", "epd=epd.csv"],
    )
    .exits(0);
    assert_eq!(
        read(&folder.join("prescribing/prescribing.csv")),
        "YEAR_MONTH,PRACTICE_CODE,BNF_CHAPTER,ITEMS,ITEMS_WITHOUT_COST,ESTIMATED_COST\n\
         202502,A81999,2.5,2,0,6.4\n202502,A81999,,1,1,\n202503,A81999,,1,0,1.5\n"
    );
    assert_eq!(
        read(&folder.join("prescribing/products.csv")),
        "YEAR_MONTH,PRACTICE_CODE,DMD_PRODUCT_CODE,UNIT,ITEMS,TOTAL_QUANTITY,ESTIMATED_COST\n\
         202502,A81999,317896006,,2,84,6.4\n202502,A81999,323418000,,1,100,\n202503,A81999,323418000,,1,50,1.5\n"
    );
    assert_eq!(
        read(&folder.join("prescribing/not-counted.csv")),
        "PRACTICE_CODE,REASON,ITEMS\nA81999,no day,1\nA81999,private,1\n"
    );
    assert_eq!(
        read(&folder.join("prescribing/forecast-and-actual.csv")),
        "YEAR_MONTH,PRACTICE_CODE,ITEMS_ISSUED,ESTIMATED_COST,ITEMS,NIC,ACTUAL_COST,DIFFERENCE\n\
         202502,A81999,3,6.4,3,9.4,8.742,2.342\n"
    );
}
