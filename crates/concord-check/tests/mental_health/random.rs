//! Submissions: one without faults, and what people do to them.

use std::collections::BTreeMap;

use concord_model::identifiers::nhs_number::has_valid_check_digit;

use crate::national::{Facts, Field};

/// Rows by the short name of their table.
pub(crate) type Tables = BTreeMap<String, Vec<BTreeMap<String, String>>>;

/// Numbers that are the same for the same seed (`SplitMix64`).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

const DAY: &str = "2024-04-15";
pub(crate) const CONCEPT: &str = "73211009";
pub(crate) const TOOL: &str = "1874351000000100";
/// Texts that are wrong in most columns.
const ANYWHERE: [&str; 9] = [
    "?",
    "GONE",
    "07",
    "N",
    "02",
    "99999999999999999999999",
    "é",
    "4",
    "a text that is longer than any column of the data set takes",
];

/// A submission of some patients, every column of which is filled, all of it right. Row n of each table belongs to patient n.
pub(crate) fn clean(facts: &Facts, patients: usize) -> Tables {
    let mut tables = Tables::new();
    for (code, fields) in &facts.tables {
        let rows = match &**code {
            "MHS000" => 1,
            // No row of this table is ever taken.
            "MHS608" => 0,
            _ => patients,
        };
        let row = |number: usize| {
            let cell = |field: &Field| (field.name.clone(), right(code, field, number));
            fields.iter().map(cell).collect()
        };
        tables.insert(code.clone(), (0..rows).map(row).collect());
    }
    tables
}

/// A right value for a column.
fn right(table: &str, field: &Field, number: usize) -> String {
    let text = match &*field.name {
        "ReportingPeriodStartDate" => "2024-04-01",
        "ReportingPeriodEndDate" => "2024-04-30",
        "DateTimeDatSetCreate" => "2024-05-03T10:00:00",
        "OrgIDProvider" | "OrgIDSubmit" | "OrgIDLocalPatientID" => "LIVE",
        "PersonBirthDate" => "1980-05-05",
        // The registration goes on.
        "EndDateGMPRegistration" => "",
        "NHSNumber" => return nhs_number(number),
        "NHSNumberStatus" => "01",
        "AttribToIndic" => "05",
        "CodedAssToolType" => TOOL,
        "PersScore" => "5",
        "SMHEPCCharge" => "1250.00",
        "SpecialisedMHServiceCode" => "NCBPS22E/IP",
        "Finding" | "PrevDiag" | "PrimDiag" | "SecDiag" | "PresComp" => CONCEPT,
        name if name.starts_with("LanguageCode") => "en",
        _ => return by_form(table, field, number),
    };
    text.to_owned()
}

/// One of the numbers for tests, each with its check digit.
fn nhs_number(number: usize) -> String {
    let mut valid = (9_990_000_000_u64..)
        .map(|number| number.to_string())
        .filter(|text| has_valid_check_digit(text));
    valid.nth(number).expect("there are many")
}

/// What is done to the row with this number of the table with this number.
type Damage<'f> = &'f dyn Fn(&[Field], usize, usize, &mut BTreeMap<String, String>);

/// Submissions in which each column of each table once has each of some wrong values, some columns are blank together, and rows
/// stand twice: row n is about column n.
pub(crate) fn systematic(facts: &Facts) -> Vec<Tables> {
    let columns = facts
        .tables
        .values()
        .map(Vec::len)
        .max()
        .unwrap_or_default();
    let whole = clean(facts, columns + 1);
    // A row and the one that it leads to have different values, since their tables have different numbers.
    let with = |damage: Damage<'_>| {
        let mut tables = whole.clone();
        for (table, (name, rows)) in tables.iter_mut().enumerate() {
            for (number, row) in rows.iter_mut().enumerate() {
                damage(&facts.tables[name], table, number, row);
            }
        }
        tables
    };
    let mut all = Vec::new();
    for value in 0..23 {
        all.push(with(&|fields, table, number, row| {
            let Some(field) = fields.get(number) else {
                return;
            };
            let of: Vec<&str> = palette(field).iter().copied().chain(ANYWHERE).collect();
            row.insert(
                field.name.clone(),
                of[(value + table) % of.len()].to_owned(),
            );
        }));
    }
    for width in [1, 2] {
        all.push(with(&|fields, _, number, row| {
            for field in fields.iter().skip(number).take(width) {
                row.insert(field.name.clone(), String::new());
            }
        }));
    }
    // The header has one row only, so that each of its columns has a submission.
    for field in &facts.tables["MHS000"] {
        for value in palette(field).iter().copied().chain(ANYWHERE).chain([""]) {
            let mut tables = clean(facts, 1);
            let header = &mut tables.get_mut("MHS000").expect("it is filled")[0];
            header.insert(field.name.clone(), value.to_owned());
            all.push(tables);
        }
    }
    for bare in [false, true] {
        let mut twice = clean(facts, 2);
        for (name, rows) in &mut twice {
            for field in facts.tables[name]
                .iter()
                .filter(|field| bare && field.form == "date")
            {
                for row in rows.iter_mut() {
                    row.insert(field.name.clone(), String::new());
                }
            }
            rows.extend(rows.first().cloned());
        }
        all.push(twice);
    }
    let mut never = clean(facts, 1);
    never.insert("MHS608".to_owned(), Vec::new());
    for value in 0..22 {
        let fields = &facts.tables["MHS608"];
        let cell = |field: &Field| {
            let of: Vec<&str> = palette(field).iter().copied().chain(ANYWHERE).collect();
            (field.name.clone(), of[value % of.len()].to_owned())
        };
        let rows = never.get_mut("MHS608").expect("it was put there");
        rows.push(fields.iter().map(cell).collect());
        rows.push(BTreeMap::new());
    }
    all.push(never);
    all
}

