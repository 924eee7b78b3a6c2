//! The national verdict, slow and plain: each rule is a call of one of the pipeline's functions, as the facts list it.
//!
//! First all rules about rows and tables, in any order; then the referential ones in the pipeline's order, each looking for a parent that is
//! still valid; then the registrations of patients.

mod facts;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use crate::PORTAL;
use crate::random::Tables;
use facts::{Fact, quoted, subject};
pub(crate) use facts::{Facts, Field};
pub(crate) use values::is_live;
use values::{day, day_of, has_digits, is_moment, is_right};

/// A rule that is broken: the short name of the table, the row, the rule.
pub(crate) type Found = (String, usize, String);
type Row = BTreeMap<String, String>;

/// Referential rules in the order in which the pipeline runs them.
const REFERENTIAL: &str = "00145 00146 00220 00310 00401 00501 00601 00615 00701 00811 00901 01001 01101 01201 01401 10101 60412 60512 60612 \
    10228 10306 10417 10510 10601 20142 20144 20224 20304 20403 20420 20421 20501 20601 20602 30121 30221 40125 40203 40215 40303 40403 40503 \
    50102 50203 50301 50315 50541 50558 51505 51601 50605 50705 50901 51001 51101 51201 51301 51401 51701 51801 60110 60615 60708 60901 \
    70101 70209 70210";

/// What is wrong with a submission, and which rows are not valid at the end.
pub(crate) fn judge(
    facts: &Facts,
    tables: &Tables,
) -> (BTreeSet<Found>, BTreeSet<(String, usize)>) {
    let mut judged = Judged {
        facts,
        tables,
        found: BTreeSet::new(),
        invalid: BTreeSet::new(),
    };
    let (referential, others): (Vec<&Fact>, Vec<&Fact>) = facts
        .rules
        .iter()
        .filter(|rule| rule["rule_function"] != "placeholder_rule")
        .partition(|rule| rule["rule_function"].starts_with("referential"));
    for rule in others {
        let (table, broken) = judged.rows_that_break(rule);
        judged.add(rule, &table, broken);
    }
    for number in REFERENTIAL.split_whitespace() {
        let rule = referential
            .iter()
            .find(|rule| rule["rule_id"] == format!("MHS{number}"));
        let rule = rule.unwrap_or_else(|| panic!("no rule MHS{number}"));
        let (child, parent) = rule["arguments"].split_once(" | ").expect("two tables");
        let broken = judged.without_parent(child, parent);
        judged.add(rule, child, broken);
    }
    let consecutive = facts
        .rules
        .iter()
        .find(|rule| rule["rule_id"] == "MHS00223")
        .expect("it is one of them");
    let broken = judged.ended_without_successor();
    judged.add(consecutive, "MHS002", broken);
    (judged.found, judged.invalid)
}

struct Judged<'f> {
    facts: &'f Facts,
    tables: &'f Tables,
    found: BTreeSet<Found>,
    invalid: BTreeSet<(String, usize)>,
}

impl<'f> Judged<'f> {
    fn rows(&self, table: &str) -> &'f [Row] {
        self.tables
            .get(table)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    fn add(&mut self, rule: &Fact, table: &str, rows: Vec<usize>) {
        for row in rows {
            self.found
                .insert((table.to_owned(), row, rule["rule_id"].clone()));
            if rule["code_severity"].starts_with("reject") {
                self.invalid.insert((table.to_owned(), row));
            }
        }
    }

    fn rows_that_break(&self, rule: &Fact) -> (String, Vec<usize>) {
        let id = &*rule["rule_id"];
        let table = match &*rule["arguments"] {
            said if id.starts_with("MHSREJ") => quoted(said)[0][..6].to_owned(),
            _ => id[..6].to_owned(),
        };
        let rows = self.rows(&table);
        let broken = (0..rows.len())
            .filter(|row| self.breaks(rule, &table, *row))
            .collect();
        (table, broken)
    }

