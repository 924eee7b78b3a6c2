//! The same standard judged slowly and obviously, from what national validation is known to do, without the engine and without
//! its definition: every rule is written out, every row is compared with every other.

use crate::standard::{Found, Tables};

const HEADER: usize = 0;
const PERSON: usize = 1;
const GP: usize = 2;
const REFERRAL: usize = 3;
const CONTACT: usize = 4;
const ACTIVITY: usize = 5;
const SCORE: usize = 6;

/// What a slow judge knows.
pub(crate) struct Slow<'t> {
    tables: &'t Tables,
    pub(crate) found: Found,
    /// For each table, for each row, whether no rule has rejected it so far.
    pub(crate) valid: Vec<Vec<bool>>,
}

pub(crate) fn judge(tables: &Tables) -> Slow<'_> {
    let mut slow = Slow {
        tables,
        found: Found::new(),
        valid: tables.iter().map(|rows| vec![true; rows.len()]).collect(),
    };
    slow.rows();
    slow.dates();
    slow.duplicates();
    slow.references();
    slow.end();
    slow
}

impl Slow<'_> {
    fn cell(&self, table: usize, row: usize, column: usize) -> &str {
        &self.tables[table][row][column]
    }

    fn count(&self, table: usize) -> usize {
        self.tables[table].len()
    }

    fn find(&mut self, rule: &str, table: usize, row: usize, rejects: bool) {
        self.found.insert((rule.to_owned(), table, Some(row)));
        if rejects {
            self.valid[table][row] = false;
        }
    }

    /// A rule that rows break where `wrong` says so.
    fn each(&mut self, rule: &str, table: usize, rejects: bool, wrong: impl Fn(&[String]) -> bool) {
        for row in 0..self.count(table) {
            if wrong(&self.tables[table][row]) {
                self.find(rule, table, row, rejects);
            }
        }
    }

    fn rows(&mut self) {
        let blank = |column: usize| move |row: &[String]| row[column].trim().is_empty();
        let no_day = |column: usize| {
            move |row: &[String]| !row[column].is_empty() && !has_form_of_day(&row[column])
        };
        let not_of = |column: usize, codes: &'static [&'static str]| {
            move |row: &[String]| !row[column].is_empty() && !codes.contains(&&*row[column])
        };
        self.each("R00001", HEADER, true, blank(0));
        self.each("R00101", PERSON, true, blank(0));
        self.each("R00102", PERSON, true, |row| row[0].chars().count() > 3);
        self.each("R00104", PERSON, false, blank(2));
        self.each("R00103", PERSON, true, no_day(2));
        self.each("R00201", GP, true, blank(0));
        self.each("R00202", GP, false, not_of(1, &["A", "B"]));
        self.each("R10101", REFERRAL, true, blank(0));
        self.each("R10102", REFERRAL, true, blank(1));
        self.each("R10103", REFERRAL, true, no_day(2));
        self.each("R20101", CONTACT, true, blank(0));
        self.each("R20102", CONTACT, true, blank(1));
        self.each("R20103", CONTACT, true, no_day(2));
        self.each("R20104", CONTACT, true, not_of(3, &["2", "5", "6"]));
        self.each("R20201", ACTIVITY, false, |row| row[0].chars().count() > 3);
    }

    /// The first row of a table, valid or not, that holds a key; nobody holds an absent one.
    fn parent(&self, table: usize, column: usize, key: &str) -> Option<usize> {
        (0..self.count(table)).find(|row| !key.is_empty() && self.cell(table, *row, column) == key)
    }

    fn dates(&mut self) {
        for row in 0..self.count(REFERRAL) {
            let person = self.parent(PERSON, 0, self.cell(REFERRAL, row, 1));
            let born = person.map(|person| self.cell(PERSON, person, 2));
            if is_before(Some(self.cell(REFERRAL, row, 2)), born) {
                self.find("R10110", REFERRAL, row, true);
            }
        }
        for row in 0..self.count(CONTACT) {
            let day = self.cell(CONTACT, row, 2);
            let referral = self.parent(REFERRAL, 0, self.cell(CONTACT, row, 1));
            let referred = referral.map(|referral| self.cell(REFERRAL, referral, 2));
            let person = referral
                .and_then(|referral| self.parent(PERSON, 0, self.cell(REFERRAL, referral, 1)));
            let born = person.map(|person| self.cell(PERSON, person, 2));
            let last = self.tables[HEADER]
                .first()
                .and_then(|header| next_day(&header[2]));
            let (early, unborn, late) = (
                is_before(Some(day), referred),
                is_before(Some(day), born),
                is_before(last.as_deref(), Some(day)),
            );
            for (rule, broken, rejects) in [
                ("R20110", early, true),
                ("R20111", unborn, false),
                ("R20112", late, true),
            ] {
                if broken {
                    self.find(rule, CONTACT, row, rejects);
                }
            }
        }
    }

    /// Rows that share values with another: every one of them. An absent value is shared with nobody, unless `same`.
    fn doubles(
        &mut self,
        rule: &str,
        (table, columns): (usize, &[usize]),
        same: bool,
        rejects: bool,
        applies: impl Fn(&[String]) -> bool,
        most: impl Fn(&[&Vec<String>]) -> bool,
    ) {
        for row in 0..self.count(table) {
            let own = &self.tables[table][row];
            let alike: Vec<&Vec<String>> = self.tables[table]
                .iter()
                .filter(|other| {
                    columns.iter().all(|column| {
                        other[*column] == own[*column] && (same || !own[*column].is_empty())
                    })
                })
                .collect();
            if applies(own) && most(&alike) {
                self.find(rule, table, row, rejects);
            }
        }
    }

    fn duplicates(&mut self) {
        let always = |_: &[String]| true;
        let several = |alike: &[&Vec<String>]| alike.len() > 1;
        for row in 0..self.count(HEADER) {
            if self.count(HEADER) > 1 {
                self.find("R00025", HEADER, row, true);
            }
        }
        self.doubles("R00110", (PERSON, &[0]), false, true, always, several);
        self.doubles("R00111", (PERSON, &[1]), false, true, always, several);
        let open = |row: &[String]| row[3].is_empty();
        self.doubles("R00210", (GP, &[0, 3]), true, true, open, several);
        self.doubles("R10111", (REFERRAL, &[0]), false, true, always, several);
        self.doubles("R20113", (CONTACT, &[0]), false, true, always, several);
        let attended = |alike: &[&Vec<String>]| {
            alike
                .iter()
                .filter(|row| row[3] == "5" || row[3] == "6")
                .count()
                > 1
        };
        self.doubles("R20114", (CONTACT, &[1, 2]), true, false, always, attended);
        self.doubles("R60710", (SCORE, &[0, 1]), false, true, always, several);
    }

    /// One referential rule, against the rows that are valid when it begins.
    fn needs(
        &mut self,
        rule: &str,
        (table, own): (usize, usize),
        (other, theirs): (usize, usize),
        rejects: bool,
    ) {
        let valid = self.valid[other].clone();
        for row in 0..self.count(table) {
            let key = self.cell(table, row, own).to_owned();
            let there = (0..self.count(other))
                .any(|parent| valid[parent] && self.cell(other, parent, theirs) == key);
            if !key.is_empty() && !there {
                self.find(rule, table, row, rejects);
            }
        }
    }

    fn references(&mut self) {
        self.needs("R00145", (PERSON, 0), (GP, 0), true);
        self.needs("R00146", (PERSON, 0), (REFERRAL, 1), true);
        self.needs("R00220", (GP, 0), (PERSON, 0), true);
        self.needs("R10120", (REFERRAL, 1), (PERSON, 0), true);
        self.needs("R20120", (CONTACT, 1), (REFERRAL, 0), true);
        self.needs("R20220", (ACTIVITY, 1), (CONTACT, 0), true);
        self.needs("R60720", (SCORE, 0), (ACTIVITY, 0), true);
        self.needs("R60721", (SCORE, 1), (PERSON, 1), false);
    }

    fn end(&mut self) {
        let valid = self.valid[GP].clone();
        for row in 0..self.count(GP) {
            let (person, code) = (
                self.cell(GP, row, 0).to_owned(),
                self.cell(GP, row, 1).to_owned(),
            );
            let Some(next) = next_day(self.cell(GP, row, 3)) else {
                continue;
            };
            let followers: Vec<usize> = (0..self.count(GP))
                .filter(|other| {
                    valid[*other]
                        && self.cell(GP, *other, 0) == person
                        && self.cell(GP, *other, 2) == next
                })
                .collect();
            if followers.is_empty()
                || followers
                    .iter()
                    .any(|other| self.cell(GP, *other, 1) == code)
            {
                self.find("R00223", GP, row, false);
            }
        }
        let mut of_file = Vec::new();
        if self.count(PERSON) == 0 {
            of_file.push("RREJ03");
        }
        if self.count(HEADER) != 1 || !self.valid[HEADER][0] {
            of_file.push("RREJ15");
        }
        if let Some([_, from, to]) = self.tables[HEADER].first().map(Vec::as_slice)
            && is_day(from)
            && is_day(to)
        {
            let inside = |valid: bool| {
                [REFERRAL, CONTACT].iter().any(|table| {
                    (0..self.count(*table)).any(|row| {
                        let day = self.cell(*table, row, 2);
                        is_day(day)
                            && from.as_str() <= day
                            && day <= to.as_str()
                            && (!valid || self.valid[*table][row])
                    })
                })
            };
            if !inside(false) {
                of_file.push("RREJ12");
            }
            if !inside(true) {
                of_file.push("RREJ101");
            }
        }
        for rule in of_file {
            self.found.insert((rule.to_owned(), 0, None));
        }
    }
}