fn by_form(table: &str, field: &Field, number: usize) -> String {
    if let Some(last) = field.codes.last() {
        return last.clone();
    }
    match &*field.form {
        "date" => DAY.to_owned(),
        "time" => "10:00:00".to_owned(),
        "moment" => format!("{DAY}T10:00:00Z"),
        "postcode" => "LS1 4AP".to_owned(),
        "digits" if field.ends.1 == 18 => CONCEPT.to_owned(),
        "digits" => "5".repeat(field.ends.0.max(1)),
        _ if field.snomed => CONCEPT.to_owned(),
        _ if field.looked_up => format!("{:5<1$}", "LIVE", field.ends.0),
        _ if field.ends == (0, 20) || table == "MHS903" && field.name == "WardCode" => {
            let short: String = field
                .name
                .chars()
                .filter(char::is_ascii_uppercase)
                .collect();
            format!("{short}{}{number}", field.name.len())
        }
        _ if field.name == "WardCode" => format!("WC8{number}"),
        _ => "A".repeat(field.ends.0.max(1)),
    }
}

/// Does one thing to a submission.
pub(crate) fn damage(facts: &Facts, tables: &mut Tables, random: &mut Random) {
    let names: Vec<String> = tables.keys().cloned().collect();
    let name = &names[random.below(names.len())];
    let others: Vec<BTreeMap<String, String>> = tables[name].clone();
    let rows = tables.get_mut(name).expect("it was one of them");
    if rows.is_empty() {
        // The table of which no row is taken.
        rows.push(BTreeMap::from([("PersScore".to_owned(), "5".to_owned())]));
        return;
    }
    let at = random.below(rows.len());
    match random.below(40) {
        0 => drop(rows.remove(at)),
        1 | 2 if rows.len() < 6 => rows.push(others[at].clone()),
        _ => {
            let fields = &facts.tables[name];
            let field = &fields[random.below(fields.len())];
            let other = &others[random.below(others.len())];
            let value = match random.below(10) {
                0 | 1 => String::new(),
                2 => "  ".to_owned(),
                3 | 4 => other.get(&field.name).cloned().unwrap_or_default(),
                5 => random.one(&ANYWHERE).to_owned(),
                6 if !field.codes.is_empty() => {
                    field.codes[random.below(field.codes.len())].clone()
                }
                _ => random.one(palette(field)).to_owned(),
            };
            rows[at].insert(field.name.clone(), value);
        }
    }
}

/// Values that look like those of the column.
fn palette(field: &Field) -> &'static [&'static str] {
    match &*field.form {
        "date" => &[
            "2024-04-30",
            "2024-05-01",
            "2024-04-16",
            "2024-04-14",
            "2024-04-01",
            "2024-03-31",
            "2024-05-02",
            "2024-02-29",
            "2024-02-30",
            "2023-02-29",
            "15/04/2024",
            "1889-12-31",
            "1893-03-31",
            "2024-04-29",
        ],
        "time" => &["23:59:59", "24:00:00", "10:00", "1000"],
        "moment" => &[
            "2024-03-31T23:59:59Z",
            "2024-04-15T10:00:00",
            "2024-05-01T00:00:00+01:00",
            "2024-04-15T10:00:00+02:00",
            "2024-04-15T25:00:00Z",
            "2024-05-05T10:00:00",
            "2024-04-15",
        ],
        _ if field.name == "CodedAssToolType" => &[TOOL, CONCEPT],
        "postcode" => &["LS14AP", "sw1a  1aa", "LS1 4A", "AB1 2CD"],
        _ if field.name == "NHSNumber" => &[
            "9990000018",
            "9990000019",
            "999000001",
            "999 000 0018",
            "9990110999",
        ],
        _ if field.snomed || field.ends.1 == 18 => {
            &[CONCEPT, "73211008", "73211009x", "12", "F321", "F32"]
        }
        _ if field.looked_up => &[
            "LIVE", "LIVE5", "DEAD", "DEAD5", "DEAD66", "V81999", "XMD00", "X99998", "X",
        ],
        _ if field.name == "PersScore" => &["15", "16", "05", "5.5", "5.55", "0", "NA", "5."],
        _ => &[
            "A",
            "AA",
            "AAA",
            "1",
            "12",
            "1.50",
            "12345678.00",
            "1250.0",
            "en",
            "q4",
            "zz",
            "NCBPS99Z/IP",
        ],
    }
}