    fn breaks(&self, rule: &Fact, table: &str, at: usize) -> bool {
        let row = &self.rows(table)[at];
        let (id, said) = (&*rule["rule_id"], &*rule["arguments"]);
        let get = |name: &str| get(row, name);
        let value = subject(rule).and_then(get);
        match &*rule["rule_function"] {
            "column_not_blank_rule" => value.is_none_or(|text| text.trim().is_empty()),
            "column_is_decimal_specified_rule" => !value.is_some_and(|text| {
                text.split_once('.').is_some_and(|(pounds, pence)| {
                    has_digits(pounds, (1, 7)) && has_digits(pence, (2, 2))
                })
            }),
            "reject_all_rule" => true,
            "singleton_rule" => self.rows(table).len() > 1,
            "uniqueness_rule" | "uniqueness_with_condition_rule" => self.is_double(said, table, at),
            "date_before_or_on_date_rule" | "date_on_or_after_date_rule" => {
                self.is_out_of_order(rule, table, at)
            }
            "datetime_before_or_on_datetime_rule" => get("DateTimeDatSetCreate")
                .is_some_and(|made| is_moment(made, false).is_some() && made > PORTAL[4].1),
            "values_are_equal_rule" => {
                let own = quoted(said)[0];
                let portal = match quoted(said)[1] {
                    "ProviderId" => 0,
                    "SenderId" => 1,
                    "ReportingPeriodStart" => 2,
                    _ => 3,
                };
                get(own) != Some(PORTAL[portal].1)
            }
            function if function.starts_with("column_comparison") => !self.holds(id, row),
            function => value.is_some_and(|text| !is_right(function, said, text, row)),
        }
    }

    /// What two columns must say of each other.
    fn holds(&self, id: &str, row: &Row) -> bool {
        let get = |name: &str| get(row, name);
        let header = self.rows("MHS000").first();
        match id {
            "MHS00117" => get("NHSNumber").is_none() || get("NHSNumberStatus") != Some("07"),
            "MHS00118" => get("NHSNumberStatus").is_some() || get("NHSNumber").is_some(),
            "MHS00119" => get("NHSNumber").is_some() || get("NHSNumberStatus") == Some("07"),
            "MHS00153" => {
                let provider = header
                    .and_then(|header| header.get("OrgIDProvider"))
                    .filter(|text| !text.is_empty());
                let own = get("OrgIDLocalPatientID");
                own.is_none() || provider.is_none() || own == provider.map(String::as_str)
            }
            "MHS00543" => {
                get("IMCAAssigned").is_none() || get("IMCARequired").is_some_and(|code| code != "N")
            }
            "MHS00546" => {
                get("IMHAAssigned").is_none() || get("IMHARequired").is_some_and(|code| code != "N")
            }
            "MHS10224" => get("ReferClosReason").is_some() || get("ReferClosureDate").is_none(),
            "MHS10227" => get("ReferRejectReason").is_some() || get("ReferRejectionDate").is_none(),
            "MHS20137" => {
                get("CareContCancelReas").is_some() || get("CareContCancelDate").is_none()
            }
            "MHS20214" | "MHS20427" => {
                get("Finding").is_none() || matches!(get("FindSchemeInUse"), Some("01" | "04"))
            }
            "MHS20216" | "MHS20429" => get("Finding").is_some() || get("FindSchemeInUse").is_none(),
            "MHS20227" => get("UnitofMeasurement_UCUM").is_some() || get("ObsValue").is_none(),
            "MHS51824" => {
                get("OrgIDRespLAClinReadyforDisch").is_none()
                    || get("AttribToIndic").is_some_and(|code| code != "04")
            }
            "MHS51825" => {
                get("OrgIDRespLAClinReadyforDisch").is_some()
                    || get("AttribToIndic").is_some_and(|code| code != "05" && code != "06")
            }
            _ => panic!("{id} is not known"),
        }
    }