/// Days in the months of a year.
fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

fn parts(text: &str) -> Option<(u32, u32, u32)> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let &[year, month, day] = text.split('-').collect::<Vec<_>>().as_slice() else {
        return None;
    };
    if year.len() != 4
        || month.len() != 2
        || day.len() != 2
        || ![year, month, day].into_iter().all(digits)
    {
        return None;
    }
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

fn is_day(text: &str) -> bool {
    parts(text).is_some_and(|(year, month, day)| (1..=days_in(year, month)).contains(&day))
}

/// The national form: a day not before 1890, or the 00 of a February.
fn has_form_of_day(text: &str) -> bool {
    let zero = parts(text).is_some_and(|(_, month, day)| month == 2 && day == 0);
    (is_day(text) || zero) && text >= "1890-01-01"
}

fn next_day(text: &str) -> Option<String> {
    if !is_day(text) {
        return None;
    }
    let (mut year, mut month, mut day) = parts(text)?;
    day += 1;
    if day > days_in(year, month) {
        (day, month) = (1, month + 1);
    }
    if month > 12 {
        (month, year) = (1, year + 1);
    }
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// Whether a day is before another, where both are days.
fn is_before(first: Option<&str>, second: Option<&str>) -> bool {
    match (first, second) {
        (Some(first), Some(second)) => is_day(first) && is_day(second) && first < second,
        _ => false,
    }
}