    fn is_double(&self, said: &str, table: &str, at: usize) -> bool {
        let columns = said.split_once(" | ").expect("a table and columns").1;
        let (columns, when) = columns
            .split_once("lambda")
            .map_or((columns, None), |(columns, when)| (columns, Some(when)));
        let columns = quoted(columns);
        let rows = self.rows(table);
        let key = |row: &Row| -> Vec<Option<String>> {
            columns
                .iter()
                .map(|column| get(row, column).map(str::to_owned))
                .collect()
        };
        let own = key(&rows[at]);
        match when {
            Some(when) if get(&rows[at], quoted(when)[0]).is_some() => return false,
            // No row is like one with something absent.
            None if own.iter().any(Option::is_none) => return false,
            _ => {}
        }
        rows.iter().filter(|row| key(row) == own).count() > 1
    }

    fn is_out_of_order(&self, rule: &Fact, table: &str, at: usize) -> bool {
        let mut arguments = rule["arguments"].split(" | ");
        let (own, limit) = (
            arguments.next().expect("a column"),
            arguments.next().expect("a limit"),
        );
        let row = &self.rows(table)[at];
        let Some(own) = get(row, quoted(own)[0]).and_then(day_of) else {
            return false;
        };
        let of = &limit[..6];
        let other = match of {
            _ if of == table => Some(row),
            "MHS000" => self.rows("MHS000").first(),
            _ => {
                let pairs = self.facts.pairs(table, of);
                let same = |other: &&Row| {
                    pairs.iter().all(|(own, theirs)| {
                        get(row, own).is_some() && get(row, own) == get(other, theirs)
                    })
                };
                self.rows(of).iter().find(same)
            }
        };
        let Some(limit) = other
            .and_then(|other| get(other, quoted(limit)[0]))
            .and_then(day_of)
        else {
            return false;
        };
        let days = i32::from(rule["arguments"].contains("days=1)"));
        let limit = limit
            .checked_add(jiff::Span::new().days(days))
            .expect("a day of our time");
        if rule["rule_function"].starts_with("date_before") {
            own > limit
        } else {
            own < limit
        }
    }

    fn is_valid(&self, table: &str, row: usize) -> bool {
        !self.invalid.contains(&(table.to_owned(), row))
    }

    fn without_parent(&self, child: &str, parent: &str) -> Vec<usize> {
        let pairs = self.facts.pairs(child, parent);
        let parents: Vec<&Row> = self
            .rows(parent)
            .iter()
            .enumerate()
            .filter(|(row, _)| self.is_valid(parent, *row))
            .map(|(_, row)| row)
            .collect();
        let orphan = |row: &Row| {
            // What leads nowhere is no orphan.
            pairs.iter().all(|(own, _)| get(row, own).is_some())
                && !parents.iter().any(|parent| {
                    pairs
                        .iter()
                        .all(|(own, theirs)| get(row, own) == get(parent, theirs))
                })
        };
        let rows = self.rows(child).iter().enumerate();
        rows.filter(|(_, row)| orphan(row))
            .map(|(at, _)| at)
            .collect()
    }

    fn ended_without_successor(&self) -> Vec<usize> {
        let rows = self.rows("MHS002");
        let day = |row: &Row, name: &str| get(row, name).and_then(day);
        let mut broken = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let Some(end) = day(row, "EndDateGMPRegistration") else {
                continue;
            };
            let next = end.tomorrow().expect("a day of our time");
            let after: Vec<&Row> = rows
                .iter()
                .enumerate()
                .filter(|(other, _)| self.is_valid("MHS002", *other))
                .map(|(_, other)| other)
                .filter(|other| get(other, "LocalPatientID") == get(row, "LocalPatientID"))
                .filter(|other| {
                    day(other, "StartDateGMPRegistration")
                        .is_some_and(|start| start == next || start == end)
                })
                .collect();
            if after.is_empty()
                || after
                    .iter()
                    .any(|other| get(other, "GMPReg") == get(row, "GMPReg"))
            {
                broken.push(at);
            }
        }
        broken
    }
}

/// A value; an empty one is absent.
fn get<'r>(row: &'r Row, name: &str) -> Option<&'r str> {
    row.get(name)
        .map(String::as_str)
        .filter(|text| !text.is_empty())
}
